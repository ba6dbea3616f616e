// SPDX-License-Identifier: Apache-2.0
// The unmodified npm package @useparagon/connect against a running stack, and what a hostile page or user could do with
// the addresses that it uses.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from '../../deploy/local/layout.mjs';
import { ExampleRunner } from '../support-js/examples.mjs';
import { gatewayClient } from '../support-js/https.mjs';
import { everyService, startStack } from '../support-js/stack.mjs';
import { findContents } from './lib/canaries.mjs';
import { Person, sessionCookie } from './lib/gateway.mjs';

const origin = 'https://app.example';
const evil = 'https://evil.example';
const sdk = '/projects/demo/sdk';
const windowCookie = '__Host-shodan-install';
const page = join(root, 'tests/integration/lib/paragon-page.mjs');
const rateLimits = { per_user_per_minute: 1_000_000, per_address_per_minute: 1_000_000, connect_per_user_per_minute: 1_000_000 };

let stack;
let http;
let runner;

before(async () => {
  stack = await startStack({
    services: everyService, meetings: true, durable: false, origins: [origin], overrides: { gateway: { rate_limits: rateLimits } },
  });
  http = gatewayClient(stack);
  runner = new ExampleRunner({ '@useparagon/connect': join(root, 'tests/node_modules/@useparagon/connect') }, {
    SHODAN_URL: stack.publicUrl, NODE_EXTRA_CA_CERTS: stack.caFile,
  });
});
after(async () => {
  runner?.remove();
  http?.close();
  await stack?.stop();
});

const newPerson = (options) => new Person({ http, stack }, `u-${randomUUID()}`, { bearer: true, ...options });
const newZoomUser = () => stack.simulator.addUser({ first_name: 'Ren', last_name: 'Ito', email: `${randomUUID()}@zoom.example` });
const cookieText = (cookies) => Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ');
const hiddenFields = (text) => Object.fromEntries([...text.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]));
const tokenOfAnOtherAudience = (userId) => stack.session({ userId, claims: { aud: 'useparagon.com/another' } });

/** Where the pop-up goes after its first page: the person says who he is, and decides at Zoom. @returns {Promise<object>} the last page */
async function goThrough({ url, cookies }, zoomUser, { allow = true } = {}) {
  const asked = await http.fetch(url, { cookie: cookieText(cookies) });
  assert.equal(asked.status, 200, asked.text);
  const form = hiddenFields(asked.text);
  const confirmed = await http.fetch('/connect', { form, cookie: cookieText(cookies), origin: true });
  assert.equal(confirmed.status, 303, confirmed.text);
  const callback = await stack.simulator.authorizeDirectly(confirmed.headers.location, zoomUser.id, { allow });
  return http.fetch(callback, { cookie: cookieText({ ...cookies, ...confirmed.cookies }) });
}

/**
 * A page of `origin` that has the package, as a user. The body calls tell() once for each outcome; `outcome(promise)` is what a promise
 * came to.
 * @returns {Promise<any[]>} what was told
 */
async function pageOf(person, body, { zoomUser, allow, metadata = {}, at = origin, headless = true } = {}) {
  const code = `import { createRequire } from 'node:module';
import { openPage } from ${JSON.stringify(page)};
const opened = openPage(${JSON.stringify(at)});
const { paragon } = createRequire(import.meta.url)('@useparagon/connect');
const url = process.env.SHODAN_URL;
paragon.configureGlobal({ host: new URL(url).host }, {
  CONNECT_PUBLIC_URL: url, DASHBOARD_PUBLIC_URL: url, HERMES_PUBLIC_URL: url, PASSPORT_PUBLIC_URL: url, PASSPORT_PRODUCTION_URL: url,
  ZEUS_PUBLIC_URL: url, CDN_PUBLIC_URL: url, WORKER_PROXY_PUBLIC_URL: url, API_TRIGGER_KIT_PUBLIC_URL: url,
});
paragon.setHeadless(${headless});
const tell = (value) => console.log('tell ' + JSON.stringify(value ?? null));
const outcome = (promise) => promise.then((value) => ({ value }), (error) => ({ error: error?.message ?? error, response: error?.response }));
await paragon.authenticate('demo', process.env.USER_TOKEN, { metadata: ${JSON.stringify(metadata)} });
${body}
process.exit(0);`;
  const visits = [];
  const { status, lines, errors } = await runner.run(`page-${randomUUID()}.mjs`, code, {
    environment: { USER_TOKEN: person.token },
    onLine: (line) => {
      if (line.startsWith('navigate ')) visits.push(goThrough(JSON.parse(line.slice('navigate '.length)), zoomUser, { allow }));
    },
  });
  assert.equal(status, 0, `${lines.join('\n')}\n${errors}`);
  const ends = await Promise.all(visits);
  return Object.assign(lines.filter((line) => line.startsWith('tell ')).map((line) => JSON.parse(line.slice('tell '.length))), { ends });
}

