// SPDX-License-Identifier: Apache-2.0
//
// <zoom-call-dialog>: confirms a call, records it, hands it to Zoom Phone and helps when that
// does not come up. One instance serves all buttons of a page:
//
//   callDialog().open({ context, number, region, name, companyId, personId });
//
// One opening is one intention: it has one requestId, so a double click, a held Enter or a retry
// after a lost answer records one call.

import { newRequestId } from './api-client.mjs';
import { callViews } from './call-dialog-views.mjs';
import { define, h, sheet } from './dom.mjs';
import { liveRegion, setBusy } from './feedback.mjs';
import { launch, supportsZoomScheme } from './launcher.mjs';
import { CALL } from './messages.mjs';
import { baseSheet, controlSheet, dialogSheet, feedbackSheet } from './styles.mjs';

/** A second click meant for the icon must not land on "Call". */
const ARM_MS = 350;

const callSheet = sheet(`
  .number { font-size: 25px; line-height: 1.25; font-weight: 650; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; user-select: all; }
  .target { display: grid; gap: 2px; padding: 14px 16px; border-radius: 10px; background: var(--_sunken); }
  dl { display: grid; grid-template-columns: auto 1fr; gap: 3px 14px; font-size: 14px; }
  dt { color: var(--_muted); }
  dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
  .links { display: flex; flex-wrap: wrap; gap: 6px 18px; }
  .links > .quiet { margin-inline-start: -10px; }
  .placeholder { display: grid; gap: 12px; padding-block: 6px; min-height: 96px; }
`);

export class ZoomCallDialog extends HTMLElement {
  #dialog = null;
  #content = null;
  #live = null;
  #call = null;

  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [baseSheet, controlSheet, feedbackSheet, dialogSheet, callSheet];
    this.#live = liveRegion();
    this.#content = h('div', { class: 'inner' });
    this.#dialog = h('dialog', { 'aria-labelledby': 'call-title', on: { close: () => this.#onClose() } }, this.#content, this.#live.element);
    root.append(this.#dialog);
  }

  /**
   * Opens the dialog for one number; does nothing while it is open.
   * @param {{context:object, number:string, region:string, name?:string, companyId?:string, personId?:string}} target
   */
  open(target) {
    if (this.#dialog.open) return;
    this.#call = {
      ...target, requestId: newRequestId(), stop: new AbortController(), armed: false, busy: false, callLink: null, launched: null,
    };
    this.#call.callLink = target.context.callLinks.peek(target.number, target.region);
    this.#showStart();
    this.#dialog.showModal();
    this.#focus();
    this.#prepare(this.#call);
  }

