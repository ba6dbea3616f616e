// SPDX-License-Identifier: Apache-2.0
// Zoom's webhooks from the edge to the trigger event: signed ones are stored once before Zoom is answered, read by any
// replica, told in the order in which they happened, and gone with the link. Two replicas of automation.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { signatureOf } from '../zoom-simulator/webhooks.mjs';
import { startStack } from '../support-js/stack.mjs';
import { mintAssertion } from '../support-js/assertions.mjs';
import { atOnce, eventually, failureOf } from './lib/conditions.mjs';
import { dumpOf } from './lib/databases.mjs';
import { canary, nextMoment, payloadsOf, secondsNow, WebhookDriver } from './lib/webhooks.mjs';

const holdMs = 800;
const nineTriggers = {
  'meeting.created': 'NEW_MEETING',
  'meeting.updated': 'MEETING_UPDATED',
  'meeting.ended': 'MEETING_ENDED',
  'meeting.registration_created': 'NEW_MEETING_REGISTRANT',
  'meeting.participant_joined': 'MEETING_PARTICIPANT_JOINED',
  'meeting.participant_left': 'MEETING_PARTICIPANT_LEFT',
  'recording.started': 'NEW_RECORDING',
  'recording.completed': 'COMPLETE_RECORDING',
  'recording.transcript_completed': 'RECORDING_TRANSCRIPT_COMPLETED',
};
const vectors = JSON.parse(readFileSync(new URL('../support/zoom-webhook-vectors.json', import.meta.url), 'utf8'));

let stack;
let driver;

before(async () => {
  stack = await startStack({
    services: ['tokenVault', 'callLink', 'accountLink', 'automation', 'gateway'],
    replicas: { automation: 2 },
    webhooks: true,
    durable: false,
    overrides: { automation: { webhooks: { hold_ms: holdMs, poll_interval_ms: 50, erasure_interval_ms: 50, first_retry_ms: 50 } } },
  });
  driver = new WebhookDriver(stack);
});
after(async () => {
  driver.close();
  await stack.stop();
});

const created = (zoomUser, topic = canary(), time) => driver.message('meeting.created', payloadsOf(zoomUser, topic)['meeting.created'], time);
const reasonOf = ({ json }) => json?.reason;

