// SPDX-License-Identifier: Apache-2.0
//
// Pieces shared by the screens of the demo CRM.

import { h, icon, initials } from '/components/dom.mjs';
import { regionName } from '/components/format.mjs';
import { noticeMessage, numberError } from '/components/messages.mjs';

/** "Tokyo, Japan" */
export function place(company) {
  return [company.city, regionName(company.country)].filter(Boolean).join(', ');
}

export function money(value, currency) {
  return new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: 0 }).format(value);
}

/** A square for companies, a circle for people; its colour follows from the name. */
export function avatar(name, { round = false, large = false } = {}) {
  const hue = Array.from(name).reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6;
  return h('span', { class: `avatar hue${hue}${round ? ' round' : ''}${large ? ' large' : ''}`, 'aria-hidden': 'true', text: initials(name) });
}

export function stagePill(stage) {
  return h('span', { class: `pill ${stage.toLowerCase()}`, text: stage });
}

/** Title line of a record with its way back. */
export function recordHeader({ trail, title, subtitle, image, aside }) {
  return h('div', { class: 'record-header' },
    h('nav', { 'aria-label': 'Breadcrumb', class: 'trail' },
      h('ol', {}, trail.map(([text, href]) => h('li', {}, h('a', { href, text }))))),
    h('div', { class: 'record-title' }, image,
      h('div', { class: 'grow' }, h('h1', { tabindex: '-1', text: title }), h('p', { class: 'muted', text: subtitle })), aside));
}

/**
 * Phone numbers with their icons. What the gateway says about a number appears beside its label,
 * in space that is there from the start.
 * @param {{label:string, number:string}[]} numbers
 * @param {{region:string, name:string, companyId?:string, personId?:string}} target
 */
export function phoneList(numbers, { region, name, companyId, personId }) {
  return h('ul', { class: 'numbers' }, numbers.map(({ label, number }) => {
    const remark = h('span', { class: 'remark' });
    const shown = h('span', { class: 'number', text: number || '—' });
    const button = h('zoom-call-button', {
      number, region, name, 'company-id': companyId, 'person-id': personId,
      on: { 'zoom-call-link': ({ detail }) => showCallLink(detail.callLink, remark) },
    });
    return h('li', {}, h('div', { class: 'grow' }, h('p', { class: 'label' }, h('span', { class: 'label-text', text: label }), remark), shown), button);
  }));
}

function showCallLink(callLink, remark) {
  const text = callLink.ok ? noticeMessage(callLink.notice)?.label : numberError(callLink.error?.reason).label;
  remark.className = `remark ${callLink.ok ? 'warning' : 'error'}`;
  remark.textContent = text ?? '';
}

/**
 * Call history above, notes below. The notes wait for the height of the history (at most a
 * second), so that they do not move under the reader's eyes.
 */
export function activity(filter) {
  const notes = h('zoom-call-notes', { ...filter, class: 'waiting' });
  const history = h('zoom-call-history', { ...filter, on: { 'zoom-list-ready': () => notes.classList.remove('waiting') } });
  return h('div', { class: 'stack' }, history, notes);
}

/** A card with a heading. */
export function panel(title, ...content) {
  const id = `panel-${title.toLowerCase().replace(/[^a-z]+/g, '-')}`;
  return h('section', { class: 'panel', 'aria-labelledby': id }, h('h2', { id, text: title }), ...content);
}

export function fact(iconName, label, content) {
  return h('div', { class: 'fact' }, icon(iconName), h('dt', { class: 'visually-hidden', text: label }), h('dd', {}, content));
}

/** Shown for a path or record that does not exist. */
export function missingScreen() {
  return {
    title: 'Not found',
    element: h('div', { class: 'page' }, h('div', { class: 'panel centered' },
      h('h1', { tabindex: '-1', text: 'This page does not exist' }),
      h('p', { class: 'muted', text: 'The record may have been removed, or the address is mistyped.' }),
      h('a', { class: 'button primary', href: '/app/companies', text: 'Go to companies' }))),
  };
}
