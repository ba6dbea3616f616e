// SPDX-License-Identifier: Apache-2.0
// Requests to Zoom's API through the gateway: the routes of the eight actions, and any path.
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { after, afterEach, before, describe, test } from 'node:test';
import { everyService } from '../../deploy/local/stack.mjs';
import { Random } from '../faults/random.mjs';
import { startStack } from '../support-js/stack.mjs';
import { countedBytes } from '../zoom-simulator/faults.mjs';
import { inBatches } from './lib/conditions.mjs';
import { GatewayDriver, Person } from './lib/gateway.mjs';
import { faultOf, hostileText } from './lib/request-targets.mjs';
import { meetingScopes, plentyOfRequests } from './lib/zoom-api.mjs';

const many = 1_000_000;
const agent = new https.Agent({ keepAlive: true });
let stack;
let driver;
let simulator;
let clientId;

before(async () => {
  const rates = { per_user_per_minute: many, per_address_per_minute: many, connect_per_user_per_minute: many, zoom_per_user_per_minute: many };
  stack = await startStack({ services: everyService, durable: false, overrides: { gateway: { rate_limits: rates }, zoomApi: { rate_limits: plentyOfRequests, limits: { in_flight_per_user: 100 } } } });
  driver = new GatewayDriver(stack);
  ({ simulator } = stack);
  [{ client_id: clientId }] = await simulator.apps();
  await simulator.changeApp(clientId, { scopes: meetingScopes });
  await simulator.setSwitches({ echo: true });
});
after(async () => {
  agent.destroy();
  driver.close();
  await stack.stop();
});
afterEach(() => simulator.clearFaults());

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const seenSince = (position) => simulator.ledger({ type: 'request_seen' }, position);

/** A GET whose path goes out as it is: fetch() would normalise it. */
function rawGet(person, path) {
  const { hostname, port } = new URL(stack.publicUrl);
  const cookie = Object.entries(person.cookies).map((pair) => pair.join('=')).join('; ');
  return new Promise((resolve, reject) => {
    const request = https.request({ hostname, port, path, ca: stack.ca, headers: { cookie }, agent }, (answer) => {
      answer.resume().on('end', () => resolve({ status: answer.statusCode, headers: answer.headers }));
    });
    request.on('error', reject).end();
  });
}

/** Asserts a problem document. @returns {object} it */
function problem(answer, status, reason) {
  assert.deepEqual([answer.status, answer.json?.reason], [status, reason], answer.text.slice(0, 500));
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.headers['shodan-outcome'], undefined);
  return answer.json;
}

