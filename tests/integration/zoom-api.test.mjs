// SPDX-License-Identifier: Apache-2.0
// Requests to Zoom's API as its callers make them, over gRPC: the eight actions, any path, tokens, limits, errors.
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { startStack } from '../support-js/stack.mjs';
import { Random } from '../faults/random.mjs';
import { countedBytes } from '../zoom-simulator/faults.mjs';
import { atOnce, eventually, failureOf, inBatches } from './lib/conditions.mjs';
import { faultOf, hostileText } from './lib/request-targets.mjs';
import { fromStruct, meetingScopes, plentyOfRequests, readAll, toStruct, writeAll, ZoomApiDriver } from './lib/zoom-api.mjs';

const answerBytesMost = 24 << 20;
let stack;
let driver;
let simulator;
let clientId;

before(async () => {
  stack = await startStack({
    services: ['tokenVault', 'zoomApi'],
    durable: false,
    overrides: { zoomApi: { rate_limits: plentyOfRequests, limits: { answer_bytes: answerBytesMost, in_flight_per_user: 200 } } },
  });
  driver = new ZoomApiDriver(stack);
  ({ simulator } = stack);
  [{ client_id: clientId }] = await simulator.apps();
  await simulator.changeApp(clientId, { scopes: meetingScopes });
  await simulator.setSwitches({ echo: true });
});
after(async () => {
  driver.close();
  await stack.stop();
});
afterEach(() => simulator.clearFaults());

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const refused = (error, code, reason) => assert.deepEqual([error.code, error.reason], [code, reason], error.message);

