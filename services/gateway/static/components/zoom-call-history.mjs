// SPDX-License-Identifier: Apache-2.0
//
// <zoom-call-history>: the caller's own calls on a company or person, newest first.
//
//   <zoom-call-history person-id="p1"></zoom-call-history>
//
// Attributes: company-id or person-id (a person wins; both absent: all calls), page-size (1–100,
// default 5), project, base-url. Readable and editable whether Zoom is connected or not.
// Event (bubbling, composed): zoom-list-ready, once the first page is shown or has failed.

import { contextOf } from './context.mjs';
import { define, h, icon, sheet } from './dom.mjs';
import { emptyState, liveRegion, loadError, setBusy, skeletonRows } from './feedback.mjs';
import { absoluteTime, duration, relativeTime } from './format.mjs';
import { describeError, HISTORY, OUTCOMES } from './messages.mjs';
import { PagedList } from './paged-list.mjs';
import { recordSheet } from './record-styles.mjs';
import { baseSheet, controlSheet, feedbackSheet } from './styles.mjs';

const CLOCK_MS = 30_000;

const historySheet = sheet(`
  .call { display: grid; grid-template-columns: auto 1fr auto; gap: 2px 12px; align-items: center; }
  .direction { display: grid; place-items: center; width: 34px; height: 34px; border-radius: 50%; background: var(--_info-bg); color: var(--_accent); }
  .direction .icon { width: 17px; height: 17px; }
  .number { font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
  .controls { display: flex; gap: 8px; align-items: center; justify-content: flex-end; flex-wrap: wrap; }
  .problem { grid-column: 1 / -1; color: var(--_danger); font-size: 13px; }
  @media (max-width: 520px) {
    .call { grid-template-columns: auto 1fr; }
    .controls { grid-column: 2; justify-content: flex-start; margin-inline-start: -10px; }
  }
`);

export class ZoomCallHistory extends HTMLElement {
  #context = null;
  #list = null;
  #live = liveRegion();
  #clock = 0;
  #lifetime = null;

  connectedCallback() {
    this.#context = contextOf(this);
    if (!this.shadowRoot) this.#build();
    this.#lifetime = new AbortController();
    this.#context.addEventListener('call-created', ({ detail }) => this.#onCreated(detail.call), { signal: this.#lifetime.signal });
    this.#context.callLinks.addEventListener('resolved', () => this.#showNumbers(), { signal: this.#lifetime.signal });
    this.#clock = setInterval(() => this.#tick(), CLOCK_MS);
    this.#list.load();
  }

