// SPDX-License-Identifier: Apache-2.0
// @shodan/zoom-connect against a running stack: the examples of its documentation, as a reader would run them, and what
// they do not show.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from '../../deploy/local/layout.mjs';
import { run } from '../../deploy/local/processes.mjs';
import { ExampleRunner, examplesOf } from '../support-js/examples.mjs';
import { gatewayClient } from '../support-js/https.mjs';
import { everyService, startStack } from '../support-js/stack.mjs';
import { Person, resultOf } from './lib/gateway.mjs';

const packageDirectory = join(root, 'services/gateway/static/components');
const examples = examplesOf(join(packageDirectory, 'README.md'));

let stack;
let http;
let runner;

before(async () => {
  stack = await startStack({ services: everyService, meetings: true, durable: false });
  http = gatewayClient(stack);
  runner = new ExampleRunner({ '@shodan/zoom-connect': packageDirectory }, { SHODAN_URL: stack.publicUrl, NODE_EXTRA_CA_CERTS: stack.caFile });
});
after(async () => {
  runner?.remove();
  http?.close();
  await stack?.stop();
});

/** Runs an example as a user; it has to end well and to complain about nothing. */
async function example(name, person, options) {
  const { status, lines, errors } = await runner.run(name, examples.get(name), { environment: { SHODAN_TOKEN: person.token }, ...options });
  assert.deepEqual([status, errors], [0, ''], `${name}: ${lines.join('\n')}`);
  return lines;
}

/** A program of the test's own, as a user; prints one JSON value. */
async function program(person, body) {
  const code = `import { ZoomConnect, ZoomConnectError } from '@shodan/zoom-connect';
const zoom = new ZoomConnect({ baseUrl: process.env.SHODAN_URL, projectId: 'demo', token: async () => process.env.SHODAN_TOKEN });
const tell = (value) => console.log(JSON.stringify(value));
${body}`;
  const { status, lines, errors } = await runner.run('program.mjs', code, { environment: { SHODAN_TOKEN: person.token } });
  assert.deepEqual([status, errors], [0, '']);
  return JSON.parse(lines[0]);
}

const newPerson = () => new Person({ http, stack }, `u-${randomUUID()}`);

const newZoomUser = () => stack.simulator.addUser({ first_name: 'Ren', last_name: 'Ito', email: `${randomUUID()}@zoom.example` });

/** Somebody at Zoom, and somebody here who is connected to him. */
async function connected() {
  const zoomUser = await newZoomUser();
  const person = newPerson();
  assert.equal(await person.connect(zoomUser), 'connected');
  return { person, zoomUser };
}

describe('the documentation\'s examples', () => {
  test('are all run here', () => {
    assert.deepEqual([...examples.keys()].sort(), ['call.mjs', 'connect.mjs', 'disconnect.mjs', 'errors.mjs', 'meetings.mjs', 'status.mjs']);
  });

  test('tell the status of somebody who is not connected', async () => {
    assert.deepEqual(await example('status.mjs', newPerson()), ['none ']);
  });

  test('connect somebody who opens the address in his browser', async () => {
    const person = newPerson();
    const zoomUser = await newZoomUser();
    let visited;
    const lines = await example('connect.mjs', person, {
      onLine: (line) => {
        if (!line.startsWith('open ')) return;
        visited = (async () => {
          const opened = await person.fetch(line.slice('open '.length));
          assert.equal(opened.status, 303, opened.text);
          const callback = await stack.simulator.authorizeDirectly(opened.headers.location, zoomUser.id, { allow: true });
          return resultOf(await person.returnFromZoom({ callback, cookies: opened.cookies }));
        })();
      },
    });
    assert.equal(await visited, 'connected');
    assert.equal(lines[1], `connected as ${zoomUser.email}`);
  });

  test('make, list and delete a meeting', async () => {
    const { person } = await connected();
    assert.deepEqual(await example('meetings.mjs', person), ['true true']);
  });

  test('tell what Zoom said, and whom to ask to connect', async () => {
    const { person } = await connected();
    assert.deepEqual(await example('errors.mjs', person), ['Zoom said 404 3001']);
    assert.deepEqual(await example('errors.mjs', newPerson()), ['ask the user to connect']);
  });

  test('record a call', async () => {
    const { person } = await connected();
    const [line] = await example('call.mjs', person);
    assert.match(line, /^\+81312345678 zoomphonecall:\/\/.*81312345678/);
    const { json } = await person.api('GET', '/calls?companyId=c-1');
    assert.equal(json.calls.length, 1);
  });

  test('disconnect', async () => {
    const { person } = await connected();
    assert.deepEqual(await example('disconnect.mjs', person), ['none yes']);
    assert.equal((await person.link()).state, 'none');
  });
});

