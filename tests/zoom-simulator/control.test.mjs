// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { demoApp, send, SimulatorClient, startSimulator } from './client.mjs';
import { authorizationUrl, connect, newCode, newUser, readProfile, refresh, revoke } from './fixture.mjs';

const TOKEN = 'control-token-1';

let sim;
before(async () => {
  sim = await startSimulator({ control_token: TOKEN });
});
after(() => sim.stop());
beforeEach(() => sim.reset());

describe('the control API', () => {
  test('asks for the control token', async () => {
    const stranger = new SimulatorClient({ url: sim.url });
    await assert.rejects(stranger.status(), { status: 401, reason: 'UNAUTHENTICATED' });
    await assert.rejects(new SimulatorClient({ url: sim.url, controlToken: 'control-token-2' }).status(), {
      status: 401,
    });
    assert.equal((await sim.status()).users, 6);
  });

  test('takes JSON only, so that no other page can act through a browser', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await send(`${sim.url}/_control/reset`, { method: 'POST', headers, body: '{}' });
    assert.equal(answer.status, 415);
    const malformed = await send(`${sim.url}/_control/reset`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '[',
    });
    assert.deepEqual([malformed.status, malformed.json().error.reason], [400, 'INVALID_INPUT']);
  });

  test('names unknown routes, methods and things', async () => {
    await assert.rejects(sim.call('GET', '/nothing'), { status: 404, reason: 'NO_SUCH_ROUTE' });
    await assert.rejects(sim.call('DELETE', '/status'), { status: 405 });
    await assert.rejects(sim.user('nobody'), { status: 404, reason: 'NOT_FOUND' });
    await assert.rejects(sim.user('%'), { status: 404 });
  });

  test('adds, changes and removes users', async () => {
    const user = await sim.addUser({ first_name: 'New', last_name: 'User', email: 'new@hanami.example' });
    assert.match(user.id, /^[A-Za-z0-9_-]{22}$/);
    await assert.rejects(sim.addUser({ first_name: 'x', last_name: 'x', email: 'NEW@hanami.example' }), {
      status: 409,
    });
    await assert.rejects(sim.addUser({ email: 'bad', type: 7 }), (error) => {
      assert.deepEqual(
        error.problems.map(({ field }) => field),
        ['email', 'first_name', 'last_name', 'type'],
      );
      return true;
    });
    await sim.changeUser(user.id, { email: 'newer@hanami.example' });
    assert.equal((await sim.user('newer@hanami.example')).id, user.id);
    const { access_token: access } = await connect(sim, user);
    await sim.removeUser(user.id);
    assert.equal((await readProfile(sim, access)).status, 401);
    assert.equal((await sim.grants())[0].ended_reason, 'user_deleted');
  });

  test('adds, changes and removes apps', async () => {
    await sim.addApp(demoApp({ client_id: 'second' }));
    await assert.rejects(sim.addApp(demoApp({ client_id: 'second' })), { status: 409 });
    await assert.rejects(sim.removeApp((await newUser(sim)).id), { status: 404 });
    await sim.changeApp('second', { name: 'Renamed' });
    assert.equal((await sim.apps())[1].name, 'Renamed');
    await sim.deleteApp('second');
    assert.equal((await sim.apps()).length, 1);
  });

  test('shows switches with their descriptions, and refuses unknown ones', async () => {
    const { switches } = await sim.call('GET', '/switches/descriptions');
    assert.deepEqual(switches.map(({ name }) => name).sort(), Object.keys(await sim.switches()).sort());
    for (const { label } of switches) assert.ok(label);
    await assert.rejects(sim.setSwitches({ nothing: true, decline: 'maybe' }), (error) => {
      assert.deepEqual(error.problems.map(({ field }) => field).sort(), ['decline', 'nothing']);
      return true;
    });
  });

  test('tells each grant’s state, why it died, and whether its latest refresh token lives', async () => {
    const { user, refresh_token: token } = await connect(sim);
    const second = (await refresh(sim, token)).json();
    const [grant] = await sim.grants({ user_id: user.email });
    assert.deepEqual(
      [grant.state, grant.refreshes, grant.latest_refresh_token.live, grant.latest_refresh_token.value],
      ['alive', 1, true, second.refresh_token],
    );
    assert.deepEqual([grant.live_refresh_token_ids.length, grant.live_access_token_ids.length], [1, 1]);
    await sim.expire({ refresh_token: second.refresh_token });
    assert.equal((await sim.grant(grant.grant_id)).latest_refresh_token.live, false);
    await revoke(sim, second.access_token);
    const dead = await sim.grant(grant.grant_id);
    assert.deepEqual([dead.state, dead.ended_reason, dead.live_access_token_ids], ['dead', 'revoked', []]);
  });

  test('ends a grant', async () => {
    const { user, refresh_token: token } = await connect(sim);
    const [grant] = await sim.grants({ user_id: user.id });
    await sim.endGrant(grant.grant_id);
    assert.equal((await refresh(sim, token)).status, 400);
  });

  test('expires tokens by value, by grant and by user and kind', async () => {
    const { user, access_token: access, refresh_token: token } = await connect(sim);
    assert.equal((await sim.expire({ user_id: user.id, kind: 'access_token' })).expired, 1);
    assert.equal((await readProfile(sim, access)).status, 401);
    const [grant] = await sim.grants({ user_id: user.id });
    await sim.expire({ grant_id: grant.grant_id, kind: 'refresh_token' });
    assert.equal((await refresh(sim, token)).status, 400);
    await newCode(sim, user);
    assert.equal((await sim.expire({ user_id: user.id, kind: 'code' })).expired, 2);
    await assert.rejects(sim.expire({}), { status: 400 });
    await assert.rejects(sim.expire({ access_token: 'unknown' }), { status: 404 });
  });

  test('refuses an install to a redirect URI that is not registered', async () => {
    const user = await newUser(sim);
    await assert.rejects(sim.install(user.id, { redirectUri: 'https://evil.example/' }), { status: 400 });
    await assert.rejects(sim.authorizeDirectly(authorizationUrl(sim, { client_id: 'nobody' }), user.id), {
      status: 400,
      reason: 'REFUSED',
    });
    assert.match(await sim.authorizeDirectly(authorizationUrl(sim), user.id, { allow: false }), /error=access_denied/);
  });

  test('resets to the configuration', async () => {
    await newUser(sim);
    await connect(sim);
    await sim.setSwitches({ decline: 'page' });
    await sim.changeApp(demoApp().client_id, { rotation: 'grace' });
    await sim.addFault({ endpoint: 'token', answer: { status: 500 } });
    const position = await sim.position();
    await sim.reset();
    assert.deepEqual(
      [(await sim.users()).length, await sim.grants(), await sim.faults(), await sim.ledger()],
      [6, [], [], []],
    );
    assert.equal((await sim.switches()).decline, 'redirect');
    assert.equal((await sim.apps())[0].rotation, 'strict');
    assert.ok((await sim.position()) >= position);
  });
});

