// SPDX-License-Identifier: Apache-2.0
// Verifies the audit trails of all databases: chains, seals, and each against the other.
import { SealChecker, checkChain } from './audit-chain.mjs';
import { compareLink } from './audit-join.mjs';
import { chainsOf, joined, requestsOf, sealsOf } from './audit-reader.mjs';
import { databaseName, databaseServices } from './layout.mjs';

const defaultGraceSeconds = 60;
const defaultUnsealedSeconds = 600;
const microseconds = 1_000_000n;

/** The oldest record of a chain that no seal covers. */
function oldestUnsealed({ rows, sealed }) {
  const reached = sealed.reduce((highest, { last }) => Math.max(highest, last), 0);
  return rows.find(({ position }) => position > reached);
}

async function checkSeals(access, database, keys, anchor) {
  const checker = new SealChecker(keys, anchor);
  for await (const { id, seal, chains } of sealsOf(access, database)) {
    if (seal) checker.check(seal, chains);
    else checker.findings.push({ kind: 'seal_missing', seal: id, detail: 'the list of its chains is there, the seal is not' });
  }
  checker.finish();
  return checker;
}

/** Checks every chain, and the records that account-link and the vault have of each link against each other. */
async function checkChains(access, names, settledUs, unsealedUs, report) {
  const streams = new Map(Object.entries(names).map(([database, name]) => [database, chainsOf(access, name)]));
  for await (const { items } of joined(streams, ({ chain }) => chain)) {
    for (const [database, group] of items) {
      const summary = report.databases[database];
      summary.chains += 1;
      summary.records += group.rows.length;
      report.findings.push(...checkChain(group).map((finding) => ({ database, ...finding })));
      const waiting = oldestUnsealed(group);
      if (waiting) summary.unsealedChains += 1;
      if (waiting && BigInt(waiting.occurredUs) < unsealedUs) {
        report.findings.push({ database, kind: 'unsealed', chain: group.chain, position: waiting.position, auditId: waiting.auditId, detail: 'the record should have been sealed long ago' });
      }
    }
    const rowsOf = (database) => items.get(database)?.rows ?? [];
    if (names.account_link && names.token_vault) {
      report.findings.push(...compareLink({ links: rowsOf('account_link'), vault: rowsOf('token_vault'), settledUs }));
    }
  }
}

/** What each service did, for each request. */
async function listRequests(access, names, requestId, onRequest) {
  const streams = new Map(Object.entries(names).map(([database, name]) => [database, requestsOf(access, name, requestId)]));
  let count = 0;
  for await (const { key, items } of joined(streams, ({ request }) => request)) {
    count += 1;
    onRequest({ request: key, databases: Object.fromEntries([...items].map(([database, { rows }]) => [database, rows])) });
  }
  return count;
}

/**
 * @param {object} options
 * @param {object} options.access see postgresAccess
 * @param {Buffer[]} options.keys seal keys, present and former
 * @param {Record<string, string>} [options.names] the databases to read, by what they are (account_link,
 *   automation, token_vault, zoom_api); default: those four
 * @param {Record<string, {seal: number, mac: string}>} [options.anchors] seals seen before, by database
 * @param {number} [options.graceSeconds] younger records may lack their counterpart in the other database
 * @param {number} [options.unsealedSeconds] older records must be sealed
 * @param {string} [options.requestId] list only this request
 * @param {(request: {request: string, databases: Record<string, object[]>}) => void} [options.onRequest] each request id
 *   that appears, with the records of each database
 * @returns {Promise<{ok: boolean, findings: object[], requests: number, databases: Record<string, object>}>}
 */
export async function verifyAudit(options) {
  const names = options.names ?? Object.fromEntries(databaseServices.map((service) => [databaseName(service), databaseName(service)]));
  const [{ now }] = await options.access.query('postgres', 'SELECT (extract(epoch FROM now()) * 1000000)::bigint::text AS now');
  const ago = (seconds) => BigInt(now) - BigInt(seconds) * microseconds;
  const report = { ok: false, findings: [], requests: 0, databases: {} };
  for (const [database, name] of Object.entries(names)) {
    const seals = await checkSeals(options.access, name, options.keys, options.anchors?.[database]);
    report.databases[database] = { chains: 0, records: 0, unsealedChains: 0, seals: seals.count, newest: seals.newest };
    report.findings.push(...seals.findings.map((finding) => ({ database, ...finding })));
  }
  await checkChains(options.access, names, ago(options.graceSeconds ?? defaultGraceSeconds),
    ago(options.unsealedSeconds ?? defaultUnsealedSeconds), report);
  report.requests = await listRequests(options.access, names, options.requestId, options.onRequest ?? (() => {}));
  report.ok = report.findings.length === 0;
  return report;
}
