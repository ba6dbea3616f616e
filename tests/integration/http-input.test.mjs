// SPDX-License-Identifier: Apache-2.0
// What the gateway refuses: for each route a problem document that names the field, nothing changed, nothing leaked.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { mintSession } from '../../deploy/local/sessions.mjs';
import { everyService, startStack } from '../support-js/stack.mjs';
import { eventually } from './lib/conditions.mjs';
import { dumpOf, hasFollowedVault } from './lib/databases.mjs';
import { assertProblem, GatewayDriver, Person, sessionCookie } from './lib/gateway.mjs';
import { long, texts, unknownId } from './lib/input/values.mjs';
import { webhookRoutes } from './lib/input/webhook-routes.mjs';

const rateLimits = { per_user_per_minute: 1_000_000, per_address_per_minute: 1_000_000, connect_per_user_per_minute: 1_000_000, zoom_per_user_per_minute: 1_000_000 };
const requestId = '0d9f5c1e-7a0b-4c3f-8b52-3f6f1f7a1c22';

let stack;
let driver;
let person;
let other;
let callId;
let noteId;
let otherCallId;
let otherNoteId;
let untouched;

async function state() {
  return { vault: await dumpOf(stack, 'token_vault'), links: await dumpOf(stack, 'account_link'), position: await stack.simulator.position() };
}

before(async () => {
  stack = await startStack({ services: everyService, durable: false, overrides: { gateway: { rate_limits: rateLimits } } });
  driver = new GatewayDriver(stack);
  ({ person } = await driver.connected());
  ({ person: other } = await driver.connected());
  const record = async (who) => {
    const call = await who.api('POST', '/calls', { requestId: randomUUID(), number: '+81312345678', companyId: `company of ${who.userId}` });
    const note = await who.api('POST', '/notes', { requestId: randomUUID(), text: `secret of ${who.userId}`, callId: call.json.call.callId });
    return [call.json.call.callId, note.json.noteId];
  };
  [callId, noteId] = await record(person);
  [otherCallId, otherNoteId] = await record(other);
  await eventually('account-link has followed the vault', () => hasFollowedVault(stack));
  untouched = await state();
});
after(async () => {
  driver.close();
  await stack.stop();
});