const installed = 'tell(await outcome(paragon.installIntegration(\'zoom\')));';

/** Somebody at Zoom, and somebody here who is connected to him by the package. */
async function connected() {
  const zoomUser = await newZoomUser();
  const person = newPerson();
  const [{ value, error }] = await pageOf(person, installed, { zoomUser });
  assert.ok(value, JSON.stringify(error));
  return { person, zoomUser, credentialId: value.credentialId };
}

describe('@useparagon/connect', () => {
  test('authenticates a user who is not connected, and knows the integration', async () => {
    const person = newPerson();
    const [user, metadata] = await pageOf(person, 'tell(paragon.getUser()); tell(paragon.getIntegrationMetadata(\'zoom\'));');
    assert.deepEqual([user.authenticated, user.userId, user.meta, user.resources], [true, person.userId, {}, []]);
    assert.equal(user.integrations.zoom.enabled, false);
    assert.deepEqual(user.integrations.zoom.allCredentials, []);
    assert.deepEqual([metadata.type, metadata.name], ['zoom', 'Zoom']);
    const icon = await http.fetch(metadata.icon);
    assert.deepEqual([icon.status, icon.headers['content-type'], icon.headers['cross-origin-resource-policy']], [200, 'image/svg+xml', 'cross-origin']);
  });

  test('connects without a portal, asks Zoom in the user’s name, and disconnects', async () => {
    const zoomUser = await newZoomUser();
    const person = newPerson();
    const told = await pageOf(person, `
let events = 0;
paragon.subscribe('onIntegrationInstall', () => { events += 1; });
${installed}
tell(events);
tell(paragon.getUser().integrations.zoom);
tell((await paragon.request('zoom', 'users/me')).email);
const meeting = await paragon.request('zoom', '/users/me/meetings', { method: 'POST', body: { topic: 'Review', type: 1 } });
tell(meeting.topic);
tell(await outcome(paragon.request('zoom', '/meetings/' + meeting.id, { method: 'PATCH', body: { topic: 'Changed' } })));
tell((await paragon.request('zoom', '/meetings/' + meeting.id + '?show_previous_occurrences=false')).topic);
tell(await outcome(paragon.request('zoom', '/meetings/' + meeting.id, { method: 'DELETE' })));
await paragon.uninstallIntegration('zoom');
tell(paragon.getUser().integrations.zoom);
tell(await outcome(paragon.request('zoom', 'users/me')));
tell(paragon.getUser().authenticated);`, { zoomUser });
    const [install, events, zoom, email, topic, patched, changed, deleted, ended, refused, authenticated] = told;
    assert.equal(install.value.integrationType, 'zoom', JSON.stringify(install));
    assert.equal(install.value.credential.status, 'VALID');
    assert.deepEqual(install.value.credential.providerData, {}, 'the package would keep it in the browser');
    assert.equal(events, 1);
    assert.deepEqual([zoom.enabled, zoom.credentialStatus, zoom.credentialId], [true, 'VALID', install.value.credentialId]);
    assert.deepEqual([email, topic, changed], [zoomUser.email, 'Review', 'Changed']);
    assert.deepEqual([patched, deleted], [{}, {}], 'Zoom answers 204');
    assert.equal(ended.enabled, false);
    assert.equal(refused.response.code, 'NOT_CONNECTED', JSON.stringify(refused));
    assert.equal(authenticated, true);
    assert.equal((await person.link()).state, 'none');
    const [end] = told.ends;
    assert.equal(end.status, 200);
    assert.ok(end.text.includes(`data-origin="${origin}"`));
    assert.doesNotMatch(end.text, /code|state|ticket|token/i);
  });

  test('tells why there is no connection', async () => {
    const zoomUser = await newZoomUser();
    const person = newPerson();
    const [{ error }] = await pageOf(person, installed, { zoomUser, allow: false });
    assert.equal(JSON.parse(error).code, 'AUTHENTICATION_CANCELLED');
    assert.equal((await person.link()).state, 'none');
  });

  test('has the same ids in every session, and none of another user’s', async () => {
    const { person, credentialId } = await connected();
    const look = 'tell(paragon.getUser().integrations.zoom.credentialId);';
    assert.deepEqual([...await pageOf(person, look)], [credentialId]);
    const other = await connected();
    assert.notEqual(other.credentialId, credentialId);
  });

  test('keeps user metadata through a disconnect', async () => {
    const { person } = await connected();
    const [first, second] = await pageOf(person, `
tell(paragon.getUser().meta);
tell((await paragon.setUserMetadata({ plan: 'pro', tags: ['a'], gone: 1 })).meta);
await paragon.setUserMetadata({ gone: null });
await paragon.uninstallIntegration('zoom');`, { metadata: { Name: 'Ren Ito', Email: 'ren@example' } });
    assert.deepEqual(first, { Name: 'Ren Ito', Email: 'ren@example' });
    assert.deepEqual(second, { Name: 'Ren Ito', Email: 'ren@example', plan: 'pro', tags: ['a'], gone: 1 });
    const [kept] = await pageOf(person, 'tell(paragon.getUser().meta);');
    assert.deepEqual(kept, { Name: 'Ren Ito', Email: 'ren@example', plan: 'pro', tags: ['a'] });
  });

  test('shows Zoom’s errors as they are, and stays signed in after a 401 of Zoom’s', async () => {
    const { person, zoomUser } = await connected();
    const [missing] = await pageOf(person, 'tell(await outcome(paragon.request(\'zoom\', \'meetings/99999999999\')));');
    assert.equal(missing.response.code, '3001', JSON.stringify(missing));
    assert.match(missing.error, /Meeting/);
    assert.equal(missing.response.output.code, 3001);
    await stack.simulator.addFault({
      endpoint: 'profile', match: { user_id: zoomUser.id }, times: 2, answer: { status: 401, body: { code: 200, message: 'No permission.' } },
    });
    const [denied, authenticated, again] = await pageOf(person, `
tell(await outcome(paragon.request('zoom', 'users/me')));
tell(paragon.getUser().authenticated);
tell((await paragon.request('zoom', 'users/me')).email);`);
    await stack.simulator.clearFaults();
    assert.deepEqual([denied.error, denied.response.code, denied.response.meta.zoomStatus], ['No permission.', '200', 401], JSON.stringify(denied));
    assert.deepEqual([authenticated, again], [true, zoomUser.email]);
  });

  test('gets the account’s name from getIntegrationAccount, and never a token', async () => {
    const { person, zoomUser } = await connected();
    const [account] = await pageOf(person, 'tell(await paragon.getIntegrationAccount(\'zoom\', { includeAccountAuth: true }));');
    assert.equal(account.providerData.email, zoomUser.email);
    assert.doesNotMatch(JSON.stringify(account), /token|accountAuth/i);
  });

  test('is told plainly that there are no workflows, and takes no codes', async () => {
    const { person } = await connected();
    const [event, workflow, complete, triggers, authenticated] = await pageOf(person, `
tell(await outcome(paragon.event('Order Made', { id: 1 })));
tell(await outcome(Promise.resolve().then(() => paragon.workflow('some-workflow', { body: {} }))));
tell(await outcome(paragon.completeInstall('zoom', { authorizationCode: 'stolen', redirectUrl: 'https://evil.example/' })));
tell(await outcome(paragon.getTriggers('zoom')));
tell(paragon.getUser().authenticated);`);
    assert.equal(JSON.parse(event.error).code, 'WORKFLOWS_NOT_OFFERED', JSON.stringify(event));
    assert.match(workflow.error, /Workflow not found/, 'the package looks in the list of workflows, which is empty');
    assert.deepEqual([JSON.parse(complete.error).code, JSON.parse(complete.error).meta.errors[0].field], ['INVALID_FIELD', 'code']);
    assert.equal(JSON.parse(triggers.error).code, 'WORKFLOWS_NOT_OFFERED');
    assert.equal(authenticated, true);
    for (const path of [`${sdk}/triggers/some-workflow`, `${sdk}/workflows/some-workflow`]) {
      const answer = await person.fetch(path, { method: 'POST', json: {} });
      assert.deepEqual([answer.status, answer.json.code], [501, 'WORKFLOWS_NOT_OFFERED'], path);
    }
  });
});