describe('the meeting routes', () => {
  test('create, list, tell, change and delete a meeting, with a session as Bearer', async () => {
    const { person: { userId }, zoomUser } = await driver.connected();
    const person = new Person(driver, userId, { bearer: true });
    const made = await person.api('POST', '/meetings', {
      requestId: randomUUID(), topic: '会議', type: 'scheduled', startTime: '2030-01-02T03:04:05Z', durationMinutes: 45, timezone: 'Asia/Tokyo', settings: { waiting_room: true },
    });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.headers['cache-control'], 'no-store');
    const { meetingId } = made.json;
    assert.match(meetingId, /^\d{11}$/);
    assert.deepEqual([made.json.topic, made.json.type, made.json.hostEmail, made.json.settings.waiting_room], ['会議', 'scheduled', zoomUser.email, true]);
    assert.ok(made.json.startUrl);
    const list = await person.api('GET', '/meetings?pageSize=10');
    assert.deepEqual([list.json.meetings.map((one) => one.meetingId), list.json.nextPageToken, list.json.totalSize], [[meetingId], '', 1]);
    assert.equal((await person.api('PATCH', `/meetings/${meetingId}`, { topic: 'New' })).status, 204);
    const told = await person.api('GET', `/meetings/${meetingId}`);
    assert.deepEqual([told.json.topic, told.json.durationMinutes, told.headers['cache-control']], ['New', 45, 'no-store']);
    assert.equal((await person.api('DELETE', `/meetings/${meetingId}?notifyHosts=true`)).status, 204);
    const gone = problem(await person.api('GET', `/meetings/${meetingId}`), 404, 'MEETING_NOT_FOUND');
    assert.deepEqual([gone.zoomStatus, gone.zoomCode], [404, 3001]);
  });

  test('add, list and delete registrants', async () => {
    const { person } = await driver.connected();
    const { json: { meetingId } } = await person.api('POST', '/meetings', { requestId: randomUUID(), topic: 'Open', settings: { approval_type: 0 } });
    const added = await person.api('POST', `/meetings/${meetingId}/registrants`, { requestId: randomUUID(), email: 'ada@example.org', firstName: 'Ada' });
    assert.equal(added.status, 201, added.text);
    const list = await person.api('GET', `/meetings/${meetingId}/registrants`);
    assert.deepEqual(list.json.registrants.map(({ registrantId, email }) => [registrantId, email]), [[added.json.registrantId, 'ada@example.org']]);
    assert.equal((await person.api('DELETE', `/meetings/${meetingId}/registrants/${added.json.registrantId}`)).status, 204);
    assert.deepEqual((await person.api('GET', `/meetings/${meetingId}/registrants`)).json.registrants, []);
  });

  test('tell Zoom’s refusal with its status, code and words', async () => {
    const { person } = await driver.connected();
    const { json: { meetingId } } = await person.api('POST', '/meetings', { requestId: randomUUID(), topic: 'Closed' });
    const answer = await person.api('POST', `/meetings/${meetingId}/registrants`, { requestId: randomUUID(), email: 'ada@example.org', firstName: 'Ada' });
    assert.equal(answer.json.reason, 'ZOOM_REJECTED', answer.text);
    assert.deepEqual([answer.json.zoomStatus, answer.json.zoomCode, answer.json.zoomMessage], [400, 300, `This meeting has not registration required: ${meetingId}`]);
  });

  test('say which scope is missing, and how to get it', async () => {
    await simulator.changeApp(clientId, { scopes: ['user:read:user'] });
    const { person } = await driver.connected().finally(() => simulator.changeApp(clientId, { scopes: meetingScopes }));
    const missing = problem(await person.api('POST', '/meetings', { requestId: randomUUID(), topic: 'x' }), 403, 'SCOPE_MISSING');
    assert.ok(missing.scopes.includes('meeting:write:meeting'), JSON.stringify(missing));
    assert.match(missing.detail, /administrator adds the scope/);
  });

  test('send a request id once', async () => {
    const { person, zoomUser } = await driver.connected();
    const json = { topic: 'Once' };
    const headers = { 'idempotency-key': randomUUID() };
    assert.equal((await person.api('POST', '/meetings', json, { headers })).status, 201);
    problem(await person.api('POST', '/meetings', json, { headers }), 409, 'REQUEST_COMPLETED');
    problem(await person.api('POST', '/meetings', { topic: 'Other' }, { headers }), 409, 'REQUEST_ID_REUSED');
    await simulator.addFault({ endpoint: 'api', after: { reset: true } });
    const lost = { requestId: randomUUID(), topic: 'Lost' };
    for (let time = 0; time < 2; time += 1) problem(await person.api('POST', '/meetings', lost), 409, 'OUTCOME_UNKNOWN');
    assert.equal((await simulator.meetings({ user_id: zoomUser.id })).length, 2);
  });

  test('want a session, an origin, a connection, and well-formed parameters', async () => {
    const { person } = await driver.connected();
    problem(await driver.http.fetch(`/v1/projects/${stack.projectId}/meetings`), 401, 'SESSION_REQUIRED');
    const foreign = await person.api('POST', '/meetings', { requestId: randomUUID(), topic: 'x' }, { origin: false, headers: { origin: 'https://evil.example' } });
    assert.equal(foreign.status, 403, foreign.text);
    const stranger = driver.person();
    assert.equal((await stranger.api('GET', '/meetings')).json.reason, 'NOT_CONNECTED');
    for (const path of ['/meetings/abc', '/meetings/12345678901234567890', '/meetings?pageSize=301']) {
      const answer = await person.api('GET', path);
      assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    }
  });
});

