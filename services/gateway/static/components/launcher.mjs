// SPDX-License-Identifier: Apache-2.0
//
// Hands a call URI to the operating system and watches whether an app took it.
//
// Browsers offer no way to ask whether a custom scheme has a handler. What can be seen is the
// page losing focus or visibility when an app (or the browser's own question) comes forward. So
// the answer is "opened" or "undetected", never a claim that the app is missing: a slow start
// looks the same.

/** Long enough for a cold start of the Zoom client to take the focus, in milliseconds. */
export const DETECTION_MS = 2_500;

const LAUNCHABLE = /^(?:zoomphonecall:\/\/|callto:|tel:)/;

/**
 * True when the string may be handed to the operating system: one of the call schemes, without
 * white space or control characters.
 * @param {unknown} uri
 */
export function isCallUri(uri) {
  return typeof uri === 'string' && LAUNCHABLE.test(uri) && !/[\s\u0000-\u001f\u007f]/.test(uri);
}

/**
 * Zoom's clients for Android do not register zoomphonecall:, so a launch there can only fail.
 * @param {string} userAgent
 */
export function supportsZoomScheme(userAgent) {
  return !/\bAndroid\b/i.test(userAgent);
}

/**
 * Assigning the string keeps the "+" and the digits as they are. A URL object would rewrite the
 * host of a custom scheme, and window.open would leave an empty tab behind.
 */
function defaultNavigate(uri) {
  globalThis.location.href = uri;
}

/**
 * Launches `uri` exactly as given and resolves once:
 *  "opened"     the page lost focus or visibility;
 *  "undetected" the page is still visible and focused after `timeoutMs`;
 *  "cancelled"  `signal` was aborted (the dialog was closed).
 * Rejects with TypeError for a string that is not a call URI; nothing is launched then.
 *
 * @param {string} uri
 * @param {object} [environment] injected in tests
 * @param {(uri: string) => void} [environment.navigate]
 * @param {EventTarget} [environment.window]
 * @param {Document} [environment.document]
 * @param {typeof setTimeout} [environment.setTimeout]
 * @param {typeof clearTimeout} [environment.clearTimeout]
 * @param {number} [environment.timeoutMs]
 * @param {AbortSignal} [environment.signal]
 * @returns {Promise<"opened"|"undetected"|"cancelled">}
 */
export async function launch(uri, environment = {}) {
  if (!isCallUri(uri)) throw new TypeError('launch: not a call URI');
  const {
    navigate = defaultNavigate,
    window: view = globalThis.window,
    document: page = globalThis.document,
    setTimeout: startTimer = (...args) => globalThis.setTimeout(...args),
    clearTimeout: stopTimer = (...args) => globalThis.clearTimeout(...args),
    timeoutMs = DETECTION_MS,
    signal,
  } = environment;
  if (signal?.aborted) return 'cancelled';

  return new Promise((resolve) => {
    let timer;
    const finish = (outcome) => {
      stopTimer(timer);
      view.removeEventListener('blur', onLeave);
      view.removeEventListener('pagehide', onLeave);
      page.removeEventListener('visibilitychange', onVisibility);
      signal?.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onLeave = () => finish('opened');
    const onVisibility = () => { if (page.visibilityState === 'hidden') finish('opened'); };
    const onAbort = () => finish('cancelled');

    view.addEventListener('blur', onLeave);
    view.addEventListener('pagehide', onLeave);
    page.addEventListener('visibilitychange', onVisibility);
    signal?.addEventListener('abort', onAbort);
    timer = startTimer(() => {
      const stillHere = page.visibilityState === 'visible' && page.hasFocus();
      finish(stillHere ? 'undetected' : 'opened');
    }, timeoutMs);
    try {
      navigate(uri);
    } catch {
      // Some browsers throw for a scheme without a handler instead of ignoring it.
      finish('undetected');
    }
  });
}