describe('the meeting actions', () => {
  test('create, tell, list, change and delete a meeting', async () => {
    const { userId, zoomUser } = await driver.connect();
    const meeting = {
      topic: '会議 🙂', type: 'MEETING_TYPE_SCHEDULED', startTime: '2030-01-02T03:04:05Z', durationMinutes: 45, timezone: 'Asia/Tokyo', agenda: 'One\nTwo',
      settings: toStruct({ waiting_room: true, approval_type: 0 }),
    };
    const { meeting: made } = await driver.act('createMeeting', userId, { requestId: randomUUID(), meeting });
    assert.match(made.meetingId, /^\d{11}$/);
    assert.ok(Number(made.meetingId) > 2 ** 32);
    assert.deepEqual([made.topic, made.type, made.durationMinutes, made.hostId, made.hostEmail], [meeting.topic, meeting.type, 45, zoomUser.id, zoomUser.email]);
    assert.match(made.startUrl, /zak=/);
    assert.match(made.registrationUrl, /register/);
    assert.equal(fromStruct(made.settings).waiting_room, true);
    const { meetingId } = made;

    const { meeting: told } = await driver.act('getMeetingByMeetingId', userId, { meetingId });
    assert.deepEqual([told.uuid, told.topic, told.agenda], [made.uuid, made.topic, 'One\nTwo']);
    const { meetings, totalSize, nextPageToken } = await driver.act('getMeeting', userId);
    assert.deepEqual([meetings.map((one) => one.meetingId), totalSize, nextPageToken], [[meetingId], 1, '']);

    const change = { meeting: { meetingId, topic: 'New', agenda: 'not in the mask' }, updateMask: { paths: ['topic'] }, requestId: randomUUID() };
    await driver.act('updateMeeting', userId, change);
    const { meeting: changed } = await driver.act('getMeetingByMeetingId', userId, { meetingId });
    assert.deepEqual([changed.topic, changed.agenda], ['New', 'One\nTwo']);

    await driver.act('deleteMeeting', userId, { meetingId, requestId: randomUUID() });
    for (const [method, request] of [['getMeetingByMeetingId', { meetingId }], ['deleteMeeting', { meetingId, requestId: randomUUID() }]]) {
      const error = await failureOf(driver.act(method, userId, request));
      refused(error, 'NOT_FOUND', 'MEETING_NOT_FOUND');
    }
  });

  test('add, list and delete registrants', async () => {
    const { userId } = await driver.connect();
    const { meeting: { meetingId } } = await driver.act('createMeeting', userId, { requestId: randomUUID(), meeting: { topic: 'Open', settings: toStruct({ approval_type: 0 }) } });
    const registrant = { email: 'ada@example.org', firstName: 'Ada', lastName: 'Lovelace', org: 'Analytical', customQuestions: [{ title: 'Why?', value: 'So' }] };
    const { registrant: added } = await driver.act('addMeetingRegistrant', userId, { requestId: randomUUID(), meetingId, registrant });
    assert.ok(added.registrantId && added.registrantId !== meetingId);
    assert.match(added.joinUrl, /tk=/);
    const { registrants } = await driver.act('getMeetingRegistrants', userId, { meetingId });
    assert.deepEqual(registrants.map((one) => [one.registrantId, one.email, one.lastName, one.org, one.status]),
      [[added.registrantId, 'ada@example.org', 'Lovelace', 'Analytical', 'approved']]);
    const { registrantId } = added;
    await driver.act('deleteMeetingRegistrant', userId, { meetingId, registrantId, requestId: randomUUID() });
    assert.deepEqual((await driver.act('getMeetingRegistrants', userId, { meetingId })).registrants, []);
    refused(await failureOf(driver.act('deleteMeetingRegistrant', userId, { meetingId, registrantId, requestId: randomUUID() })), 'NOT_FOUND', 'REGISTRANT_NOT_FOUND');
  });

  test('list in pages; a page token that Zoom has forgotten is refused with Zoom’s words', async () => {
    const { userId } = await driver.connect();
    await inBatches(Array.from({ length: 5 }, (_, index) => index), (index) =>
      driver.act('createMeeting', userId, { requestId: randomUUID(), meeting: { topic: `No. ${index}` } }), 1);
    const topics = [];
    let pageToken = '';
    do {
      const page = await driver.act('getMeeting', userId, { pageSize: 2, pageToken });
      assert.equal(page.totalSize, 5);
      topics.push(...page.meetings.map(({ topic }) => topic));
      pageToken = page.nextPageToken;
    } while (pageToken);
    assert.deepEqual(topics, ['No. 0', 'No. 1', 'No. 2', 'No. 3', 'No. 4']);
    const error = await failureOf(driver.act('getMeeting', userId, { pageSize: 2, pageToken: 'forgotten' }));
    assert.equal(error.reason, 'ZOOM_REJECTED', error.message);
    assert.deepEqual([error.info.zoom_status, error.info.zoom_code, error.info.zoom_message], ['400', '300', 'The next page token is invalid or expired.']);
  });

  test('work on one date of a recurring meeting', async () => {
    const { userId } = await driver.connect();
    const meeting = { topic: 'Weekly', type: 'MEETING_TYPE_RECURRING_FIXED_TIME', startTime: '2030-01-01T10:00:00Z', durationMinutes: 30, recurrence: toStruct({ type: 2, repeat_interval: 1, end_times: 3 }) };
    const { meeting: made } = await driver.act('createMeeting', userId, { requestId: randomUUID(), meeting });
    assert.equal(made.occurrences.length, 3);
    const { occurrenceId } = made.occurrences[1];
    await driver.act('deleteMeeting', userId, { meetingId: made.meetingId, occurrenceId, requestId: randomUUID() });
    const { meeting: told } = await driver.act('getMeetingByMeetingId', userId, { meetingId: made.meetingId });
    assert.deepEqual(told.occurrences.map(({ status }) => status), ['available', 'deleted', 'available']);
  });

  test('tell Zoom’s refusals with its status, code and words', async () => {
    const { userId } = await driver.connect();
    const { meeting: { meetingId } } = await driver.act('createMeeting', userId, { requestId: randomUUID(), meeting: { topic: 'Closed' } });
    const registrant = { email: 'ada@example.org', firstName: 'Ada' };
    const error = await failureOf(driver.act('addMeetingRegistrant', userId, { requestId: randomUUID(), meetingId, registrant }));
    assert.equal(error.reason, 'ZOOM_REJECTED');
    assert.deepEqual([error.info.zoom_status, error.info.zoom_code, error.info.zoom_message], ['400', '300', `This meeting has not registration required: ${meetingId}`]);
  });

  test('refuse wrong fields before anything is sent, each named', async () => {
    const { userId } = await driver.connect();
    const position = await simulator.position();
    const error = await failureOf(driver.act('createMeeting', userId, { requestId: 'no uuid', meeting: { topic: 'x'.repeat(201), durationMinutes: 1441 } }));
    refused(error, 'INVALID_ARGUMENT', 'INVALID_FIELD');
    assert.deepEqual(error.fields.sort(), ['durationMinutes', 'requestId', 'topic']);
    assert.deepEqual(await driver.seen(position), []);
  });

  test('that lack a scope say which, and how to get it, and send nothing', async () => {
    await simulator.changeApp(clientId, { scopes: ['user:read:user', 'meeting:read:meeting'] });
    const { userId } = await driver.connect().finally(() => simulator.changeApp(clientId, { scopes: meetingScopes }));
    const position = await simulator.position();
    const error = await failureOf(driver.act('createMeeting', userId, { requestId: randomUUID(), meeting: { topic: 'x' } }));
    refused(error, 'PERMISSION_DENIED', 'SCOPE_MISSING');
    assert.equal(error.info.scopes.split(' ')[0], 'meeting:write:meeting');
    assert.match(error.details, /meeting:write:meeting.*administrator adds the scope to the Zoom app, then the user reconnects/);
    assert.deepEqual(await driver.seen(position), []);
  });

  test('that Zoom refuses for a scope say which', async () => {
    const { userId } = await driver.connect();
    const message = 'Invalid access token, does not contain scopes:[meeting:read:meeting, meeting:read:meeting:admin].';
    await simulator.addFault({ endpoint: 'api', answer: { status: 400, body: { code: 4711, message } } });
    const error = await failureOf(driver.act('getMeetingByMeetingId', userId, { meetingId: '12345678901' }));
    refused(error, 'PERMISSION_DENIED', 'SCOPE_MISSING');
    assert.deepEqual(error.info.scopes.split(' '), ['meeting:read:meeting', 'meeting:read:meeting:admin']);
  });

  test('work with scopes of the classic family', async () => {
    await simulator.changeApp(clientId, { scopes: ['user:read', 'meeting:read', 'meeting:write'] });
    const { userId } = await driver.connect().finally(() => simulator.changeApp(clientId, { scopes: meetingScopes }));
    const { meeting } = await driver.act('createMeeting', userId, { requestId: randomUUID(), meeting: { topic: 'Classic' } });
    assert.equal((await driver.act('getMeetingByMeetingId', userId, { meetingId: meeting.meetingId })).meeting.topic, 'Classic');
  });
});