describe('any path', () => {
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    test(`is passed on with ${method} as it came, with Zoom’s answer marked`, async () => {
      const { person } = await driver.connected();
      const position = await simulator.position();
      const body = method === 'GET' ? undefined : randomBytes(70_000);
      const headers = { accept: 'text/x-test', ...(body ? { 'content-type': 'application/x-test' } : {}), 'x-forwarded-for': '10.0.0.1', authorization: 'Basic x' };
      const answer = await person.fetch(`/v1/projects/${stack.projectId}/zoom/some/%E4%BC%9A?a=1&b=%26`, { method, body, headers, origin: true });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers['shodan-outcome'], 'zoom');
      assert.match(answer.headers['x-zm-trackingid'], /^v=2\.0/);
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      const [seen, ...more] = await seenSince(position);
      assert.deepEqual(more, []);
      assert.deepEqual([seen.method, seen.path, seen.query, seen.body_sha256], [method, '/v2/some/%E4%BC%9A', 'a=1&b=%26', sha256(body ?? '')]);
      assert.deepEqual([seen.headers.accept, seen.headers.cookie, seen.header_names.includes('x-forwarded-for')], ['text/x-test', undefined, false]);
    });
  }

  test('is answered with Zoom’s status and content, kept from acting on our origin', async () => {
    const { person } = await driver.connected();
    const headers = { 'set-cookie': '__Host-shodan-session=evil', location: 'https://evil.example/', 'content-disposition': 'inline; filename="a.html"', 'access-control-allow-origin': '*' };
    await simulator.addFault({ endpoint: 'api', answer: { status: 302, body: '<script>1</script>', content_type: 'text/html', headers } });
    const answer = await person.api('GET', '/zoom/page');
    assert.deepEqual([answer.status, answer.text], [302, '<script>1</script>']);
    assert.deepEqual(answer.cookies, {});
    assert.deepEqual([answer.headers.location, answer.headers['access-control-allow-origin']], [undefined, undefined]);
    assert.match(answer.headers['content-disposition'], /^attachment/);
    assert.match(answer.headers['content-security-policy'], /sandbox/);
  });

  test('carries 20 MiB both ways', async () => {
    const { person } = await driver.connected();
    const body = randomBytes(20 << 20);
    const up = await person.api('PUT', '/zoom/files/up', undefined, { body, headers: { 'content-type': 'application/octet-stream' }, timeoutMs: 60_000 });
    assert.deepEqual([up.json?.body_length, up.json?.body_sha256], [body.length, sha256(body)], up.text.slice(0, 300));
    await simulator.addFault({ endpoint: 'api', answer: { status: 200, bytes: 20 << 20 } });
    const down = await person.api('GET', '/zoom/files/down', undefined, { timeoutMs: 60_000 });
    assert.equal(sha256(down.bytes), sha256(countedBytes(20 << 20)));
  });

  test('is not answered with more than was asked: a body over the limit is refused', async () => {
    const { person } = await driver.connected();
    const position = await simulator.position();
    const answer = await person.api('PUT', '/zoom/files/up', undefined, { body: Buffer.alloc((20 << 20) + 1), headers: { 'content-type': 'x/y' } }).catch((error) => error);
    assert.ok(answer.status === 413 || answer.code === 'ECONNRESET' || answer.code === 'EPIPE', `${answer.status ?? answer}`);
    assert.deepEqual(await seenSince(position), []);
  });

  test('is sent once under its Idempotency-Key', async () => {
    const { person } = await driver.connected();
    const headers = { 'idempotency-key': randomUUID() };
    const send = () => person.api('POST', '/zoom/once', { a: 1 }, { headers });
    const position = await simulator.position();
    assert.equal((await send()).status, 200);
    problem(await send(), 409, 'REQUEST_COMPLETED');
    assert.equal((await seenSince(position)).length, 1);
    const wrong = await person.api('POST', '/zoom/once', { a: 1 }, { headers: { 'idempotency-key': 'no-uuid' } });
    assert.equal(wrong.status, 400, wrong.text);
  });

  test('never leaves the API’s base', async () => {
    const { person } = await driver.connected();
    const random = new Random('http-escapes');
    const position = await simulator.position();
    // What Node's client does not put on the wire is left out: it is no request of anybody's.
    const texts = Array.from({ length: 2_000 }, () => hostileText(random)).filter((text) => !/[^\x21-\x7e]|#/.test(text));
    let passed = 0;
    await inBatches(texts, async (text) => {
      const answer = await rawGet(person, `/v1/projects/${stack.projectId}/zoom/${text}`);
      if (answer.headers['shodan-outcome'] === 'zoom') passed += 1;
      else assert.ok([400, 403, 404].includes(answer.status), `${text}: ${answer.status}`);
    }, 32);
    const seen = await seenSince(position);
    const host = new URL(simulator.url).host;
    assert.deepEqual(seen.map((entry) => faultOf(entry, host)).filter(Boolean), []);
    assert.equal(seen.length, passed);
    assert.ok(passed > texts.length / 20, `${passed} of ${texts.length}`);
  });

  test('answers 503 when zoom-api is away, and the rest goes on', async () => {
    const { person } = await driver.connected();
    await stack.zoomApi[0].kill('SIGKILL');
    const answer = await person.api('GET', '/zoom/users/me');
    assert.equal(answer.status, 503, answer.text);
    assert.equal((await person.link()).state, 'active');
    await stack.zoomApi[0].restart();
  });
});

test('the access log holds routes, and neither paths nor queries of Zoom’s', async () => {
  const { person } = await driver.connected();
  await person.api('GET', '/zoom/kanarienpfad/xyz?q=kanarienfrage');
  for (const replica of [...stack.gateway, ...stack.zoomApi]) {
    const log = readFileSync(replica.logFile, 'utf8');
    assert.ok(!/kanarien(pfad|frage)/.test(log), replica.name);
  }
});
