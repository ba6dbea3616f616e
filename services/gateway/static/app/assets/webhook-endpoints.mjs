// SPDX-License-Identifier: Apache-2.0
//
// <shodan-webhook-endpoints>: Settings → Administration → Endpoints. Where the project's events are sent to, and how the
// deliveries went. An endpoint's secret is shown once, right after it was made.

import { contextOf } from '/components/context.mjs';
import { define, h, sheet } from '/components/dom.mjs';
import { confirmDialog, emptyState, liveRegion, loadError, messageBox, setBusy, skeletonRows } from '/components/feedback.mjs';
import { absoluteTime, relativeTime } from '/components/format.mjs';
import { describeError } from '/components/messages.mjs';
import { PagedList } from '/components/paged-list.mjs';
import { recordSheet } from '/components/record-styles.mjs';
import { baseSheet, controlSheet, dialogSheet, feedbackSheet } from '/components/styles.mjs';
import { copyField, field, FormProblems, formSheet } from './administration-form.mjs';

const EVENTS = [
  ['Connections', [
    ['link.connected', 'A user connected Zoom'],
    ['link.reconnect_required', 'A connection needs reconnecting'],
    ['link.recovered', 'A connection works again'],
    ['link.erased', 'A connection ended and its data is gone'],
    ['webhook_endpoint.disabled', 'An endpoint was disabled'],
  ]],
  ['Zoom', [
    ['meeting.created', 'New meeting'],
    ['meeting.updated', 'Meeting updated'],
    ['meeting.ended', 'Meeting ended'],
    ['meeting.registration_created', 'New meeting registrant'],
    ['meeting.participant_joined', 'Meeting participant joined'],
    ['meeting.participant_left', 'Meeting participant left'],
    ['recording.started', 'New recording'],
    ['recording.completed', 'Complete recording'],
    ['recording.transcript_completed', 'Recording transcript completed'],
  ]],
];
const DISABLED = {
  ADMINISTRATOR: 'Disabled by an administrator.',
  FAILING: 'Disabled: every attempt failed for days.',
  GONE: 'Disabled: it answered that it is gone (410).',
};
const DELIVERY_STATES = [['', 'All'], ['pending', 'To be sent'], ['delivered', 'Delivered'], ['dead', 'Given up']];
const OVERLAPS = [['86400', 'One day'], ['3600', 'One hour'], ['604800', 'One week'], ['0', 'End it now']];
const PAGE_SIZE = 25;

const endpointsSheet = sheet(`
  fieldset .choice { display: grid; font-weight: 400; grid-template-columns: auto minmax(0, 1fr); gap: 2px 10px; align-items: center; }
  fieldset { gap: 6px; }
  .choice input { width: 18px; min-height: 18px; height: 18px; margin: 3px 0; }
  code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
  .endpoints { display: grid; gap: 14px; margin: 0; padding: 0; list-style: none; }
  .endpoints > li { display: grid; gap: 6px; margin: 0; padding: 14px; border: 1px solid var(--_border); border-radius: 10px; min-width: 0; }
  .endpoints h3 { margin: 0; font-size: 15px; overflow-wrap: anywhere; }
  .endpoints p { margin: 0; overflow-wrap: anywhere; }
  .endpoints .bad { color: var(--_danger); font-weight: 600; }
  .list-card { padding: 0; gap: 0; }
  .list-card > header { display: grid; gap: 12px; }
  .record { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 4px 14px; align-items: center; }
  .record h3 { margin: 0; font-size: 15px; overflow-wrap: anywhere; }
  .record p { margin: 0; grid-column: 1; overflow-wrap: anywhere; }
  .record .button { grid-column: 2; grid-row: 1 / span 2; }
`);

const select = (options) => h('select', {}, options.map(([value, text]) => h('option', { value, text })));
const deliveryState = (state) => DELIVERY_STATES.find(([name]) => name === state)?.[1] ?? state;

