// SPDX-License-Identifier: Apache-2.0
// What Zoom's host saw: each API request exactly as it came, and each request for a path that nobody should ask for.
import { createHash } from 'node:crypto';
import { secret } from './ledger.mjs';

/** Paths of people, operators and OAuth clients; a Bearer token has no business there. */
const ELSEWHERE = /^\/((_control|_assets|oauth|signin|j|s|w|meeting|\.well-known|favicon\.ico)(\/|$)|$)/;

const HEADERS = ['host', 'accept', 'accept-encoding', 'content-length', 'content-type', 'cookie', 'expect', 'transfer-encoding', 'user-agent'];

/** @returns whether a request is recorded */
export function isRecorded(sim, { path, headers }) {
  if (!ELSEWHERE.test(path)) return true;
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return bearer !== undefined && bearer !== sim.controlToken;
}

/** Reads a body piece by piece: its length, its digest, and its first bytes. */
export class BodyRecord {
  #digest = createHash('sha256');
  #kept = [];
  length = 0;
  complete = false;

  /** @param most bytes that are kept */
  constructor(most) {
    this.most = most;
  }

  add(piece) {
    this.length += piece.length;
    this.#digest.update(piece);
    if (this.length <= this.most) this.#kept.push(piece);
    else this.#kept = [];
  }

  /** The whole body, or null when it is longer than what is kept. */
  get bytes() {
    return this.length <= this.most ? Buffer.concat(this.#kept) : null;
  }

  get sha256() {
    return this.#digest.copy().digest('hex');
  }
}

/**
 * Writes a request into the ledger, whole or broken off.
 * @returns what was seen, without the token: what the switch `echo` answers
 */
export function recordRequest(sim, context, record) {
  const mark = context.url.indexOf('?');
  const seen = {
    method: context.method,
    path: context.path,
    query: mark < 0 ? null : context.url.slice(mark + 1),
    host: context.headers.host ?? null,
    headers: Object.fromEntries(HEADERS.filter((name) => name in context.headers).map((name) => [name, context.headers[name]])),
    header_names: Object.keys(context.headers).sort(),
    body_length: record.length,
    body_sha256: record.sha256,
    complete: record.complete,
  };
  const bearer = /^Bearer +(\S+)$/i.exec(context.headers.authorization ?? '')?.[1];
  // The digest only: a token is long, and there may be very many requests.
  const { presented_access_token_sha256: digest = null } = secret('presented_access_token', bearer);
  sim.ledger.append('request_seen', { request_id: context.requestId, ...seen, presented_access_token_sha256: digest });
  return seen;
}
