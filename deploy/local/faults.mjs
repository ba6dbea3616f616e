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
/** How many seconds each scenario took here when it was last run at this size. */
const timesFile = join(localDirectory, 'faults-times.json');

const progressEveryMs = 5_000;
/** A run that somebody ends: 128 and SIGINT, as a shell has it. */
const interruptedStatus = 130;

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
  if (values.quick && values.resume) throw new UserError('--resume goes on with a full run; it does not go with --quick.');
  return { names: values.scenario, quick: values.quick, resume: values.resume, json: values.json, seed: values.seed };
}

/** @returns {string} seconds for people */
const timeText = (seconds) => (seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);

/** What scenarios took here, or what the catalogue says. */
class Expectations {
  #known = readJsonIfPresent(timesFile) ?? {};

  constructor(quick) { this.quick = quick; }

  #key({ scenario: { name }, mode }) { return `${name} ${mode} ${this.quick ? 'quick' : 'full'}`; }

  /** @returns {number} seconds */
  of(item) {
    const { minutes, modes } = item.scenario;
    return this.#known[this.#key(item)] ?? (this.quick ? 10 : (minutes * 60) / modes.length);
  }

  sum(items) { return items.reduce((total, item) => total + this.of(item), 0); }

  learn(item, seconds) {
    this.#known[this.#key(item)] = seconds;
    writeJson(timesFile, this.#known);
  }
}

/** Lines with the seconds since the run began; of one scenario's progress a line every few seconds. */
class Progress {
  #began = performance.now();
  #last = -Infinity;
  #scenarioBegan = 0;
  #heading = '';

  print(text) { process.stderr.write(`[${String(Math.round((performance.now() - this.#began) / 1000)).padStart(5)}s] ${text}\n`); }

  /** @param {string} heading which one of how many @param {number} expected seconds */
  begin(heading, expected) {
    this.#scenarioBegan = performance.now();
    this.#last = -Infinity;
    this.#heading = heading;
    this.expected = expected;
  }

  now(text) {
    if (performance.now() - this.#last < progressEveryMs) return;
    this.#last = performance.now();
    const seconds = (performance.now() - this.#scenarioBegan) / 1000;
    this.print(`${this.#heading}: ${text} (${timeText(seconds)} of about ${timeText(this.expected)})`);
  }
}

const figures = ['faults', 'lost', 'doubled', 'unexplained', 'resurrected', 'windowLosses'];

function summaryOf(row) {
  if (row.skipped) return `skipped: ${row.skipped}`;
  if (row.error) return `broke off: ${row.error.split('\n')[0]}`;
  return `${row.ok ? 'ok' : 'MISSED'}: ${figures.map((name) => `${name} ${row[name]}`).join(', ')}`;
}

function printTable(rows) {
  const lines = [['scenario', 'mode', ...figures, 's', ''], ...rows.map((row) => [
    row.name, row.mode, ...figures.map((name) => (row.skipped ? '-' : String(row[name] ?? 0))), String(row.seconds ?? '-'),
    row.skipped ? 'skipped' : row.ok ? 'ok' : 'MISSED',
  ])];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  process.stdout.write(`\n${lines.map((line) => line.map((text, column) => text.padEnd(widths[column])).join('  ').trimEnd()).join('\n')}\n`);
  for (const row of rows) {
    for (const { name, value, ok } of row.bars) process.stdout.write(`  ${row.name} (${row.mode}): ${name}: ${value}${ok ? '' : ' MISSED'}\n`);
    for (const text of row.findings) process.stdout.write(`  ${row.name} (${row.mode}): ${text}\n`);
    if (row.error) process.stdout.write(`  ${row.name} (${row.mode}): ${row.error.replaceAll('\n', '\n    ')}\n`);
    if (row.skipped) process.stdout.write(`  ${row.name} (${row.mode}): skipped: ${row.skipped}\n`);
    if (row.evidence) process.stdout.write(`  ${row.name} (${row.mode}): the whole evidence is in ${row.evidence}\n`);
  }
}

/** Resolves with the signal's name on the first Ctrl-C, SIGTERM or hang-up; a second one ends everything where it is. */
function interruption() {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        // The children end with this process, however it ends.
        if (asked) process.exit(interruptedStatus);
        asked = true;
        resolve(signal);
      });
    }
  });
}

/** What was finished before, and where more of it is kept; a run of some scenarios leaves an interrupted full run alone. */
function openState({ names, quick, resume, seed }) {
  const known = resume ? readJsonIfPresent(stateFile) : undefined;
  const state = known ?? { seed: seed ?? String(Date.now()), rows: [] };
  const keeps = !quick && (resume || !names);
  return {
    seed: state.seed,
    keeps,
    finished: ({ scenario, mode }) => (resume ? state.rows.find((row) => row.name === scenario.name && row.mode === mode) : undefined),
    keep(row) {
      if (!keeps || !row.ok || row.skipped) return;
      state.rows.push(row);
      writeJson(stateFile, state);
    },
  };
}

/** Runs the items one after the other until they are done or `stopped` resolves. @returns {Promise<boolean>} whether it was stopped */
async function runItems({ run, items, state, progress, expectations, stopped, take }) {
  for (const [index, item] of items.entries()) {
    const { scenario: { name, title }, mode } = item;
    const heading = `${index + 1}/${items.length} ${name} (${mode})`;
    const finished = state.finished(item);
    if (!finished) {
      const rest = items.slice(index).filter((other) => !state.finished(other));
      progress.print(`${heading}: ${title}; about ${timeText(expectations.of(item))}, all the rest about ${timeText(expectations.sum(rest))}`);
      progress.begin(heading, expectations.of(item));
    }
    const row = finished ?? (await Promise.race([run.run(item), stopped]));
    if (typeof row === 'string') return true;
    progress.print(`${heading}: ${finished ? 'finished before: ' : ''}${summaryOf(row)}`);
    if (!finished) {
      if (row.seconds) expectations.learn(item, row.seconds);
      state.keep(row);
    }
    take(row);
  }
  return false;
}

/**
 * @param {ReturnType<typeof faultOptions>} options `json` is a file, written after each scenario; `resume` skips what the last full
 *   run finished
 * @returns {Promise<boolean>} whether every bar was met; a run that is interrupted ends the process with status 130
 */
export async function faults({ names, quick, resume, json, seed }) {
  const state = openState({ names, quick, resume, seed });
  const progress = new Progress();
  const items = selectionOf({ names, quick });
  const rows = [];
  const run = new FaultRun({ seed: state.seed, quick, report: (text) => progress.now(text) });
  progress.print(`the seed is ${state.seed}; ${items.length} scenario runs`);
  const take = (row) => {
    rows.push(row);
    if (json) writeJson(json, { scenarios: rows });
  };
  const stopped = interruption();
  const interrupted = await runItems({ run, items, state, progress, expectations: new Expectations(quick), stopped, take });
  if (interrupted) {
    progress.print('interrupted: everything is being ended (once more ends it at once)');
    await run.abandon();
    if (json) writeJson(json, { scenarios: rows });
    printTable(rows);
    process.stdout.write(`\nInterrupted. ${state.keeps ? 'What was finished is kept; `deploy/dev faults --resume` goes on with it.' : 'Nothing of it is kept.'}\n`);
    process.exit(interruptedStatus);
  }
  const defect = await run.close().then(() => '', ({ message }) => message);
  printTable(rows);
  if (defect) process.stdout.write(`\n${defect}\n`);
  return !defect && rows.every(({ ok }) => ok);
}
