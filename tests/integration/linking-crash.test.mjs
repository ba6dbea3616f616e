// SPDX-License-Identifier: Apache-2.0
// account-link and the vault die by SIGKILL before and after each commit of the saga. Nobody repeats the call: what is
// left converges to the old state or the new one, and no grant that works was revoked.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { startStack } from '../support-js/stack.mjs';
import { eventually, failureOf } from './lib/conditions.mjs';
import { crashAt, crashPointsOf } from './lib/crashes.mjs';
import { age } from './lib/databases.mjs';
import { LinkDriver } from './lib/linking.mjs';
import { revocationsThatHarmed } from './lib/vault.mjs';

let stack;
let driver;
let simulator;

before(async () => {
  stack = await startStack({
    services: ['tokenVault', 'accountLink'], durable: false,
    overrides: { accountLink: { reconciler: { interval_ms: 100, grace_ms: 200 } }, tokenVault: { lifetimes: { sweep_interval_ms: 200 } } },
  });
  driver = new LinkDriver(stack);
  ({ simulator } = stack);
});
after(async () => {
  driver.close();
  await stack.stop();
});

const covered = new Set();
const [completing, disconnecting] = ['link.complete', 'link.disconnect'].map((prefix) => crashPointsOf('account-link').filter((name) => name.startsWith(`${prefix}.`)));
const inTheVault = (...names) => names.map((name) => `vault.${name}`);

function crash(point, act) {
  covered.add(point);
  return crashAt(point.startsWith('vault.') ? stack.tokenVault[0] : stack.accountLink[0], point, act);
}

/**
 * Exchanges a code while account-link is down, so that its reconciler decides nothing yet, and lets a service die while
 * the link is completed.
 * @returns {Promise<string>} the attempt's id
 */
async function crashWhileCompleting(point, person, { zoomUser = person.zoomUser, purpose } = {}) {
  const [accountLink] = stack.accountLink;
  await accountLink.kill();
  const { attemptId } = await driver.pend(person.userId, zoomUser, { purpose });
  await crash(point, async () => {
    if (point.startsWith('vault.')) await accountLink.start();
    await driver.complete(person.userId, attemptId);
  });
  return attemptId;
}

/** Waits until nothing of the users is under way; what the eraser would take up after ten seconds it takes up at once. */
async function settle(...userIds) {
  await eventually('links and grants are settled', async () => {
    for (const userId of userIds) await age(stack, userId, 'revocations', ['created_at', 'lease_until'], 15);
    return driver.isSettled(...userIds);
  }, 30_000);
}

async function assertConnected(person, generation) {
  const link = await driver.link(person.userId);
  assert.deepEqual([link.state, link.cause, link.generation], ['LINK_STATE_ACTIVE', 'LINK_CAUSE_UNSPECIFIED', generation]);
  assert.ok(await driver.isHealthy(person));
}

async function assertDisconnected(person, cause, generation) {
  const link = await driver.link(person.userId);
  assert.deepEqual([link.state, link.cause, link.generation], ['LINK_STATE_NONE', cause, generation]);
  assert.equal((await failureOf(driver.accessToken(person.userId))).reason, 'GRANT_NOT_FOUND');
}

