// SPDX-License-Identifier: Apache-2.0
// The HTTP server: routes, the way of a request through faults, sending an answer whole or broken.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { json, page, redirect, trackingId } from './answers.mjs';
import { handleApi, handleProfile, subjectOfApiRequest } from './api.mjs';
import { handleControl } from './control.mjs';
import { handleAuthorize, handleConsent, handleConsentPage, handleSignIn } from './oauth-authorize.mjs';
import { handleRevoke, subjectOfRevocation } from './oauth-revoke.mjs';
import { handleToken, subjectOfTokenRequest } from './oauth-token.mjs';
import { errorPage } from './pages.mjs';
import { BodyRecord, isRecorded, recordRequest } from './recorder.mjs';

const MOST_BODY_BYTES = 1 << 20;
const RESET = Symbol('reset');

const subjectOfPage = (sim, context) => ({
  client_id: context.query.get('client_id'),
  user_id: sim.sessions.userOf(context)?.id ?? null,
});

// `answered` makes the ledger tell whether the answer left whole: what a client can have got.
const ROUTES = new Map(
  Object.entries({
    'GET /oauth/authorize': { endpoint: 'authorize', handle: handleAuthorize, subject: subjectOfPage },
    'POST /signin': { endpoint: 'sign_in', handle: handleSignIn, subject: subjectOfPage },
    'GET /oauth/consent': { endpoint: 'consent', handle: handleConsentPage, subject: subjectOfPage },
    'POST /oauth/consent': { endpoint: 'consent', handle: handleConsent, subject: subjectOfPage },
    'POST /oauth/token': { endpoint: 'token', handle: handleToken, subject: subjectOfTokenRequest, answered: true },
    'POST /oauth/revoke': { endpoint: 'revoke', handle: handleRevoke, subject: subjectOfRevocation, answered: true },
    'GET /v2/users/me': { endpoint: 'profile', handle: handleProfile, subject: subjectOfApiRequest, answered: true },
  }),
);
const API = { endpoint: 'api', handle: handleApi, subject: subjectOfApiRequest, answered: true };

const asset = (name, type) => ({
  status: 200,
  headers: { 'content-type': type, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' },
  body: readFileSync(new URL(`./assets/${name}`, import.meta.url)),
});
const ASSETS = new Map([
  ['/_assets/style.css', asset('style.css', 'text/css; charset=utf-8')],
  ['/_assets/control.mjs', asset('control.mjs', 'text/javascript; charset=utf-8')],
]);

/**
 * Listens. @returns `{url, port, close()}`; close() lets go of held requests and ends connections
 * @throws {Error} when the address is taken or a certificate file is unreadable
 */
export async function serve(sim) {
  const { listen, tls } = sim.config;
  // The sockets below TLS connections: only there a reset can be asked for.
  const rawSockets = new Map();
  const onRequest = (request, response) => void answerRequest(sim, request, response, rawSockets);
  const server = tls
    ? https.createServer(
        { cert: readFileSync(tls.certificate_file), key: readFileSync(tls.private_key_file) },
        onRequest,
      )
    : http.createServer(onRequest);
  // A client's pool must not find its connections closed between two requests of a test.
  server.keepAliveTimeout = 300_000;
  server.requestTimeout = 0;
  server.on('connection', (socket) => {
    const key = endpointsOf(socket);
    rawSockets.set(key, socket);
    socket.once('close', () => rawSockets.delete(key));
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: listen.host, port: listen.port, backlog: 1024 }, resolve);
  });
  const { port } = server.address();
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  sim.url ??= `${tls ? 'https' : 'http'}://${tls && host === '127.0.0.1' ? 'localhost' : host}:${port}`;
  return { url: sim.url, port, close: () => close(sim, server) };
}

const endpointsOf = (socket) => `${socket.remoteAddress} ${socket.remotePort}`;

async function close(sim, server) {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  sim.release();
  await closed;
  // What was held may still issue tokens; it does so in this turn, and the state file has to know.
  await pause(0);
  await sim.state.flush();
}

let requests = 0;

async function answerRequest(sim, request, response, rawSockets) {
  const mark = request.url.indexOf('?');
  const context = {
    requestId: `q${++requests}`,
    method: request.method,
    url: request.url,
    path: mark < 0 ? request.url : request.url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1)),
    headers: request.headers,
    body: null,
    endpoint: null,
    response,
  };
  try {
    const recorded = isRecorded(sim, context);
    const body = await readBody(request);
    if (recorded) context.seen = recordRequest(sim, context, body);
    if (!body.complete) return;
    context.body = body.bytes;
    const answer =
      body.bytes || context.path.startsWith('/v2/')
        ? await route(sim, context)
        : json(413, { reason: 'Bad request', error: 'invalid_request' });
    if (answer !== RESET) await send(response, answer);
    else reset(rawSockets, response);
  } catch (error) {
    if (error.code === 'ECONNRESET' || response.destroyed) return;
    process.stderr.write(`${request.method} ${context.path}: ${error.stack}\n`);
    if (!response.headersSent) await send(response, json(500, { reason: 'INTERNAL', message: error.message }));
    else response.destroy();
  }
}