export class ShodanWebhookEndpoints extends HTMLElement {
  #context = null;
  #root = null;
  #live = liveRegion();
  #endpoints = [];
  #parts = {};
  #problems = null;
  #deliveries = null;

  connectedCallback() {
    this.#context = contextOf(this);
    if (this.#root) return;
    this.#root = this.attachShadow({ mode: 'open' });
    this.#problems = new FormProblems(this.#root, (...content) => this.#parts.result.replaceChildren(...content));
    this.#root.adoptedStyleSheets = [baseSheet, controlSheet, feedbackSheet, dialogSheet, recordSheet, formSheet, endpointsSheet];
    this.#load();
  }

  disconnectedCallback() { this.#deliveries?.stop(); }

  async #load() {
    this.#root.replaceChildren(h('section', { class: 'card', 'aria-busy': 'true' }, skeletonRows(3, 'field')));
    try {
      ({ webhookEndpoints: this.#endpoints } = await this.#context.client.listWebhookEndpoints());
      this.#render();
    } catch (error) {
      this.#context.noticeError(error);
      this.#root.replaceChildren(h('section', { class: 'card' }, loadError('The endpoints could not be loaded', describeError(error), () => this.#load())));
    }
  }

  #render(...news) {
    this.#deliveries?.stop();
    this.#parts.result = h('div', { class: 'result', role: 'status', tabindex: '-1' }, news);
    this.#parts.shown = h('div', {});
    this.#root.replaceChildren(this.#live.element, this.#parts.result, this.#form(), this.#list(), this.#parts.shown);
  }

  #form() {
    const url = h('input', { type: 'url', maxlength: '2048', autocomplete: 'off', placeholder: 'https://' });
    const boxes = [];
    const groups = EVENTS.map(([title, events]) => h('fieldset', { class: 'field' }, h('legend', { text: title }),
      events.map(([type, text]) => {
        const box = h('input', { type: 'checkbox', id: boxes.length === 0 ? 'field-eventTypes' : `event-${type}`, 'aria-describedby': 'problem-eventTypes', value: type });
        boxes.push(box);
        return h('label', { class: 'choice', for: box.id }, box, h('span', {}, `${text} `, h('code', { text: type })));
      })));
    const create = h('button', { type: 'submit', class: 'button primary', text: 'Add endpoint' });
    Object.assign(this.#parts, { url, boxes, create });
    return h('section', { class: 'card', 'aria-labelledby': 'new-endpoint' },
      h('h2', { id: 'new-endpoint', text: 'New endpoint' }),
      h('p', { class: 'muted', text: 'A program of yours that wants to be told. Each event is sent to it as a signed HTTPS request, and again for days until it answers 2xx.' }),
      h('form', { novalidate: true, on: { submit: (event) => { event.preventDefault(); this.#create(); } } },
        field({ name: 'url', label: 'URL', input: url, hint: 'https, reachable from the internet.' }),
        groups,
        h('p', { class: 'problem', id: 'problem-eventTypes' }),
        h('div', { class: 'actions' }, create)));
  }

  #list() {
    return h('section', { class: 'card', 'aria-labelledby': 'endpoints' },
      h('h2', { id: 'endpoints', text: 'Endpoints' }),
      this.#endpoints.length === 0 ? emptyState('plug', 'No endpoints yet', 'An endpoint that you add appears here.')
        : h('ul', { class: 'endpoints' }, this.#endpoints.map((endpoint) => this.#row(endpoint))));
  }

  #row(endpoint) {
    const facts = [
      `Added ${relativeTime(endpoint.createTime)}.`,
      endpoint.previousExpireTime && `Its previous secret signs too until ${absoluteTime(endpoint.previousExpireTime)}.`,
    ].filter(Boolean);
    const bad = !endpoint.enabled ? DISABLED[endpoint.disabledReason] ?? 'Disabled.'
      : endpoint.failingSinceTime && `Every attempt has failed since ${absoluteTime(endpoint.failingSinceTime)}.`;
    const button = (text, run) => {
      const element = h('button', { type: 'button', class: 'button compact', text, 'aria-label': `${text}: ${endpoint.url}`, on: { click: () => run(element) } });
      return element;
    };
    return h('li', {},
      h('h3', { text: endpoint.url }),
      h('p', {}, h('code', { text: endpoint.eventTypes.join(' ') })),
      bad && h('p', { class: 'small bad', text: bad }),
      h('p', { class: 'muted small', text: facts.join(' ') }),
      h('div', { class: 'actions' },
        button('Deliveries', () => this.#showDeliveries(endpoint)),
        button('Rotate secret', (element) => this.#rotate(endpoint, element)),
        button(endpoint.enabled ? 'Disable' : 'Enable', (element) => this.#update(endpoint, { enabled: !endpoint.enabled }, element)),
        button('Delete', (element) => this.#remove(endpoint, element))));
  }

  #showDeliveries(endpoint) {
    this.#deliveries?.stop();
    const state = select(DELIVERY_STATES);
    const list = new PagedList({
      pageSize: PAGE_SIZE,
      load: async (page, options) => {
        const query = { ...page, ...(state.value ? { state: state.value } : {}) };
        const { webhookDeliveries, nextPageToken } = await this.#context.client.listWebhookDeliveries(endpoint.webhookEndpointId, query, options);
        return { items: webhookDeliveries, nextPageToken };
      },
      idOf: ({ webhookDeliveryId }) => webhookDeliveryId,
      row: (delivery) => this.#deliveryRow(endpoint, delivery),
      skeleton: () => skeletonRows(3, 'record'),
      empty: () => emptyState('plug', 'No deliveries', 'What is sent to this endpoint appears here.'),
      failed: (error, retry) => loadError('The deliveries could not be loaded', describeError(error), retry),
      onError: (error) => this.#context.noticeError(error),
      onReady: () => {},
      more: 'Show more',
      loading: 'Loading deliveries',
    });
    this.#deliveries = list;
    state.addEventListener('change', () => list.load());
    const again = h('button', { type: 'button', class: 'button compact', text: 'Load again', on: { click: () => list.load() } });
    const replay = h('button', { type: 'button', class: 'button compact', text: 'Replay what was given up', on: { click: () => this.#replay(endpoint, [], replay) } });
    const title = h('h2', { id: 'deliveries', tabindex: '-1', text: 'Deliveries' });
    this.#parts.shown.replaceChildren(h('section', { class: 'card list-card', 'aria-labelledby': 'deliveries' },
      h('header', {}, title, h('p', { class: 'muted small', text: endpoint.url }),
        field({ name: 'deliveryState', label: 'State', input: state }), h('div', { class: 'actions' }, again, replay)),
      list.element));
    list.load();
    title.focus();
  }

  #deliveryRow(endpoint, delivery) {
    const facts = [
      `Made ${absoluteTime(delivery.createTime)}.`,
      delivery.attemptCount > 0 && `Tried ${delivery.attemptCount === 1 ? 'once' : `${delivery.attemptCount} times`}, the last answer: ${delivery.lastAnswer ?? 'none yet'}.`,
      delivery.state === 'pending' && delivery.nextAttemptTime && `Next attempt ${absoluteTime(delivery.nextAttemptTime)}.`,
      delivery.replayCount > 0 && (delivery.replayCount === 1 ? 'Replayed once.' : `Replayed ${delivery.replayCount} times.`),
    ].filter(Boolean);
    const button = delivery.state !== 'pending' && h('button', {
      type: 'button', class: 'button compact', text: 'Replay', 'aria-label': `Replay ${delivery.eventType} of ${absoluteTime(delivery.createTime)}`,
      on: { click: () => this.#replay(endpoint, [delivery.webhookDeliveryId], button) },
    });
    return h('li', { class: 'record' },
      h('h3', { text: `${delivery.eventType} · ${deliveryState(delivery.state)}` }),
      h('p', { class: 'muted small', text: facts.join(' ') }),
      button);
  }

  async #create() {
    const { url, boxes, create } = this.#parts;
    if (create.getAttribute('aria-disabled')) return;
    this.#problems.clear();
    const eventTypes = boxes.filter((box) => box.checked).map((box) => box.value);
    if (!url.value.trim()) this.#problems.put('url', 'Enter a URL.');
    if (eventTypes.length === 0) this.#problems.put('eventTypes', 'Choose at least one event.');
    if (!url.value.trim() || eventTypes.length === 0) return;
    await this.#attempt(create, async () => {
      const { webhookEndpoint, secret } = await this.#context.client.createWebhookEndpoint({ url: url.value.trim(), eventTypes });
      this.#endpoints = [...this.#endpoints, webhookEndpoint];
      this.#showOnce(webhookEndpoint, secret);
    });
  }

  async #update(endpoint, change, button) {
    await this.#attempt(button, async () => {
      this.#keep(await this.#context.client.updateWebhookEndpoint(endpoint.webhookEndpointId, change));
      this.#render(messageBox({ tone: 'success', title: change.enabled ? 'Endpoint enabled' : 'Endpoint disabled' }));
      this.#parts.result.focus();
    });
  }

  async #rotate(endpoint, button) {
    const overlap = select(OVERLAPS);
    const confirmed = await confirmDialog(this.#root, {
      title: 'Rotate the secret?', confirm: 'Rotate',
      body: [
        h('p', { text: `${endpoint.url} gets a new secret. Put it into your program; until then the present one signs too.` }),
        field({ name: 'overlap', label: 'The present secret signs too for', input: overlap }),
      ],
    });
    if (!confirmed) return;
    await this.#attempt(button, async () => {
      const { webhookEndpoint, secret } = await this.#context.client.rotateWebhookEndpointSecret(endpoint.webhookEndpointId, { overlapSeconds: Number(overlap.value) });
      this.#keep(webhookEndpoint);
      this.#showOnce(webhookEndpoint, secret);
    });
  }

  async #remove(endpoint, button) {
    const confirmed = await confirmDialog(this.#root, {
      title: 'Delete this endpoint?', confirm: 'Delete', danger: true,
      body: [h('p', { text: `Nothing more is sent to ${endpoint.url}, and its deliveries are deleted.` })],
    });
    if (!confirmed) return;
    await this.#attempt(button, async () => {
      await this.#context.client.deleteWebhookEndpoint(endpoint.webhookEndpointId);
      this.#endpoints = this.#endpoints.filter(({ webhookEndpointId }) => webhookEndpointId !== endpoint.webhookEndpointId);
      this.#render(messageBox({ tone: 'success', title: 'Endpoint deleted' }));
      this.#parts.result.focus();
    });
  }

  async #replay(endpoint, webhookDeliveryIds, button) {
    await this.#attempt(button, async () => {
      const { replayedCount } = await this.#context.client.replayWebhookDeliveries(endpoint.webhookEndpointId, webhookDeliveryIds.length > 0 ? { webhookDeliveryIds } : {});
      const title = replayedCount === 0 ? 'There was nothing to replay' : replayedCount === 1 ? 'One delivery is replayed' : `${replayedCount} deliveries are replayed`;
      this.#parts.result.replaceChildren(messageBox({ tone: replayedCount > 0 ? 'success' : 'info', title }));
      this.#parts.result.focus();
      await this.#deliveries.load();
    });
  }

  #keep(endpoint) {
    this.#endpoints = this.#endpoints.map((one) => (one.webhookEndpointId === endpoint.webhookEndpointId ? endpoint : one));
  }

  #showOnce(endpoint, secret) {
    const say = (words) => this.#live.say(words);
    this.#render(messageBox({
      tone: 'success', title: 'The secret of the endpoint',
      detail: `With it your program checks that a request to ${endpoint.url} came from here. Copy it now: it is not shown again.`,
      extra: [copyField({ name: 'secret', label: 'Signing secret', value: secret, say })],
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

define('shodan-webhook-endpoints', ShodanWebhookEndpoints);
