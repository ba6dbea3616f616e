// SPDX-License-Identifier: Apache-2.0
//
// <zoom-call-notes>: the caller's own notes on a company or person, newest first.
//
//   <zoom-call-notes company-id="c1"></zoom-call-notes>
//
// Attributes: company-id and/or person-id (where new notes are filed; the list shows the notes
// of the person, or of the company when there is no person), page-size (1–100, default 5),
// project, base-url. Readable and editable whether Zoom is connected or not.
// Event (bubbling, composed): zoom-list-ready, once the first page is shown or has failed.
//
// A change made elsewhere is never overwritten in silence: the etag of the text that was edited
// goes along, and a conflict shows both texts.

import { contextOf } from './context.mjs';
import { define, h, sheet } from './dom.mjs';
import { confirmDialog, emptyState, liveRegion, loadError, skeletonRows } from './feedback.mjs';
import { absoluteTime, excerpt, relativeTime } from './format.mjs';
import { describeError, NOTES } from './messages.mjs';
import { NoteForm } from './note-form.mjs';
import { PagedList } from './paged-list.mjs';
import { recordSheet } from './record-styles.mjs';
import { baseSheet, controlSheet, dialogSheet, feedbackSheet } from './styles.mjs';

const CLOCK_MS = 30_000;

const notesSheet = sheet(`
  .compose { padding: 0 18px 16px; }
  form { display: grid; gap: 10px; }
  label { font-weight: 600; font-size: 14px; }
  .form-foot { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; justify-content: space-between; }
  .problem { color: var(--_danger); font-size: 13px; margin-inline-end: auto; }
  .problem:empty { display: none; }
  .form-foot .actions { margin-inline-start: auto; }
  .about { display: inline-flex; gap: 4px; align-items: center; justify-self: start; max-width: 100%; padding: 2px 4px 2px 10px; border-radius: 8px; background: var(--_info-bg); font-size: 13px; }
  .about .icon-button { width: 28px; height: 28px; }
  .note { display: grid; gap: 6px; }
  .note .text { white-space: pre-wrap; overflow-wrap: anywhere; }
  .note .meta { display: flex; flex-wrap: wrap; gap: 2px 12px; align-items: center; justify-content: space-between; }
  .note .controls { display: flex; margin-inline: -10px; }
  blockquote { margin: 0; padding: 8px 12px; border-inline-start: 3px solid var(--_border); white-space: pre-wrap; overflow-wrap: anywhere; max-height: 160px; overflow: auto; }
`);

export class ZoomCallNotes extends HTMLElement {
  #context = null;
  #list = null;
  #compose = null;
  #live = liveRegion();
  #lifetime = null;
  #clock = 0;

