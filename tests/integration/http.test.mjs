// SPDX-License-Identifier: Apache-2.0
// The whole way through HTTPS: connect, the callback, status, calls, notes, disconnect.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { startStack } from '../support-js/stack.mjs';
import { atOnce, eventually } from './lib/conditions.mjs';
import { age } from './lib/databases.mjs';
import { assertProblem, GatewayDriver, Person, resultOf, sessionCookie } from './lib/gateway.mjs';

const rateLimits = { per_user_per_minute: 1_000_000, per_address_per_minute: 1_000_000, connect_per_user_per_minute: 1_000_000 };
let stack;
let driver;
let simulator;

before(async () => {
  stack = await startStack({ durable: false, overrides: { gateway: { rate_limits: rateLimits } } });
  driver = new GatewayDriver(stack);
  ({ simulator } = stack);
});
after(async () => {
  driver.close();
  await stack.stop();
});
afterEach(() => simulator.clearFaults());

describe('a salesperson', () => {
  for (const bearer of [false, true]) {
    test(`connects, calls, keeps notes, disconnects and connects again, with a session as ${bearer ? 'Bearer' : 'cookie'}`, async () => {
      const person = driver.person({ bearer, displayName: 'Hanako Suzuki' });
      const zoomUser = await driver.newZoomUser();
      assert.equal((await person.link()).state, 'none');
      assert.equal(await (bearer ? connectByConfirmation(person, zoomUser) : person.connect(zoomUser, { pages: true })), 'connected');
      const link = await person.link();
      assert.deepEqual([link.state, link.generation, link.cause, link.zoomAccount, link.missingScopes],
        ['active', 1, null, { displayName: zoomUser.display_name, email: zoomUser.email }, []]);
      assert.deepEqual([link.lastAttempt.state, link.lastAttempt.result], ['succeeded', 'connected']);

      const made = await person.api('POST', '/calls', { requestId: randomUUID(), number: '03-1234-5678', defaultRegion: 'JP', companyId: 'acme' });
      assert.deepEqual([made.status, made.json.callUri, made.json.call.number], [201, 'zoomphonecall://+81312345678', '+81312345678']);
      const { callId } = made.json.call;
      const updated = await person.api('PATCH', `/calls/${callId}`, { outcome: 'connected', durationSeconds: 125 });
      assert.deepEqual([updated.json.outcome, updated.json.durationSeconds], ['connected', 125]);
      const text = 'Wants a quote by Friday. 見積もり 🙂\n<b>not bold</b>';
      const note = (await person.api('POST', '/notes', { requestId: randomUUID(), text, callId, companyId: 'acme' })).json;
      const notesBefore = (await person.api('GET', '/notes?companyId=acme')).text;
      assert.equal(JSON.parse(notesBefore).notes[0].text, text);

      const ended = await person.api('POST', '/link:disconnect', { requestId: randomUUID() });
      assert.deepEqual([ended.status, ended.json.link.state, ended.json.link.cause, ended.json.receipt.revokedAtZoom], [200, 'none', 'disconnected', 'yes']);
      const daysReadable = (Date.parse(ended.json.receipt.backupsUnreadableTime) - Date.parse(ended.json.receipt.endTime)) / 86_400_000;
      assert.ok(daysReadable > 13 && daysReadable <= 14, `${daysReadable} days`);
      const afterwards = await person.link();
      assert.deepEqual([afterwards.state, afterwards.zoomAccount, afterwards.linkId], ['none', null, link.linkId]);
      assert.equal((await person.api('GET', '/notes?companyId=acme')).text, notesBefore, 'the notes are the same byte for byte');
      assertProblem(await person.api('POST', '/calls', { requestId: randomUUID(), number: '+81312345678' }), { status: 409, reason: 'LINK_NOT_ACTIVE' });
      const edited = await person.api('PATCH', `/notes/${note.noteId}`, { text: 'Quote sent.' });
      assert.deepEqual([edited.status, edited.json.text], [200, 'Quote sent.'], 'notes stay editable');
      assert.equal((await person.api('DELETE', `/calls/${callId}`)).status, 204);
      assert.equal((await person.api('GET', `/notes/${note.noteId}`)).status, 200, 'a note outlives its call');

      assert.equal(await (bearer ? connectByConfirmation(person, zoomUser) : person.connect(zoomUser)), 'connected');
      const again = await person.link();
      assert.deepEqual([again.state, again.generation, again.linkId], ['active', 3, link.linkId]);
    });
  }

  /** With a Bearer session the browser that opens the ticket is nobody: the page names whom it is for. */
  async function connectByConfirmation(person, zoomUser) {
    const { json: { connectUrl } } = await person.api('POST', '/link:connect', {});
    const anonymous = { cookies: {}, headers: {} };
    const page = await driver.http.fetch(connectUrl);
    assert.equal(page.status, 200);
    assert.match(page.text, /Hanako Suzuki/);
    const ticket = new URL(connectUrl).searchParams.get('ticket');
    const confirmed = await driver.http.fetch('/connect', { form: { ticket }, origin: true, ...anonymous });
    assert.equal(confirmed.status, 303, confirmed.text);
    const callback = await simulator.authorizeDirectly(confirmed.headers.location, zoomUser.id);
    const cookie = Object.entries(confirmed.cookies).map((pair) => pair.join('=')).join('; ');
    return resultOf(await driver.http.fetch(callback, { cookie }));
  }
});

