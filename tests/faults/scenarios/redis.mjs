// SPDX-License-Identifier: Apache-2.0
// Redis forgets everything, dies and comes back, and holds garbage: no token, no link and no person notices.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { GatewayDriver, Person } from '../../integration/lib/gateway.mjs';
import { pause, spread } from '../world.mjs';

/** Sets keys to texts without waiting for more than the connection's end. */
function write({ host, port, passwordFile }, pairs) {
  const encode = (words) => `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
  const commands = [['AUTH', readFileSync(passwordFile, 'utf8')], ...pairs.map((pair) => ['SET', ...pair]), ['QUIT']];
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => socket.end(commands.map(encode).join('')));
    socket.on('error', () => {}).on('close', resolve).resume();
  });
}

export default {
  name: 'redis',
  title: 'Redis flushed, killed and filled with garbage while people use the product',
  modes: ['strict'],
  stack: 'whole',
  quick: true,
  minutes: 1,

  async run(world, report) {
    const { redis } = world.stack;
    const people = await world.newPeople(world.size(4, 20));
    const gateway = new GatewayDriver(world.stack);
    const random = world.random.fork('redis');
    const kinds = {
      flush: () => redis.flush(),
      garbage: () => write(redis, Array.from({ length: 50 }, () => [`${random.pick(['rate', 'limit', 'session', 'budget'])}:${random.integer(1e6)}`, String(random.next())])),
      async kill() {
        await redis.process.kill('SIGKILL');
        await pause(300);
        await redis.process.start();
      },
    };
    let [failed, asked] = [0, 0];
    for (let round = 0; round < world.size(4, 60); round += 1) {
      const kind = random.pick(Object.keys(kinds));
      report(`round ${round + 1}: ${kind}`);
      await world.expire(people);
      const fault = world.history.fault('redis', 'redis');
      const hurting = kinds[kind]();
      await spread(people, 8, async (person) => {
        const { status } = await new Person({ http: gateway.http, stack: world.stack }, person.userId, { bearer: true }).api('GET', '/link');
        asked += 1;
        if (status !== 200 || !(await world.token(person)).ok) failed += 1;
      });
      await hurting;
      fault.to = Date.now();
    }
    gateway.close();
    world.bar(`failures of ${asked} uses`, failed, failed === 0);
  },
};
