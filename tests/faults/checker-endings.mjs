// SPDX-License-Identifier: Apache-2.0
// The checker on disconnects: after the receipt nothing is usable and nothing is readable.
import { timeOf } from './ledger-view.mjs';

const hasSecrets = (grant) => grant.secret_bytes > 0 || grant.identified || grant.account_known || grant.has_profile;

/** The answer with the receipt's end, of the repetitions of the last request. */
function receiptOf(person) {
  const disconnects = person.calls.filter(({ kind }) => kind === 'disconnect');
  const answers = disconnects.filter(({ ok, requestId }) => ok && requestId === disconnects.at(-1).requestId);
  return answers.findLast(({ answer }) => answer.receipt?.endTime)?.answer.receipt ?? answers.at(-1)?.answer.receipt;
}

/** Whether Zoom could not be reached from the receipt's beginning to its end. */
const zoomWasDown = ({ startTime, endTime }, faults) => faults.some(({ kind, from, to }) =>
  kind === 'zoom_down' && from <= Date.parse(startTime) + 1000 && to >= Date.parse(endTime) - 1000);

/** Whether a living token's answer died with a process that was killed: nobody holds it. */
function diedWithProcess(grantId, view) {
  const issues = view.unusedIssues(grantId);
  const newest = issues.at(-1);
  return newest !== undefined && view.isLost(newest) && timeOf(newest) > 0;
}

function checkZoom(person, receipt, { live, faults, view, report }) {
  const grants = new Set(live.map(({ grantId }) => grantId).filter((id) => view.ownerOfGrant.get(id) === person.userId));
  for (const id of grants) {
    if (receipt?.revokedAtZoom) report.resurrected(`${person.userId}: ${id} works at Zoom, and the receipt says it was revoked`);
    else if (receipt?.endTime && zoomWasDown(receipt, faults)) continue;
    else if (diedWithProcess(id, view)) report.count('orphans');
    else report.resurrected(`${person.userId}: ${id} works at Zoom after the disconnect`);
  }
}

/** @param {object} person see checker.mjs @param {object} context */
export function checkEndings(person, context) {
  if (person.wish !== 'disconnected') {
    checkWiped(person, context);
    // A callback may have overtaken the disconnect; if it did not, nothing of it may be left.
    const ended = person.grant?.state === 'none' && person.grant.cause.startsWith('disconnected');
    if (ended) checkZoom(person, receiptOf(person), context);
    return;
  }
  const { report } = context;
  const { userId, grant, link, last } = person;
  const receipt = receiptOf(person);
  for (const call of person.calls) {
    if (call.ok && ['token', 'probe'].includes(call.kind) && call.begunAt > last.endedAt) report.resurrected(`${userId}: got a token at ${new Date(call.begunAt).toISOString()}, after the disconnect`);
  }
  if (grant && grant.state !== 'none' && grant.state !== 'disconnecting') report.resurrected(`${userId}: the grant is ${grant.state} after the disconnect`);
  else if (link && link.state !== 'none' && link.state !== 'disconnecting') report.resurrected(`${userId}: the link is ${link.state} after the disconnect`);
  if (grant && grant.state !== 'none') report.unexplained(`${userId}: the erasure has not ended`);
  else if (grant && !receipt?.endTime) report.unexplained(`${userId}: the erasure has ended and no receipt says so`);
  checkWiped(person, context);
  checkZoom(person, receipt, context);
}

/** Whatever the wish was: what has ended holds nothing any more. */
function checkWiped({ userId, grant, pending, revocations, wish }, { report }) {
  if (grant?.state === 'none' && hasSecrets(grant)) report.resurrected(`${userId}: the ended grant holds ${grant.secret_bytes} bytes of tokens, tags or a profile`);
  if (wish === 'disconnected' && pending.length > 0) report.resurrected(`${userId}: a pending grant outlived the disconnect`);
  if (revocations.some(({ wiped_at: wiped, secret_bytes: bytes }) => wiped !== null && bytes > 0)) report.resurrected(`${userId}: a wiped revocation holds tokens`);
}
