// SPDX-License-Identifier: Apache-2.0
// Disconnecting in the vault: unusable at once, revoked where that harms nobody, wiped within the deadline whatever
// Zoom does.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { startStack } from '../support-js/stack.mjs';
import { atOnce, eventually, failureOf } from './lib/conditions.mjs';
import { age, grantRow, setAccessExpiry } from './lib/databases.mjs';
import { revocationsThatHarmed, VaultDriver } from './lib/vault.mjs';

const projectId = 'demo';
const erasureDeadlineS = 2;
let stack;
let vault;
let simulator;
let usualSwitches;
/** Zoom users of tests in which a revocation could not know of the grant it would end. */
const unavoidable = new Set();

before(async () => {
  const lifetimes = { sweep_interval_ms: 200, erasure_deadline_s: erasureDeadlineS, revocation_in_request_s: 3 };
  stack = await startStack({ services: ['tokenVault'], durable: false, overrides: { tokenVault: { lifetimes } } });
  vault = new VaultDriver(stack);
  ({ simulator } = stack);
  usualSwitches = await simulator.switches();
});
after(async () => {
  vault.close();
  await stack.stop();
});
afterEach(async () => {
  await simulator.clearFaults();
  await simulator.setSwitches(usualSwitches);
});

const revocations = (person, mark = 0) => simulator.ledger({ type: 'revocation', user_id: person.zoomUser.id }, mark);
const liveTokens = async (person) => (await simulator.tokens({ user_id: person.zoomUser.id })).filter(({ live }) => live);
/** Lets the eraser take what a request left to it. */
const letEraserIn = (person) => age(stack, person.userId, 'revocations', ['created_at', 'lease_until'], 15);

async function storedSecrets(userId) {
  const [row] = await stack.postgres.query('token_vault', `
    SELECT (SELECT count(*) FROM revocations WHERE user_id = '${userId}' AND (access_token IS NOT NULL OR refresh_token IS NOT NULL))
      + (SELECT count(*) FROM pending_grants WHERE user_id = '${userId}')
      + (SELECT count(*) FROM grants WHERE user_id = '${userId}' AND (access_token IS NOT NULL OR refresh_token IS NOT NULL OR identity_tag IS NOT NULL OR account_tag IS NOT NULL))
      + (SELECT count(*) FROM grant_profiles JOIN grants USING (link_id) WHERE user_id = '${userId}') AS count`);
  return Number(row.count);
}

describe('a disconnect', () => {
  test('of 64 parallel calls with one decision happens once', async () => {
    const person = await vault.connect();
    const { values, errors } = await atOnce(64, () => vault.erase({ ...person, decisionId: '4be0643f-1d98-573b-97cd-ca98a65347dd' }));
    assert.deepEqual(errors, []);
    assert.deepEqual(new Set(values.map(({ receipt }) => receipt.generation)), new Set(['2']));
    assert.equal((await vault.events(person.linkId)).length, 3);
    assert.deepEqual((await revocations(person)).map(({ outcome }) => outcome), ['revoked']);
  });

  test('of 16 parallel decisions is the first one\'s; the others are sent back to decide again', async () => {
    const person = await vault.connect();
    const { values, errors } = await atOnce(16, () => vault.erase(person));
    assert.equal(values.length, 1);
    assert.deepEqual(new Set(errors.map(({ reason }) => reason)), new Set(['GENERATION_MISMATCH']));
  });

  test('decided for an earlier life of the link does not touch the present one', async () => {
    const person = await vault.connect();
    await vault.connect({ ...person, expectedGeneration: 1, purpose: 'RECONNECT' });
    const error = await failureOf(vault.erase({ ...person, generation: 1 }));
    assert.deepEqual([error.code, error.reason], ['ABORTED', 'GENERATION_MISMATCH']);
    assert.ok(await vault.isHealthy(person));
  });

  test('by an administrator says so in the feed', async () => {
    const person = await vault.connect();
    await vault.erase({ ...person, cause: 'GRANT_CAUSE_DISCONNECTED_BY_ADMIN' });
    assert.equal((await vault.events(person.linkId)).at(-1).cause, 'GRANT_CAUSE_DISCONNECTED_BY_ADMIN');
  });

  test('of a link that needs a reconnect wipes its profile at once', async () => {
    const person = await vault.connect();
    await setAccessExpiry(stack, person.userId, -1);
    await simulator.removeApp(person.zoomUser.id);
    await failureOf(vault.accessToken(person.userId));
    assert.equal((await vault.profile(person.userId)).grantState, 'GRANT_STATE_RECONNECT_REQUIRED');
    assert.equal((await vault.erase(person)).state, 'GRANT_STATE_NONE');
    assert.equal(await storedSecrets(person.userId), 0);
  });

  test('can be followed by a connect: the link lives on with its id', async () => {
    const person = await vault.connect();
    await vault.erase(person);
    const again = await vault.connect({ ...person, expectedGeneration: 2 });
    assert.equal(again.generation, 3);
    assert.ok(await vault.isHealthy(person));
  });
});

