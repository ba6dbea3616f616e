// SPDX-License-Identifier: Apache-2.0
//
// What <zoom-phone-integration> shows for each status of a link. Pure: status in, nodes out.

import { h, icon, initials } from './dom.mjs';
import { adviceList, loadError, messageBox } from './feedback.mjs';
import { absoluteTime } from './format.mjs';
import {
  ABOUT, causeMessage, describeError, DISCONNECTED, DISCONNECT_DIALOG, REMOVE_AT_ZOOM_STEPS, TEXT, ZOOM_MARKETPLACE_URL,
} from './messages.mjs';

const BADGES = {
  none: ['neutral', TEXT.notConnected],
  active: ['success', TEXT.connected],
  reconnect_required: ['warning', TEXT.reconnectRequired],
  disconnecting: ['neutral', TEXT.disconnecting],
};

/** Fills the badge beside the title. */
export function statusBadge(badge, link, failure) {
  // Until then the badge keeps its line: nothing moves when the status arrives.
  if (!link && !failure) return;
  const [tone, text] = BADGES[link?.state] ?? ['neutral', TEXT.statusUnknown];
  badge.className = `badge ${tone}`;
  badge.replaceChildren(...(tone === 'success' ? [icon('check')] : []), text);
}

/**
 * @param {object} view
 * @param {object|null} view.link
 * @param {unknown} view.failure why the status could not be read, when there is none to show
 * @param {boolean} view.connecting @param {boolean} view.disconnecting
 * @param {(event: Event) => void} view.onConnect @param {() => void} view.onDisconnect @param {() => void} view.onRetry
 * @returns {Node[]}
 */
export function statusBody(view) {
  if (view.failure) return [loadError('The Zoom Phone status could not be loaded', describeError(view.failure), view.onRetry)];
  if (!view.link) return skeleton();
  switch (view.link.state) {
    case 'active': return active(view);
    case 'reconnect_required': return reconnectRequired(view);
    case 'disconnecting': return disconnectingBody();
    default: return notConnected(view);
  }
}

function skeleton() {
  return [
    h('span', { class: 'visually-hidden', text: TEXT.loadingStatus }),
    h('div', { class: 'account', 'aria-hidden': 'true' },
      h('span', { class: 'skeleton avatar' }),
      h('div', { class: 'who' }, h('span', { class: 'skeleton line w50' }), h('span', { class: 'skeleton line w30' }))),
    h('span', { class: 'skeleton button-shape', 'aria-hidden': 'true' }),
  ];
}

function notConnected(view) {
  const cause = causeMessage('none', view.link.cause);
  return [
    cause && messageBox({ tone: 'warning', detail: cause }),
    requirements(),
    h('div', { class: 'actions' }, connectButton(view, TEXT.connectButton)),
    view.connecting && h('p', { class: 'muted small', text: TEXT.waitingForZoom }),
  ].filter(Boolean);
}

function active(view) {
  const scopes = view.link.missingScopes ?? [];
  return [
    account(view.link),
    scopes.length > 0 && messageBox({
      tone: 'warning',
      title: TEXT.missingScopes,
      detail: TEXT.missingScopesDetail,
      extra: [h('ul', {}, scopes.map((scope) => h('li', {}, h('code', { text: scope })))), connectButton(view, TEXT.reconnect, 'compact')],
    }),
    requirements(),
    h('div', { class: 'actions' }, disconnectButton(view)),
  ].filter(Boolean);
}

function reconnectRequired(view) {
  return [
    messageBox({ tone: 'warning', title: TEXT.reconnectRequired, detail: causeMessage('reconnect_required', view.link.cause) }),
    account(view.link),
    h('div', { class: 'actions' }, connectButton(view, TEXT.reconnect), disconnectButton(view)),
    view.connecting && h('p', { class: 'muted small', text: TEXT.waitingForZoom }),
  ].filter(Boolean);
}

function disconnectingBody() {
  return [messageBox({ tone: 'info', title: TEXT.disconnecting, detail: TEXT.disconnectingDetail })];
}

function connectButton(view, label, size = '') {
  return h('button', {
    type: 'button', class: `button primary ${size} ${view.connecting ? 'busy' : ''}`, 'aria-disabled': view.connecting && 'true',
    text: view.connecting ? TEXT.openingZoom : label, on: { click: view.onConnect },
  });
}

function disconnectButton(view) {
  return h('button', {
    type: 'button', class: `button danger ${view.disconnecting ? 'busy' : ''}`, 'aria-disabled': view.disconnecting && 'true',
    text: view.disconnecting ? TEXT.disconnecting : TEXT.disconnect, on: { click: view.onDisconnect },
  });
}

function account({ zoomAccount, connectTime }) {
  const name = zoomAccount?.displayName || zoomAccount?.email;
  return h('div', { class: 'account' },
    h('span', { class: 'avatar', 'aria-hidden': 'true' }, name ? initials(name) : icon('person')),
    h('div', { class: 'who' },
      h('p', { class: 'small muted', text: TEXT.account }),
      h('p', { class: 'name', text: name || TEXT.accountUnknown }),
      zoomAccount?.email && zoomAccount.email !== name && h('p', { class: 'mail', text: zoomAccount.email }),
      connectTime && h('p', { class: 'small muted' }, `${TEXT.connectedSince} `,
        h('time', { datetime: connectTime, text: absoluteTime(connectTime) }))));
}

function requirements() {
  return h('div', { class: 'requirements' },
    h('h3', { text: TEXT.requirements }),
    h('ul', { class: 'muted' }, TEXT.requirementList.map((line) => h('li', { text: line }))));
}

/** Questions and answers below the card, closed at first. */
export function aboutSection() {
  return h('footer', { hidden: true },
    ABOUT.map(([question, answer]) => h('details', {}, h('summary', { text: question }), h('p', { class: 'muted', text: answer }))),
    h('details', {}, h('summary', { text: DISCONNECTED.optional }), removalSteps()));
}

function removalSteps() {
  return h('div', { class: 'steps' },
    adviceList(REMOVE_AT_ZOOM_STEPS, { ordered: true }),
    h('p', {}, h('a', { href: ZOOM_MARKETPLACE_URL, target: '_blank', rel: 'noopener noreferrer', text: DISCONNECTED.marketplaceLink })));
}

/** After a disconnect: from when on older backups are of no use to anybody; nothing where that is not known. */
export function backupsNote(time) {
  return time ? h('p', { text: DISCONNECTED.backups(absoluteTime(time)) }) : null;
}

/** After a disconnect: a request when Zoom has not confirmed it, optional help otherwise. */
export function removalHelp(confirmed) {
  return confirmed
    ? h('details', {}, h('summary', { text: DISCONNECTED.optional }), removalSteps())
    : h('div', { class: 'steps' }, h('p', { text: DISCONNECTED.unconfirmed }), removalSteps());
}

/** Body of the confirmation: what is deleted, what is kept. */
export function disconnectConfirmation() {
  const list = (title, lines, tone) => h('div', { class: `consequence ${tone}` },
    h('h3', { text: title }), h('ul', {}, lines.map((line) => h('li', { text: line }))));
  return [
    h('p', { text: DISCONNECT_DIALOG.lead }),
    list(DISCONNECT_DIALOG.deletedTitle, DISCONNECT_DIALOG.deleted, 'deleted'),
    list(DISCONNECT_DIALOG.keptTitle, DISCONNECT_DIALOG.kept, 'kept'),
  ];
}
