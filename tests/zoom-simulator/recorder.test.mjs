// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { send, startSimulator } from './client.mjs';
import { countedBytes } from './faults.mjs';
import { connect, readProfile, refused } from './fixture.mjs';

let sim;
before(async () => {
  sim = await startSimulator();
});
after(() => sim.stop());
beforeEach(() => sim.reset());

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Sends bytes as they are, and reads until the end. */
async function raw(text) {
  const socket = net.connect(sim.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.end(text);
  socket.resume();
  await once(socket, 'close');
}

describe('the record of requests', () => {
  test('holds method, raw path and query, host, headers, and the digest of the body', async () => {
    const body = randomBytes(3 << 20);
    await send(`${sim.url}/v2/a%2Fb//..?x=%2e&y`, { method: 'PUT', headers: { authorization: 'Bearer unknown', accept: 'text/x' }, body });
    const [seen] = await sim.ledger({ type: 'request_seen' });
    const { method, path, query, host, body_length: length, body_sha256: digest, complete, headers } = seen;
    assert.deepEqual(
      [method, query, host, length, digest, complete, headers.accept],
      ['PUT', 'x=%2e&y', new URL(sim.url).host, body.length, sha256(body), true, 'text/x'],
    );
    assert.ok(path.startsWith('/v2/'));
    assert.equal(seen.presented_access_token_sha256, sha256('unknown'));
  });

  test('holds paths that no client library would send, as they came', async () => {
    const targets = ['/v2/../oauth/x', '/v2/%2e%2e/y', '//evil.example/v2/', 'http://evil.example/v2/users/me', '/v2\\..\\z', '/admin'];
    for (const target of targets) await raw(`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    const seen = await sim.ledger({ type: 'request_seen' });
    assert.deepEqual(seen.map(({ path }) => path), targets);
  });

  test('holds requests with a token for the places of people, and no others there', async () => {
    const { access_token: access } = await connect(sim);
    await send(`${sim.url}/oauth/token`, { method: 'POST', headers: { authorization: `Bearer ${access}` } });
    await send(`${sim.url}/oauth/token`, { method: 'POST' });
    await send(`${sim.url}/_control/status`);
    const seen = await sim.ledger({ type: 'request_seen' });
    assert.deepEqual(seen.map(({ path }) => path), ['/oauth/token']);
  });

  test('holds a request that broke off in its body, which has no effect', async () => {
    const socket = net.connect(sim.port, '127.0.0.1');
    socket.write('POST /v2/users/me/meetings HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{"top');
    await once(socket, 'connect');
    socket.end();
    socket.resume();
    const [seen] = await sim.waitLedger({ type: 'request_seen' });
    assert.deepEqual([seen.complete, seen.body_length], [false, 5]);
    assert.deepEqual(await sim.ledger({ type: 'api_request' }), []);
  });
});

describe('the switch echo', () => {
  test('answers unknown paths with what was seen, to those who have a token', async () => {
    await sim.setSwitches({ echo: true });
    const { access_token: access } = await connect(sim);
    const headers = { authorization: `Bearer ${access}`, 'content-type': 'text/plain' };
    const answer = await send(`${sim.url}/v2/anything/at%20all?q=1`, { method: 'PATCH', headers, body: 'abc' });
    const seen = answer.json();
    assert.deepEqual(
      [answer.status, seen.method, seen.path, seen.query, seen.body_sha256, seen.headers['content-type']],
      [200, 'PATCH', '/v2/anything/at%20all', 'q=1', sha256('abc'), 'text/plain'],
    );
    assert.ok(!answer.text.includes(access));
    assert.equal((await send(`${sim.url}/v2/anything`)).status, 401);
    assert.equal((await readProfile(sim, access)).json().status, 'active');
  });
});

describe('faults of the API', () => {
  test('meet a method and path', async () => {
    await sim.addFault({ endpoint: 'api', match: { method: 'POST', path: '/v2/b' }, answer: { status: 418 } });
    const statuses = [];
    for (const [method, path] of [['GET', 'b'], ['POST', 'a'], ['POST', 'b'], ['POST', 'b']]) {
      statuses.push((await send(`${sim.url}/v2/${path}`, { method })).status);
    }
    assert.deepEqual(statuses, [404, 404, 418, 404]);
  });

  test('answer with many bytes, slowly when told', async () => {
    await sim.addFault({ endpoint: 'api', answer: { status: 200, bytes: 1000 }, drip: { bytes: 300, interval_ms: 1 } });
    const answer = await send(`${sim.url}/v2/big`);
    assert.equal(answer.headers['content-type'], 'application/octet-stream');
    assert.equal(answer.headers['content-length'], '1000');
    assert.deepEqual([countedBytes(3), countedBytes(600)[502]], [Buffer.from([0, 1, 2]), 0]);
  });

  test('send elsewhere', async () => {
    await sim.addFault({ endpoint: 'api', answer: { status: 307, headers: { location: 'https://elsewhere.example/' } } });
    const answer = await send(`${sim.url}/v2/x`);
    assert.deepEqual([answer.status, answer.headers.location], [307, 'https://elsewhere.example/']);
    refused(await send(`${sim.url}/v2/x`), 404, { code: 2300, message: 'This API endpoint is not recognized.' });
  });
});
