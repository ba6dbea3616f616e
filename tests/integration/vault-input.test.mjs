// SPDX-License-Identifier: Apache-2.0
// What the vault refuses before it does anything: each bad field of each RPC is named, and nothing changes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inTheNameOf } from '../support-js/assertions.mjs';
import { methodsOf } from '../support-js/grpc.mjs';
import { startStack } from '../support-js/stack.mjs';
import { failureOf } from './lib/conditions.mjs';
import { dumpOf } from './lib/databases.mjs';
import { VaultDriver } from './lib/vault.mjs';

const uuid = '6f1b0c5e-8f7a-4f0e-9d53-0a4f7a3f0b11';
const owner = { projectId: 'demo', userId: 'seller' };

const badProject = ['', 'x'.repeat(64), 'Demo', 'de mo', 'dé', 'demo\0'];
const badUser = ['', 'x'.repeat(256), 'あ'.repeat(86), 'a\0b'];
const badUuid = ['', 'x', uuid.toUpperCase(), `${uuid}0`, uuid.replaceAll('-', ''), `{${uuid}}`, '\'; DROP TABLE grants; --'];
const badPageSize = [-1, 1001, 2147483647];
const ofOwner = { projectId: badProject, userId: badUser };

/**
 * By RPC: who calls, a good request, the bad values of each field, and what a good request with unknown ids is answered.
 * @type {Record<string, {identity: string, good: object, bad: Record<string, any[]>, unknown?: string}>}
 */
