// SPDX-License-Identifier: Apache-2.0
// The client @nangohq/node, unmodified, against the gateway with an API key; and what must not work.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import https from 'node:https';
import { after, before, describe, test } from 'node:test';
import { Nango } from '@nangohq/node';
import { everyService } from '../../deploy/local/stack.mjs';
import { startStack } from '../support-js/stack.mjs';
import { findTexts } from './lib/canaries.mjs';
import { eventually } from './lib/conditions.mjs';
import { dumpOf } from './lib/databases.mjs';
import { assertProblem, GatewayDriver, resultOf, sessionCookie } from './lib/gateway.mjs';
import { meetingScopes, plentyOfRequests } from './lib/zoom-api.mjs';

const many = 1_000_000;
const allScopes = ['connect.sessions', 'connections.read', 'connections.write', 'token.read', 'zoom.request'];
const zoom = 'zoom';
/** Everything that was ever shown once, to look for it afterwards. */
const shown = {};

let stack;
let driver;
let simulator;
let admin;
let nango;
let agent;

before(async () => {
  const rates = { per_user_per_minute: many, per_address_per_minute: many, connect_per_user_per_minute: many, zoom_per_user_per_minute: many, per_api_key_per_minute: many };
  stack = await startStack({ services: everyService, overrides: { gateway: { rate_limits: rates }, zoomApi: { rate_limits: plentyOfRequests } } });
  driver = new GatewayDriver(stack);
  ({ simulator } = stack);
  const [{ client_id: clientId }] = await simulator.apps();
  await simulator.changeApp(clientId, { scopes: meetingScopes });
  agent = new https.Agent({ ca: stack.ca, keepAlive: true });
  admin = driver.person({ roles: ['admin'] });
  nango = clientWith((await createKey()).text);
});
after(async () => {
  agent?.destroy();
  driver?.close();
  await stack?.stop();
});

const host = () => `${stack.publicUrl}/nango`;
const clientWith = (secretKey) => new Nango({ host: host(), secretKey }, { httpsAgent: agent });
const sql = (text) => stack.postgres.query('account_link', text);
const change = (text) => stack.postgres.execute('account_link', text);

/** @returns {Promise<{apiKey: object, text: string}>} */
async function createKey(scopes = allScopes, more = {}) {
  const answer = await admin.api('POST', '/apiKeys', { name: `key ${Object.keys(shown).length}`, scopes, ...more });
  assert.equal(answer.status, 201, answer.text);
  shown[`API key ${Object.keys(shown).length}`] = answer.json.text;
  return answer.json;
}

/** A call that the server must refuse. @returns {Promise<object>} its error, in the shape that callers of the client know */
async function refused(call, status, code) {
  const error = await call.then((value) => assert.fail(`answered ${JSON.stringify(value?.data ?? value)}`), (failure) => failure);
  assert.ok(error.response, error.message);
  assert.deepEqual([error.response.status, error.response.data?.error?.code], [status, code], JSON.stringify(error.response.data));
  assert.equal(error.response.headers['content-type'], 'application/json');
  assert.equal(typeof error.response.data.error.message, 'string');
  return error.response.data.error;
}

/** Follows a connect link as a browser does, to the question who is there. */
async function open(link, cookies = {}) {
  const cookie = Object.entries(cookies).map((pair) => pair.join('=')).join('; ');
  const first = await driver.http.fetch(link, cookie ? { cookie } : {});
  assert.equal(first.status, 303, first.text);
  return driver.http.fetch(first.headers.location, cookie ? { cookie } : {});
}

/** Connects through a connect link, in a browser that is not signed in. @returns {Promise<string>} the result code */
async function connectThrough(link, zoomUser) {
  const first = await driver.http.fetch(link);
  assert.equal(first.status, 303, first.text);
  const page = await driver.http.fetch(first.headers.location);
  assert.equal(page.status, 200, page.text);
  const ticket = new URL(first.headers.location).searchParams.get('ticket');
  const left = await driver.http.fetch('/connect', { form: { ticket }, origin: true });
  assert.equal(left.status, 303, left.text);
  const callback = await simulator.authorizeDirectly(left.headers.location, zoomUser.id, { allow: true });
  return resultOf(await driver.http.fetch(callback, { cookie: Object.entries(left.cookies).map((pair) => pair.join('=')).join('; ') }));
}

