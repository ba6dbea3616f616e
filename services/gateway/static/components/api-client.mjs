// SPDX-License-Identifier: Apache-2.0
//
// Client of the gateway's browser API (/v1/projects/{project}/…).
//
// Rules kept here, so that no screen has to repeat them:
//  * every request has a deadline; a request without an answer is an error, never a hang;
//  * every failure is one ApiError (problem+json of RFC 9457, or a transport failure);
//  * only GET is repeated. A write is repeated by the user, with the same requestId,
//    so that the server recognises it as the same effect.

/** Deadlines in milliseconds. The gateway gives reads 8 s and disconnect 20 s. */
export const DEADLINES = Object.freeze({ read: 10_000, write: 15_000, disconnect: 25_000 });

const READ_ATTEMPTS = 3;
const RETRY_BASE_MS = 300;
/** A longer Retry-After is left to the user: a page that waits silently looks broken. */
const RETRY_AFTER_LIMIT_MS = 3_000;
const RETRYABLE_STATUS = new Set([429, 502, 503, 504]);

/**
 * The only error type that leaves this module.
 * `kind`: "problem" (the server answered with an error), "network", "timeout", "aborted",
 * "malformed" (an answer that is not the promised JSON). `status` is 0 unless kind is "problem"
 * or "malformed"; `reason` is the server's UPPER_SNAKE reason or "".
 */
export class ApiError extends Error {
  constructor(kind, fields = {}) {
    super(fields.detail || fields.title || kind);
    this.name = 'ApiError';
    this.kind = kind;
    this.status = fields.status ?? 0;
    this.reason = fields.reason ?? '';
    this.title = fields.title ?? '';
    this.detail = fields.detail ?? '';
    this.requestId = fields.requestId ?? '';
    this.errors = Array.isArray(fields.errors) ? fields.errors : [];
    this.retryAfterSeconds = fields.retryAfterSeconds ?? null;
    /** The whole problem document, extension members included. */
    this.problem = fields.problem ?? {};
    if (fields.cause) this.cause = fields.cause;
  }

  /** The session is missing or has ended. */
  get isSignedOut() { return this.status === 401; }

  /** Somebody else changed the record (its etag no longer fits). */
  get isConflict() { return this.status === 409 || this.status === 412; }

  get isNotFound() { return this.status === 404; }
}

/**
 * A new id for one effect (RFC 4122 v4). Create it when the user states the intention, keep it
 * for every repetition of that intention, and drop it once the server has confirmed it.
 * @returns {string}
 */
