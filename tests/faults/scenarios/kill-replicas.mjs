// SPDX-License-Identifier: Apache-2.0
// Three vaults refresh while one after the other dies by SIGKILL.
import { spread } from '../world.mjs';

export default {
  name: 'kill-replicas',
  title: 'kill -9 of a random vault every 200 ms during refreshes over three replicas',
  modes: ['grace', 'strict'],
  stack: 'standard',
  quick: true,
  minutes: 25,

  async run(world, report) {
    const people = await world.newPeople(world.size(60, 400));
    const killer = world.killer({ replicas: world.stack.tokenVault, everyMs: 200 });
    const replenish = async (count) => {
      await killer.hold();
      const more = await world.newPeople(count);
      await spread(more, 16, (person) => world.token(person));
      killer.go();
      return more;
    };
    try {
      await world.refreshAgain({ people, refreshes: world.size(300, 20_000), least: 40, concurrency: 9, deadlineMs: 1_000, replenish, report: (done) => report(`${done} refreshes`) });
    } finally {
      world.bar('kills', await killer.stop(), true);
    }
    world.bar('refreshes seen by clients', world.refreshesSeen, world.refreshesSeen >= world.size(40, 20_000));
  },
};