/** @returns {Promise<{userId: string, connectionId: string, zoomUser: object}>} somebody connected through the client */
async function connected(name) {
  const userId = `user ${randomUUID()}`;
  const session = await nango.createConnectSession({ end_user: { id: userId, display_name: 'Ada Lovelace' }, ...(name ? { tags: { connection_id: name } } : {}) });
  const zoomUser = await driver.newZoomUser();
  assert.equal(await connectThrough(session.data.connect_link, zoomUser), 'connected');
  const { connections: [connection] } = await nango.listConnections({ userId });
  return { userId, connectionId: connection.connection_id, zoomUser };
}

describe('the genuine client', () => {
  test('creates a connect session, whose link connects the user it names, and no other', async () => {
    const userId = `ada ${randomUUID()}`;
    const { data } = await nango.createConnectSession({ end_user: { id: userId, display_name: 'Ada Lovelace', email: 'ada@example.org' }, allowed_integrations: [zoom], tags: { team: 'sales' } });
    shown['connect session'] = data.token;
    assert.match(data.token, /^shodan_connect_session_[\w-]{43}$/);
    assert.ok(Math.abs(Date.parse(data.expires_at) - Date.now() - 30 * 60_000) < 60_000, data.expires_at);
    const page = await open(data.connect_link);
    assert.equal(page.status, 200);
    assert.match(page.text, /Ada Lovelace/);
    const stranger = driver.person();
    assert.equal((await open(data.connect_link, stranger.cookies)).status, 403);
    const zoomUser = await driver.newZoomUser();
    const found = nango.waitForConnection(zoom, userId);
    assert.equal(await connectThrough(data.connect_link, zoomUser), 'connected');
    assert.equal((await found).end_user.id, userId);
    // Connected now: the link does no more.
    assert.equal((await driver.http.fetch(data.connect_link)).status, 409);
  });

  test('reads and deletes a connect session by its token', async () => {
    const { data: { token, connect_link: link } } = await nango.createConnectSession({ tags: { end_user_id: 'tagged', end_user_display_name: 'Tagged' } });
    const ask = (method) => driver.http.fetch(`${host()}/connect/session`, { method, bearer: token });
    assert.deepEqual((await ask('GET')).json.data.endUser, { id: 'tagged', displayName: 'Tagged', email: null, tags: {}, organization: null });
    assert.equal((await ask('DELETE')).status, 204);
    assert.equal((await ask('GET')).status, 401);
    const page = await driver.http.fetch(link, { headers: { accept: 'text/html' } });
    assert.deepEqual([page.status, page.headers['content-type']], [400, 'text/html; charset=utf-8']);
  });

  test('lists connections, by user, by id, by integration, and page by page', async () => {
    const [one, two] = [await connected(), await connected(`crm-${randomUUID()}`)];
    const all = (await nango.listConnections()).connections;
    const found = all.find(({ connection_id: id }) => id === two.connectionId);
    assert.deepEqual([found.provider_config_key, found.provider, found.end_user.id, found.errors, found.metadata, found.tags], [zoom, zoom, two.userId, [], {}, {}]);
    assert.ok(Number.isSafeInteger(found.id) && Math.abs(Date.parse(found.created) - Date.now()) < 120_000);
    assert.deepEqual((await nango.listConnections({ userId: one.userId, integrationId: ['other', zoom] })).connections.map(({ connection_id: id }) => id), [one.connectionId]);
    assert.deepEqual((await nango.listConnections(two.connectionId)).connections.map(({ end_user: { id } }) => id), [two.userId]);
    assert.deepEqual((await nango.listConnections({ integrationId: 'slack' })).connections, []);
    const paged = [];
    for (let page = 0; page === 0 || paged.length % 2 === 0; page += 1) {
      const { connections } = await nango.listConnections({ limit: 2, page });
      paged.push(...connections.map(({ connection_id: id }) => id));
      if (connections.length === 0) break;
    }
    assert.deepEqual(paged, all.map(({ connection_id: id }) => id));
    const bad = await refused(nango.listConnections(undefined, 'ada'), 400, 'invalid_query_params');
    assert.deepEqual(bad.errors.map(({ path }) => path), [['search']]);
  });

  test('gets connection, token and raw answer; never a refresh token', async () => {
    const { connectionId, userId, zoomUser } = await connected();
    const connection = await nango.getConnection(zoom, connectionId, false, true);
    assert.deepEqual([connection.connection_id, connection.provider_config_key, connection.end_user.id, connection.credentials.type], [connectionId, zoom, userId, 'OAUTH2']);
    const token = await nango.getToken(zoom, connectionId);
    assert.equal(token, connection.credentials.access_token);
    const raw = await nango.getRawTokenResponse(zoom, connectionId);
    assert.deepEqual([raw.access_token, raw.token_type], [token, 'bearer']);
    assert.ok(raw.expires_in > 0 && raw.expires_in <= 3600);
    assert.doesNotMatch(JSON.stringify(connection), /refresh/);
    const position = await simulator.position();
    const fresh = await nango.getToken(zoom, connectionId, true);
    assert.equal((await simulator.ledger({ type: 'tokens_issued', user_id: zoomUser.id }, position)).length, 1);
    assert.notEqual(fresh, token);
    assert.equal(await nango.getToken(zoom, connectionId), fresh);
  });

  test('sets, merges and reads metadata, of several connections at once or of none', async () => {
    const [one, two] = [await connected(), await connected()];
    const answer = await nango.setMetadata(zoom, one.connectionId, { plan: 'gold', seats: 5 });
    assert.deepEqual([answer.status, answer.data], [201, { connection_id: one.connectionId, provider_config_key: zoom, metadata: { plan: 'gold', seats: 5 } }]);
    await nango.updateMetadata(zoom, [one.connectionId, two.connectionId], { seats: 6 });
    assert.deepEqual(await nango.getMetadata(zoom, one.connectionId), { plan: 'gold', seats: 6 });
    assert.deepEqual(await nango.getMetadata(zoom, two.connectionId), { seats: 6 });
    await refused(nango.setMetadata(zoom, [one.connectionId, 'nobody'], { lost: true }), 400, 'unknown_connection');
    assert.deepEqual(await nango.getMetadata(zoom, one.connectionId), { plan: 'gold', seats: 6 });
    const large = { text: 'x'.repeat(17_000) };
    assert.deepEqual((await refused(nango.setMetadata(zoom, one.connectionId, large), 400, 'invalid_body')).errors.map(({ path }) => path), [['metadata']]);
  });

  test('proxies get, post, put, patch and delete to Zoom as the connected user', async () => {
    const { connectionId, zoomUser } = await connected();
    const at = { connectionId, providerConfigKey: zoom };
    const me = await nango.get({ ...at, endpoint: '/users/me' });
    assert.deepEqual([me.status, me.data.email], [200, zoomUser.email]);
    assert.match(me.headers['x-zm-trackingid'], /^v=2\.0/);
    const made = await nango.post({ ...at, endpoint: '/users/me/meetings', data: { topic: 'Nango 会議', type: 2 }, headers: { 'Idempotency-Key': randomUUID() } });
    assert.equal(made.status, 201);
    const endpoint = `/meetings/${made.data.id}`;
    assert.equal((await nango.patch({ ...at, endpoint, data: { topic: 'Changed' } })).status, 204);
    assert.equal((await nango.get({ ...at, endpoint, params: { show_previous_occurrences: 'true' } })).data.topic, 'Changed');
    assert.equal((await nango.proxy({ ...at, endpoint, method: 'DELETE' })).status, 204);
    const gone = await nango.get({ ...at, endpoint, retries: 2, retryOn: [429] }).catch(({ response }) => response);
    assert.deepEqual([gone.status, gone.data.code], [404, 3001]);
    assert.equal((await nango.put({ ...at, endpoint: '/nowhere', data: { a: 1 } }).catch(({ response }) => response)).status, 404);
  });

  test('deletes a connection: revoked at Zoom, gone from the list, unknown from then on', async () => {
    const { connectionId, userId } = await connected('to be deleted');
    const position = await simulator.position();
    await nango.setMetadata(zoom, connectionId, { kept: false });
    const { status, data } = await nango.deleteConnection(zoom, connectionId);
    assert.deepEqual([status, data], [200, { success: true }]);
    assert.deepEqual((await nango.listConnections({ userId })).connections, []);
    assert.ok((await simulator.ledger({ type: 'revocation' }, position)).length > 0);
    await refused(nango.getConnection(zoom, connectionId), 404, 'not_found');
    await refused(nango.deleteConnection(zoom, connectionId), 400, 'unknown_connection');
    await refused(nango.get({ connectionId, providerConfigKey: zoom, endpoint: '/users/me' }), 404, 'not_found');
    const [row] = await sql(`SELECT metadata, external_id FROM links WHERE user_id = '${userId}'`);
    assert.deepEqual([row.metadata, row.external_id], [null, 'to be deleted']);
  });

  test('lists the integration', async () => {
    assert.deepEqual((await nango.listIntegrations()).configs.map(({ unique_key: key, provider }) => [key, provider]), [[zoom, zoom]]);
    assert.equal((await nango.getIntegration({ uniqueKey: zoom })).data.display_name, 'Zoom');
    await refused(nango.getIntegration({ uniqueKey: 'slack' }), 400, 'unknown_provider_config');
  });

  test('reconnects, with the same Zoom account only', async () => {
    const { connectionId, zoomUser } = await connected();
    const { data } = await nango.createReconnectSession({ connection_id: connectionId, integration_id: zoom });
    assert.equal(await connectThrough(data.connect_link, await driver.newZoomUser()), 'different_account');
    assert.equal(await connectThrough(data.connect_link, zoomUser), 'connected');
    await refused(nango.createReconnectSession({ connection_id: 'nobody', integration_id: zoom }), 404, 'not_found');
  });

  test('is told when the user has to reconnect', async () => {
    const { connectionId, userId, zoomUser } = await connected();
    await simulator.removeApp(zoomUser.id);
    await nango.getToken(zoom, connectionId, true).catch(() => null);
    const error = await refused(nango.getConnection(zoom, connectionId), 400, 'invalid_credentials');
    assert.equal(error.payload.reason, 'RECONNECT_REQUIRED');
    await eventually('the connection shows an error', async () => (await nango.listConnections({ userId })).connections[0].errors[0]?.type === 'auth');
  });
});

