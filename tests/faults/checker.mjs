// SPDX-License-Identifier: Apache-2.0
// Compares what Zoom saw, what the databases hold and what clients were told. README.md defines the four words.
import { issuing, LedgerView, timeOf } from './ledger-view.mjs';
import { checkAccounts } from './checker-accounts.mjs';
import { checkEndings } from './checker-endings.mjs';

/**
 * @typedef {object} Evidence
 * @property {'grace'|'strict'} mode how Zoom treats a refresh token that was used
 * @property {number} leaseMs @property {number} [commitWindowMs] see LedgerView; default 1500
 * @property {{userId: string}[]} people everybody of the scenario
 * @property {object[]} ledger of the simulator
 * @property {object[]} grants,links,events,audit,pending,revocations rows, see evidence.mjs
 * @property {{grantId: string, kind: string}[]} live tokens that Zoom would take now
 * @property {import('./history.mjs').Call[]} calls @property {import('./history.mjs').Fault[]} faults
 */

/** What a user asked for last. An overlap or a failure leaves more than one right end. */
function wishOf(calls) {
  const changes = calls.filter(({ kind }) => kind === 'connect' || kind === 'disconnect').sort((a, b) => a.begunAt - b.begunAt);
  const done = changes.filter(({ ok }) => ok);
  const last = changes.at(-1);
  if (!last) return { wish: 'nothing' };
  const open = changes.some((other) => other !== last && other.endedAt >= last.begunAt);
  if (open || !last.ok) return { wish: 'either', connected: done.some(({ kind }) => kind === 'connect'), disconnected: changes.some(({ kind }) => kind === 'disconnect') };
  return { wish: last.kind === 'connect' ? 'connected' : 'disconnected', last };
}

/** One user as all sides see him. */
function personOf({ userId }, evidence, view) {
  const own = (rows) => rows.filter((row) => row.user_id === userId);
  const calls = evidence.calls.filter((call) => call.userId === userId);
  const [grant] = own(evidence.grants);
  return {
    userId, calls, grant, link: own(evidence.links)[0], events: grant ? evidence.events.filter(({ link_id: id }) => id === grant.link_id) : [],
    audit: own(evidence.audit), pending: own(evidence.pending), revocations: own(evidence.revocations),
    probe: calls.filter(({ kind }) => kind === 'probe').at(-1), zoomGrants: view.grantsOf.get(userId) ?? [], ...wishOf(calls),
  };
}

/** Why a link that should work does not, in the closed list of excuses; undefined when there is none. */
function excuseFor(person, { mode, view }) {
  if (person.grant?.cause === 'taken_over' && person.grant.state === 'none') return 'taken_over';
  const byZoom = view.endedByZoom(person.userId);
  if (byZoom) return byZoom;
  if (view.exchangeWasLost(person.userId)) return 'exchange';
  const loss = view.unavoidableLoss(person.userId);
  return mode === 'strict' && loss && person.grant?.cause === 'lost_response' ? 'window' : undefined;
}

function checkLost(person, context) {
  const { report, view } = context;
  const { userId, grant, wish, probe } = person;
  const mayBeGone = wish === 'nothing' || wish === 'disconnected' || (wish === 'either' && (person.disconnected || !person.connected));
  if (!grant || grant.state === 'none' || grant.state === 'disconnecting') {
    if (!mayBeGone && !excuseFor(person, context)) report.lost(`${userId}: the link is gone (${grant?.state ?? 'no grant'}, ${grant?.cause ?? ''}) and nobody asked for it`);
    return;
  }
  if (wish === 'disconnected') return;
  if (grant.state === 'active') {
    if (!probe?.ok) report.lost(`${userId}: the link is active and its tokens do not work (${probe?.message ?? 'never tried'})`);
    return;
  }
  const excuse = excuseFor(person, context);
  if (!excuse) report.lost(`${userId}: ${grant.state} (${grant.cause}), and Zoom's ledger shows no reason`);
  if (excuse === 'window' || excuse === 'exchange') report.count('windowLosses');
  if (excuse !== 'window') return;
  const { issued } = view.unavoidableLoss(userId);
  const shown = person.events.findLast(({ state }) => state === 'reconnect_required');
  const late = shown && Date.parse(shown.created_at) - timeOf(issued) > 60_000;
  if (!shown || late) report.unexplained(`${userId}: the lost answer was not shown as reconnect required within 60 s`);
}

