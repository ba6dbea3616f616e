// SPDX-License-Identifier: Apache-2.0
// What zoom-api refuses before it does anything: each bad field of each RPC is named, and nothing is sent.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { methodsOf } from '../support-js/grpc.mjs';
import { startStack } from '../support-js/stack.mjs';
import { failureOf } from './lib/conditions.mjs';
import { toStruct, ZoomApiDriver } from './lib/zoom-api.mjs';

const uuid = '6f1b0c5e-8f7a-4f0e-9d53-0a4f7a3f0b11';
const owner = { projectId: 'demo', userId: 'nobody-here' };
const meetingId = '89211000000';

const badProject = ['', 'x'.repeat(64), 'Demo', 'de mo', 'dé', 'demo\0'];
const badUser = ['', 'x'.repeat(256), 'あ'.repeat(86), 'a\0b'];
const badUuid = ['', 'x', uuid.toUpperCase(), `${uuid}0`, uuid.replaceAll('-', ''), `{${uuid}}`];
const badMeetingId = ['', 'x', '-1', '1'.repeat(20), '12 ', '../users/me', '１２'];
const badPage = { pageSize: [-1, 301, 2147483647], pageToken: ['x'.repeat(513), 'a b', 'a\r\nb', 'ä'] };
const badOccurrence = ['x'.repeat(65), 'a/b', 'a b', 'é'];
const ofOwner = { projectId: badProject, userId: badUser };

const meetingFields = {
  topic: ['', 'x'.repeat(201), '🙂'.repeat(201), 'a\0b'], type: [99], startTime: ['tomorrow', '2030-13-01T00:00:00Z', '2030-01-01', '2030-01-01T00:00:00+09:00'],
  durationMinutes: [-1, 1_441], timezone: ['x'.repeat(65), 'Asia/ Tokyo', 'ä'], agenda: ['x'.repeat(2_001)], password: ['x'.repeat(11)],
  settings: [toStruct({ long: 'x'.repeat(33_000) })], recurrence: [toStruct({ long: 'x'.repeat(33_000) })],
};
const registrantFields = {
  email: ['', 'x', `${'x'.repeat(128)}@y`], firstName: ['', 'x'.repeat(65)], lastName: ['x'.repeat(65)], phone: ['x'.repeat(129)], org: ['x'.repeat(129)],
  jobTitle: ['x'.repeat(129)], comments: ['x'.repeat(2_001)],
};

/**
 * By RPC: a good request, the bad values of its fields, and of those of the message in it.
 * @type {Record<string, {good: object, bad: Record<string, any[]>, inner?: [string, Record<string, any[]>]}>}
 */