const calls = {
  StartAuthorization: {
    identity: 'gateway',
    good: { ...owner, purpose: 'AUTHORIZATION_PURPOSE_CONNECT', userDisplayName: 'Seller' },
    bad: { ...ofOwner, purpose: [0, 3, -1, 99], userDisplayName: ['x'.repeat(256), 'a\0b'], attemptId: badUuid.slice(1) },
    unknown: ['NOT_FOUND PROJECT_NOT_FOUND', { projectId: 'elsewhere' }],
  },
  RedeemTicket: {
    identity: 'gateway',
    good: { ticket: 'x'.repeat(43), sessionProjectId: 'demo', sessionUserId: 'seller' },
    bad: { ticket: ['', 'x'.repeat(129), 'a\0b'], sessionProjectId: badProject, sessionUserId: badUser },
    unknown: ['FAILED_PRECONDITION TICKET_INVALID', {}],
  },
  ExchangeCode: {
    identity: 'gateway',
    good: { state: 'state', cookieValue: 'cookie', code: 'code' },
    bad: {
      state: ['', 'x'.repeat(129), 'a\0b'], cookieValue: ['', 'x'.repeat(129)], code: ['', 'x'.repeat(2049), 'a\0b'], error: ['x'.repeat(129)],
    },
    also: { error: ['code'] },
    unknown: ['FAILED_PRECONDITION ATTEMPT_MISMATCH', {}],
  },
  GetAttempt: {
    identity: 'gateway',
    good: { ...owner, attemptId: uuid },
    bad: { ...ofOwner, attemptId: badUuid.slice(1) },
    unknown: ['NOT_FOUND ATTEMPT_NOT_FOUND', {}],
  },
  ActivateGrant: {
    identity: 'account-link',
    good: { attemptId: uuid, linkId: uuid, expectedGeneration: 0, decisionId: uuid, ...owner },
    bad: { attemptId: badUuid, linkId: badUuid, decisionId: badUuid, expectedGeneration: [-1, '9223372036854775807'], ...ofOwner },
    unknown: ['NOT_FOUND PENDING_GRANT_NOT_FOUND', {}],
  },
  DiscardPendingGrant: {
    identity: 'account-link',
    good: { attemptId: uuid, decisionId: uuid, result: 'ATTEMPT_RESULT_SYSTEM_ERROR' },
    bad: { attemptId: badUuid, decisionId: badUuid, result: [0, 1, 9, 99] },
    unknown: ['NOT_FOUND PENDING_GRANT_NOT_FOUND', {}],
  },
  ListPendingGrants: {
    identity: 'account-link',
    good: {},
    bad: {
      pageSize: badPageSize, pageToken: badUuid.slice(1),
      minAge: [{ seconds: -1 }, { seconds: 86_401 }, { nanos: -1_000_000 }, { seconds: '2305843009213693952' }, { seconds: '9223372036854775807' }],
    },
  },
  ListGrantEvents: { identity: 'account-link', good: {}, bad: { pageSize: badPageSize, afterEventId: [-1] } },
  GetAccessToken: {
    identity: 'zoom-api',
    good: owner,
    bad: { ...ofOwner, rejectedTokenVersion: [-1] },
    unknown: ['NOT_FOUND GRANT_NOT_FOUND', {}],
  },
  GetProfile: {
    identity: 'gateway',
    good: owner,
    bad: {},
    unknown: ['NOT_FOUND GRANT_NOT_FOUND', {}],
  },
  EraseGrant: {
    identity: 'account-link',
    good: { linkId: uuid, ...owner, expectedGeneration: 1, decisionId: uuid, cause: 'GRANT_CAUSE_DISCONNECTED' },
    bad: { linkId: badUuid, decisionId: badUuid, ...ofOwner, expectedGeneration: [-1, '9223372036854775807'], cause: [0, 1, 6, 9, 99] },
    unknown: ['NOT_FOUND GRANT_NOT_FOUND', {}],
  },
  GetKeyStatus: { identity: 'operator', good: {}, bad: {} },
  ...Object.fromEntries(['RotateKeys', 'RetireKeys', 'DestroyKeys'].map((name) => [name, {
    identity: 'operator', good: { keyEpoch: 999_999 }, bad: { keyEpoch: [0, -1, 1_000_001] },
  }])),
  ...Object.fromEntries(['BeginTagRotation', 'SwitchTags', 'RetireTagKey'].map((name) => [name, {
    identity: 'operator', good: { tagVersion: 999_999 }, bad: { tagVersion: [0, -1, 1_000_001] },
    unknown: ['NOT_FOUND TAG_VERSION_NOT_FOUND', {}],
  }])),
  GetZoomApp: { identity: 'gateway', admin: true, good: owner, bad: { userId: badUser } },
  UpdateZoomApp: {
    identity: 'gateway',
    admin: true,
    good: { ...owner, etag: 'stale' },
    bad: {
      userId: badUser, etag: ['', 'x'.repeat(129), 'a\0b'], clientId: ['a b', 'あ', 'a\0b', 'x'.repeat(256)], clientSecret: ['a b', 'x'.repeat(513)],
      webhookSecret: ['a\nb', 'x'.repeat(513)], requestScopes: [{ scopes: Array.from({ length: 101 }, (_, i) => `s${i}`) }],
    },
    unknown: ['ABORTED ETAG_MISMATCH', {}],
  },
  TestZoomApp: { identity: 'gateway', admin: true, good: owner, bad: { userId: badUser, clientId: ['a b', 'x'.repeat(256)], clientSecret: ['a b', 'x'.repeat(513)] } },
  CreateImportKey: {
    identity: 'operator',
    good: { projectId: 'elsewhere', lifetime: { seconds: 3600 } },
    bad: { projectId: badProject, lifetime: [{ seconds: 0 }, { seconds: 3599 }, { seconds: 2_592_001 }, { seconds: 3600, nanos: 1 }, { seconds: '9223372036854775807' }] },
    unknown: ['NOT_FOUND PROJECT_NOT_FOUND', {}],
  },
  GetImportKeys: { identity: 'operator', good: { projectId: 'demo' }, bad: { projectId: badProject }, unknown: ['NOT_FOUND PROJECT_NOT_FOUND', { projectId: 'elsewhere' }] },
  DestroyImportKey: { identity: 'operator', good: { importKeyId: uuid }, bad: { importKeyId: badUuid }, unknown: ['NOT_FOUND IMPORT_KEY_NOT_FOUND', {}] },
  ImportGrant: {
    identity: 'account-link',
    good: { ...owner, envelope: 'x', scopes: ['user:read:user'] },
    bad: {
      ...ofOwner, envelope: ['', 'x'.repeat(16_385), 'a\0b'],
      scopes: [['a b'], [''], ['x'.repeat(129)], ['"'], Array.from({ length: 101 }, (_, i) => `s${i}`)],
    },
    unknown: ['INVALID_ARGUMENT IMPORT_UNDECRYPTABLE', {}],
  },
  VerifyWebhook: {
    identity: 'automation',
    good: { projectId: 'demo', clientId: 'client', timestamp: '1', signature: 'v0=0', body: Buffer.from('{}') },
    bad: {
      projectId: badProject.slice(1), clientId: ['x'.repeat(256), 'a\0b'], timestamp: ['', '1'.repeat(33), 'a\0b'],
      signature: ['', 'x'.repeat(129), 'a\0b'], body: [Buffer.alloc(524_289, 'x')],
    },
    unknown: ['FAILED_PRECONDITION WEBHOOK_SECRET_MISSING', {}],
  },
  GetInboxKey: { identity: 'automation', good: { inboxKeyId: uuid }, bad: { inboxKeyId: badUuid }, unknown: ['NOT_FOUND INBOX_KEY_NOT_FOUND', {}] },
  GetWebhookEndpointKey: { identity: 'automation', good: { projectId: 'elsewhere' }, bad: { projectId: badProject }, unknown: ['NOT_FOUND PROJECT_NOT_FOUND', {}] },
  GetLinkDataKey: { identity: 'automation', good: owner, bad: ofOwner, unknown: ['NOT_FOUND GRANT_NOT_FOUND', {}] },
  ResolveIdentity: {
    identity: 'account-link',
    good: { projectId: owner.projectId, zoomAccountId: 'account', zoomUserId: 'nobody' },
    bad: { zoomAccountId: ['x'.repeat(513)], zoomUserId: ['', 'x'.repeat(513)], projectId: ofOwner.projectId },
    unknown: ['NOT_FOUND GRANT_NOT_FOUND', {}],
  },
};