describe('the client', () => {
  test('has a request repeated under its id answered with what became of the first', async () => {
    const { person } = await connected();
    const outcome = await program(person, `
const requestId = ${JSON.stringify(randomUUID())};
const send = (topic) => zoom.request('users/me/meetings', { method: 'POST', body: { topic, type: 1 }, requestId }).then(({ status }) => status, ({ reason, requestId: id }) => [reason, id === requestId]);
tell([await send('one'), await send('one'), await send('other')]);`);
    assert.deepEqual(outcome, [201, ['REQUEST_COMPLETED', true], ['REQUEST_ID_REUSED', true]]);
  });

  test('sends and receives bytes as they are', async () => {
    const { person } = await connected();
    await stack.simulator.setSwitches({ echo: true });
    const bytes = 300_000;
    const answer = await program(person, `
const body = new Uint8Array(${bytes}).map((_, index) => (index * 31) % 256);
const answer = await zoom.request('anything/at/all', { method: 'PUT', body, contentType: 'application/octet-stream' }).catch((error) => error);
tell(answer instanceof ZoomConnectError ? [answer.reason, answer.status, answer.zoom?.code ?? null] : [answer.status, answer.data]);`);
    const digest = createHash('sha256').update(new Uint8Array(bytes).map((_, index) => (index * 31) % 256)).digest('hex');
    assert.equal(answer[0], 200, JSON.stringify(answer));
    assert.ok(JSON.stringify(answer[1]).includes(digest), JSON.stringify(answer[1]));
  });

  test('tells a session that has ended from a connection that is missing', async () => {
    const person = new Person({ http, stack }, `u-${randomUUID()}`, { token: stack.session({ userId: 'u', lifetimeSeconds: -60 }) });
    const [reason, status] = await program(person, 'await zoom.status().catch(({ reason, status }) => tell([reason, status]));');
    assert.equal(status, 401);
    assert.notEqual(reason, 'NOT_CONNECTED');
  });

  test('is served by the gateway to pages of any origin, with everything that it loads', async () => {
    const pending = ['zoom-connect.mjs'];
    for (const seen = new Set(); pending.length > 0;) {
      const file = pending.pop();
      if (seen.has(file)) continue;
      seen.add(file);
      const { status, headers, text } = await http.fetch(`/components/${file}`);
      assert.deepEqual([status, headers['access-control-allow-origin']], [200, '*'], file);
      assert.match(headers['content-type'], /^text\/javascript/);
      pending.push(...[...text.matchAll(/from '\.\/([^']+)'/g)].map(([, name]) => name));
    }
  });

  test('is a package with its own files only', async () => {
    const packed = await run('npm', ['pack', '--dry-run', '--json', packageDirectory], { environment: { npm_config_cache: join(stack.directory, 'npm') } });
    assert.equal(packed.status, 0, packed.stderr);
    const [{ name, files }] = JSON.parse(packed.stdout);
    assert.equal(name, '@shodan/zoom-connect');
    assert.deepEqual(files.map(({ path }) => path).sort(), [
      'README.md', 'api-client.mjs', 'connect-flow.mjs', 'launcher.mjs', 'messages.mjs', 'package.json', 'zoom-connect.d.ts', 'zoom-connect.mjs',
    ]);
  });
});
