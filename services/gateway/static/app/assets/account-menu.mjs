// SPDX-License-Identifier: Apache-2.0

import { h, icon, initials } from '/components/dom.mjs';

/**
 * The account menu of the top bar: a disclosure button with "Settings" and "Sign out".
 * @param {{displayName:string, userId:string}} session
 */
export function accountMenu(session) {
  const name = session.displayName || session.userId;
  const settings = h('a', { href: '/app/settings' }, icon('gear'), 'Settings');
  const signOut = h('button', { type: 'submit' }, icon('exit'), 'Sign out');
  const panel = h('div', { class: 'menu-panel', id: 'account-panel', hidden: true },
    h('p', { class: 'menu-who' }, h('strong', { text: name }), h('span', { text: session.userId })),
    settings,
    h('form', { method: 'post', action: '/dev/logout' }, h('input', { type: 'hidden', name: 'return_to', value: '/app/' }), signOut));
  const button = h('button', { type: 'button', class: 'account-button', 'aria-expanded': 'false', 'aria-controls': 'account-panel' },
    h('span', { class: 'avatar small', 'aria-hidden': 'true', text: initials(name) }),
    h('span', { class: 'visually-hidden', text: 'Account menu: ' }), h('span', { class: 'account-name', text: name }), icon('chevron'));

  const items = [settings, signOut];
  const toggle = (open) => {
    panel.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
  };
  const move = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    if (panel.hidden) toggle(true);
    const next = items.indexOf(document.activeElement) + step;
    items[(next + items.length) % items.length].focus();
  };
  button.addEventListener('click', () => toggle(panel.hidden));
  settings.addEventListener('click', () => toggle(false));
  const element = h('div', { class: 'account' }, button, panel);
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !panel.hidden) { toggle(false); button.focus(); }
    move(event);
  });
  element.addEventListener('focusout', (event) => { if (!element.contains(event.relatedTarget)) toggle(false); });
  document.addEventListener('pointerdown', (event) => { if (!element.contains(event.target)) toggle(false); });
  return element;
}
