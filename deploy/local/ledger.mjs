// SPDX-License-Identifier: Apache-2.0
// `deploy/dev ledger status|replay`: the vault's erasure ledger, and the end of a restore of its database.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from './errors.mjs';
import { binaryDirectory, localDirectory, stackLayout } from './layout.mjs';
import { postgresAccess } from './postgres.mjs';
import { authorityFile } from './probes.mjs';
import { run } from './processes.mjs';
import { readState } from './state.mjs';

/**
 * What the database knows of the ledger.
 * @param {object} access see postgresAccess
 * @returns {Promise<{restore: {restoreId: number, open: boolean, lost: boolean}, unfiled: number,
 *   writers: {writer: string, lastSequence: number, reportedAt: string, leftAt: string|null, state: string}[]}>}
 */
export async function ledgerStatus(access) {
  const [restore] = await access.query('token_vault', 'SELECT restore_id AS "restoreId", open, lost FROM ledger_state');
  const [{ unfiled }] = await access.query('token_vault',
    'SELECT count(*)::int AS unfiled FROM erasure_ledger WHERE wiped_at IS NOT NULL AND filed_at IS NULL');
  const writers = await access.query('token_vault', `
    SELECT w.writer, w.last_sequence AS "lastSequence", w.reported_at AS "reportedAt", w.left_at AS "leftAt",
      CASE WHEN s.open AND w.confirmed_restore >= s.restore_id THEN 'replayed'
           WHEN w.dismissed_at IS NOT NULL THEN 'given up'
           WHEN s.open AND (s.lost OR w.left_at IS NULL) THEN 'awaited'
           WHEN w.left_at IS NOT NULL THEN 'left' ELSE 'running' END AS state
    FROM ledger_writers w, ledger_state s ORDER BY w.writer`);
  return { restore, unfiled, writers };
}

/** @param {Awaited<ReturnType<typeof ledgerStatus>>} status @returns {string} for people */
export function ledgerText({ restore, unfiled, writers }) {
  const lines = [restore.open
    ? `restore ${restore.restoreId} is not finished: ${restore.lost ? 'the database has lost what it had committed' : 'the database is another one than before'}`
    : 'no restore is under way'];
  lines.push(`erasures that are in no file yet: ${unfiled}`);
  lines.push('writer                                lines     state     last heard of');
  for (const { writer, lastSequence, state, reportedAt } of writers) {
    lines.push([writer, String(lastSequence).padEnd(8), state.padEnd(8), reportedAt].join('  '));
  }
  return lines.join('\n');
}

/**
 * Replays ledger directories and declares the restore finished.
 * @param {{program: string, configFile: string}} vault
 * @param {string[]} directories
 * @returns {Promise<{restoreId: number, writersDismissed: number,
 *   directories: {directory: string, writer: string, lines: number, livesEnded: number}[]}>}
 */
export async function replayLedger({ program, configFile }, directories) {
  const result = await run(program, ['--config', configFile, '--replay-ledger', ...directories]);
  if (result.status !== 0) throw new UserError('the erasure ledger was not replayed:', result.stderr.trim());
  return JSON.parse(result.stdout);
}

/** @returns {string[]} the ledger directories of the local stack */
function localLedgers(layout) {
  if (!existsSync(layout.run)) return [];
  return readdirSync(layout.run).filter((name) => /^ledger-\d+$/.test(name)).map((name) => join(layout.run, name));
}

/** @param {string[]} args 'status' [--json] or 'replay' */
export async function ledger(args) {
  const say = (text) => process.stdout.write(`${text}\n`);
  const [verb, ...rest] = args;
  if (!['status', 'replay'].includes(verb) || !(rest.length === 0 || (verb === 'status' && rest.join(' ') === '--json'))) {
    throw new UserError('ledger takes one of: status [--json], replay.');
  }
  const layout = stackLayout(localDirectory);
  const postgres = readState().processes.find(({ name }) => name === 'postgresql');
  if (!postgres) throw new UserError('the database does not run.', 'Run: deploy/dev up --detach');
  if (verb === 'status') {
    const status = await ledgerStatus(postgresAccess({ port: postgres.ports.main, directory: layout.postgres, caFile: authorityFile }));
    say(rest.length > 0 ? JSON.stringify(status) : ledgerText(status));
    return;
  }
  const report = await replayLedger(
    { program: join(binaryDirectory('release'), 'token-vault'), configFile: join(layout.config, 'token-vault.json') }, localLedgers(layout));
  for (const { directory, lines, livesEnded } of report.directories) say(`${directory}: ${lines} lines, ${livesEnded} lives ended again`);
  say(report.writersDismissed > 0
    ? `the restore is finished; directories of ${report.writersDismissed} writers were not there`
    : 'nothing waits for a replay');
}
