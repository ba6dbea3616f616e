// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiClient, ApiError, newRequestId, parseRetryAfter } from '../../services/gateway/static/components/api-client.mjs';

const json = (status, body, headers = {}) => new Response(body === undefined ? null : JSON.stringify(body), {
  status, headers: { 'content-type': 'application/json', ...headers },
});

/** A client whose answers are scripted and whose timers are driven by the test. */
function clientWith(answers, options = {}) {
  const requests = [];
  const timers = [];
  const fetch = async (url, request) => {
    requests.push({ url, ...request, json: request.body ? JSON.parse(request.body) : undefined });
    const answer = answers[Math.min(requests.length - 1, answers.length - 1)];
    return typeof answer === 'function' ? answer(request) : answer.clone();
  };
  const client = new ApiClient({
    project: 'demo', fetch, random: () => 0,
    setTimeout: (run, delay) => {
      timers.push({ run, delay });
      if (delay < 5_000) queueMicrotask(run);
      return timers.length;
    },
    clearTimeout: () => {}, ...options,
  });
  return { client, requests, timers };
}

const dropped = () => { throw new TypeError('fetch failed'); };

describe('requests', () => {
  it('go to the project below /v1 with the session cookie and without any cache', async () => {
    const { client, requests } = clientWith([json(200, { state: 'none' })]);
    assert.deepEqual(await client.getLink(), { state: 'none' });
    assert.equal(requests[0].url, '/v1/projects/demo/link');
    assert.equal(requests[0].credentials, 'same-origin');
    assert.equal(requests[0].cache, 'no-store');
  });

  it('carry a Bearer token and no cookie when the host page provides one', async () => {
    const { client, requests } = clientWith([json(200, {})], { baseUrl: 'https://gateway.example/', getToken: async () => 'jwt' });
    await client.getSession();
    assert.equal(requests[0].url, 'https://gateway.example/v1/projects/demo/session');
    assert.equal(requests[0].headers.authorization, 'Bearer jwt');
    assert.equal(requests[0].credentials, 'omit');
  });

  it('escape ids in paths and values in queries', async () => {
    const { client, requests } = clientWith([json(200, {})]);
    await client.getNote('a/b?c');
    await client.listCalls({ companyId: 'x&y=1', pageSize: 5, pageToken: '' });
    assert.equal(requests[0].url, '/v1/projects/demo/notes/a%2Fb%3Fc');
    assert.equal(requests[1].url, '/v1/projects/demo/calls?companyId=x%26y%3D1&pageSize=5');
  });

  it('leave absent fields out of the body', async () => {
    const { client, requests } = clientWith([json(201, {})]);
    await client.createCall({ requestId: 'r', number: '+81312345678', defaultRegion: '', companyId: 'c1', personId: undefined });
    assert.deepEqual(requests[0].json, { requestId: 'r', number: '+81312345678', companyId: 'c1' });
  });

  it('answer null for 204', async () => {
    const { client, requests } = clientWith([json(204)]);
    assert.equal(await client.deleteNote('n1'), null);
    assert.equal(requests[0].method, 'DELETE');
  });

  it('need a project', () => {
    assert.throws(() => new ApiClient({}), /project is required/);
  });
});

describe('problems', () => {
  it('become an ApiError with reason, field errors, reference and Retry-After', async () => {
    const body = { title: 't', status: 429, detail: 'slow down', reason: 'RATE_LIMITED', requestId: 'q1', errors: [{ field: 'number' }] };
    const { client } = clientWith([json(429, body, { 'content-type': 'application/problem+json', 'retry-after': '30' })]);
    await assert.rejects(client.connect(), (error) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.kind, 'problem');
      assert.equal(error.status, 429);
      assert.equal(error.reason, 'RATE_LIMITED');
      assert.equal(error.requestId, 'q1');
      assert.equal(error.retryAfterSeconds, 30);
      assert.deepEqual(error.errors, [{ field: 'number' }]);
      return true;
    });
  });

  it('keep the status when a proxy answers with HTML', async () => {
    const { client } = clientWith([new Response('<html>', { status: 403 })]);
    await assert.rejects(client.connect(), { kind: 'problem', status: 403, reason: '' });
  });

  it('tell a lost session, a conflict and a missing record apart', () => {
    assert.equal(new ApiError('problem', { status: 401 }).isSignedOut, true);
    assert.equal(new ApiError('problem', { status: 409 }).isConflict, true);
    assert.equal(new ApiError('problem', { status: 412 }).isConflict, true);
    assert.equal(new ApiError('problem', { status: 404 }).isNotFound, true);
    assert.equal(new ApiError('network').isConflict, false);
  });

  it('call an answer that is not JSON malformed', async () => {
    const { client, requests } = clientWith([new Response('<html>', { status: 200 })]);
    await assert.rejects(client.getLink(), { kind: 'malformed' });
    assert.equal(requests.length, 1);
  });
});