/** A revocation that ended a grant other than the one whose token was presented. */
function checkRevocations({ view, report }) {
  for (const { outcome, grant_id: grant, other_grants_ended: others } of view.revocations) {
    if (outcome === 'revoked' && others > 0) report.lost(`${view.ownerOfGrant.get(grant) ?? grant}: a revocation ended ${others} healthy grants`);
  }
}

/** Why the same token may be presented again. */
function mayRepeat(first, second, owner, { view, leaseMs, calls }) {
  if (!issuing.has(first.outcome) || view.isLost(first)) return true;
  const [from, to] = [timeOf(first), timeOf(second)];
  if (to - from >= leaseMs - 500 || view.hurt(['lease_ended', 'hang'], '', from, to)) return true;
  // Another generation: the eraser asks for a token that it can revoke.
  return calls.some((call) => call.userId === owner && call.kind === 'disconnect' && call.begunAt <= to);
}

function checkExchanges(context) {
  const { view, report } = context;
  for (const [token, uses] of view.usesOf) {
    const owner = view.ownerOfGrant.get(uses[0].grant_id);
    uses.slice(1).forEach((second, index) => {
      const first = uses[index];
      if (owner !== undefined && !mayRepeat(first, second, owner, context)) {
        report.doubled(`${owner}: ${token} was exchanged at ${first.time} and again at ${second.time}, with its answer received and the lease running`);
      }
    });
  }
  for (const [code, exchanges] of view.exchangesOf) {
    if (exchanges.length > 1) report.doubled(`${view.ownerOfGrant.get(exchanges[0].grant_id) ?? '?'}: the code ${code} was exchanged ${exchanges.length} times`);
  }
}

/** One version of one life has one access token, whoever hands it out. */
function checkTokens({ calls, view, report }) {
  const seen = new Map();
  for (const { userId, answer } of calls.filter(({ kind, ok }) => ok && (kind === 'token' || kind === 'probe'))) {
    const key = `${userId} ${answer.generation} ${answer.tokenVersion}`;
    const known = seen.get(key) ?? answer.accessSha;
    seen.set(key, known);
    if (known !== answer.accessSha) report.doubled(`${userId}: two access tokens with version ${answer.tokenVersion} of generation ${answer.generation}`);
    if (view.ownersOfAccess.get(answer.accessSha) !== userId) report.unexplained(`${userId}: was handed a token that Zoom issued to ${view.ownersOfAccess.get(answer.accessSha) ?? 'nobody'}`);
  }
}

/**
 * Judges a run.
 * @param {Evidence} evidence
 * @returns {{lost: string[], doubled: string[], unexplained: string[], resurrected: string[], windowLosses: number,
 *   orphans: number}} a sentence for each finding. `windowLosses`: links that a strict Zoom made unavoidable to lose, each
 *   shown in time. `orphans`: tokens of disconnected links that Zoom still takes and that died with a killed process
 */
export function check(evidence) {
  const { calls, faults, commitWindowMs = 1500 } = evidence;
  const found = { lost: [], doubled: [], unexplained: [], resurrected: [], windowLosses: 0, orphans: 0 };
  const report = { count: (name) => { found[name] += 1; } };
  for (const kind of ['lost', 'doubled', 'unexplained', 'resurrected']) report[kind] = (text) => { if (!found[kind].includes(text)) found[kind].push(text); };
  const view = new LedgerView(evidence.ledger, { calls, faults, commitWindowMs });
  const context = { ...evidence, view, report };
  checkRevocations(context);
  checkExchanges(context);
  checkTokens(context);
  for (const one of evidence.people) {
    const person = personOf(one, evidence, view);
    checkLost(person, context);
    checkAccounts(person, context);
    checkEndings(person, context);
  }
  return found;
}