/** What no answer to a refused request may hold. */
function assertNothingLeaked(answer) {
  // The instance of a problem is the path that was asked for.
  const shown = `${JSON.stringify({ ...answer.json, instance: null })}${answer.json ? '' : answer.text}${JSON.stringify(answer.headers)}`;
  for (const pattern of [/secret of|company of/, /postgres|SELECT |INSERT |relation "|sql/i, /spiffe|grpc|account-link|token-vault|call-link/i,
    /127\.0\.0\.1|\.cc\b|\/work\/|\/build\//, /x{40}/, /eyJ[A-Za-z0-9_-]{20}/]) {
    assert.doesNotMatch(shown, pattern);
  }
  assert.ok(!shown.includes(other.userId), 'names another user');
}

const badMeetingIds = ['x', '1.5', '-1', '12345678901234567890', '%31%20'];

function badMeeting() {
  return {
    topic: texts(), type: texts('weekly', ''), startTime: texts(), durationMinutes: ['1', 0, 1441, 1.5, []], timezone: texts(), agenda: texts(), password: texts(),
    settings: ['x', 7, []], recurrence: ['x', 7, []], surprise: [1],
  };
}

/**
 * By route: a good request, bad values of each field of its body or query, and other refusals.
 * `bad`: field to values; a refused value answers 400 INVALID_FIELD with exactly that field. undefined leaves a field out.
 */
const routes = {
  'GET /v1/projects/{project}/session': { request: () => ['/session'] },
  'GET /v1/projects/{project}/link': { request: () => ['/link'] },
  'POST /v1/projects/{project}/link:connect': {
    request: () => ['/link:connect', { reconnect: true }],
    bad: { reconnect: ['yes', 1, [], {}], surprise: [1] },
  },
  'POST /v1/projects/{project}/link:disconnect': {
    request: () => ['/link:disconnect', { requestId }],
    bad: { requestId: texts(undefined, null, '', 'x', requestId.toUpperCase(), long(65)), surprise: [1] },
  },
  'POST /v1/projects/{project}/users/{user}/link:disconnect': {
    request: () => [`/users/${person.userId}/link:disconnect`, { requestId }],
    admin: true,
    bad: { requestId: texts(undefined, '', 'x'), surprise: [1] },
    refused: () => [
      [`/users/nobody/link:disconnect`, { requestId: randomUUID() }, { status: 404, reason: 'LINK_NOT_FOUND' }],
      [`/users/${long(256)}/link:disconnect`, { requestId: randomUUID() }, { status: 400, reason: 'INVALID_FIELD', fields: ['userId'] }],
    ],
  },
  'GET /v1/projects/{project}/settings': { request: () => ['/settings'], admin: true },
  'PATCH /v1/projects/{project}/settings': {
    request: () => ['/settings', { displayName: 'x', etag: 'stale' }],
    admin: true,
    bad: { displayName: texts('', long(256), 'a\0b'), settingsUrl: texts('', 'x', 'ftp://a.example', long(2049)), etag: texts(undefined, '', long(65)), surprise: [1] },
    refused: () => [
      ['/settings', { displayName: 'x', etag: 'stale' }, { status: 409, reason: 'ETAG_MISMATCH' }],
      ['/settings', { etag: '1' }, { status: 400, reason: 'INVALID_FIELD', fields: ['body'] }],
      ['/settings', { etag: '1', origins: [] }, { status: 400, reason: 'INVALID_FIELD', fields: ['origins'] }],
      ['/settings', { etag: '1', origins: ['https://a.example/', 'https://A.example'] }, { status: 400, reason: 'INVALID_FIELD', fields: ['origins[0]', 'origins[1]'] }],
      ['/settings', { etag: '1', tokenIssuers: [{ issuer: 'a', audience: 'b', jwksUrl: 'x', adminRole: 'admin', surprise: 1 }] }, { status: 400, reason: 'INVALID_FIELD', fields: ['tokenIssuers[0].surprise'] }],
      ['/settings', { etag: '1', tokenIssuers: [{ issuer: 'a', audience: 'b', jwksUrl: 'x', adminRole: 'admin' }] }, { status: 400, reason: 'INVALID_FIELD', fields: ['tokenIssuers[0].jwksUrl'] }],
      ['/settings', { etag: '1', tokenIssuers: [{ issuer: 'a', audience: 'b', jwks: '{}', adminRole: 'admin' }] }, { status: 400, reason: 'INVALID_FIELD', fields: ['tokenIssuers[0].jwks'] }],
      ['/settings', { etag: '1', tokenIssuers: [{ issuer: 'a', audience: 'b', jwksUrl: 'https://a.example/keys' }] }, { status: 400, reason: 'INVALID_FIELD', fields: ['tokenIssuers'] }],
    ],
  },
  'GET /v1/projects/{project}/zoomApp': { request: () => ['/zoomApp'], admin: true },
  'PATCH /v1/projects/{project}/zoomApp': {
    request: () => ['/zoomApp', { etag: 'stale' }],
    admin: true,
    bad: {
      etag: texts(undefined, '', long(129)), clientId: texts('a b', 'あ', long(256)), clientSecret: texts('a b', long(513)), webhookSecret: texts('a\nb', long(513)),
      requestScopes: ['x', 7, {}], expectedScopes: ['x', 7, {}, Array.from({ length: 101 }, (_, i) => `s${i}`)],
      removePreviousClientSecret: ['yes', 1], removePreviousWebhookSecret: ['yes', 1], validateOnly: ['yes', 1], surprise: [1],
    },
    refused: () => [
      ['/zoomApp', { etag: 'stale' }, { status: 409, reason: 'ETAG_MISMATCH' }],
      ['/zoomApp', { etag: 'stale', expectedScopes: ['good', 'a b', '', 'a"b'] }, { status: 400, reason: 'INVALID_FIELD', fields: ['expectedScopes[1]', 'expectedScopes[2]', 'expectedScopes[3]'] }],
      ['/zoomApp', { etag: 'stale', clientId: 'another' }, { status: 400, reason: 'INVALID_FIELD', fields: ['clientSecret'] }],
    ],
  },
  'POST /v1/projects/{project}/zoomApp:testCredentials': {
    request: () => ['/zoomApp:testCredentials', {}],
    admin: true,
    bad: { clientId: texts('a b', long(256)), clientSecret: texts('a b', long(513)), surprise: [1] },
    refused: () => [['/zoomApp:testCredentials', { clientId: 'another' }, { status: 400, reason: 'INVALID_FIELD', fields: ['clientSecret'] }]],
  },
  'POST /v1/projects/{project}/callLinks:build': {
    request: () => ['/callLinks:build', { numbers: ['+81312345678'], defaultRegion: 'JP' }],
    bad: { numbers: [undefined, null, 'x', 7, {}, [], Array.from({ length: 201 }, () => '1')], defaultRegion: texts(), surprise: [1] },
    refused: () => [
      ['/callLinks:build', { numbers: ['+81312345678', 7, null] }, { status: 400, reason: 'INVALID_FIELD', fields: ['numbers[1]', 'numbers[2]'] }],
    ],
  },
  'POST /v1/projects/{project}/calls': {
    request: () => ['/calls', { requestId: randomUUID(), number: '+81312345678' }],
    bad: {
      requestId: texts(undefined, '', 'x', long(65)), number: texts(undefined, null), defaultRegion: texts(),
      companyId: texts('', long(256)), personId: texts('', long(256), 'あ'.repeat(86)), surprise: [1],
    },
    refused: () => [
      ['', 'NUMBER_EMPTY'], [long(251), 'NUMBER_TOO_LONG'], ['call me', 'NUMBER_NOT_A_NUMBER'], ['1', 'NUMBER_TOO_SHORT', 'JP'], ['+8131234567890123456', 'NUMBER_TOO_MANY_DIGITS'],
      ['0312345678', 'NUMBER_REGION_REQUIRED'], ['+999 12345678', 'NUMBER_UNKNOWN_COUNTRY_CODE'], ['+47 123 4567', 'NUMBER_IMPOSSIBLE_LENGTH'],
      ['110', 'NUMBER_EMERGENCY', 'JP'], ['0312345678', 'NUMBER_REGION_INVALID', 'Japan'],
    ].map(([number, reason, defaultRegion]) => [
      '/calls', { requestId: randomUUID(), number, defaultRegion }, { status: 400, reason, fields: [reason === 'NUMBER_REGION_INVALID' ? 'defaultRegion' : 'number'] },
    ]),
  },
  'GET /v1/projects/{project}/calls': {
    request: () => ['/calls'],
    badQuery: { pageSize: ['0', '-1', '101', 'ten', '1.5', '99999999999999999999'], pageToken: ['x', long(300), '%FF'], companyId: [long(256)], personId: [long(256)], surprise: ['1'] },
  },
  'GET /v1/projects/{project}/calls/{call}': { request: () => [`/calls/${callId}`], ids: ['calls', 'callId', () => otherCallId, 'CALL_NOT_FOUND'] },
  'PATCH /v1/projects/{project}/calls/{call}': {
    request: () => [`/calls/${callId}`, { outcome: 'busy' }],
    bad: { outcome: texts('lost', '', undefined), durationSeconds: ['1', true, [], -1, 1.5, 604_801, 1e300], etag: texts(long(65)), surprise: [1] },
    ids: ['calls', 'callId', () => otherCallId, 'CALL_NOT_FOUND'],
    refused: () => [[`/calls/${callId}`, { outcome: 'busy', etag: 'stale' }, { status: 409, reason: 'ETAG_MISMATCH' }]],
  },
  'DELETE /v1/projects/{project}/calls/{call}': { request: () => [`/calls/${callId}`], ids: ['calls', 'callId', () => otherCallId, 'CALL_NOT_FOUND'] },
  'POST /v1/projects/{project}/notes': {
    request: () => ['/notes', { requestId: randomUUID(), text: 'x', companyId: 'acme' }],
    bad: {
      requestId: texts(undefined, '', 'x'), text: texts(undefined, '', 'あ'.repeat(10_001), 'a\0b'), companyId: texts('', long(256), undefined),
      personId: texts('', long(256)), callId: texts('', 'x', unknownId.toUpperCase()), surprise: [1],
    },
    refused: () => [
      ['/notes', { requestId: randomUUID(), text: 'x', callId: unknownId }, { status: 404, reason: 'CALL_NOT_FOUND' }],
      ['/notes', { requestId: randomUUID(), text: 'x', callId: otherCallId }, { status: 404, reason: 'CALL_NOT_FOUND' }],
    ],
  },
  'GET /v1/projects/{project}/notes': {
    request: () => ['/notes'],
    badQuery: { pageSize: ['0', '101', 'x'], pageToken: ['x'], companyId: [long(256)], personId: [long(256)], callId: ['x', long(256)], surprise: ['1'] },
  },
  'GET /v1/projects/{project}/notes/{note}': { request: () => [`/notes/${noteId}`], ids: ['notes', 'noteId', () => otherNoteId, 'NOTE_NOT_FOUND'] },
  'PATCH /v1/projects/{project}/notes/{note}': {
    request: () => [`/notes/${noteId}`, { text: 'x' }],
    bad: { text: texts(undefined, null, '', 'あ'.repeat(10_001)), etag: texts(long(65)), surprise: [1] },
    ids: ['notes', 'noteId', () => otherNoteId, 'NOTE_NOT_FOUND'],
    refused: () => [[`/notes/${noteId}`, { text: 'x', etag: 'stale' }, { status: 409, reason: 'ETAG_MISMATCH' }]],
  },
  'DELETE /v1/projects/{project}/notes/{note}': { request: () => [`/notes/${noteId}`], ids: ['notes', 'noteId', () => otherNoteId, 'NOTE_NOT_FOUND'] },
  'POST /v1/projects/{project}/meetings': {
    request: () => ['/meetings', { requestId: randomUUID(), topic: 'x' }],
    bad: { requestId: texts(undefined, '', 'x', requestId.toUpperCase()), ...badMeeting() },
  },
  'GET /v1/projects/{project}/meetings': {
    request: () => ['/meetings'],
    badQuery: { pageSize: ['0', '301', 'x'], surprise: ['1'] },
  },
  'GET /v1/projects/{project}/meetings/{meeting}': {
    request: () => ['/meetings/123'],
    badQuery: { surprise: ['1'] },
    refused: () => badMeetingIds.map((id) => [`/meetings/${id}`, undefined, { status: 400, reason: 'INVALID_FIELD', fields: ['meetingId'] }]),
  },
  'PATCH /v1/projects/{project}/meetings/{meeting}': {
    request: () => ['/meetings/123', { topic: 'x' }],
    bad: { requestId: texts('', 'x'), ...badMeeting() },
    refused: () => [
      ...badMeetingIds.map((id) => [`/meetings/${id}`, { topic: 'x' }, { status: 400, reason: 'INVALID_FIELD', fields: ['meetingId'] }]),
      ['/meetings/123', {}, { status: 400, reason: 'INVALID_FIELD', fields: ['topic'] }],
      ['/meetings/123?surprise=1', { topic: 'x' }, { status: 400, reason: 'INVALID_FIELD', fields: ['surprise'] }],
    ],
  },
  'DELETE /v1/projects/{project}/meetings/{meeting}': {
    request: () => ['/meetings/123'],
    badQuery: { notifyHosts: ['yes', '1'], notifyRegistrants: ['TRUE'], surprise: ['1'] },
    refused: () => badMeetingIds.map((id) => [`/meetings/${id}`, undefined, { status: 400, reason: 'INVALID_FIELD', fields: ['meetingId'] }]),
  },
  'POST /v1/projects/{project}/meetings/{meeting}/registrants': {
    request: () => ['/meetings/123/registrants', { requestId: randomUUID(), email: 'a@b.example', firstName: 'A' }],
    bad: {
      requestId: texts(undefined, '', 'x'), email: texts(undefined, null), firstName: texts(undefined), lastName: texts(), phone: texts(), org: texts(), jobTitle: texts(), comments: texts(),
      customQuestions: ['x', 7, {}, Array.from({ length: 101 }, () => ({ title: 'q', value: 'a' }))], occurrenceIds: ['x', 7, {}, Array.from({ length: 61 }, () => '1')], surprise: [1],
    },
    refused: () => [[['x'], ''], [[{ title: 'q' }], '.value'], [[{ title: 'q', value: 'a', more: 1 }], '.more']].map(([customQuestions, member]) => [
      '/meetings/123/registrants', { requestId: randomUUID(), email: 'a@b.example', firstName: 'A', customQuestions }, { status: 400, reason: 'INVALID_FIELD', fields: [`customQuestions[0]${member}`] },
    ]),
  },
  'GET /v1/projects/{project}/meetings/{meeting}/registrants': {
    request: () => ['/meetings/123/registrants'],
    badQuery: { pageSize: ['0', '301', 'x'], surprise: ['1'] },
  },
  'DELETE /v1/projects/{project}/meetings/{meeting}/registrants/{registrant}': {
    request: () => ['/meetings/123/registrants/abc'],
    badQuery: { surprise: ['1'] },
    refused: () => ['a%20b', 'a%2Fb', long(129), 'a!'].map((id) => [`/meetings/123/registrants/${id}`, undefined, { status: 400, reason: 'INVALID_FIELD', fields: ['registrantId'] }]),
  },
  'GET /v1/projects/{project}/zoom/{path}': {
    request: () => ['/zoom/users/me'],
    refused: () => ['/zoom/users//me', '/zoom/users/%00', '/zoom/users/%ff'].map((path) => [path, undefined, { status: 400, reason: 'TARGET_INVALID' }]),
  },
  'GET /v1/projects/{project}/apiKeys': { request: () => ['/apiKeys'], admin: true },
  'POST /v1/projects/{project}/apiKeys': {
    request: () => ['/apiKeys', { name: 'x', scopes: ['unknown'] }],
    admin: true,
    refused: () => [
      ['/apiKeys', { name: '', scopes: ['token.read'] }, { status: 400, reason: 'INVALID_FIELD', fields: ['name'] }],
      ['/apiKeys', { name: long(101), scopes: ['token.read', 'token.read'] }, { status: 400, reason: 'INVALID_FIELD', fields: ['name', 'scopes[0]', 'scopes[1]'] }],
      ['/apiKeys', { name: 'x', scopes: ['token.read', 'x'] }, { status: 400, reason: 'INVALID_FIELD', fields: ['scopes[1]'] }],
      ...[undefined, [], 'token.read', Array(6).fill('token.read')].map((scopes) => ['/apiKeys', { name: 'x', scopes }, { status: 400, reason: 'INVALID_FIELD', fields: ['scopes'] }]),
      ...[0, 3651, '1', 1.5].map((lifetimeDays) => ['/apiKeys', { name: 'x', scopes: ['token.read'], lifetimeDays }, { status: 400, reason: 'INVALID_FIELD', fields: ['lifetimeDays'] }]),
      ['/apiKeys', { name: 'x', scopes: ['token.read'], surprise: 1 }, { status: 400, reason: 'INVALID_FIELD', fields: ['surprise'] }],
    ],
  },
  'DELETE /v1/projects/{project}/apiKeys/{apiKey}': {
    request: () => [`/apiKeys/${unknownId}`],
    admin: true,
    refused: () => [
      [`/apiKeys/${unknownId}`, undefined, { status: 404, reason: 'API_KEY_NOT_FOUND' }],
      ['/apiKeys/x', undefined, { status: 400, reason: 'INVALID_FIELD', fields: ['apiKeyId'] }],
    ],
  },
  'POST /v1/projects/{project}/apiKeys/{apiKey}/text:rotate': {
    request: () => [`/apiKeys/${unknownId}/text:rotate`, {}],
    admin: true,
    bad: { overlapSeconds: [-1, 2_592_001, '1', 1.5, []], surprise: [1] },
    refused: () => [[`/apiKeys/${unknownId}/text:rotate`, {}, { status: 404, reason: 'API_KEY_NOT_FOUND' }]],
  },
  ...webhookRoutes,
  ...Object.fromEntries(['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [`${method} /v1/projects/{project}/zoom/{path}`, { request: () => ['/zoom/users/me/meetings', {}], passesBodies: true }])),
};

/** Routes that answer as clients of others want it, and are tested as those use them: paragon-sdk and nango-client.test.mjs. */
const surfaces = ['nango', 'paragon'];

/** Routes without a session: pages, files, and webhooks (webhooks.test.mjs). */
const publicRoutes = [
  'GET /', 'GET /app/{path}', 'GET /components/{path}', 'GET /pages/style.css', 'GET /pages/opener.js', 'GET /v1/openapi.json', 'GET /connect', 'POST /connect', 'GET /connect/session',
  'GET /oauth/callback', 'GET /dev/login', 'POST /dev/session', 'POST /dev/logout', 'POST /webhooks/zoom',
  'POST /webhooks/zoom/{project}',
];

const caller = (route) => (route.admin ? new Person(driver, 'the-admin', { roles: ['admin'] }) : person);

describe('the table of bad input', () => {
  test('has every route of the OpenAPI document', async () => {
    const { json } = await driver.http.fetch('/v1/openapi.json');
    const documented = Object.entries(json.paths).flatMap(([path, item]) =>
      ['get', 'post', 'patch', 'put', 'delete'].filter((method) => item[method] && !item[method].tags.some((tag) => surfaces.includes(tag))).map((method) => `${method.toUpperCase()} ${path}`));
    assert.deepEqual([...Object.keys(routes), ...publicRoutes].sort(), documented.sort());
  });
});

for (const [name, route] of Object.entries(routes)) {
  const [method] = name.split(' ');
  const send = (who, path, json, options) => who.api(method, path, json, options);
  const isUnsafe = method !== 'GET';

  describe(name, () => {
    test('needs a session that is good here', async () => {
      const [path, json] = route.request();
      const otherKey = join(stack.directory, 'other-issuer.key');
      writeFileSync(otherKey, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
      const forged = mintSession({ privateKeyFile: otherKey, issuer: `${stack.publicUrl}/dev`, userId: person.userId, roles: ['admin'] });
      const session = (claims) => stack.session({ userId: person.userId, roles: ['admin'], claims });
      const [header, payload] = session({}).split('.');
      const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
      const bad = {
        SESSION_EXPIRED: [stack.session({ userId: person.userId, lifetimeSeconds: -120 })],
        SESSION_INVALID: [forged, unsigned, `${header}.${payload}.`, 'x', session({ aud: 'elsewhere' }), session({ iss: 'https://elsewhere.example' }), session({ sub: '' }), session({ sub: long(256) }), session({ exp: undefined })],
      };
      const nobody = await driver.http.fetch(`/v1/projects/demo${path}`, { method, ...(json ? { json } : {}), origin: true });
      assertProblem(nobody, { status: 401, reason: 'SESSION_REQUIRED' });
      assertNothingLeaked(nobody);
      for (const [reason, tokens] of Object.entries(bad)) {
        for (const token of tokens) {
          for (const bearer of [true, false]) {
            const answer = await send(new Person(driver, person.userId, { token, bearer }), path, json);
            assertProblem(answer, { status: 401, reason }, token);
            assertNothingLeaked(answer);
          }
        }
      }
    });

    test('knows no other project', async () => {
      const [path, json] = route.request();
      for (const [project, expected] of [['elsewhere', { status: 404, reason: 'PROJECT_NOT_FOUND' }], ['Demo', { status: 400, reason: 'INVALID_FIELD', fields: ['projectId'] }], [long(64), { status: 400, reason: 'INVALID_FIELD', fields: ['projectId'] }]]) {
        assertProblem(await send(new Person(driver, person.userId, { project }), path, json), expected, project);
      }
    });

    if (isUnsafe) {
      test('under a cookie takes only requests of its own pages', async () => {
        const [path, json] = route.request();
        for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }, { origin: `${stack.publicUrl}.evil.example` }, { origin: stack.publicUrl.replace('https', 'http') }, { 'sec-fetch-site': 'cross-site' }]) {
          assertProblem(await send(caller(route), path, json, { origin: false, headers }), { status: 403, reason: 'ORIGIN_NOT_ALLOWED' }, JSON.stringify(headers));
        }
      });
    }

    if (isUnsafe && method !== 'DELETE' && !route.passesBodies) {
      test('takes a JSON object of a bounded size only', async () => {
        const [path] = route.request();
        const who = caller(route);
        const raw = (body, type = 'application/json') => send(who, path, undefined, { body, headers: { 'content-type': type } });
        for (const body of ['', '{', '[]', 'null', '"x"', '7', '{"a":1}x', '{"a":"\xff', `${'[{"a":'.repeat(20)}1${'}]'.repeat(20)}`]) {
          assertProblem(await raw(body), { status: 400, reason: 'MALFORMED_JSON' }, body.slice(0, 20));
        }
        for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonx']) {
          assertProblem(await raw('{}', type), { status: 415, reason: 'UNSUPPORTED_MEDIA_TYPE' }, type);
        }
        assertProblem(await raw(JSON.stringify({ surprise: long(200_000) })), { status: 413, reason: 'BODY_TOO_LARGE' });
      });
    }

    for (const [field, values] of Object.entries(route.bad ?? {})) {
      test(`names ${field} for each of ${values.length} bad values`, async () => {
        const who = caller(route);
        for (const value of values) {
          const [path, json] = route.request();
          const answer = await send(who, path, { ...json, [field]: value });
          assertProblem(answer, { status: 400, reason: 'INVALID_FIELD', fields: [field] }, `${field} = ${JSON.stringify(value)?.slice(0, 40)}`);
          assertNothingLeaked(answer);
        }
      });
    }

    for (const [field, values] of Object.entries(route.badQuery ?? {})) {
      test(`names ${field} for each of ${values.length} bad values`, async () => {
        for (const value of values) {
          const [path] = route.request();
          const answer = await send(person, `${path}?${new URLSearchParams({ [field]: value })}`);
          assertProblem(answer, { status: 400, reason: 'INVALID_FIELD', fields: [field] }, `${field} = ${value.slice(0, 40)}`);
          assertNothingLeaked(answer);
        }
      });
    }

    if (route.bad && Object.keys(route.bad).length > 1) {
      test('names every bad field at once', async () => {
        const [path, json] = route.request();
        const wrong = Object.fromEntries(Object.entries(route.bad).map(([field, [value]]) => [field, value ?? {}]));
        const answer = await send(caller(route), path, { ...json, ...wrong });
        assert.deepEqual(answer.json.errors.map(({ field }) => field).sort(), Object.keys(route.bad).sort());
      });
    }

    if (route.ids) {
      const [collection, field, othersId, reason] = route.ids;
      test('knows neither made-up ids nor those of another user', async () => {
        const [, json] = route.request();
        for (const id of ['x', unknownId.toUpperCase(), `${unknownId}0`, long(300), '%27%3B--', '%00']) {
          const answer = await send(person, `/${collection}/${id}`, json);
          assert.equal(answer.status, 400, answer.text);
          if (id !== '%00') assertProblem(answer, { status: 400, reason: 'INVALID_FIELD', fields: [field] }, id);
          assertNothingLeaked(answer);
        }
        for (const id of [unknownId, othersId()]) {
          const answer = await send(person, `/${collection}/${id}`, json);
          assertProblem(answer, { status: 404, reason }, id);
          assertNothingLeaked(answer);
        }
      });
    }

    if (route.refused) {
      test('refuses what does not fit, with the reason', async () => {
        for (const [path, json, expected] of route.refused()) {
          const answer = await send(caller(route), path, json);
          assertProblem(answer, expected, `${path} ${JSON.stringify(json)}`.slice(0, 60));
          assertNothingLeaked(answer);
        }
      });
    }

    if (route.admin) {
      test('needs the administrator\'s role', async () => {
        const [path, json] = route.request();
        assertProblem(await send(person, path, json), { status: 403, reason: 'ADMIN_REQUIRED' });
      });
    }
  });
}