describe('the address of webhooks', () => {
  test('answers Zoom\'s check, as the simulator makes it', async () => {
    const position = await stack.simulator.position();
    await stack.simulator.sendWebhook({ payload: { plainToken: 'qgg8vlvZRS6UYooatFL8Aw' }, event_ts: 1_654_503_849_680, event: 'endpoint.url_validation' });
    const [sent] = await stack.simulator.waitLedger({ type: 'webhook_sent' }, { after: position });
    assert.deepEqual([sent.outcome, sent.status], ['delivered', 200]);
    assert.deepEqual(JSON.parse(sent.answer), { plainToken: 'qgg8vlvZRS6UYooatFL8Aw', encryptedToken: driver.encrypted('qgg8vlvZRS6UYooatFL8Aw') });
    assert.deepEqual(await driver.rows(), []);
  });

  test('answers no challenge that Zoom did not sign, and none whose text could be an event\'s', async () => {
    const challenge = (plainToken) => ({ event: 'endpoint.url_validation', payload: { plainToken }, event_ts: 1 });
    for (const options of [{ signature: null }, { secret: 'another' }, { signature: 'v0=' }]) {
      const answer = await driver.send(challenge('abc'), options);
      assert.equal(answer.status, 401, answer.text);
      assert.ok(!answer.text.includes(driver.encrypted('abc')));
    }
    for (const plainToken of [`v0:${secondsNow()}:{}`, 'a:b', '', 'x'.repeat(65), 'あ', 7, null]) {
      const answer = await driver.send(challenge(plainToken));
      assert.deepEqual([answer.status, reasonOf(answer)], [400, 'WEBHOOK_CHALLENGE_INVALID'], String(plainToken));
    }
  });

  test('takes in nothing that Zoom did not sign within five minutes, over exactly these bytes', async () => {
    const message = JSON.stringify(driver.message('meeting.created', { object: { id: 1, host_id: 'x' } }));
    const now = secondsNow();
    const good = signatureOf(driver.secret, now, message);
    const refused = {
      'no signature': [message, { signature: null }, 'WEBHOOK_SIGNATURE_REQUIRED'],
      'no time': [message, { timestamp: null, signature: good }, 'WEBHOOK_SIGNATURE_REQUIRED'],
      'another secret': [message, { secret: 'another' }, 'WEBHOOK_SIGNATURE_INVALID'],
      'upper case': [message, { timestamp: now, signature: good.toUpperCase() }, 'WEBHOOK_SIGNATURE_INVALID'],
      'another time': [message, { timestamp: String(Number(now) - 1), signature: good }, 'WEBHOOK_SIGNATURE_INVALID'],
      'one more byte': [`${message} `, { timestamp: now, signature: good }, 'WEBHOOK_SIGNATURE_INVALID'],
      'the same JSON in other bytes': [JSON.stringify(JSON.parse(message), null, 1), { timestamp: now, signature: good }, 'WEBHOOK_SIGNATURE_INVALID'],
      'a time long ago': [message, { timestamp: String(Number(now) - 301) }, 'WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW'],
      'a time to come': [message, { timestamp: String(Number(now) + 310) }, 'WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW'],
      'a time in words': [message, { timestamp: 'now' }, 'WEBHOOK_TIMESTAMP_INVALID'],
      'a published signature of another app': [Buffer.from(vectors.webhooks[0].bodyHex, 'hex'), { timestamp: vectors.webhooks[0].timestamp, signature: vectors.webhooks[0].signature }, 'WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW'],
    };
    for (const [what, [body, options, reason]] of Object.entries(refused)) {
      const answer = await driver.send(body, options);
      assert.deepEqual([answer.status, reasonOf(answer)], [401, reason], what);
    }
    assert.deepEqual(await driver.rows(), []);
  });

  test('knows the project by itself, by the client id, or as the only one', async () => {
    for (const [path, headers] of [['/webhooks/zoom', { clientid: 'shodan-pro-local' }], ['/webhooks/zoom', {}]]) {
      assert.equal((await driver.send(driver.message('meeting.started', {}), { path, headers })).status, 204);
    }
    const elsewhere = await driver.send('{}', { path: '/webhooks/zoom/elsewhere' });
    assert.deepEqual([elsewhere.status, reasonOf(elsewhere)], [404, 'PROJECT_NOT_FOUND']);
    const stranger = await driver.send('{}', { path: '/webhooks/zoom', headers: { clientid: 'stranger' } });
    assert.deepEqual([stranger.status, reasonOf(stranger)], [404, 'PROJECT_NOT_FOUND']);
    await driver.idle();
  });
});

