// SPDX-License-Identifier: Apache-2.0
//
// What <zoom-call-dialog> shows in each step. Pure: the call's data in, nodes out.

import { h } from './dom.mjs';
import { adviceList, messageBox } from './feedback.mjs';
import { regionName } from './format.mjs';
import { CALL, describeError, LAUNCH_ADVICE, noticeMessage, numberError, TEXT, ZOOM_DOWNLOAD_URL } from './messages.mjs';

const title = (text) => h('h2', { id: 'call-title', text });
const closeButton = (view, text) => h('button', { type: 'button', class: 'button', text, on: { click: view.onClose } });
const primaryButton = (text, onClick) => h('button', { type: 'button', class: 'button primary', text, on: { click: onClick } });
const actions = (...buttons) => h('div', { class: 'actions' }, buttons);

function facts(view) {
  const { callLink, number } = view;
  const country = regionName(callLink.region);
  const rows = [
    country && [CALL.country, country],
    [CALL.dialled, callLink.e164],
    number.trim() !== callLink.international && [CALL.saved, number],
  ].filter(Boolean);
  return h('dl', {}, rows.map(([term, value]) => [h('dt', { text: term }), h('dd', { text: value })]));
}

export const callViews = {
  loading: (view) => [
    title(CALL.title(view.name)),
    h('div', { class: 'placeholder', 'aria-busy': 'true' },
      h('span', { class: 'visually-hidden', text: CALL.checking }),
      h('span', { class: 'skeleton line w30' }), h('span', { class: 'skeleton line w70' }), h('span', { class: 'skeleton line w50' })),
    actions(closeButton(view, TEXT.cancel)),
  ],

  confirm: (view) => {
    const notice = noticeMessage(view.callLink.notice);
    return [
      title(CALL.title(view.name)),
      h('div', { class: 'body' },
        h('div', { class: 'target' },
          h('p', { class: 'muted small', text: CALL.willDial }),
          h('p', { class: 'number', text: view.callLink.international })),
        facts(view),
        notice && messageBox({ tone: 'warning', title: notice.label, detail: notice.detail }),
        view.reconnect && messageBox({ tone: 'info', detail: CALL.reconnectHint })),
      actions(closeButton(view, TEXT.cancel), primaryButton(CALL.call, view.onCall)),
    ];
  },

  refused: (view) => [
    title(CALL.refusedTitle),
    h('div', { class: 'body' },
      h('p', { class: 'number', text: view.number || '—' }),
      messageBox({ tone: 'error', ...pick(numberError(view.callLink.error?.reason)) })),
    actions(closeButton(view, TEXT.close)),
  ],

  notConnected: (view) => [
    title(CALL.notConnectedTitle),
    h('div', { class: 'body' }, h('p', { text: CALL.notConnected })),
    actions(closeButton(view, TEXT.cancel),
      h('a', { class: 'button primary', href: view.context.settingsUrl, text: CALL.openSettings, on: { click: view.onClose } })),
  ],

  failed: (view) => [
    title(CALL.failedTitle),
    h('div', { class: 'body', role: 'alert' },
      messageBox({ tone: 'error', title: view.text, detail: describeError(view.error) })),
    actions(closeButton(view, TEXT.cancel), primaryButton(TEXT.retry, view.onRetry)),
  ],

  launched: (view) => [
    title(CALL.launchedTitle),
    h('div', { class: 'body' },
      h('p', { class: 'number', text: view.callLink?.international ?? view.recorded.call.number }),
      h('p', { class: 'muted', text: CALL.launchedHint }),
      h('div', { class: 'links' },
        h('button', { type: 'button', class: 'button quiet compact', text: CALL.notOpened, on: { click: view.onHelp } }))),
    actions(primaryButton(CALL.done, view.onClose)),
  ],

  help: (view) => [
    title(CALL.helpTitle),
    h('div', { class: 'body' },
      h('p', { text: view.android ? CALL.helpAndroid : CALL.helpLead }),
      !view.android && adviceList(LAUNCH_ADVICE),
      h('p', { class: 'number', text: view.callLink?.international ?? view.recorded.call.number }),
      h('div', { class: 'links' },
        h('button', { type: 'button', class: 'button compact', text: CALL.copy, on: { click: (event) => view.onCopy(event.currentTarget) } }),
        h('a', { class: 'button compact', href: view.recorded.telUri, text: CALL.tel }),
        !view.android && h('button', { type: 'button', class: 'button compact', text: CALL.again, on: { click: view.onAgain } }))),
    actions(closeButton(view, TEXT.close),
      h('a', { class: 'button primary', href: ZOOM_DOWNLOAD_URL, target: '_blank', rel: 'noopener noreferrer', text: CALL.download })),
  ],
};

function pick({ label, detail }) { return { title: label, detail }; }
