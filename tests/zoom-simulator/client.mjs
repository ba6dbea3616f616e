// SPDX-License-Identifier: Apache-2.0
// For tests: starts a simulator as a child process and speaks its control API; browser.mjs goes
// through its pages.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { send } from './browser.mjs';

export { authorizeHeadlessly, basic, Browser, send, sendForm } from './browser.mjs';

const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));
const LISTEN_TIMEOUT_MS = 15_000;

/** The redirect URI of `demoApp()` when none is given. Nothing listens there. */
export const DEMO_REDIRECT_URI = 'https://localhost:8443/oauth/callback';

/** An app definition with the usual values; override what a test is about. */
export const demoApp = (overrides = {}) => ({
  client_id: 'shodan-pro-demo',
  client_secret: 'local-demo-secret',
  name: 'Shodan Pro',
  redirect_uris: [DEMO_REDIRECT_URI],
  scopes: ['user:read:user'],
  ...overrides,
});

/** A refusal of the control API. */
export class ControlFailure extends Error {
  constructor(status, { reason, message, problems } = {}) {
    super(`${status} ${reason}: ${message}`);
    Object.assign(this, { status, reason, problems });
  }
}

/** The control API of a running simulator. Times are in milliseconds. */
export class SimulatorClient {
  #agent;

  /** @param options `{url, controlToken, ca}` */
  constructor({ url, controlToken, ca }) {
    Object.assign(this, { url, controlToken, ca });
    this.#agent = new (url.startsWith('https:') ? https : http).Agent({ keepAlive: true });
  }

  /** Any call of the control API. @param path below /_control @throws {ControlFailure} */
  async call(method, path, input) {
    const answer = await send(`${this.url}/_control${path}`, {
      method,
      agent: this.#agent,
      ca: this.ca,
      body: method === 'GET' || method === 'DELETE' ? undefined : JSON.stringify(input ?? {}),
      headers: {
        'content-type': 'application/json',
        ...(this.controlToken ? { authorization: `Bearer ${this.controlToken}` } : {}),
      },
    });
    if (answer.status !== 200) throw new ControlFailure(answer.status, answer.json().error);
    return answer.json();
  }

  status() {
    return this.call('GET', '/status');
  }
  reset() {
    return this.call('POST', '/reset');
  }

  async users() {
    return (await this.call('GET', '/users')).users;
  }
  /** @param definition needs first_name, last_name, email; the rest is made up */
  addUser(definition) {
    return this.call('POST', '/users', definition);
  }
  user(user) {
    return this.call('GET', `/users/${encodeURIComponent(user)}`);
  }
  changeUser(user, changes) {
    return this.call('PATCH', `/users/${encodeURIComponent(user)}`, changes);
  }
  removeUser(user) {
    return this.call('DELETE', `/users/${encodeURIComponent(user)}`);
  }
  /** The user removes the app in Zoom. @param clientId may be absent with one app @param options.webhookLost nobody is told */
  removeApp(user, clientId, { webhookLost = false } = {}) {
    return this.call('POST', `/users/${encodeURIComponent(user)}/remove-app`, {
      ...(clientId ? { client_id: clientId } : {}),
      ...(webhookLost ? { webhook_lost: true } : {}),
    });
  }

  async apps() {
    return (await this.call('GET', '/apps')).apps;
  }
  addApp(definition) {
    return this.call('POST', '/apps', definition);
  }
  changeApp(clientId, changes) {
    return this.call('PATCH', `/apps/${encodeURIComponent(clientId)}`, changes);
  }
  deleteApp(clientId) {
    return this.call('DELETE', `/apps/${encodeURIComponent(clientId)}`);
  }

  switches() {
    return this.call('GET', '/switches');
  }
  setSwitches(changes) {
    return this.call('PATCH', '/switches', changes);
  }

  /** Queues a fault; README.md has its keys. */
  addFault(fault) {
    return this.call('POST', '/faults', fault);
  }
  async faults() {
    return (await this.call('GET', '/faults')).faults;
  }
  clearFaults() {
    return this.call('DELETE', '/faults');
  }

  /** Waits until `count` requests are held at a barrier. @returns what is held @throws {Error} after timeoutMs */
  async waitHeld(name, count = 1, timeoutMs = 10_000) {
    const { held, timed_out: timedOut } = await this.call(
      'GET',
      `/barriers/${name}?held=${count}&timeout_ms=${timeoutMs}`,
    );
    if (timedOut) throw new Error(`barrier ${name}: ${held.length} of ${count} requests held after ${timeoutMs} ms`);
    return held;
  }

  /** Releases all requests held at a barrier, or the oldest `count`. @returns how many */
  async release(name, count) {
    return (await this.call('POST', `/barriers/${name}/release`, count ? { count } : {})).released;
  }

  /** The sequence number of the newest ledger entry: a position to read or wait from. */
  async position() {
    return (await this.call('GET', '/ledger?limit=0')).last;
  }

