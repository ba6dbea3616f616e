// SPDX-License-Identifier: Apache-2.0
// The fake gateway of the screens keeps its licence by passing what the real gateway passes: the same requests get
// the same status codes, reasons, fields and shapes.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { startFakeGateway } from '../frontend/fake-gateway.mjs';
import { gatewayClient } from '../support-js/https.mjs';
import { startStack } from '../support-js/stack.mjs';

const sessionCookie = '__Host-shodan-session';
const cookieText = (cookies) => Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ');

/** The fake: its demo users, and a page in place of Zoom's. */
async function startFake() {
  const gateway = await startFakeGateway();
  const client = gatewayClient({ publicUrl: gateway.url });
  return {
    client,
    sales: gateway.signIn('demo-sales'), admin: gateway.signIn('demo-admin'), salesId: 'demo-sales',
    expired: `${sessionCookie}=ended`,
    async decideAtZoom(authorizationUrl, account, allow) {
      gateway.switches.zoomAccount = { displayName: account, email: `${account}@zoom.example` };
      const page = await client.fetch(authorizationUrl);
      const href = new RegExp(`id="${allow ? 'allow' : 'decline'}" href="([^"]+)"`).exec(page.text)[1];
      return new URL(href.replaceAll('&amp;', '&'), gateway.url).href;
    },
    reconnectRequired: () => gateway.store.setLink('demo', 'demo-sales', { state: 'reconnect_required', cause: 'revoked' }),
    async stop() {
      client.close();
      await gateway.close();
    },
  };
}

