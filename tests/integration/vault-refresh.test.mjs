// SPDX-License-Identifier: Apache-2.0
// Refreshing over two replicas: once for many callers, and every way in which Zoom may fail.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { startStack } from '../support-js/stack.mjs';
import { atOnce, eventually, failureOf, inBatches } from './lib/conditions.mjs';
import { age, endRefreshPause, grantRow, literal, setAccessExpiry } from './lib/databases.mjs';
import { VaultDriver } from './lib/vault.mjs';

const projectId = 'demo';
let stack;
let vault;
let simulator;
let clientId;
let clientSecret;

before(async () => {
  stack = await startStack({
    services: ['tokenVault'], replicas: { tokenVault: 2 }, durable: false,
    // One test's failures of Zoom must not keep the next one's refreshes back.
    overrides: { tokenVault: { zoom: { failing_pause_ms: 10, app_rejected_pause_ms: 10 } } },
  });
  vault = new VaultDriver(stack);
  ({ simulator } = stack);
  [{ client_id: clientId, client_secret: clientSecret }] = await simulator.apps();
});
after(async () => {
  vault.close();
  await stack.stop();
});
afterEach(async () => {
  await simulator.clearFaults();
  await simulator.changeApp(clientId, { rotation: 'strict', client_secret: clientSecret });
});

const replica = (index) => stack.tokenVault[index % 2];
const refreshesOf = (person, mark) => simulator.ledger({ type: 'refresh', user_id: person.zoomUser.id }, mark);
const refreshFault = (person, fault) => simulator.addFault({ endpoint: 'token', match: { user_id: person.zoomUser.id, grant_type: 'refresh_token' }, ...fault });

/** A connected user whose access token has ended, or is about to. */
async function connectWithOldToken(secondsLeft = -1) {
  const person = await vault.connect();
  await setAccessExpiry(stack, person.userId, secondsLeft);
  return person;
}

async function assertReconnectRequired(person, cause) {
  const error = await failureOf(vault.accessToken(person.userId));
  assert.deepEqual([error.code, error.reason, error.info], ['FAILED_PRECONDITION', 'RECONNECT_REQUIRED', { cause }]);
  const row = await grantRow(stack, person.userId);
  assert.deepEqual([row.state, row.cause, row.generation, row.access_bytes, row.refresh_bytes], ['reconnect_required', cause, 1, 0, 0]);
  const last = (await vault.events(person.linkId)).at(-1);
  assert.deepEqual([last.state, last.cause], ['GRANT_STATE_RECONNECT_REQUIRED', `GRANT_CAUSE_${cause.toUpperCase()}`]);
}

async function assertStillActive(person) {
  const row = await grantRow(stack, person.userId);
  assert.deepEqual([row.state, row.cause, row.refresh_bytes > 0], ['active', '', true]);
}

describe('many callers', () => {
  test('64 in parallel on an expired token over two replicas cause exactly one refresh', async () => {
    const person = await connectWithOldToken();
    const mark = await simulator.position();
    const { values, errors } = await atOnce(64, (index) => vault.accessToken(person.userId, { replica: replica(index) }));
    assert.deepEqual(errors, []);
    assert.equal(new Set(values.map(({ accessToken }) => accessToken)).size, 1);
    assert.deepEqual((await refreshesOf(person, mark)).map(({ outcome }) => outcome), ['issued']);
    assert.equal((await vault.whoIs(values[0])).status, 200);
  });

  test('32 with one refused token version over two replicas cause one refresh', async () => {
    const person = await vault.connect();
    const { tokenVersion } = await vault.accessToken(person.userId);
    const mark = await simulator.position();
    const { values, errors } = await atOnce(32, (index) => vault.accessToken(person.userId, { rejectedTokenVersion: tokenVersion, replica: replica(index) }));
    assert.deepEqual(errors, []);
    assert.deepEqual(new Set(values.map((value) => Number(value.tokenVersion))), new Set([Number(tokenVersion) + 1]));
    assert.equal((await refreshesOf(person, mark)).length, 1);
    await vault.accessToken(person.userId, { rejectedTokenVersion: tokenVersion });
    assert.equal((await refreshesOf(person, mark)).length, 1, 'a version that was replaced already causes none');
  });

  test('a refresh is finished and kept when its caller gives up', async () => {
    const person = await connectWithOldToken();
    await refreshFault(person, { after: { hold: 'abandoned' } });
    const abandoned = failureOf(vault.accessToken(person.userId, { deadlineMs: 300 }));
    await simulator.waitHeld('abandoned');
    assert.equal((await abandoned).code, 'DEADLINE_EXCEEDED');
    const mark = await simulator.position();
    await simulator.release('abandoned');
    const token = await vault.accessToken(person.userId, { replica: replica(1) });
    assert.equal((await vault.whoIs(token)).status, 200);
    assert.deepEqual(await refreshesOf(person, mark), []);
  });

  test('a token is refreshed from five minutes before its end on, and not before', async () => {
    for (const [secondsLeft, refreshes] of [[320, 0], [280, 1]]) {
      const person = await connectWithOldToken(secondsLeft);
      const mark = await simulator.position();
      await vault.accessToken(person.userId);
      assert.equal((await refreshesOf(person, mark)).length, refreshes, `${secondsLeft} s before the end`);
    }
  });
});

