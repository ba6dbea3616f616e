// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { basic, demoApp, send, sendForm, startSimulator } from './client.mjs';
import {
  connect,
  exchange,
  INVALID_CODE,
  INVALID_TOKEN,
  newCode,
  newUser,
  readProfile,
  refresh,
  refused,
  revoke,
} from './fixture.mjs';

const OTHER = demoApp({ client_id: 'other', client_secret: 'other-secret' });
const DEMO = demoApp().client_id;

let sim;
before(async () => {
  sim = await startSimulator({ apps: [demoApp(), OTHER] });
});
after(() => sim.stop());
beforeEach(() => sim.reset());

describe('revoking', () => {
  const unknown = { reason: 'Invalid Token!', error: 'invalid_token' };

  for (const kind of ['access_token', 'refresh_token']) {
    test(`with the ${kind} ends both tokens at once`, async () => {
      const tokens = await connect(sim);
      const answer = await revoke(sim, tokens[kind]);
      assert.deepEqual([answer.status, answer.json()], [200, { status: 'success' }]);
      refused(await refresh(sim, tokens.refresh_token), 400, INVALID_TOKEN);
      assert.equal((await readProfile(sim, tokens.access_token)).json().message, 'Invalid access token.');
      refused(await revoke(sim, tokens[kind]), 400, unknown);
    });
  }

  test('takes the token from the query too', async () => {
    const { access_token: access } = await connect(sim);
    const answer = await sendForm(
      `${sim.url}/oauth/revoke?token=${access}`,
      {},
      { headers: { authorization: basic(DEMO, demoApp().client_secret) } },
    );
    assert.equal(answer.status, 200);
  });

  test('needs the client’s credentials and the token’s own app', async () => {
    const { access_token: access } = await connect(sim);
    assert.equal((await revoke(sim, access, { authorization: basic(DEMO, 'x') })).json().error, 'invalid_client');
    refused(await revoke(sim, access, { authorization: basic('other', 'other-secret') }), 400, unknown);
    assert.equal((await readProfile(sim, access)).status, 200);
  });

  test('refuses refresh tokens, or forgives unknown and expired tokens, by switches', async () => {
    const tokens = await connect(sim);
    await sim.setSwitches({ revoke_accepts: 'access_token' });
    refused(await revoke(sim, tokens.refresh_token), 400, unknown);
    refused(await revoke(sim, 'unknown'), 400, unknown);
    await sim.expire({ access_token: tokens.access_token });
    refused(await revoke(sim, tokens.access_token), 400, unknown);
    await sim.setSwitches({ revoke_unknown_token: 'success', revoke_expired_access_token: 'success' });
    assert.equal((await revoke(sim, 'unknown')).status, 200);
    assert.equal((await revoke(sim, tokens.access_token)).status, 200);
    refused(await refresh(sim, tokens.refresh_token), 400, INVALID_TOKEN);
  });

  test('with a dead token can uninstall the app, and the ledger tells which healthy grant died', async () => {
    await sim.setSwitches({ revoke_dead_token: 'uninstall' });
    const first = await connect(sim);
    const second = await connect(sim, first.user);
    assert.equal((await revoke(sim, first.refresh_token)).status, 200);
    refused(await refresh(sim, second.refresh_token), 400, INVALID_TOKEN);
    const [entry] = await sim.ledger({ type: 'revocation', outcome: 'revoked' });
    assert.deepEqual([entry.other_grants_ended, entry.ended_grant_ids.length], [1, 1]);
  });
});

describe('removing the app', () => {
  test('ends the grant and the codes on their way', async () => {
    const { user, refresh_token: token, access_token: access } = await connect(sim);
    const code = await newCode(sim, user);
    assert.equal((await sim.removeApp(user.id, DEMO)).ended_grant_ids.length, 1);
    refused(await refresh(sim, token), 400, INVALID_TOKEN);
    refused(await exchange(sim, code), 400, INVALID_CODE);
    assert.equal((await readProfile(sim, access)).status, 401);
    assert.equal((await connect(sim, user)).token_type, 'bearer');
  });
});

