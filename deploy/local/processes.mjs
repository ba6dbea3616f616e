// SPDX-License-Identifier: Apache-2.0
// Starting, recognising and ending processes. A process is known by its id and its start time, so that a reused id
// never gets a signal meant for its predecessor.
import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ensureDirectory } from './files.mjs';

/** @typedef {{pid: number, startTime: string}} ProcessIdentity */

/** Fields of /proc/PID/stat after the program's name, which may itself hold spaces and parentheses. */
function statFields(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** @returns {string|undefined} the start time in clock ticks since boot; undefined for a dead process or a zombie */
export function startTimeOf(pid) {
  const fields = statFields(pid);
  return fields && fields[0] !== 'Z' && fields[0] !== 'X' ? fields[19] : undefined;
}

/** @param {ProcessIdentity|undefined} identity */
export function isAlive(identity) {
  return Boolean(identity?.pid) && startTimeOf(identity.pid) === identity.startTime;
}

/** @returns {boolean} whether the process has ended and its parent (init, for a detached one) has taken note of it */
export function isReaped({ pid, startTime }) {
  return statFields(pid)?.[19] !== startTime;
}

/**
 * Starts a program with its output in a log file.
 *
 * `lifetime` "parent": the kernel ends it when this process ends, however that happens. "own": it goes on in a session
 * of its own. `directoryHandle`: a directory that the program gets as descriptor 3, reachable as /proc/self/fd/3 even
 * where its user may not walk the path. `user`: run as that user and its group of the same name (needs root).
 *
 * @param {{command: string, args: string[], logFile: string, lifetime: 'parent'|'own', deathSignal?: string,
 *   directoryHandle?: string, user?: string|null, environment?: Record<string,string>, workingDirectory: string}} options
 * @returns {import('node:child_process').ChildProcess}
 */
export function start(options) {
  ensureDirectory(dirname(options.logFile));
  const log = openSync(options.logFile, 'a', 0o600);
  const directory = options.directoryHandle ? openSync(options.directoryHandle, 'r') : undefined;
  const privileges = [];
  if (options.lifetime === 'parent') privileges.push('--pdeathsig', (options.deathSignal ?? 'SIGKILL').slice(3));
  if (options.user) privileges.push('--reuid', options.user, '--regid', options.user, '--clear-groups');
  const [command, ...args] = [...(privileges.length ? ['setpriv', ...privileges, '--'] : []), options.command, ...options.args];
  try {
    const child = spawn(command, args, {
      cwd: options.workingDirectory,
      detached: options.lifetime === 'own',
      env: { ...process.env, ...options.environment },
      stdio: ['ignore', log, log, ...(directory === undefined ? [] : [directory])],
    });
    child.once('error', (error) => appendFileSync(options.logFile, `cannot start ${command}: ${error.message}\n`));
    return child;
  } finally {
    closeSync(log);
    if (directory !== undefined) closeSync(directory);
  }
}

/** @returns {ProcessIdentity} of a child that was just started */
export function identityOf(child) {
  return { pid: child.pid, startTime: startTimeOf(child.pid) ?? '' };
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Waits until `check` answers something truthy.
 * @returns {Promise<any>} that answer, or undefined after the deadline
 */
export async function waitFor(check, deadlineMs, intervalMs = 20) {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (performance.now() >= deadline) return undefined;
    await pause(intervalMs);
  }
}

function signalIfAlive(identity, signal, group) {
  if (!isAlive(identity)) return;
  try {
    process.kill(group ? -identity.pid : identity.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * Ends a process: its own stop signal first, SIGKILL (to its whole group, when it leads one) after the deadline.
 * @param {ProcessIdentity} identity
 * @param {{signal?: string, deadlineMs?: number, group?: boolean}} [options]
 * @returns {Promise<boolean>} false when it had to be killed
 */
export async function stop(identity, { signal = 'SIGTERM', deadlineMs = 25_000, group = false } = {}) {
  signalIfAlive(identity, signal, false);
  if (await waitFor(() => !isAlive(identity), deadlineMs)) return true;
  signalIfAlive(identity, 'SIGKILL', group);
  await waitFor(() => !isAlive(identity), 5_000);
  return false;
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {{input?: string, environment?: Record<string,string>, workingDirectory?: string}} [options]
 * @returns {Promise<{status: number|null, signal: string|null, stdout: string, stderr: string}>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.workingDirectory,
      env: { ...process.env, ...options.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text) => { output[name] += text; });
    }
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, ...output }));
  });
}