let stack;
let vault;

before(async () => {
  stack = await startStack({ services: ['tokenVault'], durable: false });
  vault = new VaultDriver(stack);
});
after(async () => {
  vault.close();
  await stack.stop();
});

const call = (name, request, options = {}) => {
  const method = methodsOf('token-vault').find((item) => item.name === name);
  const who = { GetProfile: { userId: request.userId || 'seller' } }[name] ?? (calls[name].admin ? { userId: 'seller', admin: true } : null);
  const assertion = who ? inTheNameOf(stack, { audience: 'token-vault', ...who }) : {};
  return vault.as(calls[name].identity)[method.call](request, { metadata: assertion, ...options });
};

describe('the vault', () => {
  let untouched;
  before(async () => {
    await vault.connect();
    untouched = { dump: await dumpOf(stack, 'token_vault'), position: await stack.simulator.position() };
  });

  test('has a table of bad input for every RPC', () => {
    assert.deepEqual(Object.keys(calls).sort(), methodsOf('token-vault').map(({ name }) => name).sort());
  });

  for (const [name, { good, bad, also = {} }] of Object.entries(calls)) {
    for (const [field, values] of Object.entries(bad)) {
      test(`${name}: names ${field} for each of ${values.length} bad values`, async () => {
        for (const value of values) {
          const error = await failureOf(call(name, { ...good, [field]: value }));
          const shown = JSON.stringify(value).slice(0, 40);
          assert.deepEqual([error.code, error.reason], ['INVALID_ARGUMENT', 'INVALID_FIELD'], shown);
          assert.deepEqual(error.fields, [field, ...(also[field] ?? [])], shown);
          if (String(value).length > 40) assert.ok(!error.message.includes(String(value)), 'the value is not repeated');
        }
      });
    }

    if (Object.keys(bad).length > 0) {
      test(`${name}: names every bad field at once`, async () => {
        const error = await failureOf(call(name, { ...good, ...Object.fromEntries(Object.entries(bad).map(([field, values]) => [field, values.at(-1)])) }));
        for (const field of Object.keys(bad)) assert.ok(error.fields.includes(field), `${field} is not among ${error.fields}`);
      });
    }

    test(`${name}: refuses a call without a deadline`, async () => {
      const error = await failureOf(call(name, good, { deadlineMs: null }));
      assert.deepEqual([error.code, error.reason], ['INVALID_ARGUMENT', 'DEADLINE_REQUIRED']);
    });

    const { unknown } = calls[name];
    if (!unknown) continue;
    test(`${name}: answers ${unknown[0]} for ids that do not exist`, async () => {
      const error = await failureOf(call(name, { ...good, ...unknown[1] }));
      assert.equal(`${error.code} ${error.reason}`, unknown[0]);
    });
  }

  test('changed no row and asked Zoom nothing for any of this', async () => {
    assert.equal(await dumpOf(stack, 'token_vault'), untouched.dump);
    assert.equal(await stack.simulator.position(), untouched.position);
  });
});
