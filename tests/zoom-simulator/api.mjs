// SPDX-License-Identifier: Apache-2.0
// The REST API below /v2: who a token belongs to, which endpoint a path names, and Zoom's answer for every other path.
import { MEETING_ROUTES } from './api-meetings.mjs';
import { REGISTRANT_ROUTES } from './api-registrants.mjs';
import { json } from './answers.mjs';
import { secret } from './ledger.mjs';
import { profileOf } from './users.mjs';
import { apiErrors } from './zoom-errors.mjs';

// Either family admits; an error names the granular ones only, as Zoom does.
const PROFILE = {
  category: 'Light',
  scopes: ['user:read:user'],
  classic: ['user:read'],
};

const bearerOf = (context) => /^Bearer +(\S+)$/i.exec(context.headers.authorization ?? '')?.[1] ?? null;

/** Who an API request is about: for choosing faults. */
export function subjectOfApiRequest(sim, context) {
  const { token, grant } = presented(sim, context);
  return {
    client_id: grant?.client_id ?? null,
    user_id: grant?.user_id ?? null,
    access_token_id: token?.id ?? null,
    method: context.method,
    path: context.path,
    ...secret('presented_access_token', bearerOf(context)),
  };
}

function presented(sim, context) {
  const token = sim.grants.findAccessToken(bearerOf(context));
  return { token, grant: token && sim.grants.grantOf(token) };
}

/** What every API request goes through before its endpoint. @returns `{grant, answer?, headers}` with a refusal as `answer` */
function admit(sim, context, { category, scopes, classic }, record) {
  const { token, grant } = presented(sim, context);
  const state = token ? sim.grants.accessState(token) : 'unknown_token';
  if (state !== 'usable') {
    record(state);
    return { grant, answer: refusal(sim, state, grant) };
  }
  const { answer, headers } = sim.limits.checkApi(context, grant, category);
  if (answer) return { grant, answer };
  const accepted = [...scopes, ...classic].flatMap((scope) => [scope, `${scope}:admin`]);
  if (accepted.length > 0 && !accepted.some((scope) => grant.scopes.includes(scope))) {
    record('missing_scope');
    const named = scopes.flatMap((scope) => [scope, `${scope}:admin`]);
    return { grant, answer: apiErrors.missingScope(sim.switches, named) };
  }
  return { grant, headers };
}

function refusal(sim, state, grant) {
  if (state === 'expired') return apiErrors.expiredToken();
  if (state === 'user_inactive' && sim.switches.inactive_user_profile === 'user_not_found') {
    return apiErrors.noSuchUser(grant.user_id);
  }
  return apiErrors.invalidToken();
}

const withHeaders = (answer, headers) => ({ ...answer, headers: { ...headers, ...answer.headers } });

function recorder(sim, context, type, fields = {}) {
  const { token, grant } = presented(sim, context);
  return (outcome) =>
    sim.ledger.append(type, {
      request_id: context.requestId,
      ...fields,
      outcome,
      access_token_id: token?.id ?? null,
      grant_id: grant?.id ?? null,
      user_id: grant?.user_id ?? null,
      client_id: grant?.client_id ?? null,
    });
}

/** @returns the answer to GET /v2/users/me */
export function handleProfile(sim, context) {
  const record = recorder(sim, context, 'profile_read', secret('presented_access_token', bearerOf(context)));
  const { grant, answer, headers } = admit(sim, context, PROFILE, record);
  if (answer) return answer;
  record('read');
  return withHeaders(json(200, profileOf(sim.users.get(grant.user_id))), headers);
}

// ---- the other endpoints

const ROUTES = [...MEETING_ROUTES, ...REGISTRANT_ROUTES].map((route) => ({
  ...route,
  template: `${route.method} ${route.path}`,
  segments: route.path.split('/').slice(1),
}));

const ECHO = { category: 'Medium', scopes: [], classic: [] };

/**
 * The segments of a path below /v2, as Zoom's front sees them: decoded once; a slash that appears thereby takes part in
 * the routing, and what is still encoded belongs to the segment. That is why some UUIDs have to be encoded twice.
 * @returns a list of texts, or null when no endpoint can be meant
 */
function segmentsOf(path) {
  try {
    const segments = path.slice('/v2/'.length).split('/').map(decodeURIComponent);
    if (segments.some((segment) => segment === '' || segment.startsWith('/') || segment.includes('//'))) return null;
    return segments.map((segment) => (/%[0-9A-Fa-f]{2}/.test(segment) ? decodeURIComponent(segment) : segment));
  } catch {
    return null;
  }
}

function routeOf({ method, path }) {
  const given = segmentsOf(path);
  if (!given) return null;
  for (const route of ROUTES) {
    if (route.method !== method || route.segments.length !== given.length) continue;
    const fits = route.segments.every((segment, index) => segment.startsWith('{') || segment === given[index]);
    if (!fits) continue;
    const names = route.segments.map((segment, index) => [segment.slice(1, -1), given[index]]);
    return { route, parameters: Object.fromEntries(names.filter((_, index) => route.segments[index].startsWith('{'))) };
  }
  return null;
}

/** @returns the answer to any path below /v2 but the profile's */
export function handleApi(sim, context) {
  const { route, parameters } = routeOf(context) ?? {};
  const fields = { method: context.method, path: context.path, endpoint: route?.template ?? null };
  const record = recorder(sim, context, 'api_request', fields);
  if (!route && !sim.switches.echo) {
    record('unknown_path');
    return apiErrors.unknownPath();
  }
  const { grant, answer, headers } = admit(sim, context, route ?? ECHO, record);
  if (answer) return answer;
  if (!route) {
    record('echoed');
    return withHeaders(json(200, context.seen), headers);
  }
  const user = sim.users.get(grant.user_id);
  const input = route.takesBody ? bodyOf(context) : {};
  const result = input ? route.handle({ sim, context, grant, user, parameters, input }) : apiErrors.noObject();
  record(result.status < 300 ? 'done' : 'refused');
  return withHeaders(result, headers);
}

/** @returns the JSON object of the body, or null */
function bodyOf({ body }) {
  try {
    const value = body === null || body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
