// SPDX-License-Identifier: Apache-2.0
// `deploy/dev import` without services: the lines of a file, their encryption, and one run of an import.
import assert from 'node:assert/strict';
import { createDecipheriv, createHash, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { sealConnection } from '../../deploy/local/imports/envelope.mjs';
import { importConnections } from '../../deploy/local/imports/command.mjs';
import { linesOf, parseLine } from '../../deploy/local/imports/lines.mjs';
import { runImport } from '../../deploy/local/imports/run.mjs';
import { UserError } from '../../deploy/local/errors.mjs';
import { CallRefused } from '../../deploy/local/rpc/call.mjs';

const streamOf = (text, size = text.length) => {
  const bytes = Buffer.from(text);
  return Readable.from(Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size)));
};

async function allOf(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

describe('the lines of an import file', () => {
  test('are the same however the bytes come, counted with the empty ones', async () => {
    const text = 'one\n\n  \nzwei 🙂\nthree';
    const expected = [{ number: 1, text: 'one' }, { number: 4, text: 'zwei 🙂' }, { number: 5, text: 'three' }];
    for (const size of [1, 2, 3, 7, 100]) assert.deepEqual(await allOf(linesOf(streamOf(text, size))), expected);
  });

  test('that are too long are told and not held', async () => {
    const lines = await allOf(linesOf(streamOf(`${'x'.repeat(100)}\nshort\n${'y'.repeat(11)}`, 4), 10));
    assert.deepEqual(lines, [{ number: 1, text: null }, { number: 2, text: 'short' }, { number: 3, text: null }]);
  });

  const good = { userId: 'hanako', envelope: 'e' };

  test('are taken with what belongs there', () => {
    for (const line of [good, { ...good, externalId: 'crm-7', scopes: ['user:read:user'] }, { ...good, externalId: '', scopes: [] }]) {
      assert.deepEqual(parseLine(JSON.stringify(line)), { connection: line });
    }
  });

  for (const [what, line, field, reason] of [
    ['no JSON', 'token', 'line', 'NOT_JSON'],
    ['a list', '[]', 'line', 'NOT_AN_OBJECT'],
    ['null', 'null', 'line', 'NOT_AN_OBJECT'],
    ['nothing that fits', null, 'line', 'TOO_LONG'],
    ['no user', JSON.stringify({ envelope: 'e' }), 'userId', 'REQUIRED'],
    ['an empty user', JSON.stringify({ ...good, userId: '' }), 'userId', 'INVALID_FIELD'],
    ['a user that is too long', JSON.stringify({ ...good, userId: 'あ'.repeat(86) }), 'userId', 'INVALID_FIELD'],
    ['no envelope', JSON.stringify({ userId: 'u' }), 'envelope', 'REQUIRED'],
    ['an envelope that is too long', JSON.stringify({ ...good, envelope: 'e'.repeat(16_385) }), 'envelope', 'INVALID_FIELD'],
    ['scopes as a text', JSON.stringify({ ...good, scopes: 'a b' }), 'scopes', 'INVALID_FIELD'],
    ['a number as external id', JSON.stringify({ ...good, externalId: 7 }), 'externalId', 'INVALID_FIELD'],
    ['a token in clear', JSON.stringify({ ...good, refreshToken: 's3cr3t' }), 'refreshToken', 'UNKNOWN_FIELD'],
    ['a token as a name', JSON.stringify({ ...good, 's3cr3t/s3cr3t': 1 }), 'line', 'UNKNOWN_FIELD'],
  ]) {
    test(`with ${what} are refused by the field's name`, () => {
      const problem = parseLine(line);
      assert.deepEqual([problem.connection, problem.field, problem.reason], [undefined, field, reason]);
      assert.ok(!JSON.stringify(problem).includes('s3cr3t'));
    });
  }
});

describe('an encrypted connection', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'ECDH-ES', use: 'enc' };

  /** As RFC 7516 and 7518 say it, in other words than the implementation. */
  function open(envelope) {
    const [header, key, nonce, ciphertext, tag] = envelope.split('.');
    const { epk, ...rest } = JSON.parse(Buffer.from(header, 'base64url'));
    assert.deepEqual([rest, key], [{ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'key-1' }, '']);
    const agreed = diffieHellman({ privateKey, publicKey: createPublicKey({ key: epk, format: 'jwk' }) });
    const info = Buffer.from('000000074132353647434d000000000000000000000100', 'hex');
    const derived = createHash('sha256').update('00000001', 'hex').update(agreed).update(info).digest();
    const decipher = createDecipheriv('aes-256-gcm', derived, Buffer.from(nonce, 'base64url'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(header)).setAuthTag(Buffer.from(tag, 'base64url'));
    return JSON.parse(Buffer.concat([decipher.update(ciphertext, 'base64url'), decipher.final()]));
  }

  test('shows whose it is, and hides the tokens and binds them to the user', () => {
    const tokens = { refreshToken: 'RT-1', accessToken: 'AT-1', expireTime: '2030-01-01T00:00:00Z' };
    const sealed = sealConnection(jwk, { userId: 'hanako', externalId: 'crm-7', scopes: ['user:read:user'], ...tokens });
    assert.deepEqual(Object.keys(sealed), ['userId', 'externalId', 'scopes', 'envelope']);
    assert.ok(!JSON.stringify(sealed).includes('T-1'));
    assert.deepEqual(open(sealed.envelope), { userId: 'hanako', ...tokens });
    assert.notEqual(sealConnection(jwk, { userId: 'hanako', ...tokens }).envelope, sealed.envelope);
  });
});

