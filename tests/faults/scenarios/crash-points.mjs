// SPDX-License-Identifier: Apache-2.0
// A service dies by SIGKILL at each of its named crash points, on each side of every commit and of every byte to Zoom.
// Nobody repeats the call.
import { crashPointsOf } from '../../integration/lib/crashes.mjs';

const completing = ['vault.exchange.', 'vault.activate.', 'link.complete.'];

/** Operations: the crash points they come by, what is prepared, and what is done when the service dies. */
const operations = {
  refresh: {
    points: ['vault.refresh.'],
    async prepare(world) {
      const [person] = await world.newPeople(1);
      await world.expire([person]);
      return () => world.token(person, { replica: world.stack.tokenVault[0] });
    },
  },
  connect: {
    points: completing,
    async prepare(world) {
      const person = await world.newPerson();
      return () => world.connect(person, { replica: world.stack.accountLink[0] });
    },
  },
  reconnect: {
    points: completing,
    async prepare(world) {
      const [person] = await world.newPeople(1);
      return () => world.connect(person, { purpose: 'RECONNECT', replica: world.stack.accountLink[0] });
    },
  },
  takeOver: {
    points: ['vault.activate.', 'link.complete.'],
    async prepare(world) {
      const [{ zoomUser }] = await world.newPeople(1);
      const person = await world.newPerson({ zoomUser });
      return () => world.connect(person, { replica: world.stack.accountLink[0] });
    },
  },
  refusal: {
    points: ['vault.discard.', 'link.complete.before_decision', 'link.complete.after_decision'],
    async prepare(world) {
      const [person] = await world.newPeople(1);
      const other = await world.simulator.addUser({ first_name: 'Canary', last_name: 'Other', email: `other-${person.userId}@zoom.example` });
      return () => world.connect({ ...person, zoomUser: other }, { replica: world.stack.accountLink[0] });
    },
  },
  disconnect: {
    points: ['vault.erase.', 'link.disconnect.'],
    async prepare(world) {
      const [person] = await world.newPeople(1);
      return () => world.disconnect(person, { replica: world.stack.accountLink[0] });
    },
  },
};

const allPoints = () => ['token-vault', 'account-link'].flatMap(crashPointsOf);

function sweepOf(world) {
  const all = allPoints();
  const sweep = Object.entries(operations).flatMap(([name, operation]) =>
    all.filter((point) => operation.points.some((prefix) => point.startsWith(prefix))).map((point) => ({ name, operation, point })));
  const refreshes = sweep.filter(({ name }) => name === 'refresh');
  // The integration tests come by every point; a quick run adds the ones that a strict Zoom decides on and a few more.
  return world.quick ? [...refreshes, ...world.random.sample(sweep.filter(({ name }) => name !== 'refresh'), 3)] : sweep;
}

export default {
  name: 'crash-points',
  title: 'SIGKILL at every crash point of refresh, connect, reconnect, take-over, refusal and disconnect',
  modes: ['grace', 'strict'],
  stack: 'whole',
  quick: true,
  minutes: 3,

  async run(world, report) {
    const sweep = sweepOf(world);
    for (const [index, { name, operation, point }] of sweep.entries()) {
      report(`${index + 1}/${sweep.length} ${name} at ${point}`);
      const act = await operation.prepare(world);
      await world.crashAt(point.startsWith('vault.') ? world.stack.tokenVault[0] : world.stack.accountLink[0], point, act);
    }
    world.bar('crash points come by', sweep.length, true);
  },
};
