// SPDX-License-Identifier: Apache-2.0
//
// Starting a connection to Zoom, in this window or in a pop-up, and noticing how it ended. What
// the URL or another window says is only a reason to look: the status itself always comes from
// the API.

import { RESULT_CODES } from './messages.mjs';

const ATTEMPT_KEY = 'shodan-zoom-attempt';
const POPUP_NAME = 'shodan-zoom-connect';
const POPUP_KEY = 'shodan-zoom-popup';
const CHANNEL = 'shodan-zoom-connect';
const POPUP_CHECK_MS = 400;

/**
 * Takes the result code off a URL.
 * @param {string} href
 * @returns {{code:string|null, cleaned:string|null}} `cleaned` is null when there is nothing to
 *   clean; `code` is null for anything outside the closed list
 */
export function takeResult(href) {
  const url = new URL(href);
  if (!url.searchParams.has('zoom_result')) return { code: null, cleaned: null };
  const given = url.searchParams.get('zoom_result');
  url.searchParams.delete('zoom_result');
  return { code: RESULT_CODES.includes(given) ? given : null, cleaned: url.pathname + url.search + url.hash };
}

/** Only http(s) may be opened as the connect page, whatever the answer contains. */
export function safeConnectUrl(connectUrl, base) {
  const url = new URL(connectUrl, base);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('connectUrl: not an http(s) URL');
  return url.href;
}

/** Remembers the attempt of this tab until its end was seen. */
export class AttemptMemory {
  #storage;

  /** @param {Storage} [storage] session storage; without it (blocked by the user) nothing is kept */
  constructor(storage) { this.#storage = storage; }

  remember({ attemptId, expireTime }) {
    try { this.#storage?.setItem(ATTEMPT_KEY, JSON.stringify({ attemptId, expireTime })); } catch { /* storage is full or blocked: only the hint is lost */ }
  }

  /** @returns {{attemptId:string, expireTime:string}|null} */
  read() {
    try {
      const value = JSON.parse(this.#storage?.getItem(ATTEMPT_KEY) ?? 'null');
      return value?.attemptId ? value : null;
    } catch {
      return null;
    }
  }

  forget() {
    try { this.#storage?.removeItem(ATTEMPT_KEY); } catch { /* as above */ }
  }
}

/**
 * How a remembered attempt stands, from the Link the API returned.
 * @returns {{state:"none"}|{state:"pending", expiresInMs:number}|{state:"ended", result:string}}
 */
export function attemptOutcome(link, attempt, now = Date.now()) {
  const last = link?.lastAttempt;
  if (!attempt || last?.attemptId !== attempt.attemptId) return { state: 'none' };
  if (last.state === 'pending') {
    const expiresInMs = Date.parse(attempt.expireTime) - now;
    return expiresInMs > 0 ? { state: 'pending', expiresInMs } : { state: 'ended', result: 'expired' };
  }
  if (last.state === 'succeeded') return { state: 'ended', result: 'connected' };
  return { state: 'ended', result: RESULT_CODES.includes(last.result) ? last.result : 'system_error' };
}

/**
 * A pop-up has to be opened inside the click, before the attempt exists; it stays empty until
 * `go`. Returns null when the browser blocked it.
 */
export function openPopup(view = globalThis.window) {
  const left = Math.max(0, Math.round((view.screenX ?? 0) + ((view.outerWidth ?? 0) - 540) / 2));
  const popup = view.open('', POPUP_NAME, `popup,width=540,height=720,left=${left},top=80`);
  if (!popup) return null;
  // Zoom's pages may cut the tie between the two windows (COOP), and the window's name with it: this mark stays.
  try { popup.sessionStorage.setItem(POPUP_KEY, 'yes'); } catch { /* storage is blocked: the window then stays open */ }
  return {
    go(url) { popup.location.replace(url); },
    close() { popup.close(); },
    /**
     * "returned" when the pop-up reports that it came back, "closed" when it is gone, "expired".
     * A page that isolates itself (COOP) looks closed too; the caller keeps watching the API, so
     * that a success is still seen, and a window that comes back after that is still closed.
     */
    ended({ expireTime, signal, now = () => Date.now() }) {
      return new Promise((resolve) => {
        const channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(CHANNEL) : null;
        const finish = (how) => {
          clearInterval(timer);
          if (how !== 'closed') channel?.close();
          resolve(how);
        };
        const timer = setInterval(() => {
          if (popup.closed) finish('closed');
          else if (now() >= Date.parse(expireTime)) { popup.close(); finish('expired'); }
        }, POPUP_CHECK_MS);
        if (channel) {
          channel.onmessage = ({ data }) => {
            if (data !== 'returned') return;
            channel.postMessage('close');
            finish('returned');
          };
        }
        signal?.addEventListener('abort', () => { channel?.close(); finish('closed'); }, { once: true });
      });
    },
  };
}

/**
 * In the window that came back from Zoom: when it is the pop-up, tells the page that opened it
 * and closes. If nobody answers, the window stays and shows the result itself.
 */
export function reportFromPopup(view = globalThis.window) {
  if (!takeMark(view) || typeof BroadcastChannel !== 'function') return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => { if (data === 'close') { channel.close(); view.close(); } };
  channel.postMessage('returned');
}

function takeMark(view) {
  try {
    const marked = view.sessionStorage.getItem(POPUP_KEY) !== null;
    view.sessionStorage.removeItem(POPUP_KEY);
    return marked;
  } catch {
    return false;
  }
}