describe('a crash while a link is completed', () => {
  for (const point of completing) {
    test(`at ${point}: a first connect ends connected`, async () => {
      const person = { userId: driver.newUser(), zoomUser: await driver.newZoomUser() };
      await crashWhileCompleting(point, person);
      await settle(person.userId);
      await assertConnected(person, '1');
    });

    test(`at ${point}: a reconnect keeps the link`, async () => {
      const person = await driver.newPerson();
      await crashWhileCompleting(point, person, { purpose: 'RECONNECT' });
      await settle(person.userId);
      await assertConnected(person, '2');
      assert.equal((await driver.link(person.userId)).linkId, person.link.linkId);
    });
  }

  for (const point of [...completing, ...inTheVault('activate.before_commit', 'activate.inside_transaction', 'activate.after_commit')]) {
    test(`at ${point}: a take-over ends with the one link connected and the other ended`, async () => {
      const earlier = await driver.newPerson();
      const person = { userId: driver.newUser(), zoomUser: earlier.zoomUser };
      await crashWhileCompleting(point, person);
      await settle(person.userId, earlier.userId);
      await assertConnected(person, '1');
      await assertDisconnected(earlier, 'LINK_CAUSE_TAKEN_OVER', '2');
      assert.deepEqual(await simulator.ledger({ type: 'revocation', user_id: person.zoomUser.id }), []);
    });
  }

  for (const point of ['link.complete.before_decision', 'link.complete.after_decision', ...inTheVault('discard.before_commit', 'discard.after_commit')]) {
    test(`at ${point}: another account is refused all the same, and the link works`, async () => {
      const person = await driver.newPerson();
      const attemptId = await crashWhileCompleting(point, person, { zoomUser: await driver.newZoomUser() });
      await settle(person.userId);
      await assertConnected(person, '1');
      const { attempt } = await driver.as('gateway').getAttempt({ projectId: 'demo', userId: person.userId, attemptId });
      assert.deepEqual([attempt.state, attempt.result], ['ATTEMPT_STATE_ENDED', 'ATTEMPT_RESULT_OTHER_ACCOUNT_CONNECTED']);
    });
  }

  test('after the exchange, before anybody completes it: the reconciler does', async () => {
    const person = { userId: driver.newUser(), zoomUser: await driver.newZoomUser() };
    const answer = await driver.authorize(person.userId, person.zoomUser);
    await crash('vault.exchange.after_store', () => driver.exchange(answer));
    await stack.postgres.execute('token_vault', 'UPDATE pending_grants SET next_identify_at = now()');
    await eventually('the link is active', async () => (await driver.link(person.userId)).state === 'LINK_STATE_ACTIVE');
    await assertConnected(person, '1');
  });

  test('of one service after the other ends connected', async () => {
    const person = { userId: driver.newUser(), zoomUser: await driver.newZoomUser() };
    const [vault] = stack.tokenVault;
    const [accountLink] = stack.accountLink;
    await accountLink.kill();
    const { attemptId } = await driver.pend(person.userId, person.zoomUser);
    await vault.restart({ crashPoints: ['vault.activate.after_commit'] });
    await crash('link.complete.after_decision', () => driver.complete(person.userId, attemptId));
    await eventually('the vault dies at the repetition', () => !vault.isAlive);
    await vault.restart();
    await settle(person.userId);
    await assertConnected(person, '1');
  });
});

describe('a crash while a link is disconnected', () => {
  const vaultPoints = inTheVault('erase.before_commit', 'erase.inside_transaction', 'erase.after_commit', 'erase.after_revoke',
    'erase.before_wipe', 'erase.inside_wipe', 'erase.after_wipe');

  for (const point of [...disconnecting, ...vaultPoints]) {
    const wished = point !== 'link.disconnect.before_decision';
    test(`at ${point}: the link is ${wished ? 'disconnected as a whole, and can be connected again' : 'as before and works'}`, async () => {
      const person = await driver.newPerson();
      const requestId = randomUUID();
      await crash(point, () => driver.disconnect(person.userId, { requestId }));
      await settle(person.userId);
      if (!wished) return assertConnected(person, '1');
      await assertDisconnected(person, 'LINK_CAUSE_DISCONNECTED', '2');
      assert.ok((await simulator.tokens({ user_id: person.zoomUser.id })).every(({ live }) => !live), 'nothing works at Zoom');
      const { link, receipt } = await driver.disconnect(person.userId, { requestId });
      assert.deepEqual([link.generation, receipt.generation, Boolean(receipt.endTime)], ['2', '2', true], 'the repeated request has no further effect');
      const again = await driver.connectThrough(person.userId, person.zoomUser);
      assert.equal(again.linkId, person.link.linkId);
      return assertConnected(person, '3');
    });
  }
});

test('every crash point of account-link\'s sources was used', () => {
  assert.deepEqual([...covered].filter((name) => name.startsWith('link.')).sort(), crashPointsOf('account-link').filter((name) => !name.startsWith('link.import.')));
});

test('no revocation of the whole run ended a grant other than the one it was for', async () => {
  assert.deepEqual(await revocationsThatHarmed(simulator), []);
});
