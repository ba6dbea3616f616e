// SPDX-License-Identifier: Apache-2.0
// What an administrator changes of the project and its Zoom app, through HTTPS, on two vault replicas.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startStack } from '../support-js/stack.mjs';
import { eventually } from './lib/conditions.mjs';
import { dumpOf, setAccessExpiry } from './lib/databases.mjs';
import { assertProblem, GatewayDriver } from './lib/gateway.mjs';
import { VaultDriver } from './lib/vault.mjs';

const rateLimits = { per_user_per_minute: 1_000_000, per_address_per_minute: 1_000_000, connect_per_user_per_minute: 1_000_000 };
const [newSecret, hookSecret, otherSecret] = ['new-client-secret-5f1e', 'hook-secret-77aa', 'other-app-secret-09bc'];

let stack;
let driver;
let vault;
let admin;
let clientId;

before(async () => {
  stack = await startStack({
    durable: false,
    replicas: { tokenVault: 2 },
    overrides: { gateway: { rate_limits: rateLimits }, tokenVault: { lifetimes: { app_refresh_ms: 100, sweep_interval_ms: 100 } } },
  });
  driver = new GatewayDriver(stack);
  vault = new VaultDriver(stack);
  admin = driver.person({ roles: ['admin'] });
  ({ clientId } = (await admin.api('GET', '/zoomApp')).json);
});
after(async () => {
  vault.close();
  driver.close();
  await stack.stop();
});

const read = async (path) => {
  const answer = await admin.api('GET', path);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};

