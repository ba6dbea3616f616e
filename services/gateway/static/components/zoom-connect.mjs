// SPDX-License-Identifier: Apache-2.0
//
// @shodan/zoom-connect: a user's Zoom connection for programs of one's own, in browsers and in
// Node.js. README.md has examples; zoom-connect.d.ts the types.
//
// What is kept here: a request that changes something carries a request id, and is repeated only
// when its answer was lost and only under that id, so that Zoom sees it at most once.

import { ApiClient, ApiError, newRequestId, problemFrom } from './api-client.mjs';
import { attemptOutcome, openPopup, safeConnectUrl, takeResult } from './connect-flow.mjs';
import { isCallUri, launch, supportsZoomScheme } from './launcher.mjs';

export { newRequestId, takeResult };

/** Milliseconds for one request to Zoom, and between two looks at a connection. */
const REQUEST_DEADLINE_MS = 70_000;
const ATTEMPT_POLL_MS = 1_000;
const WATCH_POLL_MS = 15_000;
/** Zoom's answers carry it; what lacks it is an answer of the gateway's own. */
const OUTCOME_FIELD = 'shodan-outcome';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
const SAFE_METHODS = new Set(['GET', 'HEAD']);

/** The only error of this module but TypeError, which says that a call was written wrongly. */
export class ZoomConnectError extends Error {
  /** @param {string} reason UPPER_SNAKE @param {object} [fields] see zoom-connect.d.ts */
  constructor(reason, fields = {}) {
    super(fields.detail || reason, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'ZoomConnectError';
    this.reason = reason;
    this.status = fields.status ?? 0;
    this.detail = fields.detail ?? '';
    this.errors = fields.errors ?? [];
    this.requestId = fields.requestId ?? '';
    this.retryAfterSeconds = fields.retryAfterSeconds ?? null;
    this.scopes = fields.scopes ?? [];
    this.zoom = fields.zoom ?? null;
  }
}

const TRANSPORT = { network: 'NETWORK_ERROR', timeout: 'TIMEOUT', aborted: 'ABORTED', malformed: 'MALFORMED_ANSWER' };
const number = (value) => (value === undefined || value === null || Number.isNaN(Number(value)) ? null : Number(value));

/** What a problem document tells of Zoom's answer. */
function zoomOf({ zoomStatus, zoomCode, zoomMessage }) {
  if (zoomStatus === undefined) return null;
  return { status: number(zoomStatus), code: number(zoomCode), message: zoomMessage ?? '', body: null };
}

function translated(error, requestId) {
  if (!(error instanceof ApiError)) return error;
  const { problem } = error;
  return new ZoomConnectError(error.reason || TRANSPORT[error.kind] || `HTTP_${error.status}`, {
    status: error.status, detail: error.detail || error.title, errors: error.errors, requestId: requestId ?? error.requestId,
    retryAfterSeconds: error.retryAfterSeconds, scopes: Array.isArray(problem.scopes) ? problem.scopes : [],
    zoom: zoomOf(problem), cause: error,
  });
}

/** Whether the answer to a request was lost: it may have been carried out. */
const lost = (error) => error instanceof ApiError && (error.kind === 'network' || error.kind === 'timeout');

/** The path below Zoom's API base: a text that is encoded already, or its segments. */
function pathOf(path) {
  const text = Array.isArray(path) ? path.map((segment) => encodeURIComponent(segment)).join('/') : String(path).replace(/^\//, '');
  const segments = text.split('/');
  // A URL parser would take such segments as steps, out of Zoom's API into ours.
  const step = (segment) => segment === '' || /^(?:\.|%2e){1,2}$/i.test(segment);
  if (segments.some(step) || /[^\x21-\x7e]|[?#\\]/.test(text)) {
    throw new TypeError('request: the path is like users/me/meetings: encoded, with no empty or dot segment, its query in `query`; segments of any content go into a list');
  }
  return text;
}

function queryOf(query) {
  if (query === undefined || query === null) return '';
  const pairs = query instanceof URLSearchParams ? [...query] : Object.entries(query)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((item) => [name, item]))
    .filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : '';
}

/** What fetch takes as it is; anything else is sent as JSON. */
function isRawBody(body) {
  return typeof body === 'string' || body instanceof ArrayBuffer || ArrayBuffer.isView(body) || body instanceof URLSearchParams
    || (typeof Blob === 'function' && body instanceof Blob) || (typeof FormData === 'function' && body instanceof FormData);
}

function bodyOf(body, contentType) {
  if (body === undefined || body === null) return { body: undefined, headers: {} };
  if (isRawBody(body)) return { body, headers: contentType ? { 'content-type': contentType } : {} };
  return { body: JSON.stringify(body), headers: { 'content-type': contentType ?? 'application/json' } };
}

async function dataOf(response) {
  if (response.status === 204 || response.status === 205) return null;
  const type = response.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
    const blob = await response.blob();
    return blob.size === 0 ? null : blob;
  }
  const text = await response.text();
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError('malformed', { status: response.status, cause });
  }
}