describe('while Zoom is down', () => {
  const downs = [
    ['answers 503', () => simulator.addFault({ endpoint: 'revoke', answer: { status: 503 }, times: null })],
    ['answers 429', () => simulator.addFault({ endpoint: 'revoke', rate_limit: { retry_after: 'seconds', after_s: 60 }, times: null })],
    ['breaks every connection', () => simulator.addFault({ endpoint: '*', before: { reset: true }, times: null })],
  ];
  for (const [title, goDown] of downs) {
    test(`(it ${title}) a link is unusable at the answer and wiped by the sweep after its deadline`, async () => {
      const person = await vault.connect();
      const erasure = { ...person, decisionId: randomUUID() };
      await goDown();
      const { state, receipt } = await vault.erase(erasure);
      assert.deepEqual([state, receipt.endTime, receipt.revokedAtZoom], ['GRANT_STATE_DISCONNECTING', null, false]);
      assert.equal((await failureOf(vault.accessToken(person.userId))).reason, 'GRANT_NOT_FOUND');
      assert.equal((await failureOf(vault.profile(person.userId))).reason, 'GRANT_NOT_FOUND');
      assert.equal((await vault.erase(erasure)).state, 'GRANT_STATE_DISCONNECTING', 'a repetition tells the progress');
      await letEraserIn(person);
      await eventually('the erasure ends', async () => (await vault.erase(erasure)).state === 'GRANT_STATE_NONE');
      const done = await vault.erase(erasure);
      assert.equal(done.receipt.revokedAtZoom, false);
      assert.ok(done.receipt.endTime);
      assert.equal(await storedSecrets(person.userId), 0);
    });
  }

  test('a new authorization waits for the open revocation, and is possible after it', async () => {
    const person = await vault.connect();
    await simulator.addFault({ endpoint: 'revoke', answer: { status: 503 }, times: null });
    await vault.erase(person);
    const error = await failureOf(vault.startAuthorization(person.userId));
    assert.deepEqual([error.code, error.reason], ['UNAVAILABLE', 'REVOCATION_IN_PROGRESS']);
    assert.ok(error.retryAfterMs > 0);
    await letEraserIn(person);
    await eventually('the user can start again', () => vault.startAuthorization(person.userId).then(() => true, () => false));
  });

  test('a revocation that Zoom takes after all is confirmed by the sweep', async () => {
    const person = await vault.connect();
    const erasure = { ...person, decisionId: randomUUID() };
    await simulator.addFault({ endpoint: 'revoke', answer: { status: 503 }, times: 2 });
    assert.equal((await vault.erase(erasure)).state, 'GRANT_STATE_DISCONNECTING');
    await stack.postgres.execute('token_vault', `UPDATE revocations SET deadline_at = now() + interval '50 seconds' WHERE user_id = '${person.userId}'`);
    await letEraserIn(person);
    await eventually('the erasure ends', async () => (await vault.erase(erasure)).state === 'GRANT_STATE_NONE');
    assert.equal((await vault.erase(erasure)).receipt.revokedAtZoom, true);
    assert.deepEqual(await liveTokens(person), []);
  });
});