describe('a refusal by Zoom', () => {
  const refusals = [
    ['the user removed the app', {}, 'revoked', (person) => simulator.removeApp(person.zoomUser.id)],
    ['with status 401', { invalid_grant_status: 401 }, 'revoked', (person) => simulator.removeApp(person.zoomUser.id)],
    ['as invalid_request with "Invalid Token!"', { invalid_refresh_error: 'invalid_request' }, 'revoked', (person) => simulator.removeApp(person.zoomUser.id)],
    ['the owner of the token is gone (4735)', { inactive_user_refresh: 'owner_gone' }, 'account_inactive', (person) => simulator.changeUser(person.zoomUser.id, { status: 'inactive' })],
    ['disabled by the administrator (4738)', { inactive_user_refresh: 'disabled_by_admin' }, 'account_inactive', (person) => simulator.changeUser(person.zoomUser.id, { status: 'inactive' })],
  ];
  for (const [title, switches, cause, act] of refusals) {
    test(`${title}: a reconnect is required, cause ${cause}, and the tokens are wiped at once`, async () => {
      const usual = await simulator.switches();
      await simulator.setSwitches(switches);
      const person = await connectWithOldToken();
      await act(person);
      await assertReconnectRequired(person, cause);
      await simulator.setSwitches(Object.fromEntries(Object.keys(switches).map((name) => [name, usual[name]])));
    });
  }

  test('is asked for once: later calls cause no request', async () => {
    const person = await connectWithOldToken();
    await simulator.removeApp(person.zoomUser.id);
    await assertReconnectRequired(person, 'revoked');
    const mark = await simulator.position();
    await atOnce(8, (index) => vault.accessToken(person.userId, { replica: replica(index) }));
    assert.deepEqual(await simulator.ledger({ type: ['refresh', 'token_request_refused'] }, mark), []);
  });

  test('leaves the profile for seven days and no longer', async () => {
    const person = await connectWithOldToken();
    await simulator.removeApp(person.zoomUser.id);
    await assertReconnectRequired(person, 'revoked');
    const { grantState, profile } = await vault.profile(person.userId);
    assert.deepEqual([grantState, profile.email], ['GRANT_STATE_RECONNECT_REQUIRED', person.zoomUser.email]);
    await age(stack, person.userId, 'grants', ['reconnect_required_at'], 7 * 24 * 3600);
    await eventually('profile and tags are wiped', async () => {
      const row = await grantRow(stack, person.userId);
      return !row.has_profile && !row.identified && !row.account_known;
    });
    assert.equal((await failureOf(vault.profile(person.userId))).reason, 'GRANT_NOT_FOUND');
  });

  test('while the user authorizes again is doubt, not the end; the reconnect keeps the link', async () => {
    const person = await connectWithOldToken();
    const answer = await vault.authorize(person.userId, person.zoomUser, { purpose: 'RECONNECT' });
    await simulator.removeApp(person.zoomUser.id);
    const error = await failureOf(vault.accessToken(person.userId));
    assert.deepEqual([error.code, error.reason], ['UNAVAILABLE', 'REFRESH_IN_PROGRESS']);
    await assertStillActive(person);
    assert.equal((await vault.exchange(answer)).attempt.result, 'ATTEMPT_RESULT_SYSTEM_ERROR', 'removing the app withdrew the code');
    await endRefreshPause(stack, person.userId);
    await eventually('the doubt ends', async () => (await grantRow(stack, person.userId)).state === 'reconnect_required');
    assert.equal((await grantRow(stack, person.userId)).cause, 'reauthorized_elsewhere');

    const again = await vault.connect({ ...person, expectedGeneration: 1, purpose: 'RECONNECT' });
    assert.deepEqual([again.linkId, again.generation], [person.linkId, 2]);
    assert.ok(await vault.isHealthy(person));
  });
});