export function newRequestId(crypto = globalThis.crypto) {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * Retry-After (RFC 9110 10.2.3) in seconds, or null when absent or unreadable.
 * @param {string|null} value delta-seconds or an HTTP date
 * @param {number} now milliseconds since the epoch
 */
export function parseRetryAfter(value, now = Date.now()) {
  if (!value) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value.trim());
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

/** @param {Response} response of any status but a success @returns {Promise<ApiError>} */
export async function problemFrom(response) {
  let body = {};
  try {
    const parsed = JSON.parse(await response.text());
    if (parsed && typeof parsed === 'object') body = parsed;
  } catch {
    // A proxy in between may answer with HTML; the status alone still says enough.
  }
  return new ApiError('problem', {
    ...body,
    problem: body,
    status: response.status,
    retryAfterSeconds: parseRetryAfter(response.headers.get('retry-after')),
  });
}

async function successFrom(response) {
  if (response.status === 204) return null;
  try {
    return JSON.parse(await response.text());
  } catch (cause) {
    // A connection that breaks inside the body is a transport failure, not a bad answer.
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new ApiError('malformed', { status: response.status, cause });
  }
}

async function readJson(response) {
  if (!response.ok) throw await problemFrom(response);
  return successFrom(response);
}

/**
 * @typedef {object} ApiClientOptions
 * @property {string} project project id
 * @property {string} [baseUrl] origin of the gateway; empty for the page's own origin
 * @property {() => (string|Promise<string>)} [getToken] session JWT; without it the cookie is used
 * @property {typeof fetch} [fetch]
 * @property {typeof setTimeout} [setTimeout]
 * @property {typeof clearTimeout} [clearTimeout]
 * @property {() => number} [random] 0 ≤ x < 1, jitter of the retry delay
 */
export class ApiClient {
  #base;
  #getToken;
  #fetch;
  #setTimeout;
  #clearTimeout;
  #random;

  /** @param {ApiClientOptions} options */
  constructor({ project, baseUrl = '', getToken, ...injected }) {
    if (!project) throw new TypeError('ApiClient: project is required');
    this.project = project;
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    this.#base = `${this.baseUrl}/v1/projects/${encodeURIComponent(project)}`;
    this.#getToken = getToken;
    this.#fetch = injected.fetch ?? ((...args) => globalThis.fetch(...args));
    this.#setTimeout = injected.setTimeout ?? ((...args) => globalThis.setTimeout(...args));
    this.#clearTimeout = injected.clearTimeout ?? ((...args) => globalThis.clearTimeout(...args));
    this.#random = injected.random ?? Math.random;
  }

  getSession(options) { return this.#get('/session', {}, options); }

  /** Name, settings URL, origins and token issuers of the project. For administrators. */
  getProjectSettings(options) { return this.#get('/settings', {}, options); }

  /** Absent members stay as they are. @returns {Promise<object>} the settings as they are now */
  updateProjectSettings(change) { return this.#send('PATCH', '/settings', change); }

  /** The project's Zoom app, without its secrets. For administrators. */
  getZoomApp(options) { return this.#get('/zoomApp', {}, options); }

  /** Absent members stay as they are. @returns {Promise<{zoomApp:object, linksToReconnect:number}>} */
  updateZoomApp(change) { return this.#send('PATCH', '/zoomApp', change); }

  /** @returns {Promise<{result:string, detail:string}>} absent ones stand for what is stored */
  testZoomCredentials({ clientId, clientSecret } = {}) {
    return this.#send('POST', '/zoomApp:testCredentials', present({ clientId, clientSecret }), DEADLINES.disconnect);
  }

  /** The project's API keys, without their texts. For administrators. @returns {Promise<{apiKeys:object[]}>} */
  listApiKeys(options) { return this.#get('/apiKeys', {}, options); }

  /** @returns {Promise<{apiKey:object, text:string}>} the text is told this once */
  createApiKey({ name, scopes, lifetimeDays }) { return this.#send('POST', '/apiKeys', present({ name, scopes, lifetimeDays })); }

  /** @returns {Promise<{apiKey:object, text:string}>} the text is told this once */
  rotateApiKey(apiKeyId, { overlapSeconds }) {
    return this.#send('POST', `/apiKeys/${encodeURIComponent(apiKeyId)}/text:rotate`, { overlapSeconds });
  }

  deleteApiKey(apiKeyId) { return this.#send('DELETE', `/apiKeys/${encodeURIComponent(apiKeyId)}`); }

  /** Where the project's events are sent to. For administrators. @returns {Promise<{webhookEndpoints:object[]}>} */
  listWebhookEndpoints(options) { return this.#get('/webhookEndpoints', {}, options); }

  /** @returns {Promise<{webhookEndpoint:object, secret:string}>} the secret is told this once */
  createWebhookEndpoint({ url, eventTypes }) { return this.#send('POST', '/webhookEndpoints', { url, eventTypes }); }

  /** @returns {Promise<object>} the endpoint */
  updateWebhookEndpoint(webhookEndpointId, { url, eventTypes, enabled }) {
    return this.#send('PATCH', `/webhookEndpoints/${encodeURIComponent(webhookEndpointId)}`, present({ url, eventTypes, enabled }));
  }

  /** @returns {Promise<{webhookEndpoint:object, secret:string}>} the secret is told this once */
  rotateWebhookEndpointSecret(webhookEndpointId, { overlapSeconds }) {
    return this.#send('POST', `/webhookEndpoints/${encodeURIComponent(webhookEndpointId)}/secret:rotate`, { overlapSeconds });
  }

  deleteWebhookEndpoint(webhookEndpointId) { return this.#send('DELETE', `/webhookEndpoints/${encodeURIComponent(webhookEndpointId)}`); }

  /** What was and will be sent, without what it says. @returns {Promise<{webhookDeliveries:object[], nextPageToken:string}>} */
  listWebhookDeliveries(webhookEndpointId, query = {}, options) {
    return this.#get(`/webhookEndpoints/${encodeURIComponent(webhookEndpointId)}/deliveries`, query, options);
  }

  /** Those named, or all that were given up. @returns {Promise<{replayedCount:number}>} */
  replayWebhookDeliveries(webhookEndpointId, { webhookDeliveryIds }) {
    return this.#send('POST', `/webhookEndpoints/${encodeURIComponent(webhookEndpointId)}/deliveries:replay`, present({ webhookDeliveryIds }));
  }

  /** Zoom's webhooks, oldest first, without what they say. For administrators. @returns {Promise<{webhooks:object[], nextPageToken:string}>} */
  listWebhooks(query = {}, options) { return this.#get('/webhooks', query, options); }

  /** @returns {Promise<{replayedCount:number, lastReceiveTime:string|null}>} */
  replayWebhooks({ webhookIds, startTime, endTime, state }) {
    return this.#send('POST', '/webhooks:replay', present({ webhookIds, startTime, endTime, state }));
  }

  getLink(options) { return this.#get('/link', {}, options); }

  /** @returns {Promise<{attemptId:string, connectUrl:string, expireTime:string}>} */
  connect({ reconnect = false } = {}) {
    return this.#send('POST', '/link:connect', { reconnect });
  }

  /** @returns {Promise<{link:object, receipt:object|null}>} state "disconnecting" while it goes on */
  disconnect({ requestId }) {
    return this.#send('POST', '/link:disconnect', { requestId }, DEADLINES.disconnect);
  }

  /** At most 200 numbers. @returns {Promise<{callLinks:object[]}>} in the order of `numbers` */
  buildCallLinks({ defaultRegion, numbers }) {
    const body = defaultRegion ? { defaultRegion, numbers } : { numbers };
    return this.#send('POST', '/callLinks:build', body, DEADLINES.read);
  }

  /** Records a call. @returns {Promise<{call:object, callUri:string, telUri:string, notice:object|null}>} */
  createCall({ requestId, number, defaultRegion, companyId, personId }) {
    return this.#send('POST', '/calls', present({ requestId, number, defaultRegion, companyId, personId }));
  }

  listCalls({ companyId, personId, pageSize, pageToken } = {}, options) {
    return this.#get('/calls', { companyId, personId, pageSize, pageToken }, options);
  }

  getCall(callId, options) { return this.#get(`/calls/${encodeURIComponent(callId)}`, {}, options); }

  updateCall(callId, { outcome, durationSeconds, etag }) {
    return this.#send('PATCH', `/calls/${encodeURIComponent(callId)}`, present({ outcome, durationSeconds, etag }));
  }

  createNote({ requestId, text, companyId, personId, callId }) {
    return this.#send('POST', '/notes', present({ requestId, text, companyId, personId, callId }));
  }

  listNotes({ companyId, personId, callId, pageSize, pageToken } = {}, options) {
    return this.#get('/notes', { companyId, personId, callId, pageSize, pageToken }, options);
  }

  getNote(noteId, options) { return this.#get(`/notes/${encodeURIComponent(noteId)}`, {}, options); }

  updateNote(noteId, { text, etag }) {
    return this.#send('PATCH', `/notes/${encodeURIComponent(noteId)}`, present({ text, etag }));
  }

  deleteNote(noteId) { return this.#send('DELETE', `/notes/${encodeURIComponent(noteId)}`); }

  /**
   * A request of any kind below the project; only GET and HEAD are repeated.
   * @template T
   * @param {string} method
   * @param {string} path with its query
   * @param {{headers?: Record<string,string>, body?: BodyInit, signal?: AbortSignal, deadlineMs?: number,
   *   read: (response: Response) => Promise<T>}} options `read` makes the result of an answer of any
   *   status, or throws an ApiError; a body that it leaves alone is not bound to the deadline
   * @returns {Promise<T>}
   */
  exchange(method, path, { headers = {}, body, signal, deadlineMs = DEADLINES.write, read }) {
    const send = () => this.#exchange(method, this.#base + path, { headers, body, signal, deadlineMs, read });
    return method === 'GET' || method === 'HEAD' ? this.#repeating(send, signal) : send();
  }

  #get(path, query, { signal } = {}) {
    const search = new URLSearchParams(
      Object.entries(present(query)).map(([name, value]) => [name, String(value)]),
    ).toString();
    const url = this.#base + path + (search ? `?${search}` : '');
    return this.#repeating(() => this.#once('GET', url, undefined, DEADLINES.read, signal), signal);
  }

  async #repeating(send, signal) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send();
      } catch (error) {
        const delay = attempt < READ_ATTEMPTS ? this.#retryDelay(error, attempt) : null;
        if (delay === null) throw error;
        await new Promise((resolve) => { this.#setTimeout(resolve, delay); });
        if (signal?.aborted) throw new ApiError('aborted');
      }
    }
  }

  #retryDelay(error, attempt) {
    if (error.kind === 'network' || error.kind === 'timeout') return this.#backoff(attempt);
    if (error.kind !== 'problem' || !RETRYABLE_STATUS.has(error.status)) return null;
    if (error.retryAfterSeconds === null) return this.#backoff(attempt);
    const asked = error.retryAfterSeconds * 1000;
    return asked <= RETRY_AFTER_LIMIT_MS ? Math.max(asked, RETRY_BASE_MS) : null;
  }

  #backoff(attempt) { return RETRY_BASE_MS * 2 ** (attempt - 1) * (1 + this.#random()); }

  #send(method, path, body, deadline = DEADLINES.write) {
    return this.#once(method, this.#base + path, body, deadline);
  }

  #once(method, url, body, deadlineMs, signal) {
    const headers = { accept: 'application/json, application/problem+json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    return this.#exchange(method, url, {
      headers, deadlineMs, signal, body: body === undefined ? undefined : JSON.stringify(body), read: readJson,
    });
  }

  async #exchange(method, url, { headers, body, signal, deadlineMs, read }) {
    if (signal?.aborted) throw new ApiError('aborted');
    const controller = new AbortController();
    const forward = () => controller.abort();
    signal?.addEventListener('abort', forward, { once: true });
    let timedOut = false;
    const timer = this.#setTimeout(() => { timedOut = true; controller.abort(); }, deadlineMs);
    try {
      return await read(await this.#fetch(url, await this.#request(method, headers, body, controller.signal)));
    } catch (cause) {
      if (cause instanceof ApiError) throw cause;
      if (timedOut) throw new ApiError('timeout', { cause });
      if (signal?.aborted) throw new ApiError('aborted', { cause });
      throw new ApiError('network', { cause });
    } finally {
      this.#clearTimeout(timer);
      signal?.removeEventListener('abort', forward);
    }
  }

  async #request(method, headers, body, signal) {
    const token = this.#getToken ? await this.#getToken() : undefined;
    return {
      method,
      headers: token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` },
      body,
      signal,
      cache: 'no-store',
      redirect: 'error',
      credentials: this.#getToken ? 'omit' : this.baseUrl ? 'include' : 'same-origin',
    };
  }
}

function present(fields) {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );
}
