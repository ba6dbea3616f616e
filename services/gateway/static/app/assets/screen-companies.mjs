// SPDX-License-Identifier: Apache-2.0

import { h, icon } from '/components/dom.mjs';
import { COMPANIES, peopleOf } from './data.mjs';
import { avatar, money, place, stagePill } from './ui.mjs';

function row(company) {
  const cell = (label, className, ...content) => h('td', { class: className, 'data-label': label }, ...content);
  return h('tr', {},
    h('th', { scope: 'row' }, h('div', { class: 'who' }, avatar(company.name),
      h('div', {}, h('a', { href: `/app/companies/${company.id}`, text: company.name }), h('p', { class: 'muted small', text: company.industry })))),
    cell('Location', 'optional', place(company)),
    cell('People', 'optional numeric', String(peopleOf(company.id).length)),
    cell('Stage', '', stagePill(company.stage)),
    cell('Open deals', 'numeric', money(company.value, company.currency)),
    cell('Owner', 'optional', company.owner));
}

/** /app/companies: all companies with a filter over name, industry, place and people. */
export function companiesScreen() {
  const entries = COMPANIES.map((company) => ({
    element: row(company),
    words: [company.name, company.industry, place(company), company.owner, company.stage, ...peopleOf(company.id).map((person) => person.name)]
      .join(' ').toLocaleLowerCase(),
  }));
  const count = h('p', { class: 'muted', role: 'status', text: `${COMPANIES.length} companies` });
  const empty = h('p', { class: 'panel-empty muted', hidden: true, text: 'No company matches. Try another word.' });
  const field = h('input', { id: 'filter', type: 'search', placeholder: 'Company, person, city…', autocomplete: 'off', spellcheck: 'false' });
  field.addEventListener('input', () => {
    const wanted = field.value.trim().toLocaleLowerCase().split(/\s+/u);
    let shown = 0;
    for (const { element, words } of entries) {
      element.hidden = !wanted.every((word) => words.includes(word));
      if (!element.hidden) shown += 1;
    }
    empty.hidden = shown > 0;
    count.textContent = shown === 1 ? '1 company' : `${shown} companies`;
  });
  const heads = [['Company', ''], ['Location', 'optional'], ['People', 'optional numeric'], ['Stage', ''], ['Open deals', 'numeric'], ['Owner', 'optional']];
  return {
    title: 'Companies',
    element: h('div', { class: 'page' },
      h('div', { class: 'page-head' },
        h('div', { class: 'grow' }, h('h1', { tabindex: '-1', text: 'Companies' }), count),
        h('div', { class: 'search' }, icon('search'), h('label', { class: 'visually-hidden', for: 'filter', text: 'Filter companies' }), field)),
      h('div', { class: 'panel flush' },
        h('table', { class: 'companies' },
          h('caption', { class: 'visually-hidden', text: 'Companies' }),
          h('thead', {}, h('tr', {}, heads.map(([text, className]) => h('th', { scope: 'col', class: className, text })))),
          h('tbody', {}, entries.map(({ element }) => element))),
        empty)),
  };
}
