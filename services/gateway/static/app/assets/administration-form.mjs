// SPDX-License-Identifier: Apache-2.0
//
// What the administrator's pages are made of: labelled fields, copy buttons, a place for each problem.

import { h, sheet } from '/components/dom.mjs';
import { messageBox } from '/components/feedback.mjs';
import { describeError } from '/components/messages.mjs';

export const formSheet = sheet(`
  :host { display: grid; gap: 20px; }
  section { padding: 18px; }
  section, form { display: grid; gap: 18px; }
  section > p { max-width: 70ch; }
  .field { display: grid; gap: 4px; min-width: 0; }
  .field label { font-weight: 600; }
  .field select { width: 100%; min-width: 0; }
  .field .hint { color: var(--_muted); font-size: 13px; overflow-wrap: anywhere; }
  .field .problem { color: var(--_danger); font-size: 13px; font-weight: 600; }
  .field .problem:empty { display: none; }
  input { width: 100%; min-height: 40px; padding: 8px 10px; border: 1px solid var(--_field); border-radius: 8px; background: var(--_surface); }
  input[readonly] { background: var(--_sunken); }
  input:focus-visible { outline-offset: 0; border-radius: 8px; }
  input[aria-invalid="true"] { border-color: var(--_danger); }
  textarea { font: 13px/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
  .with-button { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 8px; }
  fieldset { display: grid; gap: 14px; min-width: 0; margin: 0; padding: 16px; border: 1px solid var(--_field); border-radius: 8px; }
  legend { padding: 0 6px; font-weight: 600; }
  fieldset + fieldset { margin-top: 16px; }
  .result:empty { display: none; }
  @media (max-width: 480px) { .actions .button { flex: 1 1 auto; } }
`);

/**
 * A labelled field with its hint and its place for a problem.
 * @param {{name:string, label:string, hint?:string|Node, input:HTMLElement, button?:Node}} options
 */
export function field({ name, label, hint, input, button }) {
  input.id = `field-${name}`;
  const problem = h('p', { class: 'problem', id: `problem-${name}` });
  const described = [hint && `hint-${name}`, `problem-${name}`].filter(Boolean).join(' ');
  input.setAttribute('aria-describedby', described);
  return h('div', { class: 'field' },
    h('label', { for: input.id, text: label }),
    button ? h('div', { class: 'with-button' }, input, button) : input,
    hint && h('p', { class: 'hint', id: `hint-${name}` }, hint),
    problem);
}

/** A URL to take over at Zoom, with a button that copies it and says so. */
export function copyField({ name, label, hint, value, say }) {
  const input = h('input', { type: 'text', readonly: true, value });
  const button = h('button', {
    type: 'button', class: 'button', 'aria-label': `Copy ${label}`, text: 'Copy',
    on: {
      click: async () => {
        try {
          await navigator.clipboard.writeText(value);
          button.textContent = 'Copied';
          button.setAttribute('aria-label', `Copied ${label}`);
          say(`${label} copied.`);
        } catch {
          // Without the permission the text is at least selected for the keyboard.
          input.select();
          say('Press Ctrl+C to copy.');
        }
      },
    },
  });
  return field({ name, label, hint, input, button });
}

/** The problems of a form whose fields were made by field(); `show` puts a message where all see it. */
export class FormProblems {
  #root;
  #show;

  constructor(root, show) {
    this.#root = root;
    this.#show = show;
  }

  clear() {
    this.#show();
    for (const input of this.#root.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
    for (const place of this.#root.querySelectorAll('.problem')) place.textContent = '';
  }

  /** Puts the text beside the field, which gets the focus if it is the first; without such a field, into a message. */
  put(name, text) {
    const input = this.#root.getElementById(`field-${name}`);
    const place = this.#root.getElementById(`problem-${name}`);
    if (!input || !place) {
      this.#show(messageBox({ tone: 'error', title: 'This did not work', detail: text }));
      return;
    }
    place.textContent = text.charAt(0).toUpperCase() + text.slice(1);
    input.setAttribute('aria-invalid', 'true');
    if (!this.#root.activeElement?.matches('[aria-invalid]')) input.focus();
  }

  /**
   * Shows what the gateway refused. `nameOf` finds the form's field of the problem document's.
   * @param {{title:string, load:() => void}} changed what to say when somebody else was quicker
   */
  fail(error, changed, nameOf = (field) => field.replace(/\[.*/, '')) {
    if (error.reason === 'ETAG_MISMATCH') {
      this.#show(messageBox({
        tone: 'warning', title: changed.title, detail: 'Load it again, then repeat your change.',
        extra: [h('button', { type: 'button', class: 'button compact', text: 'Load again', on: { click: changed.load } })],
      }));
      return;
    }
    if (!error.errors?.length) this.#show(messageBox({ tone: 'error', title: 'This did not work', detail: describeError(error) }));
    for (const problem of error.errors ?? []) this.put(nameOf(problem.field), problem.detail);
  }
}
