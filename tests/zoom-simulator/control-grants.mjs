// SPDX-License-Identifier: Apache-2.0
// The actions of the control API on grants and tokens.
import { found, userOf } from './control-common.mjs';
import { secret } from './ledger.mjs';
import { InvalidInput, object, parse, string } from './schema.mjs';

function viewGrant(sim, grant) {
  const { latest } = grant;
  return {
    grant_id: grant.id,
    client_id: grant.client_id,
    user_id: grant.user_id,
    account_id: grant.account_id,
    scopes: grant.scopes,
    state: grant.state,
    ended_reason: grant.ended_reason,
    ended_at: grant.ended_at && new Date(grant.ended_at).toISOString(),
    created_at: new Date(grant.created_at).toISOString(),
    authorization_id: grant.authorization_id,
    code_id: grant.code_id,
    refreshes: grant.refreshes,
    latest_refresh_token: latest && {
      id: latest.id,
      ...secret('value', latest.value),
      live: sim.grants.isRefreshTokenLive(latest),
      expires_at: new Date(latest.expires_at).toISOString(),
    },
    live_refresh_token_ids: grant.refresh.filter((token) => sim.grants.isRefreshTokenLive(token)).map(({ id }) => id),
    live_access_token_ids: grant.access
      .filter((token) => sim.grants.accessState(token) === 'usable')
      .map(({ id }) => id),
  };
}

function selectGrants(sim, query) {
  const clientId = query.get('client_id');
  const userId = query.has('user_id') ? userOf(sim, query.get('user_id')).id : null;
  return sim.grants
    .list()
    .filter(
      (grant) =>
        (!clientId || grant.client_id === clientId) &&
        (!userId || grant.user_id === userId) &&
        (!query.has('state') || grant.state === query.get('state')),
    );
}

function listTokens({ sim, query }) {
  const view = (kind, token, live) => ({
    id: token.id,
    kind,
    grant_id: token.grant_id,
    parent_id: token.parent_id ?? null,
    live,
    ...secret('value', token.value),
    expires_at: new Date(token.expires_at).toISOString(),
  });
  return {
    tokens: selectGrants(sim, query).flatMap((grant) => [
      ...grant.refresh.map((token) => view('refresh_token', token, sim.grants.isRefreshTokenLive(token))),
      ...grant.access.map((token) => view('access_token', token, sim.grants.accessState(token) === 'usable')),
    ]),
  };
}

const EXPIRY = object({
  access_token: string(),
  refresh_token: string(),
  code: string(),
  grant_id: string(),
  user_id: string(),
  client_id: string(),
  kind: string({ values: ['access_token', 'refresh_token', 'code', 'all'] }),
});

/** Expires one token or code by value, or those of a grant or user by kind. */
function expire({ sim, input }) {
  const {
    access_token: access,
    refresh_token: refresh,
    code,
    grant_id: grantId,
    user_id: userId,
    client_id: clientId,
    kind = 'all',
  } = parse(EXPIRY, input);
  if (access) return expired(sim, [found(sim.grants.findAccessToken(access), 'access token')]);
  if (refresh) return expired(sim, [found(sim.grants.findRefreshToken(refresh), 'refresh token')]);
  if (code) return expired(sim, [found(sim.grants.codes.find(code), 'code')]);
  if (!grantId && !userId) {
    throw new InvalidInput([{ field: '', detail: 'name access_token, refresh_token, code, grant_id or user_id' }]);
  }
  const user = userId ? userOf(sim, userId) : null;
  const fits = (item) => (!user || item.user_id === user.id) && (!clientId || item.client_id === clientId);
  const grants = grantId ? [found(sim.grants.get(grantId), 'grant')] : sim.grants.list().filter(fits);
  return expired(sim, [
    ...(kind === 'refresh_token' || kind === 'all' ? grants.flatMap((grant) => grant.refresh) : []),
    ...(kind === 'access_token' || kind === 'all' ? grants.flatMap((grant) => grant.access) : []),
    ...((kind === 'code' || kind === 'all') && user ? sim.grants.codes.list().filter(fits) : []),
  ]);
}

function expired(sim, items) {
  sim.grants.expire(items);
  sim.ledger.append('expired_by_control', { ids: items.map(({ id }) => id) });
  return { expired: items.length };
}

const endGrant = ({ sim, parameters }) => ({
  ended: sim.grants.end(found(sim.grants.get(parameters.grant), 'grant'), 'ended_by_control'),
});

/** The routes of this file, in the form of CONTROL_ROUTES. */
export const GRANT_ROUTES = [
  ['GET', '/grants', ({ sim, query }) => ({ grants: selectGrants(sim, query).map((grant) => viewGrant(sim, grant)) })],
  ['GET', '/grants/{grant}', ({ sim, parameters }) => viewGrant(sim, found(sim.grants.get(parameters.grant), 'grant'))],
  ['POST', '/grants/{grant}/end', endGrant],
  ['GET', '/tokens', listTokens],
  ['POST', '/tokens/expire', expire],
];