  disconnectedCallback() {
    this.#lifetime?.abort();
    clearInterval(this.#clock);
    this.#list?.stop();
  }

  #build() {
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [baseSheet, controlSheet, feedbackSheet, recordSheet, historySheet];
    this.#list = new PagedList({
      load: (page, options) => this.#context.client.listCalls({ ...this.#filter(), ...page }, options).then(({ calls, nextPageToken }) => {
        for (const call of calls) this.#context.calls.set(call.callId, call);
        return { items: calls, nextPageToken };
      }),
      idOf: (call) => call.callId,
      pageSize: Number(this.getAttribute('page-size')) || 5,
      row: (call) => this.#row(call),
      skeleton: () => skeletonRows(3, 'record placeholder'),
      empty: () => emptyState('outgoing', HISTORY.empty, HISTORY.emptyDetail),
      failed: (error, retry) => loadError(HISTORY.failed, describeError(error), retry),
      onError: (error) => this.#context.noticeError(error),
      onAppended: () => this.#showNumbers(),
      onReady: () => this.dispatchEvent(new CustomEvent('zoom-list-ready', { bubbles: true, composed: true })),
      more: HISTORY.more,
      loading: HISTORY.loading,
    });
    root.append(h('section', { class: 'card', 'aria-labelledby': 'title' },
      h('header', {}, h('h2', { id: 'title', text: HISTORY.title })), this.#list.element, this.#live.element));
  }

  #filter() {
    const personId = this.getAttribute('person-id') ?? '';
    return personId ? { personId } : { companyId: this.getAttribute('company-id') ?? '' };
  }

  #onCreated(call) {
    const { companyId, personId } = this.#filter();
    const ours = (!companyId || call.companyId === companyId) && (!personId || call.personId === personId);
    if (ours) this.#list.prepend(call);
  }

  #tick() {
    for (const time of this.shadowRoot.querySelectorAll('time[data-relative]')) {
      time.textContent = relativeTime(time.dateTime);
    }
  }

  /**
   * The international format is known only once the screen's numbers are resolved; numbers that the screen does not
   * show (any more) are asked for after that, all in one request.
   */
  #showNumbers() {
    const { callLinks } = this.#context;
    const complete = callLinks.isIdle;
    for (const row of this.shadowRoot.querySelectorAll('.call')) {
      this.#showNumber(row);
      const { e164 } = row.querySelector('.number').dataset;
      // Without an answer the digits stay as they are: nothing is lost.
      if (complete && callLinks.display(e164) === e164) callLinks.request(e164, '').catch(() => undefined);
    }
  }

  /** The number as people read it, also in the names of the row's controls. */
  #showNumber(row) {
    const shown = row.querySelector('.number');
    const number = this.#context.callLinks.display(shown.dataset.e164);
    shown.textContent = number;
    row.querySelector('.controls > button').setAttribute('aria-label', HISTORY.addNoteFor(number));
    row.querySelector('select').setAttribute('aria-label', HISTORY.outcome(number));
  }

  #row(call) {
    const problem = h('p', { class: 'problem', hidden: true });
    const length = duration(call.durationSeconds);
    const row = h('li', { class: 'record call' },
      h('span', { class: 'direction' }, icon('outgoing')),
      h('div', {},
        h('p', { class: 'number', 'data-e164': call.number }),
        h('p', { class: 'small muted' },
          h('time', { datetime: call.startTime, 'data-relative': true, text: relativeTime(call.startTime) }),
          ' · ', h('time', { datetime: call.startTime, text: absoluteTime(call.startTime) }),
          length && ` · ${length}`)),
      h('div', { class: 'controls' },
        h('button', {
          type: 'button', class: 'button quiet compact', text: HISTORY.addNote,
          on: { click: () => this.#context.emit('note-for-call', { call }) },
        }),
        this.#outcome(call, problem)),
      problem);
    this.#showNumber(row);
    return row;
  }

  #outcome(call, problem) {
    const select = h('select', { on: { change: () => this.#saveOutcome(call, select, problem) } },
      Object.entries(OUTCOMES).map(([value, text]) => h('option', { value, text, selected: value === call.outcome })));
    return select;
  }

  async #saveOutcome(call, select, problem) {
    if (select.hasAttribute('aria-disabled')) return;
    problem.hidden = true;
    setBusy(select, true);
    try {
      // Chosen again while a choice was on its way: the last one is the one to keep.
      while (select.value !== call.outcome) {
        Object.assign(call, await this.#context.client.updateCall(call.callId, { outcome: select.value, etag: call.etag }));
      }
      this.#live.say(HISTORY.outcomeSaved);
    } catch (error) {
      this.#context.noticeError(error);
      if (error.isConflict) await this.#reload(call);
      select.value = call.outcome;
      problem.textContent = error.isConflict ? HISTORY.conflict : `${HISTORY.outcomeFailed} ${describeError(error)}`;
      problem.hidden = false;
      this.#live.say(problem.textContent);
    }
    setBusy(select, false);
  }

  async #reload(call) {
    try {
      Object.assign(call, await this.#context.client.getCall(call.callId));
    } catch (error) {
      // The conflict is shown either way; the next change meets it again.
      this.#context.noticeError(error);
    }
  }
}

define('zoom-call-history', ZoomCallHistory);
