// SPDX-License-Identifier: Apache-2.0
//
// State of the fake gateway: links, attempts, calls, notes, idempotency. In memory, one instance
// per server.

import { createHash, randomUUID } from 'node:crypto';

/** Demo users of the sign-in page. */
export const USERS = Object.freeze([
  { userId: 'demo-sales', displayName: 'Demo Sales', roles: [] },
  { userId: 'demo-admin', displayName: 'Demo Admin', roles: ['admin'] },
]);

/** An answer that is a problem. */
export class Problem extends Error {
  constructor(status, reason, detail, { errors, retryAfterSeconds } = {}) {
    super(detail);
    Object.assign(this, { status, reason, detail, errors, retryAfterSeconds });
  }
}

export const invalid = (field, reason, detail) => new Problem(400, 'INVALID_FIELD', `${field}: ${detail}`, { errors: [{ field, reason, detail: `${field}: ${detail}` }] });

const OUTCOMES = new Set(['unspecified', 'connected', 'missed', 'busy', 'voicemail', 'failed']);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ATTEMPT_S = 600;
const TICKET_S = 60;
const backupsReadableMs = 14 * 86_400_000;

export class FakeStore {
  #links = new Map();
  #records = { call: new Map(), note: new Map() };
  #effects = new Map();
  #order = 0;

  /** @param {{now:() => number}} options milliseconds since the epoch */
  constructor({ now }) {
    this.now = now;
    this.attempts = new Map();
    this.receipts = new Map();
  }

  #time() { return new Date(this.now()).toISOString(); }

  // --- links ------------------------------------------------------------------------------

