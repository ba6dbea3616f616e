// SPDX-License-Identifier: Apache-2.0
// The vault dies by SIGKILL at every crash point it has: afterwards there is the old state or the new one, and no
// grant that works was revoked.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { startStack } from '../support-js/stack.mjs';
import { eventually, failureOf } from './lib/conditions.mjs';
import { crashAt, crashPointsOf } from './lib/crashes.mjs';
import { age, endRefreshPause, grantRow, setAccessExpiry } from './lib/databases.mjs';
import { revocationsThatHarmed, VaultDriver } from './lib/vault.mjs';

const projectId = 'demo';
let stack;
let vault;
let simulator;
let clientId;

before(async () => {
  stack = await startStack({ services: ['tokenVault'], durable: false, overrides: { tokenVault: { lifetimes: { sweep_interval_ms: 200 } } } });
  vault = new VaultDriver(stack);
  ({ simulator } = stack);
  [{ client_id: clientId }] = await simulator.apps();
});
after(async () => {
  vault.close();
  await stack.stop();
});

const covered = new Set();
const points = (prefix, names) => names.map((name) => {
  covered.add(`vault.${prefix}.${name}`);
  return `vault.${prefix}.${name}`;
});
const crash = (point, act) => crashAt(stack.tokenVault[0], point, act);

describe('a vault that dies while it refreshes', () => {
  afterEach(() => simulator.changeApp(clientId, { rotation: 'strict' }));

  const harmless = points('refresh', ['before_intent', 'after_intent', 'after_store']);
  const inTheWindow = points('refresh', ['after_answer', 'before_store', 'inside_transaction']);

  async function crashAndSettle(point) {
    const person = await vault.connect();
    await setAccessExpiry(stack, person.userId, -1);
    await crash(point, () => vault.accessToken(person.userId));
    const mark = await simulator.position();
    await eventually('the doubt ends', async () => {
      await endRefreshPause(stack, person.userId);
      return vault.accessToken(person.userId).then(() => true, (error) => error.reason === 'RECONNECT_REQUIRED');
    });
    const refreshes = await simulator.ledger({ type: 'refresh', user_id: person.zoomUser.id }, mark);
    return { person, refreshes, row: await grantRow(stack, person.userId) };
  }

  for (const rotation of ['strict', 'grace']) {
    for (const point of rotation === 'strict' ? harmless : [...harmless, ...inTheWindow]) {
      test(`at ${point}, ${rotation} rotation: loses nothing`, async () => {
        await simulator.changeApp(clientId, { rotation });
        const { person, row } = await crashAndSettle(point);
        assert.deepEqual([row.state, row.generation], ['active', 1]);
        assert.ok(await vault.isHealthy(person));
      });
    }
  }
  for (const point of inTheWindow) {
    test(`at ${point}, strict rotation: the loss shows as lost_response after at most two requests`, async () => {
      const { refreshes, row } = await crashAndSettle(point);
      assert.deepEqual([row.state, row.cause, row.generation, row.refresh_bytes], ['reconnect_required', 'lost_response', 1, 0]);
      assert.ok(refreshes.length <= 2);
    });
  }
});

describe('a vault that dies while it exchanges a code', () => {
  for (const point of points('exchange', ['before_consume', 'after_consume', 'after_answer', 'before_store', 'after_store'])) {
    test(`at ${point}: the attempt goes on or fails as a whole, and the user can connect`, async () => {
      const userId = vault.newUser();
      const zoomUser = await vault.newZoomUser();
      const answer = await vault.authorize(userId, zoomUser);
      await crash(point, () => vault.exchange(answer));
      const consumed = !point.endsWith('before_consume');
      const stored = point.endsWith('after_store');
      if (consumed && !stored) await age(stack, userId, 'attempts', ['exchanging_at'], 60);
      if (!consumed) await vault.exchange(answer);
      if (stored) await stack.postgres.execute('token_vault', `UPDATE pending_grants SET next_identify_at = now() WHERE user_id = '${userId}'`);
      const found = await eventually('the attempt is decided', async () => {
        const standing = await vault.as('gateway').getAttempt({ projectId, userId });
        return (standing.identityMatch !== 'IDENTITY_MATCH_UNSPECIFIED' || standing.attempt.state === 'ATTEMPT_STATE_ENDED') && standing;
      });
      const exchanges = await simulator.ledger({ type: 'code_exchange', user_id: zoomUser.id });
      assert.ok(exchanges.length <= 1, 'the code is never sent twice');
      if (consumed && !stored) {
        assert.deepEqual([found.attempt.state, found.attempt.result], ['ATTEMPT_STATE_ENDED', 'ATTEMPT_RESULT_SYSTEM_ERROR']);
        assert.equal(await grantRow(stack, userId), undefined);
        assert.ok(await vault.isHealthy(await vault.connect({ userId, zoomUser })));
      } else {
        assert.equal(found.attempt.state, 'ATTEMPT_STATE_EXCHANGED');
        await vault.activate({ attemptId: answer.attemptId, linkId: randomUUID(), userId });
        assert.ok(await vault.isHealthy({ userId, zoomUser }));
      }
      assert.deepEqual(await simulator.ledger({ type: 'revocation', user_id: zoomUser.id }), []);
    });
  }

  test('at vault.exchange.after_answer of a reconnect: the link whose grant Zoom replaced asks for a reconnect unasked', async () => {
    const { userId, zoomUser, linkId, generation } = await vault.connect();
    const answer = await vault.authorize(userId, zoomUser, { purpose: 'RECONNECT' });
    await crash('vault.exchange.after_answer', () => vault.exchange(answer));
    assert.equal((await grantRow(stack, userId)).state, 'active');
    await age(stack, userId, 'attempts', ['exchanging_at'], 60);
    const row = await eventually('the doubt ends', async () => {
      await endRefreshPause(stack, userId);
      const grant = await grantRow(stack, userId);
      return grant.state !== 'active' && grant;
    });
    assert.deepEqual([row.state, row.cause], ['reconnect_required', 'lost_response']);
    const again = { userId, zoomUser, linkId, expectedGeneration: Number(generation), purpose: 'RECONNECT' };
    assert.ok(await vault.isHealthy(await vault.connect(again)));
  });
});

