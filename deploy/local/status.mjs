// SPDX-License-Identifier: Apache-2.0
// `deploy/dev status`: what runs, where, and whether it is ready.
import { serviceNames } from './layout.mjs';
import { answersOk } from './specification.mjs';
import { authorityFile, storeProbes } from './probes.mjs';
import { readState } from './state.mjs';

const names = ['postgresql', 'redis', 'zoom-simulator', ...serviceNames];

/** @param {{json: boolean}} options */
export async function status({ json }) {
  const state = readState();
  const probes = storeProbes();
  const services = await Promise.all(names
    .map((name) => ({ name, running: state.processes.find((item) => item.name === name) }))
    // With another OAuth server there is no simulator to speak of.
    .filter(({ name, running }) => running || name !== 'zoom-simulator' || !state.zoomConfig)
    .map(async ({ name, running }) => {
      if (!running) return { name, port: null, ready: false };
      const ready = running.ports.admin
        ? await answersOk(`http://127.0.0.1:${running.ports.admin}/readyz`)
        : await probes[name](running);
      return { name, port: running.ports.main, ready, pid: running.pid };
    }));
  const running = state.processes.length > 0;
  if (json) {
    process.stdout.write(`${JSON.stringify({ running, url: running ? state.url : null, zoomConfig: state.zoomConfig, services })}\n`);
    return;
  }
  for (const { name, port, ready, pid } of services) {
    const what = pid === undefined ? 'not running' : `${ready ? 'ready    ' : 'not ready'}  port ${port}  pid ${pid}`;
    process.stdout.write(`${name.padEnd(15)} ${what}\n`);
  }
  if (running) process.stdout.write(`\n${state.url}/  (certificate authority: ${authorityFile})\n`);
}
