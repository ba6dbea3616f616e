// SPDX-License-Identifier: Apache-2.0
//
// <zoom-phone-integration>: the Zoom Phone card of Settings → Integrations.
//
//   <script type="module" src="/components/zoom-phone-integration.mjs"></script>
//   <zoom-phone-integration project="demo"></zoom-phone-integration>
//
// Attributes
//   project   project id (or configureZoomPhone)
//   base-url  origin of the gateway; empty for the page's own
//   mode      "redirect" (default): this window goes to Zoom and comes back to the settings URL;
//             "popup": Zoom opens in a window of its own (falls back to redirect when blocked)
// Events (bubbling, composed)
//   zoom-link-change  detail: {link}, after every status read
//
// The status shown is always the API's. ?zoom_result=… only selects a message, is shown once and
// is removed from the URL.

import { newRequestId } from './api-client.mjs';
import { AttemptMemory, attemptOutcome, openPopup, reportFromPopup, safeConnectUrl, takeResult } from './connect-flow.mjs';
import { contextOf } from './context.mjs';
import { define, h, icon } from './dom.mjs';
import { confirmDialog, messageBox, setBusy } from './feedback.mjs';
import { aboutSection, backupsNote, disconnectConfirmation, removalHelp, statusBadge, statusBody } from './integration-view.mjs';
import { integrationSheet } from './integration-styles.mjs';
import {
  describeError, DISCONNECTED, DISCONNECT_DIALOG, DISCONNECT_FAILED_ADVICE, resultMessage, SYSTEM_ERROR_ADVICE, TEXT,
} from './messages.mjs';
import { baseSheet, controlSheet, dialogSheet, feedbackSheet } from './styles.mjs';

const DISCONNECT_POLL_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const ATTEMPT_POLL_MS = 5_000;
const STALE_MS = 30_000;

export class ZoomPhoneIntegration extends HTMLElement {
  #context = null;
  #lifetime = null;
  #memory = null;
  #parts = null;
  #timers = new Map();
  #connecting = false;
  #disconnecting = false;
  #disconnectRequestId = null;
  #polls = 0;
  #awaitingReceipt = false;
  #loadFailure = null;

  connectedCallback() {
    this.#context = contextOf(this);
    this.#memory = new AttemptMemory(sessionStorageOrNone());
    this.#lifetime = new AbortController();
    if (!this.#parts) this.#build();
    const { signal } = this.#lifetime;
    this.#context.link.addEventListener('change', () => this.#onLink(), { signal });
    document.addEventListener('visibilitychange', () => this.#onVisible(), { signal });
    // A page restored from the back/forward cache shows what was true before it left for Zoom.
    window.addEventListener('pageshow', (event) => { if (event.persisted) this.#resume(); }, { signal });
    this.#start();
  }

  disconnectedCallback() {
    this.#lifetime?.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #build() {
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [baseSheet, controlSheet, feedbackSheet, dialogSheet, integrationSheet];
    const parts = {
      badge: h('span', { class: 'badge waiting', text: '\u00a0' }),
      result: h('div', { class: 'result', role: 'status', tabindex: '-1' }),
      body: h('div', { class: 'body' }),
      about: aboutSection(),
    };
    parts.card = h('section', { class: 'card', 'aria-labelledby': 'title', 'aria-busy': 'true' },
      h('header', {},
        h('span', { class: 'logo' }, icon('phone')),
        h('div', { class: 'heading' },
          h('h2', { id: 'title', text: TEXT.integrationName }),
          h('p', { class: 'muted', text: TEXT.description })),
        parts.badge),
      parts.result, parts.body, parts.about);
    root.append(parts.card);
    this.#parts = parts;
  }

  async #start() {
    const { code, cleaned } = takeResult(location.href);
    if (cleaned !== null) {
      history.replaceState(history.state, '', cleaned);
      this.#memory.forget();
      reportFromPopup();
    }
    this.#render();
    const link = await this.#refresh();
    if (link && code) this.#showReturn(code, link);
    else if (link) this.#followAttempt();
  }

  /** A success is claimed only when the API agrees; anybody can write a URL. */
  #showReturn(code, link) {
    if (code === 'connected' && link.state !== 'active') return;
    this.#showResult(code);
  }

  async #refresh() {
    try {
      const link = await this.#context.link.refresh();
      this.#loadFailure = null;
      return link;
    } catch (error) {
      this.#context.noticeError(error);
      this.#loadFailure = error;
      this.#render();
      return null;
    }
  }

  #onLink() {
    const link = this.#context.link.value;
    this.#loadFailure = null;
    this.#render();
    this.dispatchEvent(new CustomEvent('zoom-link-change', { detail: { link }, bubbles: true, composed: true }));
    if (link.state === 'disconnecting') this.#pollDisconnect();
    else {
      this.#polls = 0;
      if (link.state === 'none' && this.#awaitingReceipt) this.#showDisconnected(null);
    }
  }

  #onVisible() {
    if (document.visibilityState !== 'visible') return;
    this.#context.link.get({ maxAgeMs: STALE_MS }).catch((error) => this.#context.noticeError(error));
  }