const calls = {
  SendRequest: {
    good: { head: { ...owner, requestId: uuid, method: 'POST', path: 'x' } },
    bad: {},
    inner: ['head', {
      ...ofOwner, requestId: badUuid, method: ['', 'get', 'TRACE', 'CONNECT', 'G ET'], path: ['', '/', '/x', 'x/', 'x//y', '..', 'x/%2e%2e', 'a\\b', 'x'.repeat(2_049), '%zz', 'ä'],
      query: ['#', 'a b', '%', '=x', 'x'.repeat(4_097), 'ä'], contentType: ['x'.repeat(256), 'a\r\nb'], accept: ['x'.repeat(256), 'a\nb'], contentLength: [-1, (20 << 20) + 1],
    }],
  },
  CreateMeeting: { good: { ...owner, requestId: uuid, meeting: { topic: 'x' } }, bad: { ...ofOwner, requestId: badUuid }, inner: ['meeting', { ...meetingFields, topic: meetingFields.topic.slice(1) }] },
  UpdateMeeting: {
    good: { ...owner, requestId: uuid, meeting: { meetingId, topic: 'x' }, updateMask: { paths: ['topic'] } },
    bad: { ...ofOwner, requestId: badUuid, occurrenceId: badOccurrence, updateMask: [undefined, { paths: [] }, { paths: ['uuid'] }, { paths: ['settings.waiting_room'] }, { paths: ['no_such_field'] }] },
    inner: ['meeting', { meetingId: badMeetingId, topic: meetingFields.topic }],
  },
  GetMeeting: { good: owner, bad: { ...ofOwner, type: ['all', 'SCHEDULED', 'live '], ...badPage } },
  GetMeetingByMeetingId: { good: { ...owner, meetingId }, bad: { ...ofOwner, meetingId: badMeetingId, occurrenceId: badOccurrence } },
  DeleteMeeting: { good: { ...owner, requestId: uuid, meetingId }, bad: { ...ofOwner, requestId: badUuid, meetingId: badMeetingId, occurrenceId: badOccurrence } },
  AddMeetingRegistrant: {
    good: { ...owner, requestId: uuid, meetingId, registrant: { email: 'a@b.example', firstName: 'A' } },
    bad: { ...ofOwner, requestId: badUuid, meetingId: badMeetingId, occurrenceIds: [Array.from({ length: 61 }, (_, index) => String(index))] },
    inner: ['registrant', registrantFields],
  },
  GetMeetingRegistrants: { good: { ...owner, meetingId }, bad: { ...ofOwner, meetingId: badMeetingId, status: ['all', 'Approved'], occurrenceId: badOccurrence, ...badPage } },
  DeleteMeetingRegistrant: {
    good: { ...owner, requestId: uuid, meetingId, registrantId: 'fdgsfh2ey82fuh' },
    bad: { ...ofOwner, requestId: badUuid, meetingId: badMeetingId, registrantId: ['', 'x'.repeat(129), 'a/b', '..', 'a b'], occurrenceId: badOccurrence },
  },
};

let stack;
let driver;

before(async () => {
  stack = await startStack({ services: ['tokenVault', 'zoomApi'], durable: false });
  driver = new ZoomApiDriver(stack);
});
after(async () => {
  driver.close();
  await stack.stop();
});

/** As a service that speaks for itself: an assertion would name the user already. */
function call(name, request) {
  const method = methodsOf('zoom-api').find((item) => item.name === name);
  const client = driver.as('automation', stack.zoomApi[0]);
  if (!method.requestStream) return client[method.call](request, { deadlineMs: 10_000 });
  const stream = client[method.call](request, { deadlineMs: 10_000 });
  stream.end();
  return stream.first();
}

describe('zoom-api', () => {
  let position;
  before(async () => { position = await stack.simulator.position(); });

  test('has a table of bad input for every RPC', () => {
    assert.deepEqual(Object.keys(calls).sort(), methodsOf('zoom-api').map(({ name }) => name).sort());
  });

  for (const [name, { good, bad, inner: [member, fields] = [null, {}] }] of Object.entries(calls)) {
    const cases = [
      ...Object.entries(bad).map(([field, values]) => ({ field, values, request: (value) => ({ ...good, [field]: value }) })),
      ...Object.entries(fields).map(([field, values]) => ({ field, values, request: (value) => ({ ...good, [member]: { ...good[member], [field]: value } }) })),
    ];
    for (const { field, values, request } of cases) {
      test(`${name}: names ${field} for each of ${values.length} bad values`, async () => {
        for (const value of values) {
          const error = await failureOf(call(name, request(value)));
          const shown = JSON.stringify(value)?.slice(0, 40);
          assert.deepEqual([error.code, error.reason], ['INVALID_ARGUMENT', 'INVALID_FIELD'], `${shown}: ${error.message}`);
          assert.deepEqual(error.fields, [field], shown);
          if (String(value).length > 40) assert.ok(!error.message.includes(String(value)), 'the value is not repeated');
        }
      });
    }

    test(`${name}: a good request gets further`, async () => {
      const error = await failureOf(call(name, good));
      assert.deepEqual([error.code, error.reason], ['NOT_FOUND', 'NOT_CONNECTED'], error.message);
    });
  }

  test('has sent nothing to Zoom', async () => {
    assert.deepEqual(await stack.simulator.ledger({ type: 'request_seen' }, position), []);
  });
});
