// SPDX-License-Identifier: Apache-2.0
// Who takes part: one Shodan Pro user and one Zoom user for each story, so that no story sees another's traces.

const givenNames = ['Aiko', 'Bruno', 'Chiara', 'Dario', 'Elif', 'Fumio', 'Greta', 'Hugo', 'Ines', 'Jonas', 'Kaito', 'Lena'];
const familyNames = ['Abe', 'Baker', 'Costa', 'Dubois', 'Eto', 'Fischer', 'Grant', 'Hoshi'];

/**
 * Shodan Pro users for the development issuer; no name is part of another.
 * @returns {{user_id: string, display_name: string, roles: string[]}[]}
 */
export function salespeople() {
  return givenNames.flatMap((given) => familyNames.map((family) => ({
    user_id: `${given}.${family}`.toLowerCase(), display_name: `${given} ${family}`, roles: [],
  })));
}

/** The one administrator; several stories may act as the same one. */
export const administrator = { user_id: 'zora.administrator', display_name: 'Zora Administrator', roles: ['admin'] };

/**
 * A person at Zoom for the simulator's control API.
 * @param {number} number unique in the run
 * @param {object} [overrides]
 */
export function zoomPerson(number, overrides = {}) {
  return { first_name: 'Zoë', last_name: `Caller${number}`, email: `caller-${number}@zoom.example`, zoom_phone: true, ...overrides };
}
