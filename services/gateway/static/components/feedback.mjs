// SPDX-License-Identifier: Apache-2.0
//
// Messages, skeletons, empty states and the confirmation dialog used by all components.

import { h, icon } from './dom.mjs';
import { TEXT } from './messages.mjs';

const TONE_ICON = { success: 'check', warning: 'alert', error: 'alert', info: 'info' };

/**
 * A message box.
 * @param {{tone:"success"|"warning"|"error"|"info", title?:string, detail?:string,
 *   advice?:readonly string[], extra?:Node[], onDismiss?:() => void}} message
 */
export function messageBox({ tone, title, detail, advice = [], extra = [], onDismiss }) {
  return h('div', { class: `message ${tone} ${onDismiss ? 'dismissible' : ''}` },
    icon(TONE_ICON[tone]),
    h('div', { class: 'content' },
      title && h('p', { class: 'title', text: title }),
      detail && h('p', { text: detail }),
      adviceList(advice),
      extra),
    onDismiss && h('button', { type: 'button', class: 'icon-button', 'aria-label': TEXT.dismiss, on: { click: onDismiss } }, icon('close')));
}

/** One piece of advice as a sentence, several as a list. */
export function adviceList(advice, { ordered = false } = {}) {
  if (advice.length === 0) return null;
  if (advice.length === 1) return h('p', { text: advice[0] });
  return h(ordered ? 'ol' : 'ul', {}, advice.map((line) => h('li', { text: line })));
}

/** Placeholder rows of the height of the real ones, so that nothing moves when these arrive. */
export function skeletonRows(count, rowClass) {
  return Array.from({ length: count }, () => h('div', { class: rowClass, 'aria-hidden': 'true' },
    h('span', { class: 'skeleton line w50' }), h('span', { class: 'skeleton line w30' })));
}

export function emptyState(iconName, title, detail) {
  return h('div', { class: 'empty' }, icon(iconName), h('p', { class: 'title', text: title }), h('p', { class: 'muted small', text: detail }));
}

/** An error with a retry button in place of the content that could not be loaded. */
export function loadError(title, detail, onRetry) {
  return messageBox({
    tone: 'error', title, detail,
    extra: [h('button', { type: 'button', class: 'button compact', text: TEXT.retry, on: { click: onRetry } })],
  });
}

/** Marks a button as busy without taking the focus away from it (as `disabled` would). */
export function setBusy(button, busy, label) {
  button.classList.toggle('busy', busy);
  if (busy) button.setAttribute('aria-disabled', 'true');
  else button.removeAttribute('aria-disabled');
  if (label) button.textContent = label;
}

/**
 * Asks for a confirmation in a native modal dialog (focus trap, Escape and the return of the
 * focus are the browser's). The focus starts on the safe choice.
 * @param {ShadowRoot|HTMLElement} root where the dialog is put
 * @param {{title:string, body:(Node|null)[], confirm:string, cancel?:string, danger?:boolean}} options
 * @returns {Promise<boolean>}
 */
export function confirmDialog(root, { title, body, confirm, cancel = TEXT.cancel, danger = false }) {
  return new Promise((resolve) => {
    let confirmed = false;
    const dialog = h('dialog', { 'aria-labelledby': 'confirm-title' },
      h('div', { class: 'inner' },
        h('h2', { id: 'confirm-title', text: title }),
        h('div', { class: 'body' }, body),
        h('div', { class: 'actions' },
          h('button', { type: 'button', class: 'button', autofocus: true, text: cancel, on: { click: () => dialog.close() } }),
          h('button', {
            type: 'button', class: `button ${danger ? 'danger' : 'primary'}`, text: confirm,
            on: { click: () => { confirmed = true; dialog.close(); } },
          }))));
    dialog.addEventListener('close', () => { dialog.remove(); resolve(confirmed); }, { once: true });
    root.append(dialog);
    dialog.showModal();
  });
}

/** A polite live region: `say(text)` is read out once, even when the same text comes again. */
export function liveRegion() {
  const element = h('div', { class: 'visually-hidden', role: 'status' });
  let turn = 0;
  return {
    element,
    say(text) {
      turn += 1;
      // A non-breaking space makes a repeated text a change, which is what is announced.
      element.textContent = turn % 2 ? text : `${text}\u00a0`;
    },
  };
}