describe('a passing failure of Zoom', () => {
  const failures = [
    ['500', { answer: { status: 500 } }],
    ['503 with a page', { answer: { status: 503, preset: 'html' } }],
    ['a 200 that is a page', { answer: { status: 200, preset: 'html' } }],
    ['a 200 that is garbage', { answer: { status: 200, preset: 'garbage' } }],
    ['an empty 200', { answer: { status: 200, preset: 'empty' } }],
    ['429 with seconds', { rate_limit: { retry_after: 'seconds', after_s: 30 } }],
    ['429 with an HTTP date', { rate_limit: { retry_after: 'http_date', after_s: 30 } }],
    ['429 with an ISO 8601 time', { rate_limit: { retry_after: 'iso8601', limit: 'daily', after_s: 30 } }],
    ['429 without a time', { rate_limit: { retry_after: 'none' } }],
  ];
  for (const [title, fault] of failures) {
    test(`${title}: the old token is served while it works, then the call fails; nobody is marked`, async () => {
      const person = await connectWithOldToken(60);
      const mark = await simulator.position();
      await refreshFault(person, { ...fault, times: null });
      const old = await vault.accessToken(person.userId);
      assert.equal((await vault.whoIs(old)).status, 200);
      await atOnce(4, (index) => vault.accessToken(person.userId, { replica: replica(index) }));
      assert.equal((await simulator.ledger({ type: 'fault_applied', user_id: person.zoomUser.id }, mark)).length, 1, 'the pause is kept by both replicas');
      await setAccessExpiry(stack, person.userId, -1);
      const error = await failureOf(vault.accessToken(person.userId));
      assert.deepEqual([error.code, error.reason], ['UNAVAILABLE', 'ZOOM_UNAVAILABLE']);
      assert.ok(error.retryAfterMs > 0);
      await assertStillActive(person);
      await simulator.clearFaults();
      await endRefreshPause(stack, person.userId);
      assert.ok(await vault.isHealthy(person));
    });
  }

  test('a time to come back is kept: the next refresh is not before it', async () => {
    const person = await connectWithOldToken(60);
    await refreshFault(person, { rate_limit: { retry_after: 'iso8601', limit: 'daily', after_s: 600 } });
    await vault.accessToken(person.userId);
    const [{ wait }] = await stack.postgres.query('token_vault',
      `SELECT extract(epoch FROM next_attempt_at - now())::int AS wait FROM grants WHERE user_id = '${person.userId}'`);
    assert.ok(wait > 580 && wait <= 602, `${wait} s`);
  });

  test('refused credentials of the app stop the refresh with ZOOM_APP_REJECTED and mark no user', async () => {
    const people = [await connectWithOldToken(), await connectWithOldToken()];
    await simulator.changeApp(clientId, { client_secret: 'rotated-at-zoom' });
    for (const person of people) {
      const error = await failureOf(vault.accessToken(person.userId));
      assert.deepEqual([error.code, error.reason], ['UNAVAILABLE', 'ZOOM_APP_REJECTED']);
      await assertStillActive(person);
    }
    await simulator.changeApp(clientId, { client_secret: clientSecret });
    for (const person of people) {
      await endRefreshPause(stack, person.userId);
      assert.ok(await vault.isHealthy(person));
    }
  });
});

