// SPDX-License-Identifier: Apache-2.0
// One Zoom account per user and one user per Zoom account, whatever happens at the same time: two replicas of
// account-link and of the vault.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { startStack } from '../support-js/stack.mjs';
import { atOnce, eventually, failureOf, inBatches } from './lib/conditions.mjs';
import { grantRow, literal, setAccessExpiry } from './lib/databases.mjs';
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

/** Zoom ended a grant before it told whose it is: the vault drops it after ten minutes. */
const forgetUnidentified = () => stack.postgres.execute('token_vault',
  'UPDATE pending_grants SET stored_at = stored_at - interval \'600 seconds\' WHERE identity_tag IS NULL');

/**
 * Exchanges and completes for two users at the same moment, each through its own replica.
 * @returns {Promise<string[]>} the links' states, or the reasons of the refusals
 */
async function raceToComplete(users, answers) {
  return Promise.all(users.map(async (userId, index) => {
    await driver.exchange(answers[index]);
    return driver.complete(userId, answers[index].attemptId, { replica: replica(index) }).then(({ state }) => state, ({ reason }) => reason);
  }));
}

/** Asserts that one of two links is active and works and the other is not. @returns how the other ended */
async function assertOneWinner({ zoomUser, users, outcomes }) {
  const links = await Promise.all(users.map((userId) => driver.link(userId)));
  const states = links.map(({ state }) => state).sort();
  assert.deepEqual(states, ['LINK_STATE_ACTIVE', 'LINK_STATE_NONE'], JSON.stringify({ links, outcomes }));
  const winner = links.findIndex(({ state }) => state === 'LINK_STATE_ACTIVE');
  assert.ok(await driver.isHealthy({ userId: users[winner], zoomUser }), 'the winner\'s token works');
  assert.equal((await failureOf(driver.accessToken(users[1 - winner]))).reason, 'GRANT_NOT_FOUND');
  const { cause } = links[1 - winner];
  return { winner, loser: cause === 'LINK_CAUSE_UNSPECIFIED' ? outcomes[1 - winner] : cause };
}

const countOf = (values) => Object.fromEntries([...new Set(values)].sort().map((value) => [value, values.filter((other) => other === value).length]));

describe('two users who authorize one Zoom user at the same time', () => {
  test('64 rounds: exactly one active link that works; the other was taken over, or its grant was dead before it could be activated', async (context) => {
    const rounds = await inBatches(Array.from({ length: 64 }), async () => {
      const zoomUser = await driver.newZoomUser();
      const users = [driver.newUser(), driver.newUser()];
      const answers = await Promise.all(users.map((userId) => driver.authorize(userId, zoomUser)));
      return { zoomUser, users, outcomes: await raceToComplete(users, answers) };
    }, 4);
    await forgetUnidentified();
    await settle(...rounds.flatMap(({ users }) => users));
    const ends = await inBatches(rounds, assertOneWinner, 8);
    assert.deepEqual(ends.map(({ loser }) => loser).filter((end) => !['LINK_CAUSE_TAKEN_OVER', 'PENDING_GRANT_DEAD', 'ZOOM_UNAVAILABLE'].includes(end)), []);
    assert.deepEqual(await simulator.ledger({ type: 'revocation' }), []);
    context.diagnostic(`the other ended: ${JSON.stringify(countOf(ends.map(({ loser }) => loser)))}`);
  });

  test('64 rounds with grants that both live until they are decided: the other is ended as taken over', async (context) => {
    // Without the rule of one grant per user both are healthy, and Zoom's order alone decides.
    await simulator.setSwitches({ one_grant_per_user: false });
    const mark = await simulator.position();
    const rounds = await inBatches(Array.from({ length: 64 }), async () => {
      const zoomUser = await driver.newZoomUser();
      const users = [driver.newUser(), driver.newUser()];
      const answers = await Promise.all(users.map((userId) => driver.authorize(userId, zoomUser)));
      return { zoomUser, users, outcomes: await raceToComplete(users, answers) };
    }, 4);
    await settle(...rounds.flatMap(({ users }) => users));
    const ends = await inBatches(rounds, assertOneWinner, 8);
    await simulator.setSwitches({ one_grant_per_user: true });
    assert.deepEqual(ends.map(({ loser }) => loser).filter((end) => !['LINK_CAUSE_TAKEN_OVER', 'PENDING_GRANT_DEAD'].includes(end)), []);
    assert.deepEqual(await simulator.ledger({ type: 'revocation' }, mark), []);
    context.diagnostic(`the other ended: ${JSON.stringify(countOf(ends.map(({ loser }) => loser)))}`);
  });

  test('one after the other: the later one takes over, and neither learns the other\'s name', async () => {
    const earlier = await driver.newPerson();
    const userId = driver.newUser();
    const mark = await simulator.position();
    const link = await driver.connectThrough(userId, earlier.zoomUser);
    assert.deepEqual([link.state, link.generation], ['LINK_STATE_ACTIVE', '1']);
    const ended = await driver.link(earlier.userId);
    assert.deepEqual([ended.state, ended.cause, ended.generation, ended.linkId], ['LINK_STATE_NONE', 'LINK_CAUSE_TAKEN_OVER', '2', earlier.link.linkId]);
    assert.ok(await driver.isHealthy({ userId, zoomUser: earlier.zoomUser }));
    assert.deepEqual(await simulator.ledger({ type: 'revocation' }, mark), []);
    for (const [database, tables] of [['account_link', ['audit', 'links']], ['token_vault', ['audit', 'grants', 'grant_events']]]) {
      for (const table of tables) {
        for (const [own, other] of [[earlier.userId, userId], [userId, earlier.userId]]) {
          const rows = await stack.postgres.query(database, `SELECT * FROM ${table} WHERE user_id = ${literal(own)}`);
          assert.ok(rows.length > 0);
          // Who caused a change is audited; it is shown to nobody.
          const shown = JSON.stringify(rows.map(({ actor: _, ...row }) => row));
          assert.ok(!shown.includes(`"${other}"`), `${database}.${table} of ${own} names ${other}`);
        }
      }
    }
    assert.ok(!JSON.stringify(ended).includes(userId));
  });
});