describe('the ledger', () => {
  test('holds one authorization from request to profile in order, linked by ids', async () => {
    const { user, access_token: access, refresh_token: token } = await connect(sim);
    await refresh(sim, token);
    await readProfile(sim, access);
    const entries = (await sim.ledger({}, 0)).filter(({ type }) => type !== 'answered');
    assert.deepEqual(
      entries.map(({ type, outcome }) => [type, outcome ?? null]),
      [
        ['authorization_decided', 'allowed'],
        ['code_issued', null],
        ['tokens_issued', null],
        ['code_exchange', 'issued'],
        ['tokens_issued', null],
        ['refresh', 'issued'],
        ['request_seen', null],
        ['profile_read', 'replaced'],
      ],
    );
    const [, code, first, exchanged, second, refreshed] = entries;
    assert.equal(exchanged.code_id, code.code_id);
    assert.equal(exchanged.request_id, first.request_id);
    assert.deepEqual(
      [second.grant_id, second.user_id, second.parent_refresh_token_id],
      [first.grant_id, user.id, first.refresh_token_id],
    );
    assert.equal(refreshed.refresh_token_id, first.refresh_token_id);
    entries.slice(1).forEach((entry, index) => assert.ok(entry.seq > entries[index].seq));
  });

  test('holds tokens by value and SHA-256, for the search of canaries', async () => {
    const { access_token: access, refresh_token: token, user } = await connect(sim);
    const [issued] = await sim.ledger({ type: 'tokens_issued', user_id: user.id });
    const sha256 = (text) => createHash('sha256').update(text).digest('hex');
    assert.deepEqual([issued.access_token, issued.refresh_token], [access, token]);
    assert.deepEqual([issued.access_token_sha256, issued.refresh_token_sha256], [sha256(access), sha256(token)]);
    const tokens = await sim.tokens({ user_id: user.id });
    assert.deepEqual(
      tokens.map(({ kind, value, live }) => [kind, value, live]),
      [
        ['refresh_token', token, true],
        ['access_token', access, true],
      ],
    );
  });

  test('is read from a position, in pages, by fields', async () => {
    const first = await connect(sim);
    const after = await sim.position();
    const second = await connect(sim);
    assert.ok((await sim.ledger({}, after)).every(({ seq }) => seq > after));
    assert.deepEqual(await sim.ledger({ user_id: first.user.id, type: 'tokens_issued' }, after), []);
    assert.equal((await sim.ledger({ user_id: [first.user.id, second.user.id], type: 'tokens_issued' })).length, 2);
    const page = await sim.call('GET', '/ledger?limit=2');
    assert.deepEqual([page.entries.length, page.more, page.next_after], [2, true, page.entries[1].seq]);
    await assert.rejects(sim.call('GET', '/ledger?after=x'), { status: 400 });
  });

  test('can be waited for', async () => {
    const user = await newUser(sim);
    const wait = sim.waitLedger({ type: 'tokens_issued', user_id: user.id }, { count: 2 });
    await connect(sim, user);
    await connect(sim, user);
    assert.equal((await wait).length, 2);
    await assert.rejects(sim.waitLedger({ type: 'nothing' }, { timeoutMs: 1 }), /0 of 1 entries matched/);
  });

  test('tells whether an answer left whole', async () => {
    const { refresh_token: token } = await connect(sim);
    const after = await sim.position();
    await refresh(sim, token);
    const [entry] = await sim.waitLedger({ type: 'answered', endpoint: 'token' }, { after });
    assert.deepEqual([entry.status, entry.complete], [200, true]);
  });
});

describe('the control page', () => {
  test('is served without data, with an external script only', async () => {
    const { text, headers } = await send(`${sim.url}/_control/`);
    assert.match(text, /<script type="module" src="\/_assets\/control\.mjs"><\/script>/);
    assert.doesNotMatch(text, /<script>| style=|hanami\.example/);
    assert.match(headers['content-security-policy'], /script-src 'self'/);
    for (const [asset, type] of [
      ['control.mjs', /javascript/],
      ['style.css', /css/],
    ]) {
      const answer = await send(`${sim.url}/_assets/${asset}`);
      assert.equal(answer.status, 200);
      assert.match(answer.headers['content-type'], type);
    }
  });

  test('is where / leads to; other paths are not found', async () => {
    assert.equal((await send(`${sim.url}/`)).headers.location, '/_control/');
    assert.equal((await send(`${sim.url}/nothing`)).status, 404);
  });
});
