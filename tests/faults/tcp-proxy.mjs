// SPDX-License-Identifier: Apache-2.0
// A TCP proxy that hurts what goes through it: late, in jerks, slowly, not at all, or broken off at a byte.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/**
 * How one direction of a connection behaves; absent keys do nothing.
 * @typedef {object} Behaviour
 * @property {number} [delayMs] each piece arrives so much later
 * @property {number} [jitterMs] and up to so much more, by chance; the order stays
 * @property {number} [bytesPerSecond] throttles
 * @property {number} [cutAtByte] breaks the connection before the byte with this offset in the direction is delivered
 * @property {boolean} [silent] swallows everything: the peer sees a connection on which nothing comes
 */

/** Waits until a socket takes more, or will never do so again. */
function room(socket) {
  const ready = new AbortController();
  const wait = (event) => once(socket, event, { signal: ready.signal }).catch(() => {});
  return Promise.race([wait('drain'), wait('close')]).finally(() => ready.abort());
}

/** One direction: takes pieces as they come and delivers them in order as the behaviour says. */
class Direction {
  #queue = Promise.resolve();
  #passed = 0;

  constructor(from, to, link) {
    from.on('data', (piece) => {
      from.pause();
      this.#queue = this.#queue.then(() => this.#deliver(piece, to, link)).then(() => from.resume());
    });
    from.on('end', () => {
      this.#queue = this.#queue.then(() => { if (!link.closed && !link.behaviour(this).silent) to.end(); });
    });
  }

  async #deliver(piece, to, link) {
    const { delayMs = 0, jitterMs = 0 } = link.behaviour(this);
    const wait = delayMs + (jitterMs > 0 ? link.random.integer(jitterMs + 1) : 0);
    if (wait > 0) await pause(wait);
    // Read again: what was set meanwhile holds for what is still on its way.
    const { bytesPerSecond, cutAtByte, silent } = link.behaviour(this);
    if (link.closed || silent) return;
    const cut = cutAtByte !== undefined && this.#passed + piece.length > cutAtByte;
    const passed = cut ? piece.subarray(0, Math.max(0, cutAtByte - this.#passed)) : piece;
    await this.#write(passed, to, link, bytesPerSecond);
    if (cut) link.cut();
  }

  async #write(piece, to, link, bytesPerSecond) {
    const step = bytesPerSecond ? Math.max(1, Math.ceil(bytesPerSecond / 50)) : piece.length;
    for (let at = 0; at < piece.length && !link.closed; at += step) {
      const part = piece.subarray(at, at + step);
      this.#passed += part.length;
      if (!to.write(part)) await room(to);
      if (bytesPerSecond) await pause((part.length * 1000) / bytesPerSecond);
    }
  }
}

/** A client's connection and ours to the target. */
class Link {
  closed = false;

  constructor(proxy, client, server) {
    Object.assign(this, { proxy, random: proxy.random, client, server });
    this.toServer = new Direction(client, server, this);
    this.toClient = new Direction(server, client, this);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.cut());
      socket.on('close', () => { if (client.destroyed && server.destroyed) this.cut(); });
    }
  }

  behaviour(direction) {
    const { toServer, toClient } = this.proxy.behaviour;
    return (direction === this.toServer ? toServer : toClient) ?? {};
  }

  /** Both ends see a reset. */
  cut() {
    if (this.closed) return;
    this.closed = true;
    this.proxy.links.delete(this);
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }
}

export class TcpProxy {
  links = new Set();
  /** @type {{toServer?: Behaviour, toClient?: Behaviour, refuse?: boolean}} what holds now, for old connections as well */
  behaviour = {};
  #server;

  /** @param {{port: number, host?: string}} target @param {import('./random.mjs').Random} random */
  constructor(target, random) {
    Object.assign(this, { target: { host: '127.0.0.1', ...target }, random });
  }

  /** Listens on a free port of loopback. @returns {Promise<TcpProxy>} this */
  async start() {
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
    return this;
  }

  #accept(client) {
    client.on('error', () => {});
    if (this.behaviour.refuse) {
      client.resetAndDestroy();
      return;
    }
    this.links.add(new Link(this, client, connect({ ...this.target, allowHalfOpen: true })));
  }

  /**
   * Changes what happens from now on.
   * @param {{toServer?: Behaviour, toClient?: Behaviour, refuse?: boolean}} [behaviour] `refuse`: new connections are reset
   */
  set(behaviour = {}) { this.behaviour = behaviour; }

  /** Breaks every connection. @returns {number} how many there were */
  cutAll() {
    const all = [...this.links];
    for (const link of all) link.cut();
    return all.length;
  }

  async stop() {
    this.cutAll();
    if (!this.#server?.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}
