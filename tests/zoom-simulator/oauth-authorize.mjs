// SPDX-License-Identifier: Apache-2.0
// GET /oauth/authorize and the two pages behind it: sign in, then Allow or Decline.
import { json, page, redirect, withParameters } from './answers.mjs';
import * as pages from './pages.mjs';

const CHALLENGE = /^[A-Za-z0-9_.~-]{43,128}$/;
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?(?=\/|$)/;

/**
 * Checks an authorization request.
 * @returns `{request}` or `{refusal: {code, title, detail, status}}`; a refusal never redirects,
 *   because what is wrong is what would have to be trusted
 */
export function checkAuthorizationRequest(sim, query) {
  const refuse = (code, title, detail) => ({ refusal: { code, title, detail } });
  const app = sim.apps.get(query.get('client_id'));
  if (!app) return refuse(4702, 'Unknown app', `Invalid client_id: ${query.get('client_id') ?? ''} (4,702)`);
  if (!app.enabled) return refuse(4717, 'App disabled', 'The app has been disabled (4,717)');
  for (const name of new Set(query.keys())) {
    if (query.getAll(name).length > 1) return refuse(4700, 'Invalid request', `Repeated parameter: ${name} (4,700)`);
  }
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!admits(sim.switches, app.redirect_uris, redirectUri)) {
    return refuse(4700, 'Invalid redirect', `Invalid redirect: ${redirectUri} (4,700)`);
  }
  if (query.get('response_type') !== 'code') {
    return refuse(4700, 'Invalid request', 'Invalid response_type: only code is supported (4,700)');
  }
  const scopes = grantedScopes(sim.switches, app, query);
  if (!scopes) return refuse(4700, 'Invalid scope', 'Invalid scope (4,700)');
  const challenge = query.get('code_challenge');
  const method = challenge === null ? null : (query.get('code_challenge_method') ?? 'plain');
  if (challenge !== null && (!CHALLENGE.test(challenge) || !['S256', 'plain'].includes(method))) {
    return refuse(4700, 'Invalid request', 'Invalid code_challenge or code_challenge_method (4,700)');
  }
  if (challenge === null && (query.has('code_challenge_method') || isPublic(app))) {
    return refuse(4700, 'Invalid request', 'Missing code_challenge (4,700)');
  }
  return { request: { app, redirectUri, state: query.get('state'), challenge, challengeMethod: method, scopes } };
}

const isPublic = (app) => app.client_authentication.every((method) => method === 'none');

function admits(switches, allowed, uri) {
  const normal = (text) => (switches.ignore_loopback_port ? text.replace(LOOPBACK, 'http://$1') : text);
  return allowed.some((entry) => {
    if (normal(uri) === normal(entry)) return true;
    if (switches.redirect_match !== 'prefix') return false;
    const base = normal(entry).replace(/\/$/, '');
    return normal(uri).startsWith(`${base}/`);
  });
}

/** @returns the scopes that the app gets, or null when the scope parameter is refused */
function grantedScopes(switches, app, query) {
  if (!query.has('scope')) return app.scopes;
  if (switches.reject_scope_parameter) return null;
  const asked = query.get('scope').split(/[ ,]+/).filter(Boolean);
  return asked.length > 0 && asked.every((scope) => app.scopes.includes(scope)) ? asked : null;
}

/** GET /oauth/authorize */
export function handleAuthorize(sim, context) {
  const { query } = context;
  const { request, refusal } = checkAuthorizationRequest(sim, query);
  const entry = sim.ledger.append('authorization_requested', {
    request_id: context.requestId,
    outcome: refusal ? 'refused' : 'accepted',
    error_code: refusal?.code ?? null,
    client_id: query.get('client_id'),
    redirect_uri: query.get('redirect_uri'),
    state: query.get('state'),
    code_challenge: query.get('code_challenge'),
    code_challenge_method: query.get('code_challenge_method'),
    scope_parameter: query.get('scope'),
  });
  if (refusal) return refusalAnswer(context, refusal);
  request.authorization_id = `a${entry.seq}`;
  const id = sim.sessions.keepRequest(request);
  const user = sim.sessions.userOf(context);
  return user ? permission(request, id, user) : signIn(sim, request, id);
}

function refusalAnswer(context, refusal) {
  if ((context.headers.accept ?? '').includes('application/json')) {
    const message = refusal.title === 'Invalid redirect' ? 'Invalid redirect url' : refusal.detail;
    return json(400, { status: false, errorCode: refusal.code, errorMessage: message, result: null });
  }
  return page(400, pages.errorPage(refusal));
}

