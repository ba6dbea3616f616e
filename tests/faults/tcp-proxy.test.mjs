// SPDX-License-Identifier: Apache-2.0
// The fault proxy does to a connection what it was told, and nothing else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { Random } from './random.mjs';
import { TcpProxy } from './tcp-proxy.mjs';

let server;
let proxy;

/** Sends back what it gets. */
before(async () => {
  server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await new TcpProxy({ port: server.address().port }, new Random('proxy')).start();
});
after(async () => {
  await proxy.stop();
  server.close();
});
afterEach(() => {
  proxy.set();
  proxy.cutAll();
});

const text = (length) => Array.from({ length }, (_, at) => String.fromCharCode(97 + (at % 26))).join('');

/** A client that collects what comes; `ended` tells how the connection ended. */
async function client() {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  const state = { socket, received: '', ended: undefined };
  socket.setEncoding('utf8').on('data', (piece) => { state.received += piece; });
  state.ended = new Promise((resolve) => {
    socket.on('error', ({ code }) => resolve(code));
    socket.on('close', () => resolve('closed'));
  });
  state.has = async (length) => { while (state.received.length < length) await once(socket, 'data'); };
  await Promise.race([once(socket, 'connect'), state.ended]);
  return state;
}

describe('a connection through the proxy', () => {
  test('carries everything in order in both directions', async () => {
    const one = await client();
    const sent = text(300_000);
    one.socket.end(sent);
    assert.equal(await one.ended, 'closed');
    assert.equal(one.received, sent);
  });

  test('carries the same bytes when they come late and in jerks', async () => {
    proxy.set({ toServer: { jitterMs: 5 }, toClient: { delayMs: 1, jitterMs: 5 } });
    const one = await client();
    const sent = text(200_000);
    one.socket.end(sent);
    await one.ended;
    assert.equal(one.received, sent);
  });

  test('is late by the delay', async () => {
    proxy.set({ toClient: { delayMs: 120 } });
    const one = await client();
    const began = performance.now();
    one.socket.write('x');
    await one.has(1);
    assert.ok(performance.now() - began >= 115);
  });

  test('is as slow as the throttle', async () => {
    proxy.set({ toClient: { bytesPerSecond: 50_000 } });
    const one = await client();
    const began = performance.now();
    one.socket.write(text(10_000));
    await one.has(10_000);
    assert.ok(performance.now() - began >= 150, 'ten thousand bytes at fifty thousand a second');
  });

  for (const cutAtByte of [0, 1, 999, 1_000]) {
    test(`breaks before byte ${cutAtByte} of what goes to the client`, async () => {
      proxy.set({ toClient: { cutAtByte } });
      const one = await client();
      one.socket.write(text(5_000));
      await one.ended;
      assert.equal(one.received, text(5_000).slice(0, cutAtByte));
    });
  }

  test('breaks before a byte of what goes to the server', async () => {
    proxy.set({ toServer: { cutAtByte: 7 } });
    const one = await client();
    one.socket.write(text(5_000));
    await one.ended;
    assert.ok(one.received.length <= 7);
  });

  test('that is silent stays open and carries nothing', async () => {
    const one = await client();
    proxy.set({ toClient: { silent: true } });
    one.socket.write('lost');
    const outcome = await Promise.race([one.ended, new Promise((resolve) => { setTimeout(resolve, 150, 'open'); })]);
    assert.deepEqual([outcome, one.received], ['open', '']);
  });

  test('is cut with all others, at both ends', async () => {
    const clients = [await client(), await client()];
    for (const one of clients) {
      one.socket.write('x');
      await one.has(1);
    }
    assert.equal(proxy.cutAll(), 2);
    await Promise.all(clients.map(({ ended }) => ended));
  });

  test('is refused when the proxy refuses', async () => {
    proxy.set({ refuse: true });
    const one = await client();
    one.socket.write('x');
    await one.ended;
    assert.equal(one.received, '');
  });

  test('goes to the new target once that has changed', async () => {
    const other = createServer((socket) => socket.end('other'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const usual = proxy.target;
    proxy.target = { host: '127.0.0.1', port: other.address().port };
    const one = await client();
    one.socket.end();
    await one.ended;
    proxy.target = usual;
    other.close();
    assert.equal(one.received, 'other');
  });
});
