// SPDX-License-Identifier: Apache-2.0
//
// The demo CRM's own records. Numbers are kept as salespeople type them: national, with country
// code, with brackets, and some that should never have been saved. They come from ranges set
// aside for examples or drama where a country has one.

import { PEOPLE } from './data-people.mjs';

/**
 * @typedef {object} PhoneNumber
 * @property {string} label
 * @property {string} number as saved
 *
 * @typedef {object} Company
 * @property {string} id @property {string} name @property {string} industry
 * @property {string} city @property {string} country ISO 3166-1 alpha-2, the region of its numbers
 * @property {string} website @property {string} owner @property {string} stage
 * @property {number} value open deals @property {string} currency
 * @property {string} summary @property {PhoneNumber[]} numbers
 */

/** @type {readonly Company[]} */
export const COMPANIES = Object.freeze([
  {
    id: 'hoshino-logistics', name: 'Hoshino Logistics K.K.', industry: 'Logistics', city: 'Tokyo', country: 'JP', website: 'hoshino-logistics.example',
    owner: 'Hanako Suzuki', stage: 'Negotiation', value: 18_400_000, currency: 'JPY',
    summary: 'Runs twelve warehouses around Tokyo Bay. Wants one view of carriers and customers before the autumn peak.',
    numbers: [
      { label: 'Head office', number: '03-1234-5678' },
      { label: 'Dispatch, free of charge', number: '0120-123-456' },
      { label: 'Osaka branch', number: '+81 6-1234-5678' },
      { label: 'Reception', number: '03-1234-5678 ext. 204' },
    ],
  },
  {
    id: 'kitayama-robotics', name: 'Kitayama Robotics', industry: 'Manufacturing', city: 'Nagoya', country: 'JP', website: 'kitayama-robotics.example',
    owner: 'Hanako Suzuki', stage: 'Proposal', value: 9_750_000, currency: 'JPY',
    summary: 'Builds picking arms for food plants. The pilot with the Nagoya sales team ends this quarter.',
    numbers: [{ label: 'Main', number: '052-123-4567' }, { label: 'Service desk', number: '(052) 123-4568' }],
  },
  {
    id: 'bramley-foods', name: 'Bramley Foods Ltd', industry: 'Food & drink', city: 'London', country: 'GB', website: 'bramley-foods.example',
    owner: 'Hanako Suzuki', stage: 'Qualified', value: 64_000, currency: 'GBP',
    summary: 'Family-owned producer with forty wholesale customers. Compares three CRMs; decision in the spring.',
    numbers: [
      { label: 'Switchboard', number: '020 7946 0018' },
      { label: 'Orders', number: '+44 (0)161 496 0102' },
      { label: 'Emergency contact', number: '999' },
    ],
  },
  {
    id: 'calder-energy', name: 'Calder Energy plc', industry: 'Energy', city: 'Leeds', country: 'GB', website: 'calder-energy.example',
    owner: 'Emma Wilson', stage: 'Won', value: 210_000, currency: 'GBP',
    summary: 'Signed for two hundred seats last year. Renewal talks start in June.',
    numbers: [{ label: 'Main', number: '0113 496 0140' }, { label: 'Accounts', number: '0113 496 0141 x12' }],
  },
  {
    id: 'sierra-health', name: 'Sierra Health Partners', industry: 'Healthcare', city: 'San Francisco', country: 'US', website: 'sierra-health.example',
    owner: 'Hanako Suzuki', stage: 'Proposal', value: 128_500, currency: 'USD',
    summary: 'Group of nine clinics. Security review passed; waiting for the budget meeting.',
    numbers: [
      { label: 'Main', number: '(415) 555-0134' },
      { label: 'Purchasing', number: '1-415-555-0178' },
      { label: 'Front desk', number: '415-555-0134 ext 5521' },
      { label: 'Imported from card', number: '+1 555 555 0142' },
    ],
  },
  {
    id: 'lakeview-insurance', name: 'Lakeview Insurance', industry: 'Insurance', city: 'Chicago', country: 'US', website: 'lakeview-insurance.example',
    owner: 'Taro Watanabe', stage: 'Qualified', value: 42_000, currency: 'USD',
    summary: 'Regional insurer. The claims team asked for click-to-call on every screen.',
    numbers: [{ label: 'Main', number: '312 555 0166' }],
  },
  {
    id: 'adler-maschinenbau', name: 'Adler Maschinenbau GmbH', industry: 'Manufacturing', city: 'Berlin', country: 'DE', website: 'adler-maschinenbau.example',
    owner: 'Taro Watanabe', stage: 'Negotiation', value: 156_000, currency: 'EUR',
    summary: 'Special machines for glass. Works council has approved call logging; contract is with legal.',
    numbers: [
      { label: 'Zentrale', number: '030 23125 101' },
      { label: 'Vertrieb', number: '+49 (30) 23125-102' },
      { label: 'Werk München', number: '089/99998 300' },
    ],
  },
  {
    id: 'nordlicht-reisen', name: 'Nordlicht Reisen AG', industry: 'Travel', city: 'Hamburg', country: 'DE', website: 'nordlicht-reisen.example',
    owner: 'Emma Wilson', stage: 'New', value: 23_000, currency: 'EUR',
    summary: 'Tour operator. Met at the Hamburg fair; asked for a call back after the summer.',
    numbers: [{ label: 'Zentrale', number: '040 66969 200' }, { label: 'Notruf (falsch erfasst)', number: '112' }],
  },
  {
    id: 'import-check', name: 'Imported contacts to check', industry: 'Data quality', city: 'Tokyo', country: 'JP', website: 'import-check.example',
    owner: 'Hanako Suzuki', stage: 'New', value: 0, currency: 'JPY',
    summary: 'Left over from a spreadsheet import. Every kind of number that needs a second look.',
    numbers: [
      { label: 'Full-width digits', number: '０３−１２３４−５６７８' },
      { label: 'Police', number: '110' },
      { label: 'Ambulance', number: '119' },
      { label: 'Free text', number: 'ask at reception' },
      { label: 'One digit missing', number: '03-1234-56' },
      { label: 'Two numbers in one field', number: '03-1234-5678 / 090-1234-5678' },
      { label: 'No such country code', number: '+999 1234 5678' },
      { label: 'Unknown range', number: '+1 555 555 0199' },
      { label: 'Empty', number: '' },
    ],
  },
]);

const byId = new Map(COMPANIES.map((company) => [company.id, company]));
const peopleById = new Map(PEOPLE.map((person) => [person.id, person]));

/** @returns {Company|null} */
export const findCompany = (id) => byId.get(id) ?? null;

/** @returns {import('./data-people.mjs').Person|null} */
export const findPerson = (id) => peopleById.get(id) ?? null;

/** The people of a company, in the order of the data. */
export const peopleOf = (companyId) => PEOPLE.filter((person) => person.companyId === companyId);
