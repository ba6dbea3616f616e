// SPDX-License-Identifier: Apache-2.0
// What the audit trail of one database says about another's: a change of a link is recorded by account-link and by the
// vault, under the same link and generation.

/** What account-link records, and what the vault must have recorded for it: one of these, for the same generation. */
const causes = {
  'link.connected': ['grant.activated', 'grant.recovered'],
  'link.reconnect_required': ['grant.reconnect_required'],
  'link.taken_over': ['grant.taken_over'],
  'link.disconnected': ['grant.erased'],
};

/** What the vault records and account-link follows: it must have reached the generation. */
const followed = new Set(['grant.activated', 'grant.reconnect_required', 'grant.taken_over', 'grant.erased']);

const generationOf = ({ details }) => JSON.parse(details).generation ?? 0;

/**
 * Compares the two databases' records of one link.
 * @param {{links: object[], vault: object[], settledUs: bigint}} records of the link; what happened after `settledUs` may
 *   still be on its way
 * @returns {object[]} findings: kind, chain, request, auditId, database, detail
 */
export function compareLink({ links, vault, settledUs }) {
  const findings = [];
  const settled = ({ occurredUs }) => BigInt(occurredUs) <= settledUs;
  const missing = (database, row, other, what) => findings.push({
    kind: 'counterpart_missing', database, chain: row.chain, position: row.position, auditId: row.auditId, request: row.request,
    detail: `${row.action} of generation ${generationOf(row)} (request ${row.request || 'none'}): ${other} has ${what}`,
  });
  for (const row of links.filter((item) => causes[item.action] && settled(item))) {
    const wanted = causes[row.action];
    const found = vault.some((other) => wanted.includes(other.action) && generationOf(other) === generationOf(row));
    if (!found) missing('account_link', row, 'token_vault', `no ${wanted.join(' or ')} of that generation`);
  }
  const reached = links.reduce((highest, row) => Math.max(highest, generationOf(row)), -1);
  for (const row of vault.filter((item) => followed.has(item.action) && settled(item))) {
    if (generationOf(row) > reached) missing('token_vault', row, 'account_link', reached < 0 ? 'nothing about the link' : `the link at generation ${reached}`);
  }
  return findings;
}