describe('the callback', () => {
  test('of 64 parallel requests with one state: exactly one exchange, and the same 303 for all', async () => {
    const person = driver.person();
    const zoomUser = await driver.newZoomUser();
    const way = await person.authorize(zoomUser);
    const { values, errors } = await atOnce(64, () => person.returnFromZoom(way));
    assert.deepEqual(errors, []);
    assert.deepEqual(new Set(values.map(({ status, headers }) => `${status} ${headers.location}`)),
      new Set([`303 ${stack.publicUrl}/app/settings/integrations?zoom_result=connected`]));
    const exchanges = await simulator.ledger({ type: 'code_exchange', user_id: zoomUser.id });
    assert.deepEqual(exchanges.map(({ outcome }) => outcome), ['issued']);
    assert.equal((await person.link()).generation, 1);
    assert.equal(resultOf(await person.returnFromZoom(way)), 'connected', 'and a late repetition gets it too');
  });

  test('after a decline tells cancelled and asks Zoom for nothing', async () => {
    const person = driver.person();
    const mark = await simulator.position();
    const way = await person.authorize(await driver.newZoomUser(), { allow: false });
    assert.equal(resultOf(await person.returnFromZoom(way)), 'cancelled');
    assert.equal(resultOf(await person.returnFromZoom(way)), 'cancelled');
    const { state, lastAttempt } = await person.link();
    assert.deepEqual([state, lastAttempt.state, lastAttempt.result], ['none', 'failed', 'cancelled']);
    assert.deepEqual(await simulator.ledger({ type: ['code_exchange', 'token_request_refused'] }, mark), []);
  });

  test('of an attempt that has run out tells expired', async () => {
    const person = driver.person();
    const way = await person.authorize(await driver.newZoomUser());
    await age(stack, person.userId, 'attempts', ['expires_at'], 600);
    assert.equal(resultOf(await person.returnFromZoom(way)), 'expired');
    assert.equal((await person.link()).lastAttempt.result, 'expired');
  });

  test('that Zoom refuses tells a system error', async () => {
    const person = driver.person();
    const way = await person.authorize(await driver.newZoomUser());
    await simulator.expire({ code: new URL(way.callback).searchParams.get('code') });
    assert.equal(resultOf(await person.returnFromZoom(way)), 'system_error');
  });

  test('in another browser is refused: nothing is exchanged, and the right browser goes on', async () => {
    const person = driver.person();
    const way = await person.authorize(await driver.newZoomUser());
    const other = await driver.person().begin();
    const mark = await simulator.position();
    const stranger = driver.person();
    assert.equal(resultOf(await stranger.fetch(way.callback)), 'wrong_browser');
    assert.equal(resultOf(await stranger.fetch(way.callback, { cookies: { ...stranger.cookies, ...other.cookies } })), 'wrong_browser');
    const nobody = await driver.http.fetch(way.callback);
    assert.equal(nobody.status, 400);
    const wrongValue = Object.fromEntries(Object.keys(way.cookies).map((name) => [name, Object.values(other.cookies)[0]]));
    assert.equal(resultOf(await person.returnFromZoom({ ...way, cookies: wrongValue })), 'wrong_browser');
    assert.deepEqual(await simulator.ledger({ type: 'code_exchange' }, mark), []);
    assert.equal(resultOf(await person.returnFromZoom(way)), 'connected');
  });

  test('without a state shows how to start and makes no token call', async () => {
    const mark = await simulator.position();
    const location = await simulator.install((await driver.newZoomUser()).id);
    const page = await driver.http.fetch(location);
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'], /^text\/html/);
    assert.match(page.text, /Start the connection in Shodan Pro/);
    assert.deepEqual(await simulator.ledger({ type: ['code_exchange', 'token_request_refused'] }, mark), []);
  });

  test('repeats nothing of what Zoom or anybody else wrote into its address', async () => {
    const canary = 'c4n4ry"><script>alert(1)</script>';
    for (const query of [{ error: canary }, { error: 'access_denied', error_description: canary }, { state: canary, error: canary }, { state: 'x', code: canary }, { code: canary }]) {
      for (const browser of [driver.person(), { fetch: (path) => driver.http.fetch(path) }]) {
        const answer = await browser.fetch(`/oauth/callback?${new URLSearchParams(query)}`);
        assert.doesNotMatch(`${answer.text}${JSON.stringify(answer.headers)}`, /c4n4ry/);
      }
    }
  });

  test('for a second Zoom account tells other_account_connected, and on a reconnect different_account', async () => {
    const { person } = await driver.connected();
    const other = await driver.newZoomUser();
    const second = await driver.newZoomUser();
    const fresh = driver.person();
    const [firstTab, secondTab] = [await fresh.authorize(other), await fresh.authorize(second)];
    assert.equal(resultOf(await fresh.returnFromZoom(firstTab)), 'connected');
    assert.equal(resultOf(await fresh.returnFromZoom(secondTab)), 'other_account_connected');
    assert.equal(resultOf(await fresh.returnFromZoom(secondTab)), 'other_account_connected', 'a repetition is told the same');
    const link = await fresh.link();
    assert.deepEqual([link.state, link.zoomAccount.email], ['active', other.email]);
    assert.equal(await person.connect(second, { reconnect: true }), 'different_account');
    assert.equal((await person.link()).state, 'active');
  });
});