describe('a vault that dies while it activates', () => {
  for (const point of points('activate', ['before_commit', 'inside_transaction', 'after_commit'])) {
    test(`at ${point}: the repeated decision has the one effect, on both links of a take-over`, async () => {
      const earlier = await vault.connect();
      const userId = vault.newUser();
      const { attemptId } = await vault.pend(userId, earlier.zoomUser);
      const decision = { attemptId, linkId: randomUUID(), userId, decisionId: randomUUID() };
      await crash(point, () => vault.activate(decision));
      const committed = point.endsWith('after_commit');
      assert.equal((await grantRow(stack, earlier.userId)).state, committed ? 'none' : 'active');
      assert.equal((await grantRow(stack, userId))?.state, committed ? 'active' : undefined);
      const { generation, supersededLink } = await vault.activate(decision);
      assert.deepEqual([generation, supersededLink.linkId, supersededLink.generation], ['1', earlier.linkId, '2']);
      assert.equal((await vault.events(decision.linkId)).length, 1);
      assert.equal((await vault.events(earlier.linkId)).length, 2);
      assert.ok(await vault.isHealthy({ userId, zoomUser: earlier.zoomUser }));
      assert.deepEqual(await simulator.ledger({ type: 'revocation', user_id: earlier.zoomUser.id }), []);
    });
  }
});

describe('a vault that dies while it discards', () => {
  for (const point of points('discard', ['before_commit', 'after_commit'])) {
    test(`at ${point}: the repeated decision ends the attempt, and a link of the same Zoom user is checked`, async () => {
      const holder = await vault.connect();
      const { attemptId } = await vault.pend(vault.newUser(), holder.zoomUser);
      const discard = () => vault.as('account-link').discardPendingGrant({ attemptId, decisionId, result: 'ATTEMPT_RESULT_OTHER_ACCOUNT_CONNECTED' });
      const decisionId = randomUUID();
      await crash(point, discard);
      await discard();
      const [row] = await stack.postgres.query('token_vault', `SELECT state, result FROM attempts WHERE attempt_id = '${attemptId}'`);
      assert.deepEqual(row, { state: 'ended', result: 'other_account_connected' });
      // Zoom ended the holder's grant when the discarded one was authorized.
      await eventually('the holder\'s link is found dead', async () => {
        await endRefreshPause(stack, holder.userId);
        return (await grantRow(stack, holder.userId)).state === 'reconnect_required';
      });
      assert.equal((await grantRow(stack, holder.userId)).cause, 'reauthorized_elsewhere');
      assert.deepEqual(await simulator.ledger({ type: 'revocation', user_id: holder.zoomUser.id }), []);
    });
  }
});

describe('a vault that dies while it erases', () => {
  const untouched = points('erase', ['before_commit', 'inside_transaction']);
  const begun = points('erase', ['after_commit', 'after_revoke', 'before_wipe', 'inside_wipe', 'after_wipe', 'before_file', 'after_file']);

  for (const point of untouched) {
    test(`at ${point}: the link is as before and works`, async () => {
      const person = await vault.connect();
      await crash(point, () => vault.erase(person));
      assert.ok(await vault.isHealthy(person));
      assert.equal((await vault.erase(person)).state, 'GRANT_STATE_NONE');
    });
  }
  for (const point of begun) {
    test(`at ${point}: the link is unusable at once, and the eraser of the next life finishes`, async () => {
      const person = await vault.connect();
      const erasure = { ...person, decisionId: randomUUID() };
      await crash(point, () => vault.erase(erasure));
      assert.equal((await failureOf(vault.accessToken(person.userId))).reason, 'GRANT_NOT_FOUND');
      assert.equal((await grantRow(stack, person.userId)).refresh_bytes, 0);
      await age(stack, person.userId, 'revocations', ['created_at', 'lease_until'], 15);
      await eventually('the erasure ends', async () => (await grantRow(stack, person.userId)).state === 'none');
      const { state, receipt } = await vault.erase(erasure);
      assert.deepEqual([state, receipt.generation, Boolean(receipt.endTime)], ['GRANT_STATE_NONE', '2', true]);
      const [left] = await stack.postgres.query('token_vault',
        `SELECT count(*)::int AS count FROM revocations WHERE user_id = '${person.userId}' AND (access_token IS NOT NULL OR refresh_token IS NOT NULL)`);
      assert.equal(left.count, 0);
      assert.ok((await simulator.tokens({ user_id: person.zoomUser.id })).every(({ live }) => !live), 'nothing works at Zoom either');
      assert.deepEqual((await vault.events(person.linkId)).map(({ state: to }) => to), ['GRANT_STATE_ACTIVE', 'GRANT_STATE_DISCONNECTING', 'GRANT_STATE_NONE']);
    });
  }
});

test('every crash point of the vault\'s sources was used', () => {
  // Those of the rotation of keys are key-rotation.test.mjs's, those of imports import.test.mjs's.
  assert.deepEqual([...covered].sort(), crashPointsOf('token-vault').filter((name) => !/^vault\.(keys|import)\./.test(name)));
});

test('no revocation of the whole run ended a grant other than the one it was for', async () => {
  assert.deepEqual(await revocationsThatHarmed(simulator), []);
});
