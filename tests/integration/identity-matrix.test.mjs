// SPDX-License-Identifier: Apache-2.0
// Who may call what: every identity with every method and every assertion, over mutual TLS. What is expected is
// written here by hand, from the architecture, and not read from the policy file.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { issueClientCertificate, prepareAuthority } from '../../deploy/local/authority.mjs';
import { mintAssertion } from '../support-js/assertions.mjs';
import { grpcClient, methodsOf } from '../support-js/grpc.mjs';
import { startStack } from '../support-js/stack.mjs';
import { inBatches } from './lib/conditions.mjs';

const projectId = 'demo';
const userId = 'matrix-user';
const uuid = randomUUID();
const owner = { projectId, userId };

const service = (...identities) => ({ service: identities });
const user = (...identities) => ({ user: identities });

const withKey = (scope, ...identities) => ({ [scope]: identities });

/**
 * By method: which identities may call it on their own behalf, for a person, for an administrator, and for an API key with
 * which scope.
 */
const allowed = {
  // The gateway takes the browser through the authorization.
  StartAuthorization: service('gateway'),
  RedeemTicket: service('gateway'),
  ExchangeCode: service('gateway'),
  // The callback page and the decision about the link look at the attempt.
  GetAttempt: service('gateway', 'account-link'),
  // account-link alone decides, and follows what changes.
  ActivateGrant: service('account-link'),
  DiscardPendingGrant: service('account-link'),
  ListPendingGrants: service('account-link'),
  ListGrantEvents: service('account-link', 'automation'),
  EraseGrant: service('account-link'),
  ResolveIdentity: service('account-link', 'automation'),
  // automation alone takes webhooks in and keeps what they say.
  VerifyWebhook: service('automation'),
  GetInboxKey: service('automation'),
  GetWebhookEndpointKey: service('automation'),
  GetLinkDataKey: service('automation'),
  GetAccessToken: { ...service('zoom-api'), ...withKey('token.read', 'gateway') },
  // Zoom's personal data is shown to the person it belongs to.
  GetProfile: user('gateway'),
  // Keys are the operators' business, and no service's.
  GetKeyStatus: service('operator'),
  RotateKeys: service('operator'),
  RetireKeys: service('operator'),
  DestroyKeys: service('operator'),
  BeginTagRotation: service('operator'),
  SwitchTags: service('operator'),
  RetireTagKey: service('operator'),
  // Operators make import keys and bring the connections; account-link alone hands them to the vault.
  CreateImportKey: service('operator'),
  GetImportKeys: service('operator'),
  DestroyImportKey: service('operator'),
  ImportGrant: service('account-link'),
  ImportConnections: service('operator'),

  // The project's administrators, through the gateway alone.
  GetZoomApp: { admin: ['gateway'] },
  UpdateZoomApp: { admin: ['gateway'] },
  TestZoomApp: { admin: ['gateway'] },

  BuildCallLink: service('gateway', 'automation'),
  BuildCallLinks: service('gateway', 'automation'),

  GetProject: service('gateway'),
  GetLink: { ...service('gateway', 'automation', 'zoom-api'), ...user('gateway') },
  // Those who act on links, and none on behalf of a person.
  WatchLinks: service('automation', 'zoom-api'),
  GetProjectSettings: { admin: ['gateway'] },
  UpdateProjectSettings: { admin: ['gateway'] },
  CompleteLink: user('gateway'),
  Disconnect: user('gateway'),
  AdminDisconnect: { admin: ['gateway'], ...withKey('connections.write', 'gateway') },
  // Zoom's events come in through the gateway and are read by automation.
  Deauthorize: service('gateway', 'automation'),
  CreateCall: user('gateway'),
  GetCall: user('gateway'),
  ListCalls: user('gateway'),
  UpdateCall: user('gateway'),
  DeleteCall: user('gateway'),
  CreateCallNote: user('gateway'),
  GetCallNote: user('gateway'),
  ListCallNotes: user('gateway'),
  UpdateCallNote: user('gateway'),
  DeleteCallNote: user('gateway'),
  GetUserMetadata: user('gateway'),
  UpdateUserMetadata: user('gateway'),
  // Administrators give keys out; the gateway finds out whose one is.
  CreateApiKey: { admin: ['gateway'] },
  ListApiKeys: { admin: ['gateway'] },
  RotateApiKey: { admin: ['gateway'] },
  DeleteApiKey: { admin: ['gateway'] },
  AuthenticateApiKey: service('gateway'),
  // Programs with a key. On its own behalf the gateway finds the user of a connection that a program named.
  GetConnection: { ...service('gateway'), ...withKey('connections.read', 'gateway') },
  ListConnections: withKey('connections.read', 'gateway'),
  UpdateConnectionMetadata: withKey('connections.write', 'gateway'),
  CreateConnectSession: withKey('connect.sessions', 'gateway'),
  // Browsers, with the session's secret.
  GetConnectSession: service('gateway'),
  DeleteConnectSession: service('gateway'),

  IngestWebhook: service('gateway'),
  // People see their own events; administrators and operators which came, and not what they say.
  ListTriggerEvents: user('gateway'),
  ListWebhooks: { admin: ['gateway'], ...service('operator') },
  ReplayWebhooks: { admin: ['gateway'], ...service('operator') },
  // Where a project's events go is its administrators' business alone.
  ...Object.fromEntries([
    'CreateWebhookEndpoint', 'GetWebhookEndpoint', 'ListWebhookEndpoints', 'UpdateWebhookEndpoint', 'DeleteWebhookEndpoint',
    'RotateWebhookEndpointSecret', 'ListWebhookDeliveries', 'ReplayWebhookDeliveries',
  ].map((name) => [name, { admin: ['gateway'] }])),

  // People act on their own Zoom account; workflows for those who set them up.
  ...Object.fromEntries([
    'SendRequest', 'CreateMeeting', 'UpdateMeeting', 'GetMeeting', 'GetMeetingByMeetingId', 'DeleteMeeting', 'AddMeetingRegistrant',
    'GetMeetingRegistrants', 'DeleteMeetingRegistrant',
  ].map((name) => [name, { ...user('gateway'), ...service('automation'), ...(name === 'SendRequest' ? withKey('zoom.request', 'gateway') : {}) }])),
};