async function change(path, changes, method = 'PATCH') {
  const { etag } = await read(path);
  const answer = await admin.api(method, path, { ...changes, etag });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

const testCredentials = async (body = {}) => (await admin.api('POST', '/zoomApp:testCredentials', body)).json;
/** Each replica has read the change by then, whichever answers. */
const eventuallyTested = (result) => eventually(`credentials are ${result} on both replicas`, async () =>
  (await Promise.all([1, 2, 3, 4].map(() => testCredentials()))).every((answer) => answer.result === result));
const auditOf = (database) => stack.postgres.query(database, 'SELECT actor, action, details::text AS details FROM audit WHERE user_id = \'\' AND project_id = \'demo\' ORDER BY audit_id');

describe('an administrator', () => {
  test('sees the Zoom app with everything to enter at Zoom, and no secret', async () => {
    const app = await read('/zoomApp');
    assert.deepEqual(
      [app.redirectUrl, app.allowListUrl, app.webhookUrl],
      [`${stack.publicUrl}/oauth/callback`, `${stack.publicUrl}/oauth/callback`, `${stack.publicUrl}/webhooks/zoom/demo`],
    );
    assert.deepEqual([app.clientSecret.set, app.webhookSecret.set, app.clientSecret.previousExpireTime], [true, false, null]);
    assert.ok(Math.abs(Date.parse(app.clientSecret.setTime) - Date.now()) < 120_000);
    assert.deepEqual(app.scopes, { source: null, granted: [], missing: [], unexpected: [] });
  });

  test('rotates the client secret while both are accepted, and users notice nothing', async () => {
    const { person } = await driver.connected();
    assert.deepEqual((await testCredentials()).result, 'accepted');
    const { zoomApp, linksToReconnect } = await change('/zoomApp', { clientSecret: newSecret });
    assert.equal(linksToReconnect, 0);
    assert.ok(Date.parse(zoomApp.clientSecret.previousExpireTime) > Date.now() + 6 * 86_400_000);
    // Zoom still has the old one.
    await eventuallyTested('previous_accepted');
    await setAccessExpiry(stack, person.userId, -1);
    await vault.accessToken(person.userId);

    await stack.simulator.changeApp(clientId, { client_secret: newSecret });
    await eventuallyTested('accepted');
    await setAccessExpiry(stack, person.userId, -1);
    await vault.accessToken(person.userId);
    const removed = await change('/zoomApp', { removePreviousClientSecret: true });
    assert.equal(removed.zoomApp.clientSecret.previousExpireTime, null);
    assert.equal((await person.link()).state, 'active');
  });

  test('tests credentials before they are saved, in words', async () => {
    const wrong = await testCredentials({ clientSecret: 'wrong' });
    assert.deepEqual([wrong.result, /refuses the client ID or the client secret/.test(wrong.detail)], ['refused', true]);
    assert.equal((await testCredentials({ clientId: 'nobody', clientSecret: 'x' })).result, 'refused');
    await stack.simulator.process.kill();
    assert.equal((await testCredentials()).result, 'unknown');
    await stack.simulator.process.restart();
    await stack.simulator.changeApp(clientId, { client_secret: newSecret });
    assert.equal((await testCredentials()).result, 'accepted');
  });

  test('sees exactly which scopes differ', async () => {
    const { person } = await driver.connected();
    const { zoomApp } = await change('/zoomApp', { expectedScopes: ['phone:read:call', 'user:read:user'] });
    assert.equal(zoomApp.scopes.source, 'newest_link');
    assert.deepEqual([zoomApp.scopes.granted, zoomApp.scopes.missing, zoomApp.scopes.unexpected], [['user:read:user'], ['phone:read:call'], []]);
    await eventually('the person sees it too', async () => (await person.link()).missingScopes.join() === 'phone:read:call');
    const back = await change('/zoomApp', { expectedScopes: ['user:read:user'] });
    assert.deepEqual(back.zoomApp.scopes.missing, []);
  });

  test('of two who read the same, the second is told', async () => {
    const { etag } = await read('/zoomApp');
    assert.equal((await admin.api('PATCH', '/zoomApp', { etag, webhookSecret: hookSecret })).status, 200);
    assertProblem(await admin.api('PATCH', '/zoomApp', { etag, webhookSecret: 'late' }), { status: 409, reason: 'ETAG_MISMATCH' });
  });

  test('changes the project\'s settings, and the gateway goes by them', async () => {
    const before = await read('/settings');
    const origins = [...before.origins, 'https://new.example'];
    const changed = await change('/settings', { displayName: 'Shodan Pro 東京', origins });
    assert.deepEqual([changed.displayName, changed.origins, changed.settingsUrl], ['Shodan Pro 東京', origins, before.settingsUrl]);
    assert.notEqual(changed.etag, before.etag);
    assertProblem(await admin.api('PATCH', '/settings', { etag: before.etag, displayName: 'late' }), { status: 409, reason: 'ETAG_MISMATCH' });
    const [row] = await stack.postgres.query('account_link', 'SELECT display_name FROM projects WHERE project_id = \'demo\'');
    assert.equal(row.display_name, 'Shodan Pro 東京');
    await change('/settings', { displayName: before.displayName, origins: before.origins, tokenIssuers: before.tokenIssuers, settingsUrl: before.settingsUrl });
  });

  test('is not overruled by a restart with the same projects file', async () => {
    await change('/settings', { displayName: 'Set by hand' });
    for (const replica of [...stack.tokenVault, ...stack.accountLink]) await replica.restart();
    await eventually('the services answer', async () => (await admin.api('GET', '/zoomApp')).status === 200 && (await admin.api('GET', '/settings')).status === 200);
    assert.equal((await read('/settings')).displayName, 'Set by hand');
    assert.equal((await testCredentials()).result, 'accepted', 'the secret set by hand is in use');
  });

  test('is told how many links another client id costs, and they ask to reconnect', async () => {
    const { person, zoomUser } = await driver.connected();
    const { etag } = await read('/zoomApp');
    const next = { clientId: 'next-app', clientSecret: otherSecret };
    const counted = await admin.api('PATCH', '/zoomApp', { ...next, etag, validateOnly: true });
    assert.deepEqual([counted.status, counted.json.zoomApp.clientId], [200, clientId]);
    assert.ok(counted.json.linksToReconnect >= 3, counted.text);
    assert.equal((await person.link()).state, 'active');

    const [app] = await stack.simulator.apps();
    await stack.simulator.addApp({ client_id: next.clientId, client_secret: next.clientSecret, name: 'Next', redirect_uris: app.redirect_uris, scopes: app.scopes });
    const replaced = await change('/zoomApp', next);
    assert.deepEqual([replaced.zoomApp.clientId, replaced.linksToReconnect], ['next-app', counted.json.linksToReconnect]);
    await eventually('the link asks to reconnect', async () => {
      const link = await person.link();
      return link.state === 'reconnect_required' && link.cause === 'app_replaced';
    });
    await eventuallyTested('accepted');
    assert.equal(await person.connect(zoomUser, { reconnect: true }), 'connected');
    assert.equal((await person.link()).state, 'active');
  });

  test('leaves a trail that says what was done and by whom, and no secret anywhere', async () => {
    const done = [...await auditOf('token_vault'), ...await auditOf('account_link')];
    assert.ok(done.filter(({ action }) => /^(zoom_app|project)\./.test(action)).every(({ actor }) => actor === `admin:${admin.userId}`));
    for (const action of ['zoom_app.client_secret_replaced', 'zoom_app.webhook_secret_replaced', 'zoom_app.previous_client_secret_removed', 'zoom_app.client_id_replaced', 'zoom_app.scopes_replaced', 'project.display_name_replaced', 'project.origins_replaced']) {
      assert.ok(done.some((entry) => entry.action === action), action);
    }
    const places = [await dumpOf(stack, 'token_vault'), await dumpOf(stack, 'account_link'), JSON.stringify(await read('/zoomApp'))];
    for (const { log } of [...stack.tokenVault, ...stack.accountLink, ...stack.gateway]) places.push(log);
    for (const secret of [newSecret, hookSecret, otherSecret]) {
      const shapes = [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64')];
      for (const place of places) for (const shape of shapes) assert.ok(!place.includes(shape), `${secret} is in ${place.slice(0, 60)}…`);
    }
  });
});