  link(projectId, userId) {
    const key = `${projectId}|${userId}`;
    if (!this.#links.has(key)) {
      this.#links.set(key, {
        projectId, userId, linkId: null, state: 'none', cause: null, generation: 0, connectTime: null, updateTime: null,
        zoomAccount: null, missingScopes: [], lastAttempt: null,
      });
    }
    const link = this.#links.get(key);
    const attempt = this.attempts.get(link.lastAttempt?.attemptId);
    if (attempt?.state === 'pending' && this.now() >= Date.parse(attempt.expireTime)) this.endAttempt(attempt, 'expired');
    return link;
  }

  setLink(projectId, userId, fields) {
    const link = this.link(projectId, userId);
    return Object.assign(link, { linkId: link.linkId ?? randomUUID() }, fields, { updateTime: this.#time() });
  }

  startAttempt(projectId, userId, reconnect, lifetimes = {}) {
    const link = this.link(projectId, userId);
    if (link.state === 'active' && !reconnect) throw new Problem(409, 'LINK_ALREADY_ACTIVE', 'link: is active; send reconnect true to renew it');
    if (link.state === 'disconnecting') throw new Problem(409, 'LINK_DISCONNECTING', 'link: is being disconnected; try again in a minute');
    const now = this.now();
    const attempt = {
      attemptId: randomUUID(), projectId, userId, reconnect, ticket: randomUUID(), state: 'pending', result: null,
      ticketExpires: now + TICKET_S * 1000, expireTime: new Date(now + (lifetimes.attemptSeconds ?? ATTEMPT_S) * 1000).toISOString(),
      zoomState: randomUUID(), cookie: randomUUID(),
    };
    this.attempts.set(attempt.attemptId, attempt);
    link.lastAttempt = { attemptId: attempt.attemptId, state: 'pending', result: null, createTime: this.#time(), endTime: null };
    return attempt;
  }

  endAttempt(attempt, result) {
    if (attempt.state !== 'pending') return attempt.result;
    attempt.state = result === 'connected' ? 'succeeded' : 'failed';
    attempt.result = result;
    const link = this.link(attempt.projectId, attempt.userId);
    if (link.lastAttempt?.attemptId === attempt.attemptId) {
      Object.assign(link.lastAttempt, { state: attempt.state, result, endTime: this.#time() });
    }
    return result;
  }

  /** What the gateway decides when Zoom returns a code for this account. */
  completeAttempt(attempt, account, missingScopes = []) {
    if (attempt.state !== 'pending') return attempt.result;
    const link = this.link(attempt.projectId, attempt.userId);
    const other = link.state === 'active' && link.zoomAccount?.email !== account.email;
    if (other) return this.endAttempt(attempt, attempt.reconnect ? 'different_account' : 'other_account_connected');
    for (const rival of this.#links.values()) {
      if (rival !== link && rival.zoomAccount?.email === account.email) this.#end(rival, 'taken_over');
    }
    Object.assign(link, {
      linkId: link.linkId ?? randomUUID(), state: 'active', cause: null, generation: link.generation + 1, connectTime: this.#time(), updateTime: this.#time(),
      zoomAccount: { ...account }, missingScopes,
    });
    return this.endAttempt(attempt, 'connected');
  }

  /** @returns {object} the receipt; the link is "disconnecting" until finishDisconnect when `later` */
  disconnect(projectId, userId, { revokedAtZoom, later, cause = 'disconnected' }) {
    const link = this.link(projectId, userId);
    if (!link.linkId) throw new Problem(404, 'LINK_NOT_FOUND', 'link: was never connected');
    const startTime = this.#time();
    if (link.state !== 'none') this.#end(link, cause, later ? 'disconnecting' : 'none');
    const backupsUnreadableTime = later ? null : new Date(Date.parse(startTime) + backupsReadableMs).toISOString();
    return { linkId: link.linkId, generation: link.generation, startTime, endTime: later ? null : this.#time(), revokedAtZoom, backupsUnreadableTime };
  }

  finishDisconnect(projectId, userId) {
    const link = this.link(projectId, userId);
    if (link.state === 'disconnecting') this.setLink(projectId, userId, { state: 'none' });
  }

  #end(link, cause, state = 'none') {
    Object.assign(link, {
      state, cause, generation: link.generation + 1, zoomAccount: null, connectTime: null, missingScopes: [], updateTime: this.#time(),
    });
  }

  // --- idempotency ------------------------------------------------------------------------

  /** Runs `effect` once per (owner, requestId); another body under the same id is a conflict. */
  once(owner, requestId, fingerprint, effect) {
    if (typeof requestId !== 'string' || !UUID.test(requestId)) throw invalid('requestId', 'INVALID_UUID', 'must be a UUID');
    const key = `${owner}|${requestId}`;
    const hash = createHash('sha256').update(JSON.stringify(fingerprint)).digest('hex');
    const known = this.#effects.get(key);
    if (known && known.hash !== hash) throw new Problem(409, 'REQUEST_ID_REUSED', 'requestId: was used for another request');
    if (known) return known.answer;
    const answer = effect();
    this.#effects.set(key, { hash, answer });
    return answer;
  }

  // --- calls and notes --------------------------------------------------------------------

  add(kind, owner, fields) {
    const id = randomUUID();
    const time = fields.createTime ?? this.#time();
    const record = { [`${kind}Id`]: id, ...fields, createTime: time, updateTime: time, etag: newEtag() };
    this.#records[kind].set(id, { owner, order: ++this.#order, record });
    return { ...record };
  }

  get(kind, owner, id) {
    const entry = this.#records[kind].get(id);
    if (!entry || entry.owner !== owner) throw new Problem(404, `${kind.toUpperCase()}_NOT_FOUND`, `${kind}: does not exist`);
    return entry.record;
  }

  update(kind, owner, id, fields, etag) {
    const record = this.get(kind, owner, id);
    if (etag && etag !== record.etag) throw new Problem(409, 'ETAG_MISMATCH', 'etag: the record was changed in the meantime; read it again');
    Object.assign(record, fields, { updateTime: this.#time(), etag: newEtag() });
    return { ...record };
  }

  remove(kind, owner, id) {
    this.get(kind, owner, id);
    this.#records[kind].delete(id);
  }

  list(kind, owner, { companyId, personId, callId, pageSize, pageToken }) {
    const size = pageSize === undefined ? 25 : Number(pageSize);
    if (!Number.isInteger(size) || size < 1 || size > 100) throw invalid('pageSize', 'OUT_OF_RANGE', 'must be between 1 and 100');
    const before = pageToken ? Number(Buffer.from(pageToken, 'base64url').toString()) : Infinity;
    if (!(before > 0)) throw invalid('pageToken', 'INVALID_PAGE_TOKEN', 'is not a page token of this list');
    const entries = [...this.#records[kind].values()]
      .filter((entry) => entry.owner === owner && entry.order < before)
      .filter(({ record }) => matches(record, { companyId, personId, callId: kind === 'note' ? callId : '' }))
      .sort((a, b) => b.order - a.order);
    const page = entries.slice(0, size);
    const nextPageToken = entries.length > size ? Buffer.from(String(page[page.length - 1].order)).toString('base64url') : '';
    return { items: page.map(({ record }) => ({ ...record })), nextPageToken };
  }

  count(kind, owner) { return [...this.#records[kind].values()].filter((entry) => entry.owner === owner).length; }
}

function matches(record, filter) {
  return Object.entries(filter).every(([name, value]) => !value || record[name] === value);
}

function newEtag() { return createHash('sha256').update(randomUUID()).digest('base64url').slice(0, 16); }

export function checkOutcome(outcome) {
  if (!OUTCOMES.has(outcome)) throw invalid('outcome', 'UNKNOWN_VALUE', `must be one of ${[...OUTCOMES].join(', ')}`);
}

export function checkText(text) {
  const length = typeof text === 'string' ? [...text].length : 0;
  if (length < 1 || length > 10_000) throw invalid('text', 'OUT_OF_RANGE', 'must have 1 to 10000 characters');
}
