// SPDX-License-Identifier: Apache-2.0
// Grants and their tokens: which are alive, what replaces what, what ends what.
// No HTTP here; oauth-token.mjs and oauth-revoke.mjs turn the outcomes into Zoom's answers.
import { Codes, SetsByOwner } from './codes.mjs';
import { secret } from './ledger.mjs';
import { newToken } from './tokens.mjs';

// Replaced refresh tokens of a grant that the state file keeps; older ones become unknown tokens,
// which get the same answer.
const KEPT_REPLACED_TOKENS = 50;

/**
 * Time is Date.now() throughout; tests age things by expire().
 * Not safe for concurrent use in the sense of threads: each method is one atomic step of one thread.
 */
export class Grants {
  #grants = new Map();
  #refreshTokens = new Map();
  #accessTokens = new Map();
  // The living grants of one (app, user): ending them must not cost a scan.
  #grantsOf = new SetsByOwner();
  #counters = { grant: 0, access: 0, refresh: 0 };

  constructor({ users, apps, switches, ledger, changed = () => {} }) {
    Object.assign(this, { users, apps, switches, ledger, changed });
    this.codes = new Codes({ users, ledger, changed });
  }

  // ---- authorizations

  /** Issues a code for an authorization that the user allowed. @param authorization as Codes.issue() */
  issueCode(authorization) {
    const { app, user } = authorization;
    if (this.switches.one_grant_per_user && this.switches.earlier_grant_ends === 'at_allow') {
      this.endAll(app.client_id, user.id, 'superseded_by_authorization');
    }
    return this.codes.issue(authorization);
  }

  /**
   * Exchanges a code. @returns `{outcome, code, grant?, tokens?}`; outcome is `issued`,
   * `unknown_code`, `code_used`, `code_expired`, `code_withdrawn`, `wrong_client`,
   * `redirect_mismatch`, `verifier_mismatch`, `user_inactive`
   */
  exchangeCode({ app, value, redirectUri, verifier, requestId }) {
    const code = this.codes.find(value);
    const outcome = this.codes.refusal(code, { app, redirectUri, verifier });
    if (outcome) {
      this.#afterRefusedCode(code, outcome);
      return { outcome, code };
    }
    this.codes.retire(code, 'used');
    const user = this.users.get(code.user_id);
    if (this.switches.one_grant_per_user) {
      this.endAll(app.client_id, user.id, 'superseded_by_authorization', { keepCodes: true });
    }
    const grant = {
      id: `g${++this.#counters.grant}`,
      client_id: app.client_id,
      user_id: user.id,
      account_id: user.account_id,
      scopes: code.scopes,
      code_id: code.id,
      authorization_id: code.authorization_id,
      state: 'alive',
      ended_reason: null,
      ended_at: null,
      created_at: Date.now(),
      refreshes: 0,
      latest: null,
      refresh: [],
      access: [],
    };
    code.grant_id = grant.id;
    this.#grants.set(grant.id, grant);
    this.#grantsOf.add(grant);
    const tokens = this.#issueTokens({ app, grant, user, parent: null, requestId });
    return { outcome: 'issued', code, grant, tokens };
  }

