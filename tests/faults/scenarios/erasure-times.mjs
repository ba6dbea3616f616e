// SPDX-License-Identifier: Apache-2.0
// How long a disconnect takes until everything is wiped: in peace, with vaults that die, and with Zoom down.
import { eventually } from '../../integration/lib/conditions.mjs';
import { openWork } from '../evidence.mjs';
import { spread } from '../world.mjs';

/** Milliseconds from the beginning of each person's disconnect to the wipe, by the databases' clock. */
async function timesOf(world, people) {
  await eventually('every erasure has ended', async () => {
    const { revocations, disconnecting, decisions } = await openWork(world.stack, world.prefix);
    return revocations + disconnecting + decisions === 0;
  }, 90_000, 100);
  const users = people.map(({ userId }) => `'${userId}'`).join(', ');
  const rows = await world.stack.postgres.query('token_vault',
    `SELECT extract(epoch FROM wiped_at - started_at) * 1000 AS ms FROM erasure_ledger WHERE user_id IN (${users}) AND wiped_at IS NOT NULL`);
  return rows.map(({ ms }) => Math.round(Number(ms))).sort((a, b) => a - b);
}

const p99 = (times) => times[Math.min(times.length - 1, Math.floor(times.length * 0.99))];

export default {
  name: 'erasure-times',
  title: 'times of erasures in peace, with vaults that die, and with Zoom down',
  modes: ['strict'],
  stack: 'standard',
  quick: true,
  minutes: 3,

  async run(world, report) {
    const count = world.size(20, 500);
    const phase = async (name, during = async (work) => work()) => {
      report(name);
      const people = await world.newPeople(count);
      // A client repeats its request until it was heard.
      await during(() => spread(people, 8, async (person) => {
        const first = await world.disconnect(person);
        if (!first.ok) await world.disconnect(person, { requestId: first.requestId });
      }));
      const times = await timesOf(world, people);
      world.bar(`${name}: erasures`, times.length, times.length >= count * 0.9);
      return times;
    };
    const calm = await phase('in peace');
    world.bar('in peace: p99 ms', p99(calm), p99(calm) <= 5_000);
    const killed = await phase('vaults die', async (work) => {
      const killer = world.killer({ replicas: world.stack.tokenVault, everyMs: 200 });
      await work().finally(() => killer.stop());
    });
    const down = await phase('Zoom is down', async (work) => {
      await world.simulator.addFault({ endpoint: '*', before: { reset: true }, times: null });
      const fault = world.history.fault('zoom_down', 'zoom');
      await work();
      await eventually('every erasure has ended', async () => (await openWork(world.stack, world.prefix)).revocations === 0, 90_000, 100);
      fault.to = Date.now();
      await world.simulator.clearFaults();
    });
    const longest = Math.max(...killed, ...down);
    world.bar('with kills and Zoom down: longest ms', longest, longest <= 60_000);
  },
};
