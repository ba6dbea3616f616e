// SPDX-License-Identifier: Apache-2.0
// What `deploy/dev up` has started, and which ports it uses; kept in .local/.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from './errors.mjs';
import { ensureDirectory, readJsonIfPresent, writeJson } from './files.mjs';
import { localDirectory, serviceNames } from './layout.mjs';
import { isAlive, startTimeOf } from './processes.mjs';
import { freePort, isFree } from './ports.mjs';

const stateFile = join(localDirectory, 'state.json');
const portsFile = join(localDirectory, 'ports.json');
const lockFile = join(localDirectory, 'lock');

const bootId = () => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
};

/**
 * @typedef {{name: string, pid: number, startTime: string, fingerprint: string, ports: {main: number},
 *   stopSignal: string, logFile: string}} RunningProcess
 * @returns {{url: string|null, zoomConfig: string|null, processes: RunningProcess[]}} only processes that are alive
 */
export function readState() {
  const state = readJsonIfPresent(stateFile);
  if (!state || state.bootId !== bootId()) return { url: null, zoomConfig: null, processes: [] };
  return { ...state, processes: state.processes.filter(isAlive) };
}

/** @param {ReturnType<typeof readState>} state */
export function writeState(state) {
  if (state.processes.length === 0) rmSync(stateFile, { force: true });
  else writeJson(stateFile, { ...state, bootId: bootId() });
}

/** Runs `action` while no other `up` or `down` of this checkout does. */
export async function withLock(action) {
  ensureDirectory(localDirectory);
  const self = JSON.stringify({ pid: process.pid, startTime: startTimeOf(process.pid) });
  if (existsSync(lockFile) && !isAlive(readJsonIfPresent(lockFile))) rmSync(lockFile, { force: true });
  try {
    writeFileSync(lockFile, self, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    throw new UserError('another deploy/dev up or down is at work in this checkout.', 'Wait until it has ended and try again.');
  }
  try {
    return await action();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

/**
 * The ports of the local stack but the gateway's: those of the last time where they are still to be had.
 * @param {Set<number>} ours ports that our own running processes hold
 */
export async function choosePorts(ours) {
  const saved = readJsonIfPresent(portsFile) ?? {};
  const keep = async (port) => (port && (ours.has(port) || (await isFree(port))) ? port : freePort());
  const ports = {};
  for (const name of ['postgresql', 'redis', 'redisTls', 'simulator']) ports[name] = await keep(saved[name]);
  for (const service of serviceNames) {
    const kinds = service === 'gateway' ? ['admin'] : ['grpc', 'admin'];
    const before = saved[service]?.[0] ?? {};
    ports[service] = [{}];
    for (const kind of kinds) ports[service][0][kind] = await keep(before[kind]);
  }
  if (saved.gateway?.[0]?.https) ports.gateway[0].https = saved.gateway[0].https;
  return ports;
}

export const savePorts = (ports) => writeJson(portsFile, ports);
