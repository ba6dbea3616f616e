// SPDX-License-Identifier: Apache-2.0
//
// <zoom-call-button>: the phone icon beside a number.
//
//   <zoom-call-button number="03-1234-5678" region="JP" name="Mika Sato"
//                     company-id="c1" person-id="p1"></zoom-call-button>
//
// Attributes
//   number      as it is saved, in any notation
//   region      ISO 3166-1 alpha-2 code for numbers without a country code
//   name        who is called; in the dialog's title and the accessible name
//   company-id, person-id   where the call is recorded (opaque ids)
//   project, base-url       see context.mjs
// Events (bubbling, composed)
//   zoom-call-link  detail: {callLink}, once the number is resolved: ok, with notice or error
//
// All buttons of a screen are resolved in one request. A number that must not be dialled keeps
// its icon, disabled, with the reason as its description and in a tooltip.

import { contextOf } from './context.mjs';
import { define, h, icon, sheet } from './dom.mjs';
import { CALL, numberError } from './messages.mjs';
import { baseSheet } from './styles.mjs';
import { callDialog } from './zoom-call-dialog.mjs';

const buttonSheet = sheet(`
  :host { display: inline-block; position: relative; line-height: 0; }
  button {
    display: grid; place-items: center; width: 40px; height: 40px; padding: 0; border: 1px solid transparent; border-radius: 50%;
    background: var(--_info-bg); color: var(--_accent); cursor: pointer;
  }
  button:hover { background: var(--_accent); color: var(--_on-accent); }
  button:focus-visible { border-radius: 50%; }
  button[aria-disabled="true"] { background: transparent; border: 1px dashed var(--_field); color: var(--_muted); cursor: not-allowed; }
  .tip {
    position: absolute; z-index: 20; inset-inline-end: 0; inset-block-start: calc(100% + 6px); width: max-content; max-width: min(250px, 70vw);
    padding: 8px 10px; border-radius: 8px; background: var(--_text); color: var(--_surface); font-size: 13px; line-height: 1.4; text-align: start;
  }
  .tip:not(.shown) { position: absolute; width: 1px; height: 1px; padding: 0; overflow: hidden; clip-path: inset(50%); }
  @media (pointer: coarse) { button { width: 44px; height: 44px; } }
`);

export class ZoomCallButton extends HTMLElement {
  static observedAttributes = ['number', 'region', 'name', 'project', 'base-url'];

  #button = null;
  #tip = null;
  #context = null;
  #turn = 0;
  #callLink = null;

  connectedCallback() {
    if (!this.shadowRoot) this.#build();
    this.#update();
  }

  attributeChangedCallback() {
    if (this.isConnected && this.shadowRoot) this.#update();
  }

  #build() {
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [baseSheet, buttonSheet];
    this.#button = h('button', { type: 'button', 'aria-haspopup': 'dialog', on: { click: () => this.#onClick() } }, icon('phone'));
    this.#tip = h('span', { id: 'reason', class: 'tip', role: 'tooltip', hidden: true });
    const show = (shown) => () => this.#tip.classList.toggle('shown', shown);
    this.addEventListener('pointerenter', show(true));
    this.addEventListener('pointerleave', show(false));
    this.#button.addEventListener('focus', () => { if (this.#button.matches(':focus-visible')) show(true)(); });
    this.#button.addEventListener('blur', show(false));
    this.#button.addEventListener('keydown', (event) => { if (event.key === 'Escape') show(false)(); });
    root.append(this.#button, this.#tip);
  }

  get #number() { return this.getAttribute('number') ?? ''; }

  get #region() { return this.getAttribute('region') ?? ''; }

  async #update() {
    const turn = ++this.#turn;
    this.#context = contextOf(this);
    const { callLinks } = this.#context;
    this.#show(callLinks.peek(this.#number, this.#region));
    try {
      const callLink = await callLinks.request(this.#number, this.#region);
      if (turn !== this.#turn) return;
      this.#show(callLink);
      this.dispatchEvent(new CustomEvent('zoom-call-link', { detail: { callLink }, bubbles: true, composed: true }));
    } catch (error) {
      // The icon stays usable: the dialog asks again and explains what went wrong.
      this.#context.noticeError(error);
    }
  }

  #show(callLink) {
    this.#callLink = callLink;
    const name = this.getAttribute('name') ?? '';
    const refused = callLink?.ok === false;
    const reason = refused ? numberError(callLink.error?.reason) : null;
    const shown = callLink?.ok ? callLink.international : this.#number;
    this.#button.setAttribute('aria-label', refused ? CALL.refusedLabel(shown || '—', reason.label) : CALL.buttonLabel(shown, name));
    this.#tip.hidden = !refused;
    this.#tip.textContent = reason?.detail ?? '';
    if (refused) {
      this.#button.setAttribute('aria-disabled', 'true');
      this.#button.setAttribute('aria-describedby', 'reason');
    } else {
      this.#button.removeAttribute('aria-disabled');
      this.#button.removeAttribute('aria-describedby');
    }
  }

  #onClick() {
    if (this.#callLink?.ok === false) {
      // Touch screens have no hover: a tap shows the reason.
      this.#tip.classList.add('shown');
      return;
    }
    callDialog().open({
      context: this.#context,
      number: this.#number,
      region: this.#region,
      name: this.getAttribute('name') ?? '',
      companyId: this.getAttribute('company-id') ?? '',
      personId: this.getAttribute('person-id') ?? '',
    });
  }
}

define('zoom-call-button', ZoomCallButton);