describe('one user with two Zoom accounts', () => {
  for (const [purpose, refusal, result] of [
    ['CONNECT', 'OTHER_ACCOUNT_CONNECTED', 'ATTEMPT_RESULT_OTHER_ACCOUNT_CONNECTED'],
    ['RECONNECT', 'DIFFERENT_ACCOUNT', 'ATTEMPT_RESULT_DIFFERENT_ACCOUNT'],
  ]) {
    test(`a second tab with another account (${purpose.toLowerCase()}) is refused and the first link works`, async () => {
      const person = await driver.newPerson();
      const other = await driver.newZoomUser();
      const mark = await simulator.position();
      const { attemptId } = await driver.pend(person.userId, other, { purpose });
      const error = await failureOf(driver.complete(person.userId, attemptId));
      assert.deepEqual([error.code, error.reason], ['FAILED_PRECONDITION', refusal]);
      const again = await failureOf(driver.complete(person.userId, attemptId));
      assert.equal(again.reason, refusal, 'a repetition is told the same');
      const { attempt } = await driver.as('gateway').getAttempt({ projectId: 'demo', userId: person.userId, attemptId });
      assert.deepEqual([attempt.state, attempt.result], ['ATTEMPT_STATE_ENDED', result]);
      const link = await driver.link(person.userId);
      assert.deepEqual([link.state, link.generation], ['LINK_STATE_ACTIVE', '1']);
      assert.ok(await driver.isHealthy(person));
      assert.deepEqual(await simulator.ledger({ type: 'revocation', user_id: person.zoomUser.id }, mark), []);
      await settle(person.userId);
    });
  }

  test('in two tabs at the same time ends with exactly one of them connected', async () => {
    const winners = await inBatches(Array.from({ length: 8 }), async () => {
      const userId = driver.newUser();
      const zoomUsers = [await driver.newZoomUser(), await driver.newZoomUser()];
      const answers = await Promise.all(zoomUsers.map((zoomUser) => driver.authorize(userId, zoomUser)));
      const outcomes = await raceToComplete([userId, userId], answers);
      await settle(userId);
      assert.deepEqual([...outcomes].sort(), ['LINK_STATE_ACTIVE', 'OTHER_ACCOUNT_CONNECTED']);
      const winner = outcomes.indexOf('LINK_STATE_ACTIVE');
      assert.ok(await driver.isHealthy({ userId, zoomUser: zoomUsers[winner] }));
      return winner;
    }, 2);
    assert.equal(winners.length, 8);
  });
});

