// SPDX-License-Identifier: Apache-2.0
// PostgreSQL is stopped without a checkpoint again and again while tokens are refreshed.
import { timeOf } from '../ledger-view.mjs';
import { inBackground, pause } from '../world.mjs';

/** A request whose intent was committed just before may still be on its way. */
const onItsWayMs = 200;

export default {
  name: 'postgres-restart',
  title: 'immediate restart of PostgreSQL every 3 s during refreshes',
  modes: ['strict'],
  stack: 'standard',
  quick: true,
  minutes: 2,

  async run(world, report) {
    const people = await world.newPeople(world.size(20, 200));
    const absences = [];
    let running = true;
    const restarts = inBackground(async () => {
      while (running) {
        await pause(world.size(1_000, 3_000));
        absences.push(await world.restartPostgres());
      }
    });
    try {
      await world.refreshAgain({ people, refreshes: world.size(120, 10_000), deadlineMs: 8_000, report: (done) => report(`${done} refreshes, ${absences.length} restarts`) });
    } finally {
      running = false;
      await restarts;
    }
    world.bar('restarts', absences.length, true);
    const refreshes = await world.simulator.ledger({ type: 'refresh' });
    const blind = refreshes.filter((entry) => absences.some(({ from, to }) => timeOf(entry) > from + onItsWayMs && timeOf(entry) < to)).length;
    world.bar('requests to Zoom while no intent could be written', blind, blind === 0);
  },
  bars: (found) => [{ name: 'lost by a restart', value: found.windowLosses, ok: found.windowLosses === 0 }],
};
