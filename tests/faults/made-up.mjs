// SPDX-License-Identifier: Apache-2.0
// Made-up evidence of a run in which everything went well, for tests of the checker to spoil.
const began = Date.parse('2030-01-01T00:00:00Z');

/** One user who connects and refreshes; tests change what they are about and check the whole. */
export class MadeUp {
  #second = 0;
  #sequence = 0;

  constructor(mode = 'strict') {
    this.evidence = {
      mode, leaseMs: 30_000, people: [{ userId: 'u-1' }], ledger: [], live: [], calls: [], faults: [],
      grants: [], links: [], events: [], audit: [], pending: [], revocations: [],
    };
  }

  /** Lets time pass. @returns {number} milliseconds since 1970 */
  later(seconds = 1) {
    this.#second += seconds;
    return this.now;
  }

  get now() { return began + this.#second * 1000; }

  entry(type, fields) {
    this.#sequence += 1;
    const entry = { seq: this.#sequence, time: new Date(this.now).toISOString(), type, ...fields };
    this.evidence.ledger.push(entry);
    return entry;
  }

  call(kind, fields) {
    const call = { id: this.evidence.calls.length, kind, userId: 'u-1', begunAt: this.later(), ok: true, ...fields };
    call.endedAt = call.endedAt ?? this.later();
    this.evidence.calls.push(call);
    return call;
  }

  /** What Zoom writes down when it issues tokens and its answer leaves. */
  issue(grant, name, request, parent = null) {
    this.entry('tokens_issued', { request_id: request, grant_id: grant, parent_refresh_token_id: parent, refresh_token_id: `rt-${name}`, access_token_sha256: `at-${name}` });
  }

  exchange(grant, name, { codeSha = `code-${grant}`, request = `q-${name}`, complete = true } = {}) {
    this.issue(grant, name, request);
    this.entry('code_exchange', { outcome: 'issued', request_id: request, code_id: `c-${grant}`, grant_id: grant, presented_code_sha256: codeSha });
    this.entry('answered', { request_id: request, status: 200, complete });
  }

  /** A refresh with the token `from`; it issues `to`, or is refused when there is none. */
  refresh(grant, from, to, { outcome = to ? 'issued' : 'replaced', request = `q-${this.#sequence}`, complete = true } = {}) {
    if (to) this.issue(grant, to, request, `rt-${from}`);
    this.entry('refresh', { outcome, request_id: request, grant_id: grant, refresh_token_id: `rt-${from}` });
    this.entry('answered', { request_id: request, status: to ? 200 : 400, complete });
  }

  token(version, name, { kind = 'token', generation = 1, ...fields } = {}) {
    return this.call(kind, { answer: { tokenVersion: version, generation, accessSha: `at-${name}` }, ...fields });
  }

  /** A change of the link's state in both databases, with event and audit row. */
  becomes(state, { generation = 1, cause = '' } = {}) {
    const row = { user_id: 'u-1', link_id: 'l-1', generation, state, cause };
    const hasTags = state === 'active' || state === 'reconnect_required';
    this.evidence.grants = [{ ...row, token_version: 1, secret_bytes: state === 'active' ? 900 : 0, identified: hasTags, account_known: hasTags, has_profile: hasTags, intent: false, suspect: false }];
    this.evidence.links = [{ ...row, cause: cause || null }];
    this.evidence.events.push({ ...row, event_id: this.evidence.events.length + 1, created_at: new Date(this.now).toISOString() });
    this.evidence.audit.push({ user_id: 'u-1', action: `grant.${state}`, details: { generation, state } });
  }

  /** Connected at Zoom grant g1 with the tokens "a". */
  connect() {
    this.call('connect', { codeSha: 'code-g1' });
    this.exchange('g1', 'a');
    this.becomes('active');
    return this;
  }

  /** The last proof of a link that works: one more refresh. */
  probe(from = 'a', to = 'z', version = 9) {
    this.later();
    this.refresh('g1', from, to);
    this.token(version, to, { kind: 'probe' });
    return this;
  }

  /** A SIGKILL of a vault now. */
  kill() {
    this.evidence.faults.push({ kind: 'kill', target: 'token-vault-1', from: this.now, to: this.now });
  }

  /** Disconnected, with a receipt. */
  disconnect({ revokedAtZoom = true } = {}) {
    const startTime = new Date(this.later()).toISOString();
    this.becomes('disconnecting', { generation: 2, cause: 'disconnected' });
    this.becomes('none', { generation: 2, cause: 'disconnected' });
    this.entry('revocation', { outcome: 'revoked', grant_id: 'g1', other_grants_ended: 0, ended_grant_ids: ['g1'] });
    const endTime = new Date(this.later()).toISOString();
    return this.call('disconnect', { requestId: 'r-1', begunAt: Date.parse(startTime), answer: { state: 'LINK_STATE_NONE', receipt: { startTime, endTime, revokedAtZoom } } });
  }
}