describe('any request', () => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    test(`with ${method} reaches Zoom as it was asked for`, async () => {
      const { userId } = await driver.connect();
      const position = await simulator.position();
      const body = ['GET', 'HEAD'].includes(method) ? undefined : randomBytes(100_000);
      const request = { method, path: 'some/where/%E4%BC%9A%20x', query: 'a=1&b=%26%20', body, contentType: body && 'application/x-test', accept: 'text/x-test' };
      const answer = await driver.send(userId, request);
      assert.equal(answer.status, 200);
      assert.match(answer.headers['x-zm-trackingid'], /^v=2\.0/);
      const [seen, ...more] = await driver.seen(position);
      assert.deepEqual(more, []);
      assert.deepEqual([seen.method, seen.path, seen.query], [method, '/v2/some/where/%E4%BC%9A%20x', 'a=1&b=%26%20']);
      assert.deepEqual([seen.body_length, seen.body_sha256], [body?.length ?? 0, sha256(body ?? '')]);
      assert.deepEqual([seen.headers.accept, seen.headers['content-type']], ['text/x-test', body ? 'application/x-test' : undefined]);
      assert.deepEqual([seen.host, seen.headers.cookie], [new URL(simulator.url).host, undefined]);
      if (method === 'HEAD') assert.equal(answer.body.length, 0);
      else assert.equal(answer.json.body_sha256, seen.body_sha256);
    });
  }

  test('is answered with whatever Zoom says, without headers that are Zoom’s own business', async () => {
    const { userId } = await driver.connect();
    const headers = { 'set-cookie': 'zoom=1', 'retry-after': '7', etag: '"x"', 'x-ratelimit-limit': '30', location: '/v2/elsewhere', 'x-powered-by': 'z' };
    await simulator.addFault({ endpoint: 'api', answer: { status: 422, body: 'no', headers, content_type: 'text/x-odd' } });
    const answer = await driver.send(userId, { path: 'odd' });
    assert.deepEqual([answer.status, answer.body.toString(), answer.contentType, answer.contentLength], [422, 'no', 'text/x-odd', 2]);
    const { 'x-zm-trackingid': tracking, ...passed } = answer.headers;
    assert.ok(tracking);
    assert.deepEqual(passed, { 'retry-after': '7', etag: '"x"', 'x-ratelimit-limit': '30' });
  });

  test('finds a meeting by its UUID, encoded twice where Zoom needs it', async () => {
    const { userId } = await driver.connect();
    const uuids = [];
    for (let count = 0; count < 4; count += 1) {
      uuids.push((await driver.act('createMeeting', userId, { requestId: randomUUID(), meeting: { topic: 'x' } })).meeting.uuid);
    }
    assert.ok(uuids.some((uuid) => uuid.startsWith('/')) && uuids.some((uuid) => uuid.includes('//')));
    for (const uuid of uuids) {
      const once = encodeURIComponent(uuid);
      for (const encoded of [once, encodeURIComponent(once)]) {
        const answer = await driver.send(userId, { path: `meetings/${encoded}` });
        assert.deepEqual([answer.status, answer.json.uuid], [200, uuid]);
      }
    }
  });

  test('follows no redirect', async () => {
    const { userId } = await driver.connect();
    for (const [status, method] of [[301, 'GET'], [302, 'GET'], [307, 'POST'], [308, 'GET']]) {
      const position = await simulator.position();
      await simulator.addFault({ endpoint: 'api', answer: { status, headers: { location: `${simulator.url}/v2/users/me` } } });
      const answer = await driver.send(userId, { method, path: 'moved' });
      assert.equal(answer.status, status);
      assert.deepEqual((await driver.seen(position)).map(({ path }) => path), ['/v2/moved']);
    }
  });

  test('carries 20 MiB to Zoom, and 20 MiB back', async () => {
    const { userId } = await driver.connect();
    const bytes = randomBytes(20 << 20);
    const up = await driver.send(userId, { method: 'PUT', path: 'files/big', body: bytes, contentType: 'application/octet-stream' }, { deadlineMs: 60_000 });
    assert.deepEqual([up.json.body_length, up.json.body_sha256], [bytes.length, sha256(bytes)]);
    await simulator.addFault({ endpoint: 'api', answer: { status: 200, bytes: 20 << 20 } });
    const down = await driver.send(userId, { path: 'files/big' }, { deadlineMs: 60_000 });
    assert.deepEqual([down.contentLength, down.body.length, sha256(down.body)], [20 << 20, 20 << 20, sha256(countedBytes(20 << 20))]);
  });

  test('passes slow bytes on as they come', async () => {
    const { userId } = await driver.connect();
    await simulator.addFault({ endpoint: 'api', answer: { status: 200, bytes: 200 }, drip: { bytes: 40, interval_ms: 200 } });
    const stream = driver.open(userId, { path: 'slow' });
    stream.end();
    const { head } = await stream.next();
    assert.equal(head.status, 200);
    const first = await stream.next();
    assert.ok(first.chunk.length < 200);
    let length = first.chunk.length;
    for (let part = await stream.next(); part !== null; part = await stream.next()) length += part.chunk.length;
    assert.equal(length, 200);
  });

  test('ends when the answer grows over the limit', async () => {
    const { userId } = await driver.connect();
    await simulator.addFault({ endpoint: 'api', answer: { status: 200, bytes: answerBytesMost + 1 } });
    refused(await failureOf(driver.send(userId, { path: 'files/huge' }, { deadlineMs: 60_000 })), 'OUT_OF_RANGE', 'ANSWER_TOO_LARGE');
  });

  test('is refused with a body over the limit, or of another length than it said, and never reaches Zoom whole', async () => {
    const { userId } = await driver.connect();
    const position = await simulator.position();
    const attempt = async (contentLength, chunks) => {
      const head = { method: 'POST', path: 'x', contentLength, contentType: 'text/plain', requestId: randomUUID() };
      const stream = driver.open(userId, head);
      const written = (async () => {
        for (const chunk of chunks) await stream.write({ chunk });
        stream.end();
      })();
      const error = await failureOf(readAll(stream));
      await written;
      return error;
    };
    for (const [length, chunks] of [[(20 << 20) + 1, []], [-1, []], [10, [Buffer.alloc(11)]], [10, [Buffer.alloc(9)]], [0, [Buffer.alloc(1)]], [70_000, [Buffer.alloc(70_000)]]]) {
      refused(await attempt(length, chunks), 'INVALID_ARGUMENT', 'INVALID_FIELD');
    }
    assert.deepEqual((await driver.seen(position)).filter(({ complete }) => complete), []);
  });

  test('with a method, media type or path that must not be is refused', async () => {
    const { userId } = await driver.connect();
    const position = await simulator.position();
    const wrong = [
      { method: 'CONNECT', path: 'x' }, { method: 'get', path: 'x' }, { method: '', path: 'x' }, { path: '' }, { path: '/x' }, { path: 'x/../y' },
      { path: 'x', accept: 'a\r\nx: y' }, { path: 'x', accept: 'a'.repeat(256) }, { path: `${'x/'.repeat(32)}x` }, { path: 'x', query: '#' }, { path: 'x'.repeat(2049) },
    ];
    for (const head of wrong) refused(await failureOf(driver.send(userId, head)), 'INVALID_ARGUMENT', 'INVALID_FIELD');
    assert.deepEqual(await driver.seen(position), []);
  });

  test('never leaves the API’s base, whatever its path and query', async () => {
    const { userId } = await driver.connect();
    const random = new Random('request-escapes');
    const targets = Array.from({ length: 4_000 }, () => ({ path: hostileText(random), query: random.chance(0.5) ? hostileText(random) : '' }));
    const position = await simulator.position();
    let passed = 0;
    await inBatches(targets, async (target) => {
      const error = await driver.send(userId, target).then(() => null, (failure) => failure);
      if (error) assert.ok(['INVALID_FIELD', 'SCOPE_MISSING'].includes(error.reason), `${JSON.stringify(target)}: ${error.message}`);
      else passed += 1;
    }, 32);
    const seen = await driver.seen(position);
    const host = new URL(simulator.url).host;
    assert.deepEqual(seen.map((entry) => faultOf(entry, host)).filter(Boolean), []);
    assert.equal(seen.length, passed);
    assert.ok(passed > targets.length / 10, `${passed} of ${targets.length}`);
  });
});

