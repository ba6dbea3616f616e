// SPDX-License-Identifier: Apache-2.0
// `deploy/dev audit verify`: whether the audit trails of the local stack are whole, and what they say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { verifyAudit } from './audit-verify.mjs';
import { UserError } from './errors.mjs';
import { readJsonIfPresent, writeJson } from './files.mjs';
import { prepareKeys } from './keys.mjs';
import { localDirectory, stackLayout } from './layout.mjs';
import { postgresAccess } from './postgres.mjs';
import { authorityFile } from './probes.mjs';
import { readState } from './state.mjs';

const layout = stackLayout(localDirectory);
/** The newest seals of the last good run: a database that has lost them since was set back. */
const anchorsFile = join(layout.run, 'audit-seals.json');

/** @param {string} file a seal key @returns {Buffer} */
export function readSealKey(file) {
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url');
  if (key.length !== 32) throw new UserError(`${file} does not hold a seal key.`, 'It is the file of audit.seal_key_file: 32 bytes in base64url.');
  return key;
}

const seconds = (value, name) => {
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new UserError(`--${name} needs a number of seconds`);
  return Number(value);
};

function options(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      request: { type: 'string' },
      'grace-seconds': { type: 'string' },
      'unsealed-seconds': { type: 'string' },
      'seal-key': { type: 'string', multiple: true, default: [] },
    },
  });
  if (positionals.join(' ') !== 'verify') throw new UserError('audit knows "verify" only', 'deploy/dev audit --help tells more.');
  return {
    json: values.json,
    quiet: values.quiet,
    requestId: values.request,
    graceSeconds: seconds(values['grace-seconds'], 'grace-seconds'),
    unsealedSeconds: seconds(values['unsealed-seconds'], 'unsealed-seconds'),
    sealKeys: values['seal-key'],
  };
}

const timeOf = ({ occurredUs }) => new Date(Number(BigInt(occurredUs) / 1000n)).toISOString();

/** One request as lines for people. */
export function requestLines({ request, databases }) {
  const lines = Object.entries(databases).flatMap(([database, rows]) => rows.map((row) => ({ database, row })))
    .sort((a, b) => Number(BigInt(a.row.occurredUs) - BigInt(b.row.occurredUs)))
    .map(({ database, row }) => `  ${timeOf(row)}  ${database.padEnd(12)}  ${row.action.padEnd(26)}  ${row.actor}  ${row.chain}  ${row.details}`);
  return [`request ${request}`, ...lines];
}

/** A finding as one line. */
export function findingLine({ database, kind, chain, position, toPosition, auditId, seal, detail }) {
  const place = chain === undefined ? `seal ${seal}` : `${chain}, record ${position}${toPosition > position ? ` to ${toPosition}` : ''}`;
  return `${database}: ${kind}: ${place}${auditId ? ` (audit_id ${auditId})` : ''}: ${detail}`;
}

function summaryLines({ databases, findings, requests }) {
  return [
    ...Object.entries(databases).map(([database, item]) => `${database.padEnd(12)}  ${item.records} records in ${item.chains} chains, ${item.seals} seals, `
      + `${item.unsealedChains} chains with records that wait for the next seal`),
    `${requests} requests. ${findings.length === 0 ? 'Everything fits.' : `${findings.length} finding${findings.length === 1 ? '' : 's'}.`}`,
  ];
}

/** @param {string[]} args the command line after "audit" */
export async function audit(args) {
  const { json, quiet, sealKeys, ...wanted } = options(args);
  const postgres = readState().processes.find(({ name }) => name === 'postgresql');
  if (!postgres) throw new UserError('nothing is running, so there is no database to read.', 'Run: deploy/dev up --detach');
  const write = (lines) => process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  const requests = [];
  const report = await verifyAudit({
    ...wanted,
    access: postgresAccess({ port: postgres.ports.main, directory: layout.postgres, caFile: authorityFile }),
    keys: [prepareKeys(layout.keys).auditSealKeyFile, ...sealKeys].map(readSealKey),
    anchors: readJsonIfPresent(anchorsFile),
    onRequest: (request) => {
      if (quiet) return;
      if (json) requests.push(request);
      else write(requestLines(request));
    },
  });
  if (json) write([JSON.stringify({ ...report, ...(quiet ? {} : { requestList: requests }) })]);
  else write([...report.findings.map(findingLine), ...summaryLines(report)]);
  if (!report.ok) process.exitCode = 1;
  else writeJson(anchorsFile, Object.fromEntries(Object.entries(report.databases).map(([database, { newest }]) => [database, newest])));
}
