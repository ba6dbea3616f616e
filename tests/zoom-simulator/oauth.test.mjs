// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { basic, demoApp, send, startSimulator } from './client.mjs';
import {
  authorizationUrl,
  connect,
  exchange,
  INVALID_CODE,
  INVALID_TOKEN,
  newCode,
  newUser,
  pkce,
  readProfile,
  refresh,
  refused,
  requestToken,
} from './fixture.mjs';

const PUBLIC = demoApp({ client_id: 'public', client_authentication: ['none'], client_secret: undefined });
const OTHER = demoApp({ client_id: 'other', client_secret: 'other-secret' });
const DEMO = demoApp().client_id;

let sim;
before(async () => {
  sim = await startSimulator({ apps: [demoApp(), PUBLIC, OTHER] });
});
after(() => sim.stop());
beforeEach(() => sim.reset());

describe('exchanging a code', () => {
  test('answers Zoom’s members and carries a tracking id', async () => {
    const answer = await exchange(sim, await newCode(sim, await newUser(sim)));
    const { access_token: access, refresh_token: token, ...rest } = answer.json();
    assert.equal(answer.status, 200);
    assert.deepEqual(rest, { token_type: 'bearer', expires_in: 3599, scope: 'user:read:user', api_url: sim.url });
    assert.equal(access.split('.').length, 3);
    assert.ok(token.length > 500 && token !== access);
    assert.match(answer.headers['x-zm-trackingid'], /^v=2\.0;clid=us02;rid=WEB_[0-9a-f]{32}$/);
    assert.equal(answer.headers['cache-control'], 'no-store');
  });

  test('takes the credentials as Basic, in the form, and parameters from the query', async () => {
    const user = await newUser(sim);
    const post = { client_id: DEMO, client_secret: demoApp().client_secret };
    assert.equal((await exchange(sim, await newCode(sim, user), post, { authorization: null })).status, 200);
    const query = new URLSearchParams({
      grant_type: 'authorization_code',
      code: await newCode(sim, user),
      redirect_uri: demoApp().redirect_uris[0],
    });
    const answer = await send(`${sim.url}/oauth/token?${query}`, {
      method: 'POST',
      headers: { authorization: basic(DEMO, demoApp().client_secret) },
    });
    assert.equal(answer.status, 200);
  });

  test('takes a public client by PKCE alone', async () => {
    const { verifier, challenge } = pkce();
    const code = await newCode(sim, await newUser(sim), {
      client_id: 'public',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    const answer = await exchange(sim, code, { client_id: 'public', code_verifier: verifier }, { authorization: null });
    assert.equal(answer.status, 200);
    const again = await requestToken(
      sim,
      { grant_type: 'refresh_token', refresh_token: answer.json().refresh_token, client_id: 'public' },
      { authorization: null },
    );
    assert.equal(again.status, 200);
  });

  test('refuses a public client whose code has no challenge', async () => {
    const location = await sim.install((await newUser(sim)).id, { clientId: 'public' });
    const answer = await exchange(
      sim,
      new URL(location).searchParams.get('code'),
      { client_id: 'public' },
      { authorization: null },
    );
    refused(answer, 400, INVALID_CODE);
  });

  const wrongClients = [
    ['an unknown client', { authorization: basic('nobody', 'x') }, {}],
    ['a wrong secret', { authorization: basic(DEMO, 'x') }, {}],
    ['no credentials', { authorization: null }, {}],
    ['an id without its secret', { authorization: null }, { client_id: DEMO }],
    ['a contradicting client_id', {}, { client_id: 'other' }],
    ['a malformed header', { authorization: 'Basic !' }, {}],
  ];
  for (const [title, headers, form] of wrongClients) {
    test(`refuses ${title} as invalid_client, with the status of the switch`, async () => {
      const body = { reason: 'Invalid client_id or client_secret', error: 'invalid_client' };
      refused(await exchange(sim, 'any', form, headers), 400, body);
      await sim.setSwitches({ invalid_client_status: 401 });
      refused(await exchange(sim, 'any', form, headers), 401, body);
    });
  }

  test('works once', async () => {
    const code = await newCode(sim, await newUser(sim));
    const first = (await exchange(sim, code)).json();
    refused(await exchange(sim, code), 400, INVALID_CODE);
    assert.equal((await refresh(sim, first.refresh_token)).status, 200);
  });

  test('works once among 64 at the same time', async () => {
    const code = await newCode(sim, await newUser(sim));
    const answers = await Promise.all(Array.from({ length: 64 }, () => exchange(sim, code)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal((await sim.ledger({ type: 'code_exchange', outcome: 'code_used' })).length, 63);
  });

  test('ends the grant when a code is used again, by switch', async () => {
    await sim.setSwitches({ code_reuse_ends_grant: true });
    const code = await newCode(sim, await newUser(sim));
    const first = (await exchange(sim, code)).json();
    await exchange(sim, code);
    refused(await refresh(sim, first.refresh_token), 400, INVALID_TOKEN);
  });

  test('refuses an expired, an unknown and another app’s code', async () => {
    const code = await newCode(sim, await newUser(sim));
    refused(await exchange(sim, code, {}, { authorization: basic('other', 'other-secret') }), 400, INVALID_CODE);
    await sim.expire({ code });
    refused(await exchange(sim, code), 400, INVALID_CODE);
    refused(await exchange(sim, 'unknown'), 400, INVALID_CODE);
    const outcomes = (await sim.ledger({ type: 'code_exchange' })).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, ['wrong_client', 'code_expired', 'unknown_code']);
  });

  test('refuses a wrong or missing redirect URI and verifier; the code stays good unless the switch says else', async () => {
    const { verifier, challenge } = pkce();
    const s256 = { code_challenge: challenge, code_challenge_method: 'S256' };
    const code = await newCode(sim, await newUser(sim), s256);
    refused(await exchange(sim, code, { redirect_uri: 'https://evil.example/' }), 400, INVALID_CODE);
    refused(await exchange(sim, code, { code_verifier: pkce().verifier }), 400, INVALID_CODE);
    refused(await exchange(sim, code), 400, INVALID_CODE);
    assert.equal((await exchange(sim, code, { code_verifier: verifier })).status, 200);
    await sim.setSwitches({ failed_exchange_uses_code: true });
    const second = await newCode(sim, await newUser(sim), s256);
    await exchange(sim, second, { code_verifier: pkce().verifier });
    refused(await exchange(sim, second, { code_verifier: verifier }), 400, INVALID_CODE);
  });

  test('knows the RFC 7636 pair, and plain as the default method', async () => {
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
    const user = await newUser(sim);
    const code = await newCode(sim, user, { code_challenge: challenge, code_challenge_method: 'S256' });
    assert.equal((await exchange(sim, code, { code_verifier: verifier })).status, 200);
    const plain = await newCode(sim, user, { code_challenge: verifier });
    assert.equal((await exchange(sim, plain, { code_verifier: verifier })).status, 200);
  });

  test('shapes its refusals by switches', async () => {
    const code = await newCode(sim, await newUser(sim));
    await sim.setSwitches({
      invalid_code_reason: 'with_code',
      invalid_code_error: 'invalid_request',
      invalid_grant_status: 401,
    });
    refused(await exchange(sim, 'bad'), 401, { reason: 'Invalid authorization code bad', error: 'invalid_request' });
    await sim.setSwitches({ redirect_mismatch_error: 'redirect_mismatch' });
    const answer = await exchange(sim, code, { redirect_uri: 'https://evil.example/' });
    assert.equal(answer.json().errorCode, 4709);
  });

  test('refuses bad requests and other grant types', async () => {
    const bad = { reason: 'Bad request', error: 'invalid_request' };
    refused(await requestToken(sim, {}), 400, bad);
    refused(await requestToken(sim, { grant_type: 'authorization_code' }), 400, bad);
    refused(await requestToken(sim, { grant_type: 'refresh_token' }), 400, bad);
    const repeated = await send(`${sim.url}/oauth/token`, {
      method: 'POST',
      body: 'grant_type=a&grant_type=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    refused(repeated, 400, bad);
    refused(
      await send(`${sim.url}/oauth/token`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json' },
      }),
      400,
      bad,
    );
    assert.equal(
      (await requestToken(sim, { grant_type: 'client_credentials' })).json().error,
      'unsupported_grant_type',
    );
  });

  test('reports the configured lifetime and scopes in the order of the switch', async () => {
    await sim.changeApp(DEMO, { access_token_lifetime_s: 60, scopes: ['user:read:user', 'phone:read:user'] });
    await sim.setSwitches({ expires_in_offset_s: 0, scope_order: 'reversed', include_api_url: false });
    const { expires_in: lifetime, scope, api_url: apiUrl } = await connect(sim);
    assert.deepEqual([lifetime, scope, apiUrl], [60, 'phone:read:user user:read:user', undefined]);
  });
});

describe('one living grant per Zoom user and app', () => {
  test('a new authorization ends the earlier chain when its code is exchanged', async () => {
    const first = await connect(sim);
    const code = await newCode(sim, first.user);
    assert.equal((await readProfile(sim, first.access_token)).status, 200);
    assert.equal((await exchange(sim, code)).status, 200);
    refused(await refresh(sim, first.refresh_token), 400, INVALID_TOKEN);
    assert.equal((await readProfile(sim, first.access_token)).status, 401);
    const [ended] = await sim.grants({ user_id: first.user.id, state: 'dead' });
    assert.equal(ended.ended_reason, 'superseded_by_authorization');
  });

  test('or when the user allows, or not at all, by switches', async () => {
    const first = await connect(sim);
    await sim.setSwitches({ earlier_grant_ends: 'at_allow' });
    await newCode(sim, first.user);
    refused(await refresh(sim, first.refresh_token), 400, INVALID_TOKEN);
    await sim.setSwitches({ one_grant_per_user: false });
    const [second, third] = [await connect(sim, first.user), await connect(sim, first.user)];
    for (const { refresh_token: token } of [second, third]) assert.equal((await refresh(sim, token)).status, 200);
  });

  test('another app’s grant of the same user lives on', async () => {
    const { user, refresh_token: token } = await connect(sim);
    const code = await newCode(sim, user, { client_id: 'other' });
    assert.equal((await exchange(sim, code, {}, { authorization: basic('other', 'other-secret') })).status, 200);
    assert.equal((await refresh(sim, token)).status, 200);
  });
});

describe('refreshing', () => {
  test('strict: rotates, and the old token is dead at once', async () => {
    const first = await connect(sim);
    const second = (await refresh(sim, first.refresh_token)).json();
    assert.notEqual(second.refresh_token, first.refresh_token);
    refused(await refresh(sim, first.refresh_token), 400, INVALID_TOKEN);
    assert.equal((await refresh(sim, second.refresh_token)).status, 200);
  });

  test('strict: exactly one of 64 at the same time succeeds', async () => {
    const { refresh_token: token } = await connect(sim);
    const answers = await Promise.all(Array.from({ length: 64 }, () => refresh(sim, token)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  });

  test('grace: the old token gives a fresh pair until its time is over', async () => {
    await sim.changeApp(DEMO, { rotation: 'grace', grace_s: 60 });
    const first = await connect(sim);
    const second = (await refresh(sim, first.refresh_token)).json();
    const repeated = (await refresh(sim, first.refresh_token)).json();
    assert.notEqual(repeated.refresh_token, second.refresh_token);
    assert.equal((await sim.ledger({ type: 'refresh', outcome: 'issued_in_grace' })).length, 1);
    await sim.expire({ refresh_token: first.refresh_token });
    refused(await refresh(sim, first.refresh_token), 400, INVALID_TOKEN);
    for (const { refresh_token: token } of [second, repeated]) assert.equal((await refresh(sim, token)).status, 200);
  });

  test('reuse_revokes: a dead token ends the grant', async () => {
    await sim.changeApp(DEMO, { rotation: 'reuse_revokes' });
    const first = await connect(sim);
    const second = (await refresh(sim, first.refresh_token)).json();
    refused(await refresh(sim, first.refresh_token), 400, INVALID_TOKEN);
    refused(await refresh(sim, second.refresh_token), 400, INVALID_TOKEN);
    assert.equal((await readProfile(sim, second.access_token)).status, 401);
    assert.equal((await sim.grants({ user_id: first.user.id }))[0].ended_reason, 'refresh_token_reused');
  });

  test('ends the earlier access token, or not, by switch', async () => {
    const first = await connect(sim);
    const second = (await refresh(sim, first.refresh_token)).json();
    assert.equal((await readProfile(sim, first.access_token)).json().message, 'Invalid access token.');
    await sim.setSwitches({ refresh_ends_access_token: false });
    await refresh(sim, second.refresh_token);
    assert.equal((await readProfile(sim, second.access_token)).status, 200);
  });

  test('refuses an expired token, an unknown one and another app’s', async () => {
    const { refresh_token: token } = await connect(sim);
    refused(await refresh(sim, token, { authorization: basic('other', 'other-secret') }), 400, INVALID_TOKEN);
    await sim.expire({ refresh_token: token });
    refused(await refresh(sim, token), 400, INVALID_TOKEN);
    refused(await refresh(sim, 'unknown'), 400, INVALID_TOKEN);
    await sim.setSwitches({ invalid_grant_status: 401, invalid_refresh_error: 'invalid_request' });
    refused(await refresh(sim, 'unknown'), 401, { reason: 'Invalid Token!', error: 'invalid_request' });
  });

  test('goes on after a change of password', async () => {
    const { user, refresh_token: token } = await connect(sim);
    await sim.changeUser(user.id, { password: 'another-1' });
    assert.equal((await refresh(sim, token)).status, 200);
  });

  test('fails while the user is deactivated, in the shape of the switch', async () => {
    const { user, refresh_token: token, access_token: access } = await connect(sim);
    await sim.changeUser(user.id, { status: 'inactive' });
    refused(await refresh(sim, token), 400, INVALID_TOKEN);
    await sim.setSwitches({ inactive_user_refresh: 'owner_gone' });
    assert.equal((await refresh(sim, token)).json().errorCode, 4735);
    await sim.setSwitches({ inactive_user_refresh: 'disabled_by_admin' });
    assert.equal((await refresh(sim, token)).json().errorCode, 4738);
    const profile = await readProfile(sim, access);
    assert.deepEqual([profile.status, profile.json().code], [404, 1001]);
    await sim.setSwitches({ inactive_user_profile: 'invalid_token' });
    assert.equal((await readProfile(sim, access)).json().code, 124);
    await sim.changeUser(user.id, { status: 'active' });
    assert.equal((await refresh(sim, token)).status, 200);
  });
});

test('the authorization server metadata names this server', async () => {
  const { json } = await send(`${sim.url}/.well-known/oauth-authorization-server`);
  assert.equal(json().token_endpoint, `${sim.url}/oauth/token`);
  assert.match(authorizationUrl(sim), new RegExp(`^${json().authorization_endpoint}`));
});
