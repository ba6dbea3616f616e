// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as module from '../../services/gateway/static/components/zoom-connect.mjs';

const { ZoomConnect, ZoomConnectError } = module;
const folder = fileURLToPath(new URL('../../services/gateway/static/components/', import.meta.url));

const fromZoom = (status, body, headers = {}) => new Response(body === undefined ? null : JSON.stringify(body), {
  status, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), 'shodan-outcome': 'zoom', ...headers },
});
const problem = (status, fields, headers = {}) => new Response(JSON.stringify({ status, title: 't', ...fields }), {
  status, headers: { 'content-type': 'application/problem+json', ...headers },
});
const json = (status, body) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
const dropped = () => { throw new TypeError('fetch failed'); };

/** A client whose answers are scripted, in order; the last one is repeated. */
function clientWith(...answers) {
  const requests = [];
  const fetch = async (url, request) => {
    requests.push({ url, ...request });
    const answer = answers[Math.min(requests.length - 1, answers.length - 1)];
    return typeof answer === 'function' ? answer(request) : answer.clone();
  };
  return { requests, zoom: new ZoomConnect({ baseUrl: 'https://gateway.example', projectId: 'demo', token: () => 'jwt', fetch }) };
}

describe('a request to Zoom', () => {
  it('goes below the project\'s zoom route with the token, and answers what Zoom said', async () => {
    const { zoom, requests } = clientWith(fromZoom(200, { id: 'me' }, { 'x-zm-trackingid': 't1' }));
    const { status, data, headers } = await zoom.request('users/me', { query: { a: [1, 2], b: 'x y', c: undefined } });
    assert.deepEqual([status, data, headers.get('x-zm-trackingid')], [200, { id: 'me' }, 't1']);
    assert.equal(requests[0].url, 'https://gateway.example/v1/projects/demo/zoom/users/me?a=1&a=2&b=x+y');
    assert.equal(requests[0].headers.authorization, 'Bearer jwt');
    assert.equal(requests[0].headers['idempotency-key'], undefined);
  });

  it('encodes segments of any content', async () => {
    const { zoom, requests } = clientWith(fromZoom(204));
    const answer = await zoom.request(['past_meetings', '/ab//c==', 'x?y#z', '..a'], { method: 'delete' });
    assert.equal(requests[0].url, 'https://gateway.example/v1/projects/demo/zoom/past_meetings/%2Fab%2F%2Fc%3D%3D/x%3Fy%23z/..a');
    assert.equal(requests[0].method, 'DELETE');
    assert.equal(answer.data, null);
  });

  for (const path of ['', '..', 'users/../..', 'users/%2e%2E/link:disconnect', 'users//me', 'users/.', 'users/me?x=1', 'users/me#x', 'a\\b', 'a b', 'a\nb', 'é', 'users/me/', ['users', ''], ['..']]) {
    it(`never leaves Zoom's API: ${JSON.stringify(path)} is refused`, async () => {
      const { zoom, requests } = clientWith(fromZoom(200, {}));
      await assert.rejects(zoom.request(path), TypeError);
      assert.equal(requests.length, 0);
    });
  }

  it('carries a request id when it changes something, and JSON unless the body says otherwise', async () => {
    const { zoom, requests } = clientWith(fromZoom(201, { id: 1 }));
    const { requestId } = await zoom.request('users/me/meetings', { method: 'POST', body: { topic: 'x' } });
    assert.match(requestId, /^[0-9a-f-]{36}$/);
    assert.equal(requests[0].headers['idempotency-key'], requestId);
    assert.equal(requests[0].headers['content-type'], 'application/json');
    assert.equal(requests[0].body, '{"topic":"x"}');
    await zoom.request('a', { method: 'PUT', body: 'text', contentType: 'text/plain', requestId: 'mine' });
    assert.deepEqual([requests[1].headers['idempotency-key'], requests[1].headers['content-type'], requests[1].body], ['mine', 'text/plain', 'text']);
  });

  it('is repeated once under its id when the answer is lost, and tells what became of it', async () => {
    const { zoom, requests } = clientWith(dropped, problem(409, { reason: 'OUTCOME_UNKNOWN', requestId: 'q' }));
    await assert.rejects(zoom.request('users/me/meetings', { method: 'POST', body: {} }), (error) => {
      assert.ok(error instanceof ZoomConnectError);
      assert.deepEqual([error.reason, error.status], ['OUTCOME_UNKNOWN', 409]);
      assert.equal(error.requestId, requests[0].headers['idempotency-key']);
      return true;
    });
    assert.equal(requests.length, 2);
    assert.equal(requests[0].headers['idempotency-key'], requests[1].headers['idempotency-key']);
    assert.equal(requests[0].body, requests[1].body);
  });

  it('that changes something is not repeated after any answer, nor after a second loss', async () => {
    for (const answer of [problem(503, { reason: 'ZOOM_UNAVAILABLE' }), problem(429, { reason: 'ZOOM_RATE_LIMITED' }, { 'retry-after': '1' }), fromZoom(500, { code: 1 })]) {
      const { zoom, requests } = clientWith(answer);
      await assert.rejects(zoom.request('a', { method: 'PATCH' }), ZoomConnectError);
      assert.equal(requests.length, 1);
    }
    const { zoom, requests } = clientWith(dropped);
    await assert.rejects(zoom.request('a', { method: 'POST' }), { reason: 'NETWORK_ERROR', status: 0 });
    assert.equal(requests.length, 2);
  });

  it('that only reads is repeated when the gateway says so, and not when Zoom refused', async () => {
    const { zoom, requests } = clientWith(problem(503, { reason: 'SERVER_BUSY' }), fromZoom(200, {}));
    await zoom.request('users/me');
    assert.equal(requests.length, 2);
    const refused = clientWith(fromZoom(503, { code: 1, message: 'later' }));
    await assert.rejects(refused.zoom.request('users/me'), { reason: 'ZOOM_ERROR', status: 503 });
    assert.equal(refused.requests.length, 1);
  });

  it('keeps Zoom\'s own code, message and answer', async () => {
    const { zoom } = clientWith(fromZoom(404, { code: 3001, message: 'Meeting does not exist', more: [1] }));
    await assert.rejects(zoom.request('meetings/1'), (error) => {
      assert.deepEqual(error.zoom, { status: 404, code: 3001, message: 'Meeting does not exist', body: { code: 3001, message: 'Meeting does not exist', more: [1] } });
      return true;
    });
  });

  it('tells scopes, Retry-After and Zoom\'s status of a problem', async () => {
    const { zoom } = clientWith(problem(403, { reason: 'SCOPE_MISSING', scopes: ['meeting:read:meeting'], detail: 'd', zoomStatus: '400', zoomCode: '4711' }));
    await assert.rejects(zoom.request('meetings/1'), (error) => {
      assert.deepEqual([error.reason, error.scopes, error.detail, error.zoom.status, error.zoom.code], ['SCOPE_MISSING', ['meeting:read:meeting'], 'd', 400, 4711]);
      return true;
    });
    await assert.rejects(clientWith(problem(429, { reason: 'ZOOM_RATE_LIMITED' }, { 'retry-after': '30' })).zoom.request('a'), { retryAfterSeconds: 30 });
  });

  it('gives other content as a Blob, and the Response itself when asked', async () => {
    const { zoom } = clientWith(new Response('bytes', { headers: { 'content-type': 'video/mp4', 'shodan-outcome': 'zoom' } }));
    assert.equal(await (await zoom.request('a')).data.text(), 'bytes');
    const response = await zoom.request('a', { raw: true });
    assert.equal(await response.text(), 'bytes');
  });

  it('ends when its signal is aborted, without a repetition', async () => {
    const controller = new AbortController();
    const { zoom, requests } = clientWith(() => { controller.abort(); throw new DOMException('gone', 'AbortError'); });
    await assert.rejects(zoom.request('a', { method: 'POST', signal: controller.signal }), { reason: 'ABORTED' });
    assert.equal(requests.length, 1);
  });

  it('is not sent with a method that Zoom does not have', async () => {
    await assert.rejects(clientWith(dropped).zoom.request('a', { method: 'CONNECT' }), TypeError);
  });
});