const signIn = (sim, request, id, problem, email) =>
  page(
    problem ? 401 : 200,
    pages.signInPage({
      app: request.app,
      id,
      problem,
      email,
      showHelp: !sim.controlToken,
    }),
  );

const permission = (request, id, user) =>
  page(
    200,
    pages.permissionPage({
      app: request.app,
      scopes: request.scopes,
      user,
      id,
    }),
  );

const expired = () =>
  page(
    400,
    pages.errorPage({
      title: 'This page has expired',
      detail: 'The authorization request is no longer known.',
      advice: 'Go back to the app and start again.',
    }),
  );

/** POST /signin: e-mail and password; success leads to the permission page. */
export function handleSignIn(sim, context) {
  const form = new URLSearchParams(context.body.toString('utf8'));
  const id = form.get('request');
  const request = sim.sessions.request(id);
  if (!request) return expired();
  const email = (form.get('email') ?? '').trim();
  const user = sim.users.findByEmail(email);
  const record = (outcome) =>
    sim.ledger.append('sign_in', {
      request_id: context.requestId,
      outcome,
      user_id: user?.id ?? null,
      authorization_id: request.authorization_id,
    });
  if (!user || form.get('password') !== user.password) {
    record('wrong_password');
    return signIn(sim, request, id, 'Incorrect email or password. Try again.', email);
  }
  if (user.status !== 'active') {
    record('user_inactive');
    return signIn(sim, request, id, 'This account has been deactivated. Contact your account administrator.', email);
  }
  record('signed_in');
  return redirect(303, `/oauth/consent?request=${encodeURIComponent(id)}`, { 'set-cookie': sim.sessions.signIn(user) });
}

/** GET /oauth/consent: the permission page, or the sign-in page when nobody is signed in. */
export function handleConsentPage(sim, context) {
  const id = context.query.get('request');
  const request = sim.sessions.request(id);
  if (!request) return expired();
  const user = sim.sessions.userOf(context);
  return user ? permission(request, id, user) : signIn(sim, request, id);
}

/** POST /oauth/consent: decision is allow, decline or switch (use another account). */
export function handleConsent(sim, context) {
  const form = new URLSearchParams(context.body.toString('utf8'));
  const id = form.get('request');
  const request = sim.sessions.request(id);
  if (!request) return expired();
  const back = `/oauth/consent?request=${encodeURIComponent(id)}`;
  if (form.get('decision') === 'switch') return redirect(303, back, { 'set-cookie': sim.sessions.signOut(context) });
  const user = sim.sessions.userOf(context);
  if (!user) return redirect(303, back);
  // A second click on the same page ends where the first one did.
  if (request.location) return redirect(302, request.location);
  if (user.status !== 'active') {
    return page(
      403,
      pages.errorPage({
        title: 'Account deactivated',
        detail: 'Your Zoom account has been deactivated.',
        advice: 'Contact your account administrator.',
      }),
    );
  }
  const location = decide(sim, {
    request,
    user,
    allow: form.get('decision') === 'allow',
    requestId: context.requestId,
  });
  request.location = location;
  return location ? redirect(302, location) : page(200, pages.declinedPage(request.app));
}

/**
 * Carries out a user's decision on a checked request.
 * @returns the redirect location; null when a decline does not redirect
 */
export function decide(sim, { request, user, allow, requestId = null }) {
  const { app, redirectUri, state } = request;
  sim.ledger.append('authorization_decided', {
    request_id: requestId,
    outcome: allow ? 'allowed' : 'declined',
    client_id: app.client_id,
    user_id: user.id,
    account_id: user.account_id,
    authorization_id: request.authorization_id ?? null,
  });
  if (!allow) {
    if (sim.switches.decline === 'page') return null;
    return withParameters(redirectUri, { error: 'access_denied', error_description: 'The user declined', state });
  }
  const code = sim.grants.issueCode({
    app,
    user,
    scopes: request.scopes,
    redirectUri,
    challenge: request.challenge,
    challengeMethod: request.challengeMethod,
    authorizationId: request.authorization_id ?? null,
    via: 'consent',
  });
  return withParameters(redirectUri, { code: code.value, state });
}

/** An install that starts in the Marketplace: a code that nobody asked for, without state. @returns the location */
export function installFromMarketplace(sim, { app, user, redirectUri }) {
  const code = sim.grants.issueCode({ app, user, scopes: app.scopes, redirectUri, via: 'marketplace' });
  return withParameters(redirectUri, { code: code.value });
}