describe('a webhook', () => {
  test('becomes one of the nine triggers, with both forms of the meeting\'s id', async () => {
    const { userId, zoomUser } = await driver.newPerson();
    const topic = `${canary()} 🚒 ’ é`;
    const payloads = payloadsOf(zoomUser, topic);
    assert.deepEqual(Object.keys(payloads).sort(), Object.keys(nineTriggers).sort());
    for (const [event, payload] of Object.entries(payloads)) await stack.simulator.sendWebhook(driver.message(event, payload));
    const told = await driver.told(userId, 9);
    assert.deepEqual(told.map(({ trigger }) => trigger), Object.keys(payloads).map((event) => `TRIGGER_${nineTriggers[event]}`));
    assert.deepEqual(told.map(({ sequence }) => Number(sequence)), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const by = Object.fromEntries(told.map((event) => [event.trigger, event]));
    for (const { meeting, late } of told) assert.deepEqual([meeting.meetingId, late], ['98884753832', false]);
    assert.equal(by.TRIGGER_NEW_MEETING.meeting.topic, topic);
    assert.equal(by.TRIGGER_NEW_MEETING.meeting.durationMinutes, 60);
    assert.deepEqual([by.TRIGGER_MEETING_UPDATED.meeting.topic, by.TRIGGER_MEETING_UPDATED.oldMeeting.topic], [topic, `old ${topic}`]);
    assert.equal(by.TRIGGER_NEW_MEETING_REGISTRANT.registrant.email, 'reg@zoom.example');
    assert.equal(by.TRIGGER_MEETING_PARTICIPANT_LEFT.participant.leaveReason, 'left.<br>');
    assert.deepEqual([by.TRIGGER_COMPLETE_RECORDING.recordingFiles[0].fileSize, by.TRIGGER_COMPLETE_RECORDING.shareUrl], ['7254107', 'https://zoom.example/rec/share/1']);
    assert.equal(by.TRIGGER_RECORDING_TRANSCRIPT_COMPLETED.recordingFiles[0].fileType, 'TRANSCRIPT');
    const dump = await dumpOf(stack, 'automation');
    for (const text of [topic.split(' ')[0], zoomUser.id, zoomUser.account_id, 'reg@zoom.example', '98884753832']) assert.ok(!dump.includes(text), text);
  });

  test('that comes often, also at once and over the other address, is told once', async () => {
    const { userId, zoomUser } = await driver.newPerson();
    const message = created(zoomUser);
    const { values } = await atOnce(8, (index) => driver.send(message, index % 2 ? { path: '/webhooks/zoom', headers: { clientid: 'shodan-pro-local' } } : {}));
    assert.deepEqual(values.map(({ status }) => status), Array(8).fill(204));
    await driver.told(userId, 1);
    assert.equal((await driver.send(message)).status, 204);
    await driver.idle();
    assert.equal((await driver.events(userId)).length, 1);
    const [{ duplicateCount }] = (await driver.webhooks()).filter((webhook) => webhook.userId === userId);
    assert.ok(duplicateCount >= 1);
  });

  test('that comes before earlier ones waits for them; what comes too late is told late', async () => {
    const { userId, zoomUser } = await driver.newPerson();
    const times = [nextMoment(), nextMoment(), nextMoment()];
    for (const index of [2, 0, 1]) await driver.send(created(zoomUser, `at ${index}`, times[index]));
    assert.deepEqual((await driver.told(userId, 3)).map(({ meeting }) => meeting.topic), ['at 0', 'at 1', 'at 2']);
    await driver.send(created(zoomUser, 'too late', times[0] - 500));
    const told = await driver.told(userId, 4);
    assert.deepEqual([told[3].meeting.topic, told[3].late, told[2].late], ['too late', true, false]);
  });

  test('about somebody who is not connected here keeps no body', async () => {
    const stranger = await driver.newZoomUser();
    const before = (await driver.rows()).length;
    await driver.send(created(stranger));
    await driver.send(driver.message('meeting.started', payloadsOf(stranger, 'x')['meeting.created']));
    await driver.idle();
    const rows = (await driver.rows()).slice(before);
    assert.deepEqual(rows.map(({ state, reason, body }) => [state, reason, body]), [['settled', 'NOT_CONNECTED', false], ['settled', 'NOT_A_TRIGGER', false]]);
  });

  test('that cannot be read is parked, shown without its content, and read again on request', async () => {
    const before = (await driver.rows()).length;
    assert.equal((await driver.send('this is not JSON, but signed')).status, 204);
    assert.equal((await driver.send(driver.message('meeting.created', { object: { topic: 'nothing else' } }))).status, 204);
    await driver.idle();
    const parked = (await driver.rows()).slice(before);
    assert.deepEqual(parked.map(({ state, reason }) => [state, reason]), [['parked', 'WEBHOOK_MALFORMED'], ['parked', 'WEBHOOK_MALFORMED']]);
    const shown = await driver.webhooks({ state: 'WEBHOOK_STATE_PARKED' });
    assert.deepEqual(shown.map(({ webhookId }) => webhookId), parked.map(({ webhook_id: id }) => id));
    assert.ok(!JSON.stringify(shown).includes('nothing else'));
    assert.equal((await driver.replay({ webhookIds: [parked[0].webhook_id] })).replayedCount, 1);
    await eventually('it is parked again', async () => (await driver.webhooks({ state: 'WEBHOOK_STATE_PARKED' })).find(({ webhookId }) => webhookId === parked[0].webhook_id)?.replayCount === 1);
  });

  test('that was told is told again on request, by time, under a new number', async () => {
    const { userId, zoomUser } = await driver.newPerson();
    await driver.send(created(zoomUser, 'again'));
    const [first] = await driver.told(userId, 1);
    const { seconds } = first.receiveTime;
    const range = { startTime: { seconds: Number(seconds) - 1 }, endTime: { seconds: Number(seconds) + 5 }, state: 'WEBHOOK_STATE_RELEASED' };
    assert.ok((await driver.replay(range)).replayedCount >= 1);
    const again = await eventually('it is told again', async () => {
      const events = await driver.events(userId);
      return events.length === 1 && Number(events[0].sequence) === 2 && events[0];
    });
    assert.deepEqual([again.eventId, again.replayCount, again.meeting.topic], [first.eventId, 1, 'again']);
  });
});

describe('secrets', () => {
  test('are replaced without losing an event: both are good, until the former is removed', async () => {
    const { userId, zoomUser } = await driver.newPerson();
    const client = driver.as('gateway');
    const asAdmin = async (method, request) => {
      const metadata = { 'x-shodan-assertion': mintAssertion(stack, { audience: 'token-vault', userId: 'noa', admin: true }) };
      return client[method]({ projectId: 'demo', userId: 'noa', ...request }, { metadata });
    };
    const { zoomApp } = await asAdmin('getZoomApp', {});
    const changed = await asAdmin('updateZoomApp', { etag: zoomApp.etag, webhookSecret: 'the-next-secret' });
    assert.equal((await driver.send(created(zoomUser, 'former'))).status, 204);
    assert.equal((await driver.send(created(zoomUser, 'next'), { secret: 'the-next-secret' })).status, 204);
    await driver.told(userId, 2);
    const back = await asAdmin('updateZoomApp', { etag: changed.zoomApp.etag, removePreviousWebhookSecret: true });
    assert.equal((await driver.send(created(zoomUser))).status, 401);
    const restored = await asAdmin('updateZoomApp', { etag: back.zoomApp.etag, webhookSecret: driver.secret });
    await asAdmin('updateZoomApp', { etag: restored.zoomApp.etag, removePreviousWebhookSecret: true });
    assert.equal((await driver.send(created(zoomUser))).status, 204);
    await driver.told(userId, 3);
  });
});

describe('the end of a link', () => {
  test('at Zoom ends it here, and takes its events along', async () => {
    const { userId, zoomUser } = await driver.newPerson();
    await driver.send(created(zoomUser));
    await driver.told(userId, 1);
    await stack.simulator.removeApp(zoomUser.id);
    await eventually('the link has ended', async () => ['LINK_STATE_NONE', 'LINK_STATE_DISCONNECTING'].includes((await driver.link(userId)).state));
    await eventually('its events are gone', async () => (await driver.rowsOf(userId)).length === 0);
    assert.deepEqual(await driver.events(userId), []);
  });

  test('by its user deletes what is told and what is held, and what comes later finds nobody', async () => {
    const { userId, zoomUser } = await driver.newPerson();
    const other = await driver.newPerson();
    for (const person of [zoomUser, other.zoomUser]) await driver.send(created(person));
    await driver.told(userId, 1);
    await driver.told(other.userId, 1);
    await driver.send(created(zoomUser));
    await driver.disconnect(userId);
    await eventually('its events are gone', async () => (await driver.rowsOf(userId)).length === 0);
    const before = (await driver.rows()).length;
    await driver.send(created(zoomUser));
    await driver.idle();
    const later = (await driver.rows()).slice(before).filter(({ event }) => event === 'meeting.created');
    assert.deepEqual(later.map(({ state, body }) => [state, body]), [['settled', false]]);
    assert.equal((await driver.events(other.userId)).length, 1);
    const [{ count }] = await stack.postgres.query('automation', 'SELECT count(*) FROM audit WHERE action = \'events.erased\'');
    assert.ok(Number(count) >= 2);
  });

  test('is no end of a reconnected one: events of before stay readable', async () => {
    const { userId, zoomUser } = await driver.newPerson();
    await driver.send(created(zoomUser, 'before'));
    await driver.told(userId, 1);
    await driver.connectThrough(userId, zoomUser, { purpose: 'RECONNECT' });
    await driver.send(created(zoomUser, 'after'));
    assert.deepEqual((await driver.told(userId, 2)).map(({ meeting }) => meeting.topic), ['before', 'after']);
  });
});

describe('kill -9', () => {
  test('before and after storing, while reading, telling and erasing loses nothing and tells nothing twice', async () => {
    const { userId, zoomUser } = await driver.newPerson();
    const points = ['automation.ingest.before_insert', 'automation.ingest.after_insert', 'automation.read.before', 'automation.read.after',
      'automation.read.finished', 'automation.release.inside_transaction'];
    const sent = [];
    for (const point of points) {
      const message = created(zoomUser, point);
      sent.push(point);
      await stack.automation[1].stop();
      await stack.automation[0].restart({ crashPoints: [point] });
      const isStored = async () => (await driver.send(message)).status === 204;
      let over = false;
      const crash = stack.automation[0].willCrash().then(() => { over = true; });
      await eventually(`${point} is reached`, async () => (await isStored()) || over, 30_000);
      await crash;
      await stack.automation[1].restart();
      await stack.automation[0].restart();
      // Zoom sends again what was not answered.
      await eventually('it is stored', isStored, 30_000);
      await stack.postgres.execute('automation', 'UPDATE webhooks SET next_attempt_at = now() WHERE state = \'received\'');
    }
    const told = await driver.told(userId, sent.length);
    await driver.idle();
    assert.deepEqual((await driver.events(userId)).map(({ meeting }) => meeting.topic).sort(), [...sent].sort());
    assert.equal(new Set(told.map(({ sequence }) => sequence)).size, sent.length);
  });

  test('of every replica: Zoom\'s own repetition brings what could not be stored', async () => {
    const { userId, zoomUser } = await driver.newPerson();
    await Promise.all(stack.automation.map((replica) => replica.kill()));
    const position = await stack.simulator.position();
    await stack.simulator.sendWebhook(created(zoomUser, 'while nobody was there'));
    const [failed] = await stack.simulator.waitLedger({ type: 'webhook_sent' }, { after: position });
    assert.deepEqual([failed.outcome, failed.will_retry], ['failed', true]);
    assert.ok(failed.status === null || failed.status >= 500, String(failed.status));
    await Promise.all(stack.automation.map((replica) => replica.restart()));
    // Zoom repeats three times only: the first repetition has to find the gateway connected again.
    const forged = () => driver.send('{}', { signature: `v0=${'0'.repeat(64)}` });
    await eventually('the gateway reaches automation again', async () => (await forged()).status === 401);
    await stack.simulator.retryWebhooksNow();
    await stack.simulator.waitLedger({ type: 'webhook_sent', outcome: 'delivered' }, { after: position });
    assert.equal((await driver.told(userId, 1))[0].meeting.topic, 'while nobody was there');
  });
});

describe('callers', () => {
  test('name every bad field and change nothing', async () => {
    const operator = driver.as('operator', stack.automation[0]);
    const id = '6f1b0c5e-8f7a-4f0e-9d53-0a4f7a3f0b11';
    const day = { startTime: { seconds: 1 }, endTime: { seconds: 2 } };
    const bad = [
      ['listWebhooks', { projectId: 'Demo' }, ['projectId']],
      ['listWebhooks', { projectId: 'demo', pageSize: 101, pageToken: 'x', state: 99 }, ['state', 'pageSize', 'pageToken']],
      ['listWebhooks', { projectId: 'demo', startTime: { seconds: -1 }, endTime: { seconds: '9223372036854775807' } }, ['startTime', 'endTime']],
      ['replayWebhooks', { projectId: '' }, ['projectId', 'webhookIds']],
      ['replayWebhooks', { projectId: 'demo' }, ['webhookIds']],
      ['replayWebhooks', { projectId: 'demo', webhookIds: [id], ...day }, ['webhookIds']],
      ['replayWebhooks', { projectId: 'demo', startTime: { seconds: 1 } }, ['webhookIds']],
      ['replayWebhooks', { projectId: 'demo', webhookIds: ['x'] }, ['webhookIds']],
      ['replayWebhooks', { projectId: 'demo', webhookIds: [id], state: 'WEBHOOK_STATE_HELD' }, ['state']],
    ];
    for (const [method, request, fields] of bad) {
      const error = await failureOf(operator[method](request));
      assert.deepEqual([error.code, error.reason, error.fields], ['INVALID_ARGUMENT', 'INVALID_FIELD', fields], JSON.stringify(request));
    }
    assert.equal((await driver.replay({ webhookIds: [id] })).replayedCount, 0);
  });
});