describe('repetition', () => {
  it('repeats a read after a broken connection', async () => {
    const { client, requests } = clientWith([dropped, dropped, json(200, { ok: true })]);
    assert.deepEqual(await client.getLink(), { ok: true });
    assert.equal(requests.length, 3);
  });

  it('gives up a read after three attempts', async () => {
    const { client, requests } = clientWith([json(503, {}, { 'retry-after': '1' })]);
    await assert.rejects(client.getLink(), { status: 503 });
    assert.equal(requests.length, 3);
  });

  it('waits as long as a short Retry-After says and leaves a long one to the user', async () => {
    const short = clientWith([json(503, {}, { 'retry-after': '2' }), json(200, {})]);
    await short.client.getLink();
    assert.ok(short.timers.some(({ delay }) => delay === 2_000));
    const long = clientWith([json(429, {}, { 'retry-after': '60' })]);
    await assert.rejects(long.client.getLink(), { status: 429 });
    assert.equal(long.requests.length, 1);
  });

  it('does not repeat a read that was refused for good', async () => {
    const { client, requests } = clientWith([json(404, {})]);
    await assert.rejects(client.getNote('n1'), { status: 404 });
    assert.equal(requests.length, 1);
  });

  for (const [name, write] of Object.entries({
    connect: (client) => client.connect(),
    disconnect: (client) => client.disconnect({ requestId: 'r' }),
    'build call links': (client) => client.buildCallLinks({ defaultRegion: 'JP', numbers: ['1'] }),
    'create a call': (client) => client.createCall({ requestId: 'r', number: '1' }),
    'update a call': (client) => client.updateCall('c', { outcome: 'busy' }),
    'create a note': (client) => client.createNote({ requestId: 'r', text: 't' }),
    'update a note': (client) => client.updateNote('n', { text: 't' }),
    'delete a note': (client) => client.deleteNote('n'),
  })) {
    it(`never repeats a write by itself: ${name}`, async () => {
      const { client, requests } = clientWith([dropped]);
      await assert.rejects(write(client), { kind: 'network' });
      assert.equal(requests.length, 1);
    });
  }
});

describe('deadlines', () => {
  it('end a write without an answer as a timeout', async () => {
    let expire;
    const hanging = (request) => new Promise((_, reject) => {
      request.signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      queueMicrotask(() => expire());
    });
    const { client } = clientWith([hanging], { setTimeout: (run) => { expire = run; return 1; } });
    await assert.rejects(client.connect(), { kind: 'timeout' });
  });

  it('give a disconnect more time than the gateway takes for it', async () => {
    const { client, timers } = clientWith([json(200, {})]);
    await client.disconnect({ requestId: 'r' });
    assert.ok(timers[0].delay > 20_000);
  });

  it('tell the caller\'s own cancellation from a failure', async () => {
    const controller = new AbortController();
    const hanging = (request) => new Promise((_, reject) => {
      request.signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      controller.abort();
    });
    const { client } = clientWith([hanging]);
    await assert.rejects(client.listNotes({}, { signal: controller.signal }), { kind: 'aborted' });
  });
});

describe('request ids', () => {
  it('are version 4 UUIDs and differ', () => {
    const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    assert.match(newRequestId(), pattern);
    assert.notEqual(newRequestId(), newRequestId());
    assert.match(newRequestId({ getRandomValues: (bytes) => bytes.fill(0xff) }), pattern);
  });
});

describe('Retry-After', () => {
  it('is read as seconds or as a date, else ignored', () => {
    assert.equal(parseRetryAfter('7'), 7);
    assert.equal(parseRetryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 30_000), 30);
    assert.equal(parseRetryAfter('Thu, 01 Jan 1970 00:00:00 GMT', 30_000), 0);
    assert.equal(parseRetryAfter('soon'), null);
    assert.equal(parseRetryAfter(null), null);
  });
});
