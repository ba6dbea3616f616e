// SPDX-License-Identifier: Apache-2.0
//
// A gateway in memory for work on the screens: serves static files under the production
// Content-Security-Policy and implements the browser API, a stand-in for Zoom's pages and a
// switch for every failure. Node built-ins only.
//
//   node tests/frontend/fake-gateway.mjs [--port 8090]
//
//   const gateway = await startFakeGateway();
//   gateway.fail({ method: 'POST', path: /link:disconnect$/, status: 503, times: 1 });
//   await gateway.close();

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { dirname, join, normalize, extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { API } from './fake-api.mjs';
import { PAGES } from './fake-pages.mjs';
import { FakeStore, Problem, USERS } from './fake-store.mjs';

const STATIC = join(dirname(fileURLToPath(import.meta.url)), '../../services/gateway/static');
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; "
  + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const COOKIE = '__Host-shodan-session';
const BODY_LIMIT = 256 * 1024;
const UNSAFE = new Set(['POST', 'PATCH', 'DELETE', 'PUT']);

/**
 * @typedef {object} Failure the next matching requests fail
 * @property {string} [method] @property {RegExp} path matched against the pathname
 * @property {number} [status] answers a problem; 0 drops the connection
 * @property {string} [reason] @property {string} [detail] @property {number} [retryAfterSeconds]
 * @property {boolean} [afterEffect] the effect happens, its answer is lost
 * @property {number} [delayMs] waits first; without status the request then goes on
 * @property {number} [times] default 1
 */

/**
 * Starts a fake gateway on a free port of the loopback interface.
 * @param {{port?:number, project?:string, now?:() => number, staticDirectory?:string}} [options]
 */
export async function startFakeGateway({ port = 0, project = 'demo', now = () => Date.now(), staticDirectory = STATIC } = {}) {
  const state = {
    project, now, store: new FakeStore({ now }), sessions: new Map(), failures: [], requests: [],
    /** How the next connects and disconnects go; see fake-api.mjs and fake-pages.mjs. */
    switches: {
      attemptSeconds: 600, revokedAtZoom: 'yes', disconnectLater: false, missingScopes: [], zoomResult: null,
      zoomAccount: { displayName: 'Demo Sales', email: 'demo.sales@zoom.example' },
    },
    origin: '', staticDirectory,
  };
  const server = createServer((request, response) => { handle(state, request, response); });
  await new Promise((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  state.origin = `http://localhost:${server.address().port}`;
  return {
    url: state.origin,
    store: state.store,
    switches: state.switches,
    requests: state.requests,
    fail(failure) { state.failures.push({ times: 1, ...failure }); },
    clearFailures() { state.failures.length = 0; },
    /** @returns {string} the value of a Cookie header of a new session */
    signIn(userId = USERS[0].userId) { return `${COOKIE}=${openSession(state, userId)}`; },
    endSessions() { state.sessions.clear(); },
    async close() {
      server.closeAllConnections?.();
      await new Promise((resolve) => { server.close(resolve); });
    },
  };
}

function openSession(state, userId) {
  const user = USERS.find((candidate) => candidate.userId === userId);
  if (!user) throw new Problem(400, 'UNKNOWN_USER', 'userId: is not a demo user');
  const token = randomUUID();
  state.sessions.set(token, { ...user, expireTime: new Date(state.now() + 8 * 3_600_000).toISOString() });
  return token;
}

async function handle(state, request, response) {
  const url = new URL(request.url, state.origin);
  const requestId = randomUUID();
  const exchange = {
    state, url, method: request.method, headers: request.headers, requestId,
    cookies: cookiesOf(request), response, openSession: (userId) => openSession(state, userId), cookieName: COOKIE,
  };
  state.requests.push({ method: request.method, path: url.pathname });
  try {
    const failure = takeFailure(state, exchange);
    if (failure?.delayMs) await new Promise((resolve) => { setTimeout(resolve, failure.delayMs); });
    if (failure && !failure.afterEffect && failure.status !== undefined) return fail(failure, request, response, exchange);
    exchange.body = await bodyOf(request);
    const answer = await route(exchange);
    if (failure?.afterEffect) return fail(failure, request, response, exchange);
    return send(response, answer);
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem(500, 'INTERNAL', String(error?.stack ?? error));
    return send(response, problemAnswer(problem, exchange));
  }
}

function takeFailure(state, { method, url }) {
  const index = state.failures.findIndex((failure) => (!failure.method || failure.method === method) && failure.path.test(url.pathname));
  if (index < 0) return null;
  const failure = state.failures[index];
  failure.times -= 1;
  if (failure.times <= 0) state.failures.splice(index, 1);
  return failure;
}

function fail(failure, request, response, exchange) {
  if (!failure.status) return request.socket.destroy();
  const problem = new Problem(failure.status, failure.reason ?? 'UNAVAILABLE', failure.detail ?? 'the service is not available', failure);
  return send(response, problemAnswer(problem, exchange));
}

function problemAnswer(problem, { url, requestId }) {
  const body = {
    type: `https://shodan.example/problems/${problem.reason}`, title: problem.reason.toLowerCase().replaceAll('_', ' '), status: problem.status,
    detail: problem.detail, instance: url.pathname, reason: problem.reason, requestId, errors: problem.errors ?? [],
  };
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  if (problem.status === 429 || problem.status === 503) headers['retry-after'] = String(problem.retryAfterSeconds ?? 5);
  return { status: problem.status, headers, body: JSON.stringify(body) };
}

async function route(exchange) {
  const { url, method } = exchange;
  if (url.pathname.startsWith('/v1/projects/')) return api(exchange);
  for (const [verb, pattern, run] of PAGES) {
    if (verb === method && pattern.test(url.pathname)) return run(exchange);
  }
  if (method === 'GET' || method === 'HEAD') return file(exchange);
  throw new Problem(404, 'NOT_FOUND', 'path: does not exist');
}

function api(exchange) {
  const { state, method, headers, url, cookies } = exchange;
  const [, project, rest] = /^\/v1\/projects\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [];
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  const session = state.sessions.get(bearer ?? cookies.get(COOKIE));
  if (!session) throw new Problem(401, 'SESSION_REQUIRED', 'session: is missing or has ended; sign in');
  if (UNSAFE.has(method) && !bearer && headers.origin !== state.origin) throw new Problem(403, 'ORIGIN_NOT_ALLOWED', 'Origin: is not an origin of this project');
  if (project !== state.project) throw new Problem(404, 'PROJECT_NOT_FOUND', 'project: does not exist');
  const here = API.filter(([, pattern]) => pattern.test(rest ?? ''));
  const found = here.find(([verb]) => verb === method);
  if (!found) throw here.length ? new Problem(405, 'METHOD_NOT_ALLOWED', 'method: is not offered here') : new Problem(404, 'NOT_FOUND', 'path: does not exist');
  const [, pattern, run] = found;
  const ids = pattern.exec(rest).slice(1).map(decodeURIComponent);
  const query = Object.fromEntries(url.searchParams);
  const { status = 200, body } = run({ ...exchange, session, query, ids, owner: `${project}|${session.userId}`, json: jsonOf(exchange) });
  if (body === undefined) return { status, headers: { 'cache-control': 'no-store' } };
  return { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }, body: JSON.stringify(body) };
}

function jsonOf({ method, headers, body }) {
  if (method === 'GET' || method === 'DELETE') return {};
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) throw new Problem(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type: must be application/json');
  try {
    const parsed = JSON.parse(body);
    if (parsed && typeof parsed === 'object' && !Array.isArray(parsed)) return parsed;
  } catch {
    // Reported below, as for any body that is not an object.
  }
  throw new Problem(400, 'MALFORMED_JSON', 'body: must be a JSON object');
}

async function file({ state, url }) {
  const { pathname } = url;
  if (pathname === '/') return { status: 302, headers: { location: '/app/' }, body: '' };
  const shell = pathname.startsWith('/app/') && !pathname.startsWith('/app/assets/');
  if (!shell && !pathname.startsWith('/app/assets/') && !pathname.startsWith('/components/')) throw new Problem(404, 'NOT_FOUND', 'path: does not exist');
  const path = normalize(join(state.staticDirectory, shell ? '/app/index.html' : pathname));
  if (!path.startsWith(normalize(state.staticDirectory))) throw new Problem(404, 'NOT_FOUND', 'path: does not exist');
  try {
    return { status: 200, headers: { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', 'cache-control': 'no-cache' }, body: await readFile(path) };
  } catch {
    throw new Problem(404, 'NOT_FOUND', 'path: does not exist');
  }
}

function send(response, { status, headers = {}, body = '' }) {
  response.writeHead(status, {
    'content-security-policy': CSP, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', ...headers,
  });
  response.end(body);
}

function cookiesOf(request) {
  return new Map((request.headers.cookie ?? '').split(/;\s*/).filter(Boolean).map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  }));
}

async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new Problem(413, 'BODY_TOO_LARGE', 'body: is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const at = process.argv.indexOf('--port');
  const gateway = await startFakeGateway({ port: at > 0 ? Number(process.argv[at + 1]) : 8090 });
  process.stdout.write(`${gateway.url}/app/\n`);
}
