// SPDX-License-Identifier: Apache-2.0
// The REST API below /v2: GET /v2/users/me, and Zoom's answer for every other path.
import { json } from './answers.mjs';
import { secret } from './ledger.mjs';
import { profileOf } from './users.mjs';
import { apiErrors } from './zoom-errors.mjs';

// Either family admits; an error names the granular ones only, as Zoom does.
const PROFILE_SCOPES = ['user:read:user', 'user:read:user:admin'];
const CLASSIC_PROFILE_SCOPES = ['user:read', 'user:read:admin'];

const bearerOf = (context) => /^Bearer +(\S+)$/i.exec(context.headers.authorization ?? '')?.[1] ?? null;

/** Who an API request is about: for choosing faults. */
export function subjectOfApiRequest(sim, context) {
  const token = sim.grants.findAccessToken(bearerOf(context));
  const grant = token && sim.grants.grantOf(token);
  return {
    client_id: grant?.client_id ?? null,
    user_id: grant?.user_id ?? null,
    ...secret('presented_access_token', bearerOf(context)),
  };
}

/** @returns the answer to GET /v2/users/me */
export function handleProfile(sim, context) {
  const value = bearerOf(context);
  const token = sim.grants.findAccessToken(value);
  const grant = token && sim.grants.grantOf(token);
  const record = (outcome) =>
    sim.ledger.append('profile_read', {
      request_id: context.requestId,
      outcome,
      ...secret('presented_access_token', value),
      access_token_id: token?.id ?? null,
      grant_id: grant?.id ?? null,
      user_id: grant?.user_id ?? null,
      client_id: grant?.client_id ?? null,
    });
  const state = token ? sim.grants.accessState(token) : 'unknown_token';
  if (state !== 'usable') {
    record(state);
    return refusal(sim, state, grant);
  }
  const limited = sim.limits.checkApi(context, grant);
  if (limited) return limited;
  if (![...PROFILE_SCOPES, ...CLASSIC_PROFILE_SCOPES].some((scope) => grant.scopes.includes(scope))) {
    record('missing_scope');
    return apiErrors.missingScope(sim.switches, PROFILE_SCOPES);
  }
  record('read');
  return json(200, profileOf(sim.users.get(grant.user_id)));
}

/** @returns the answer to any other path below /v2 */
export function handleUnknownApi(sim, context) {
  sim.ledger.append('api_request', {
    request_id: context.requestId,
    method: context.method,
    path: context.path,
    outcome: 'unknown_path',
  });
  return apiErrors.unknownPath();
}

function refusal(sim, state, grant) {
  if (state === 'expired') return apiErrors.expiredToken();
  if (state === 'user_inactive' && sim.switches.inactive_user_profile === 'user_not_found') {
    return apiErrors.noSuchUser(grant.user_id);
  }
  return apiErrors.invalidToken();
}