const scopes = ['connect.sessions', 'connections.read', 'connections.write', 'token.read', 'zoom.request'];

/** In which modes an assertion can carry a call; 'none' is a call on the caller's own behalf. */
const carries = {
  none: ['service'],
  'of the user': ['user'],
  'of the user, who is an administrator': ['user', 'admin'],
  'of an administrator': ['admin'],
  'of another user': [],
  'of another project': [],
  'of an administrator of another project': [],
  ...Object.fromEntries(scopes.map((scope) => [`of an API key with ${scope}`, [scope]])),
  'of an API key without a scope': [],
  'of an API key of another project': [],
  'of an API key and a person': [],
  'of an API key that is an administrator': [],
  expired: [],
  'for another audience': [],
  'signed with another key': [],
  malformed: [],
};

/** Identities without a secure connection never reach a method. */
const withoutConnection = ['signed by another authority', 'none'];
const strangers = ['foreign trust domain', 'no URI name', 'two URI names', ...withoutConnection];
const members = ['gateway', 'token-vault', 'call-link', 'account-link', 'zoom-api', 'automation', 'operator'];

const requests = {
  RedeemTicket: { ticket: 'unknown' },
  ExchangeCode: { state: 'unknown', cookieValue: 'unknown', code: 'unknown' },
  StartAuthorization: { ...owner, purpose: 'AUTHORIZATION_PURPOSE_CONNECT' },
  ActivateGrant: { ...owner, attemptId: uuid, linkId: uuid, decisionId: uuid },
  DiscardPendingGrant: { attemptId: uuid, decisionId: uuid, result: 'ATTEMPT_RESULT_SYSTEM_ERROR' },
  ListPendingGrants: {},
  ListGrantEvents: {},
  EraseGrant: { ...owner, linkId: uuid, decisionId: uuid, cause: 'GRANT_CAUSE_DISCONNECTED' },
  ResolveIdentity: { projectId, zoomUserId: 'unknown' },
  VerifyWebhook: { projectId, timestamp: '1', signature: 'unknown' },
  GetInboxKey: { inboxKeyId: uuid },
  GetWebhookEndpointKey: { projectId },
  IngestWebhook: { projectId, timestamp: '1', signature: 'unknown' },
  ReplayWebhooks: { ...owner, webhookIds: [uuid] },
  Deauthorize: { projectId, zoomUserId: 'unknown', deauthorizeTime: { seconds: 1 } },
  BuildCallLink: { number: '+81 3 1234 5678' },
  BuildCallLinks: { numbers: ['+81 3 1234 5678'] },
  CompleteLink: { ...owner, attemptId: uuid },
  GetProject: { projectId },
  WatchLinks: { projectId },
  SendRequest: { head: { ...owner, method: 'GET', path: 'users/me' } },
  GetKeyStatus: {},
  RotateKeys: { keyEpoch: 1_000_000 },
  RetireKeys: { keyEpoch: 1_000_000 },
  DestroyKeys: { keyEpoch: 1_000_000 },
  BeginTagRotation: { tagVersion: 1_000_000 },
  SwitchTags: { tagVersion: 1_000_000 },
  RetireTagKey: { tagVersion: 1_000_000 },
  CreateImportKey: { projectId: 'elsewhere' },
  GetImportKeys: { projectId },
  DestroyImportKey: { importKeyId: uuid },
  ImportGrant: { ...owner, envelope: 'unknown' },
  ImportConnections: { projectId, connections: [{ userId, envelope: 'unknown' }] },
  AuthenticateApiKey: { text: 'unknown' },
  GetConnectSession: { sessionSecret: 'unknown' },
  DeleteConnectSession: { sessionSecret: 'unknown' },
  GetConnection: { projectId, connectionId: 'unknown' },
  ListConnections: { projectId },
  UpdateConnectionMetadata: { projectId, connectionIds: ['unknown'], metadata: '{}' },
};
/** Refused because of what was shown, not because of who showed it. */
const refusedToNobody = ['API_KEY_INVALID', 'CONNECT_SESSION_INVALID', 'WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW'];