describe('every route for programs', () => {
  test('wants a key or a session’s token, and answers in the shape that callers of the client know', async () => {
    const { json } = await driver.http.fetch('/v1/openapi.json');
    const routes = Object.entries(json.paths).filter(([path]) => path.startsWith('/nango/')).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })));
    assert.equal(routes.length, 16);
    for (const { path, method, operation } of routes) {
      const target = path.replace('{connection}', 'x').replace('{integrationKey}', zoom).replace('{path}', 'users/me');
      const byKey = operation['x-authentication'] === 'apiKey';
      for (const bearer of [undefined, 'x', admin.token]) {
        const answer = await driver.http.fetch(target, { method: method.toUpperCase(), bearer, ...(operation.requestBody && method !== 'get' ? { json: {} } : {}) });
        assert.deepEqual([answer.status, answer.headers['cache-control']], [401, 'no-store'], `${method} ${path}: ${answer.text}`);
        const code = byKey ? (bearer === undefined ? 'missing_auth_header' : 'unknown_user_account') : 'unauthorized';
        assert.deepEqual(Object.keys(answer.json.error), ['code', 'message', 'payload']);
        assert.equal(answer.json.error.code, code);
      }
    }
    const { text } = await createKey();
    const elsewhere = await driver.http.fetch('/nango/syncs', { bearer: text });
    assert.deepEqual([elsewhere.status, elsewhere.json.error.code], [404, 'not_found']);
    const wrongMethod = await driver.http.fetch('/nango/connections', { method: 'PUT', bearer: text, json: {} });
    assert.deepEqual([wrongMethod.status, wrongMethod.json.error.code], [405, 'method_not_allowed']);
  });

  test('refuses what it does not know or cannot take, and names it', async () => {
    const { json } = await driver.http.fetch('/v1/openapi.json');
    const { text } = await createKey();
    const told = ({ status, json: { error } }) => [status, error.code, error.errors?.flatMap(({ path }) => path)];
    let bodies = 0;
    let queries = 0;
    for (const [path, item] of Object.entries(json.paths).filter(([name]) => name.startsWith('/nango/') && !name.includes('/proxy/'))) {
      const target = path.replace('{connection}', 'x').replace('{integrationKey}', zoom);
      for (const [method, operation] of Object.entries(item)) {
        if (operation['x-authentication'] !== 'apiKey') continue;
        const send = (to, options) => driver.http.fetch(to, { method: method.toUpperCase(), bearer: text, ...options });
        const raw = (body, type = 'application/json') => send(target, { body, headers: { 'content-type': type } });
        if (operation.requestBody) {
          bodies += 1;
          for (const bad of ['', '{', '[]', 'null', `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`]) assert.deepEqual(told(await raw(bad)), [400, 'invalid_body', undefined], `${path} ${bad}`);
          assert.deepEqual(told(await raw('{}', 'text/plain')), [415, 'unsupported_media_type', undefined]);
          assertProblem(await raw(JSON.stringify({ a: 'x'.repeat(200_000) })), { status: 413, reason: 'BODY_TOO_LARGE' });
          const unknown = told(await send(target, { json: { surprise: 1 } }));
          assert.deepEqual([unknown[0], unknown[1], unknown[2].includes('surprise')], [400, 'invalid_body', true]);
        } else {
          queries += 1;
          assert.deepEqual(told(await send(`${target}?provider_config_key=zoom&surprise=1`)).slice(0, 2), [400, 'invalid_query_params']);
        }
      }
    }
    assert.deepEqual([bodies, queries], [4, 5]);
    const list = async (query) => told(await driver.http.fetch(`/nango/connections?${query}`, { bearer: text }));
    for (const [query, field] of [['limit=0', 'limit'], ['limit=1001', 'limit'], ['limit=x', 'limit'], ['page=-1', 'page'], ['page=101', 'page'], ['limit=1&limit=2', 'limit'], ['tags%5Ba%5D=b', 'tags[a]'], ['search=a', 'search']]) {
      assert.deepEqual(await list(query), [400, 'invalid_query_params', [field]], query);
    }
    assert.deepEqual(told(await driver.http.fetch('/nango/connections/x?provider_config_key=zoom&force_refresh=maybe', { bearer: text })), [400, 'invalid_query_params', ['force_refresh']]);
    for (const id of ['x'.repeat(256), '%FF', '%00']) assert.equal((await driver.http.fetch(`/nango/connections/${id}?provider_config_key=zoom`, { bearer: text })).status, 400);
    assert.deepEqual(told(await driver.http.fetch('/nango/connections/x', { bearer: text })), [400, 'unknown_provider_config', undefined]);
    const metadata = async (change) => told(await driver.http.fetch('/nango/connections/metadata', { bearer: text, json: { connection_id: 'x', provider_config_key: zoom, metadata: {}, ...change } }));
    for (const [change_, field] of [
      [{ connection_id: null }, 'connection_id'], [{ connection_id: 7 }, 'connection_id'], [{ connection_id: [] }, 'connection_id'], [{ connection_id: Array(101).fill('x') }, 'connection_id'],
      [{ connection_id: ['x', 'x'] }, 'connectionIds[1]'], [{ connection_id: 'x'.repeat(256) }, 'connectionIds[0]'], [{ metadata: null }, 'metadata'], [{ metadata: [] }, 'metadata'], [{ metadata: { a: '\0' } }, 'metadata'],
    ]) {
      assert.deepEqual(await metadata(change_), [400, 'invalid_body', [field]], JSON.stringify(change_).slice(0, 60));
    }
    const body = (json_) => driver.http.fetch('/nango/connect/sessions', { bearer: text, json: json_ });
    for (const [json_, fields] of [
      [{}, ['end_user']], [{ end_user: {} }, ['end_user.id']], [{ end_user: { id: 'x' }, surprise: 1 }, ['surprise']],
      [{ end_user: { id: 'x' }, allowed_integrations: ['slack'] }, ['allowed_integrations']],
      [{ end_user: { id: 'x' }, integrations_config_defaults: { zoom: { user_scopes: 'all' } }, webhook_url_override: 'https://a.example' }, ['integrations_config_defaults', 'webhook_url_override']],
      [{ end_user: { id: 'x'.repeat(256) } }, ['userId']],
    ]) {
      const answer = await body(json_);
      assert.deepEqual([answer.status, answer.json.error.code, answer.json.error.errors?.flatMap(({ path }) => path)], [400, 'invalid_body', fields], answer.text);
    }
  });
});

