// SPDX-License-Identifier: Apache-2.0
// A disconnect at the same moment as a refresh, or as the callback of a reconnect.
import { pause, spread } from '../world.mjs';

export default {
  name: 'disconnect-races',
  title: 'disconnects that race a refresh or a callback',
  modes: ['strict', 'grace'],
  stack: 'standard',
  quick: true,
  minutes: 25,

  async run(world, report) {
    const total = world.size(60, 20_000) / (world.quick ? 1 : 2);
    const batch = Math.min(total, 200);
    for (let done = 0; done < total; done += batch) {
      const people = await world.newPeople(batch);
      await world.expire(people);
      await spread(people.map((person, index) => ({ person, withCallback: index % 2 === 0 })), 8, (item) => race(world, item));
      report(`${done + batch} of ${total} races`);
    }
    const [{ won }] = await world.stack.postgres.query('token_vault', `SELECT count(*) AS won FROM grants WHERE user_id LIKE '${world.prefix}-%' AND state = 'active'`);
    // Whoever was first: a disconnect consumes the attempts that are open, and ends what a callback had just begun.
    world.bar(`still connected after ${total} races`, Number(won), Number(won) === 0);
  },
};

async function race(world, { person, withCallback }) {
  const answer = withCallback ? await world.authorize(person, { purpose: 'RECONNECT' }) : null;
  const late = (most = 25) => pause(world.random.integer(most));
  await Promise.all([
    late().then(() => world.token(person)),
    late(world.random.pick([25, 250])).then(() => world.persistentDisconnect(person)),
    ...(answer ? [late().then(() => world.finish(person, answer))] : [late().then(() => world.token(person))]),
  ]);
}