describe('a run of an import', () => {
  const lines = (count) => Array.from({ length: count }, (_, index) => JSON.stringify({ userId: `u${index + 1}`, envelope: 'e' })).join('\n');
  const result = (outcome, reason) => ({ outcome: `IMPORT_OUTCOME_${outcome}`, ...(reason ? { reason } : {}) });

  async function runWith(text, answer, options = {}) {
    const records = [];
    const batches = [];
    const summary = await runImport({
      input: streamOf(text), delays: [1, 1, 1], report: (record) => records.push(record),
      send: async (connections) => {
        batches.push(connections);
        return connections.map((connection) => answer(connection, batches.length));
      },
      ...options,
    });
    return { ...summary, records: records.sort((a, b) => a.line - b.line), batches };
  }

  test('reports each line once, whatever became of it', async () => {
    const text = `${lines(3)}\nnot json\n${lines(1)}`;
    const outcomes = { u1: 'IMPORTED', u2: 'REFUSED_ACTIVE_LINK', u3: 'TOKEN_REJECTED' };
    const { records, totals, complete, failed } = await runWith(text, ({ userId }) => result(outcomes[userId]));
    assert.deepEqual(records, [
      { line: 1, userId: 'u1', outcome: 'imported' }, { line: 2, userId: 'u2', outcome: 'refused_active_link' },
      { line: 3, userId: 'u3', outcome: 'token_rejected' }, { line: 4, outcome: 'invalid_line', field: 'line', reason: 'NOT_JSON' },
      { line: 5, userId: 'u1', outcome: 'imported' },
    ]);
    assert.deepEqual([totals, complete, failed], [{ lines: 5, imported: 2, refused_active_link: 1, token_rejected: 1, invalid_line: 1 }, true, 3]);
  });

  test('sends small batches and the lines of one user one after the other', async () => {
    const text = `${lines(500)}\n${lines(500)}`;
    let inFlight = new Set();
    const { totals, batches } = await runWith(text, () => result('IMPORTED'), {
      send: async (connections) => {
        const users = new Set(connections.map(({ userId }) => userId));
        for (const user of users) assert.ok(!inFlight.has(user), user);
        inFlight = new Set([...inFlight, ...users]);
        await new Promise(setImmediate);
        for (const user of users) inFlight.delete(user);
        assert.ok(connections.length <= 10);
        return connections.map(() => result('IMPORTED'));
      },
    });
    assert.equal(totals.imported, 1000);
    assert.deepEqual(batches, []);
  });

  test('tries again what a passing reason held up, and then says so', async () => {
    const tries = {};
    const { records } = await runWith(lines(3), ({ userId }) => {
      tries[userId] = (tries[userId] ?? 0) + 1;
      if (userId === 'u1') return result(tries.u1 < 3 ? 'UNKNOWN' : 'IMPORTED', 'IMPORT_ANSWER_LOST');
      return userId === 'u2' ? result('UNAVAILABLE', 'ZOOM_UNAVAILABLE') : result('ALREADY_IMPORTED');
    });
    assert.deepEqual(tries, { u1: 3, u2: 4, u3: 1 });
    assert.deepEqual(records.map(({ outcome, reason }) => [outcome, reason]), [
      ['imported', 'IMPORT_ANSWER_LOST'], ['unavailable', 'ZOOM_UNAVAILABLE'], ['already_imported', undefined],
    ]);
  });

  test('outlives services that do not answer', async () => {
    let calls = 0;
    const { totals } = await runWith(lines(1), null, {
      send: async () => {
        calls += 1;
        if (calls === 1) throw new UserError('account-link cannot be reached');
        if (calls === 2) throw new CallRefused(14, 'busy', { reason: 'SERVER_BUSY' });
        if (calls === 3) throw new CallRefused(2, 'broken off');
        return [result('IMPORTED')];
      },
    });
    assert.deepEqual(totals, { lines: 1, imported: 1 });
  });

  test('ends when the service refuses the caller', async () => {
    const refusal = new CallRefused(7, 'not allowed', { reason: 'CALLER_NOT_ALLOWED' });
    await assert.rejects(runWith(lines(100), null, { send: async () => { throw refusal; } }), refusal);
  });

  test('stops when Zoom refuses the app, and says that it is not complete', async () => {
    const { totals, complete } = await runWith(lines(2000), () => result('UNAVAILABLE', 'ZOOM_APP_REJECTED'));
    assert.equal(complete, false);
    assert.ok(totals.unavailable < 100, JSON.stringify(totals));
  });

  test('finishes what is under way when it is interrupted, and begins nothing more', async () => {
    const interruption = new AbortController();
    let sent = 0;
    const { totals, complete, records } = await runWith(lines(2000), null, {
      signal: interruption.signal,
      send: async (connections) => {
        sent += connections.length;
        interruption.abort();
        await new Promise(setImmediate);
        return connections.map(() => result('IMPORTED'));
      },
    });
    assert.equal(complete, false);
    assert.equal(totals.imported, sent);
    assert.equal(records.length, sent);
    assert.ok(sent <= 40, String(sent));
  });
});

describe('the command', () => {
  for (const [args, complaint] of [
    [[], /needs a file/],
    [['nowhere.jsonl'], /is no file/],
    [['a', 'b'], /needs a file/],
    [['--unknown'], /unknown/i],
    [['key', '--days', '31'], /--days needs/],
    [['key', 'more'], /too much/],
    [['destroy'], /needs the id/],
    [['encrypt'], /--import-key/],
    [['keys', '--ca', 'x'], /belongs to --address/],
    [['keys', '--address', 'x:1'], /needs --ca/],
  ]) {
    test(`refuses "import ${args.join(' ')}"`, () => assert.rejects(importConnections(['/', ...args]), (error) => error instanceof UserError && complaint.test(error.message)));
  }
});