describe('connection ids', () => {
  test('are chosen by the caller, once, and unique in the project', async () => {
    const name = `named-${randomUUID()}`;
    const { userId, connectionId } = await connected(name);
    assert.equal(connectionId, name);
    const ask = (id, connection) => nango.createConnectSession({ end_user: { id }, tags: { connection_id: connection } });
    await refused(ask('somebody else', name), 409, 'connection_id_taken');
    await refused(ask(userId, 'another'), 409, 'connection_id_fixed');
    const unnamed = await connected();
    // Links without a name go by their ids: nobody takes one over.
    await refused(ask('somebody else', unnamed.connectionId), 409, 'connection_id_taken');
    for (const bad of ['..', ' a', 'a\nb', 'あ', 'x'.repeat(256)]) {
      const { errors } = await refused(ask('somebody else', bad), 400, 'invalid_body');
      assert.deepEqual(errors.map(({ path }) => path), [['connectionId']], bad);
    }
    const { connectionId: odd } = await connected(`a/b?c#${randomUUID()}`);
    assert.equal((await nango.getConnection(zoom, encodeURIComponent(odd))).connection_id, odd);
    assert.equal((await nango.get({ connectionId: odd, providerConfigKey: zoom, endpoint: '/users/me' })).status, 200);
  });
});