  /** All entries after a position that match. @param filter field to text, or to a list of texts */
  async ledger(filter = {}, after = 0) {
    const entries = [];
    for (let position = after, more = true; more;) {
      const page = await this.call('GET', `/ledger?${ledgerQuery(filter, { after: position, limit: 10_000 })}`);
      entries.push(...page.entries);
      ({ more, next_after: position } = page);
    }
    return entries;
  }

  /** Waits until `count` entries match. @returns them @throws {Error} after timeoutMs */
  async waitLedger(filter, { after = 0, count = 1, timeoutMs = 10_000 } = {}) {
    const query = ledgerQuery(filter, { after, count, timeout_ms: timeoutMs });
    const { entries, timed_out: timedOut } = await this.call('GET', `/ledger/wait?${query}`);
    if (timedOut)
      throw new Error(
        `ledger: ${entries.length} of ${count} entries matched ${JSON.stringify(filter)} in ${timeoutMs} ms`,
      );
    return entries;
  }

  /** @param filter `{client_id, user_id, state}` */
  async grants(filter = {}) {
    return (await this.call('GET', `/grants?${new URLSearchParams(filter)}`)).grants;
  }
  grant(grantId) {
    return this.call('GET', `/grants/${grantId}`);
  }
  endGrant(grantId) {
    return this.call('POST', `/grants/${grantId}/end`);
  }
  /** Every token of the matching grants, by value and SHA-256. */
  async tokens(filter = {}) {
    return (await this.call('GET', `/tokens?${new URLSearchParams(filter)}`)).tokens;
  }
  /** @param what `{access_token}`, `{refresh_token}`, `{code}`, or `{grant_id | user_id, kind}` */
  expire(what) {
    return this.call('POST', '/tokens/expire', what);
  }

  /** An install that starts in the Marketplace. @returns the location: a code without state */
  async install(user, { clientId, redirectUri } = {}) {
    const input = {
      user_id: user,
      ...(clientId ? { client_id: clientId } : {}),
      ...(redirectUri ? { redirect_uri: redirectUri } : {}),
    };
    return (await this.call('POST', '/installs', input)).location;
  }

  /** A user's decision without the pages, for tests with very many users. @returns the location */
  async authorizeDirectly(authorizationUrl, user, { allow = true } = {}) {
    return (await this.call('POST', '/authorizations', { authorization_url: authorizationUrl, user_id: user, allow }))
      .location;
  }

  /** @param filter `{user_id}` @returns the meetings with their registrants, oldest first */
  async meetings(filter = {}) {
    return (await this.call('GET', `/meetings?${new URLSearchParams(filter)}`)).meetings;
  }
  /** @param status `waiting` or `started` */
  setMeetingStatus(meetingId, status) {
    return this.call('PATCH', `/meetings/${meetingId}`, { status });
  }

  sendWebhook(message, clientId) {
    return this.call('POST', '/webhooks', { message, ...(clientId ? { client_id: clientId } : {}) });
  }
  retryWebhooksNow() {
    return this.call('POST', '/webhooks/retry-now');
  }

  /** Closes idle connections. */
  close() {
    this.#agent.destroy();
  }
}

function ledgerQuery(filter, position) {
  const query = new URLSearchParams();
  for (const [name, value] of [...Object.entries(filter), ...Object.entries(position)]) {
    for (const one of [value].flat()) query.append(name, String(one));
  }
  return query;
}

/**
 * Starts a simulator on a free port. It ends with this process, however this process ends.
 * @param config overrides of `{apps: [demoApp()]}`
 * @param options `{ca}`: PEM text to trust when the configuration has tls
 * @returns {Promise<SimulatorClient & {child, port, stop(), kill(signal)}>} stop() waits for the
 *   clean end and returns the exit status
 */
export async function startSimulator(config = {}, { ca } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'zoom-simulator-'));
  const file = join(directory, 'config.json');
  const complete = { apps: [demoApp()], ...config };
  await writeFile(file, JSON.stringify(complete), { mode: 0o600 });
  const child = spawn(process.execPath, [MAIN, '--config', file, '--end-with-stdin'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const line = await firstLine(child, exited).finally(() => rm(directory, { recursive: true, force: true }));
  const client = new SimulatorClient({ url: line.url, controlToken: complete.control_token, ca });
  const kill = async (signal) => {
    client.close();
    child.kill(signal);
    return (await exited)[0];
  };
  return Object.assign(client, { child, port: line.port, kill, stop: () => kill('SIGTERM') });
}

async function firstLine(child, exited) {
  const lines = createInterface({ input: child.stdout });
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the simulator did not listen within ${LISTEN_TIMEOUT_MS} ms`));
    }, LISTEN_TIMEOUT_MS);
  });
  const ended = exited.then(([code, signal]) => {
    throw new Error(`the simulator ended (${code ?? signal}) before it listened`);
  });
  try {
    const [text] = await Promise.race([once(lines, 'line'), ended, late]);
    return JSON.parse(text);
  } finally {
    clearTimeout(timer);
    ended.catch(() => {});
    late.catch(() => {});
  }
}