/** The real one, with the Zoom simulator. */
async function startReal() {
  const stack = await startStack({ durable: false });
  const client = gatewayClient(stack);
  const accounts = new Map();
  const session = (who) => `${sessionCookie}=${stack.session(who)}`;
  return {
    client,
    sales: session({ userId: 'demo-sales' }), admin: session({ userId: 'demo-admin', roles: ['admin'] }), salesId: 'demo-sales',
    expired: session({ userId: 'demo-sales', lifetimeSeconds: -120 }),
    async decideAtZoom(authorizationUrl, account, allow) {
      if (!accounts.has(account)) accounts.set(account, await stack.simulator.addUser({ first_name: account, last_name: 'X', email: `${account}@zoom.example`, display_name: account }));
      return stack.simulator.authorizeDirectly(authorizationUrl, accounts.get(account).id, { allow });
    },
    async stop() {
      client.close();
      await stack.stop();
    },
  };
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const text = (value) => typeof value === 'string' && value !== '';
const matches = (pattern) => (value) => typeof value === 'string' && pattern.test(value);
const truth = (value) => typeof value === 'boolean';
const whole = (value) => Number.isInteger(value) && value >= 0;
const oneOf = (...values) => (value) => values.includes(value);
const nullOr = (check) => (value) => value === null || check(value);
const listOf = (check) => (value) => Array.isArray(value) && value.every(check);
/** An object with exactly these members. */
const object = (members) => (value) => value !== null && typeof value === 'object'
  && JSON.stringify(Object.keys(value).sort()) === JSON.stringify(Object.keys(members).sort())
  && Object.entries(members).every(([name, check]) => check(value[name]));

const attemptResult = oneOf('connected', 'cancelled', 'other_account_connected', 'different_account', 'expired', 'system_error');
const shapes = {
  session: object({ projectId: text, userId: text, displayName: text, roles: listOf(text), admin: truth, expireTime: matches(time) }),
  link: object({
    projectId: text, userId: text, linkId: nullOr(matches(uuid)), state: oneOf('none', 'active', 'reconnect_required', 'disconnecting'),
    cause: nullOr(oneOf('lost_response', 'revoked', 'account_inactive', 'reauthorized_elsewhere', 'expired', 'taken_over', 'disconnected', 'disconnected_by_admin', 'app_replaced')),
    generation: whole, connectTime: nullOr(matches(time)), updateTime: nullOr(matches(time)),
    zoomAccount: nullOr(object({ displayName: text, email: text })), missingScopes: listOf(text),
    lastAttempt: nullOr(object({ attemptId: matches(uuid), state: oneOf('pending', 'succeeded', 'failed'), result: nullOr(attemptResult), createTime: matches(time), endTime: nullOr(matches(time)) })),
  }),
  connect: object({ attemptId: matches(uuid), connectUrl: matches(/\/connect\?ticket=[\w-]+$/), expireTime: matches(time) }),
  receipt: object({
    linkId: matches(uuid), generation: whole, startTime: matches(time), endTime: nullOr(matches(time)), revokedAtZoom: oneOf('yes', 'unconfirmed'),
    backupsUnreadableTime: nullOr(matches(time)),
  }),
  call: object({
    callId: matches(uuid), number: matches(/^\+[1-9]\d+$/), inputNumber: text, region: nullOr(matches(/^[A-Z]{2}$/)), companyId: nullOr(text), personId: nullOr(text),
    outcome: oneOf('unspecified', 'connected', 'missed', 'busy', 'voicemail', 'failed'), startTime: matches(time), durationSeconds: nullOr(whole),
    createTime: matches(time), updateTime: matches(time), etag: text,
  }),
  note: object({
    noteId: matches(uuid), text, companyId: nullOr(text), personId: nullOr(text), callId: nullOr(matches(uuid)), createTime: matches(time), updateTime: matches(time), etag: text,
  }),
  callLink: object({
    input: (value) => typeof value === 'string', ok: oneOf(true, false), callUri: nullOr(matches(/^zoomphonecall:\/\/\+\d+$/)), telUri: nullOr(matches(/^tel:\+\d+/)),
    e164: nullOr(text), national: nullOr(text), international: nullOr(text), region: nullOr(text),
    notice: nullOr(object({ reason: text, detail: text })), error: nullOr(object({ reason: text, detail: text })),
  }),
};
shapes.made = object({ call: shapes.call, callUri: text, telUri: text, notice: nullOr(object({ reason: text, detail: text })) });
shapes.disconnected = object({ link: shapes.link, receipt: shapes.receipt });
const pageOf = (name, check) => object({ [name]: listOf(check), nextPageToken: (value) => typeof value === 'string' });

for (const [title, start] of [['the fake gateway', startFake], ['the real gateway', startReal]]) {
  describe(title, () => {
    let world;
    before(async () => { world = await start(); });
    after(() => world.stop());

    const send = (method, path, json, { cookie = world.sales, origin = method !== 'GET', ...options } = {}) =>
      world.client.fetch(path.startsWith('/v1') ? path : `/v1/projects/demo${path}`, { method, cookie, origin, ...(json === undefined ? {} : { json }), ...options });

    async function expectBody(answer, status, check) {
      assert.equal(answer.status, status, answer.text);
      assert.ok(check(answer.json), `not of the promised shape: ${answer.text}`);
      return answer.json;
    }

    function expectProblem(answer, status, reason, fields = []) {
      assert.deepEqual([answer.status, answer.json?.reason], [status, reason], answer.text);
      assert.equal(answer.headers['content-type'], 'application/problem+json');
      assert.deepEqual(Object.keys(answer.json).sort(), ['detail', 'errors', 'instance', 'reason', 'requestId', 'status', 'title', 'type']);
      assert.deepEqual(answer.json.errors.map(({ field }) => field), fields);
      assert.ok(answer.json.errors.every(object({ field: text, reason: text, detail: text })));
    }

    /** @returns {Promise<string>} the zoom_result */
    async function throughZoom(account, { reconnect = false, allow = true, cookie } = {}) {
      const { connectUrl } = await expectBody(await send('POST', '/link:connect', { reconnect }), 200, shapes.connect);
      const opened = await world.client.fetch(connectUrl, { cookie: world.sales });
      assert.equal(opened.status, 303, opened.text);
      const callback = await world.decideAtZoom(opened.headers.location, account, allow);
      const returned = await world.client.fetch(callback, { cookie: `${world.sales}; ${cookie ?? cookieText(opened.cookies)}` });
      assert.equal(returned.status, 303, returned.text);
      const { pathname, searchParams } = new URL(returned.headers.location, 'https://here.example');
      assert.equal(pathname, '/app/settings/integrations');
      return searchParams.get('zoom_result');
    }

    const connected = async () => {
      if ((await send('GET', '/link')).json.state !== 'active') assert.equal(await throughZoom('first'), 'connected');
    };

    test('asks for a good session, a known project and the page\'s origin', async () => {
      expectProblem(await send('GET', '/link', undefined, { cookie: null }), 401, 'SESSION_REQUIRED');
      assert.equal((await send('GET', '/link', undefined, { cookie: world.expired })).status, 401);
      expectProblem(await send('GET', '/v1/projects/elsewhere/link'), 404, 'PROJECT_NOT_FOUND');
      expectProblem(await send('POST', '/link:connect', {}, { origin: false, headers: { origin: 'https://evil.example' } }), 403, 'ORIGIN_NOT_ALLOWED');
      await expectBody(await send('GET', '/session'), 200, shapes.session);
    });

    test('refuses what is no JSON object, and methods and paths that are not offered', async () => {
      for (const body of ['{', '[]', '"x"', 'null']) {
        expectProblem(await send('POST', '/notes', undefined, { body, headers: { 'content-type': 'application/json' } }), 400, 'MALFORMED_JSON');
      }
      expectProblem(await send('POST', '/notes', undefined, { body: '{}', headers: { 'content-type': 'text/plain' } }), 415, 'UNSUPPORTED_MEDIA_TYPE');
      expectProblem(await send('PATCH', '/link', {}), 405, 'METHOD_NOT_ALLOWED');
      expectProblem(await send('GET', '/nowhere'), 404, 'NOT_FOUND');
    });

    test('begins with a link that was never connected', async () => {
      const link = await expectBody(await send('GET', '/link'), 200, shapes.link);
      assert.deepEqual([link.state, link.linkId, link.generation, link.updateTime, link.lastAttempt], ['none', null, 0, null, null]);
      expectProblem(await send('POST', '/calls', { requestId: randomUUID(), number: '+81312345678' }), 409, 'LINK_NOT_ACTIVE');
      expectProblem(await send('POST', '/link:disconnect', { requestId: randomUUID() }), 404, 'LINK_NOT_FOUND');
    });

    test('connects through Zoom, tells a decline, and refuses a second connect', async () => {
      assert.equal(await throughZoom('first', { allow: false }), 'cancelled');
      const declined = await expectBody(await send('GET', '/link'), 200, shapes.link);
      assert.deepEqual([declined.state, declined.lastAttempt.state, declined.lastAttempt.result], ['none', 'failed', 'cancelled']);
      assert.equal(await throughZoom('first'), 'connected');
      const link = await expectBody(await send('GET', '/link'), 200, shapes.link);
      assert.deepEqual([link.state, link.cause, link.generation, link.zoomAccount], ['active', null, 1, { displayName: 'first', email: 'first@zoom.example' }]);
      assert.deepEqual([link.lastAttempt.state, link.lastAttempt.result], ['succeeded', 'connected']);
      expectProblem(await send('POST', '/link:connect', { reconnect: false }), 409, 'LINK_ALREADY_ACTIVE');
    });

    test('reconnects with the same account only, in the same browser only', async () => {
      await connected();
      assert.equal(await throughZoom('second', { reconnect: true }), 'different_account');
      assert.equal(await throughZoom('first', { reconnect: true, cookie: 'x=y' }), 'wrong_browser');
      assert.equal(await throughZoom('first', { reconnect: true }), 'connected');
    });

    test('opens a ticket once and for its own user', async () => {
      await connected();
      const { connectUrl } = (await send('POST', '/link:connect', { reconnect: true })).json;
      expectProblem(await world.client.fetch(connectUrl, { cookie: world.admin }), 403, 'TICKET_OTHER_USER');
      assert.equal((await world.client.fetch(connectUrl, { cookie: world.sales })).status, 303);
      expectProblem(await world.client.fetch(connectUrl, { cookie: world.sales }), 400, 'TICKET_INVALID');
    });

    test('shows a callback without state how to start', async () => {
      const page = await world.client.fetch('/oauth/callback?code=x', { cookie: world.sales });
      assert.equal(page.status, 200);
      assert.match(page.headers['content-type'], /^text\/html/);
    });

    test('records a call once per request id', async () => {
      await connected();
      const body = { requestId: randomUUID(), number: '03-1234-5678', defaultRegion: 'JP', companyId: 'c1', personId: 'p1' };
      const made = await expectBody(await send('POST', '/calls', body), 201, shapes.made);
      assert.deepEqual([made.callUri, made.telUri, made.call.number, made.call.inputNumber, made.call.region, made.call.outcome, made.call.durationSeconds, made.notice],
        ['zoomphonecall://+81312345678', 'tel:+81312345678', '+81312345678', '03-1234-5678', 'JP', 'unspecified', null, null]);
      assert.deepEqual((await send('POST', '/calls', body)).json, made);
      expectProblem(await send('POST', '/calls', { ...body, number: '03-1234-5679' }), 409, 'REQUEST_ID_REUSED');
      const page = await expectBody(await send('GET', '/calls?personId=p1'), 200, pageOf('calls', shapes.call));
      assert.deepEqual([page.calls.length, page.nextPageToken], [1, '']);
      const { callId, etag } = made.call;
      assert.deepEqual((await expectBody(await send('GET', `/calls/${callId}`), 200, shapes.call)).callId, callId);
      const changed = await expectBody(await send('PATCH', `/calls/${callId}`, { outcome: 'connected', durationSeconds: 60, etag }), 200, shapes.call);
      assert.deepEqual([changed.outcome, changed.durationSeconds], ['connected', 60]);
      expectProblem(await send('PATCH', `/calls/${callId}`, { outcome: 'busy', etag }), 409, 'ETAG_MISMATCH');
      expectProblem(await send('GET', `/calls/${callId}`, undefined, { cookie: world.admin }), 404, 'CALL_NOT_FOUND');
      assert.equal((await send('DELETE', `/calls/${callId}`)).status, 204);
      expectProblem(await send('GET', `/calls/${callId}`), 404, 'CALL_NOT_FOUND');
      expectProblem(await send('DELETE', `/calls/${callId}`), 404, 'CALL_NOT_FOUND');
    });

    test('names the bad field of calls and notes', async () => {
      await connected();
      const requestId = () => randomUUID();
      const good = { call: { number: '+81312345678' }, note: { text: 'x', companyId: 'c1' } };
      for (const [path, body, field] of [
        ['/calls', { ...good.call }, 'requestId'], ['/calls', { requestId: 'x', ...good.call }, 'requestId'], ['/calls', { requestId: requestId(), ...good.call, companyId: '' }, 'companyId'],
        ['/calls', { requestId: requestId(), ...good.call, personId: 'x'.repeat(256) }, 'personId'], ['/calls', { requestId: requestId() }, 'number'],
        ['/notes', { ...good.note }, 'requestId'], ['/notes', { requestId: requestId(), ...good.note, text: '' }, 'text'], ['/notes', { requestId: requestId(), companyId: 'c1' }, 'text'],
        ['/notes', { requestId: requestId(), ...good.note, text: 'x'.repeat(10_001) }, 'text'], ['/notes', { requestId: requestId(), text: 'about nothing' }, 'companyId'],
        ['/callLinks:build', {}, 'numbers'], ['/callLinks:build', { numbers: [] }, 'numbers'], ['/callLinks:build', { numbers: Array.from({ length: 201 }, () => '1') }, 'numbers'],
        ['/link:disconnect', {}, 'requestId'],
      ]) {
        expectProblem(await send('POST', path, body), 400, 'INVALID_FIELD', [field]);
      }
      expectProblem(await send('GET', '/notes?pageSize=0'), 400, 'INVALID_FIELD', ['pageSize']);
      expectProblem(await send('GET', '/notes?pageSize=101'), 400, 'INVALID_FIELD', ['pageSize']);
      expectProblem(await send('GET', '/notes?pageToken=x'), 400, 'INVALID_FIELD', ['pageToken']);
    });

    test('refuses numbers that must not be dialled, each with its reason', async () => {
      await connected();
      for (const [number, defaultRegion, reason] of [
        ['110', 'JP', 'NUMBER_EMERGENCY'], ['', 'JP', 'NUMBER_EMPTY'], ['1'.repeat(251), 'JP', 'NUMBER_TOO_LONG'], ['call me', 'JP', 'NUMBER_NOT_A_NUMBER'],
        ['1', 'JP', 'NUMBER_TOO_SHORT'], ['03-1234-5678', undefined, 'NUMBER_REGION_REQUIRED'], ['+999 12345678', 'JP', 'NUMBER_UNKNOWN_COUNTRY_CODE'],
        ['+8131234567890123456', 'JP', 'NUMBER_TOO_MANY_DIGITS'],
      ]) {
        expectProblem(await send('POST', '/calls', { requestId: randomUUID(), number, defaultRegion }), 400, reason, ['number']);
      }
    });

    test('resolves numbers in the order they were given', async () => {
      const numbers = ['03-1234-5678 ext. 204', '110', '', '+999 12345678', '+1 555 555 0142', '０３−１２３４−５６７８'];
      const { callLinks } = await expectBody(await send('POST', '/callLinks:build', { defaultRegion: 'JP', numbers }), 200, object({ callLinks: listOf(shapes.callLink) }));
      assert.deepEqual(callLinks.map((link) => link.notice?.reason ?? link.error?.reason ?? link.e164), [
        'EXTENSION_NOT_DIALLED', 'NUMBER_EMERGENCY', 'NUMBER_EMPTY', 'NUMBER_UNKNOWN_COUNTRY_CODE', 'NUMBER_OUTSIDE_KNOWN_RANGES', '+81312345678',
      ]);
      assert.deepEqual(callLinks.map(({ input }) => input), numbers);
      assert.deepEqual([callLinks[5].national, callLinks[5].international, callLinks[5].region], ['03-1234-5678', '+81 3-1234-5678', 'JP']);
    });

    test('pages notes newest first and guards changes with etags', async () => {
      for (const word of ['one', 'two', 'three']) {
        await expectBody(await send('POST', '/notes', { requestId: randomUUID(), text: word, companyId: 'c9' }), 201, shapes.note);
      }
      const first = await expectBody(await send('GET', '/notes?companyId=c9&pageSize=2'), 200, pageOf('notes', shapes.note));
      assert.deepEqual(first.notes.map(({ text: word }) => word), ['three', 'two']);
      const second = await expectBody(await send('GET', `/notes?companyId=c9&pageSize=2&pageToken=${encodeURIComponent(first.nextPageToken)}`), 200, pageOf('notes', shapes.note));
      assert.deepEqual([second.notes.map(({ text: word }) => word), second.nextPageToken], [['one'], '']);
      const [note] = second.notes;
      const changed = await expectBody(await send('PATCH', `/notes/${note.noteId}`, { text: 'uno', etag: note.etag }), 200, shapes.note);
      assert.deepEqual([changed.text, changed.noteId, changed.companyId], ['uno', note.noteId, 'c9']);
      assert.notEqual(changed.etag, note.etag);
      expectProblem(await send('PATCH', `/notes/${note.noteId}`, { text: 'eins', etag: note.etag }), 409, 'ETAG_MISMATCH');
      expectProblem(await send('PATCH', `/notes/${note.noteId}`, { text: '' }), 400, 'INVALID_FIELD', ['text']);
      expectProblem(await send('GET', `/notes/${note.noteId}`, undefined, { cookie: world.admin }), 404, 'NOTE_NOT_FOUND');
      assert.equal((await send('DELETE', `/notes/${note.noteId}`)).status, 204);
      expectProblem(await send('GET', `/notes/${note.noteId}`), 404, 'NOTE_NOT_FOUND');
    });

    test('disconnects once per request id, with a receipt', async () => {
      await connected();
      const requestId = randomUUID();
      const first = await expectBody(await send('POST', '/link:disconnect', { requestId }), 200, shapes.disconnected);
      assert.deepEqual([first.link.state, first.link.cause, first.link.zoomAccount, first.receipt.revokedAtZoom], ['none', 'disconnected', null, 'yes']);
      const again = await expectBody(await send('POST', '/link:disconnect', { requestId }), 200, shapes.disconnected);
      assert.deepEqual([again.receipt, again.link.generation], [first.receipt, first.link.generation]);
      const link = await expectBody(await send('GET', '/link'), 200, shapes.link);
      assert.deepEqual([link.state, link.cause, link.connectTime, link.zoomAccount], ['none', 'disconnected', null, null]);
    });

    test('lets an administrator disconnect somebody else, and nobody without the role', async () => {
      await connected();
      const path = `/users/${world.salesId}/link:disconnect`;
      expectProblem(await send('POST', path, { requestId: randomUUID() }), 403, 'ADMIN_REQUIRED');
      const ended = await expectBody(await send('POST', path, { requestId: randomUUID() }, { cookie: world.admin }), 200, shapes.disconnected);
      assert.deepEqual([ended.link.userId, ended.link.cause], [world.salesId, 'disconnected_by_admin']);
    });
  });
}
