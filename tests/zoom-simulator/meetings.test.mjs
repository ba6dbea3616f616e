// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { demoApp, send, startSimulator } from './client.mjs';
import { connect, newUser, refused } from './fixture.mjs';

const SCOPES = [
  'meeting:write:meeting', 'meeting:read:meeting', 'meeting:read:list_meetings', 'meeting:update:meeting',
  'meeting:delete:meeting', 'meeting:write:registrant', 'meeting:read:list_registrants', 'meeting:read:registrant',
  'meeting:delete:registrant', 'meeting:update:registrant_status',
  'meeting:update:status', 'user:read:user',
];
const DEMO = demoApp().client_id;
const OPEN = { settings: { approval_type: 0 } };

let sim;
before(async () => {
  sim = await startSimulator({ apps: [demoApp({ scopes: SCOPES })] });
});
after(() => sim.stop());
beforeEach(() => sim.reset());

/** A connected user with the API in its hands. */
async function person(overrides) {
  const user = await newUser(sim, overrides);
  const { access_token: access } = await connect(sim, user);
  const call = (method, path, body) =>
    send(`${sim.url}/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${access}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: typeof body === 'object' ? JSON.stringify(body) : body,
    });
  const create = async (fields = {}) => {
    const answer = await call('POST', '/users/me/meetings', fields);
    assert.equal(answer.status, 201, answer.text);
    return answer.json();
  };
  return { user, access, call, create };
}

describe('a meeting', () => {
  test('is created, read, listed, changed and deleted', async () => {
    const { call, create, user } = await person();
    const made = await create({ topic: '会議 🙂', duration: 45, start_time: '2030-01-02T03:04:05Z', timezone: 'Asia/Tokyo' });
    assert.ok(made.id > 2 ** 32 && Number.isSafeInteger(made.id));
    assert.deepEqual(
      [made.topic, made.type, made.host_id, made.host_email, made.status, made.registration_url],
      ['会議 🙂', 2, user.id, user.email, 'waiting', undefined],
    );
    assert.match(made.start_url, /zak=/);
    const read = await call('GET', `/meetings/${made.id}`);
    assert.deepEqual([read.status, read.json().uuid, read.json().duration], [200, made.uuid, 45]);
    const changed = await call('PATCH', `/meetings/${made.id}`, { topic: 'New', settings: { waiting_room: true } });
    assert.deepEqual([changed.status, changed.text], [204, '']);
    assert.equal((await call('GET', `/meetings/${made.id}`)).json().settings.waiting_room, true);
    const { meetings, total_records: total, next_page_token: next } = (await call('GET', '/users/me/meetings')).json();
    assert.deepEqual([meetings.map(({ topic }) => topic), total, next], [['New'], 1, '']);
    assert.equal(meetings[0].start_url, undefined);
    assert.equal((await call('DELETE', `/meetings/${made.id}`)).status, 204);
    const gone = { code: 3001, message: `Meeting does not exist: ${made.id}.` };
    for (const method of ['GET', 'PATCH', 'DELETE']) refused(await call(method, `/meetings/${made.id}`), 404, gone);
    const kinds = (await sim.ledger({ user_id: user.id })).map(({ type }) => type).filter((type) => type.startsWith('meeting_'));
    assert.deepEqual(kinds, ['meeting_created', 'meeting_updated', 'meeting_deleted']);
  });

  test('has a UUID that begins with a slash or holds two for every other one, reachable only encoded twice', async () => {
    const { call, create } = await person();
    const made = [];
    for (let count = 0; count < 8; count += 1) made.push(await create());
    const twice = (uuid) => encodeURIComponent(encodeURIComponent(uuid));
    let awkward = 0;
    for (const { id, uuid } of made) {
      assert.match(uuid, /^[A-Za-z0-9+/]{22}==$/);
      assert.equal((await call('GET', `/meetings/${twice(uuid)}`)).json().id, id);
      const needsTwo = uuid.startsWith('/') || uuid.includes('//');
      awkward += Number(needsTwo);
      assert.equal((await call('GET', `/meetings/${encodeURIComponent(uuid)}`)).status, needsTwo ? 404 : 200, uuid);
    }
    assert.ok(awkward >= 4);
  });

  test('with wrong fields is refused, each named', async () => {
    const { call } = await person();
    const wrong = await call('POST', '/users/me/meetings', { topic: 'x'.repeat(201), duration: '60', type: 7 });
    const errors = ['topic', 'type', 'duration'].map((field) => ({ field, message: 'Invalid field.' }));
    refused(wrong, 400, { code: 300, message: 'Validation Failed.', errors });
    const none = { code: 300, message: 'Request Body should be a valid JSON object.' };
    for (const body of ['[', '[]', 'null']) refused(await call('POST', '/users/me/meetings', body), 400, none);
  });

  test('that recurs has dates, one of which can be changed or deleted', async () => {
    const { call, create } = await person();
    const recurrence = { type: 2, repeat_interval: 1, end_times: 3 };
    const { id, occurrences } = await create({ type: 8, start_time: '2030-01-01T10:00:00Z', recurrence });
    const times = occurrences.map(({ start_time: time }) => time);
    assert.deepEqual(times, ['2030-01-01T10:00:00Z', '2030-01-08T10:00:00Z', '2030-01-15T10:00:00Z']);
    const second = occurrences[1].occurrence_id;
    assert.equal((await call('PATCH', `/meetings/${id}?occurrence_id=${second}`, { duration: 15 })).status, 204);
    assert.equal((await call('GET', `/meetings/${id}?occurrence_id=${second}`)).json().duration, 15);
    assert.equal((await call('DELETE', `/meetings/${id}?occurrence_id=${second}`)).status, 204);
    const { occurrences: now } = (await call('GET', `/meetings/${id}`)).json();
    assert.deepEqual(now.map(({ status }) => status), ['available', 'deleted', 'available']);
    assert.equal((await call('GET', `/meetings/${id}?occurrence_id=1`)).status, 404);
  });

  test('of somebody else does not exist', async () => {
    const [owner, other] = [await person(), await person()];
    const { id } = await owner.create();
    assert.equal((await other.call('GET', `/meetings/${id}`)).json().code, 3001);
    const answer = await other.call('POST', `/users/${owner.user.id}/meetings`, {});
    assert.deepEqual([answer.status, answer.json().code], [400, 4711]);
    assert.equal((await other.call('GET', '/users/nobody/meetings')).json().code, 1001);
  });
});

describe('lists', () => {
  test('come in pages; a token belongs to its list and expires', async () => {
    const { call, create } = await person();
    for (let count = 0; count < 5; count += 1) await create({ topic: `No. ${count}` });
    const first = (await call('GET', '/users/me/meetings?page_size=2')).json();
    assert.deepEqual([first.page_count, first.page_size, first.total_records], [3, 2, 5]);
    const next = (query) => call('GET', `/users/me/meetings?${query}next_page_token=${first.next_page_token}`);
    const second = (await next('page_size=2&')).json();
    const third = (await call('GET', `/users/me/meetings?page_size=2&next_page_token=${second.next_page_token}`)).json();
    const topics = [first, second, third].flatMap(({ meetings }) => meetings.map(({ topic }) => topic));
    assert.deepEqual(topics, ['No. 0', 'No. 1', 'No. 2', 'No. 3', 'No. 4']);
    assert.equal(third.next_page_token, '');
    refused(await next(''), 400, { code: 300, message: 'The next page token is invalid or expired.' });
    await sim.setSwitches({ page_token_lifetime_s: 0 });
    const short = (await call('GET', '/users/me/meetings?page_size=2')).json();
    assert.equal((await call('GET', `/users/me/meetings?page_size=2&next_page_token=${short.next_page_token}`)).status, 400);
    for (const size of ['0', '301', 'x']) assert.equal((await call('GET', `/users/me/meetings?page_size=${size}`)).status, 400);
  });

  test('are of a kind', async () => {
    const { call, create } = await person();
    const past = await create({ topic: 'past', start_time: '2020-01-01T00:00:00Z' });
    await create({ topic: 'future', start_time: '2099-01-01T00:00:00Z' });
    await create({ topic: 'instant', type: 1 });
    await sim.setMeetingStatus(past.id, 'started');
    const topics = async (type) =>
      (await call('GET', `/users/me/meetings?type=${type}`)).json().meetings.map(({ topic }) => topic);
    assert.deepEqual(await topics('scheduled'), ['past', 'future']);
    assert.deepEqual(await topics('upcoming'), ['future']);
    assert.deepEqual(await topics('upcoming_meetings'), ['future']);
    assert.deepEqual(await topics('previous_meetings'), ['past']);
    assert.deepEqual(await topics('live'), ['past']);
    assert.equal((await call('GET', '/users/me/meetings?type=all')).status, 400);
    assert.equal((await call('PUT', `/meetings/${past.id}/status`, { action: 'end' })).status, 204);
    assert.deepEqual(await topics('live'), []);
  });
});

describe('registrants', () => {
  test('are added, listed, decided on and deleted', async () => {
    const { call, create } = await person();
    const { id, registration_url: url } = await create(OPEN);
    assert.match(url, /register/);
    const path = `/meetings/${id}/registrants`;
    const added = await call('POST', path, { email: 'a@example.org', first_name: 'Ada', org: 'X' });
    assert.deepEqual([added.status, added.json().id], [201, id]);
    const { registrant_id: registrant } = added.json();
    const [listed] = (await call('GET', path)).json().registrants;
    assert.deepEqual([listed.id, listed.email, listed.org, listed.status], [registrant, 'a@example.org', 'X', 'approved']);
    assert.equal((await call('GET', `${path}/${registrant}`)).json().email, 'a@example.org');
    assert.equal((await call('PUT', `${path}/status`, { action: 'deny', registrants: [{ id: registrant }] })).status, 204);
    assert.equal((await call('GET', `${path}?status=denied`)).json().registrants.length, 1);
    assert.equal((await call('DELETE', `${path}/${registrant}`)).status, 204);
    assert.deepEqual([(await call('DELETE', `${path}/${registrant}`)).status, (await call('GET', path)).json().total_records], [400, 0]);
  });

  test('wait for the host where the host approves', async () => {
    const { call, create } = await person();
    const { id } = await create({ settings: { approval_type: 1 } });
    await call('POST', `/meetings/${id}/registrants`, { email: 'a@example.org', first_name: 'Ada' });
    assert.equal((await call('GET', `/meetings/${id}/registrants?status=pending`)).json().total_records, 1);
  });

  test('need registration, a licence, an e-mail address and a name', async () => {
    const { call, create } = await person();
    const { id } = await create();
    const path = `/meetings/${id}/registrants`;
    const one = { email: 'a@example.org', first_name: 'Ada' };
    refused(await call('POST', path, one), 400, { code: 300, message: `This meeting has not registration required: ${id}` });
    await call('PATCH', `/meetings/${id}`, OPEN);
    assert.deepEqual((await call('POST', path, { email: 'x' })).json().errors.map(({ field }) => field), ['email', 'first_name']);
    const basic = await person({ type: 1 });
    const { id: basicId } = await basic.create(OPEN);
    const answer = await basic.call('POST', `/meetings/${basicId}/registrants`, one);
    refused(answer, 400, { code: 200, message: 'Only available for Paid users.' });
  });
});

describe('scopes', () => {
  for (const [name, scopes] of [
    ['granular', SCOPES],
    ['granular admin', SCOPES.map((scope) => `${scope}:admin`)],
    ['classic', ['meeting:read', 'meeting:write']],
    ['classic admin', ['meeting:read:admin', 'meeting:write:admin']],
  ]) {
    test(`of the ${name} family admit`, async () => {
      await sim.changeApp(DEMO, { scopes });
      const { call, create } = await person();
      const { id } = await create(OPEN);
      const statuses = [];
      for (const [method, path, body] of [
        ['GET', '/users/me/meetings'], ['GET', `/meetings/${id}`], ['PATCH', `/meetings/${id}`, {}],
        ['POST', `/meetings/${id}/registrants`, { email: 'a@b.example', first_name: 'A' }],
        ['GET', `/meetings/${id}/registrants`], ['DELETE', `/meetings/${id}`],
      ]) statuses.push((await call(method, path, body)).status);
      assert.deepEqual(statuses, [200, 200, 204, 201, 200, 204]);
    });
  }

  test('that are missing are named, and nothing happens', async () => {
    await sim.changeApp(DEMO, { scopes: ['user:read:user', 'meeting:read:meeting'] });
    const { call, user } = await person();
    const message = 'Invalid access token, does not contain scopes:[meeting:write:meeting, meeting:write:meeting:admin].';
    refused(await call('POST', '/users/me/meetings', {}), 400, { code: 4711, message });
    assert.deepEqual(await sim.meetings({ user_id: user.id }), []);
  });
});

describe('limits', () => {
  test('of 100 creations and changes a day hold for a user', async () => {
    await sim.setSwitches({ meeting_changes_per_day: 3 });
    const [one, other] = [await person(), await person()];
    const { id } = await one.create();
    for (let count = 0; count < 2; count += 1) await one.call('PATCH', `/meetings/${id}`, { topic: 'x' });
    const answer = await one.call('POST', '/users/me/meetings', {});
    assert.equal(answer.status, 429);
    assert.match(answer.json().message, /^You have exceeded the daily rate limit \(3\) of Meeting Create\/Update/);
    assert.deepEqual([answer.headers['retry-after'], answer.headers['x-ratelimit-type']], [undefined, undefined]);
    assert.equal((await one.call('GET', `/meetings/${id}`)).status, 200);
    await other.create();
  });

  for (const window of ['fixed', 'sliding']) {
    test(`per account, category and second, in a ${window} window`, async () => {
      await sim.setSwitches({ rate_plan: 'pro', light_per_second: 5, rate_window: window });
      const account = `A${window}AAAAAAAAAAAAAAAA`;
      const [one, other] = [await person({ account_id: account }), await person({ account_id: account })];
      const { id } = await one.create();
      const statuses = [];
      for (let count = 0; count < 20; count += 1) {
        const answer = await (count % 2 ? one : other).call('GET', `/meetings/${id}`);
        statuses.push(answer.status);
        const category = answer.headers['x-ratelimit-category'];
        assert.deepEqual([category, answer.headers['x-ratelimit-limit']], ['Light', '5']);
      }
      assert.ok(statuses.slice(0, 5).every((status) => status !== 429), statuses.join());
      assert.ok(statuses.includes(429), statuses.join());
      assert.equal((await one.call('GET', '/users/me/meetings')).headers['x-ratelimit-category'], 'Medium');
      const [entry] = await sim.ledger({ type: 'rate_limited' });
      assert.deepEqual([entry.category, entry.limit, entry.account_id], ['Light', 'per_second', account]);
    });
  }

  test('of a plan hold for a day too', async () => {
    await sim.setSwitches({ rate_plan: 'free', medium_per_second: 10_000 });
    const { call } = await person({ account_id: 'AdayAAAAAAAAAAAAAAAAAA' });
    const answers = [];
    for (let count = 0; count < 2001; count += 1) answers.push(await call('GET', '/users/me/meetings'));
    const refusals = answers.filter(({ status }) => status === 429);
    assert.ok(refusals.length <= 1);
    // Midnight may pass meanwhile.
    if (refusals.length === 1) assert.equal(refusals[0].headers['x-ratelimit-type'], 'Daily-limit');
  });
});

test('a reset removes the meetings', async () => {
  const { create, user } = await person();
  await create();
  assert.equal((await sim.meetings({ user_id: user.id })).length, 1);
  await sim.reset();
  assert.deepEqual(await sim.meetings(), []);
});
