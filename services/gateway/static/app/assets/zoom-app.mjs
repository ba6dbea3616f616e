// SPDX-License-Identifier: Apache-2.0
//
// <shodan-zoom-app>: Settings → Administration → Zoom app. Secrets go in and never come out.

import { contextOf } from '/components/context.mjs';
import { define, h } from '/components/dom.mjs';
import { confirmDialog, liveRegion, loadError, messageBox, setBusy, skeletonRows } from '/components/feedback.mjs';
import { describeError } from '/components/messages.mjs';
import { baseSheet, controlSheet, dialogSheet, feedbackSheet } from '/components/styles.mjs';
import { copyField, field, FormProblems, formSheet } from './administration-form.mjs';
import { scopeList, secretHint, verdictBox, zoomAppSheet } from './zoom-app-view.mjs';

const listOf = (text) => [...new Set(text.split(/[\s,]+/).filter(Boolean))].sort();
const same = (a, b) => a.length === b.length && a.every((item, index) => item === b[index]);

export class ShodanZoomApp extends HTMLElement {
  #context = null;
  #root = null;
  #live = liveRegion();
  #app = null;
  #parts = {};
  #problems = null;

  connectedCallback() {
    this.#context = contextOf(this);
    if (this.#root) return;
    this.#root = this.attachShadow({ mode: 'open' });
    this.#problems = new FormProblems(this.#root, (...content) => this.#show(...content));
    this.#root.adoptedStyleSheets = [baseSheet, controlSheet, feedbackSheet, dialogSheet, formSheet, zoomAppSheet];
    this.#load();
  }

  async #load() {
    this.#root.replaceChildren(h('section', { class: 'card', 'aria-busy': 'true' }, skeletonRows(4, 'field')));
    try {
      this.#app = await this.#context.client.getZoomApp();
      this.#render();
    } catch (error) {
      this.#context.noticeError(error);
      this.#root.replaceChildren(h('section', { class: 'card' }, loadError('The Zoom app could not be loaded', describeError(error), () => this.#load())));
    }
  }