/** Zoom's refusal, its code and message kept. */
async function zoomError(response, requestId) {
  const body = await dataOf(response).catch(() => null);
  const told = body !== null && typeof body === 'object' && !(typeof Blob === 'function' && body instanceof Blob) ? body : {};
  return new ZoomConnectError('ZOOM_ERROR', {
    status: response.status, detail: typeof told.message === 'string' ? told.message : `Zoom answered ${response.status}.`, requestId,
    zoom: { status: response.status, code: number(told.code), message: typeof told.message === 'string' ? told.message : '', body },
  });
}

/** An answer of Zoom's is a result, a refusal too: nothing of it is sent again. */
function readerOf(requestId, raw) {
  return async (response) => {
    const fromZoom = response.headers.get(OUTCOME_FIELD) === 'zoom';
    if (!fromZoom) throw await problemFrom(response);
    if (raw) return { answer: response };
    if (!response.ok) return { failure: await zoomError(response, requestId) };
    return { answer: { status: response.status, headers: response.headers, data: await dataOf(response), requestId } };
  };
}

const pause = (milliseconds, signal) => new Promise((resolve, reject) => {
  const stop = () => { clearTimeout(timer); reject(new ZoomConnectError('ABORTED')); };
  const timer = setTimeout(() => { signal?.removeEventListener('abort', stop); resolve(); }, milliseconds);
  signal?.addEventListener('abort', stop, { once: true });
});

/** One project's users' connections to Zoom; see zoom-connect.d.ts for the contracts. */
export class ZoomConnect {
  #client;

  constructor({ baseUrl = '', projectId, token, fetch } = {}) {
    if (!projectId) throw new TypeError('ZoomConnect: projectId is required');
    if (!baseUrl && typeof location === 'undefined') throw new TypeError('ZoomConnect: baseUrl is required outside a browser');
    const getToken = token === undefined ? undefined : async () => (typeof token === 'function' ? token() : token);
    this.#client = new ApiClient({ project: projectId, baseUrl, getToken, fetch });
  }

  async status({ signal } = {}) {
    return this.#told(() => this.#client.getLink({ signal }));
  }

  /** A pop-up opens before anything else is done: browsers allow it inside the click only. */
  async connect({ popup = true, redirect = false, open, reconnect = false, signal } = {}) {
    const inPopup = popup && !redirect && !open;
    const shown = inPopup ? openPopup() : null;
    if (inPopup && !shown) throw new ZoomConnectError('POPUP_BLOCKED', { detail: 'The browser did not open a window. Allow pop-ups, or connect with {redirect: true}.' });
    try {
      const attempt = await this.#told(() => this.#client.connect({ reconnect }));
      const url = safeConnectUrl(attempt.connectUrl, this.#client.baseUrl || globalThis.location?.href);
      if (redirect) {
        globalThis.location.assign(url);
        return { ...attempt, connectUrl: url };
      }
      if (shown) shown.go(url);
      else await open(url);
      return await this.#finish(attempt, shown, signal);
    } finally {
      shown?.close();
    }
  }

  /** Looks at the connection until the attempt has ended, the window is closed, or time is up. */
  async #finish(attempt, shown, signal) {
    let ended = null;
    const watched = shown?.ended({ expireTime: attempt.expireTime, signal }).then((how) => { ended = how; });
    for (;;) {
      const before = ended;
      const link = await this.#look(attempt, signal);
      const outcome = link ? attemptOutcome(link, attempt) : { state: 'pending' };
      if (outcome.state === 'ended' && outcome.result === 'connected') return link;
      if (outcome.state === 'ended') throw new ZoomConnectError(outcome.result.toUpperCase(), { detail: `The connection was not made: ${outcome.result}.` });
      if (outcome.state === 'none') throw new ZoomConnectError('SUPERSEDED', { detail: 'Another attempt of the same user was begun.' });
      if (link && before === 'closed') throw new ZoomConnectError('POPUP_CLOSED', { detail: 'The window was closed before Zoom came back.' });
      await Promise.race([pause(ATTEMPT_POLL_MS, signal), ...(watched && ended === null ? [watched] : [])]);
    }
  }

