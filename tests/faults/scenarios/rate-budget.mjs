// SPDX-License-Identifier: Apache-2.0
// Many users of one Zoom account at three replicas: Zoom's limit is kept before Zoom has to say so, hardly anything of
// it is left unused, and nobody is pushed aside by those who ask more often.
import { ZoomApiDriver } from '../../integration/lib/zoom-api.mjs';
import { pause } from '../world.mjs';

const perSecond = 200;
const users = 50;
/** How many requests a user keeps under way: some ask ten times as often as others. */
const widthOf = (index) => (index % 10 === 0 ? 20 : 2 + (index % 3));

async function peopleOfOneAccount(world) {
  const people = [];
  for (let index = 0; index < users; index += 1) {
    const email = `${world.prefix}-${index}@zoom.example`;
    const zoomUser = await world.simulator.addUser({ first_name: 'Budget', last_name: String(index), email, account_id: `${world.prefix}-account` });
    const person = await world.newPerson({ zoomUser });
    const call = await world.connect(person);
    if (!call.ok) throw new Error(`${person.userId} could not connect: ${call.message}`);
    people.push(person);
  }
  return people;
}

export default {
  name: 'rate-budget',
  title: '50 uneven users of one Zoom account over three replicas, within the limit of a second that slides',
  modes: ['strict'],
  stack: 'requests',
  quick: false,
  minutes: 3,

  async run(world, report) {
    const { stack, simulator } = world;
    const wanted = world.size(2_000, 20_000);
    const people = await peopleOfOneAccount(world);
    const limits = { waiting_per_user: 1_000, overrides: { light: { per_second: perSecond, per_day: 0 } } };
    for (const replica of stack.zoomApi) await replica.restart({ overrides: { rate_limits: limits } });
    const driver = new ZoomApiDriver(stack);
    const position = await simulator.position();
    await simulator.setSwitches({ light_per_second: perSecond, rate_window: 'sliding' });
    const answered = new Map(people.map(({ userId }) => [userId, 0]));
    const failures = new Map();
    let refused = 0;
    let done = 0;
    const began = performance.now();
    const hand = async ({ userId }, index) => {
      while (done < wanted) {
        const replica = stack.zoomApi[index % stack.zoomApi.length];
        const answer = await driver.send(userId, { path: 'users/me' }, { replica, deadlineMs: 20_000 }).catch((error) => error);
        if (answer.status === 200) {
          done += 1;
          answered.set(userId, answered.get(userId) + 1);
          report(`${done} of ${wanted} requests`);
        } else if (answer.reason === 'ZOOM_RATE_LIMITED') {
          // Nothing was sent: the turn would have come too late. A client comes back when it is told to.
          refused += 1;
          await pause(answer.retryAfterMs ?? 1_000);
        } else {
          const outcome = answer.reason ?? answer.code ?? String(answer.status);
          failures.set(outcome, (failures.get(outcome) ?? 0) + 1);
          await pause(100);
        }
      }
    };
    try {
      await Promise.all(people.flatMap((person, index) => Array.from({ length: widthOf(index) }, (_, number) => hand(person, index + number))));
      const seconds = (performance.now() - began) / 1000;
      const limited = await simulator.ledger({ type: 'rate_limited' }, position);
      const total = [...answered.values()].reduce((sum, count) => sum + count, 0);
      const throughput = total / seconds / perSecond;
      const smallest = Math.min(...answered.values()) / (total / users);
      world.bar('requests', total, total >= wanted);
      world.bar('answers 429', limited.length, limited.length === 0);
      world.bar('throughput / limit', Number(throughput.toFixed(3)), throughput >= 0.9);
      world.bar('smallest share / fair share', Number(smallest.toFixed(3)), smallest >= 0.5);
      world.bar('told to come back later', refused, true);
      world.bar('other failures', JSON.stringify(Object.fromEntries(failures)), failures.size === 0);
    } finally {
      driver.close();
      await simulator.setSwitches({ light_per_second: 0, rate_window: 'fixed' });
      for (const replica of stack.zoomApi) await replica.restart();
    }
  },
};
