// SPDX-License-Identifier: Apache-2.0
// A program of the project's owner: an HTTPS server that webhooks are sent to.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { eventually } from './conditions.mjs';

export class Receiver {
  #server;
  /** Every request, as it came. */
  received = [];

  /** @param {{certificateFile: string, privateKeyFile: string}} certificate of "localhost" */
  static async start({ certificateFile, privateKeyFile }) {
    const receiver = new Receiver();
    receiver.#server = https.createServer({ cert: readFileSync(certificateFile), key: readFileSync(privateKeyFile) }, (request, answer) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => receiver.#take({ method: request.method, path: request.url, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') }, answer));
    });
    await new Promise((resolve) => { receiver.#server.listen(0, '127.0.0.1', resolve); });
    return receiver;
  }

  /** The last part of a path is the status to answer with: "/orders/500". Statuses of `answers` come first. */
  answers = new Map();

  #take(request, answer) {
    const message = { ...request, json: JSON.parse(request.body) };
    this.received.push(message);
    const planned = this.answers.get(request.path)?.shift();
    const status = planned ?? (Number(request.path.split('/').at(-1)) || 204);
    answer.writeHead(status, status === 302 ? { location: this.url('/redirected') } : {});
    answer.end(status === 204 ? undefined : 'x'.repeat(100));
  }

  url(path) { return `https://localhost:${this.#server.address().port}${path}`; }

  at(path, type) { return this.received.filter((message) => message.path === path && (!type || message.json.type === type)); }

  /** Waits for so many messages at a path. */
  until(path, count, type) {
    return eventually(`${count} messages at ${path}`, () => {
      const found = this.at(path, type);
      return found.length >= count && found;
    });
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => { this.#server.close(resolve); });
  }
}

/**
 * Verifies as the specification of Standard Webhooks says: any of the signatures of the header may fit.
 * @param {string} secret "whsec_…"
 * @param {{headers: object, body: string}} message
 * @returns {boolean}
 */
export function verifiesAsStandardWebhook(secret, { headers, body }) {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = headers;
  if (Math.abs(Date.now() / 1000 - Number(time)) > 300) return false;
  const expected = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest();
  return signatures.split(' ').some((signature) => {
    const [version, value] = signature.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}
