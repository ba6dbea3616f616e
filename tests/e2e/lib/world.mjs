// SPDX-License-Identifier: Apache-2.0
// One stack and one browser for all stories, the people who have not had a story yet, and the hands that reach behind
// the screens: Zoom, the databases, another service that uses a connection.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { prepareAuthority } from '../../../deploy/local/authority.mjs';
import { testDirectory } from '../../../deploy/local/stack.mjs';
import { eventually } from '../../integration/lib/conditions.mjs';
import { launchBrowser } from '../../support-js/browser.mjs';
import { clientOf } from '../../support-js/grpc.mjs';
import { gatewayClient } from '../../support-js/https.mjs';
import { authorizeHeadlessly, everyService, projectId, startStack } from '../../support-js/stack.mjs';
import { OtherSite } from './other-site.mjs';
import { administrator, salespeople, zoomPerson } from './people.mjs';

const sessionCookie = '__Host-shodan-session';

/** A user id as an SQL literal; those of people.mjs hold letters and a dot. */
const quoted = (id) => {
  assert.match(id, /^[a-z.]+$/);
  return `'${id}'`;
};

/** Where the services' logs of the last failed run stay. */
export const keptLogs = join(testDirectory, 'reports', 'e2e-log');

export class World {
  aStoryFailed = false;
  #people = salespeople();
  #met = 0;
  #zoomPeople = 0;

  async start() {
    this.otherSite = await OtherSite.listen();
    this.stack = await startStack({
      services: everyService, demoUsers: [...this.#people, administrator], origins: [this.otherSite.origin], webhooks: true, durable: false,
    });
    await this.otherSite.certify(this.stack.caFile);
    this.browser = await launchBrowser({ caFile: this.stack.caFile });
    this.gateway = gatewayClient(this.stack);
    this.zoomApi = clientOf(this.stack, this.stack.tokenVault[0], 'zoom-api');
  }

  async stop() {
    this.zoomApi?.close();
    this.gateway?.close();
    await this.browser?.close();
    this.otherSite?.close();
    if (this.stack && this.aStoryFailed) cpSync(this.stack.logDirectory, keptLogs, { recursive: true });
    await this.stack?.stop();
  }

  get origin() { return this.stack.publicUrl; }
  get simulator() { return this.stack.simulator; }

  /** @returns {{user_id: string, display_name: string}} a Shodan Pro user who has done nothing yet */
  nextSalesperson() {
    const person = this.#people[this.#met];
    if (!person) throw new Error('every demo user has had a story; add names to lib/people.mjs');
    this.#met += 1;
    return person;
  }

  /** @returns {Promise<{id: string, email: string, password: string, display_name: string}>} a new person at Zoom */
  nextZoomUser(overrides) {
    this.#zoomPeople += 1;
    return this.simulator.addUser(zoomPerson(this.#zoomPeople, overrides));
  }

  /** Goes through Zoom's pages in a browser of no one's. @returns {Promise<string>} where Zoom sends the browser */
  authorize(authorizationUrl, zoomUser) { return authorizeHeadlessly(authorizationUrl, zoomUser); }

  /**
   * Another service asks Zoom something in the user's name, with a token that Zoom has turned down before.
   * @returns {Promise<boolean>} whether the connection gave it a token that works
   */
  async useToken(userId) {
    const first = await this.zoomApi.getAccessToken({ projectId, userId }).catch(() => null);
    if (!first) return false;
    const fresh = await this.zoomApi.getAccessToken({ projectId, userId, rejectedTokenVersion: first.tokenVersion }).catch(() => null);
    if (!fresh) return false;
    const answer = await fetch(`${fresh.apiBaseUrl}/users/me`, { headers: { authorization: `Bearer ${fresh.accessToken}` } });
    await answer.arrayBuffer();
    return answer.status === 200;
  }

  /** The user's open attempts were begun long ago. */
  async ageAttempts(userId) {
    await this.stack.postgres.execute('token_vault', `UPDATE attempts SET created_at = created_at - interval '1 hour',
      ticket_expires_at = ticket_expires_at - interval '1 hour', expires_at = expires_at - interval '1 hour'
      WHERE user_id = ${quoted(userId)} AND state = 'pending'`);
  }

  /** Zoom had granted the user's connection something else: what it grants is a setting of the app, so of everybody. */
  async withdrawScopes(userId) {
    await this.stack.postgres.execute('token_vault', `UPDATE grants SET scope = 'phone:read:user' WHERE user_id = ${quoted(userId)}`);
  }

  /** The user's erasure is past its deadline. */
  async ageErasure(userId) {
    await this.stack.postgres.execute('token_vault', `UPDATE revocations SET created_at = created_at - interval '1 hour',
      deadline_at = deadline_at - interval '1 hour', lease_until = NULL WHERE user_id = ${quoted(userId)} AND wiped_at IS NULL`);
  }

  /** @returns {Promise<object>} the user's row of account-link */
  async linkOf(userId) {
    const [link] = await this.stack.postgres.query('account_link', `SELECT * FROM links WHERE user_id = ${quoted(userId)}`);
    return link;
  }

  /** Waits until account-link has heard what the vault knows. */
  linkBecomes(userId, state) {
    return eventually(`the link of ${userId} is ${state}`, async () => (await this.linkOf(userId))?.state === state);
  }

  /** Every byte of the user's calls and notes. */
  async recordsOf(userId) {
    const rows = (table) => this.stack.postgres.query('account_link', `SELECT * FROM ${table} WHERE user_id = ${quoted(userId)} ORDER BY created_at`);
    const [calls, notes] = await Promise.all([rows('calls'), rows('call_notes')]);
    assert.ok(calls.length > 0 && notes.length > 0);
    return { calls, notes };
  }

  /** @returns {Promise<{url: string, close: () => void}>} an HTTPS server whose authority nobody here trusts */
  async strangersServer() {
    const { certificateFile, privateKeyFile } = (await prepareAuthority(join(this.stack.directory, 'stranger'))).of('localhost');
    const files = { cert: readFileSync(certificateFile), key: readFileSync(privateKeyFile) };
    const server = createServer(files, (request, response) => response.end('hello'));
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return { url: `https://localhost:${server.address().port}/`, close: () => { server.close(); server.closeAllConnections(); } };
  }

  /** @returns {string} a session as a frontend with Bearer tokens holds it */
  sessionOf({ id, name }, options) { return this.stack.session({ userId: id, displayName: name, ...options }); }

  /** An administrator ends a user's connection through the browser API. */
  async disconnectAsAdministrator(userId) {
    const bearer = this.stack.session({ userId: 'the.administrator', roles: ['admin'] });
    const path = `/v1/projects/${projectId}/users/${userId}/link:disconnect`;
    const answer = await this.gateway.fetch(path, { bearer, json: { requestId: randomUUID() } });
    assert.equal(answer.status, 200, answer.text);
  }

  /** The session in a salesperson's browser becomes one that has ended. */
  async expireSession(salesperson) {
    const value = this.sessionOf(salesperson, { lifetimeSeconds: -3600 });
    const attributes = { url: this.origin, secure: true, httpOnly: true, sameSite: 'Lax' };
    await salesperson.context.addCookies([{ name: sessionCookie, value, ...attributes }]);
  }
}
