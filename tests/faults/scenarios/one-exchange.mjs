// SPDX-License-Identifier: Apache-2.0
// Many clients want the same expired token at one moment: Zoom is asked once.
import { atOnce } from '../../integration/lib/conditions.mjs';

const clients = 64;

export default {
  name: 'one-exchange',
  title: `${clients} clients at each of three replicas: one exchange for each expiry`,
  modes: ['strict'],
  stack: 'standard',
  quick: true,
  minutes: 3,

  async run(world, report) {
    const expiries = world.size(5, 1_000);
    const [person] = await world.newPeople(1);
    const mark = await world.simulator.position();
    let failed = 0;
    for (let round = 1; round <= expiries; round += 1) {
      await world.expire([person]);
      const { values } = await atOnce(clients * 3, (index) => world.token(person, { replica: world.stack.tokenVault[index % 3], deadlineMs: 30_000 }));
      failed += values.filter(({ ok }) => !ok).length;
      report(`${round} of ${expiries} expiries`);
    }
    const exchanges = (await world.simulator.ledger({ type: 'refresh', user_id: person.zoomUser.id }, mark)).length;
    world.bar(`exchanges for ${expiries} expiries`, exchanges, exchanges === expiries);
    world.bar('failed calls', failed, failed === 0);
  },
};
