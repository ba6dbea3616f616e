// SPDX-License-Identifier: Apache-2.0
// Zoom issues tokens and the answer breaks off, at every byte of its body, or the connection is reset.
import { inBatches } from '../../integration/lib/conditions.mjs';
import { spread } from '../world.mjs';

/** How long the body of a refresh's answer is: the ledger has what it is made of. */
async function bodyLength(world) {
  const [person] = await world.newPeople(1);
  const [issued] = await world.simulator.ledger({ type: 'tokens_issued', user_id: person.zoomUser.id });
  return JSON.stringify({
    access_token: issued.access_token, token_type: 'bearer', refresh_token: issued.refresh_token, expires_in: 3599, scope: issued.scope, api_url: world.simulator.url,
  }).length;
}

export default {
  name: 'token-answers',
  title: 'token answers that break off at every byte, or are reset after Zoom issued',
  modes: ['grace', 'strict'],
  stack: 'standard',
  quick: true,
  minutes: 2,

  async run(world, report) {
    const length = await bodyLength(world);
    const every = Array.from({ length }, (_, at) => at);
    const cuts = world.quick ? world.random.sample(every, 24) : every;
    for (let from = 0; from < cuts.length; from += 100) {
      const part = cuts.slice(from, from + 100);
      const people = await world.newPeople(part.length);
      const resets = await world.newPeople(2);
      await world.expire([...people, ...resets]);
      const fault = ({ zoomUser }, how) => world.simulator.addFault({ endpoint: 'token', match: { user_id: zoomUser.id, grant_type: 'refresh_token' }, ...how });
      await inBatches(people.map((person, index) => [person, { truncate_at: part[index] }]), ([person, how]) => fault(person, how));
      await inBatches(resets, (person) => fault(person, { after: { reset: true } }));
      await spread([...people, ...resets], 16, (person) => world.token(person, { deadlineMs: 20_000 }));
      report(`${Math.min(from + 100, cuts.length)} of ${cuts.length} cuts`);
    }
    world.bar(`cuts in ${length} bytes`, cuts.length, true);
  },
};