  connectedCallback() {
    this.#context = contextOf(this);
    if (!this.shadowRoot) this.#build();
    this.#lifetime = new AbortController();
    this.#context.addEventListener('note-for-call', ({ detail }) => this.#compose.aboutCall(detail.call), { signal: this.#lifetime.signal });
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
    root.adoptedStyleSheets = [baseSheet, controlSheet, feedbackSheet, dialogSheet, recordSheet, notesSheet];
    this.#compose = new NoteForm({
      context: this.#context,
      draftKey: `new|${this.#attribute('company-id')}|${this.#attribute('person-id')}`,
      label: NOTES.label,
      save: async ({ text, callId, requestId }) => this.#context.client.createNote({
        requestId, text, callId, companyId: this.#attribute('company-id'), personId: this.#attribute('person-id'),
      }),
      onSaved: (note) => { this.#list.prepend(note); this.#live.say(NOTES.saved); },
    });
    this.#list = new PagedList({
      load: (page, options) => this.#context.client.listNotes({ ...this.#filter(), ...page }, options)
        .then(({ notes, nextPageToken }) => ({ items: notes, nextPageToken })),
      idOf: (note) => note.noteId,
      pageSize: Number(this.getAttribute('page-size')) || 5,
      row: (note) => this.#row(note),
      skeleton: () => skeletonRows(2, 'record placeholder'),
      empty: () => emptyState('note', NOTES.empty, NOTES.emptyDetail),
      failed: (error, retry) => loadError(NOTES.failed, describeError(error), retry),
      onError: (error) => this.#context.noticeError(error),
      onReady: () => this.dispatchEvent(new CustomEvent('zoom-list-ready', { bubbles: true, composed: true })),
      more: NOTES.more,
      loading: NOTES.loading,
    });
    root.append(h('section', { class: 'card', 'aria-labelledby': 'title' },
      h('header', {}, h('h2', { id: 'title', tabindex: '-1', text: NOTES.title })),
      h('div', { class: 'compose' }, this.#compose.element), this.#list.element, this.#live.element));
  }

  #attribute(name) { return this.getAttribute(name) ?? ''; }

  #filter() {
    const personId = this.#attribute('person-id');
    return personId ? { personId } : { companyId: this.#attribute('company-id') };
  }

  #tick() {
    for (const time of this.shadowRoot.querySelectorAll('time[data-relative]')) time.textContent = relativeTime(time.dateTime);
  }

  #row(note) {
    const start = excerpt(note.text);
    const call = note.callId ? this.#context.calls.get(note.callId) : null;
    const edited = note.updateTime !== note.createTime;
    return h('li', { class: 'record note' },
      h('p', { class: 'text', text: note.text }),
      note.callId && h('p', { class: 'small muted', text: NOTES.aboutCall(call && this.#context.callLinks.display(call.number)) }),
      h('div', { class: 'meta' },
        h('p', { class: 'small muted' },
          h('time', { datetime: note.createTime, 'data-relative': true, text: relativeTime(note.createTime) }),
          ' · ', h('time', { datetime: note.createTime, text: absoluteTime(note.createTime) }),
          edited && ' · ', edited && h('span', { title: absoluteTime(note.updateTime), text: NOTES.edited })),
        h('div', { class: 'controls' },
          h('button', { type: 'button', class: 'button quiet compact edit', text: NOTES.edit, 'aria-label': NOTES.editFor(start), on: { click: () => this.#edit(note) } }),
          h('button', { type: 'button', class: 'button quiet compact', text: NOTES.remove, 'aria-label': NOTES.removeFor(start), on: { click: () => this.#askRemove(note) } }))));
  }

  #edit(note) {
    const done = (result, text) => {
      const row = this.#list.replace(result);
      row.querySelector('.edit').focus();
      if (text) this.#live.say(text);
    };
    const form = new NoteForm({
      context: this.#context,
      draftKey: `edit|${note.noteId}`,
      label: NOTES.editLabel,
      note,
      save: ({ text, etag }) => this.#context.client.updateNote(note.noteId, { text, etag }),
      reload: () => this.#context.client.getNote(note.noteId),
      onSaved: (saved) => done(saved, NOTES.saved),
      onCancel: (current) => done(current, ''),
      onGone: () => this.#removed(note, NOTES.gone),
    });
    this.#list.replace(note).replaceChildren(form.element);
    form.focus();
  }

  async #askRemove(note) {
    const problem = await this.#confirmRemoval(note, '');
    if (problem) await this.#confirmRemoval(note, problem);
  }

  /** @returns {Promise<string>} why it failed, to be shown with the next confirmation; "" when done */
  async #confirmRemoval(note, problem) {
    const confirmed = await confirmDialog(this.shadowRoot, {
      title: NOTES.removeTitle,
      body: [
        problem && h('p', { class: 'problem', role: 'alert', text: problem }),
        h('blockquote', { text: excerpt(note.text, 200) }), h('p', { class: 'muted', text: NOTES.removeLead }),
      ],
      confirm: NOTES.remove, danger: true,
    });
    if (!confirmed) return '';
    try {
      await this.#context.client.deleteNote(note.noteId);
    } catch (error) {
      this.#context.noticeError(error);
      if (!error.isNotFound) return `${NOTES.removeFailed} ${describeError(error)}`;
    }
    this.#removed(note, NOTES.removed);
    return '';
  }

  #removed(note, text) {
    const neighbour = this.#list.remove(note.noteId);
    (neighbour?.querySelector('.edit') ?? this.shadowRoot.getElementById('title')).focus();
    this.#live.say(text);
  }
}

define('zoom-call-notes', ZoomCallNotes);
