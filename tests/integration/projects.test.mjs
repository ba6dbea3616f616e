// SPDX-License-Identifier: Apache-2.0
// Two projects in one installation: each with a Zoom app, an issuer, origins and a settings page of its own.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { thumbprint } from '../../deploy/local/keys.mjs';
import { mintSession } from '../../deploy/local/sessions.mjs';
import { everyService } from '../../deploy/local/stack.mjs';
import { startStack } from '../support-js/stack.mjs';
import { assertProblem, GatewayDriver, Person } from './lib/gateway.mjs';
import { meetingScopes } from './lib/zoom-api.mjs';

const other = 'staging';
const otherOrigin = 'https://crm.staging.example';
const otherSettings = `${otherOrigin}/preferences/zoom`;
const issuer = 'https://sign-in.staging.example';

let stack;
let driver;
let issuerKeyFile;
let firstApp;
let secondApp;

/** The second project's Zoom app at the simulator, and its entry in the projects file of every service. */
async function addProject() {
  const [{ client_id: clientId, redirect_uris: redirectUris }] = await stack.simulator.apps();
  firstApp = clientId;
  secondApp = 'staging-client-id';
  await stack.simulator.changeApp(firstApp, { scopes: meetingScopes });
  await stack.simulator.addApp({ client_id: secondApp, client_secret: 'staging-client-secret', name: 'Staging', redirect_uris: redirectUris, scopes: meetingScopes });
  const file = (name, text) => {
    writeFileSync(join(stack.directory, name), text, { mode: 0o600 });
    return join(stack.directory, name);
  };
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  issuerKeyFile = file('staging-issuer.key', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const jwk = publicKey.export({ format: 'jwk' });
  const content = JSON.parse(readFileSync(stack.projectsFile, 'utf8'));
  const [first] = content.projects;
  content.projects.push({
    ...first,
    project_id: other,
    display_name: 'Staging CRM',
    settings_url: otherSettings,
    origins: [otherOrigin],
    token_issuers: [{ ...first.token_issuers[0], issuer, jwks_file: file('staging.jwks.json', JSON.stringify({ keys: [{ ...jwk, kid: thumbprint(jwk), use: 'sig', alg: 'ES256' }] })) }],
    zoom_app: { ...first.zoom_app, client_id: secondApp, client_secret_file: file('staging.secret', 'staging-client-secret') },
  });
  const overrides = { projects_file: file('projects-of-two.json', JSON.stringify(content)) };
  await Promise.all([...stack.tokenVault, ...stack.accountLink].map((replica) => replica.restart({ overrides })));
}

before(async () => {
  stack = await startStack({ services: everyService, durable: false });
  driver = new GatewayDriver(stack);
  await addProject();
});
after(async () => {
  driver.close();
  await stack.stop();
});

/** Somebody of the second project's CRM, whose pages are of another origin. */
class OtherPerson extends Person {
  constructor(userId, options = {}) {
    super(driver, userId, { ...options, project: other, token: mintSession({ privateKeyFile: issuerKeyFile, issuer, userId, roles: options.roles }) });
  }

  fetch(path, options = {}) {
    const unsafe = (options.method ?? 'GET') !== 'GET';
    return super.fetch(path, { ...options, origin: false, headers: { ...(unsafe ? { origin: otherOrigin } : {}), ...options.headers } });
  }
}

/** Connects a person of either project. @returns {Promise<URL>} where the browser is sent in the end */
async function connect(person, zoomUser) {
  const answer = await person.returnFromZoom(await person.authorize(zoomUser));
  assert.equal(answer.status, 303, answer.text);
  return new URL(answer.headers.location);
}

const whoIs = async (person) => (await person.api('GET', '/zoom/users/me')).json;
const tokensOf = async (clientId, zoomUser) =>
  (await stack.simulator.ledger({ type: 'tokens_issued' })).filter(({ client_id: app, user_id: user }) => app === clientId && user === zoomUser.id);

describe('one person with a user id in two projects', () => {
  const userId = 'in.both';
  let here;
  let there;
  let zoomUser;
  before(async () => {
    here = new Person(driver, userId);
    there = new OtherPerson(userId);
    zoomUser = await driver.newZoomUser();
    assert.equal((await connect(here, zoomUser)).pathname, '/app/settings/integrations');
  });

  test('is connected in the one where he connected, and nowhere else', async () => {
    assert.equal((await here.link()).state, 'active');
    assert.equal((await there.link()).state, 'none');
    assertProblem(await there.api('GET', '/zoom/users/me'), { status: 404, reason: 'NOT_CONNECTED' });
  });

  test('connects the same Zoom account in the other through that project’s app, and comes back to its settings', async () => {
    const location = await connect(there, zoomUser);
    assert.deepEqual([`${location.origin}${location.pathname}`, location.searchParams.get('zoom_result')], [otherSettings, 'connected']);
    assert.deepEqual([(await here.link()).state, (await there.link()).state], ['active', 'active']);
    assert.notEqual((await here.link()).linkId, (await there.link()).linkId);
    assert.deepEqual([(await whoIs(here)).id, (await whoIs(there)).id], [zoomUser.id, zoomUser.id]);
    assert.deepEqual([(await tokensOf(firstApp, zoomUser)).length, (await tokensOf(secondApp, zoomUser)).length], [1, 1]);
  });

  test('keeps the one connection when the other ends', async () => {
    assert.equal((await there.api('POST', '/link:disconnect', { requestId: randomUUID() })).status, 200);
    assert.deepEqual([(await here.link()).state, (await there.link()).state], ['active', 'none']);
    assert.equal((await whoIs(here)).id, zoomUser.id);
  });
});

describe('a session of one project', () => {
  test('opens nothing of the other', async () => {
    const session = (person, project) => new Person(driver, person.userId, { token: person.token, project });
    for (const stranger of [session(new Person(driver, 'stranger'), other), session(new OtherPerson('stranger'), stack.projectId)]) {
      for (const path of ['/link', '/calls', '/settings', '/zoom/users/me']) {
        assertProblem(await stranger.api('GET', path), { status: 401, reason: 'SESSION_INVALID' }, path);
      }
    }
  });

  test('of an administrator shows and changes the own project only', async () => {
    const admins = [new Person(driver, 'admin-here', { roles: ['admin'] }), new OtherPerson('admin-there', { roles: ['admin'] })];
    const apps = await Promise.all(admins.map(async (admin) => (await admin.api('GET', '/zoomApp')).json));
    assert.deepEqual(apps.map(({ clientId }) => clientId), [firstApp, secondApp]);
    const { etag } = (await admins[1].api('GET', '/settings')).json;
    assert.equal((await admins[1].api('PATCH', '/settings', { displayName: 'Renamed', etag })).status, 200);
    assert.deepEqual(await Promise.all(admins.map(async (admin) => (await admin.api('GET', '/settings')).json.displayName)), ['Shodan Pro', 'Renamed']);
  });
});

test('pages of one project’s origin may not use the other', async () => {
  const preflight = (project, origin) => driver.http.fetch(`/v1/projects/${project}/link`, {
    method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
  });
  const allowed = await preflight(other, otherOrigin);
  assert.deepEqual([allowed.status, allowed.headers['access-control-allow-origin']], [204, otherOrigin]);
  const refused = await preflight(stack.projectId, otherOrigin);
  assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [403, undefined]);
});
