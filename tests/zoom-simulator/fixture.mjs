// SPDX-License-Identifier: Apache-2.0
// What the simulator's own tests share: requests as an app makes them.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { basic, demoApp, DEMO_REDIRECT_URI, send, sendForm } from './client.mjs';

const { client_id: CLIENT_ID, client_secret: CLIENT_SECRET } = demoApp();

export const CLIENT_AUTHORIZATION = basic(CLIENT_ID, CLIENT_SECRET);
export const INVALID_TOKEN = { reason: 'Invalid Token!', error: 'invalid_grant' };
export const INVALID_CODE = { reason: 'Invalid authorization code', error: 'invalid_grant' };

/** Asserts the status and JSON body of an answer. */
export function refused(answer, status, body) {
  assert.equal(answer.status, status);
  assert.deepEqual(answer.json(), body);
}

/** An authorization URL; a null takes a parameter away. */
export function authorizationUrl(sim, parameters = {}) {
  const all = {
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: DEMO_REDIRECT_URI,
    state: 'state-1',
    ...parameters,
  };
  const given = Object.entries(all).filter(([, value]) => value !== null);
  return `${sim.url}/oauth/authorize?${new URLSearchParams(given)}`;
}

/** A PKCE pair with method S256. */
export function pkce() {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** A user whom no other test knows. */
export function newUser(sim, overrides = {}) {
  const name = randomBytes(6).toString('hex');
  return sim.addUser({ first_name: 'Canary', last_name: name, email: `canary-${name}@hanami.example`, ...overrides });
}

/** A code that the user allowed. */
export async function newCode(sim, user, parameters = {}) {
  return new URL(await sim.authorizeDirectly(authorizationUrl(sim, parameters), user.id)).searchParams.get('code');
}

/** POST /oauth/token with the demo app's credentials. @param headers overrides, null takes one away */
export function requestToken(sim, form, headers = {}) {
  const all = Object.entries({ authorization: CLIENT_AUTHORIZATION, ...headers }).filter(([, value]) => value !== null);
  return sendForm(`${sim.url}/oauth/token`, form, { headers: Object.fromEntries(all), ca: sim.ca });
}

export const exchange = (sim, code, form = {}, headers = {}) =>
  requestToken(sim, { grant_type: 'authorization_code', code, redirect_uri: DEMO_REDIRECT_URI, ...form }, headers);

export const refresh = (sim, refreshToken, headers = {}) =>
  requestToken(sim, { grant_type: 'refresh_token', refresh_token: refreshToken }, headers);

export const revoke = (sim, token, headers = {}) =>
  sendForm(
    `${sim.url}/oauth/revoke`,
    { token },
    { headers: { authorization: CLIENT_AUTHORIZATION, ...headers }, ca: sim.ca },
  );

export const readProfile = (sim, accessToken) =>
  send(`${sim.url}/v2/users/me`, { headers: { authorization: `Bearer ${accessToken}` }, ca: sim.ca });

/** Connects a new user, or the given one. @returns `{user, access_token, refresh_token, ...}` */
export async function connect(sim, user) {
  const someone = user ?? (await newUser(sim));
  const answer = await exchange(sim, await newCode(sim, someone));
  return { user: someone, ...answer.json() };
}

/**
 * A server that records webhooks.
 * @param answers statuses, first to last, null for none; then 200 for ever
 * @param tls `{cert, key}` as PEM text for https
 */
export async function webhookReceiver(answers = [], tls = null) {
  const received = [];
  const left = [...answers];
  const onRequest = (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks) });
      const status = left.length > 0 ? left.shift() : 200;
      if (status !== null) response.writeHead(status).end();
    });
  };
  const server = tls ? https.createServer(tls, onRequest) : http.createServer(onRequest);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${server.address().port}/zoom`, received, close };
}
