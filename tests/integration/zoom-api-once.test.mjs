// SPDX-License-Identifier: Apache-2.0
// No unsafe request reaches Zoom twice: repetitions, reuse of an id, and a process that dies at every step.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { startStack } from '../support-js/stack.mjs';
import { atOnce, failureOf } from './lib/conditions.mjs';
import { crashAt, crashPointsOf } from './lib/crashes.mjs';
import { meetingScopes, plentyOfRequests, ZoomApiDriver } from './lib/zoom-api.mjs';

let stack;
let driver;
let simulator;

before(async () => {
  stack = await startStack({ services: ['tokenVault', 'zoomApi'], replicas: { zoomApi: 2 }, overrides: { zoomApi: { rate_limits: plentyOfRequests } } });
  driver = new ZoomApiDriver(stack);
  ({ simulator } = stack);
  const [{ client_id: clientId }] = await simulator.apps();
  await simulator.changeApp(clientId, { scopes: meetingScopes });
  await simulator.setSwitches({ echo: true });
});
after(async () => {
  driver.close();
  await stack.stop();
});
afterEach(() => simulator.clearFaults());

const refused = (error, code, reason) => assert.deepEqual([error.code, error.reason], [code, reason], error.message);
const topicsOf = async ({ zoomUser }) => (await simulator.meetings({ user_id: zoomUser.id })).map(({ fields }) => fields.topic);

describe('a request id', () => {
  test('that Zoom has answered is told so, with Zoom’s status, at every replica', async () => {
    const person = await driver.connect();
    const request = { requestId: randomUUID(), meeting: { topic: 'Once' } };
    await driver.act('createMeeting', person.userId, request);
    for (const replica of stack.zoomApi) {
      const error = await failureOf(driver.act('createMeeting', person.userId, request, { replica }));
      refused(error, 'ALREADY_EXISTS', 'REQUEST_COMPLETED');
      assert.equal(error.info.zoom_status, '201');
    }
    assert.deepEqual(await topicsOf(person), ['Once']);
  });

  test('of another request is refused: body, path, query and method count', async () => {
    const { userId } = await driver.connect();
    const requestId = randomUUID();
    const first = { method: 'PUT', path: 'a', query: 'q=1', body: 'one', contentType: 'text/plain', requestId };
    assert.equal((await driver.send(userId, first)).status, 200);
    const position = await simulator.position();
    for (const change of [{ method: 'POST' }, { path: 'b' }, { query: 'q=2' }, { body: 'two' }]) {
      refused(await failureOf(driver.send(userId, { ...first, ...change })), 'ALREADY_EXISTS', 'REQUEST_ID_REUSED');
    }
    refused(await failureOf(driver.send(userId, first)), 'ALREADY_EXISTS', 'REQUEST_COMPLETED');
    assert.deepEqual(await driver.seen(position), []);
  });

  test('of another user or another caller is another one', async () => {
    const [one, other] = [await driver.connect(), await driver.connect()];
    const request = { method: 'PUT', path: 'a', requestId: randomUUID() };
    assert.equal((await driver.send(one.userId, request)).status, 200);
    assert.equal((await driver.send(other.userId, request)).status, 200);
    assert.equal((await driver.send(one.userId, request, { identity: 'automation' })).status, 200);
  });

  test('is necessary where something may change, and a UUID', async () => {
    const { userId } = await driver.connect();
    for (const requestId of ['', 'x', '12345678-1234']) {
      const error = await failureOf(driver.send(userId, { method: 'POST', path: 'x', requestId }));
      refused(error, 'INVALID_ARGUMENT', 'INVALID_FIELD');
      assert.deepEqual(error.fields, ['requestId']);
    }
  });

  test('whose request is under way answers that its outcome is not known', async () => {
    const person = await driver.connect();
    await simulator.addFault({ endpoint: 'api', after: { hold: 'way' } });
    const request = { requestId: randomUUID(), meeting: { topic: 'Slow' } };
    const first = driver.act('createMeeting', person.userId, request);
    await simulator.waitHeld('way');
    refused(await failureOf(driver.act('createMeeting', person.userId, request, { replica: stack.zoomApi[1] })), 'ABORTED', 'OUTCOME_UNKNOWN');
    await simulator.release('way');
    assert.ok((await first).meeting.meetingId);
    refused(await failureOf(driver.act('createMeeting', person.userId, request)), 'ALREADY_EXISTS', 'REQUEST_COMPLETED');
  });

  test('sent by 32 callers at one moment reaches Zoom once', async () => {
    const person = await driver.connect();
    const request = { requestId: randomUUID(), meeting: { topic: 'Crowd' } };
    const { values, errors } = await atOnce(32, (index) => driver.act('createMeeting', person.userId, request, { replica: stack.zoomApi[index % 2] }));
    assert.equal(values.length, 1);
    for (const { reason } of errors) assert.ok(['OUTCOME_UNKNOWN', 'REQUEST_COMPLETED'].includes(reason), reason);
    assert.deepEqual(await topicsOf(person), ['Crowd']);
  });

  test('may be sent again after Zoom refused the token or the rate', async () => {
    const { userId } = await driver.connect();
    for (const fault of [{ times: 2, answer: { status: 401, body: { code: 124, message: 'Invalid access token.' } } }]) {
      const request = { method: 'PUT', path: 'again', requestId: randomUUID() };
      await simulator.addFault({ endpoint: 'api', ...fault });
      assert.equal((await driver.send(userId, request)).status, 401);
      assert.equal((await driver.send(userId, request)).status, 200);
      refused(await failureOf(driver.send(userId, request)), 'ALREADY_EXISTS', 'REQUEST_COMPLETED');
    }
  });

  test('of a caller who left goes on to its end at Zoom', async () => {
    const person = await driver.connect();
    await simulator.addFault({ endpoint: 'api', before: { hold: 'gone' } });
    const request = { requestId: randomUUID(), meeting: { topic: 'Left' } };
    const early = failureOf(driver.act('createMeeting', person.userId, request, { deadlineMs: 1_500 }));
    await simulator.waitHeld('gone');
    await early;
    await simulator.release('gone');
    await simulator.waitLedger({ type: 'meeting_created', topic: 'Left' });
    const error = await failureOf(driver.act('createMeeting', person.userId, request));
    assert.ok(['OUTCOME_UNKNOWN', 'REQUEST_COMPLETED'].includes(error.reason), error.message);
    assert.deepEqual(await topicsOf(person), ['Left']);
  });
});