  /** The connection, or null while the way to the gateway is broken and the attempt may still go on. */
  async #look({ expireTime }, signal) {
    try {
      return await this.status({ signal });
    } catch (error) {
      if (['NETWORK_ERROR', 'TIMEOUT'].includes(error.reason) && Date.now() < Date.parse(expireTime)) return null;
      throw error;
    }
  }

  async request(path, { method = 'GET', query, body, contentType, headers, requestId, signal, timeoutMs = REQUEST_DEADLINE_MS, raw = false } = {}) {
    const verb = String(method).toUpperCase();
    if (!METHODS.has(verb)) throw new TypeError(`request: ${method} is no method of Zoom's API`);
    const target = `/zoom/${pathOf(path)}${queryOf(query)}`;
    const content = bodyOf(body, contentType);
    const id = SAFE_METHODS.has(verb) ? undefined : requestId ?? newRequestId();
    const send = () => this.#client.exchange(verb, target, {
      headers: { accept: 'application/json', ...headers, ...content.headers, ...(id ? { 'idempotency-key': id } : {}) },
      body: content.body, signal, deadlineMs: timeoutMs, read: readerOf(id ?? '', raw),
    });
    const { answer, failure } = await this.#told(id ? () => this.#onceMore(send) : send, id);
    if (failure) throw failure;
    return answer;
  }

  async call(number, { region, companyId, personId, requestId = newRequestId(), open, signal } = {}) {
    const recorded = await this.#told(() => this.#onceMore(
      () => this.#client.createCall({ requestId, number: String(number), defaultRegion: region, companyId, personId })), requestId);
    const { call, callUri, telUri, notice } = recorded;
    const zoomScheme = supportsZoomScheme(globalThis.navigator?.userAgent ?? '');
    const uri = zoomScheme ? callUri : telUri;
    if (!isCallUri(uri)) throw new ZoomConnectError('MALFORMED_ANSWER', { detail: 'The gateway answered no call URI.', requestId });
    const outcome = await opened(uri, open, signal);
    return { dialled: call.number, uri, callUri, telUri, notice, call, outcome };
  }

  async disconnect({ requestId = newRequestId() } = {}) {
    return this.#told(() => this.#onceMore(() => this.#client.disconnect({ requestId })), requestId);
  }

  watch(listener, { intervalMs = WATCH_POLL_MS, onError = () => {} } = {}) {
    const controller = new AbortController();
    const { signal } = controller;
    const mark = (link) => JSON.stringify([link.linkId, link.state, link.cause, link.generation, link.missingScopes]);
    const follow = async () => {
      for (let seen; !signal.aborted;) {
        try {
          const link = await this.status({ signal });
          if (!signal.aborted && mark(link) !== seen) listener(link);
          seen = mark(link);
        } catch (error) {
          if (!signal.aborted) onError(error);
        }
        await pause(intervalMs, signal).catch(() => {});
      }
    };
    follow();
    return () => controller.abort();
  }

  /** A request whose answer was lost is sent once more, the same in every byte. */
  async #onceMore(send) {
    try {
      return await send();
    } catch (error) {
      if (!lost(error)) throw error;
      return send();
    }
  }

  async #told(action, requestId) {
    try {
      return await action();
    } catch (error) {
      throw translated(error, requestId);
    }
  }
}

/** @returns {Promise<"opened"|"undetected"|"cancelled"|"not_opened">} */
async function opened(uri, open, signal) {
  if (open === false || (open === undefined && typeof document === 'undefined')) return 'not_opened';
  if (typeof open === 'function') {
    await open(uri);
    return 'opened';
  }
  return launch(uri, { signal });
}
