// SPDX-License-Identifier: Apache-2.0

import { h } from '/components/dom.mjs';
import { findCompany, peopleOf } from './data.mjs';
import { activity, avatar, fact, money, panel, phoneList, place, recordHeader, stagePill } from './ui.mjs';

function personCard(person, company) {
  return h('li', { class: 'person' },
    h('div', { class: 'who' }, avatar(person.name, { round: true }),
      h('div', {}, h('a', { href: `/app/people/${person.id}`, text: person.name }), h('p', { class: 'muted small', text: person.title }))),
    phoneList(person.numbers, { region: company.country, name: person.name, companyId: company.id, personId: person.id }));
}

/** /app/companies/{id}; null for an unknown company. */
export function companyScreen({ id }) {
  const company = findCompany(id);
  if (!company) return null;
  const people = peopleOf(company.id);
  return {
    title: company.name,
    element: h('div', { class: 'page' },
      recordHeader({
        trail: [['Companies', '/app/companies']],
        title: company.name,
        subtitle: `${company.industry} · ${place(company)}`,
        image: avatar(company.name, { large: true }),
        aside: stagePill(company.stage),
      }),
      h('div', { class: 'columns' },
        h('div', { class: 'stack' },
          panel('Phone numbers', phoneList(company.numbers, { region: company.country, name: company.name, companyId: company.id })),
          panel('People', people.length ? h('ul', { class: 'people' }, people.map((person) => personCard(person, company)))
            : h('p', { class: 'muted', text: 'Nobody is saved for this company yet.' })),
          panel('About', h('p', { text: company.summary }),
            h('dl', { class: 'facts' },
              fact('globe', 'Website', company.website), fact('person', 'Owner', company.owner),
              fact('building', 'Open deals', `${money(company.value, company.currency)} in open deals`)))),
        activity({ 'company-id': company.id }))),
  };
}