/** What a repetition is told after a death at each crash point; the first request never had an answer. */
const afterDeath = {
  'zoomapi.intent.before_commit': 'done',
  'zoomapi.intent.after_commit': 'OUTCOME_UNKNOWN',
  'zoomapi.send.before_start': 'OUTCOME_UNKNOWN',
  'zoomapi.send.after_body': 'OUTCOME_UNKNOWN',
  'zoomapi.send.after_head': 'OUTCOME_UNKNOWN',
  'zoomapi.intent.before_end': 'OUTCOME_UNKNOWN',
  'zoomapi.intent.after_end': 'REQUEST_COMPLETED',
};

describe('a process that dies', () => {
  test('has a crash point on each side of the intent, the request and the end', () => {
    assert.deepEqual(crashPointsOf('zoom-api'), Object.keys(afterDeath).sort());
  });

  for (const [point, expected] of Object.entries(afterDeath)) {
    test(`at ${point} leaves ${expected === 'done' ? 'a request that can be sent' : expected}`, async () => {
      const person = await driver.connect();
      const request = { requestId: randomUUID(), meeting: { topic: point } };
      const [replica, other] = stack.zoomApi;
      await crashAt(replica, point, () => driver.act('createMeeting', person.userId, request, { replica }));
      const before = (await topicsOf(person)).length;
      const repeated = await driver.act('createMeeting', person.userId, request, { replica: other }).then(() => 'done', ({ reason }) => reason);
      assert.equal(repeated, expected);
      const topics = await topicsOf(person);
      assert.ok(topics.length <= 1, 'Zoom saw it at most once');
      if (expected !== 'done') assert.equal(topics.length, before, 'a repetition sends nothing');
      if (expected === 'REQUEST_COMPLETED' || expected === 'done') assert.equal(topics.length, 1);
    });
  }
});

test('without the database nothing unsafe is sent, and safe requests go on', async () => {
  const person = await driver.connect();
  await driver.send(person.userId, { path: 'warm' });
  await stack.postgres.execute('zoom_api', 'ALTER TABLE intents RENAME TO intents_away');
  try {
    const position = await simulator.position();
    const error = await failureOf(driver.send(person.userId, { method: 'POST', path: 'x' }));
    assert.notEqual(error.code, 'OK');
    assert.deepEqual(await driver.seen(position), []);
    assert.equal((await driver.send(person.userId, { path: 'y' })).status, 200);
  } finally {
    await stack.postgres.execute('zoom_api', 'ALTER TABLE intents_away RENAME TO intents');
  }
});
