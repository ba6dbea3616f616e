// SPDX-License-Identifier: Apache-2.0
// What the actions of the control API share: refusals, look-ups, numbers of a query.
import { InvalidInput } from './schema.mjs';

/** A refusal with a status and a reason. */
export class ControlError extends Error {
  constructor(status, reason, message) {
    super(message);
    Object.assign(this, { status, reason });
  }
}

/** The value, or a refusal with 404. */
export const found = (value, what) => {
  if (value === null || value === undefined) throw new ControlError(404, 'NOT_FOUND', `no such ${what}`);
  return value;
};
export const userOf = (sim, id) => found(sim.users.find(id), 'user');
export const appOf = (sim, clientId) => found(sim.apps.pick(clientId), 'app (with several apps, name its client_id)');

/** A whole number of the query. @throws {InvalidInput} */
export function number(query, name, fallback, most) {
  if (!query.has(name)) return fallback;
  const value = Number(query.get(name));
  if (!Number.isSafeInteger(value) || value < 0 || value > most) {
    throw new InvalidInput([{ field: name, detail: `must be a whole number from 0 to ${most}` }]);
  }
  return value;
}
