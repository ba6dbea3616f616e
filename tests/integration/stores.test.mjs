// SPDX-License-Identifier: Apache-2.0
// The data stores over TLS, two replicas of every service, and what happens when a store is gone for a while.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { startStack } from '../support-js/stack.mjs';
import { eventually } from './lib/conditions.mjs';
import { assertProblem, GatewayDriver, Person } from './lib/gateway.mjs';

const perUser = 40;
let stack;
let driver;

before(async () => {
  stack = await startStack({
    tls: true, durable: true, replicas: { tokenVault: 2, callLink: 2, accountLink: 2, gateway: 2 },
    overrides: { gateway: { rate_limits: { per_user_per_minute: perUser, per_address_per_minute: 1_000_000, connect_per_user_per_minute: 1_000_000 } } },
  });
  driver = new GatewayDriver(stack);
});
after(async () => {
  driver.close();
  await stack.stop();
});

const secondGateway = (path) => `https://localhost:${stack.gateway[1].ports.https}${path}`;

describe('with verify-full for PostgreSQL and TLS for Redis', () => {
  test('a user connects, calls, keeps a note and disconnects, over both gateways', async () => {
    const person = driver.person();
    assert.equal(await person.connect(await driver.newZoomUser()), 'connected');
    const call = await person.fetch(secondGateway('/v1/projects/demo/calls'), { method: 'POST', json: { requestId: randomUUID(), number: '+81312345678' } });
    assert.equal(call.status, 201, call.text);
    const note = await person.api('POST', '/notes', { requestId: randomUUID(), text: 'Over TLS', callId: call.json.call.callId });
    assert.equal(note.status, 201, note.text);
    const ended = await person.fetch(secondGateway('/v1/projects/demo/link:disconnect'), { method: 'POST', json: { requestId: randomUUID() } });
    assert.deepEqual([ended.status, ended.json.link.state], [200, 'none']);
  });

  test('every connection of a service to PostgreSQL is encrypted', async () => {
    const rows = await stack.postgres.query('postgres',
      'SELECT a.usename, s.ssl, s.version FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) WHERE a.usename IN (\'token_vault\', \'account_link\')');
    assert.deepEqual([...new Set(rows.map(({ usename }) => usename))].sort(), ['account_link', 'token_vault']);
    assert.ok(rows.every(({ ssl, version }) => ssl && /^TLSv1\.[23]$/.test(version)), JSON.stringify(rows));
  });

  test('every connection of a gateway to Redis is encrypted', async () => {
    const addresses = (await stack.redis.clients()).filter((line) => !line.includes('cmd=client')).map((line) => / laddr=(\S+)/.exec(line)[1]);
    assert.ok(addresses.length >= 2);
    assert.deepEqual(new Set(addresses), new Set([`127.0.0.1:${stack.redis.tlsPort}`]));
  });
});

describe('Redis', () => {
  const ask = (person, index) => person.fetch(index % 2 === 0 ? '/v1/projects/demo/session' : secondGateway('/v1/projects/demo/session'));

  test('counts a user\'s requests over both gateways; another user has a budget of his own', async () => {
    const person = driver.person();
    const answers = [];
    for (let index = 0; index < perUser + 12; index += 1) answers.push(await ask(person, index));
    const refused = answers.filter(({ status }) => status !== 200);
    assert.ok(refused.length >= 5, `${refused.length} refused`);
    for (const answer of refused) assertProblem(answer, { status: 429, reason: 'RATE_LIMITED' });
    assert.equal((await ask(driver.person(), 0)).status, 200);
  });

  test('that forgets everything at any moment loses nothing', async () => {
    const person = driver.person();
    const way = await person.authorize(await driver.newZoomUser());
    await stack.redis.flush();
    assert.match((await person.returnFromZoom(way)).headers.location, /zoom_result=connected$/);
    await stack.redis.flush();
    assert.equal((await person.link()).state, 'active');
  });

  test('that is gone leaves everything working, with limits kept by each gateway alone', async () => {
    await stack.redis.process.kill();
    const person = driver.person();
    assert.equal(await person.connect(await driver.newZoomUser()), 'connected');
    assert.equal((await person.link()).state, 'active');
    const busy = driver.person();
    const statuses = [];
    for (let index = 0; index < perUser + 12; index += 1) statuses.push((await ask(busy, 0)).status);
    assert.ok(statuses.includes(429));
    await stack.redis.process.start();
    assert.equal((await person.link()).state, 'active');
  });
});

describe('PostgreSQL', () => {
  test('that crashes makes requests fail with 503 and not hang; when it is back everything goes on and nothing is lost', async () => {
    const { person } = await driver.connected();
    const note = await person.api('POST', '/notes', { requestId: randomUUID(), text: 'Before', companyId: 'acme' });
    await stack.postgres.process.kill('SIGQUIT');
    const failed = await person.api('GET', '/notes');
    assertProblem(failed, { status: 503, reason: failed.json.reason });
    await stack.postgres.process.start();
    // Seldom enough for the user's budget of requests.
    const found = await eventually('notes are read again', async () => {
      const answer = await person.api('GET', `/notes/${note.json.noteId}`);
      return answer.status === 200 && answer.json;
    }, 15_000, 500);
    assert.equal(found.text, 'Before');
    assert.equal((await person.link()).state, 'active');
  });
});

test('a person is the same at both gateways', async () => {
  const person = driver.person();
  const signedIn = new Person(driver, person.userId, { bearer: true });
  for (const path of ['/v1/projects/demo/session', secondGateway('/v1/projects/demo/session')]) {
    assert.equal((await signedIn.fetch(path)).json.userId, person.userId);
  }
});
