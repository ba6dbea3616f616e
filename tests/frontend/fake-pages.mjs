// SPDX-License-Identifier: Apache-2.0
//
// Pages of the fake gateway: development sign-in, the way to Zoom and back, and a stand-in for
// Zoom's authorization page.

import { Problem, USERS } from './fake-store.mjs';

const ATTEMPT_COOKIE = '__Host-shodan-attempt';
const SETTINGS = '/app/settings/integrations';

const escape = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
const html = (title, body) => ({
  status: 200, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><main><h1>${title}</h1>${body}</main></html>`,
});
const redirect = (location, cookies = []) => ({ status: 303, headers: { location, 'set-cookie': cookies }, body: '' });

function returnTo(value) {
  return /^\/app\/[^\\]*$/.test(value ?? '') ? value : '/app/';
}

function fieldsOf({ headers, body }) {
  return /json/.test(headers['content-type'] ?? '') ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
}

function loginPage({ url }) {
  const target = escape(returnTo(url.searchParams.get('return_to')));
  return html('Sign in to Shodan Pro', USERS.map(({ userId, displayName }) => `<form method="post" action="/dev/session">
    <input type="hidden" name="return_to" value="${target}"><input type="hidden" name="userId" value="${userId}"><button>${displayName}</button></form>`).join(''));
}

function createSession(exchange) {
  const fields = fieldsOf(exchange);
  const token = exchange.openSession(fields.userId);
  return redirect(returnTo(fields.return_to ?? exchange.url.searchParams.get('return_to')), [`${exchange.cookieName}=${token}; Path=/; Secure; HttpOnly; SameSite=Lax`]);
}

function endSession(exchange) {
  exchange.state.sessions.delete(exchange.cookies.get(exchange.cookieName));
  return redirect(returnTo(fieldsOf(exchange).return_to), [`${exchange.cookieName}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`]);
}

function openTicket({ state, url, cookies, cookieName }) {
  const ticket = url.searchParams.get('ticket');
  const attempt = [...state.store.attempts.values()].find((candidate) => candidate.ticket === ticket);
  if (!attempt || state.now() > attempt.ticketExpires) throw new Problem(400, 'TICKET_INVALID', 'ticket: is used up or expired; start again');
  const session = state.sessions.get(cookies.get(cookieName));
  if (session?.userId !== attempt.userId) throw new Problem(403, 'TICKET_OTHER_USER', 'ticket: belongs to another user');
  attempt.ticket = null;
  return redirect(`/zoom/oauth/authorize?state=${attempt.zoomState}`, [`${ATTEMPT_COOKIE}=${attempt.cookie}; Path=/; Secure; HttpOnly; SameSite=Lax`]);
}

function zoomPage({ url }) {
  const state = encodeURIComponent(url.searchParams.get('state') ?? '');
  return html('Zoom: Shodan Pro wants to access your account', `<p>View your user profile information</p>
    <p><a id="allow" href="/oauth/callback?code=fake-code&amp;state=${state}">Allow</a></p>
    <p><a id="decline" href="/oauth/callback?error=access_denied&amp;state=${state}">Decline</a></p>`);
}

function callback({ state, url, cookies }) {
  const { store, switches } = state;
  if (!url.searchParams.has('state')) return html('Start again', `<p><a href="${SETTINGS}">Start the connection from Shodan Pro</a></p>`);
  const attempt = [...store.attempts.values()].find((candidate) => candidate.zoomState === url.searchParams.get('state'));
  if (!attempt || cookies.get(ATTEMPT_COOKIE) !== attempt.cookie) return redirect(`${SETTINGS}?zoom_result=wrong_browser`);
  let result;
  if (state.now() >= Date.parse(attempt.expireTime)) result = store.endAttempt(attempt, 'expired');
  else if (url.searchParams.has('error')) result = store.endAttempt(attempt, 'cancelled');
  else if (switches.zoomResult) result = store.endAttempt(attempt, switches.zoomResult);
  else result = store.completeAttempt(attempt, switches.zoomAccount, switches.missingScopes);
  return redirect(`${SETTINGS}?zoom_result=${result}`);
}

/** [method, path pattern, handler] */
export const PAGES = [
  ['GET', /^\/dev\/login$/, loginPage],
  ['POST', /^\/dev\/session$/, createSession],
  ['POST', /^\/dev\/logout$/, endSession],
  ['GET', /^\/connect$/, openTicket],
  ['GET', /^\/zoom\/oauth\/authorize$/, zoomPage],
  ['GET', /^\/oauth\/callback$/, callback],
];