describe('requests that go to Zoom as they are', () => {
  const forward = (method, path, options = {}) => person.api(method, `/zoom/${path}`, undefined, options);

  test('take an Idempotency-Key that is a UUID, and header fields of a bounded size', async () => {
    for (const key of ['x', requestId.toUpperCase(), `${requestId}0`]) {
      assertProblem(await forward('POST', 'users/me/meetings', { body: '{}', headers: { 'idempotency-key': key } }), { status: 400, reason: 'INVALID_FIELD', fields: ['Idempotency-Key'] }, key);
    }
    assertProblem(await forward('POST', 'users/me/meetings', { body: '{}', headers: { 'content-type': `text/${long(255)}` } }), { status: 400, reason: 'INVALID_FIELD', fields: ['Content-Type'] });
    assertProblem(await forward('GET', 'users/me', { headers: { accept: long(256) } }), { status: 400, reason: 'INVALID_FIELD', fields: ['Accept'] });
  });

  test('take no body with GET', async () => {
    assertProblem(await forward('GET', 'users/me', { body: 'x' }), { status: 413, reason: 'BODY_TOO_LARGE' });
  });
});

describe('pages without a session', () => {
  test('refuse tickets that are none', async () => {
    for (const query of ['', '?ticket=', '?ticket=unknown', `?ticket=${long(129)}`, '?ticket=a&ticket=b', '?ticket=%00']) {
      const answer = await person.fetch(`/connect${query}`);
      assert.equal(answer.status, 400, query);
      assertNothingLeaked(answer);
    }
    assertProblem(await driver.http.fetch('/connect', { form: { ticket: 'unknown' }, origin: true }), { status: 400, reason: 'TICKET_INVALID' });
    assertProblem(await driver.http.fetch('/connect', { json: { ticket: 'unknown' }, origin: true }), { status: 415, reason: 'UNSUPPORTED_MEDIA_TYPE' });
    assertProblem(await driver.http.fetch('/connect', { form: { ticket: 'unknown' } }), { status: 403, reason: 'ORIGIN_NOT_ALLOWED' });
    assertProblem(await driver.http.fetch('/connect?ticket=unknown&project=elsewhere'), { status: 404, reason: 'PROJECT_NOT_FOUND' });
  });

  test('refuse callbacks that fit no attempt', async () => {
    for (const query of ['?state=unknown&code=x', `?state=${long(129)}&code=x`, `?state=x&code=${long(2049)}`, '?state=x', '?state=x&state=y&code=z', '?state=%00&code=x', `?state=x&error=${long(129)}`]) {
      const answer = await driver.http.fetch(`/oauth/callback${query}`, { cookie: `${sessionCookie}=${person.token}` });
      assert.ok([303, 400].includes(answer.status), `${query}: ${answer.status}`);
      if (answer.status === 303) assert.match(answer.headers.location, /\?zoom_result=(wrong_browser|system_error)$/);
      assertNothingLeaked(answer);
    }
  });

  test('of the development sign-in know their demo users only', async () => {
    const signIn = (options) => driver.http.fetch('/dev/session', { origin: true, ...options });
    assertProblem(await signIn({ form: { userId: 'nobody' } }), { status: 400, reason: 'INVALID_FIELD', fields: ['userId'] });
    assertProblem(await signIn({ form: {} }), { status: 400, reason: 'INVALID_FIELD', fields: ['userId'] });
    assertProblem(await signIn({ json: { userId: 7 } }), { status: 400, reason: 'INVALID_FIELD', fields: ['userId'] });
    assertProblem(await signIn({ form: { userId: 'hanako.suzuki' }, origin: false }), { status: 403, reason: 'ORIGIN_NOT_ALLOWED' });
    assertProblem(await driver.http.fetch('/dev/logout', { form: {}, headers: { origin: 'https://evil.example' } }), { status: 403, reason: 'ORIGIN_NOT_ALLOWED' });
  });

  test('know no other path and no other method', async () => {
    for (const path of ['/v1', '/v1/projects', '/v1/projects/demo', '/v1/projects/demo/links', '/app/assets/none.mjs', '/components/none.mjs', '/metrics', '/healthz', '/favicon.ico', '/.env', '/app/assets/..%2f..%2f..%2fopenapi.json']) {
      const answer = await driver.http.fetch(path);
      assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
      assertNothingLeaked(answer);
    }
    assertProblem(await person.api('PUT', '/link', {}), { status: 405, reason: 'METHOD_NOT_ALLOWED' });
    assert.equal((await person.api('DELETE', '/link')).headers.allow, 'GET, HEAD');
  });
});

test('nothing of all this changed a row or asked Zoom anything, and the link works', async () => {
  const now = await state();
  assert.equal(now.vault, untouched.vault);
  assert.equal(now.links, untouched.links);
  assert.equal(now.position, untouched.position);
  assert.equal((await person.link()).state, 'active');
});
