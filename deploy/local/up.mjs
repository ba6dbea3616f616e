// SPDX-License-Identifier: Apache-2.0
// `deploy/dev up`: brings the local stack to the state the checkout asks for, keeping what already fits.
import { once } from 'node:events';
import { existsSync, renameSync } from 'node:fs';
import { authorityFile } from './probes.mjs';
import { bringUp, compose } from './composition.mjs';
import { endProcesses } from './down.mjs';
import { UserError } from './errors.mjs';
import { binaryDirectory, localDirectory, serviceNames } from './layout.mjs';
import { freePortFrom, holderOf, isFree } from './ports.mjs';
import { identityOf, isAlive, start, waitFor } from './processes.mjs';
import { demoUsers, redirectUrl } from './projects.mjs';
import { choosePorts, readState, savePorts, withLock, writeState } from './state.mjs';
import { fingerprint, forget, requirePrograms, waitUntilReady } from './specification.mjs';
import { loadZoomConfig } from './zoom-config.mjs';

const defaultGatewayPort = 8443;
const readinessDeadlineMs = 60_000;
const began = performance.now();

const say = (text) => process.stderr.write(`[${String(Math.round((performance.now() - began) / 1000)).padStart(4)}s] ${text}\n`);

/** The gateway's port: the one asked for or nothing; else the last one, else 8443, else the next free one. */
async function chooseGatewayPort(wanted, saved, ours) {
  const usable = async (port) => ours.has(port) || (await isFree(port));
  if (wanted !== undefined) {
    if (await usable(wanted)) return wanted;
    throw new UserError(`the gateway has to listen on port ${wanted}, which ${holderOf(wanted)} holds.`,
      'End that program, or set "gateway_port" to a free port and register the redirect URL with it.');
  }
  for (const port of [saved, defaultGatewayPort].filter(Boolean)) {
    if (await usable(port)) return port;
    say(`port ${port} is held by ${holderOf(port)}; looking for another one`);
  }
  return freePortFrom(defaultGatewayPort + 1);
}

async function describe({ zoomConfigFile }, state) {
  const zoom = zoomConfigFile === undefined ? undefined : loadZoomConfig(zoomConfigFile);
  const binaries = binaryDirectory('release');
  requirePrograms(binaries, serviceNames);
  const ours = new Set(state.processes.flatMap(({ ports }) => Object.values(ports)));
  const ports = await choosePorts(ours);
  ports.gateway[0].https = await chooseGatewayPort(zoom?.gatewayPort, ports.gateway[0].https, ours);
  savePorts(ports);
  return compose({
    directory: localDirectory,
    binaries,
    services: serviceNames,
    ports,
    publicUrl: `https://localhost:${ports.gateway[0].https}`,
    zoomApp: zoom?.app ?? null,
    keepState: true,
    webhooks: true,
    durable: true,
  });
}

/** Starts what does not run, restarts what has changed, ends what is not wanted any more. */
async function reconcile(stack, state) {
  const wanted = new Map([...stack.stores, ...stack.services].map((item) => [item.name, fingerprint(item)]));
  const fits = ({ name, fingerprint: print }) => wanted.get(name) === print;
  const kept = state.processes.filter(fits);
  if (kept.length === wanted.size && state.processes.length === wanted.size) return [];

  const stale = state.processes.filter((running) => !fits(running));
  if (stale.length > 0) say(`stopping ${stale.map(({ name }) => name).join(', ')}`);
  await endProcesses(stale);
  state.processes = kept;
  state.url = stack.publicUrl;
  const started = [];
  const launch = async (specification) => {
    const { name, ports, stopSignal, logFile } = specification;
    let running = state.processes.find((item) => item.name === name);
    if (!running) {
      forget(specification);
      // The log of the run before stays readable beside the new one.
      if (existsSync(logFile)) renameSync(logFile, `${logFile}.1`);
      const child = start({ ...specification, lifetime: 'own' });
      child.unref();
      running = { name, ...identityOf(child), fingerprint: wanted.get(name), ports, stopSignal, logFile };
      state.processes.push(running);
      writeState(state);
      started.push(name);
    }
    await waitUntilReady(specification, running, readinessDeadlineMs);
    if (started.includes(name)) say(`${name} is ready on port ${ports.main}`);
  };
  try {
    await bringUp(stack, launch, (step) => say(`starting: ${step}`));
  } catch (error) {
    await endProcesses(state.processes.filter(({ name }) => started.includes(name)));
    writeState({ ...state, processes: state.processes.filter(isAlive) });
    throw error;
  }
  return started;
}