describe('a link', () => {
  test('keeps its id and counts a life with each reconnect', async () => {
    const person = await driver.newPerson();
    const again = await driver.connectThrough(person.userId, person.zoomUser, { purpose: 'RECONNECT' });
    assert.deepEqual([again.linkId, again.generation, again.state], [person.link.linkId, '2', 'LINK_STATE_ACTIVE']);
    assert.ok(await driver.isHealthy(person));
  });

  test('is completed once by 16 calls over two replicas', async () => {
    const userId = driver.newUser();
    const zoomUser = await driver.newZoomUser();
    const { attemptId } = await driver.pend(userId, zoomUser);
    const { values, errors } = await atOnce(16, (index) => driver.complete(userId, attemptId, { replica: replica(index) }));
    assert.deepEqual(errors, []);
    assert.deepEqual(new Set(values.map(({ state, generation }) => `${state} ${generation}`)), new Set(['LINK_STATE_ACTIVE 1']));
    assert.equal((await driver.events(values[0].linkId)).length, 1);
  });

  test('follows the vault when Zoom no longer accepts it; only the same Zoom user reconnects it', async () => {
    const person = await driver.newPerson();
    await setAccessExpiry(stack, person.userId, -1);
    await simulator.removeApp(person.zoomUser.id);
    assert.equal((await failureOf(driver.accessToken(person.userId))).reason, 'RECONNECT_REQUIRED');
    const link = await eventually('the link shows it', async () => {
      const found = await driver.link(person.userId);
      return found.state === 'LINK_STATE_RECONNECT_REQUIRED' && found;
    });
    assert.deepEqual([link.cause, link.generation], ['LINK_CAUSE_REVOKED', '1']);
    const { attemptId } = await driver.pend(person.userId, await driver.newZoomUser(), { purpose: 'RECONNECT' });
    assert.equal((await failureOf(driver.complete(person.userId, attemptId))).reason, 'DIFFERENT_ACCOUNT');
    const again = await driver.connectThrough(person.userId, person.zoomUser, { purpose: 'RECONNECT' });
    assert.deepEqual([again.state, again.linkId, again.generation], ['LINK_STATE_ACTIVE', link.linkId, '2']);
    assert.ok(await driver.isHealthy(person));
  });

  test('that is completed by nobody is completed by the reconciler', async () => {
    const userId = driver.newUser();
    const zoomUser = await driver.newZoomUser();
    await driver.pend(userId, zoomUser);
    await eventually('the link is active', async () => (await driver.link(userId)).state === 'LINK_STATE_ACTIVE');
    assert.ok(await driver.isHealthy({ userId, zoomUser }));
  });
});