  #onClose() {
    this.#call?.stop.abort();
    this.#call = null;
    this.#content.replaceChildren();
  }

  /** Number and link status are read together; both are usually known already. */
  async #prepare(call) {
    const { context } = call;
    const arm = setTimeout(() => this.#arm(call), ARM_MS);
    call.stop.signal.addEventListener('abort', () => clearTimeout(arm), { once: true });
    const [number, link] = await Promise.allSettled([
      context.callLinks.request(call.number, call.region), context.link.get(),
    ]);
    if (this.#call !== call || call.busy) return;
    for (const outcome of [number, link]) if (outcome.status === 'rejected') context.noticeError(outcome.reason);
    if (number.status === 'rejected') {
      this.#show('failed', { error: number.reason, text: CALL.numbersFailed, onRetry: () => { this.#showStart(); this.#focus(); this.#prepare(call); } });
      return;
    }
    call.callLink = number.value;
    // Drawn again only when something changed: a new button would lose the focus.
    if (this.#startView() !== call.start) {
      this.#showStart();
      this.#focus();
    }
  }

  /** The first step: a view, or "reconnect" for the confirmation with a hint. */
  #startView() {
    const { callLink, context } = this.#call;
    const state = context.link.value?.state;
    if (callLink?.ok === false) return 'refused';
    if (state === 'none' || state === 'disconnecting') return 'notConnected';
    if (!callLink) return 'loading';
    return state === 'reconnect_required' ? 'reconnect' : 'confirm';
  }

  #showStart() {
    const start = this.#startView();
    this.#call.start = start;
    if (start === 'confirm' || start === 'reconnect') {
      this.#show('confirm', { reconnect: start === 'reconnect', onCall: () => { this.#place(); } });
    } else this.#show(start);
  }

  #arm(call) {
    call.armed = true;
    if (call.view === 'confirm' && !call.busy) this.#primary()?.removeAttribute('aria-disabled');
  }

  async #place() {
    const call = this.#call;
    if (!call?.armed || call.busy) return;
    call.busy = true;
    setBusy(this.#primary(), true, CALL.recording);
    this.#live.say(CALL.recording);
    const { context } = call;
    try {
      if (!call.recorded) {
        call.recorded = await context.client.createCall({
          requestId: call.requestId, number: call.number, defaultRegion: call.region, companyId: call.companyId, personId: call.personId,
        });
        context.calls.set(call.recorded.call.callId, call.recorded.call);
        context.emit('call-created', { call: call.recorded.call });
      }
    } catch (error) {
      call.busy = false;
      if (this.#call === call) await this.#placeFailed(call, error);
      return;
    }
    call.busy = false;
    if (this.#call === call) await this.#launch();
  }

  async #placeFailed(call, error) {
    call.context.noticeError(error);
    // Most refusals of a well-formed call come from a link that ended meanwhile: look.
    if (error.kind === 'problem' && error.status < 500 && error.status !== 429) {
      const link = await call.context.link.refresh().catch(() => null);
      if (this.#call !== call) return;
      if (link?.state === 'none' || link?.state === 'disconnecting') {
        this.#show('notConnected');
        this.#focus();
        return;
      }
    }
    this.#show('failed', { error, text: '', onRetry: () => { this.#place(); } });
    this.#focus();
  }

  async #launch() {
    const call = this.#call;
    const { callUri } = call.recorded;
    if (!supportsZoomScheme(navigator.userAgent)) {
      this.#showHelp({ android: true });
      return;
    }
    this.#show('launched', { onHelp: () => this.#showHelp({}) });
    this.#focus();
    this.#live.say(CALL.launchedTitle);
    let outcome = 'undetected';
    try {
      outcome = await launch(callUri, { signal: call.stop.signal, navigate: call.context.navigate });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    if (this.#call === call && call.view === 'launched' && outcome === 'undetected') this.#showHelp({});
  }

  #showHelp({ android = false }) {
    const call = this.#call;
    this.#show('help', {
      android,
      onCopy: (button) => this.#copy(button, call.recorded.call.number),
      onAgain: () => { this.#launch(); },
    });
    this.#focus();
  }

  async #copy(button, text) {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = CALL.copied;
      this.#live.say(CALL.copied);
    } catch {
      button.textContent = CALL.copyFailed;
      this.#live.say(CALL.copyFailed);
    }
  }

  #show(view, options = {}) {
    const call = this.#call;
    call.view = view;
    this.#content.replaceChildren(...callViews[view]({ ...call, ...options, onClose: () => this.#dialog.close() }));
    if (view === 'confirm' && !call.armed) this.#primary().setAttribute('aria-disabled', 'true');
  }

  #primary() { return this.#content.querySelector('.primary'); }

  #focus() { (this.#primary() ?? this.#content.querySelector('button'))?.focus(); }
}

define('zoom-call-dialog', ZoomCallDialog);

/** The page's call dialog, created on first use. */
export function callDialog() {
  let dialog = document.querySelector('body > zoom-call-dialog');
  if (!dialog) {
    dialog = document.createElement('zoom-call-dialog');
    document.body.append(dialog);
  }
  return dialog;
}
