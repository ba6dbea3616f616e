// SPDX-License-Identifier: Apache-2.0
// In whose name a method of the local stack is called: what the policy file says about it, and what was asked for.
import { UserError } from '../errors.mjs';
import { identities } from '../authority.mjs';

const nameOf = (identity) => identity.slice(identity.lastIndexOf('/') + 1);

/**
 * @param {object} policy services/policy.json
 * @param {string} path "/package.Service/Method"
 * @returns {{identity: string, mode: string, scope?: string}[]} the rules of a method, identities by their service's name
 */
export const rulesOf = (policy, path) => (policy.methods[path] ?? []).map(({ identity, ...rule }) => ({ identity: nameOf(identity), ...rule }));

/**
 * Chooses the rule: with a user the modes in which somebody is vouched for, otherwise a service's own call.
 * @param {{identity: string, mode: string}[]} rules
 * @param {{identity?: string, userId?: string}} wanted
 * @param {{userId?: string}} request a method of mode "user" is called for the request's user unless told otherwise
 * @returns {{identity: string, mode: string, userId: string|null, scope?: string}} `userId`: who is vouched for; `scope`: of the API
 *   key that is vouched for instead, in mode api_key
 */
export function callerOf(rules, { identity, userId }, request) {
  if (identity !== undefined && !identities.includes(identity)) {
    throw new UserError(`there is no certificate of '${identity}'.`, `There are: ${identities.join(', ')}.`);
  }
  const personal = ({ mode }) => mode === 'user' || mode === 'admin';
  const allowed = rules.filter((rule) => identity === undefined || rule.identity === identity);
  const rule = userId === undefined ? allowed.find(({ mode }) => mode === 'service') ?? allowed[0] : allowed.find(personal);
  if (!rule) {
    // Whoever is named may try; the service says no.
    if (identity !== undefined) return { identity, mode: userId === undefined ? 'service' : 'user', userId: userId ?? null };
    throw new UserError(rules.length === 0 ? 'services/policy.json has no rule for this method.' : 'nobody calls this method for a user.',
      ...(rules.length === 0 ? [] : ['Leave --user out.']));
  }
  if (!personal(rule)) return { ...rule, userId: null };
  const person = userId ?? (rule.mode === 'user' ? request.userId ?? request.user_id : undefined);
  if (typeof person !== 'string' || person === '') {
    throw new UserError(rule.mode === 'admin' ? 'an administrator calls this method: say which with --user.' : 'this method is called for a user: say which with --user.');
  }
  return { ...rule, userId: person };
}