  async #resume() {
    this.#connecting = false;
    if (await this.#refresh()) this.#followAttempt();
  }

  // --- connecting -------------------------------------------------------------------------

  async #connect(button) {
    if (this.#connecting) return;
    this.#connecting = true;
    const popup = this.getAttribute('mode') === 'popup' ? openPopup() : null;
    setBusy(button, true, TEXT.openingZoom);
    try {
      const { client } = this.#context;
      // Only an active link is bound to its Zoom account. A connection that has died may be
      // replaced with another account, or its user could not get out of it.
      const reconnect = this.#context.link.value?.state === 'active';
      const attempt = await client.connect({ reconnect });
      const url = safeConnectUrl(attempt.connectUrl, client.baseUrl || location.href);
      this.#memory.remember(attempt);
      if (!popup) {
        location.assign(url);
        return;
      }
      popup.go(url);
      this.#clearResult();
      this.#render();
      await popup.ended({ expireTime: attempt.expireTime, signal: this.#lifetime.signal });
      this.#connecting = false;
      await this.#finishPopup(attempt);
    } catch (error) {
      popup?.close();
      this.#connecting = false;
      await this.#connectFailed(error);
    }
  }

  async #finishPopup(attempt) {
    if (this.#lifetime.signal.aborted) return;
    const link = await this.#refresh();
    if (!link) return;
    const outcome = attemptOutcome(link, attempt);
    if (outcome.state === 'ended') {
      this.#memory.forget();
      this.#showResult(outcome.result, { focus: true });
    } else {
      this.#showResult('cancelled', { focus: true });
      this.#watchAttempt(attempt);
    }
  }

  async #connectFailed(error) {
    this.#context.noticeError(error);
    // Somebody connected in another tab: the status read again is the answer.
    if (error.reason === 'LINK_ALREADY_ACTIVE' && (await this.#refresh())?.state === 'active') return;
    this.#render();
    const transport = error.kind !== 'problem' || error.status >= 500;
    this.#showMessage({
      tone: 'error',
      title: resultMessage('system_error').title,
      detail: transport ? resultMessage('system_error').detail : describeError(error),
      advice: SYSTEM_ERROR_ADVICE,
    }, { focus: true });
  }

  /** After a return without a result (the Back button, a closed tab): is the attempt still open? */
  #followAttempt() {
    const attempt = this.#memory.read();
    const outcome = attemptOutcome(this.#context.link.value, attempt);
    if (outcome.state === 'pending') {
      this.#showMessage({ tone: 'info', detail: TEXT.attemptOpen });
      this.#watchAttempt(attempt);
    } else if (attempt) {
      this.#memory.forget();
      if (outcome.state === 'ended') this.#showReturn(outcome.result, this.#context.link.value);
    }
  }

  #watchAttempt(attempt) {
    const left = Date.parse(attempt.expireTime) - Date.now();
    this.#later('attempt', Math.min(ATTEMPT_POLL_MS, Math.max(left, 0) + 500), async () => {
      if (this.#connecting || this.#memory.read()?.attemptId !== attempt.attemptId) return;
      const link = await this.#refresh();
      const outcome = link ? attemptOutcome(link, attempt) : { state: 'pending' };
      if (outcome.state === 'ended') {
        this.#memory.forget();
        this.#showResult(outcome.result);
      } else if (outcome.state === 'pending') this.#watchAttempt(attempt);
    });
  }

  // --- disconnecting ----------------------------------------------------------------------

  async #askDisconnect() {
    if (this.#disconnecting) return;
    const confirmed = await confirmDialog(this.shadowRoot, {
      title: DISCONNECT_DIALOG.title, body: disconnectConfirmation(), confirm: TEXT.disconnect, danger: true,
    });
    if (confirmed) await this.#disconnect();
  }

  async #disconnect() {
    this.#disconnecting = true;
    this.#disconnectRequestId ??= newRequestId();
    this.#clearResult();
    this.#render();
    try {
      const { link, receipt } = await this.#context.client.disconnect({ requestId: this.#disconnectRequestId });
      this.#disconnectRequestId = null;
      this.#disconnecting = false;
      this.#disconnectAccepted(link, receipt);
    } catch (error) {
      this.#disconnecting = false;
      await this.#disconnectFailed(error);
    }
  }

  #disconnectAccepted(link, receipt) {
    this.#memory.forget();
    this.#awaitingReceipt = link.state === 'disconnecting';
    this.#context.link.set(link);
    if (!this.#awaitingReceipt) this.#showDisconnected(receipt);
    this.#parts.result.focus();
  }

  /** An answer can be lost after the effect: only the status says whether it failed. */
  async #disconnectFailed(error) {
    this.#context.noticeError(error);
    const link = await this.#refresh();
    if (link?.state === 'none' || link?.state === 'disconnecting') {
      this.#disconnectRequestId = null;
      this.#disconnectAccepted(link, null);
      return;
    }
    this.#render();
    this.#showMessage({
      tone: 'error',
      title: 'Failed to Disconnect Integration',
      detail: describeError(error),
      advice: DISCONNECT_FAILED_ADVICE,
      extra: [h('button', { type: 'button', class: 'button compact', text: TEXT.retry, on: { click: () => { this.#disconnect(); } } })],
    }, { focus: true });
  }

  #pollDisconnect() {
    this.#awaitingReceipt = true;
    const delay = DISCONNECT_POLL_MS[Math.min(this.#polls, DISCONNECT_POLL_MS.length - 1)];
    this.#polls += 1;
    this.#later('disconnect', delay, async () => {
      // A failed read raises no "change": keep asking, the erasure goes on regardless.
      if (!(await this.#refresh())) this.#pollDisconnect();
    });
  }

  #showDisconnected(receipt) {
    this.#awaitingReceipt = false;
    const confirmed = receipt?.revokedAtZoom === 'yes';
    this.#showMessage({
      tone: confirmed ? 'success' : 'warning',
      title: DISCONNECTED.title,
      detail: DISCONNECTED.detail,
      extra: [backupsNote(receipt?.backupsUnreadableTime), removalHelp(confirmed)],
    });
  }

  // --- display ----------------------------------------------------------------------------

  #showResult(code, options) {
    const message = resultMessage(code, { reconnect: this.#context.link.value?.state !== 'none' });
    if (message) this.#showMessage(message, options);
  }

  #showMessage(message, { focus = false } = {}) {
    this.#parts.result.replaceChildren(messageBox({ ...message, onDismiss: () => this.#clearResult({ moveFocus: true }) }));
    if (focus) this.#parts.result.focus();
  }

  #clearResult({ moveFocus = false } = {}) {
    this.#parts.result.replaceChildren();
    if (moveFocus) (this.#parts.body.querySelector('button') ?? this.#parts.result).focus();
  }

  #render() {
    const link = this.#context.link.value;
    const { card, badge, body, about } = this.#parts;
    // Shown once the height above it is known.
    about.hidden = !link && !this.#loadFailure;
    card.setAttribute('aria-busy', String(!link && !this.#loadFailure));
    statusBadge(badge, link, this.#loadFailure);
    const focused = this.shadowRoot.activeElement;
    const hadFocus = body.contains(focused);
    body.replaceChildren(...statusBody({
      link,
      failure: link ? null : this.#loadFailure,
      connecting: this.#connecting,
      disconnecting: this.#disconnecting,
      onConnect: (event) => { this.#connect(event.currentTarget); },
      onDisconnect: () => { this.#askDisconnect(); },
      onRetry: () => { this.#loadFailure = null; this.#render(); this.#refresh(); },
    }));
    if (hadFocus) {
      const buttons = [...body.querySelectorAll('button')];
      (buttons.find((button) => button.textContent === focused.textContent) ?? buttons[0] ?? this.#parts.result).focus();
    }
  }

  #later(name, delay, run) {
    clearTimeout(this.#timers.get(name));
    this.#timers.set(name, setTimeout(run, delay));
  }
}

function sessionStorageOrNone() {
  try { return window.sessionStorage; } catch { return undefined; }
}

define('zoom-phone-integration', ZoomPhoneIntegration);