describe('an answer that is lost', () => {
  test('after Zoom issued is recovered where Zoom has a grace period', async () => {
    await simulator.changeApp(clientId, { rotation: 'grace' });
    const person = await connectWithOldToken();
    const mark = await simulator.position();
    await refreshFault(person, { after: { reset: true } });
    const token = await vault.accessToken(person.userId);
    assert.equal((await vault.whoIs(token)).status, 200);
    assert.deepEqual((await refreshesOf(person, mark)).map(({ outcome }) => outcome), ['issued', 'issued_in_grace']);
    assert.ok(await vault.isHealthy(person));
  });

  test('after Zoom issued shows as lost_response where Zoom has none', async () => {
    const person = await connectWithOldToken();
    const mark = await simulator.position();
    await refreshFault(person, { after: { reset: true } });
    await assertReconnectRequired(person, 'lost_response');
    assert.deepEqual((await refreshesOf(person, mark)).map(({ outcome }) => outcome), ['issued', 'replaced']);
  });

  for (const [title, fault] of [['the connection breaks before', { before: { reset: true } }], ['a gateway answers 502 before', { answer: { status: 502, preset: 'html' } }]]) {
    test(`costs nothing when ${title} Zoom processed the request`, async () => {
      const person = await connectWithOldToken();
      await refreshFault(person, fault);
      assert.equal((await vault.whoIs(await vault.accessToken(person.userId))).status, 200);
      await assertStillActive(person);
    });
  }

  test('by a replica that hangs is stored when it comes after all, and makes the link active again', async () => {
    const person = await connectWithOldToken();
    await refreshFault(person, { after: { hold: 'late' } });
    const late = vault.accessToken(person.userId);
    await simulator.waitHeld('late');
    for (let round = 0; round < 2; round += 1) {
      await endRefreshPause(stack, person.userId);
      await failureOf(vault.accessToken(person.userId, { replica: replica(1) }));
    }
    await assertReconnectRequired(person, 'lost_response');
    await simulator.release('late');
    assert.equal((await vault.whoIs(await late)).status, 200);
    assert.deepEqual((await vault.events(person.linkId)).map(({ state }) => state),
      ['GRANT_STATE_ACTIVE', 'GRANT_STATE_RECONNECT_REQUIRED', 'GRANT_STATE_ACTIVE']);
    assert.ok(await vault.isHealthy(person));
  });

  test('through a restart of PostgreSQL is kept in memory until the row can be written', async () => {
    const person = await connectWithOldToken();
    await refreshFault(person, { after: { hold: 'restart' } });
    const token = vault.accessToken(person.userId);
    await simulator.waitHeld('restart');
    await stack.postgres.process.kill('SIGINT');
    await simulator.release('restart');
    await stack.postgres.process.start();
    assert.equal((await vault.whoIs(await token)).status, 200);
    assert.ok(await vault.isHealthy(person));
  });

  test('to a replica that is asked to end is waited for', async () => {
    const person = await connectWithOldToken();
    await refreshFault(person, { after: { hold: 'drain' } });
    const token = vault.accessToken(person.userId, { replica: replica(1) });
    await simulator.waitHeld('drain');
    const stopped = replica(1).stop();
    await simulator.release('drain');
    await Promise.allSettled([token, stopped]);
    assert.equal((await replica(1).exited).status, 0);
    assert.ok(await vault.isHealthy(person));
    await replica(1).start();
  });
});

describe('a refresh that outlives its link', () => {
  test('by a disconnect leaves nothing that works: its late tokens are revoked', async () => {
    const person = await connectWithOldToken();
    await refreshFault(person, { after: { hold: 'outlives' } });
    const pending = failureOf(vault.accessToken(person.userId));
    await simulator.waitHeld('outlives');
    // Zoom does not know the old tokens any more, so only the late ones can be revoked.
    await vault.erase(person);
    await simulator.release('outlives');
    assert.equal((await pending).reason, 'GRANT_NOT_FOUND');
    await eventually('no token of the user is live', async () => (await simulator.tokens({ user_id: person.zoomUser.id })).every(({ live }) => !live), 30_000);
    const row = await grantRow(stack, person.userId);
    assert.deepEqual([row.state, row.refresh_bytes, row.identified], ['none', 0, false]);
  });

  test('by a reconnect is dropped: the new tokens stay and nothing is revoked', async () => {
    const person = await connectWithOldToken();
    const mark = await simulator.position();
    await refreshFault(person, { after: { hold: 'outlived' } });
    const late = vault.accessToken(person.userId);
    await simulator.waitHeld('outlived');
    await vault.connect({ ...person, expectedGeneration: 1, purpose: 'RECONNECT' });
    const fresh = await vault.accessToken(person.userId, { replica: replica(1) });
    await simulator.release('outlived');
    assert.equal((await late).accessToken, fresh.accessToken);
    assert.ok(await vault.isHealthy(person));
    assert.deepEqual(await simulator.ledger({ type: 'revocation' }, mark), []);
  });
});

