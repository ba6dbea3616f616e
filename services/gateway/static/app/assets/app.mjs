// SPDX-License-Identifier: Apache-2.0
//
// The demo CRM: session, top bar, routing. Its records are demo data (data.mjs); calls, notes and
// the Zoom connection are real and come from the gateway.

import { configureZoomPhone, contextOf } from '/components/index.mjs';
import { h } from '/components/dom.mjs';
import { describeError } from '/components/messages.mjs';
import { accountMenu } from './account-menu.mjs';
import { matchRoute, startRouter } from './router.mjs';
import { companiesScreen } from './screen-companies.mjs';
import { companyScreen } from './screen-company.mjs';
import { personScreen } from './screen-person.mjs';
import { apiKeysScreen, integrationsScreen, profileScreen, projectScreen, webhookEndpointsScreen, webhooksScreen, zoomAppScreen } from './screen-settings.mjs';
import { missingScreen } from './ui.mjs';

const SCREENS = {
  companies: companiesScreen,
  company: companyScreen,
  person: personScreen,
  profile: profileScreen,
  integrations: integrationsScreen,
  zoomApp: zoomAppScreen,
  project: projectScreen,
  apiKeys: apiKeysScreen,
  webhookEndpoints: webhookEndpointsScreen,
  webhooks: webhooksScreen,
  missing: missingScreen,
};

const main = document.getElementById('main');
const notice = document.getElementById('notice');
const project = document.querySelector('meta[name="zoom-phone-project"]').content;
configureZoomPhone({ project, settingsUrl: '/app/settings/integrations' });
const context = contextOf(document.documentElement);
const state = { session: null, shown: '' };

function loginUrl() {
  return `/dev/login?return_to=${encodeURIComponent(location.pathname + location.search)}`;
}

function render(path) {
  const route = matchRoute(path);
  const screen = SCREENS[route.name]({ ...route, session: state.session }) ?? missingScreen();
  document.title = `${screen.title} · Shodan Pro`;
  main.replaceChildren(screen.element);
  for (const link of document.querySelectorAll('[data-nav]')) {
    if (route.name === 'companies' || route.name === 'company' || route.name === 'person') link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  // The first screen keeps the browser's focus and scroll position; later ones start at their title.
  if (state.shown) {
    main.querySelector('h1')?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
  state.shown = path;
}

/** Signing in happens in another tab, so that a text being written here is not lost. */
function showSessionEnded() {
  if (!state.session || notice.hasChildNodes()) return;
  notice.replaceChildren(h('div', { class: 'banner' },
    h('span', { text: 'Your session has ended. Sign in again in a new tab; what you wrote stays here.' }),
    h('a', { class: 'button', href: '/dev/login?return_to=%2Fapp%2F', target: '_blank', rel: 'noopener', text: 'Sign in again' })));
}

async function checkSessionAgain() {
  if (document.visibilityState !== 'visible' || !notice.hasChildNodes()) return;
  try {
    const session = await context.client.getSession();
    // Somebody else signed in: nothing on this page is theirs.
    if (session.userId !== state.session.userId) location.reload();
    state.session = session;
    notice.replaceChildren();
  } catch (error) {
    // Still signed out or not reachable: the notice stays.
    context.noticeError(error);
  }
}

function showStartFailure(error) {
  main.replaceChildren(h('div', { class: 'page' }, h('div', { class: 'panel centered', role: 'alert' },
    h('h1', { tabindex: '-1', text: 'Shodan Pro is not available' }),
    h('p', { text: describeError(error) }),
    h('button', { type: 'button', class: 'button primary', text: 'Try again', on: { click: () => { start(); } } }))));
}

async function start() {
  const session = context.client.getSession();
  // The link status is needed by every screen; asking now saves a round trip. Its failure is
  // shown where it matters.
  context.link.refresh().catch(() => undefined);
  try {
    state.session = await session;
  } catch (error) {
    if (error.isSignedOut) location.replace(loginUrl());
    else showStartFailure(error);
    return;
  }
  document.getElementById('account').replaceChildren(accountMenu(state.session));
  render(location.pathname);
}

context.addEventListener('signed-out', showSessionEnded);
document.addEventListener('visibilitychange', checkSessionAgain);
window.addEventListener('focus', checkSessionAgain);
startRouter(render);
start();
