// SPDX-License-Identifier: Apache-2.0
// `deploy/dev faults`: hurts real services and says what was lost, doubled, unexplained or resurrected.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { scenarios } from '../../tests/faults/catalogue.mjs';
import { FaultRun, selectionOf } from '../../tests/faults/run.mjs';
import { UserError } from './errors.mjs';
import { readJsonIfPresent, writeJson } from './files.mjs';
import { localDirectory } from './layout.mjs';

/** Finished scenarios of the last full run, so that `--resume` can go on. */
const stateFile = join(localDirectory, 'faults-state.json');

const progressEveryMs = 5_000;

/** @param {string[]} args @throws {UserError} for a scenario that does not exist */
export function faultOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      scenario: { type: 'string', multiple: true }, quick: { type: 'boolean', default: false }, resume: { type: 'boolean', default: false },
      json: { type: 'string' }, seed: { type: 'string' },
    },
  });
  const known = scenarios.map(({ name }) => name);
  const unknown = (values.scenario ?? []).find((name) => !known.includes(name));
  if (unknown) throw new UserError(`there is no scenario "${unknown}".`, `The scenarios: ${known.join(', ')}`);
  return { names: values.scenario, quick: values.quick, resume: values.resume, json: values.json, seed: values.seed };
}

/** A line every few seconds, with the seconds since the run began. */
function progress(began) {
  let last = 0;
  const print = (text) => process.stderr.write(`[${String(Math.round((performance.now() - began) / 1000)).padStart(5)}s] ${text}\n`);
  return {
    print,
    now: (prefix) => (text) => {
      if (performance.now() - last < progressEveryMs) return;
      last = performance.now();
      print(`${prefix}: ${text}`);
    },
  };
}

const figures = ['faults', 'lost', 'doubled', 'unexplained', 'resurrected', 'windowLosses'];

function summaryOf(row) {
  if (row.skipped) return `skipped: ${row.skipped}`;
  if (row.error) return `broke off: ${row.error.split('\n')[0]}`;
  return figures.map((name) => `${name} ${row[name]}`).join(', ');
}

function printTable(rows) {
  const lines = [['scenario', 'mode', ...figures, 's', ''], ...rows.map((row) => [
    row.name, row.mode, ...figures.map((name) => (row.skipped ? '-' : String(row[name] ?? 0))), String(row.seconds ?? '-'),
    row.skipped ? 'skipped' : row.ok ? 'ok' : 'MISSED',
  ])];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  process.stdout.write(`\n${lines.map((line) => line.map((text, column) => text.padEnd(widths[column])).join('  ').trimEnd()).join('\n')}\n`);
  for (const row of rows) {
    for (const { name, value, ok } of row.bars) process.stdout.write(`  ${row.name} (${row.mode}): ${name}: ${value}${ok ? '' : '  MISSED'}\n`);
    for (const text of row.findings) process.stdout.write(`  ${row.name} (${row.mode}): ${text}\n`);
    if (row.error) process.stdout.write(`  ${row.name} (${row.mode}): ${row.error.replaceAll('\n', '\n    ')}\n`);
    if (row.skipped) process.stdout.write(`  ${row.name} (${row.mode}): skipped: ${row.skipped}\n`);
  }
}

/**
 * @param {ReturnType<typeof faultOptions>} options `json` is a file; `resume` skips what the last full run finished
 * @returns {Promise<boolean>} whether every bar was met
 */
export async function faults({ names, quick, resume, json, seed }) {
  const state = (resume && readJsonIfPresent(stateFile)) || { seed: seed ?? String(Date.now()), rows: [] };
  const began = performance.now();
  const { print, now } = progress(began);
  const rows = [];
  let defect;
  const run = new FaultRun({ seed: state.seed, quick, report: (text) => now(run.title ?? '')(text) });
  print(`the seed is ${state.seed}`);
  for (const item of selectionOf({ names, quick })) {
    const { scenario: { name }, mode } = item;
    run.title = `${name} (${mode})`;
    const finished = resume && state.rows.find((row) => row.name === name && row.mode === mode);
    const row = finished || (await run.run(item));
    rows.push(row);
    print(`${run.title}: ${finished ? 'finished before: ' : ''}${summaryOf(row)}`);
    if (quick || finished || !row.ok || row.skipped) continue;
    state.rows.push(row);
    writeJson(stateFile, state);
  }
  await run.close().catch((error) => { defect = error.message; });
  printTable(rows);
  if (defect) process.stdout.write(`\n${defect}\n`);
  if (json) writeJson(json, { scenarios: rows });
  return !defect && rows.every(({ ok }) => ok);
}