/** An install as the package asks for it, without the package. */
class Install {
  key = randomUUID().replaceAll('-', '');

  constructor(person, from = origin) { Object.assign(this, { person, from }); }

  async query(more = {}) {
    const [{ id }] = (await this.person.fetch(`${sdk}/integrations`)).json;
    return new URLSearchParams({ action: 'zoom', integrationId: id, originForPostMessage: this.from, ...more });
  }

  /** @returns {Promise<object>} the answer of build-oauth */
  async build(more = {}, headers = {}) {
    const query = await this.query({ oauthMetaKeyId: this.key, ...more });
    return this.person.fetch(`/v2${sdk}/actions/build-oauth?${query}`, { headers });
  }

  /** @returns {Promise<object>} the first page of the window */
  async openWindow(more = {}) {
    return http.fetch(`${sdk}/actions/oauth-nonce?${await this.query({ userToken: this.person.token, ...more })}`, { headers: { accept: 'text/html' } });
  }

  session(person = this.person) { return person.fetch(`${sdk}/actions/session-id/${this.key}`); }

  /** The address for the window, and the window's cookies. */
  async start() {
    const [built, opened] = [await this.build(), await this.openWindow()];
    assert.deepEqual([built.status, opened.status], [200, 200], built.text + opened.text);
    return { url: built.json.redirectUrl, cookies: opened.cookies };
  }
}