describe('a connection', () => {
  const pending = { state: 'none', lastAttempt: { attemptId: 'a1', state: 'pending', result: null } };
  const attempt = () => ({ attemptId: 'a1', connectUrl: 'https://gateway.example/connect?ticket=t', expireTime: new Date(Date.now() + 60_000).toISOString() });
  const open = () => {};

  it('is made in a window that the caller opens, and told once it is there', async () => {
    const opened = [];
    const { zoom } = clientWith(() => json(200, attempt()), json(200, pending),
      json(200, { state: 'active', lastAttempt: { attemptId: 'a1', state: 'succeeded', result: 'connected' } }));
    const link = await zoom.connect({ open: (url) => opened.push(url) });
    assert.equal(link.state, 'active');
    assert.deepEqual(opened, ['https://gateway.example/connect?ticket=t']);
  });

  for (const result of ['cancelled', 'other_account_connected', 'different_account', 'expired', 'wrong_browser', 'system_error']) {
    it(`that ended with ${result} is an error of that name`, async () => {
      const { zoom } = clientWith(() => json(200, attempt()), json(200, { state: 'none', lastAttempt: { attemptId: 'a1', state: 'failed', result } }));
      await assert.rejects(zoom.connect({ open }), { reason: result.toUpperCase() });
    });
  }

  it('of which another attempt was begun is superseded', async () => {
    const { zoom } = clientWith(() => json(200, attempt()), json(200, { state: 'none', lastAttempt: { attemptId: 'a2', state: 'pending' } }));
    await assert.rejects(zoom.connect({ open }), { reason: 'SUPERSEDED' });
  });

  it('needs a window', async () => {
    globalThis.window = { open: () => null };
    try {
      await assert.rejects(clientWith(dropped).zoom.connect(), { reason: 'POPUP_BLOCKED' });
    } finally {
      delete globalThis.window;
    }
  });

  it('is never made at an address that is no page', async () => {
    const { zoom } = clientWith(() => json(200, { ...attempt(), connectUrl: 'javascript:alert(1)' }));
    await assert.rejects(zoom.connect({ open: () => assert.fail('opened') }), TypeError);
  });

  it('is watched until the watcher is ended', async () => {
    const seen = [];
    const { zoom } = clientWith(json(200, { state: 'none', generation: 1 }), json(200, { state: 'none', generation: 1 }), json(200, { state: 'active', generation: 2 }));
    await new Promise((resolve) => {
      const end = zoom.watch((link) => {
        seen.push(link.state);
        if (link.state === 'active') { end(); resolve(); }
      }, { intervalMs: 1 });
    });
    assert.deepEqual(seen, ['none', 'active']);
  });
});