describe('GET /v2/users/me', () => {
  test('tells the profile in Zoom’s types, non-ASCII names included', async () => {
    const users = await sim.users();
    assert.ok(users.length >= 6);
    assert.equal(new Set(users.map(({ account_id: account }) => account)).size, 2);
    for (const { id } of users) assert.match(id, /^[A-Za-z0-9_-]{22}$/);
    const sakura = users.find(({ email }) => email.startsWith('sakura'));
    const answer = await readProfile(sim, (await connect(sim, sakura)).access_token);
    const profile = answer.json();
    assert.equal(answer.status, 200);
    assert.deepEqual(
      [profile.id, profile.account_id, profile.email, profile.display_name],
      [sakura.id, sakura.account_id, sakura.email, '𠮷野 さくら'],
    );
    assert.deepEqual(
      [typeof profile.pmi, typeof profile.account_number, typeof profile.role_id],
      ['number', 'number', 'string'],
    );
    assert.equal(profile.phone_numbers.length, 1);
    const kenji = users.find(({ zoom_phone: licence }) => !licence);
    assert.deepEqual((await readProfile(sim, (await connect(sim, kenji)).access_token)).json().phone_numbers, []);
  });

  test('can be overridden and stripped for one user', async () => {
    const { access_token: access } = await connect(
      sim,
      await newUser(sim, { profile: { email: null, pronouns: 'they' } }),
    );
    const profile = (await readProfile(sim, access)).json();
    assert.deepEqual([profile.email, profile.pronouns], [undefined, 'they']);
  });

  test('refuses missing, unknown and expired tokens with both texts', async () => {
    const { access_token: access } = await connect(sim);
    const invalid = { code: 124, message: 'Invalid access token.' };
    refused(await send(`${sim.url}/v2/users/me`), 401, invalid);
    refused(await readProfile(sim, 'unknown'), 401, invalid);
    await sim.expire({ access_token: access });
    const answer = await readProfile(sim, access);
    refused(answer, 401, { code: 124, message: 'Access token is expired.' });
    assert.match(answer.headers['x-zm-trackingid'], /^v=2\.0/);
  });

  test('refuses a token without the scope, with the status of the switch', async () => {
    await sim.changeApp(DEMO, { scopes: ['meeting:read:meeting'] });
    const { access_token: access } = await connect(sim);
    const body = {
      code: 4711,
      message: 'Invalid access token, does not contain scopes:[user:read:user, user:read:user:admin].',
    };
    refused(await readProfile(sim, access), 400, body);
    await sim.setSwitches({ missing_scope_status: 403 });
    refused(await readProfile(sim, access), 403, body);
  });

  test('other paths are not recognized', async () => {
    const answer = await send(`${sim.url}/v2/users/me/unknown`);
    refused(answer, 404, { code: 2300, message: 'This API endpoint is not recognized.' });
    assert.ok(answer.headers['x-zm-trackingid']);
  });
});

describe('rate limits', () => {
  const shapes = [
    ['seconds', /^\d+$/],
    ['http_date', /^[A-Z][a-z]{2}, .* GMT$/],
    ['iso8601', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/],
    ['none', undefined],
  ];
  for (const [shape, pattern] of shapes) {
    test(`answer 429 with Retry-After as ${shape}, per account`, async () => {
      const { access_token: access, user } = await connect(sim);
      await sim.setSwitches({ api_requests_per_day: 1, rate_limit_retry_after: shape });
      assert.equal((await readProfile(sim, access)).status, 200);
      const answer = await readProfile(sim, access);
      assert.deepEqual([answer.status, answer.json().code], [429, 429]);
      assert.equal(answer.headers['x-ratelimit-type'], 'Daily-limit');
      const header = answer.headers['retry-after'];
      if (pattern) assert.match(header, pattern);
      else assert.equal(header, undefined);
      const [entry] = await sim.ledger({ type: 'rate_limited', user_id: user.id });
      assert.equal(entry.retry_at === null, shape === 'none');
    });
  }

  test('count the token endpoint per app', async () => {
    const { refresh_token: token } = await connect(sim);
    await sim.setSwitches({ token_requests_per_second: 1 });
    // More requests than seconds can pass: the window of a second may turn in between.
    const answers = await Promise.all(Array.from({ length: 40 }, () => refresh(sim, token)));
    assert.ok(answers.some(({ status }) => status === 429));
    await sim.setSwitches({ token_requests_per_second: 0 });
  });
});