describe('a connect', () => {
  test('is refused while connected, unless it is a reconnect; the link stays', async () => {
    const { person, zoomUser } = await driver.connected();
    assertProblem(await person.api('POST', '/link:connect', {}), { status: 409, reason: 'LINK_ALREADY_ACTIVE' });
    assertProblem(await person.api('POST', '/link:connect', { reconnect: false }), { status: 409, reason: 'LINK_ALREADY_ACTIVE' });
    assert.equal(await person.connect(zoomUser, { reconnect: true }), 'connected');
    assert.equal((await person.link()).generation, 2);
  });

  test('ticket opens once, for its own user, within its minute', async () => {
    const person = driver.person();
    const ask = async () => (await person.api('POST', '/link:connect', {})).json.connectUrl;
    const other = await driver.person().fetch(await ask());
    assertProblem(other, { status: 403, reason: 'TICKET_OTHER_USER', path: '/connect' });
    const url = await ask();
    const { values } = await atOnce(8, () => person.fetch(url));
    assert.deepEqual(values.map(({ status }) => status).sort(), [303, 400, 400, 400, 400, 400, 400, 400]);
    assertProblem(await person.fetch(url), { status: 400, reason: 'TICKET_INVALID', path: '/connect' });
    const old = await ask();
    await age(stack, person.userId, 'attempts', ['ticket_expires_at'], 60);
    assertProblem(await person.fetch(old), { status: 400, reason: 'TICKET_INVALID' });
  });

  test('takes over the Zoom account of another user, who is told so without a name', async () => {
    const { person: earlier, zoomUser } = await driver.connected();
    const person = driver.person();
    assert.equal(await person.connect(zoomUser), 'connected');
    const ended = await eventually('the earlier link shows it', async () => {
      const link = await earlier.link();
      return link.state === 'none' && link;
    });
    assert.deepEqual([ended.cause, ended.zoomAccount], ['taken_over', null]);
    assert.ok(!JSON.stringify(ended).includes(person.userId));
  });

  test('with fewer scopes than expected is active and shows the missing ones', async () => {
    const [{ client_id: clientId }] = await simulator.apps();
    await simulator.changeApp(clientId, { scopes: ['user:read'] });
    const { person } = await driver.connected();
    await simulator.changeApp(clientId, { scopes: ['user:read:user'] });
    const link = await person.link();
    assert.deepEqual([link.state, link.missingScopes], ['active', ['user:read:user']]);
  });
});