describe('a disconnect', () => {
  test('ends the link once, whatever is repeated, and tells the same receipt', async () => {
    const person = await driver.newPerson();
    const requestId = randomUUID();
    const { values, errors } = await atOnce(16, (index) => driver.disconnect(person.userId, { requestId, replica: replica(index) }));
    assert.deepEqual(errors, []);
    assert.ok(values.every(({ link }) => ['LINK_STATE_NONE', 'LINK_STATE_DISCONNECTING'].includes(link.state)));
    const { link, receipt } = await driver.disconnect(person.userId, { requestId });
    assert.deepEqual([link.state, link.cause, link.generation], ['LINK_STATE_NONE', 'LINK_CAUSE_DISCONNECTED', '2']);
    assert.deepEqual([receipt.linkId, receipt.generation, receipt.revokedAtZoom], [person.link.linkId, '2', true]);
    const daysReadable = (receipt.backupsUnreadableTime.seconds - receipt.endTime.seconds) / 86_400;
    assert.ok(daysReadable > 13 && daysReadable <= 14, `backups: ${daysReadable} days`);
    assert.equal((await simulator.ledger({ type: 'revocation', user_id: person.zoomUser.id })).length, 1);
    const connected = await driver.connectThrough(person.userId, person.zoomUser);
    assert.deepEqual([connected.generation, connected.linkId], ['3', person.link.linkId]);
    await driver.disconnect(person.userId, { requestId });
    assert.ok(await driver.isHealthy(person), 'an old request does not end a new life');
  });

  test('because the user removed the app at Zoom ends the link; what is older than its life, or seen before, does not', async () => {
    const person = await driver.newPerson();
    const identity = { projectId: 'demo', zoomAccountId: person.zoomUser.account_id, zoomUserId: person.zoomUser.id };
    const removedAt = (seconds) => ({ ...identity, deauthorizeTime: { seconds: Math.floor(Date.now() / 1000) + seconds } });
    const deauthorize = (request) => driver.as('gateway', stack.accountLink[0]).deauthorize(request, { deadlineMs: 30_000 });
    assert.equal((await deauthorize(removedAt(-3600))).link, null);
    assert.ok(await driver.isHealthy(person));
    await simulator.removeApp(person.zoomUser.id);
    const { values, errors } = await atOnce(4, () => deauthorize(removedAt(1)));
    assert.deepEqual(errors, []);
    assert.ok(values.some(({ link }) => link !== null));
    await settle(person.userId);
    const link = await driver.link(person.userId);
    assert.deepEqual([link.state, link.cause, link.generation], ['LINK_STATE_NONE', 'LINK_CAUSE_REVOKED', '2']);
    assert.equal((await deauthorize(removedAt(1))).link, null);
    const row = await grantRow(stack, person.userId);
    assert.deepEqual([row.identified, row.has_profile, row.refresh_bytes], [false, false, 0]);
  });

  test('by an administrator says so; by another user it is refused', async () => {
    const person = await driver.newPerson();
    const request = { requestId: randomUUID() };
    for (const who of [{ userId: 'the-admin' }, { userId: person.userId }]) {
      const error = await failureOf(driver.call('adminDisconnect', person.userId, request, who));
      assert.deepEqual([error.code, error.reason], ['PERMISSION_DENIED', 'ADMIN_ROLE_REQUIRED']);
    }
    const { link } = await driver.call('adminDisconnect', person.userId, request, { userId: 'the-admin', admin: true });
    assert.deepEqual([link.state, link.cause], ['LINK_STATE_NONE', 'LINK_CAUSE_DISCONNECTED_BY_ADMIN']);
  });

  test('while a code is being exchanged wins: the attempt ends, and nothing works at Zoom', async () => {
    const person = await driver.newPerson();
    const answer = await driver.authorize(person.userId, person.zoomUser, { purpose: 'RECONNECT' });
    await simulator.addFault({ endpoint: 'token', match: { user_id: person.zoomUser.id, grant_type: 'authorization_code' }, after: { hold: 'exchange' } });
    const exchanged = driver.exchange(answer);
    await simulator.waitHeld('exchange');
    await driver.disconnect(person.userId);
    await simulator.release('exchange');
    assert.equal((await exchanged).attempt.result, 'ATTEMPT_RESULT_SUPERSEDED');
    assert.equal((await failureOf(driver.complete(person.userId, answer.attemptId))).reason, 'LINK_DISCONNECTING');
    await eventually('nothing works at Zoom', async () => (await simulator.tokens({ user_id: person.zoomUser.id })).every(({ live }) => !live));
    await settle(person.userId);
    assert.equal((await driver.link(person.userId)).state, 'LINK_STATE_NONE');
  });

  test('racing a reconnect, in each of 16 rounds, leaves no link and nothing that works at Zoom', async (context) => {
    const ends = await inBatches(Array.from({ length: 16 }), async () => {
      const person = await driver.newPerson();
      const answer = await driver.authorize(person.userId, person.zoomUser, { purpose: 'RECONNECT' });
      const reconnect = driver.exchange(answer).then(() => driver.complete(person.userId, answer.attemptId, { replica: replica(1) }));
      const [reconnected] = await Promise.all([
        reconnect.then(({ state }) => state, ({ reason }) => reason),
        driver.disconnect(person.userId),
      ]);
      await settle(person.userId);
      const link = await driver.link(person.userId);
      assert.deepEqual([link.state, link.linkId], ['LINK_STATE_NONE', person.link.linkId], reconnected);
      assert.equal((await failureOf(driver.accessToken(person.userId))).reason, 'GRANT_NOT_FOUND');
      const live = (await simulator.tokens({ user_id: person.zoomUser.id })).filter((token) => token.live);
      assert.deepEqual(live, [], reconnected);
      return reconnected;
    }, 4);
    context.diagnostic(`the reconnect ended: ${JSON.stringify(countOf(ends))}`);
  });
});