describe('a stale token', () => {
  test('is refreshed once for 64 callers, and each request repeated once', async () => {
    const person = await driver.connect();
    await driver.makeStale(person);
    const position = await simulator.position();
    const { values, errors } = await atOnce(64, () => driver.send(person.userId, { path: 'users/me' }));
    assert.deepEqual(errors, []);
    assert.ok(values.every(({ status, json }) => status === 200 && json.id === person.zoomUser.id));
    const refreshes = await simulator.ledger({ type: 'refresh', user_id: person.zoomUser.id }, position);
    assert.deepEqual(refreshes.map(({ outcome }) => outcome), ['issued']);
    const seen = await driver.seen(position);
    assert.ok(seen.length <= 128, `${seen.length} requests`);
  });

  test('costs an unsafe request one repetition, and it is done once', async () => {
    const person = await driver.connect();
    await driver.makeStale(person);
    const position = await simulator.position();
    const { meeting } = await driver.act('createMeeting', person.userId, { requestId: randomUUID(), meeting: { topic: 'Once' } });
    assert.ok(meeting.meetingId);
    assert.equal((await driver.seen(position)).length, 2);
    assert.equal((await simulator.meetings({ user_id: person.zoomUser.id })).length, 1);
  });

  test('that is refused again is Zoom’s answer', async () => {
    const { userId, zoomUser } = await driver.connect();
    const position = await simulator.position();
    await simulator.addFault({ endpoint: 'api', times: 5, answer: { status: 401, body: { code: 124, message: 'Invalid access token.' } } });
    const answer = await driver.send(userId, { path: 'anything' });
    assert.deepEqual([answer.status, answer.json.code], [401, 124]);
    assert.equal((await driver.seen(position)).length, 2);
    assert.equal((await simulator.ledger({ type: 'refresh', user_id: zoomUser.id }, position)).length, 1);
  });

  test('of a body too long to be kept asks for the request again, with nothing done', async () => {
    const person = await driver.connect();
    await driver.makeStale(person);
    const send = (requestId) => driver.send(person.userId, { method: 'PUT', path: 'files/long', body: Buffer.alloc(1 << 20), contentType: 'x/y', requestId }, { deadlineMs: 30_000 });
    const requestId = randomUUID();
    refused(await failureOf(send(requestId)), 'FAILED_PRECONDITION', 'REQUEST_NOT_REPEATABLE');
    assert.equal((await send(requestId)).status, 200);
  });
});