describe('a disconnect', () => {
  test('of 16 parallel requests with one id happens once and answers the same receipt', async () => {
    const { person, zoomUser } = await driver.connected();
    const requestId = randomUUID();
    const { values, errors } = await atOnce(16, () => person.api('POST', '/link:disconnect', { requestId }));
    assert.deepEqual(errors, []);
    assert.deepEqual(new Set(values.map(({ status }) => status === 200 || status === 202)), new Set([true]));
    const last = await person.api('POST', '/link:disconnect', { requestId });
    assert.deepEqual([last.status, last.json.link.state, last.json.receipt.generation], [200, 'none', 2]);
    assert.equal((await simulator.ledger({ type: 'revocation', user_id: zoomUser.id })).length, 1);
  });

  test('while Zoom is down answers 202 and is over within its deadline', async () => {
    const { person } = await driver.connected();
    await simulator.addFault({ endpoint: 'revoke', answer: { status: 503 }, times: null });
    const requestId = randomUUID();
    const begun = await person.api('POST', '/link:disconnect', { requestId });
    assert.deepEqual([begun.status, begun.json.link.state, begun.json.receipt.endTime, begun.json.receipt.backupsUnreadableTime], [202, 'disconnecting', null, null]);
    assertProblem(await person.api('POST', '/link:connect', {}), { status: 409, reason: 'LINK_DISCONNECTING' });
    assertProblem(await person.api('POST', '/calls', { requestId: randomUUID(), number: '+81312345678' }), { status: 409, reason: 'LINK_NOT_ACTIVE' });
    await age(stack, person.userId, 'revocations', ['created_at', 'deadline_at', 'lease_until'], 60);
    const link = await eventually('the link ends', async () => {
      const found = await person.link();
      return found.state === 'none' && found;
    });
    assert.equal(link.cause, 'disconnected');
    const done = await person.api('POST', '/link:disconnect', { requestId });
    assert.deepEqual([done.status, done.json.receipt.revokedAtZoom, typeof done.json.receipt.backupsUnreadableTime], [200, 'unconfirmed', 'string']);
  });

  test('of another user needs the administrator\'s role', async () => {
    const { person } = await driver.connected();
    const path = `/users/${person.userId}/link:disconnect`;
    for (const who of [driver.person(), person]) {
      assertProblem(await who.api('POST', path, { requestId: randomUUID() }), { status: 403, reason: 'ADMIN_REQUIRED' });
    }
    assert.equal((await person.link()).state, 'active');
    const admin = driver.person({ roles: ['admin'] });
    const ended = await admin.api('POST', path, { requestId: randomUUID() });
    assert.deepEqual([ended.status, ended.json.link.userId, ended.json.link.cause], [200, person.userId, 'disconnected_by_admin']);
  });
});