describe('a token answer that is cut', () => {
  /** Where to cut: around every quotation mark of the answer, and in steps over the rest. */
  async function offsets() {
    const person = await vault.connect();
    const [issued] = await simulator.ledger({ type: 'tokens_issued', user_id: person.zoomUser.id });
    const body = JSON.stringify({ access_token: issued.access_token, token_type: 'bearer', refresh_token: issued.refresh_token, expires_in: 3599, scope: issued.scope, api_url: simulator.url });
    const marks = [...body.matchAll(/"/g)].flatMap(({ index }) => [index, index + 1]);
    const steps = Array.from({ length: Math.ceil(body.length / 61) }, (_, index) => index * 61);
    return [...new Set([...marks, ...steps])].filter((at) => at < body.length).sort((a, b) => a - b);
  }

  /** Connects a user for each cut and refreshes them all; answers who lost the link, and why. */
  async function refreshWithCuts(cuts) {
    const people = await inBatches(cuts, (at) => vault.connect().then((person) => ({ at, ...person })));
    await stack.postgres.execute('token_vault',
      `UPDATE grants SET access_expires_at = now() - interval '1 second' WHERE user_id IN (${people.map(({ userId }) => literal(userId))})`);
    await inBatches(people, (person) => refreshFault(person, { truncate_at: person.at }));
    await inBatches(people, ({ userId }) => Promise.allSettled([vault.accessToken(userId)]));
    const rows = await stack.postgres.query('token_vault', 'SELECT user_id, state, cause FROM grants');
    const rowOf = new Map(rows.map((row) => [row.user_id, row]));
    return people.map((person) => ({ ...person, ...rowOf.get(person.userId) }));
  }

  test('at any byte loses no link where Zoom has a grace period', async () => {
    await simulator.changeApp(clientId, { rotation: 'grace' });
    const people = await refreshWithCuts(await offsets());
    assert.ok(people.length > 50);
    assert.deepEqual(people.filter(({ state }) => state !== 'active'), []);
    // Without the grace period only the newest refresh token works.
    await simulator.changeApp(clientId, { rotation: 'strict' });
    const healthy = await inBatches(people, (person) => vault.isHealthy(person));
    assert.deepEqual(people.filter((_, index) => !healthy[index]), []);
  });

  test('at any byte is used where the refresh token is readable, and else shows as lost_response', async () => {
    const people = await refreshWithCuts(await offsets());
    const kept = people.findIndex(({ state }) => state === 'active');
    assert.ok(kept > 0);
    assert.deepEqual(new Set(people.slice(0, kept).map(({ state, cause }) => `${state} ${cause}`)), new Set(['reconnect_required lost_response']));
    assert.deepEqual(new Set(people.slice(kept).map(({ state }) => state)), new Set(['active']), 'nothing is lost from the end of the refresh token on');
    const healthy = await inBatches(people.slice(kept), (person) => vault.isHealthy(person));
    assert.ok(healthy.every(Boolean));
  });
});

test('a grant is looked up by project and user: an unknown one is not found', async () => {
  for (const [project, userId] of [[projectId, randomUUID()], ['elsewhere', 'seller-1']]) {
    const error = await failureOf(vault.as('zoom-api').getAccessToken({ projectId: project, userId }));
    assert.deepEqual([error.code, error.reason], ['NOT_FOUND', 'GRANT_NOT_FOUND']);
  }
});
