// SPDX-License-Identifier: Apache-2.0
// The checker's books: each state has an event, each event an audit row and a cause that the ledger knows, and each
// token that Zoom issued is stored, used, or lost for a reason.
const causes = new Set(['', 'lost_response', 'revoked', 'account_inactive', 'reauthorized_elsewhere', 'expired', 'taken_over', 'disconnected', 'disconnected_by_admin', 'app_replaced']);

/** Codes with which a stack that is being hurt may answer. */
const honestCodes = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED', 'ABORTED', 'FAILED_PRECONDITION', 'NOT_FOUND', 'RESOURCE_EXHAUSTED', 'ALREADY_EXISTS']);

const shape = (row) => `${row?.state ?? 'none'} ${row?.cause ?? ''} of generation ${Number(row?.generation ?? 0)}`;

function checkStates({ userId, grant, link, events }, report) {
  if (grant && !causes.has(grant.cause)) report.unexplained(`${userId}: the cause ${grant.cause} is not in the list`);
  // A user whose first connect never came to an end has a link row and no grant.
  if (link && shape(link) !== shape(grant)) report.unexplained(`${userId}: account-link says ${shape(link)}, the vault ${shape(grant)}`);
  const last = events.at(-1);
  if (grant && shape(last) !== shape(grant)) report.unexplained(`${userId}: the vault is ${shape(grant)}, its last event ${shape(last)}`);
}

function checkEvents({ userId, events, audit, calls, zoomGrants }, report) {
  events.forEach((event, index) => {
    const before = events[index - 1];
    const generation = Number(event.generation);
    if (before && shape(before) === shape(event)) report.doubled(`${userId}: the event ${shape(event)} twice`);
    if (before && ![0, 1].includes(generation - Number(before.generation))) report.unexplained(`${userId}: generation ${generation} follows ${before.generation}`);
    const recorded = audit.some(({ details }) => Number(details.generation) === generation && details.state === event.state);
    if (!recorded) report.unexplained(`${userId}: ${shape(event)} is not in the audit`);
  });
  const lives = new Set(events.filter(({ state }) => state === 'active').map(({ generation }) => generation)).size;
  if (lives > zoomGrants.length) report.doubled(`${userId}: ${lives} lives out of ${zoomGrants.length} authorizations`);
  const ends = new Set(events.filter(({ state, cause }) => ['none', 'disconnecting'].includes(state) && cause.startsWith('disconnected')).map(({ generation }) => generation)).size;
  const asked = new Set(calls.filter(({ kind }) => kind === 'disconnect').map(({ requestId }) => requestId)).size;
  if (ends > asked) report.doubled(`${userId}: ${ends} disconnects out of ${asked} requests`);
}

function checkLeftovers({ userId, grant, pending, revocations }, report) {
  if (pending.length > 0) report.unexplained(`${userId}: ${pending.length} pending grants are left`);
  const open = revocations.filter(({ wiped_at: wiped }) => wiped === null).length;
  if (open > 0) report.unexplained(`${userId}: ${open} revocations are open`);
  if (grant?.intent || grant?.suspect) report.unexplained(`${userId}: a refresh has no recorded end`);
}

/** In a life that goes on, one unused refresh token is the present one; each further one needs a lost answer. */
function checkIssues({ userId, grant, zoomGrants }, { view, report }) {
  const newest = zoomGrants.at(-1);
  if (grant?.state !== 'active' || newest === undefined) return;
  const unused = view.unusedIssues(newest);
  for (const entry of unused.slice(0, -1)) {
    if (!view.isLost(entry)) report.unexplained(`${userId}: the tokens issued at ${entry.time} were delivered and never stored`);
  }
}

function checkAnswers({ userId, calls, grant }, report) {
  for (const { kind, ok, code, reason, message, begunAt } of calls) {
    if (ok) continue;
    if (!honestCodes.has(code) && (reason || code === 'CLIENT')) report.unexplained(`${userId}: ${kind} at ${new Date(begunAt).toISOString()} failed with ${message}`);
  }
  // Nobody who never asked for a disconnect may be told that there is no connection.
  const connected = calls.find(({ kind, ok }) => kind === 'connect' && ok);
  const neverEnded = connected && grant?.state === 'active' && Number(grant.generation) === 1;
  const denied = neverEnded && calls.find(({ kind, reason, begunAt }) => ['token', 'probe'].includes(kind) && reason === 'GRANT_NOT_FOUND' && begunAt > connected.endedAt);
  if (denied) report.unexplained(`${userId}: was told that there is no grant at ${new Date(denied.begunAt).toISOString()}`);
}

/** @param {object} person see checker.mjs @param {object} context */
export function checkAccounts(person, context) {
  const { report } = context;
  checkStates(person, report);
  checkEvents(person, report);
  checkLeftovers(person, report);
  checkIssues(person, context);
  checkAnswers(person, report);
}