describe('the revocation', () => {
  test('is made with the unexpired access token', async () => {
    const person = await vault.connect();
    await vault.erase(person);
    assert.deepEqual((await revocations(person)).map(({ outcome, token_kind: kind }) => [outcome, kind]), [['revoked', 'access_token']]);
  });

  test('is made with the refresh token when the access token has ended', async () => {
    const person = await vault.connect();
    await setAccessExpiry(stack, person.userId, -1);
    assert.equal((await vault.erase(person)).receipt.revokedAtZoom, true);
    assert.deepEqual((await revocations(person)).map(({ outcome, token_kind: kind }) => [outcome, kind]), [['revoked', 'refresh_token']]);
  });

  test('is made with a fresh access token where Zoom takes no refresh token', async () => {
    await simulator.setSwitches({ revoke_accepts: 'access_token' });
    const person = await vault.connect();
    await setAccessExpiry(stack, person.userId, -1);
    assert.equal((await vault.erase(person)).receipt.revokedAtZoom, true);
    assert.deepEqual((await revocations(person)).map(({ outcome, token_kind: kind }) => [outcome, kind]),
      [['refresh_token_not_accepted', 'refresh_token'], ['revoked', 'access_token']]);
    assert.deepEqual(await liveTokens(person), []);
  });

  test('that Zoom refuses because the user removed the app is left unconfirmed, and the link is wiped', async () => {
    const person = await vault.connect();
    await simulator.removeApp(person.zoomUser.id);
    const { state, receipt } = await vault.erase(person);
    assert.deepEqual([state, receipt.revokedAtZoom], ['GRANT_STATE_NONE', false]);
    assert.equal(await storedSecrets(person.userId), 0);
  });

  test('is not made while a pending grant of the same Zoom user would die with it', async () => {
    const person = await vault.connect();
    const userId = vault.newUser();
    const { attemptId } = await vault.pend(userId, person.zoomUser);
    const mark = await simulator.position();
    const { state, receipt } = await vault.erase(person);
    assert.deepEqual([state, receipt.revokedAtZoom], ['GRANT_STATE_NONE', false]);
    assert.deepEqual(await simulator.ledger({ type: 'revocation' }, mark), []);
    await vault.activate({ attemptId, linkId: randomUUID(), userId });
    assert.ok(await vault.isHealthy({ userId, zoomUser: person.zoomUser }));
  });

  test('is not sent late when the same Zoom user authorized elsewhere meanwhile: it would end his new grant', async () => {
    await simulator.setSwitches({ revoke_dead_token: 'uninstall' });
    const person = await vault.connect();
    await simulator.addFault({ endpoint: 'revoke', answer: { status: 503 }, times: 2 });
    const erasure = { ...person, decisionId: randomUUID() };
    await vault.erase(erasure);
    const userId = vault.newUser();
    const { attemptId } = await vault.pend(userId, person.zoomUser);
    const decision = { attemptId, linkId: randomUUID(), userId, decisionId: randomUUID() };
    const mark = await simulator.position();
    await stack.postgres.execute('token_vault', `UPDATE revocations SET deadline_at = now() + interval '50 seconds' WHERE user_id = '${person.userId}'`);
    await letEraserIn(person);
    await eventually('the erasure ends', async () => (await vault.erase(erasure)).state === 'GRANT_STATE_NONE');
    assert.deepEqual(await simulator.ledger({ type: 'revocation' }, mark), []);
    await vault.activate(decision);
    assert.ok(await vault.isHealthy({ userId, zoomUser: person.zoomUser }));
  });

  test('while it is open holds back the activation of a grant of the same Zoom user', async () => {
    const person = await vault.connect();
    await simulator.addFault({ endpoint: 'revoke', answer: { status: 503 }, times: null });
    await vault.erase(person);
    const userId = vault.newUser();
    const { attemptId } = await vault.pend(userId, person.zoomUser);
    const decision = { attemptId, linkId: randomUUID(), userId, decisionId: randomUUID() };
    const error = await failureOf(vault.activate(decision));
    assert.deepEqual([error.code, error.reason], ['UNAVAILABLE', 'REVOCATION_IN_PROGRESS']);
    await letEraserIn(person);
    await eventually('the grant is activated', () => vault.activate(decision).then(() => true, () => false));
    assert.ok(await vault.isHealthy({ userId, zoomUser: person.zoomUser }));
  });

  const races = [
    ['ended it: it is dropped as dead', true, 'PENDING_GRANT_DEAD'],
    ['spared it: it is activated', false, 'activated'],
  ];
  for (const [title, ended, expected] of races) {
    test(`sent before it was known whose grant is pending makes that grant prove itself by one refresh; Zoom ${title}`, async () => {
      const person = await vault.connect();
      const userId = vault.newUser();
      const answer = await vault.authorize(userId, person.zoomUser);
      await simulator.addFault({ endpoint: 'profile', match: { user_id: person.zoomUser.id }, after: { hold: 'profile' } });
      if (ended) await simulator.setSwitches({ revoke_dead_token: 'uninstall' });
      else await simulator.addFault({ endpoint: 'revoke', answer: { status: 200, body: { status: 'success' } } });
      unavoidable.add(person.zoomUser.id);
      const exchanged = vault.exchange(answer);
      await simulator.waitHeld('profile');
      assert.equal((await vault.erase(person)).receipt.revokedAtZoom, true);
      await simulator.release('profile');
      await exchanged;
      const mark = await simulator.position();
      const outcome = await vault.activate({ attemptId: answer.attemptId, linkId: randomUUID(), userId }).then(() => 'activated', ({ reason }) => reason);
      assert.equal(outcome, expected);
      assert.equal((await simulator.ledger({ type: 'refresh', user_id: person.zoomUser.id }, mark)).length, 1);
      if (expected === 'activated') assert.ok(await vault.isHealthy({ userId, zoomUser: person.zoomUser }));
      else assert.equal(await storedSecrets(userId), 0);
    });
  }
});

