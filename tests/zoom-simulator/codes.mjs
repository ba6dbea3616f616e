// SPDX-License-Identifier: Apache-2.0
// Authorization codes: issued, checked, used up.
import { createHash } from 'node:crypto';
import { secret } from './ledger.mjs';
import { newCode } from './tokens.mjs';

const keyOf = (clientId, userId) => `${clientId}\n${userId}`;

/** Sets of records by their (client_id, user_id). */
export class SetsByOwner {
  #sets = new Map();

  add(record) {
    const key = keyOf(record.client_id, record.user_id);
    if (!this.#sets.has(key)) this.#sets.set(key, new Set());
    this.#sets.get(key).add(record);
  }

  delete(record) {
    const key = keyOf(record.client_id, record.user_id);
    const set = this.#sets.get(key);
    if (set?.delete(record) && set.size === 0) this.#sets.delete(key);
  }

  list(clientId, userId) {
    return [...(this.#sets.get(keyOf(clientId, userId)) ?? [])];
  }
}

export class Codes {
  #codes = new Map();
  #unused = new SetsByOwner();
  #last = 0;

  constructor({ users, ledger, changed }) {
    Object.assign(this, { users, ledger, changed });
  }

  /** @param authorization what was asked and allowed; `via` is `consent` or `marketplace`. @returns the code's record */
  issue({ app, user, scopes, redirectUri, challenge = null, challengeMethod = null, authorizationId = null, via }) {
    const code = {
      id: `c${++this.#last}`,
      value: newCode(),
      client_id: app.client_id,
      user_id: user.id,
      scopes,
      redirect_uri: redirectUri,
      challenge,
      challenge_method: challengeMethod,
      authorization_id: authorizationId,
      expires_at: Date.now() + app.code_lifetime_s * 1000,
      state: 'unused',
      grant_id: null,
    };
    this.#codes.set(code.value, code);
    this.#unused.add(code);
    this.ledger.append('code_issued', {
      code_id: code.id,
      ...secret('code', code.value),
      client_id: app.client_id,
      user_id: user.id,
      account_id: user.account_id,
      redirect_uri: redirectUri,
      authorization_id: authorizationId,
      via,
    });
    this.changed();
    return code;
  }

  find(value) {
    return this.#codes.get(value) ?? null;
  }

  /** Why a code cannot be exchanged by this request: an outcome of Grants.exchangeCode(); null when it can. */
  refusal(code, { app, redirectUri, verifier }) {
    if (!code) return 'unknown_code';
    if (code.client_id !== app.client_id) return 'wrong_client';
    if (code.state === 'used') return 'code_used';
    if (code.state === 'withdrawn') return 'code_withdrawn';
    if (code.expires_at <= Date.now()) return 'code_expired';
    if (redirectUri !== code.redirect_uri) return 'redirect_mismatch';
    if (code.challenge !== null && !verifies(code, verifier)) return 'verifier_mismatch';
    return this.users.get(code.user_id)?.status === 'active' ? null : 'user_inactive';
  }

  /** @param state `used` or `withdrawn` */
  retire(code, state) {
    code.state = state;
    this.#unused.delete(code);
    this.changed();
  }

  /** Withdraws the unused codes of (app, user). */
  withdrawAll(clientId, userId) {
    for (const code of this.#unused.list(clientId, userId)) this.retire(code, 'withdrawn');
  }

  list() {
    return [...this.#codes.values()];
  }

  get size() {
    return this.#codes.size;
  }

  /** The codes that can still be exchanged. */
  snapshot() {
    const now = Date.now();
    return { last: this.#last, codes: this.list().filter((code) => code.state === 'unused' && code.expires_at > now) };
  }

  restore({ last, codes }) {
    this.#last = last;
    for (const code of codes) {
      this.#codes.set(code.value, code);
      this.#unused.add(code);
    }
  }
}

function verifies(code, verifier) {
  if (typeof verifier !== 'string') return false;
  if (code.challenge_method === 'plain') return verifier === code.challenge;
  return createHash('sha256').update(verifier).digest('base64url') === code.challenge;
}