describe('calls and notes', () => {
  test('are made once per request id, and a request id with other content is refused', async () => {
    const { person } = await driver.connected();
    for (const [path, body, other] of [
      ['/calls', { number: '+81312345678', companyId: 'acme' }, { number: '+81312345679', companyId: 'acme' }],
      ['/notes', { text: 'One', companyId: 'acme' }, { text: 'Two', companyId: 'acme' }],
    ]) {
      const requestId = randomUUID();
      const { values } = await atOnce(8, () => person.api('POST', path, { requestId, ...body }));
      assert.deepEqual(new Set(values.map(({ status, text }) => `${status} ${text}`)).size, 1, values.map(({ text }) => text).join('\n'));
      assert.equal(values[0].status, 201);
      assertProblem(await person.api('POST', path, { requestId, ...other }), { status: 409, reason: 'REQUEST_ID_REUSED' });
      const list = (await person.api('GET', path)).json;
      assert.equal((list.calls ?? list.notes).length, 1);
    }
  });

  test('are listed newest first, in pages, by company, person and call', async () => {
    const person = driver.person();
    const made = [];
    for (let index = 0; index < 5; index += 1) {
      const body = { requestId: randomUUID(), text: `Note ${index}`, companyId: index < 3 ? 'acme' : 'globex', personId: index === 4 ? 'mia' : null };
      made.push((await person.api('POST', '/notes', body)).json.noteId);
    }
    const all = [];
    for (let pageToken = ''; ;) {
      const { json } = await person.api('GET', `/notes?pageSize=2&pageToken=${encodeURIComponent(pageToken)}`);
      assert.ok(json.notes.length <= 2);
      all.push(...json.notes.map(({ noteId }) => noteId));
      if (!json.nextPageToken) break;
      pageToken = json.nextPageToken;
    }
    assert.deepEqual(all, [...made].reverse());
    assert.deepEqual((await person.api('GET', '/notes?companyId=acme')).json.notes.length, 3);
    assert.deepEqual((await person.api('GET', '/notes?personId=mia')).json.notes.map(({ noteId }) => noteId), [made[4]]);
  });

  test('are guarded by etags: of 8 parallel changes to one version one succeeds', async () => {
    const person = driver.person();
    const note = (await person.api('POST', '/notes', { requestId: randomUUID(), text: 'First', companyId: 'acme' })).json;
    const { values } = await atOnce(8, (index) => person.api('PATCH', `/notes/${note.noteId}`, { text: `Change ${index}`, etag: note.etag }));
    assert.deepEqual(values.map(({ status }) => status).sort(), [200, 409, 409, 409, 409, 409, 409, 409]);
    assertProblem(values.find(({ status }) => status === 409), { status: 409, reason: 'ETAG_MISMATCH' });
  });

  test('belong to one user: another one neither sees, changes nor deletes them', async () => {
    const { person } = await driver.connected();
    const call = (await person.api('POST', '/calls', { requestId: randomUUID(), number: '+81312345678' })).json.call;
    const note = (await person.api('POST', '/notes', { requestId: randomUUID(), text: 'Mine', callId: call.callId })).json;
    const others = [driver.person(), driver.person({ roles: ['admin'] })];
    for (const other of others) {
      for (const [path, reason, change] of [[`/calls/${call.callId}`, 'CALL_NOT_FOUND', { outcome: 'busy' }], [`/notes/${note.noteId}`, 'NOTE_NOT_FOUND', { text: 'Theirs' }]]) {
        assertProblem(await other.api('GET', path), { status: 404, reason });
        assertProblem(await other.api('PATCH', path, change), { status: 404, reason });
        assert.ok([204, 404].includes((await other.api('DELETE', path)).status));
      }
      assertProblem(await other.api('POST', '/notes', { requestId: randomUUID(), text: 'On your call', callId: call.callId }), { status: 404, reason: 'CALL_NOT_FOUND' });
      assert.deepEqual((await other.api('GET', `/notes?callId=${call.callId}`)).json.notes, []);
    }
    assert.equal((await person.api('GET', `/calls/${call.callId}`)).json.outcome, 'unspecified');
    assert.equal((await person.api('GET', `/notes/${note.noteId}`)).json.text, 'Mine');
  });

  test('numbers are resolved in their order, refused ones with their reason', async () => {
    const numbers = ['03-1234-5678', '110', '', '+999 12345678', '0312345678 ext. 204', '+1 555 555 0142', '1'];
    const { status, json } = await driver.person().api('POST', '/callLinks:build', { defaultRegion: 'JP', numbers });
    assert.equal(status, 200);
    assert.deepEqual(json.callLinks.map(({ input }) => input), numbers);
    assert.deepEqual(json.callLinks.map((link) => link.error?.reason ?? link.notice?.reason ?? link.callUri), [
      'zoomphonecall://+81312345678', 'NUMBER_EMERGENCY', 'NUMBER_EMPTY', 'NUMBER_UNKNOWN_COUNTRY_CODE', 'EXTENSION_NOT_DIALLED',
      'NUMBER_OUTSIDE_KNOWN_RANGES', 'NUMBER_TOO_SHORT',
    ]);
  });
});

describe('the development sign-in', () => {
  test('sets the session cookie and returns to a path of the app only', async () => {
    const page = await driver.http.fetch('/dev/login');
    assert.equal(page.status, 200);
    assert.match(page.text, /Hanako Suzuki/);
    for (const [wanted, location] of [['/app/companies/7', '/app/companies/7'], ['https://evil.example/', '/app/'], ['//evil.example/app/', '/app/'], ['/app/\\evil', '/app/'], ['/v1/', '/app/']]) {
      const signedIn = await driver.http.fetch('/dev/session', { form: { userId: 'hanako.suzuki', return_to: wanted }, origin: true });
      assert.deepEqual([signedIn.status, signedIn.headers.location], [303, location]);
      assert.match(signedIn.headers['set-cookie'][0], new RegExp(`^${sessionCookie}=[^;]+; Path=/; Secure; HttpOnly; SameSite=Lax`));
      const who = new Person(driver, 'hanako.suzuki', { token: signedIn.cookies[sessionCookie] });
      assert.equal((await who.api('GET', '/session')).json.displayName, 'Hanako Suzuki');
    }
  });
});
