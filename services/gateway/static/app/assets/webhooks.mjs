// SPDX-License-Identifier: Apache-2.0
//
// <shodan-webhooks>: Settings → Administration → Webhooks. What came from Zoom, without what it says, and a way to have
// it read or told again.

import { contextOf } from '/components/context.mjs';
import { define, h, sheet } from '/components/dom.mjs';
import { confirmDialog, emptyState, liveRegion, loadError, messageBox, setBusy, skeletonRows } from '/components/feedback.mjs';
import { absoluteTime } from '/components/format.mjs';
import { describeError } from '/components/messages.mjs';
import { PagedList } from '/components/paged-list.mjs';
import { recordSheet } from '/components/record-styles.mjs';
import { baseSheet, controlSheet, dialogSheet, feedbackSheet } from '/components/styles.mjs';
import { field, formSheet } from './administration-form.mjs';

const STATES = [['', 'All'], ['parked', 'Parked'], ['received', 'To be read'], ['held', 'Held'], ['released', 'Told'], ['settled', 'Settled']];
const HOUR = 3_600_000;
const PERIODS = [[HOUR, 'Last hour'], [24 * HOUR, 'Last day'], [7 * 24 * HOUR, 'Last week'], [30 * 24 * HOUR, 'Last 30 days']];
const REASONS = {
  NOT_A_TRIGGER: 'Of a kind that is not told.',
  NOT_CONNECTED: 'Concerns nobody who is connected.',
  DEAUTHORIZATION: 'Somebody removed the app at Zoom.',
  KEY_DESTROYED: 'Too old: its key was destroyed.',
  WEBHOOK_MALFORMED: 'Not of the form that Zoom documents.',
  ATTEMPTS_EXHAUSTED: 'Every attempt to read it failed.',
};
const PAGE_SIZE = 25;

const webhooksSheet = sheet(`
  .filters { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 14px; }
  .list-card { padding: 0; gap: 0; }
  .list-card h2 { padding: 16px 18px 12px; }
  .record { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 4px 14px; align-items: center; }
  .record h3 { margin: 0; font-size: 15px; overflow-wrap: anywhere; }
  .record p { margin: 0; grid-column: 1; overflow-wrap: anywhere; }
  .record .button { grid-column: 2; grid-row: 1 / span 2; }
  .state { margin-inline-start: 8px; padding: 1px 8px; border-radius: 9px; background: var(--_sunken); font-size: 12px; font-weight: 600; }
  .state.parked { color: var(--_danger); }
`);

const select = (options, chosen) => h('select', {}, options.map(([value, text]) => h('option', { value: String(value), text, selected: value === chosen })));
const times = (count, one, many) => (count === 1 ? one : many.replace('#', count));

export class ShodanWebhooks extends HTMLElement {
  #context = null;
  #root = null;
  #live = liveRegion();
  #state = select(STATES, '');
  #period = select(PERIODS, 24 * HOUR);
  #result = h('div', { class: 'result', role: 'status', tabindex: '-1' });
  #list = null;