/** Zoom users to sign in with: one with a licence, one without. */
async function simulatedUsers() {
  const { DEFAULT_USERS: users } = await import('../../tests/zoom-simulator/users.mjs');
  return [users.find((user) => user.zoom_phone !== false), users.find((user) => user.zoom_phone === false)].filter(Boolean);
}

async function welcome(stack, { zoomConfigFile, detach }) {
  const lines = [
    '',
    `Open ${stack.publicUrl}/`,
    `  Sign in as ${demoUsers.map(({ display_name: name, roles }) => (roles.includes('admin') ? `${name} (administrator)` : name)).join(', ')}.`,
    `  Your browser has to trust the local certificate authority: ${authorityFile}`,
    '',
    'What to try',
    '  1. Settings, Integrations: press "Zoom Phone Integration" and connect a Zoom account.',
  ];
  if (stack.simulator) {
    lines.push(
      '     Sign in to the simulated Zoom as one of its users, for example:',
      ...(await simulatedUsers()).map(({ email, password, zoom_phone: phone }) =>
        `       ${email}   password ${password}${phone === false ? '   (no Zoom Phone licence)' : ''}`),
      `     All of them, and Zoom's bad days to play with: ${stack.simulator.controlUrl}`,
    );
  } else {
    lines.push(`     Its OAuth server is the one of ${zoomConfigFile}; register this redirect URL there:`, `     ${redirectUrl(stack.publicUrl)}`);
  }
  lines.push(
    '  2. Companies: open one, press the phone icon beside a number, then "Call".',
    '  3. Write a note on the call. Disconnect: the calls and notes stay.',
    '  4. From a shell: deploy/dev rpc --list; as a program: services/gateway/static/components/README.md.',
    '',
    detach ? 'deploy/dev status shows what runs, deploy/dev down ends it.' : 'Ctrl-C ends everything.',
    '',
  );
  process.stdout.write(lines.join('\n'));
}

/** Resolves on Ctrl-C and the like ("signal"), or once another `down` has ended everything ("down"). */
async function untilEnded() {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => once(process, name, { signal: controller.signal }).then(() => 'signal', () => {}));
  const watched = readState().processes;
  const reported = new Set();
  const watch = waitFor(() => {
    if (controller.signal.aborted) return 'signal';
    const { processes } = readState();
    for (const { name, logFile, ...identity } of watched.filter((item) => !isAlive(item) && !reported.has(item.pid))) {
      reported.add(identity.pid);
      if (processes.length > 0) say(`${name} has ended; ${logFile} may say why. deploy/dev up starts it again.`);
    }
    return processes.length === 0 ? 'down' : undefined;
  }, Infinity, 1000);
  const reason = await Promise.race([...signals, watch]);
  controller.abort();
  return reason;
}

/** @param {{detach: boolean, zoomConfigFile?: string}} options */
export async function up(options) {
  const stopEarly = () => {
    say('interrupted; ending what was started');
    endProcesses(readState().processes).then(() => {
      writeState({ processes: [] });
      process.exit(130);
    });
  };
  process.once('SIGINT', stopEarly);
  const { stack, started } = await withLock(async () => {
    const state = { ...readState(), zoomConfig: options.zoomConfigFile ?? null };
    const composed = await describe(options, state);
    const names = await reconcile(composed, state);
    writeState(state);
    return { stack: composed, started: names };
  });
  process.removeListener('SIGINT', stopEarly);

  if (started.length === 0) say('everything runs already, with these programs and settings');
  await welcome(stack, { ...options, detach: options.detach || started.length === 0 });
  if (options.detach || started.length === 0) return;
  if ((await untilEnded()) !== 'signal') return;
  say('ending everything');
  await withLock(async () => {
    await endProcesses(readState().processes);
    writeState({ processes: [] });
  });
}
