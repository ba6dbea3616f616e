// SPDX-License-Identifier: Apache-2.0
// A rolling deployment that never ends: SIGTERM loses nothing, even where Zoom is strict.
export default {
  name: 'terminate-replicas',
  title: 'SIGTERM of a random vault every 2 s during refreshes over three replicas',
  modes: ['strict'],
  stack: 'standard',
  quick: true,
  minutes: 1,

  async run(world, report) {
    const people = await world.newPeople(world.size(20, 200));
    const killer = world.killer({ replicas: world.stack.tokenVault, everyMs: world.size(400, 2_000), signal: 'SIGTERM' });
    try {
      await world.refreshAgain({ people, refreshes: world.size(200, 20_000), report: (done) => report(`${done} refreshes`) });
    } finally {
      world.bar('SIGTERMs', await killer.stop(), true);
    }
  },
  /** A process that is asked to end has the time to store what it holds. */
  bars: (found) => [{ name: 'lost by SIGTERM', value: found.windowLosses, ok: found.windowLosses === 0 }],
};