/** @returns {Promise<BodyRecord>} what came of the body; complete unless the client went away */
function readBody(request) {
  const record = new BodyRecord(MOST_BODY_BYTES);
  return new Promise((resolve) => {
    request.on('data', (piece) => record.add(piece));
    request.on('end', () => {
      record.complete = true;
      resolve(record);
    });
    request.on('error', () => resolve(record));
    request.on('close', () => resolve(record));
  });
}

async function route(sim, context) {
  const { method, path } = context;
  if (path.startsWith('/_control')) return handleControl(sim, context);
  const found = ROUTES.get(`${method} ${path}`) ?? (path.startsWith('/v2/') ? API : null);
  if (found) return throughFaults(sim, context, found);
  if (method === 'GET' && ASSETS.has(path)) return ASSETS.get(path);
  if (path === '/') return redirect(302, '/_control/');
  if (path === '/.well-known/oauth-authorization-server') return json(200, metadata(sim.url));
  if (path.startsWith('/oauth/') && method !== 'GET')
    return json(405, { reason: 'Bad request', error: 'invalid_request' });
  return page(
    404,
    errorPage({
      title: 'Page not found',
      detail: 'This page does not exist.',
      advice: 'Go back to the app and start again.',
    }),
  );
}

async function throughFaults(sim, context, { endpoint, handle, subject, answered }) {
  context.endpoint = endpoint;
  const about = sim.faults.pending ? subject(sim, context) : null;
  const fault = about && sim.faults.take({ ...about, endpoint });
  if (answered) recordAnswered(sim, context, fault);
  if (!fault) return handle(sim, context);
  sim.ledger.append('fault_applied', {
    request_id: context.requestId,
    endpoint,
    fault_id: fault.id,
    ...about,
    before: fault.before ?? null,
    processed: fault.process && !fault.before?.reset,
    after: fault.after ?? null,
    truncate_at: fault.truncate_at ?? null,
  });
  if (await interrupt(sim, context, about, fault.before)) return RESET;
  const processed = fault.process ? await handle(sim, context) : null;
  const answer = sim.faults.replacement(fault, context, about) ?? processed;
  if (await interrupt(sim, context, about, fault.after)) return RESET;
  return { ...answer, truncateAt: fault.truncate_at, drip: fault.drip };
}

/** Waits as the fault says. @returns true when the connection is to be reset */
async function interrupt(sim, context, about, interruption) {
  if (!interruption) return false;
  if (interruption.delay_ms) await pause(interruption.delay_ms, undefined, { ref: false });
  if (interruption.hold) {
    await sim.barriers.hold(interruption.hold, { request_id: context.requestId, endpoint: context.endpoint, ...about });
  }
  return interruption.reset === true;
}

function recordAnswered(sim, context, fault) {
  const { response } = context;
  response.once('close', () =>
    sim.ledger.append('answered', {
      request_id: context.requestId,
      endpoint: context.endpoint,
      status: response.headersSent ? response.statusCode : null,
      complete: response.writableFinished && fault?.truncate_at === undefined,
    }),
  );
}

function reset(rawSockets, response) {
  const { socket } = response;
  if (!socket) return;
  const raw = rawSockets.get(endpointsOf(socket)) ?? socket;
  try {
    raw.resetAndDestroy();
  } catch {
    raw.destroy();
  }
  socket.destroy();
}

/** Sends an answer; a truncated one announces its full length and ends after `truncateAt` bytes of body. */
async function send(response, { status, headers, body, truncateAt, drip }) {
  response.writeHead(status, { 'content-length': body.length, 'x-zm-trackingid': trackingId(), ...headers });
  if (truncateAt === undefined && !drip) {
    response.end(body);
    return;
  }
  const bytes = body.subarray(0, truncateAt ?? body.length);
  response.flushHeaders();
  const step = drip?.bytes ?? bytes.length;
  for (let at = 0; at < bytes.length && !response.destroyed; at += step) {
    response.write(bytes.subarray(at, at + step));
    if (drip && at + step < bytes.length) await pause(drip.interval_ms, undefined, { ref: false });
  }
  if (bytes.length === body.length) response.end();
  else response.socket?.end();
}

function metadata(url) {
  return {
    issuer: url,
    authorization_endpoint: `${url}/oauth/authorize`,
    token_endpoint: `${url}/oauth/token`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
    service_documentation: 'https://developers.zoom.us/docs/integrations/oauth/',
  };
}
