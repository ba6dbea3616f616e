// SPDX-License-Identifier: Apache-2.0
// The second half of `deploy/dev test`: runs the layers on a finished build and adds everything up.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printError } from '../errors.mjs';
import { isAlive } from '../processes.mjs';
import { testDirectory } from '../stack.mjs';
import { needsStores, phasesOf } from './layers.mjs';
import { runPhase } from './runners.mjs';
import { startTestStores } from './stores.mjs';

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const say = (text) => process.stdout.write(`\n=== ${text}\n`);

/** Removes stacks whose test process is gone without having cleaned up. */
function pruneStacks() {
  const directory = join(testDirectory, 'stacks');
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const [pid, startTime] = name.split('-');
    if (!isAlive({ pid: Number(pid), startTime })) rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** A sanitizer's report has to fail the test and to name its lines. Settings of the caller come last and win. */
function sanitizerSettings() {
  const symbolizer = ['/usr/bin/llvm-symbolizer-19'].find((path) => existsSync(path));
  const before = (name, settings) => [settings, process.env[name]].filter(Boolean).join(':');
  return {
    ASAN_OPTIONS: before('ASAN_OPTIONS', 'detect_stack_use_after_return=1:strict_string_checks=1'),
    UBSAN_OPTIONS: before('UBSAN_OPTIONS', 'halt_on_error=1:print_stacktrace=1'),
    TSAN_OPTIONS: before('TSAN_OPTIONS', `halt_on_error=1${symbolizer ? `:external_symbolizer_path=${symbolizer}` : ''}`),
    ...(symbolizer ? { ASAN_SYMBOLIZER_PATH: symbolizer, UBSAN_SYMBOLIZER_PATH: symbolizer } : {}),
  };
}

async function runAll(phases, preset) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const rows = [];
  const environment = { ...sanitizerSettings(), SHODAN_PRESET: preset };
  const stores = needsStores(phases) ? await startTestStores() : undefined;
  if (stores) environment.SHODAN_TEST_SERVICES = stores.servicesFile;
  try {
    for (const phase of phases) {
      const began = performance.now();
      say(phase.title);
      const outcome = await runPhase(phase, { preset, environment, reports: join(testDirectory, 'reports') });
      if (outcome.passed + outcome.failed + outcome.skipped === 0) {
        outcome.failed = 1;
        outcome.names.push('no test was found; a layer that runs nothing proves nothing');
      }
      for (const key of Object.keys(total)) total[key] += outcome[key];
      rows.push({ phase, outcome, time: seconds(began) });
    }
  } finally {
    await stores?.stop();
  }
  return { total, rows };
}

function summarise({ total, rows }, began) {
  say(`summary, after ${seconds(began)}`);
  for (const { phase, outcome, time } of rows) {
    const counts = `${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped`;
    process.stdout.write(`${phase.title.padEnd(26)} ${counts.padEnd(40)} ${time}\n`);
    for (const name of outcome.names) process.stdout.write(`    failed: ${name}\n`);
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
}

try {
  const { values, positionals } = parseArgs({ options: { preset: { type: 'string', default: 'asan' } }, allowPositionals: true });
  const began = performance.now();
  pruneStacks();
  const result = await runAll(phasesOf(positionals, values.preset), values.preset);
  summarise(result, began);
  process.exitCode = result.total.failed > 0 ? 1 : 0;
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