let stack;
let certificates;
let assertions;

before(async () => {
  stack = await startStack({ services: ['tokenVault', 'callLink', 'accountLink', 'zoomApi', 'automation'], durable: false });
  const directory = dirname(stack.caFile);
  const gatewayUri = `URI:${stack.identityUri('gateway')}`;
  certificates = {
    ...Object.fromEntries(members.map((name) => [name, stack.certificateOf(name)])),
    'foreign trust domain': await issueClientCertificate(directory, 'foreign', ['URI:spiffe://elsewhere.local/ns/shodan/sa/gateway']),
    'no URI name': await issueClientCertificate(directory, 'nameless', ['DNS:gateway']),
    'two URI names': await issueClientCertificate(directory, 'ambiguous', [gatewayUri, `URI:${stack.identityUri('account-link')}`]),
    'signed by another authority': (await prepareAuthority(join(stack.directory, 'other-authority'))).of('gateway'),
    none: null,
  };
  const otherKey = join(stack.directory, 'other.key');
  writeFileSync(otherKey, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const mint = (options) => (audience) => mintAssertion(stack, { audience, projectId, userId, ...options });
  assertions = {
    none: () => null,
    'of the user': mint({}),
    'of the user, who is an administrator': mint({ admin: true }),
    'of an administrator': mint({ userId: 'the-admin', admin: true }),
    'of another user': mint({ userId: 'somebody-else' }),
    'of another project': mint({ projectId: 'elsewhere' }),
    'of an administrator of another project': mint({ userId: 'the-admin', projectId: 'elsewhere', admin: true }),
    ...Object.fromEntries(scopes.map((scope) => [`of an API key with ${scope}`, mint({ userId: undefined, apiKeyId: uuid, scopes: [scope] })])),
    'of an API key without a scope': mint({ userId: undefined, apiKeyId: uuid }),
    'of an API key of another project': mint({ userId: undefined, apiKeyId: uuid, scopes, projectId: 'elsewhere' }),
    'of an API key and a person': mint({ apiKeyId: uuid, scopes }),
    'of an API key that is an administrator': mint({ userId: undefined, apiKeyId: uuid, scopes, admin: true }),
    expired: mint({ issuedSecondsAgo: 90 }),
    'for another audience': (audience) => mintAssertion(stack, { audience: audience === 'account-link' ? 'token-vault' : 'account-link', projectId, userId }),
    'signed with another key': mint({ privateKeyFile: otherKey }),
    malformed: () => 'not.an.assertion',
  };
});
after(() => stack.stop());

const services = { 'token-vault': 'tokenVault', 'call-link': 'callLink', 'account-link': 'accountLink', 'zoom-api': 'zoomApi', automation: 'automation' };
const methods = Object.keys(services).flatMap(methodsOf);

const clientFor = (serviceName, identity) =>
  grpcClient(serviceName, stack[services[serviceName]][0].target, { ca: stack.ca, certificate: certificates[identity] });

/** Sends one cell. @returns {Promise<{cell: string, outcome: string, reason: string|null}>} */
async function send(client, method, identity, assertion) {
  const token = assertions[assertion](method.service);
  const metadata = token === null ? {} : { 'x-shodan-assertion': token };
  const request = requests[method.name] ?? owner;
  const call = method.responseStream
    ? client[method.call](request, { metadata, deadlineMs: 10_000 }).first() : client[method.call](request, { metadata });
  const error = await call.then(() => null, (failure) => failure);
  const refused = error && ['UNAUTHENTICATED', 'PERMISSION_DENIED'].includes(error.code) && !refusedToNobody.includes(error.reason);
  const unreached = error?.code === 'UNAVAILABLE' && error.reason === null;
  return {
    cell: `${identity} | ${method.name} | ${assertion}`,
    outcome: unreached ? 'no connection' : refused ? 'refused' : 'allowed',
    reason: error?.reason ?? null,
  };
}

function expected(method, identity, assertion) {
  if (withoutConnection.includes(identity)) return 'no connection';
  const passes = carries[assertion].some((mode) => allowed[method.name][mode]?.includes(identity));
  return passes ? 'allowed' : 'refused';
}

describe('the matrix of identity, method and assertion', () => {
  test('covers every method of every service', () => {
    assert.deepEqual(methods.map(({ name }) => name).sort(), Object.keys(allowed).sort());
    assert.deepEqual(Object.keys(carries), Object.keys(assertions));
    assert.deepEqual(Object.keys(certificates).sort(), [...members, ...strangers].sort());
  });

  let sent = 0;
  const counts = { allowed: 0, refused: 0, 'no connection': 0 };
  const reasons = new Set();

  for (const identity of [...members, ...strangers]) {
    test(`holds for the identity "${identity}"`, async () => {
      const shared = Object.fromEntries(Object.keys(services).map((name) => [name, clientFor(name, identity)]));
      const cells = methods.flatMap((method) => Object.keys(carries).map((assertion) => ({ method, assertion })));
      const answers = await inBatches(cells, async ({ method, assertion }) => {
        // A refused connection is not tried again soon: each cell gets its own.
        const own = withoutConnection.includes(identity) ? clientFor(method.service, identity) : null;
        const answer = await send(own ?? shared[method.service], method, identity, assertion);
        own?.close();
        return { ...answer, expected: expected(method, identity, assertion) };
      });
      for (const client of Object.values(shared)) client.close();
      assert.deepEqual(answers.filter(({ outcome, expected: wanted }) => outcome !== wanted), []);
      sent += answers.length;
      for (const { outcome, reason } of answers) {
        counts[outcome] += 1;
        if (outcome === 'refused') reasons.add(reason);
      }
    });
  }

  test('was sent cell by cell, and every refusal says why in a word of the closed list', (context) => {
    assert.equal(sent, methods.length * (members.length + strangers.length) * Object.keys(carries).length);
    assert.deepEqual([...reasons].sort(), [
      'ADMIN_ROLE_REQUIRED', 'ASSERTION_INVALID', 'ASSERTION_NOT_ALLOWED', 'ASSERTION_REQUIRED', 'ASSERTION_USER_MISMATCH',
      'CALLER_NOT_ALLOWED', 'PEER_IDENTITY_MISSING', 'SCOPE_REQUIRED',
    ]);
    context.diagnostic(`${sent} cells: ${JSON.stringify(counts)}`);
  });
});
