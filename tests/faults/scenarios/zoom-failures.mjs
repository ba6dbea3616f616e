// SPDX-License-Identifier: Apache-2.0
// Zoom answers a refresh with failures that consume nothing: the link stays, and a time to come back is kept.
import { timeOf } from '../ledger-view.mjs';
import { pause, spread } from '../world.mjs';

const failures = [
  { answer: { status: 500 } }, { answer: { status: 502, preset: 'html' } }, { answer: { status: 503 } }, { answer: { status: 504 } },
  { answer: { status: 200, preset: 'html' } }, { answer: { status: 200, preset: 'empty' } }, { before: { reset: true } }, { drip: { bytes: 64, interval_ms: 5 } },
];
const retryAfter = ['seconds', 'http_date', 'iso8601', 'none'];

/** Somebody for each fault, who asks again and again until there is a token. */
async function meet(world, faults) {
  const people = await world.newPeople(faults.length);
  await world.expire(people);
  await Promise.all(people.map(({ zoomUser }, index) =>
    world.simulator.addFault({ endpoint: 'token', match: { user_id: zoomUser.id, grant_type: 'refresh_token' }, ...faults[index] })));
  const until = Date.now() + 5_000;
  await spread(people, people.length, async (person) => {
    while (Date.now() < until && !(await world.token(person)).ok) await pause(100);
  });
}

export default {
  name: 'zoom-failures',
  title: 'Zoom answers 5xx, pages, slow bytes, resets, and 429 with four shapes of Retry-After',
  modes: ['strict'],
  stack: 'standard',
  quick: true,
  minutes: 2,

  async run(world, report) {
    const rounds = world.size(1, 20);
    for (let round = 1; round <= rounds; round += 1) {
      report(`round ${round} of ${rounds}`);
      await meet(world, failures);
      await meet(world, retryAfter.map((shape, index) => ({ rate_limit: { retry_after: shape, after_s: 2, limit: index % 2 ? 'daily' : 'per_second' } })));
    }
    const limited = (await world.simulator.ledger({ type: 'rate_limited' })).filter(({ retry_at: at }) => at);
    const requests = await world.simulator.ledger({ type: ['refresh', 'fault_applied', 'rate_limited'] });
    const early = limited.filter((limit) => requests.some((entry) => entry.user_id === limit.user_id && entry.request_id !== limit.request_id
      && entry.seq > limit.seq && timeOf(entry) < Date.parse(limit.retry_at))).length;
    world.bar('429 answers with a time', limited.length, limited.length > 0);
    world.bar('requests before that time', early, early === 0);
  },
  bars: (found) => [{ name: 'marked for a passing failure', value: found.windowLosses, ok: found.windowLosses === 0 }],
};
