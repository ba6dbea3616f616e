// SPDX-License-Identifier: Apache-2.0

import { h } from '/components/dom.mjs';
import { findCompany, findPerson } from './data.mjs';
import { activity, avatar, fact, panel, phoneList, place, recordHeader } from './ui.mjs';

/** /app/people/{id}; null for an unknown person. */
export function personScreen({ id }) {
  const person = findPerson(id);
  if (!person) return null;
  const company = findCompany(person.companyId);
  const companyHref = `/app/companies/${company.id}`;
  return {
    title: person.name,
    element: h('div', { class: 'page' },
      recordHeader({
        trail: [['Companies', '/app/companies'], [company.name, companyHref]],
        title: person.name,
        subtitle: `${person.title} · ${company.name}`,
        image: avatar(person.name, { round: true, large: true }),
      }),
      h('div', { class: 'columns' },
        h('div', { class: 'stack' },
          panel('Phone numbers', phoneList(person.numbers, { region: company.country, name: person.name, companyId: company.id, personId: person.id })),
          panel('About', h('p', { text: person.note }),
            h('dl', { class: 'facts' },
              fact('building', 'Company', h('a', { href: companyHref, text: company.name })),
              fact('mail', 'E-mail', h('a', { href: `mailto:${person.email}`, text: person.email })),
              fact('globe', 'Location', place(company))))),
        activity({ 'company-id': company.id, 'person-id': person.id }))),
  };
}
