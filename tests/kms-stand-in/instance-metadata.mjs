// SPDX-License-Identifier: Apache-2.0
// A stand-in for the instance metadata service, version 2: a session token by PUT, then the role's credentials.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const role = 'the-role';
const base = '/latest/meta-data/iam/security-credentials/';

export class InstanceMetadata {
  #sessions = new Set();
  #server = createServer((request, response) => this.#answer(request, response));

  /** @param {{id: string, secret: string, sessionToken: string}} credentials */
  constructor(credentials) {
    this.credentials = credentials;
  }

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get url() { return `http://127.0.0.1:${this.#server.address().port}`; }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer({ method, url, headers }, response) {
    const send = (status, text = '') => response.writeHead(status).end(text);
    if (url === '/latest/api/token') {
      const seconds = Number(headers['x-aws-ec2-metadata-token-ttl-seconds']);
      if (method !== 'PUT') return send(405);
      if (!(seconds >= 1 && seconds <= 21_600)) return send(400);
      const session = randomBytes(40).toString('base64');
      this.#sessions.add(session);
      return send(200, session);
    }
    if (!this.#sessions.has(headers['x-aws-ec2-metadata-token'])) return send(401);
    if (method !== 'GET') return send(405);
    if (url === base) return send(200, role);
    if (url !== base + role) return send(404);
    const { id, secret, sessionToken } = this.credentials;
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    return send(200, JSON.stringify({ Code: 'Success', Type: 'AWS-HMAC', AccessKeyId: id, SecretAccessKey: secret, Token: sessionToken, Expiration }));
  }
}