  connectedCallback() {
    this.#context = contextOf(this);
    if (this.#root) return;
    this.#root = this.attachShadow({ mode: 'open' });
    this.#root.adoptedStyleSheets = [baseSheet, controlSheet, feedbackSheet, dialogSheet, recordSheet, formSheet, webhooksSheet];
    this.#list = new PagedList({
      pageSize: PAGE_SIZE,
      load: async (page, options) => {
        const { webhooks, nextPageToken } = await this.#context.client.listWebhooks({ ...this.#filter(), ...page }, options);
        return { items: webhooks, nextPageToken };
      },
      idOf: ({ webhookId }) => webhookId,
      row: (webhook) => this.#row(webhook),
      skeleton: () => skeletonRows(3, 'record'),
      empty: () => emptyState('plug', 'No webhooks', 'What comes from Zoom in this time and state appears here.'),
      failed: (error, retry) => loadError('The webhooks could not be loaded', describeError(error), retry),
      onError: (error) => this.#context.noticeError(error),
      onReady: () => {},
      more: 'Show more',
      loading: 'Loading webhooks',
    });
    this.#render();
    this.#list.load();
  }

  disconnectedCallback() { this.#list?.stop(); }

  #filter() {
    const since = new Date(Date.now() - Number(this.#period.value)).toISOString();
    return { startTime: since, ...(this.#state.value ? { state: this.#state.value } : {}) };
  }

  #render() {
    for (const choice of [this.#state, this.#period]) choice.addEventListener('change', () => this.#list.load());
    const again = h('button', { type: 'button', class: 'button', text: 'Load again', on: { click: () => this.#list.load() } });
    const replay = h('button', { type: 'button', class: 'button', text: 'Replay all…', on: { click: () => this.#replayAll(replay) } });
    this.#root.replaceChildren(
      this.#live.element, this.#result,
      h('section', { class: 'card', 'aria-labelledby': 'which' },
        h('h2', { id: 'which', text: 'Which webhooks' }),
        h('p', { class: 'muted', text: 'What they say is sealed and never shown here. A parked webhook could not be read; it is kept until it is replayed or its key is destroyed.' }),
        h('div', { class: 'filters' },
          field({ name: 'state', label: 'State', input: this.#state }),
          field({ name: 'period', label: 'Came in the', input: this.#period })),
        h('div', { class: 'actions' }, again, replay)),
      h('section', { class: 'card list-card', 'aria-labelledby': 'webhooks' },
        h('h2', { id: 'webhooks', text: 'Webhooks, oldest first' }), this.#list.element));
  }

  #row(webhook) {
    const name = webhook.event ?? 'Not read yet';
    const facts = [
      `Came ${absoluteTime(webhook.receiveTime)}.`,
      webhook.userId && `For ${webhook.userId}.`,
      webhook.reason && (REASONS[webhook.reason] ?? `Reason: ${webhook.reason}.`),
      webhook.attemptCount > 1 && `Tried ${webhook.attemptCount} times.`,
      webhook.duplicateCount > 0 && times(webhook.duplicateCount, 'Came once more.', 'Came # times more.'),
      webhook.replayCount > 0 && times(webhook.replayCount, 'Replayed once.', 'Replayed # times.'),
    ].filter(Boolean);
    const canReplay = webhook.state === 'parked' || webhook.state === 'released';
    const button = canReplay && h('button', {
      type: 'button', class: 'button compact', text: 'Replay', 'aria-label': `Replay ${name} of ${absoluteTime(webhook.receiveTime)}`,
      on: { click: () => this.#replay(button, { webhookIds: [webhook.webhookId] }) },
    });
    return h('li', { class: 'record' },
      h('h3', {}, name, h('span', { class: `state ${webhook.state}`, text: STATES.find(([state]) => state === webhook.state)?.[1] ?? webhook.state })),
      h('p', { class: 'muted small', text: facts.join(' ') }),
      button);
  }

  async #replayAll(button) {
    const kind = select([['parked', 'Parked ones only'], ['', 'Parked ones and those that were told'], ['released', 'Only those that were told']], 'parked');
    const period = PERIODS.find(([length]) => String(length) === this.#period.value)[1].toLowerCase();
    const confirmed = await confirmDialog(this.#root, {
      title: `Replay the webhooks of the ${period}?`, confirm: 'Replay',
      body: [
        h('p', { text: 'Parked ones are read again. Those that were told are told again, under new numbers: whoever acts on them acts again.' }),
        field({ name: 'kind', label: 'Which', input: kind }),
      ],
    });
    if (!confirmed) return;
    const { startTime } = this.#filter();
    await this.#replay(button, { startTime, endTime: new Date().toISOString(), ...(kind.value ? { state: kind.value } : {}) });
  }

  async #replay(button, which) {
    if (button.getAttribute('aria-disabled')) return;
    setBusy(button, true);
    try {
      const { replayedCount, lastReceiveTime } = await this.#context.client.replayWebhooks(which);
      const rest = replayedCount === 10_000 && ` The last of them came ${absoluteTime(lastReceiveTime)}; replay again for later ones.`;
      this.#result.replaceChildren(messageBox({
        tone: replayedCount > 0 ? 'success' : 'info',
        title: times(replayedCount, 'One webhook is replayed', replayedCount === 0 ? 'There was nothing to replay' : '# webhooks are replayed'),
        detail: rest || '',
      }));
      await this.#list.load();
    } catch (error) {
      this.#context.noticeError(error);
      this.#result.replaceChildren(messageBox({ tone: 'error', title: 'This did not work', detail: describeError(error) }));
    } finally {
      setBusy(button, false);
      this.#result.focus();
    }
  }
}

define('shodan-webhooks', ShodanWebhooks);