describe('429', () => {
  for (const shape of ['seconds', 'http_date', 'iso8601', 'none']) {
    test(`with Retry-After as ${shape} is waited for, whatever the method`, async () => {
      const { userId } = await driver.connect();
      for (const method of ['GET', 'POST']) {
        const position = await simulator.position();
        await simulator.addFault({ endpoint: 'api', rate_limit: { retry_after: shape, after_s: 1 } });
        assert.equal((await driver.send(userId, { method, path: 'limited' })).status, 200);
        const [limited] = await simulator.ledger({ type: 'rate_limited' }, position);
        const seen = await driver.seen(position);
        assert.equal(seen.length, 2);
        if (shape !== 'none') assert.ok(Date.parse(seen[1].time) >= Date.parse(limited.retry_at), `${seen[1].time} before ${limited.retry_at}`);
      }
    });
  }

  test('that lasts longer than the call is told, with nothing done', async () => {
    const { userId } = await driver.connect();
    const requestId = randomUUID();
    await simulator.addFault({ endpoint: 'api', rate_limit: { retry_after: 'seconds', limit: 'daily', after_s: 3_600 } });
    const answer = await driver.send(userId, { method: 'POST', path: 'limited', requestId });
    assert.deepEqual([answer.status, answer.headers['retry-after'], answer.headers['x-ratelimit-type']], [429, '3600', 'Daily-limit']);
    const position = await simulator.position();
    const error = await failureOf(driver.send(userId, { method: 'POST', path: 'limited', requestId }));
    refused(error, 'RESOURCE_EXHAUSTED', 'ZOOM_RATE_LIMITED');
    assert.ok(error.retryAfterMs > 3_000_000, `${error.retryAfterMs}`);
    assert.deepEqual(await driver.seen(position), []);
    const { userId: other } = await driver.connect();
    assert.equal((await driver.send(other, { method: 'POST', path: 'limited' })).status, 200, 'another account is not concerned');
  });
});

