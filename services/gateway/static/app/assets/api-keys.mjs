// SPDX-License-Identifier: Apache-2.0
//
// <shodan-api-keys>: Settings → Administration → API keys. A key's text is shown once, right after it was made.

import { contextOf } from '/components/context.mjs';
import { define, h, sheet } from '/components/dom.mjs';
import { confirmDialog, emptyState, liveRegion, loadError, messageBox, setBusy, skeletonRows } from '/components/feedback.mjs';
import { absoluteTime, relativeTime } from '/components/format.mjs';
import { describeError } from '/components/messages.mjs';
import { baseSheet, controlSheet, dialogSheet, feedbackSheet } from '/components/styles.mjs';
import { copyField, field, FormProblems, formSheet } from './administration-form.mjs';

const SCOPES = [
  ['connect.sessions', 'Make links with which users connect'],
  ['connections.read', 'List connections and their metadata'],
  ['connections.write', 'Change metadata and disconnect users'],
  ['token.read', 'Read access tokens of connected users'],
  ['zoom.request', 'Send requests to Zoom for connected users'],
];
const LIFETIMES = [['', 'Never'], ['30', 'In 30 days'], ['90', 'In 90 days'], ['365', 'In a year']];
const OVERLAPS = [['86400', 'One day'], ['3600', 'One hour'], ['604800', 'One week'], ['0', 'End it now']];

const apiKeysSheet = sheet(`
  fieldset { display: grid; gap: 6px; margin: 0; padding: 0; border: 0; }
  legend { padding: 0 0 4px; font-weight: 600; }
  fieldset .choice { display: grid; font-weight: 400; grid-template-columns: auto minmax(0, 1fr); gap: 2px 10px; align-items: center; }
  .choice input { width: 18px; min-height: 18px; height: 18px; margin: 3px 0; }
  .choice code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
  .keys { display: grid; gap: 14px; margin: 0; padding: 0; list-style: none; }
  .keys > li { display: grid; gap: 6px; margin: 0; padding: 14px; border: 1px solid var(--_border); border-radius: 10px; min-width: 0; }
  .keys h3 { margin: 0; font-size: 15px; overflow-wrap: anywhere; }
  .keys p { margin: 0; overflow-wrap: anywhere; }
`);

const select = (options) => h('select', {}, options.map(([value, text]) => h('option', { value, text })));

export class ShodanApiKeys extends HTMLElement {
  #context = null;
  #root = null;
  #live = liveRegion();
  #keys = [];
  #parts = {};
  #problems = null;

