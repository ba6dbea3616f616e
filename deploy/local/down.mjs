// SPDX-License-Identifier: Apache-2.0
// `deploy/dev down`: ends exactly what `up` started.
import { isReaped, stop, waitFor } from './processes.mjs';
import { readState, withLock, writeState } from './state.mjs';

const stores = new Set(['postgresql', 'redis', 'zoom-simulator']);

/** Ends processes: the services first, then what they stand on. @returns {Promise<string[]>} names of those that had to be killed */
export async function endProcesses(processes) {
  const killed = [];
  const end = async (running) => {
    const inTime = await stop(running, { signal: running.stopSignal, group: true });
    if (!inTime) killed.push(running.name);
  };
  const gateways = processes.filter(({ name }) => name === 'gateway');
  const services = processes.filter(({ name }) => name !== 'gateway' && !stores.has(name));
  for (const group of [gateways, services, processes.filter(({ name }) => stores.has(name))]) await Promise.all(group.map(end));
  return killed;
}

/** @returns {Promise<void>} */
export async function down() {
  await withLock(async () => {
    const state = readState();
    const killed = await endProcesses(state.processes);
    writeState({ ...state, processes: [] });
    // Some init processes take a while to reap; nobody should find our dead ones in a process list.
    await waitFor(() => state.processes.every(isReaped), 5_000, 50);
    const names = state.processes.map(({ name }) => name).join(', ');
    process.stdout.write(names ? `Stopped ${names}. The data stays in .local/.\n` : 'Nothing is running.\n');
    if (killed.length > 0) process.stderr.write(`deploy/dev: ${killed.join(', ')} did not end when asked and had to be killed.\n`);
  });
}
