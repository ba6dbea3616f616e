// SPDX-License-Identifier: Apache-2.0
// People in front of the gateway: their requests, and their way to Zoom and back.
import assert from 'node:assert/strict';
import { gatewayClient } from '../../support-js/https.mjs';
import { authorizeHeadlessly } from '../../support-js/stack.mjs';

export const sessionCookie = '__Host-shodan-session';

const cookieText = (cookies) => Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ');

/** One person with a session. By cookie unsafe requests carry the Origin of a page; by Bearer they carry none. */
export class Person {
  /**
   * @param {{http: object, stack: object}} driver
   * @param {string} userId
   * @param {{roles?: string[], displayName?: string, bearer?: boolean, token?: string, project?: string}} [options] `token` in
   *   place of a good one
   */
  constructor({ http, stack }, userId, { roles = [], displayName, bearer = false, token, project = stack.projectId } = {}) {
    Object.assign(this, { http, stack, userId, project, bearer });
    this.token = token ?? stack.session({ userId, roles, displayName });
    this.cookies = bearer ? {} : { [sessionCookie]: this.token };
  }

  /** A request to any path, with this person's credentials. */
  fetch(path, options = {}) {
    const { cookies = this.cookies, origin = !this.bearer && (options.method ?? 'GET') !== 'GET', ...rest } = options;
    const cookie = cookieText(cookies);
    return this.http.fetch(path, { ...(this.bearer ? { bearer: this.token } : {}), ...(cookie ? { cookie } : {}), origin, ...rest });
  }

  /** A request below /v1/projects/{project}; an object is sent as JSON. */
  api(method, path, json, options = {}) {
    return this.fetch(`/v1/projects/${this.project}${path}`, { method, ...(json === undefined ? {} : { json }), ...options });
  }

  /** @returns {Promise<object>} the link as the settings page reads it */
  async link() {
    const answer = await this.api('GET', '/link');
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  /** Asks for a connection and opens its ticket. @returns {Promise<{attemptId: string, url: string, cookies: object}>} */
  async begin({ reconnect = false } = {}) {
    const started = await this.api('POST', '/link:connect', { reconnect });
    assert.equal(started.status, 200, started.text);
    const opened = await this.fetch(started.json.connectUrl);
    assert.equal(opened.status, 303, opened.text);
    return { attemptId: started.json.attemptId, url: opened.headers.location, cookies: opened.cookies };
  }

  /**
   * Goes to Zoom and decides there.
   * @param {{id: string}} zoomUser
   * @param {{reconnect?: boolean, allow?: boolean, pages?: boolean}} [options] `pages`: through Zoom's pages
   * @returns {Promise<{callback: string, cookies: object, attemptId: string}>} what the browser then asks the gateway
   */
  async authorize(zoomUser, { reconnect, allow = true, pages = false } = {}) {
    const { url, cookies, attemptId } = await this.begin({ reconnect });
    const callback = pages
      ? await authorizeHeadlessly(url, zoomUser, { allow })
      : await this.stack.simulator.authorizeDirectly(url, zoomUser.id, { allow });
    return { callback, cookies, attemptId };
  }

  /** The callback as this person's browser makes it. */
  returnFromZoom({ callback, cookies }) {
    return this.fetch(callback, { cookies: { ...this.cookies, ...cookies } });
  }

  /** @returns {Promise<string>} the result code that the settings page is told */
  async connect(zoomUser, options) {
    return resultOf(await this.returnFromZoom(await this.authorize(zoomUser, options)));
  }
}

/** @returns {string} the zoom_result of the redirect back to the settings */
export function resultOf(answer) {
  assert.equal(answer.status, 303, answer.text);
  const location = new URL(answer.headers.location);
  assert.equal(location.pathname, '/app/settings/integrations');
  return location.searchParams.get('zoom_result');
}

export class GatewayDriver {
  constructor(stack) {
    this.stack = stack;
    this.http = gatewayClient(stack);
    this.people = 0;
  }

  close() { this.http.close(); }

  /** @returns {Person} somebody nobody has been yet */
  person(options) {
    this.people += 1;
    return new Person(this, `person-${this.people}`, options);
  }

  newZoomUser(overrides = {}) {
    this.people += 1;
    return this.stack.simulator.addUser({ first_name: 'Canary', last_name: `No${this.people}`, email: `canary-${this.people}@zoom.example`, ...overrides });
  }

  /** @returns {Promise<{person: Person, zoomUser: object}>} somebody who is connected */
  async connected(options) {
    const person = this.person(options);
    const zoomUser = await this.newZoomUser();
    assert.equal(await person.connect(zoomUser), 'connected');
    return { person, zoomUser };
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Asserts that an answer is a problem document (RFC 9457) as the API promises it.
 * @param {object} answer
 * @param {{status: number, reason: string, fields?: string[], path?: string}} expected `fields`: exactly those named
 * @param {string} [what] for the message
 */
export function assertProblem(answer, { status, reason, fields = [], path }, what = '') {
  const shown = `${what}: ${answer.status} ${answer.text.slice(0, 300)}`;
  assert.equal(answer.status, status, shown);
  assert.equal(answer.headers['content-type'], 'application/problem+json', shown);
  assert.equal(answer.headers['cache-control'], 'no-store', shown);
  const problem = answer.json;
  assert.deepEqual(Object.keys(problem).sort(), ['detail', 'errors', 'instance', 'reason', 'requestId', 'status', 'title', 'type'], shown);
  assert.equal(problem.reason, reason, shown);
  assert.equal(problem.type, `https://shodan.example/problems/${reason}`);
  assert.equal(problem.status, status);
  assert.match(problem.requestId, uuid);
  assert.equal(problem.requestId, answer.headers['x-request-id']);
  assert.ok(problem.title && problem.detail, shown);
  if (path !== undefined) assert.equal(problem.instance, path);
  assert.deepEqual(problem.errors.map(({ field }) => field), fields, shown);
  for (const { reason: why, detail } of problem.errors) {
    assert.match(why, /^[A-Z][A-Z0-9_]{2,62}$/);
    assert.ok(detail);
  }
  if (status === 429 || status === 503) assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
  if (status === 401) assert.equal(answer.headers['www-authenticate'], 'Bearer');
}