  connectedCallback() {
    this.#context = contextOf(this);
    if (this.#root) return;
    this.#root = this.attachShadow({ mode: 'open' });
    this.#problems = new FormProblems(this.#root, (...content) => this.#parts.result.replaceChildren(...content));
    this.#root.adoptedStyleSheets = [baseSheet, controlSheet, feedbackSheet, dialogSheet, formSheet, apiKeysSheet];
    this.#load();
  }

  async #load() {
    this.#root.replaceChildren(h('section', { class: 'card', 'aria-busy': 'true' }, skeletonRows(3, 'field')));
    try {
      ({ apiKeys: this.#keys } = await this.#context.client.listApiKeys());
      this.#render();
    } catch (error) {
      this.#context.noticeError(error);
      this.#root.replaceChildren(h('section', { class: 'card' }, loadError('The API keys could not be loaded', describeError(error), () => this.#load())));
    }
  }

  #render(...news) {
    this.#parts.result = h('div', { class: 'result', role: 'status', tabindex: '-1' }, news);
    this.#root.replaceChildren(this.#live.element, this.#parts.result, this.#form(), this.#list());
  }

  #form() {
    const name = h('input', { type: 'text', maxlength: '100', autocomplete: 'off' });
    const lifetime = select(LIFETIMES);
    const boxes = SCOPES.map(([scope], index) => h('input', { type: 'checkbox', id: index === 0 ? 'field-scopes' : `scope-${scope}`, 'aria-describedby': 'problem-scopes', value: scope }));
    const create = h('button', { type: 'submit', class: 'button primary', text: 'Create key' });
    Object.assign(this.#parts, { name, lifetime, boxes, create });
    return h('section', { class: 'card', 'aria-labelledby': 'new-key' },
      h('h2', { id: 'new-key', text: 'New key' }),
      h('p', { class: 'muted', text: 'For programs of yours that use the gateway. Give each program a key of its own, with what it needs and no more.' }),
      h('form', { novalidate: true, on: { submit: (event) => { event.preventDefault(); this.#create(); } } },
        field({ name: 'name', label: 'Name', input: name, hint: 'For example the program that uses it.' }),
        h('fieldset', { class: 'field' }, h('legend', { text: 'What it may do' }),
          SCOPES.map(([scope, text], index) => h('label', { class: 'choice', for: boxes[index].id }, boxes[index], h('span', {}, `${text} `, h('code', { text: scope })))),
          h('p', { class: 'problem', id: 'problem-scopes' })),
        field({ name: 'lifetimeDays', label: 'Ends', input: lifetime }),
        h('div', { class: 'actions' }, create)));
  }

  #list() {
    return h('section', { class: 'card', 'aria-labelledby': 'keys' },
      h('h2', { id: 'keys', text: 'Keys' }),
      this.#keys.length === 0 ? emptyState('gear', 'No API keys yet', 'A key that you make appears here.')
        : h('ul', { class: 'keys' }, this.#keys.map((key) => this.#row(key))));
  }

  #row(key) {
    const facts = [
      `Created ${relativeTime(key.createTime)}.`,
      key.lastUseTime ? `Last used ${relativeTime(key.lastUseTime)}.` : 'Never used.',
      key.expireTime && `Ends ${absoluteTime(key.expireTime)}.`,
      key.previousExpireTime && `Its previous text is accepted until ${absoluteTime(key.previousExpireTime)}.`,
    ].filter(Boolean);
    const rotate = h('button', { type: 'button', class: 'button compact', text: 'Rotate', 'aria-label': `Rotate ${key.name}`, on: { click: () => this.#rotate(key, rotate) } });
    const remove = h('button', { type: 'button', class: 'button compact', text: 'Delete', 'aria-label': `Delete ${key.name}`, on: { click: () => this.#remove(key, remove) } });
    return h('li', {},
      h('h3', { text: key.name }),
      h('p', {}, h('code', { text: key.scopes.join(' ') })),
      h('p', { class: 'muted small', text: facts.join(' ') }),
      h('div', { class: 'actions' }, rotate, remove));
  }

  async #create() {
    const { name, lifetime, boxes, create } = this.#parts;
    if (create.getAttribute('aria-disabled')) return;
    this.#problems.clear();
    const scopes = boxes.filter((box) => box.checked).map((box) => box.value);
    if (!name.value.trim()) this.#problems.put('name', 'Enter a name.');
    if (scopes.length === 0) this.#problems.put('scopes', 'Choose at least one.');
    if (!name.value.trim() || scopes.length === 0) return;
    const content = { name: name.value.trim(), scopes, ...(lifetime.value ? { lifetimeDays: Number(lifetime.value) } : {}) };
    await this.#attempt(create, async () => {
      const { apiKey, text } = await this.#context.client.createApiKey(content);
      this.#keys = [apiKey, ...this.#keys];
      this.#showOnce(apiKey, text);
    });
  }

  async #rotate(key, button) {
    const overlap = select(OVERLAPS);
    const confirmed = await confirmDialog(this.#root, {
      title: `Rotate ${key.name}?`, confirm: 'Rotate',
      body: [
        h('p', { text: 'The key gets a new text. Put it into your program before the present one ends.' }),
        field({ name: 'overlap', label: 'The present text stays accepted for', input: overlap }),
      ],
    });
    if (!confirmed) return;
    await this.#attempt(button, async () => {
      const { apiKey, text } = await this.#context.client.rotateApiKey(key.apiKeyId, { overlapSeconds: Number(overlap.value) });
      this.#keys = this.#keys.map((one) => (one.apiKeyId === apiKey.apiKeyId ? apiKey : one));
      this.#showOnce(apiKey, text);
    });
  }

  async #remove(key, button) {
    const confirmed = await confirmDialog(this.#root, {
      title: `Delete ${key.name}?`, confirm: 'Delete', danger: true,
      body: [h('p', { text: 'Programs that use it are refused from this moment on.' })],
    });
    if (!confirmed) return;
    await this.#attempt(button, async () => {
      await this.#context.client.deleteApiKey(key.apiKeyId);
      this.#keys = this.#keys.filter(({ apiKeyId }) => apiKeyId !== key.apiKeyId);
      this.#render(messageBox({ tone: 'success', title: 'Key deleted' }));
      this.#parts.result.focus();
    });
  }

  #showOnce(apiKey, text) {
    const say = (words) => this.#live.say(words);
    this.#render(messageBox({
      tone: 'success', title: `The text of ${apiKey.name}`,
      detail: 'Copy it now: it is not shown again.',
      extra: [copyField({ name: 'text', label: 'API key', value: text, say })],
    }));
    this.#parts.result.focus();
  }

  async #attempt(button, action) {
    if (button.getAttribute('aria-disabled')) return;
    setBusy(button, true);
    try {
      await action();
    } catch (error) {
      this.#context.noticeError(error);
      this.#problems.fail(error);
    } finally {
      setBusy(button, false);
    }
  }
}

define('shodan-api-keys', ShodanApiKeys);