describe('an API key', () => {
  test('does what its scopes say and nothing else', async () => {
    const { connectionId } = await connected();
    const at = { connectionId, providerConfigKey: zoom, endpoint: '/users/me' };
    const calls = {
      'connections.read': (client) => client.listConnections(),
      'token.read': (client) => client.getToken(zoom, connectionId),
      'zoom.request': (client) => client.get({ ...at }),
      'connect.sessions': (client) => client.createConnectSession({ end_user: { id: 'x' } }),
      'connections.write': (client) => client.updateMetadata(zoom, connectionId, { a: 1 }),
    };
    for (const scope of allScopes) {
      const client = clientWith((await createKey(scope === 'token.read' ? ['connections.read', scope] : [scope])).text);
      for (const [needed, call] of Object.entries(calls)) {
        const allowed = needed === scope || (scope === 'token.read' && needed === 'connections.read');
        if (allowed) await call(client);
        else await refused(call(client), 403, 'forbidden');
      }
    }
    const reader = clientWith((await createKey(['connections.read'])).text);
    await refused(reader.deleteConnection(zoom, connectionId), 403, 'forbidden');
    assert.equal((await nango.listConnections(connectionId)).connections.length, 1);
  });

  test('is refused with one answer when it is malformed, mistyped, unknown, deleted or expired', async () => {
    const { text, apiKey } = await createKey();
    const mistyped = text.slice(0, 40) + (text[40] === 'A' ? 'B' : 'A') + text.slice(41);
    const answers = [];
    const ask = async (key) => answers.push((await refused(clientWith(key).listConnections(), 401, 'unknown_user_account')).message);
    for (const key of ['nonsense', mistyped, text.slice(0, -1), `${text}0`, text.toLowerCase(), text.replace('shodan_key_', 'shodan_kex_')]) await ask(key);
    assert.equal((await admin.api('DELETE', `/apiKeys/${apiKey.apiKeyId}`)).status, 204);
    await ask(text);
    assertProblem(await admin.api('DELETE', `/apiKeys/${apiKey.apiKeyId}`), { status: 404, reason: 'API_KEY_NOT_FOUND' });
    const ending = await createKey(allScopes, { lifetimeDays: 1 });
    await clientWith(ending.text).listConnections();
    await change(`UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE key_id = '${ending.apiKey.apiKeyId}'`);
    await ask(ending.text);
    assert.equal(new Set(answers).size, 1);
    const bare = await driver.http.fetch(`${host()}/connections`);
    assert.deepEqual([bare.status, bare.json.error.code, bare.headers['www-authenticate']], [401, 'missing_auth_header', 'Bearer']);
  });

  test('is rotated: both texts work for the overlap, and none but the new one after it', async () => {
    const { text, apiKey: { apiKeyId } } = await createKey();
    const rotate = (overlapSeconds) => admin.api('POST', `/apiKeys/${apiKeyId}/text:rotate`, { overlapSeconds });
    const { json: second } = await rotate(3600);
    shown['rotated API key'] = second.text;
    assert.notEqual(second.text, text);
    assert.ok(second.apiKey.previousExpireTime);
    await clientWith(text).listConnections();
    await clientWith(second.text).listConnections();
    assertProblem(await rotate(3600), { status: 409, reason: 'API_KEY_ROTATING' });
    await change(`UPDATE api_keys SET previous_expires_at = now() - interval '1 second' WHERE key_id = '${apiKeyId}'`);
    await refused(clientWith(text).listConnections(), 401, 'unknown_user_account');
    const { json: third } = await rotate(0);
    shown['API key rotated twice'] = third.text;
    await refused(clientWith(second.text).listConnections(), 401, 'unknown_user_account');
    await clientWith(third.text).listConnections();
  });

  test('works on the compatibility routes alone, and a session does not work there', async () => {
    const { text } = await createKey();
    const answer = await driver.http.fetch(`/v1/projects/${stack.projectId}/link`, { bearer: text });
    assertProblem(answer, { status: 401, reason: 'SESSION_INVALID' });
    await refused(clientWith(admin.token).listConnections(), 401, 'unknown_user_account');
    const byCookie = await driver.http.fetch(`${host()}/connections`, { cookie: `${sessionCookie}=${admin.token}` });
    assert.equal(byCookie.status, 401);
    assert.equal((await driver.http.fetch(`${host()}/connections`, { method: 'OPTIONS', headers: { origin: stack.publicUrl, 'access-control-request-method': 'GET' } })).headers['access-control-allow-origin'], undefined);
  });

  test('of another project sees and does nothing here', async () => {
    const { connectionId } = await connected();
    const { text, apiKey: { apiKeyId } } = await createKey();
    await change(`INSERT INTO projects SELECT 'elsewhere', display_name, settings FROM projects WHERE project_id = '${stack.projectId}'`);
    await change(`UPDATE api_keys SET project_id = 'elsewhere' WHERE key_id = '${apiKeyId}'`);
    const foreign = clientWith(text);
    assert.deepEqual((await foreign.listConnections()).connections, []);
    await refused(foreign.getToken(zoom, connectionId), 404, 'not_found');
    await refused(foreign.deleteConnection(zoom, connectionId), 400, 'unknown_connection');
    await refused(foreign.get({ connectionId, providerConfigKey: zoom, endpoint: '/users/me' }), 404, 'not_found');
    await refused(foreign.setMetadata(zoom, connectionId, { a: 1 }), 400, 'unknown_connection');
    await change("DELETE FROM projects WHERE project_id = 'elsewhere'");
    await refused(foreign.listConnections(), 401, 'unknown_user_account');
  });

  test('is administered by administrators only, who never see its text again', async () => {
    const { text, apiKey } = await createKey(['zoom.request', 'connections.read'], { lifetimeDays: 30 });
    assert.deepEqual(apiKey.scopes, ['connections.read', 'zoom.request']);
    const listed = await admin.api('GET', '/apiKeys');
    const found = listed.json.apiKeys.find(({ apiKeyId }) => apiKeyId === apiKey.apiKeyId);
    assert.deepEqual([found.name, found.scopes, found.lastUseTime], [apiKey.name, apiKey.scopes, null]);
    assert.ok(!listed.text.includes(text.slice(11, 60)));
    await clientWith(text).listConnections();
    assert.match((await admin.api('GET', '/apiKeys')).json.apiKeys.find(({ apiKeyId }) => apiKeyId === apiKey.apiKeyId).lastUseTime, /:00:00\.000Z$/);
    const person = driver.person();
    for (const [method, path, body] of [['GET', '/apiKeys'], ['POST', '/apiKeys', { name: 'x', scopes: ['token.read'] }], ['DELETE', `/apiKeys/${apiKey.apiKeyId}`], ['POST', `/apiKeys/${apiKey.apiKeyId}/text:rotate`, {}]]) {
      assertProblem(await person.api(method, path, body), { status: 403, reason: 'ADMIN_REQUIRED' });
    }
    const create = (body, fields) => admin.api('POST', '/apiKeys', body).then((answer) => assertProblem(answer, { status: 400, reason: 'INVALID_FIELD', fields }));
    await create({ name: '', scopes: ['token.read'] }, ['name']);
    await create({ name: 'x', scopes: ['token.write', 'token.read', 'token.read'] }, ['scopes[0]', 'scopes[1]', 'scopes[2]']);
    await create({ name: 'x', scopes: [], lifetimeDays: 4000 }, ['scopes', 'lifetimeDays']);
    const audit = await sql(`SELECT actor, action FROM audit WHERE details->>'apiKeyId' = '${apiKey.apiKeyId}'`);
    assert.deepEqual(audit, [{ actor: `admin:${admin.userId}`, action: 'api_key.created' }]);
  });

  test('is throttled on its own', async () => {
    const slow = await startStack({ durable: false, overrides: { gateway: { rate_limits: { per_api_key_per_minute: 2 } } } });
    try {
      const other = new GatewayDriver(slow);
      const answer = await other.person({ roles: ['admin'] }).api('POST', '/apiKeys', { name: 'x', scopes: ['connections.read'] });
      const ask = () => other.http.fetch('/nango/connections', { bearer: answer.json.text });
      const statuses = [await ask(), await ask(), await ask(), await ask()];
      const last = statuses.find(({ status }) => status === 429);
      assert.equal(last?.json.error.code, 'too_many_request');
      assert.match(last.headers['retry-after'], /^[1-9]\d*$/);
      other.close();
    } finally {
      await slow.stop();
    }
  });
});

