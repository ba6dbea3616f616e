// SPDX-License-Identifier: Apache-2.0
// The vault dies by SIGKILL at the n-th network, file or flush call of an operation, for n = 1, 2, 3, …
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { run } from '../../../deploy/local/processes.mjs';

/** What moves bytes to Zoom, PostgreSQL, clients and files. */
const systemCalls = ['connect', 'sendto', 'sendmsg', 'write', 'writev', 'recvfrom', 'recvmsg', 'read', 'fsync', 'fdatasync', 'openat', 'rename', 'unlink', 'close'];

/** An operation makes fewer calls of one kind in one thread; beyond them nothing dies, and the next kind has its turn. */
const most = 200;

/** strace lets go within milliseconds. */
const tracerPatienceMs = 2000;

const operations = {
  async refresh(world) {
    const [person] = await world.newPeople(1);
    await world.expire([person]);
    return () => world.token(person);
  },
  async connect(world) {
    const person = await world.newPerson();
    return () => world.connect(person);
  },
  async disconnect(world) {
    const [person] = await world.newPeople(1);
    return () => world.disconnect(person);
  },
};

/**
 * Ends strace. One that is asked to let go of a process which is just dying can wait for its first thread for ever,
 * while another thread waits to be fetched by strace itself; the kernel resolves that when strace is killed.
 */
async function stopTracer(tracer, ended) {
  tracer.kill('SIGINT');
  const timer = setTimeout(() => tracer.kill('SIGKILL'), tracerPatienceMs);
  await ended;
  clearTimeout(timer);
}

/** Lets strace kill a process at the n-th call of a kind that one of its threads makes. Resolves once it watches. */
async function armAt(pid, systemCall, n) {
  const tracer = spawn('strace', ['-f', '-p', String(pid), '-o', '/dev/null', '-e', `trace=${systemCall}`, '-e', `inject=${systemCall}:signal=SIGKILL:when=${n}`],
    { stdio: ['ignore', 'ignore', 'pipe'] });
  tracer.stderr.setEncoding('utf8');
  let text = '';
  const ended = once(tracer, 'exit');
  const attached = new Promise((resolve) => {
    tracer.stderr.on('data', (piece) => {
      text += piece;
      if (text.includes('attached')) resolve(true);
    });
  });
  if (await Promise.race([attached, ended.then(() => false)])) return { stop: () => stopTracer(tracer, ended) };
  throw new Error(`strace could not watch the vault: ${text.trim()}`);
}

/** @returns {Promise<boolean>} whether the vault died while `act` ran */
async function killAt(world, act, systemCall, n) {
  const [vault] = world.stack.tokenVault;
  const tracer = await armAt(vault.pid, systemCall, n);
  const fault = world.history.fault('kill', vault.name);
  const dies = vault.willCrash().then(() => true);
  const dead = await Promise.race([dies, act().then(() => new Promise((resolve) => { setTimeout(resolve, 100, false); }))]);
  fault.to = Date.now();
  await tracer.stop();
  return dead;
}

export default {
  name: 'system-calls',
  title: 'SIGKILL at every network, file and flush call of a refresh, a connect and a disconnect',
  modes: ['grace', 'strict'],
  stack: 'whole',
  quick: false,
  minutes: 8,

  async unavailable() {
    const { status } = await run('strace', ['-V']).catch(() => ({ status: 127 }));
    if (status !== 0) return 'strace is not installed';
    return process.env.SHODAN_PRESET === 'release' ? undefined : 'needs the release build: LeakSanitizer and ptrace do not mix';
  },

  async run(world, report) {
    const [vault] = world.stack.tokenVault;
    // Its own background work would come by the calls before the operation does.
    const overrides = { lifetimes: { sweep_interval_ms: 60_000 } };
    for (const [name, prepare] of Object.entries(operations)) {
      let died = 0;
      for (const systemCall of systemCalls) {
        for (let n = 1; n <= most; n += 1) {
          await vault.restart({ overrides });
          const dead = await killAt(world, await prepare(world), systemCall, n);
          report(`${name}: ${systemCall} ${n} (${dead ? 'died' : 'survived'})`);
          if (!dead) break;
          died += 1;
        }
      }
      world.bar(`${name}: calls at which the vault died`, died, died > 20);
    }
    await vault.restart();
  },
};
