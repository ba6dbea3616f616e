// SPDX-License-Identifier: Apache-2.0

import { h, icon } from '/components/dom.mjs';
import { absoluteTime } from '/components/format.mjs';
import { panel } from './ui.mjs';
import './api-keys.mjs';
import './project-settings.mjs';
import './webhook-endpoints.mjs';
import './webhooks.mjs';
import './zoom-app.mjs';

const SECTIONS = [['profile', 'Profile', '/app/settings', 'person'], ['integrations', 'Integrations', '/app/settings/integrations', 'plug']];
const ADMINISTRATION = [
  ['zoomApp', 'Zoom app', '/app/settings/administration/zoom-app', 'gear'],
  ['project', 'Project', '/app/settings/administration/project', 'gear'],
  ['apiKeys', 'API keys', '/app/settings/administration/api-keys', 'plug'],
  ['webhooks', 'Webhooks', '/app/settings/administration/webhooks', 'plug'],
  ['webhookEndpoints', 'Endpoints', '/app/settings/administration/webhook-endpoints', 'plug'],
];

function sections(list, current) {
  return h('ul', {}, list.map(([name, text, href, iconName]) => h('li', {},
    h('a', { href, 'aria-current': name === current && 'page' }, icon(iconName), text))));
}

function settingsPage(current, title, session, content) {
  return {
    title: `${title} · Settings`,
    element: h('div', { class: 'page settings' },
      h('nav', { class: 'side', 'aria-label': 'Settings' },
        h('p', { class: 'side-title', text: 'Settings' }),
        sections(SECTIONS, current),
        session.admin && [h('p', { class: 'side-title', text: 'Administration' }), sections(ADMINISTRATION, current)]),
      h('div', { class: 'settings-content' }, h('h1', { tabindex: '-1', text: title }), content)),
  };
}

/** /app/settings */
export function profileScreen({ session }) {
  const rows = [
    ['Name', session.displayName || '—'],
    ['User ID', session.userId],
    ['Roles', session.roles?.length ? session.roles.join(', ') : 'None'],
    ['Signed in until', session.expireTime ? absoluteTime(session.expireTime) : '—'],
  ];
  return settingsPage('profile', 'Profile', session,
    panel('Your account', h('dl', { class: 'pairs' }, rows.map(([term, value]) => [h('dt', { text: term }), h('dd', { text: value })]))));
}

/** /app/settings/integrations */
export function integrationsScreen({ session }) {
  return settingsPage('integrations', 'Integrations', session, h('zoom-phone-integration'));
}

/** /app/settings/administration/zoom-app; for others than administrators it does not exist. */
export function zoomAppScreen({ session }) {
  return session.admin ? settingsPage('zoomApp', 'Zoom app', session, h('shodan-zoom-app')) : null;
}

/** /app/settings/administration/project; for others than administrators it does not exist. */
export function projectScreen({ session }) {
  return session.admin ? settingsPage('project', 'Project', session, h('shodan-project-settings')) : null;
}

/** /app/settings/administration/api-keys; for others than administrators it does not exist. */
export function apiKeysScreen({ session }) {
  return session.admin ? settingsPage('apiKeys', 'API keys', session, h('shodan-api-keys')) : null;
}

/** /app/settings/administration/webhooks; for others than administrators it does not exist. */
export function webhooksScreen({ session }) {
  return session.admin ? settingsPage('webhooks', 'Webhooks', session, h('shodan-webhooks')) : null;
}

/** /app/settings/administration/webhook-endpoints; for others than administrators it does not exist. */
export function webhookEndpointsScreen({ session }) {
  return session.admin ? settingsPage('webhookEndpoints', 'Endpoints', session, h('shodan-webhook-endpoints')) : null;
}
