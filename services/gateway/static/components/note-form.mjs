// SPDX-License-Identifier: Apache-2.0

import { newRequestId } from './api-client.mjs';
import { h, icon } from './dom.mjs';
import { messageBox, setBusy } from './feedback.mjs';
import { characterCount } from './format.mjs';
import { describeError, NOTES, TEXT } from './messages.mjs';

const LIMIT = 10_000;

/**
 * The form of a new note or of a note being edited. The text is kept until the server has it:
 * through errors, conflicts and a change of the screen.
 *
 * @typedef {object} NoteFormOptions
 * @property {object} context
 * @property {string} draftKey under which an unsaved text is kept
 * @property {string} label
 * @property {object} [note] the note being edited
 * @property {(draft:{text:string, callId:string, requestId:string, etag?:string}) => Promise<object>} save
 * @property {() => Promise<object>} [reload] reads the note again after a conflict
 * @property {(note:object) => void} onSaved
 * @property {(note:object) => void} [onCancel] with the note as it was last seen
 * @property {() => void} [onGone] the note no longer exists
 */
export class NoteForm {
  #options;
  #note;
  #call = null;
  #requestId = null;
  #busy = false;
  #field;
  #problem;
  #about;
  #conflict;
  #submit;

  /** @param {NoteFormOptions} options */
  constructor(options) {
    this.#options = options;
    this.#note = options.note ?? null;
    const id = `text-${options.draftKey.replace(/[^A-Za-z0-9-]/g, '_')}`;
    this.#field = h('textarea', {
      id, rows: '3', placeholder: NOTES.placeholder, 'aria-describedby': `${id}-problem`,
      on: { input: () => this.#onInput(), keydown: (event) => this.#onKey(event) },
    });
    this.#field.value = options.context.drafts.get(options.draftKey)?.text ?? this.#note?.text ?? '';
    this.#problem = h('p', { id: `${id}-problem`, class: 'problem', role: 'alert' });
    this.#about = h('div', { class: 'about', hidden: true });
    this.#conflict = h('div', {});
    this.#submit = h('button', { type: 'submit', class: 'button primary compact', text: this.#label() });
    this.element = h('form', { novalidate: true, on: { submit: (event) => { event.preventDefault(); this.#save(); } } },
      h('label', { for: id, text: options.label }), this.#about, this.#field, this.#conflict,
      h('div', { class: 'form-foot' }, this.#problem,
        h('div', { class: 'actions' },
          options.onCancel && h('button', { type: 'button', class: 'button compact', text: TEXT.cancel, on: { click: () => this.#cancel() } }),
          this.#submit)));
    this.#setCall(options.context.drafts.get(options.draftKey)?.call ?? null);
  }

  focus() {
    this.#field.focus();
    this.#field.setSelectionRange(this.#field.value.length, this.#field.value.length);
  }

  /** The note being written is about this call. */
  aboutCall(call) {
    this.#setCall(call);
    this.#keepDraft();
    this.element.scrollIntoView({ block: 'nearest' });
    this.focus();
  }

  #label() { return this.#note ? NOTES.saveChanges : NOTES.save; }

  #setCall(call) {
    this.#call = call;
    this.#about.hidden = !call;
    if (!call) { this.#about.replaceChildren(); return; }
    this.#about.replaceChildren(
      h('span', { text: NOTES.aboutCall(this.#options.context.callLinks.display(call.number)) }),
      h('button', {
        type: 'button', class: 'icon-button', 'aria-label': NOTES.unlink,
        on: { click: () => { this.#setCall(null); this.#keepDraft(); this.focus(); } },
      }, icon('close')));
  }

  #onInput() {
    this.#keepDraft();
    if (this.#problem.textContent) this.#complain(this.#fault());
  }

  #onKey(event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.#save(); }
    else if (event.key === 'Escape' && this.#options.onCancel && this.#field.value === this.#note.text) this.#cancel();
  }

  #keepDraft() {
    // Another text is another effect; the same text sent again is a repetition.
    this.#requestId = null;
    const { drafts } = this.#options.context;
    const unchanged = this.#field.value === (this.#note?.text ?? '') && !this.#call;
    if (unchanged) drafts.delete(this.#options.draftKey);
    else drafts.set(this.#options.draftKey, { text: this.#field.value, call: this.#call });
  }

  #fault() {
    const text = this.#field.value;
    if (!text.trim()) return NOTES.required;
    const over = characterCount(text) - LIMIT;
    return over > 0 ? NOTES.tooLong(over) : '';
  }

  #complain(text) {
    this.#problem.textContent = text;
    if (text) this.#field.setAttribute('aria-invalid', 'true');
    else this.#field.removeAttribute('aria-invalid');
  }

  #cancel() {
    this.#options.context.drafts.delete(this.#options.draftKey);
    this.#options.onCancel(this.#note);
  }

  async #save() {
    if (this.#busy) return;
    const fault = this.#fault();
    this.#complain(fault);
    if (fault) { this.#field.focus(); return; }
    this.#busy = true;
    this.#requestId ??= newRequestId();
    setBusy(this.#submit, true, NOTES.saving);
    this.#field.readOnly = true;
    try {
      const saved = await this.#options.save({
        text: this.#field.value, callId: this.#call?.callId ?? '', requestId: this.#requestId, etag: this.#note?.etag,
      });
      this.#settle();
      this.#saved(saved);
    } catch (error) {
      this.#settle();
      await this.#failed(error);
    }
  }

  #settle() {
    this.#busy = false;
    this.#field.readOnly = false;
    setBusy(this.#submit, false, this.#label());
  }

  #saved(note) {
    this.#options.context.drafts.delete(this.#options.draftKey);
    this.#requestId = null;
    this.#conflict.replaceChildren();
    if (!this.#note) { this.#field.value = ''; this.#setCall(null); }
    this.#options.onSaved(note);
  }

  async #failed(error) {
    this.#options.context.noticeError(error);
    if (this.#note && error.isNotFound) { this.#options.onGone(); return; }
    if (this.#note && error.isConflict) { await this.#showConflict(); return; }
    this.#complain(`${NOTES.saveFailed} ${describeError(error)}`);
  }

  async #showConflict() {
    let current;
    try {
      current = await this.#options.reload();
    } catch (error) {
      if (error.isNotFound) this.#options.onGone();
      else this.#complain(`${NOTES.saveFailed} ${describeError(error)}`);
      return;
    }
    this.#note = current;
    const choose = (label, run) => h('button', { type: 'button', class: 'button compact', text: label, on: { click: run } });
    this.#conflict.replaceChildren(h('div', { role: 'alert' }, messageBox({
      tone: 'warning',
      title: NOTES.conflict,
      detail: `${NOTES.conflictCurrent}:`,
      extra: [
        h('blockquote', { text: current.text }),
        h('div', { class: 'actions' },
          choose(NOTES.conflictKeep, () => { this.#conflict.replaceChildren(); this.#save(); }),
          choose(NOTES.conflictTake, () => this.#cancel())),
      ],
    })));
    this.#conflict.querySelector('button').focus();
  }
}
