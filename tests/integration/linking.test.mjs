// SPDX-License-Identifier: Apache-2.0
// One Zoom account per user and one user per Zoom account, whatever happens at the same time: two replicas of
// account-link and of the vault.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { startStack } from '../support-js/stack.mjs';
import { atOnce, eventually, failureOf, inBatches } from './lib/conditions.mjs';
import { literal, setAccessExpiry } from './lib/databases.mjs';
import { LinkDriver } from './lib/linking.mjs';

let stack;
let driver;
let simulator;

before(async () => {
  stack = await startStack({
    services: ['tokenVault', 'accountLink'], replicas: { tokenVault: 2, accountLink: 2 }, durable: false,
    overrides: { accountLink: { reconciler: { interval_ms: 100, grace_ms: 200 } }, tokenVault: { lifetimes: { sweep_interval_ms: 200 } } },
  });
  driver = new LinkDriver(stack);
  ({ simulator } = stack);
});
after(async () => {
  driver.close();
  await stack.stop();
});
afterEach(() => simulator.clearFaults());

const replica = (index) => stack.accountLink[index % 2];
const settle = (...userIds) => eventually('links and grants are settled', () => driver.isSettled(...userIds), 30_000);

describe('two users who authorize one Zoom user at the same time', () => {
  test('end, in each of 64 rounds, with one active link that works and the other ended; nothing was revoked', async (context) => {
    const rounds = await inBatches(Array.from({ length: 64 }), async () => {
      const zoomUser = await driver.newZoomUser();
      const users = [driver.newUser(), driver.newUser()];
      const answers = await Promise.all(users.map((userId) => driver.authorize(userId, zoomUser)));
      const outcomes = await Promise.all(users.map(async (userId, index) => {
        await driver.exchange(answers[index]);
        return driver.complete(userId, answers[index].attemptId, { replica: replica(index) }).then(({ state }) => state, ({ reason }) => reason);
      }));
      return { zoomUser, users, outcomes };
    }, 4);
    await settle(...rounds.flatMap(({ users }) => users));

    const counts = { taken_over: 0, never_activated: 0 };
    for (const { zoomUser, users, outcomes } of rounds) {
      const links = await Promise.all(users.map((userId) => driver.link(userId)));
      const winner = links.findIndex(({ state }) => state === 'LINK_STATE_ACTIVE');
      assert.notEqual(winner, -1, `no active link: ${JSON.stringify({ links, outcomes })}`);
      const loser = links[1 - winner];
      assert.equal(loser.state, 'LINK_STATE_NONE');
      if (loser.cause === 'LINK_CAUSE_TAKEN_OVER') counts.taken_over += 1;
      else {
        assert.deepEqual([loser.cause, outcomes[1 - winner]], ['LINK_CAUSE_UNSPECIFIED', 'PENDING_GRANT_DEAD']);
        counts.never_activated += 1;
      }
      assert.ok(await driver.isHealthy({ userId: users[winner], zoomUser }));
      assert.equal((await failureOf(driver.accessToken(users[1 - winner]))).reason, 'GRANT_NOT_FOUND');
    }
    assert.deepEqual(await simulator.ledger({ type: 'revocation' }), []);
    context.diagnostic(`64 rounds: ${JSON.stringify(counts)}`);
  });
});
