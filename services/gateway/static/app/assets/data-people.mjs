// SPDX-License-Identifier: Apache-2.0

/**
 * @typedef {object} Person
 * @property {string} id @property {string} companyId @property {string} name
 * @property {string} title @property {string} email @property {string} note
 * @property {{label:string, number:string}[]} numbers
 */

/** @type {readonly Person[]} */
export const PEOPLE = Object.freeze([
  person('mika-sato', 'hoshino-logistics', 'Mika Sato', 'Head of Sales', 'Decides on the CRM. Best reached before ten.',
    ['Mobile', '090-1234-5678'], ['Office', '03-1234-5678 ext. 31'], ['Direct', '+81-3-1234-5679']),
  person('kenji-tanaka', 'hoshino-logistics', 'Kenji Tanaka', 'IT Manager', 'Runs the security review.',
    ['Mobile', '080-1234-5678'], ['Office', '(03) 1234-5680']),
  person('yuki-mori', 'kitayama-robotics', 'Yuki Mori', 'Sales Operations', 'Owner of the pilot.',
    ['Mobile', '070-1234-5678'], ['Office', '052-123-4569']),
  person('oliver-hart', 'bramley-foods', 'Oliver Hart', 'Commercial Director', 'Prefers a call to an e-mail.',
    ['Mobile', '07400 123456'], ['Office', '020 7946 0021'], ['Old mobile', '07700 900123']),
  person('priya-nair', 'bramley-foods', 'Priya Nair', 'Finance Manager', 'Asks for the price per seat.',
    ['Office', '+44 20 7946 0022'], ['Reception', '020 7946 0018 #7']),
  person('grace-okoro', 'calder-energy', 'Grace Okoro', 'Head of Customer Service', 'Champion of the roll-out.',
    ['Mobile', '07400 123460'], ['Office', '0113 496 0142']),
  person('daniel-reyes', 'sierra-health', 'Daniel Reyes', 'VP Operations', 'Budget meeting on the first Tuesday of the month.',
    ['Mobile', '(415) 555-0151'], ['Office', '415.555.0134 ext. 210'], ['Assistant', '+1 415 555 0152']),
  person('hannah-lee', 'sierra-health', 'Hannah Lee', 'Compliance Officer', 'Wants to know what is deleted after a disconnect.',
    ['Office', '415-555-0160'], ['Written on the card', '911']),
  person('marcus-dunn', 'lakeview-insurance', 'Marcus Dunn', 'Claims Manager', 'Calls between two and four.',
    ['Mobile', '312-555-0170'], ['Office', '+1 (312) 555-0171']),
  person('anna-vogel', 'adler-maschinenbau', 'Anna Vogel', 'Vertriebsleitung', 'Contract goes through her.',
    ['Mobile', '01512 3456789'], ['Office', '030 23125 110'], ['International', '0049 30 23125 111']),
  person('lukas-brandt', 'adler-maschinenbau', 'Lukas Brandt', 'Einkauf', 'Negotiates hard, answers fast.',
    ['Office', '030 23125 112'], ['Typo', '03O 23125 113']),
  person('svenja-petersen', 'nordlicht-reisen', 'Svenja Petersen', 'Geschäftsführung', 'Call back after the summer.',
    ['Mobile', '+49 1512 3456780'], ['Office', '040 66969 210']),
  person('unknown-caller', 'import-check', 'Unknown Caller', 'No title', 'Nobody knows who this was.',
    ['Mobile', '090 1234 567'], ['Mobile 2', 'n/a'], ['Too long', '+81 90 1234 5678 9012 34']),
]);

function person(id, companyId, name, title, note, ...numbers) {
  const email = `${id.replace('-', '.')}@${companyId}.example`;
  return { id, companyId, name, title, email, note, numbers: numbers.map(([label, number]) => ({ label, number })) };
}
