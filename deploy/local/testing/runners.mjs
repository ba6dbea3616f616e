// SPDX-License-Identifier: Apache-2.0
// Runs one phase with ctest or node's test runner, shows its output as it comes, and counts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ensureDirectory } from '../files.mjs';
import { root } from '../layout.mjs';

/** @typedef {{passed: number, failed: number, skipped: number, names: string[], status: number|null}} Outcome */

async function runVisibly(command, args, environment) {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'inherit', 'inherit'] });
  const forward = (signal) => child.kill(signal);
  process.on('SIGINT', forward);
  process.on('SIGTERM', forward);
  try {
    const [status] = await once(child, 'exit');
    return status;
  } finally {
    process.off('SIGINT', forward);
    process.off('SIGTERM', forward);
  }
}

const unescape = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&apos;', '\'').replaceAll('&amp;', '&');

/** Counts the test cases of ctest's JUnit file. @returns {Omit<Outcome, 'status'>} */
export function countJunit(xml) {
  const outcome = { passed: 0, failed: 0, skipped: 0, names: [] };
  for (const [, attributes] of xml.matchAll(/<testcase\s([^>]*?)\/?>/g)) {
    const status = /\bstatus="([^"]*)"/.exec(attributes)?.[1];
    if (status === 'run') outcome.passed += 1;
    else if (status === 'fail') {
      outcome.failed += 1;
      outcome.names.push(unescape(/\bname="([^"]*)"/.exec(attributes)?.[1] ?? 'unnamed'));
    } else outcome.skipped += 1;
  }
  return outcome;
}

/** Counts from the closing lines of node's TAP report. @returns {Omit<Outcome, 'status'>} */
export function countTap(tap) {
  const last = (name) => Number([...tap.matchAll(new RegExp(`^# ${name} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0);
  const names = [...tap.matchAll(/^ *not ok \d+ - (?!.*# (?:TODO|SKIP))(.*)$/gm)].map(([, name]) => name);
  return { passed: last('pass'), failed: last('fail') + last('cancelled'), skipped: last('skipped') + last('todo'), names };
}

async function runCtest(phase, { preset, reports, environment }) {
  const report = join(reports, `${phase.layer}-ctest.xml`);
  rmSync(report, { force: true });
  const status = await runVisibly('ctest', [
    '--test-dir', join(root, 'build', preset), '-L', `^${phase.label}$`, '--output-on-failure', '--no-tests=error',
    '--output-junit', report, '-j', String(availableParallelism()), '--timeout', '300',
  ], environment);
  return { ...(existsSync(report) ? countJunit(readFileSync(report, 'utf8')) : countJunit('')), status };
}

async function runNode(phase, { reports, environment }) {
  if (phase.files.length === 0) return { passed: 0, failed: 0, skipped: 0, names: [], status: 0 };
  const report = join(reports, `${phase.report ?? phase.layer}-node.tap`);
  rmSync(report, { force: true });
  const status = await runVisibly(process.execPath, [
    '--test', `--test-concurrency=${phase.concurrency}`,
    '--test-reporter=spec', '--test-reporter-destination=stdout', '--test-reporter=tap', `--test-reporter-destination=${report}`,
    ...phase.files,
  ], environment);
  return { ...countTap(existsSync(report) ? readFileSync(report, 'utf8') : ''), status };
}

/**
 * @param {import('./layers.mjs').Phase} phase
 * @param {{preset: string, reports: string, environment: Record<string,string>}} options
 * @returns {Promise<Outcome>} a runner that failed without a failed test counts as one failure
 */
export async function runPhase(phase, options) {
  ensureDirectory(options.reports);
  const outcome = await (phase.kind === 'ctest' ? runCtest : runNode)(phase, options);
  if (outcome.status !== 0 && outcome.failed === 0) {
    outcome.failed = 1;
    outcome.names.push(outcome.passed === 0 ? 'the test runner found or finished no test' : `the test runner ended with status ${outcome.status}`);
  }
  return outcome;
}