  #render(message = null) {
    const app = this.#app;
    this.#root.replaceChildren(this.#live.element, this.#credentials(app), this.#urls(app), this.#scopes(app));
    if (message) this.#show(message);
  }

  #show(...content) { this.#parts.result.replaceChildren(...content); }

  #credentials(app) {
    const input = (type, value = '') => h('input', { type, value, autocomplete: 'off', spellcheck: 'false', maxlength: '512' });
    const parts = {
      clientId: input('text', app.clientId),
      clientSecret: input('password'),
      webhookSecret: input('password'),
      requestScopes: h('textarea', { spellcheck: 'false', text: app.requestScopes.join('\n') }),
      expectedScopes: h('textarea', { spellcheck: 'false', text: app.expectedScopes.join('\n') }),
      result: h('div', { class: 'result', role: 'status', tabindex: '-1' }),
      save: h('button', { type: 'submit', class: 'button primary', text: 'Save' }),
      test: h('button', { type: 'button', class: 'button', text: 'Test credentials', on: { click: () => this.#test() } }),
    };
    for (const secret of [parts.clientSecret, parts.webhookSecret]) secret.autocomplete = 'new-password';
    this.#parts = parts;
    return h('section', { class: 'card', 'aria-labelledby': 'credentials' },
      h('h2', { id: 'credentials', text: 'Credentials and scopes' }),
      h('form', { novalidate: true, on: { submit: (event) => { event.preventDefault(); this.#save(); } } },
        field({ name: 'clientId', label: 'Client ID', input: parts.clientId, hint: 'From the app\'s page at Zoom. Another client ID is another app: everybody has to reconnect.' }),
        this.#secretField('clientSecret', 'Client secret', app.clientSecret, 'removePreviousClientSecret'),
        this.#secretField('webhookSecret', 'Webhook secret token', app.webhookSecret, 'removePreviousWebhookSecret'),
        field({ name: 'expectedScopes', label: 'Scopes the product needs', input: parts.expectedScopes, hint: 'One a line. They are compared with what Zoom grants.' }),
        field({ name: 'requestScopes', label: 'Scopes to ask for', input: parts.requestScopes, hint: 'Leave empty for Zoom: it takes those of the app.' }),
        parts.result,
        h('div', { class: 'actions' }, parts.save, parts.test)));
  }

  #secretField(name, label, status, removal) {
    const shown = field({ name, label, input: this.#parts[name], hint: secretHint(status) });
    if (!status.previousExpireTime) return shown;
    const button = h('button', { type: 'button', class: 'button compact', text: `Remove the previous ${label.toLowerCase()}` });
    button.addEventListener('click', () => this.#submit({ [removal]: true }, button, `The previous ${label.toLowerCase()} is no longer accepted.`));
    shown.append(h('div', { class: 'actions' }, button));
    return shown;
  }

  #urls(app) {
    const say = (text) => this.#live.say(text);
    return h('section', { class: 'card', 'aria-labelledby': 'urls' },
      h('h2', { id: 'urls', text: 'To enter at Zoom' }),
      copyField({ name: 'redirectUrl', label: 'Redirect URL for OAuth', value: app.redirectUrl, say, hint: 'Basic information → OAuth information.' }),
      copyField({ name: 'allowListUrl', label: 'OAuth allow list', value: app.allowListUrl, say, hint: 'The same page. The whole URL, so that strict mode can be on.' }),
      copyField({ name: 'webhookUrl', label: 'Event notification endpoint URL', value: app.webhookUrl, say, hint: 'Features → Event subscriptions, once you use webhooks.' }));
  }

  #scopes(app) {
    return h('section', { class: 'card', 'aria-labelledby': 'granted' }, h('h2', { id: 'granted', text: 'Granted scopes' }), scopeList(app.scopes));
  }

  /** What differs from the app as it was loaded. */
  #change() {
    const { clientId, clientSecret, webhookSecret, requestScopes, expectedScopes } = this.#parts;
    const change = {};
    if (clientId.value.trim() !== this.#app.clientId) change.clientId = clientId.value.trim();
    if (clientSecret.value) change.clientSecret = clientSecret.value.trim();
    if (webhookSecret.value) change.webhookSecret = webhookSecret.value.trim();
    if (!same(listOf(requestScopes.value), [...this.#app.requestScopes].sort())) change.requestScopes = listOf(requestScopes.value);
    if (!same(listOf(expectedScopes.value), [...this.#app.expectedScopes].sort())) change.expectedScopes = listOf(expectedScopes.value);
    return change;
  }

  async #save() {
    this.#problems.clear();
    const change = this.#change();
    if (change.clientId === '') { this.#problems.put('clientId', 'Enter the client ID.'); return; }
    if (Object.keys(change).length === 0) { this.#show(messageBox({ tone: 'info', title: 'Nothing was changed' })); return; }
    if (change.clientId !== undefined && !await this.#confirmReplacement(change)) return;
    await this.#submit(change, this.#parts.save, 'Saved. Every part of Shodan Pro follows within 30 seconds.');
  }

  /** Asks the gateway how many links another client ID costs, then the administrator. */
  async #confirmReplacement(change) {
    setBusy(this.#parts.save, true);
    try {
      const { linksToReconnect: links } = await this.#context.client.updateZoomApp({ ...change, etag: this.#app.etag, validateOnly: true });
      return await confirmDialog(this.#root, {
        title: 'Replace the Zoom app?', confirm: 'Replace', danger: true,
        body: [
          h('p', { text: links === 0 ? 'Nobody is connected through the present app.' : `${links} ${links === 1 ? 'connection' : 'connections'} through the present app will need reconnecting. Those users see it in Settings → Integrations.` }),
          h('p', { class: 'muted', text: 'Notes and calls stay as they are.' }),
        ],
      });
    } catch (error) {
      this.#fail(error);
      return false;
    } finally {
      setBusy(this.#parts.save, false);
    }
  }

  async #submit(change, button, success) {
    if (button.getAttribute('aria-disabled')) return;
    setBusy(button, true);
    try {
      const { zoomApp, linksToReconnect } = await this.#context.client.updateZoomApp({ ...change, etag: this.#app.etag });
      this.#app = zoomApp;
      const reconnects = linksToReconnect ? ` ${linksToReconnect} ${linksToReconnect === 1 ? 'connection needs' : 'connections need'} reconnecting.` : '';
      this.#render(messageBox({ tone: 'success', title: 'Zoom app saved', detail: success + reconnects }));
      this.#parts.result.focus();
    } catch (error) {
      this.#fail(error);
    } finally {
      setBusy(button, false);
    }
  }

  async #test() {
    const { clientId, clientSecret, test } = this.#parts;
    if (test.getAttribute('aria-disabled')) return;
    this.#problems.clear();
    setBusy(test, true);
    const changed = clientId.value.trim() !== this.#app.clientId;
    try {
      this.#show(verdictBox(await this.#context.client.testZoomCredentials({ clientId: changed ? clientId.value.trim() : '', clientSecret: clientSecret.value.trim() })));
    } catch (error) {
      this.#fail(error);
    } finally {
      setBusy(test, false);
    }
  }

  #fail(error) {
    this.#context.noticeError(error);
    if (error.reason === 'CLIENT_ID_TAKEN') { this.#problems.put('clientId', error.detail); return; }
    this.#problems.fail(error, { title: 'Somebody else changed the Zoom app', load: () => this.#load() });
  }
}

define('shodan-zoom-app', ShodanZoomApp);