describe('a disconnect while the user authorizes again', () => {
  test('ends the open attempt: its code is not exchanged', async () => {
    const person = await vault.connect();
    const answer = await vault.authorize(person.userId, person.zoomUser, { purpose: 'RECONNECT' });
    await vault.erase(person);
    const mark = await simulator.position();
    const { attempt } = await vault.exchange(answer);
    assert.deepEqual([attempt.state, attempt.result], ['ATTEMPT_STATE_ENDED', 'ATTEMPT_RESULT_SUPERSEDED']);
    assert.deepEqual(await simulator.ledger({ type: 'code_exchange' }, mark), []);
  });

  test('discards the pending grant: nothing of either authorization works any more', async () => {
    const person = await vault.connect();
    const { attemptId } = await vault.pend(person.userId, person.zoomUser, { purpose: 'RECONNECT' });
    await vault.erase(person);
    const { attempt } = await vault.as('gateway').getAttempt({ projectId, userId: person.userId, attemptId });
    assert.deepEqual([attempt.state, attempt.result], ['ATTEMPT_STATE_ENDED', 'ATTEMPT_RESULT_SUPERSEDED']);
    const error = await failureOf(vault.activate({ attemptId, linkId: person.linkId, userId: person.userId, expectedGeneration: 2 }));
    assert.equal(error.reason, 'PENDING_GRANT_NOT_FOUND');
    assert.deepEqual(await liveTokens(person), []);
    assert.equal(await storedSecrets(person.userId), 0);
  });

  test('outruns an exchange under way: its late tokens are not kept, and nothing works at Zoom', async () => {
    const person = await vault.connect();
    const answer = await vault.authorize(person.userId, person.zoomUser, { purpose: 'RECONNECT' });
    await simulator.addFault({ endpoint: 'token', match: { user_id: person.zoomUser.id, grant_type: 'authorization_code' }, after: { hold: 'exchanged' } });
    const exchanged = vault.exchange(answer);
    await simulator.waitHeld('exchanged');
    await vault.erase(person);
    await simulator.release('exchanged');
    const { attempt } = await exchanged;
    assert.deepEqual([attempt.state, attempt.result], ['ATTEMPT_STATE_ENDED', 'ATTEMPT_RESULT_SUPERSEDED']);
    await letEraserIn(person);
    await eventually('nothing works at Zoom', async () => (await liveTokens(person)).length === 0);
    await eventually('nothing is kept', async () => (await storedSecrets(person.userId)) === 0);
    assert.equal((await grantRow(stack, person.userId)).state, 'none');
  });
});

test('no other revocation of the whole run ended a grant than the one it was for', async () => {
  const harmful = await revocationsThatHarmed(simulator);
  assert.deepEqual(harmful.filter(({ user_id: id }) => !unavoidable.has(id)), []);
});