  #afterRefusedCode(code, outcome) {
    if (outcome === 'code_used' && this.switches.code_reuse_ends_grant) {
      const grant = this.#grants.get(code.grant_id);
      if (grant) this.end(grant, 'code_reused');
    }
    const checkFailed = outcome === 'redirect_mismatch' || outcome === 'verifier_mismatch';
    if (checkFailed && this.switches.failed_exchange_uses_code) this.codes.retire(code, 'used');
  }

  // ---- tokens

  findRefreshToken(value) {
    return this.#refreshTokens.get(value) ?? null;
  }

  findAccessToken(value) {
    return this.#accessTokens.get(value) ?? null;
  }

  grantOf(token) {
    return this.#grants.get(token.grant_id);
  }

  /**
   * Exchanges a refresh token. @returns `{outcome, token, grant?, tokens?}`; outcome is `issued`,
   * `issued_in_grace`, `unknown_token`, `wrong_client`, `grant_ended`, `replaced`, `reuse_revoked`,
   * `expired`, `user_inactive`
   */
  refresh({ app, value, requestId }) {
    const token = this.findRefreshToken(value);
    if (!token) return { outcome: 'unknown_token', token };
    const grant = this.grantOf(token);
    if (grant.client_id !== app.client_id) return { outcome: 'wrong_client', token, grant };
    if (grant.state !== 'alive') return { outcome: 'grant_ended', token, grant };
    const now = Date.now();
    const replaced = token.replaced_at !== null;
    if (replaced && !(app.rotation === 'grace' && now < token.grace_until)) {
      if (app.rotation !== 'reuse_revokes') return { outcome: 'replaced', token, grant };
      this.end(grant, 'refresh_token_reused');
      return { outcome: 'reuse_revoked', token, grant };
    }
    if (token.expires_at <= now) return { outcome: 'expired', token, grant };
    const user = this.users.get(grant.user_id);
    if (user?.status !== 'active') return { outcome: 'user_inactive', token, grant };
    if (!replaced) {
      token.replaced_at = now;
      token.grace_until = now + app.grace_s * 1000;
    }
    grant.refreshes += 1;
    if (this.switches.refresh_ends_access_token) for (const access of grant.access) access.ended = true;
    const tokens = this.#issueTokens({ app, grant, user, parent: token, requestId });
    return { outcome: replaced ? 'issued_in_grace' : 'issued', token, grant, tokens };
  }

  #issueTokens({ app, grant, user, parent, requestId }) {
    const now = Date.now();
    const make = (type, seconds) => ({
      value: newToken({ type, clientId: app.client_id, user, issuedAt: now, expiresAt: now + seconds * 1000 }),
      grant_id: grant.id,
      issued_at: now,
      expires_at: now + seconds * 1000,
    });
    const access = {
      id: `at${++this.#counters.access}`,
      ended: false,
      ...make('access_token', app.access_token_lifetime_s),
    };
    const refresh = {
      id: `rt${++this.#counters.refresh}`,
      parent_id: parent?.id ?? null,
      replaced_at: null,
      grace_until: null,
      ...make('refresh_token', app.refresh_token_lifetime_s),
    };
    this.#accessTokens.set(access.value, access);
    this.#refreshTokens.set(refresh.value, refresh);
    grant.access = grant.access.filter((old) => !old.ended && old.expires_at > now);
    grant.access.push(access);
    grant.refresh.push(refresh);
    grant.latest = refresh;
    this.ledger.append('tokens_issued', {
      request_id: requestId,
      grant_id: grant.id,
      client_id: grant.client_id,
      user_id: grant.user_id,
      account_id: grant.account_id,
      parent_refresh_token_id: refresh.parent_id,
      refresh_token_id: refresh.id,
      ...secret('refresh_token', refresh.value),
      access_token_id: access.id,
      ...secret('access_token', access.value),
      scope: grant.scopes.join(' '),
    });
    this.changed();
    return { access, refresh };
  }

  /** @returns `usable`, `expired`, `replaced` (by a refresh), `grant_ended` or `user_inactive` */
  accessState(token) {
    const grant = this.grantOf(token);
    if (grant.state !== 'alive') return 'grant_ended';
    if (token.expires_at <= Date.now()) return 'expired';
    if (token.ended) return 'replaced';
    return this.users.get(grant.user_id)?.status === 'active' ? 'usable' : 'user_inactive';
  }

  /** @returns true when a refresh with this token would succeed now */
  isRefreshTokenLive(token) {
    const grant = this.grantOf(token);
    const app = this.apps.get(grant.client_id);
    if (!app || grant.state !== 'alive' || this.users.get(grant.user_id)?.status !== 'active') return false;
    if (token.replaced_at !== null && !(app.rotation === 'grace' && Date.now() < token.grace_until)) return false;
    return token.expires_at > Date.now();
  }

  // ---- endings

  /** Ends a grant with all its tokens. @returns false when it had ended before */
  end(grant, reason) {
    if (grant.state !== 'alive') return false;
    Object.assign(grant, { state: 'dead', ended_reason: reason, ended_at: Date.now() });
    this.#grantsOf.delete(grant);
    this.ledger.append('grant_ended', {
      grant_id: grant.id,
      client_id: grant.client_id,
      user_id: grant.user_id,
      account_id: grant.account_id,
      reason,
    });
    this.changed();
    return true;
  }

  /** Ends every living grant of (app, user), and its unused codes unless they are kept. @returns the grants */
  endAll(clientId, userId, reason, { keepCodes = false } = {}) {
    const ended = this.aliveOf(clientId, userId);
    for (const grant of ended) this.end(grant, reason);
    if (!keepCodes) this.codes.withdrawAll(clientId, userId);
    return ended;
  }

  /** Makes codes and tokens expire now. @param items records of this store */
  expire(items) {
    for (const item of items) {
      item.expires_at = Date.now() - 1;
      if (item.grace_until) item.grace_until = item.expires_at;
    }
    if (items.length > 0) this.changed();
  }

  // ---- reading

  get(grantId) {
    return this.#grants.get(grantId) ?? null;
  }

  /** Living grants of (app, user): one at most while `one_grant_per_user` is on. */
  aliveOf(clientId, userId) {
    return this.#grantsOf.list(clientId, userId);
  }

  list() {
    return [...this.#grants.values()];
  }

  get counts() {
    return {
      codes: this.codes.size,
      grants: this.#grants.size,
      access_tokens: this.#accessTokens.size,
      refresh_tokens: this.#refreshTokens.size,
    };
  }

  // ---- state file

  /** What must survive a restart; tokens of ended grants and used codes then answer as unknown ones. */
  snapshot() {
    const grants = this.list().map(({ latest, refresh, access, ...grant }) =>
      grant.state === 'alive'
        ? { ...grant, refresh: refresh.slice(-KEPT_REPLACED_TOKENS), access }
        : { ...grant, refresh: [], access: [] },
    );
    return { counters: this.#counters, codes: this.codes.snapshot(), grants };
  }

  restore({ counters, codes, grants }) {
    this.#counters = { ...counters };
    this.codes.restore(codes);
    for (const grant of grants) {
      grant.latest = grant.refresh.at(-1) ?? null;
      this.#grants.set(grant.id, grant);
      if (grant.state === 'alive') this.#grantsOf.add(grant);
      for (const token of grant.refresh) this.#refreshTokens.set(token.value, token);
      for (const token of grant.access) this.#accessTokens.set(token.value, token);
    }
  }
}