describe('a Zoom that fails', () => {
  test('is asked again for what is safe', async () => {
    const { userId } = await driver.connect();
    for (const fault of [{ answer: { status: 503 } }, { answer: { status: 500, preset: 'html' } }, { before: { reset: true } }]) {
      const position = await simulator.position();
      await simulator.addFault({ endpoint: 'api', times: 2, ...fault });
      assert.equal((await driver.send(userId, { path: 'shaky' })).status, 200, JSON.stringify(fault));
      assert.equal((await driver.seen(position)).length, 3);
    }
  });

  test('and goes on failing is answered as it is, after two repetitions', async () => {
    const { userId } = await driver.connect();
    const position = await simulator.position();
    await simulator.addFault({ endpoint: 'api', times: 9, answer: { status: 503 } });
    assert.equal((await driver.send(userId, { path: 'down' })).status, 503);
    assert.equal((await driver.seen(position)).length, 3);
    refused(await failureOf(driver.act('getMeeting', userId)), 'UNAVAILABLE', 'ZOOM_UNAVAILABLE');
  });

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    test(`is asked once with ${method}, and whether it did it is not known`, async () => {
      const { userId } = await driver.connect();
      const position = await simulator.position();
      const requestId = randomUUID();
      await simulator.addFault({ endpoint: 'api', answer: { status: 502 } });
      assert.equal((await driver.send(userId, { method, path: 'a', requestId })).status, 502);
      refused(await failureOf(driver.send(userId, { method, path: 'a', requestId })), 'ABORTED', 'OUTCOME_UNKNOWN');
      await simulator.addFault({ endpoint: 'api', after: { reset: true } });
      refused(await failureOf(driver.send(userId, { method, path: 'b' })), 'ABORTED', 'OUTCOME_UNKNOWN');
      assert.deepEqual((await driver.seen(position)).map(({ path }) => path), ['/v2/a', '/v2/b']);
    });
  }

  test('makes the outcome of an action unknown, and says so', async () => {
    const { userId, zoomUser } = await driver.connect();
    await simulator.addFault({ endpoint: 'api', after: { reset: true } });
    const request = { requestId: randomUUID(), meeting: { topic: 'Perhaps' } };
    refused(await failureOf(driver.act('createMeeting', userId, request)), 'ABORTED', 'OUTCOME_UNKNOWN');
    refused(await failureOf(driver.act('createMeeting', userId, request)), 'ABORTED', 'OUTCOME_UNKNOWN');
    assert.equal((await simulator.meetings({ user_id: zoomUser.id })).length, 1);
  });
});