describe('calls and disconnects', () => {
  const recorded = { call: { callId: 'c', number: '+81312345678' }, callUri: 'zoomphonecall://+81312345678', telUri: 'tel:+81312345678', notice: null };

  it('a call is recorded once, opened as told, and says what will be dialled', async () => {
    const opened = [];
    const { zoom, requests } = clientWith(dropped, json(201, recorded));
    const result = await zoom.call('03-1234-5678', { region: 'JP', companyId: 'c1', open: (uri) => opened.push(uri) });
    assert.deepEqual([result.dialled, result.uri, result.outcome, opened], ['+81312345678', recorded.callUri, 'opened', [recorded.callUri]]);
    assert.deepEqual(requests.map(({ body }) => JSON.parse(body).requestId).filter((id, index, all) => id === all[0]).length, 2);
    assert.equal((await zoom.call('1', {})).outcome, 'not_opened');
  });

  it('what is no call URI is not opened', async () => {
    const { zoom } = clientWith(json(201, { ...recorded, callUri: 'javascript:alert(1)' }));
    await assert.rejects(zoom.call('1', { open: () => assert.fail('opened') }), { reason: 'MALFORMED_ANSWER' });
  });

  it('a disconnect is repeated under its id when the answer is lost', async () => {
    const { zoom, requests } = clientWith(dropped, json(200, { link: { state: 'none' }, receipt: { revokedAtZoom: 'yes' } }));
    assert.equal((await zoom.disconnect()).link.state, 'none');
    assert.equal(requests[0].body, requests[1].body);
  });
});

describe('the package', () => {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const types = readFileSync(join(folder, 'zoom-connect.d.ts'), 'utf8');

  it('holds every module that it loads, and needs no other package', () => {
    const seen = new Set();
    const visit = (file) => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const [, target] of readFileSync(join(folder, file), 'utf8').matchAll(/from '([^']+)'/g)) {
        assert.match(target, /^\.\/[\w-]+\.mjs$/, `${file} loads ${target}`);
        visit(target.slice(2));
      }
    };
    visit(manifest.exports['.'].default.slice(2));
    assert.deepEqual([...seen].sort(), manifest.files.filter((file) => file.endsWith('.mjs')).sort());
    assert.ok(manifest.files.every((file) => existsSync(join(folder, file))));
    assert.deepEqual([manifest.dependencies, manifest.scripts], [undefined, undefined]);
  });

  it('has types for every export, and for every method', () => {
    for (const name of Object.keys(module)) assert.match(types, new RegExp(`^export (?:class|function) ${name}\\b`, 'm'), name);
    for (const name of Object.getOwnPropertyNames(ZoomConnect.prototype)) assert.match(types, new RegExp(`^ {2}${name}[(<]`, 'm'), name);
    const fields = Object.keys(new ZoomConnectError('X')).filter((name) => name !== 'name');
    for (const name of fields) assert.match(types, new RegExp(`^ {2}${name}: `, 'm'), name);
  });

  it('says where it is wrongly made', () => {
    assert.throws(() => new ZoomConnect({}), /projectId is required/);
    assert.throws(() => new ZoomConnect({ projectId: 'demo' }), /baseUrl is required outside a browser/);
  });
});
