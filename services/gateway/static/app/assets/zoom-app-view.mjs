// SPDX-License-Identifier: Apache-2.0
//
// Pieces of the Zoom app page: what is known about secrets and scopes.

import { h, sheet } from '/components/dom.mjs';
import { absoluteTime, relativeTime } from '/components/format.mjs';
import { messageBox } from '/components/feedback.mjs';

export const zoomAppSheet = sheet(`
  .scopes { display: grid; gap: 4px; padding: 0; list-style: none; }
  .scopes li { display: flex; gap: 10px; align-items: baseline; margin: 0; }
  .scopes code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
  .tag { flex: none; min-width: 92px; padding: 1px 9px; border-radius: 99px; font-size: 12px; font-weight: 650; text-align: center; background: var(--_sunken); color: var(--_muted); }
  .tag.missing { background: var(--_warning-bg); color: var(--_warning); }
  .tag.granted { background: var(--_success-bg); color: var(--_success); }
`);

/** "Set 3 days ago. The one before it is accepted until 21 Nov 2025, 10:31." */
export function secretHint(status) {
  if (!status.set) return 'Not set.';
  const set = status.setTime ? `Set ${relativeTime(status.setTime)}.` : 'Set.';
  const previous = status.previousExpireTime ? ` The one before it is accepted until ${absoluteTime(status.previousExpireTime)}.` : '';
  return `${set}${previous} It is never shown; leave this empty to keep it.`;
}

/** What Zoom granted beside what is wanted. */
export function scopeList(scopes) {
  if (!scopes.source) return h('p', { class: 'muted', text: 'Nobody is connected through this app yet, so Zoom has granted nothing that could be compared.' });
  const whose = scopes.source === 'own_link' ? 'your own connection' : 'the newest connection';
  const extra = new Set(scopes.unexpected);
  const rows = [
    ...scopes.missing.map((scope) => ['missing', 'Not granted', scope]),
    ...scopes.granted.filter((scope) => !extra.has(scope)).map((scope) => ['granted', 'Granted', scope]),
    ...scopes.unexpected.map((scope) => ['unexpected', 'Not wanted', scope]),
  ];
  const difference = scopes.missing.length + scopes.unexpected.length;
  return [
    h('p', { text: difference ? `Compared with ${whose}, ${difference} scope${difference === 1 ? ' differs' : 's differ'}.` : `Exactly what is wanted was granted to ${whose}.` }),
    h('ul', { class: 'scopes' }, rows.map(([kind, text, scope]) => h('li', {}, h('span', { class: `tag ${kind}`, text }), h('code', { text: scope })))),
    scopes.missing.length > 0 && messageBox({
      tone: 'warning', title: 'How to get what is missing',
      detail: 'Add the scopes to the app at Zoom (Scopes), then reconnect: Settings → Integrations → Reconnect.',
    }),
  ];
}

const VERDICT_TONE = { accepted: 'success', previous_accepted: 'warning', refused: 'error', unknown: 'info' };
const VERDICT_TITLE = {
  accepted: 'The credentials are right', previous_accepted: 'Only the previous secret is right',
  refused: 'The credentials are wrong', unknown: 'Zoom did not say',
};

/** @param {{result:string, detail:string}} test what the gateway answered */
export function verdictBox({ result, detail }) {
  return messageBox({ tone: VERDICT_TONE[result] ?? 'info', title: VERDICT_TITLE[result] ?? 'Zoom did not say', detail });
}