const codeOf = ({ status, json }) => `${status} ${json?.code}`;

describe('what the package lets strangers do', () => {
  test('a forged success in its page connects nothing', async () => {
    const person = newPerson();
    const [before, errors, after] = await pageOf(person, `
const answer = await fetch(url + '${sdk}/integrations', { headers: { authorization: 'Bearer ' + process.env.USER_TOKEN } });
const [{ id }] = await answer.json();
const failed = new Promise((resolve) => { console.error = (...texts) => resolve(texts.join(' ')); });
tell(paragon.getUser().integrations.zoom.enabled);
opened.hear({ type: 'oauth_success_callback', credential: { integrationId: id, payload: { authorizationCode: 'attackers', state: 'x' } } }, '${evil}');
tell(await failed);
await paragon.setUserMetadata({ a: 1 });
tell(paragon.getUser().integrations.zoom.enabled);`, { headless: false });
    assert.deepEqual([before, after], [false, false]);
    assert.match(errors, /NOT_CONNECTED/);
    assert.equal((await person.link()).state, 'none');
  });

  test('a payload sent with the user’s own token changes nothing, connected or not', async () => {
    const payload = { integrationId: randomUUID(), config: {}, payload: { code: 'attackers-code', state: 'x', accessToken: 'y' }, installOptions: {} };
    const person = newPerson();
    assert.equal(codeOf(await person.fetch(`${sdk}/credentials`, { json: payload })), '409 NOT_CONNECTED');
    const { person: other, credentialId } = await connected();
    const before = await other.link();
    const answer = await other.fetch(`${sdk}/credentials`, { json: payload });
    assert.deepEqual([answer.status, answer.json.id], [200, credentialId]);
    assert.deepEqual(await other.link(), before);
  });

  test('pages of other origins get no window, no ticket and no permission', async () => {
    const install = new Install(newPerson(), evil);
    assert.equal(codeOf(await install.build()), '403 ORIGIN_NOT_ALLOWED');
    const opened = await install.openWindow();
    assert.deepEqual([opened.status, opened.cookies], [403, {}]);
    const lying = new Install(newPerson());
    assert.equal(codeOf(await lying.build({}, { origin: evil })), '403 ORIGIN_NOT_ALLOWED');
    const preflight = (from) => http.fetch(`${sdk}/me`, {
      method: 'OPTIONS', headers: { origin: from, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'x-paragon-sdk-version' },
    });
    assert.equal((await preflight(evil)).status, 403);
    const { status, headers } = await preflight(origin);
    assert.deepEqual([status, headers['access-control-allow-origin'], headers['access-control-allow-methods']], [204, origin, 'GET, HEAD, PATCH']);
    assert.equal(headers['access-control-allow-headers'],
      'Authorization, Content-Type, Idempotency-Key, X-Paragon-Configuration-Id, X-Paragon-Credential, X-Paragon-SDK-Version');
    assert.equal(headers['access-control-allow-credentials'], undefined);
    const answer = await newPerson().fetch(`${sdk}/me`, { headers: { origin } });
    assert.deepEqual([answer.headers['access-control-allow-origin'], answer.headers['access-control-allow-credentials']], [origin, undefined]);
  });

  test('the address of an install leads nowhere outside the window that was opened for its user', async () => {
    const { url } = await new Install(newPerson()).start();
    const mallory = await new Install(newPerson()).start();
    const altered = `${url.slice(0, -2)}${url.endsWith('AA') ? 'BB' : 'AA'}`;
    const refused = async (address, cookies) => {
      const answer = await http.fetch(address, { cookie: cookieText(cookies) || undefined, headers: { accept: 'text/html' } });
      assert.equal(answer.status, 403, answer.text);
      assert.deepEqual(answer.cookies, {});
    };
    await refused(url, {});
    await refused(url, mallory.cookies);
    await refused(altered, mallory.cookies);
    await refused(mallory.url.replace(/install=.*/, new URL(url).search.match(/install=.*/)[0]), mallory.cookies);
    await refused(url, { [windowCookie]: new URL(url).searchParams.get('install').replace(/^./, (c) => (c === 'W' ? 'X' : 'W')) });
    const asked = await http.fetch(mallory.url, { cookie: cookieText(mallory.cookies) });
    assert.equal(asked.status, 200, 'a person is still asked whether it is he');
    assert.match(asked.text, /Yes, continue to Zoom/);
  });

  test('an address without its seal ends at the settings, and tells no page anything', async () => {
    const person = newPerson();
    const zoomUser = await newZoomUser();
    const { url, cookies } = await new Install(person).start();
    const stripped = url.replace(/&install=.*/, '');
    const end = await goThrough({ url: stripped, cookies }, zoomUser);
    assert.deepEqual([end.status, new URL(end.headers.location).searchParams.get('zoom_result')], [303, 'connected']);
  });

  test('a key is worth nothing to another user', async () => {
    const install = new Install(newPerson());
    const zoomUser = await newZoomUser();
    const started = await install.start();
    assert.deepEqual((await install.session()).json, {});
    await goThrough(started, zoomUser);
    const { connectCredentialId } = (await install.session()).json;
    assert.equal(connectCredentialId, (await install.person.link()).linkId);
    const stranger = newPerson();
    assert.deepEqual((await install.session(stranger)).json, {});
    assert.equal(codeOf(await stranger.fetch(`${sdk}/credentials/${connectCredentialId}`)), '404 CREDENTIAL_NOT_FOUND');
    assert.equal(codeOf(await stranger.fetch(`${sdk}/proxy/zoom/users/me`, { headers: { 'x-paragon-credential': connectCredentialId } })), '404 CREDENTIAL_NOT_FOUND');
    assert.equal(codeOf(await install.build()), '409 LINK_ALREADY_ACTIVE');
    const again = new Install(install.person);
    again.key = install.key;
    await install.person.api('POST', '/link:disconnect', { requestId: randomUUID() });
    assert.equal(codeOf(await again.build()), '409 ATTEMPT_EXISTS');
  });

  test('tokens of others, of other audiences and of nobody are refused on every route, in the package’s form', async () => {
    const person = newPerson();
    const values = { project: 'demo', integration: randomUUID(), credential: randomUUID(), installKey: 'k', workflow: 'w', path: 'users/me' };
    const { paths } = (await http.fetch('/v1/openapi.json')).json;
    const routes = Object.entries(paths).flatMap(([template, item]) => Object.entries(item)
      .filter(([, { tags, security }]) => tags.includes('paragon') && security.length > 0)
      .map(([method, operation]) => ({ method: method.toUpperCase(), template, body: operation['x-body-bytes-max'] > 0 })));
    assert.equal(routes.length, 25);
    const wrong = [undefined, 'x', tokenOfAnOtherAudience(person.userId), stack.session({ userId: person.userId, lifetimeSeconds: -60 })];
    for (const { method, template, body } of routes) {
      const pathIn = (project) => template.replace(/\{(\w+)\}/g, (_, name) => ({ ...values, project })[name]);
      const send = (path, options) => http.fetch(path, { method, ...(body ? { json: {} } : {}), ...options });
      for (const bearer of wrong) {
        const answer = await send(pathIn('demo'), { bearer });
        assert.equal(answer.status, 401, `${method} ${template}`);
        assert.equal(answer.headers['content-type'], 'application/json');
        assert.deepEqual([typeof answer.json.message, answer.json.code, answer.json.meta.status], ['string', answer.json.meta.reason, 401]);
      }
      assert.equal(codeOf(await send(pathIn('other'), { bearer: person.token })), '404 PROJECT_NOT_FOUND', template);
      assert.equal((await send(pathIn('demo'), { cookie: `${sessionCookie}=${person.token}`, origin: true })).status, 401, 'a cookie is no credential here');
      assert.equal((await send(`${pathIn('demo')}?userToken=${person.token}`)).status, 401, 'a token in the query is taken for the window alone');
    }
    const install = new Install(person);
    for (const userToken of ['', 'x', tokenOfAnOtherAudience(person.userId)]) {
      const opened = await install.openWindow({ userToken });
      assert.deepEqual([opened.status, opened.cookies], [401, {}]);
    }
  });

  test('a user token in an address is in no log, no metric and no referrer', async () => {
    const { person } = await connected();
    const install = new Install(person);
    const opened = await install.openWindow();
    assert.equal(opened.headers['referrer-policy'], 'no-referrer');
    assert.match(opened.headers['content-security-policy'], /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/);
    assert.ok(!opened.text.includes(person.token));
    const [head, payload, signature] = person.token.split('.');
    assert.ok(head && payload && signature);
    const found = await findContents({ 'user token': payload, 'its signature': signature, 'a key of an install': install.key }, [stack.logDirectory]);
    assert.deepEqual(found, []);
    const metrics = await (await fetch(`${stack.gateway[0].adminUrl}/metrics`)).text();
    assert.ok(metrics.includes('/projects/{project}/sdk/actions/oauth-nonce'));
    assert.ok(!metrics.includes(signature) && !metrics.includes(person.userId));
  });

  test('bad input is named and changes nothing', async () => {
    const person = newPerson();
    const fieldOf = ({ status, json }) => [status, json.meta.errors.map(({ field }) => field)];
    const patch = (json) => person.fetch(`${sdk}/me`, { method: 'PATCH', json });
    assert.deepEqual(fieldOf(await patch({})), [400, ['meta']]);
    assert.deepEqual(fieldOf(await patch({ meta: [] })), [400, ['meta']]);
    assert.deepEqual(fieldOf(await patch({ meta: { a: 'x'.repeat(17_000) } })), [400, ['meta']]);
    assert.deepEqual((await person.fetch(`${sdk}/me`)).json.meta, {});
    const install = new Install(person);
    assert.deepEqual(fieldOf(await install.build({ action: 'slack' })), [400, ['action']]);
    assert.deepEqual(fieldOf(await install.build({ integrationId: randomUUID() })), [400, ['integrationId']]);
    assert.deepEqual(fieldOf(await install.build({ redirectUrl: 'https://evil.example/' })), [400, ['redirectUrl']]);
    assert.deepEqual(fieldOf(await install.build({ oauthMetaKeyId: '../x' })), [400, ['oauthMetaKeyId']]);
    assert.deepEqual(fieldOf(await person.fetch(`${sdk}/actions/session-id/a-b`)), [400, ['installKey']]);
    assert.equal(codeOf(await person.fetch(`${sdk}/integrations/${randomUUID()}`, { method: 'DELETE' })), '404 INTEGRATION_NOT_FOUND');
    assert.equal((await person.fetch(`${sdk}/proxy/slack/users/me`)).status, 404);
  });
});
