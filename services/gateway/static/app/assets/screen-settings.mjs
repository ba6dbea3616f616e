// SPDX-License-Identifier: Apache-2.0

import { h, icon } from '/components/dom.mjs';
import { absoluteTime } from '/components/format.mjs';
import { panel } from './ui.mjs';

const SECTIONS = [['profile', 'Profile', '/app/settings', 'person'], ['integrations', 'Integrations', '/app/settings/integrations', 'plug']];

function settingsPage(current, title, content) {
  return {
    title: `${title} · Settings`,
    element: h('div', { class: 'page settings' },
      h('nav', { class: 'side', 'aria-label': 'Settings' },
        h('p', { class: 'side-title', text: 'Settings' }),
        h('ul', {}, SECTIONS.map(([name, text, href, iconName]) => h('li', {},
          h('a', { href, 'aria-current': name === current && 'page' }, icon(iconName), text))))),
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
  return settingsPage('profile', 'Profile',
    panel('Your account', h('dl', { class: 'pairs' }, rows.map(([term, value]) => [h('dt', { text: term }), h('dd', { text: value })]))));
}

/** /app/settings/integrations */
export function integrationsScreen() {
  return settingsPage('integrations', 'Integrations', h('zoom-phone-integration'));
}