describe('the proxy', () => {
  test('goes to Zoom alone: no other base, no field of the caller’s choice', async () => {
    const { connectionId } = await connected();
    const at = { connectionId, providerConfigKey: zoom, endpoint: '/users/me' };
    await refused(nango.get({ ...at, baseUrlOverride: 'https://evil.example' }), 400, 'invalid_headers');
    for (const name of ['Authorization', 'Host', 'Cookie', 'Connection', 'Transfer-Encoding', 'X-Forwarded-For', 'Content-Length']) {
      await refused(nango.get({ ...at, headers: { [name]: 'x' } }), 400, 'invalid_headers');
    }
    const position = await simulator.position();
    await nango.get({ ...at, headers: { Accept: 'application/json' } });
    const [seen] = await simulator.ledger({ type: 'request_seen' }, position);
    assert.ok(!JSON.stringify(seen).includes('shodan_key_'));
    await refused(nango.get({ ...at, providerConfigKey: 'slack' }), 400, 'unknown_provider_config');
    const path = `${host()}/proxy/users/me`;
    const { text } = await createKey();
    for (const headers of [{}, { 'connection-id': connectionId }, { 'connection-id': 'x'.repeat(256), 'provider-config-key': zoom }]) {
      const answer = await driver.http.fetch(path, { bearer: text, headers });
      assert.deepEqual([answer.status, answer.json.error.code], [400, 'invalid_headers']);
    }
    for (const endpoint of ['/../admin', '/%2e%2e/admin', '//evil.example/x', '/users/me%00']) {
      const answer = await nango.get({ ...at, endpoint }).catch(({ response }) => response);
      assert.ok(answer.status >= 400 && answer.status < 500, `${endpoint}: ${answer.status}`);
    }
  });
});

describe('what was shown once', () => {
  test('is nowhere: not in logs, not in the database, not in what it left on the disk', async () => {
    assert.ok(Object.keys(shown).length > 10);
    assert.deepEqual(await findTexts(shown, [stack.directory]), []);
    const dump = await dumpOf(stack, 'account_link');
    for (const [what, text] of Object.entries(shown)) assert.ok(!dump.includes(text), what);
  });

  test('and refresh tokens are in no answer: the vault’s database alone has them, sealed', async () => {
    const { connectionId } = await connected();
    const answer = await nango.getConnection(zoom, connectionId, true, true);
    assert.deepEqual(Object.keys(answer.credentials).sort(), ['access_token', 'expires_at', 'raw', 'type']);
    assert.deepEqual(Object.keys(answer.credentials.raw).sort(), ['access_token', 'expires_in', 'scope', 'token_type']);
  });
});
