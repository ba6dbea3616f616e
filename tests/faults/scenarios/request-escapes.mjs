// SPDX-License-Identifier: Apache-2.0
// Paths and queries of an attack grammar, over the wire: Zoom's host sees paths of the allowed form and nothing else.
import { faultOf, hostileText } from '../../integration/lib/request-targets.mjs';
import { ZoomApiDriver } from '../../integration/lib/zoom-api.mjs';
import { spread } from '../world.mjs';

const batch = 10_000;
const expectedRefusals = ['INVALID_FIELD', 'SCOPE_MISSING'];

/**
 * Sends one GET; again where the server refused the stream unread (RFC 9113, 8.7), as it may when a connection grows old.
 * @returns {Promise<Error|null>}
 */
async function send(driver, userId, target, replica) {
  let error;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    error = await driver.send(userId, target, { replica }).then(() => null, (failure) => failure);
    if (!error || error.code !== 'UNAVAILABLE' || error.reason) break;
  }
  return error;
}

export default {
  name: 'request-escapes',
  title: 'paths and queries of an attack grammar against the API’s base',
  modes: ['strict'],
  stack: 'requests',
  quick: false,
  minutes: 45,

  async run(world, report) {
    const { stack, simulator } = world;
    const random = world.random.fork('targets');
    const total = world.size(5_000, 1_000_000);
    const people = await world.newPeople(6);
    const driver = new ZoomApiDriver(stack);
    const host = new URL(simulator.url).host;
    const figures = { passed: 0, refused: 0, arrived: 0 };
    const escapes = [];
    const surprises = [];
    await simulator.setSwitches({ echo: true });
    try {
      for (let made = 0; made < total && escapes.length === 0; made += batch) {
        const targets = Array.from({ length: Math.min(batch, total - made) }, () => ({ path: hostileText(random), query: random.chance(0.5) ? hostileText(random) : '' }));
        const position = await simulator.position();
        await spread(targets, 48, async (target) => {
          const { userId } = random.pick(people);
          const error = await send(driver, userId, target, random.pick(stack.zoomApi));
          if (!error) figures.passed += 1;
          else if (expectedRefusals.includes(error.reason)) figures.refused += 1;
          else surprises.push(`${JSON.stringify(target)}: ${error.message}`);
        });
        const seen = await simulator.ledger({ type: 'request_seen' }, position);
        figures.arrived += seen.length;
        escapes.push(...seen.map((entry) => ({ entry, fault: faultOf(entry, host) })).filter(({ fault }) => fault));
        report(`${made + targets.length} of ${total} paths and queries`);
      }
      world.bar('paths and queries', total, true);
      world.bar('refused', figures.refused, figures.refused > 0);
      world.bar('arrived at Zoom', figures.arrived, figures.arrived === figures.passed && figures.arrived > total / 20);
      world.bar('escapes', escapes.length, escapes.length === 0);
      for (const { entry, fault } of escapes.slice(0, 5)) world.bar(`escape: ${fault}`, `${entry.host} ${entry.path} ${entry.query ?? ''}`, false);
      world.bar('other failures', surprises[0] ?? 0, surprises.length === 0);
    } finally {
      driver.close();
      await simulator.setSwitches({ echo: false });
    }
  },
};
