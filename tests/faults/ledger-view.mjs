// SPDX-License-Identifier: Apache-2.0
// The simulator's ledger, joined for the checker's questions: whose grant, what followed what, which answer got lost.

const processed = new Set(['issued', 'issued_in_grace', 'replaced', 'grant_ended', 'reuse_revoked', 'expired', 'user_inactive']);
const issuing = new Set(['issued', 'issued_in_grace']);
const timeOf = ({ time }) => Date.parse(time);

/** Adds to the list that a map holds for a key. */
function add(map, key, value) {
  if (!map.has(key)) map.set(key, []);
  map.get(key).push(value);
}

/** The ends that Zoom itself or the Zoom user brings about; after them nothing could have kept the link. */
const endedByZoom = new Set(['app_removed', 'user_deleted', 'ended_by_control', 'superseded_by_authorization']);

export class LedgerView {
  /**
   * @param {object[]} entries of the simulator's ledger, in order
   * @param {{calls: object[], faults: object[], commitWindowMs: number}} context `commitWindowMs`: how long after Zoom issued
   *   a process may still hold the answer uncommitted in memory, so that its death explains the loss
   */
  constructor(entries, { calls, faults, commitWindowMs }) {
    Object.assign(this, { entries, faults, commitWindowMs });
    this.answered = new Map();
    this.faultOf = new Map();
    this.issuedBy = new Map();
    this.refreshesOf = new Map();
    this.usesOf = new Map();
    this.exchangesOf = new Map();
    this.endOf = new Map();
    this.grantsOf = new Map();
    this.ownerOfGrant = new Map();
    this.exchangeOfGrant = new Map();
    this.ownersOfAccess = new Map();
    this.revocations = [];
    for (const entry of entries) this.#take(entry);
    this.#assignOwners(calls);
  }

  #take(entry) {
    const { type, request_id: request, grant_id: grant } = entry;
    if (type === 'answered') this.answered.set(request, entry);
    else if (type === 'fault_applied') this.faultOf.set(request, entry);
    else if (type === 'tokens_issued') this.issuedBy.set(request, entry);
    else if (type === 'grant_ended') this.endOf.set(grant, entry);
    else if (type === 'revocation') this.revocations.push(entry);
    else if (type === 'code_exchange' && entry.code_id) add(this.exchangesOf, entry.code_id, entry);
    else if (type === 'refresh' && processed.has(entry.outcome)) {
      add(this.refreshesOf, grant, entry);
      add(this.usesOf, entry.refresh_token_id, entry);
    }
  }

  /** A Zoom grant belongs to who exchanged its code, as the history tells. */
  #assignOwners(calls) {
    const userOfCode = new Map(calls.filter(({ codeSha }) => codeSha).map(({ codeSha, userId }) => [codeSha, userId]));
    for (const exchanges of this.exchangesOf.values()) {
      for (const exchange of exchanges) {
        const { outcome, grant_id: grant, presented_code_sha256: code } = exchange;
        const owner = userOfCode.get(code);
        if (outcome !== 'issued' || owner === undefined) continue;
        this.ownerOfGrant.set(grant, owner);
        this.exchangeOfGrant.set(grant, exchange);
        add(this.grantsOf, owner, grant);
      }
    }
    for (const { grant_id: grant, access_token_sha256: access } of this.issuedBy.values()) {
      this.ownersOfAccess.set(access, this.ownerOfGrant.get(grant));
    }
  }

  /** Whether faults of these kinds touch a time span. @param {string} target the beginning of the processes' names */
  hurt(kinds, target, from, to) {
    return this.faults.some((fault) => kinds.includes(fault.kind) && fault.target.startsWith(target) && fault.from <= to && fault.to >= from);
  }

  /**
   * Whether the answer to a token request did not reach the vault's database through no fault of the vault: it left
   * Zoom incomplete or not at all, or the vault was killed with the answer on its way or in its memory.
   * A SIGTERM or a PostgreSQL that is gone is no excuse.
   */
  isLost(entry) {
    const answer = this.answered.get(entry.request_id);
    if (!answer || answer.complete === false || answer.status === null) return true;
    const fault = this.faultOf.get(entry.request_id);
    if (fault && (fault.after?.reset || fault.before?.reset || fault.truncate_at !== null)) return true;
    const at = timeOf(entry);
    return this.hurt(['kill'], 'token-vault', at - 500, at + this.commitWindowMs)
      || this.hurt(['network'], 'zoom', at - 500, Math.max(timeOf(answer), at) + 100);
  }

  /**
   * The loss that a strict Zoom makes unavoidable: a refresh token was used and its answer lost, so that the next use
   * was refused.
   * @returns {{issued: object, refused: object}|undefined}
   */
  unavoidableLoss(userId) {
    for (const grant of this.grantsOf.get(userId) ?? []) {
      for (const refused of this.refreshesOf.get(grant) ?? []) {
        if (refused.outcome !== 'replaced' && refused.outcome !== 'reuse_revoked') continue;
        const issued = this.usesOf.get(refused.refresh_token_id).find((use) => issuing.has(use.outcome));
        if (issued && this.isLost(issued)) return { issued, refused };
      }
    }
    return undefined;
  }

  /** A code that was exchanged for nobody: it cannot be exchanged again, and ended the grant before it. */
  exchangeWasLost(userId) {
    const grants = this.grantsOf.get(userId) ?? [];
    const newest = grants.at(-1);
    const endedAnother = grants.slice(0, -1).some((grant) => this.endOf.get(grant)?.reason === 'superseded_by_authorization');
    return endedAnother && !this.refreshesOf.has(newest) && this.isLost(this.exchangeOfGrant.get(newest));
  }

  /** Why Zoom ended the newest grant of a user, when it was none of our doing. */
  endedByZoom(userId) {
    const newest = this.grantsOf.get(userId)?.at(-1);
    const end = newest && this.endOf.get(newest);
    return end && endedByZoom.has(end.reason) ? end.reason : undefined;
  }

  /** Every refresh that issued tokens which nobody used afterwards. @returns {object[]} by grant, in order */
  unusedIssues(grant) {
    return (this.refreshesOf.get(grant) ?? []).filter((entry) => issuing.has(entry.outcome)
      && !this.usesOf.has(this.issuedBy.get(entry.request_id)?.refresh_token_id));
  }
}

export { issuing, timeOf };
