// SPDX-License-Identifier: Apache-2.0
// PostgreSQL dies for good and its synchronous standby takes over.
import { join } from 'node:path';
import { eventually } from '../../integration/lib/conditions.mjs';
import { startCopy, takeBackup } from '../cluster-copy.mjs';
import { TcpProxy } from '../tcp-proxy.mjs';
import { inBackground, pause } from '../world.mjs';

/** Copies the running cluster and starts the copy as its standby, to which every commit goes first. */
async function startStandby(stack) {
  const { postgres } = stack;
  const directory = join(stack.directory, 'standby');
  await takeBackup(stack, directory);
  const standby = await startCopy(stack, directory, { name: 'standby', standby: true });
  await postgres.execute('postgres', 'ALTER SYSTEM SET synchronous_standby_names = \'standby\'');
  await postgres.query('postgres', 'SELECT pg_reload_conf()');
  await eventually('the standby is synchronous', async () =>
    (await postgres.query('postgres', 'SELECT sync_state FROM pg_stat_replication')).some(({ sync_state: state }) => state === 'sync'), 30_000);
  return standby;
}

export default {
  name: 'postgres-failover',
  title: 'PostgreSQL dies and its synchronous standby takes over during refreshes',
  modes: ['strict'],
  stack: 'standard',
  quick: false,
  minutes: 1,
  spoilsStack: true,

  async run(world, report) {
    const { stack } = world;
    const proxy = await new TcpProxy({ port: stack.postgres.port }, world.random.fork('proxy')).start();
    world.cleanUps = [() => proxy.stop()];
    report('a synchronous standby comes up');
    const standby = await startStandby(stack);
    world.cleanUps.push(() => standby.process.stop());
    const overrides = { database: { port: proxy.port } };
    await Promise.all([...stack.tokenVault, ...stack.accountLink].map((replica) => replica.restart({ overrides })));
    const people = await world.newPeople(100);
    const failover = inBackground(async () => {
      await pause(3_000);
      const fault = world.history.fault('postgres', 'postgresql');
      await stack.postgres.process.kill('SIGKILL');
      await standby.query('postgres', 'SELECT pg_promote()');
      proxy.target = { host: standby.host, port: standby.port };
      proxy.cutAll();
      world.stack = { ...stack, postgres: standby };
      fault.to = Date.now();
    });
    await world.refreshAgain({ people, refreshes: 3_000, deadlineMs: 8_000, report: (done) => report(`${done} refreshes`) });
    await failover;
    await world.refreshAgain({ people, refreshes: 500, deadlineMs: 8_000 });
  },
  bars: (found) => [{ name: 'lost by the failover', value: found.windowLosses, ok: found.windowLosses === 0 }],

  async cleanUp(world) {
    for (const cleanUp of (world.cleanUps ?? []).reverse()) await cleanUp();
  },
};