describe('who asks', () => {
  test('for somebody who is not connected is told so', async () => {
    refused(await failureOf(driver.send('nobody', { path: 'users/me' })), 'NOT_FOUND', 'NOT_CONNECTED');
    refused(await failureOf(driver.act('createMeeting', 'nobody', { requestId: randomUUID(), meeting: { topic: 'x' } })), 'NOT_FOUND', 'NOT_CONNECTED');
  });

  test('for somebody who removed the app is told to reconnect, with the cause', async () => {
    const person = await driver.connect();
    await simulator.removeApp(person.zoomUser.id, clientId);
    const error = await eventually('the loss is known', async () => {
      const failure = await failureOf(driver.send(person.userId, { path: 'users/me' }));
      return failure.reason === 'RECONNECT_REQUIRED' && failure;
    });
    refused(error, 'FAILED_PRECONDITION', 'RECONNECT_REQUIRED');
    assert.ok(error.info.cause, JSON.stringify(error.info));
  });

  test('in the name of another user, or of nobody, is refused', async () => {
    const { userId } = await driver.connect();
    const position = await simulator.position();
    refused(await failureOf(driver.send(userId, { path: 'x' }, { assertion: { userId: 'somebody-else' } })), 'PERMISSION_DENIED', 'ASSERTION_USER_MISMATCH');
    const unsigned = await failureOf(driver.send(userId, { path: 'x' }, { assertion: null }));
    assert.ok(['UNAUTHENTICATED', 'PERMISSION_DENIED'].includes(unsigned.code), unsigned.message);
    assert.deepEqual(await driver.seen(position), []);
  });

  test('as a service that may do so needs no user’s word', async () => {
    const { userId } = await driver.connect();
    assert.equal((await driver.send(userId, { path: 'x' }, { identity: 'automation' })).status, 200);
  });

  test('without a deadline is refused', async () => {
    const { userId } = await driver.connect();
    const error = await failureOf(driver.send(userId, { path: 'x' }, { deadlineMs: null }));
    assert.equal(error.code, 'INVALID_ARGUMENT', error.message);
  });
});

test('a caller who leaves a safe request stops it', async () => {
  const { userId } = await driver.connect();
  await simulator.addFault({ endpoint: 'api', after: { hold: 'left' } });
  const stream = driver.open(userId, { path: 'left' });
  await writeAll(stream, Buffer.alloc(0));
  await simulator.waitHeld('left');
  const position = await simulator.position();
  stream.cancel();
  const [answered] = await simulator.waitLedger({ type: 'answered', endpoint: 'api' }, { after: position });
  assert.equal(answered.complete, false);
  await simulator.release('left');
});
