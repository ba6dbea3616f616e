// SPDX-License-Identifier: Apache-2.0
// POST /oauth/revoke. Revoking uninstalls the app for the user: every grant of (app, user) ends.
import { json } from './answers.mjs';
import { secret } from './ledger.mjs';
import { authenticateClient, claimedClientId, readParameters } from './oauth-client.mjs';
import { oauthErrors } from './zoom-errors.mjs';

/** Who a revocation is about, without proof: for choosing faults. */
export function subjectOfRevocation(sim, context) {
  const parameters = readParameters(context);
  const token = findToken(sim, parameters?.get('token'));
  return {
    client_id: claimedClientId(context, parameters),
    user_id: token.record ? sim.grants.grantOf(token.record).user_id : null,
    ...secret('presented_token', parameters?.get('token')),
  };
}

/** @returns the answer to a revocation */
export function handleRevoke(sim, context) {
  const parameters = readParameters(context);
  const value = parameters?.get('token');
  const record = (outcome, fields = {}) =>
    sim.ledger.append('revocation', {
      request_id: context.requestId,
      outcome,
      client_id: claimedClientId(context, parameters),
      ...secret('presented_token', value),
      ...fields,
    });
  if (!value) {
    record('malformed');
    return oauthErrors.badRequest();
  }
  const { app } = authenticateClient(sim.apps, context, parameters);
  if (!app) {
    record('invalid_client');
    return oauthErrors.invalidClient(sim.switches);
  }
  const { kind, record: token } = findToken(sim, value);
  const grant = token && sim.grants.grantOf(token);
  const refusal = refusalOf(sim, app, kind, token, grant);
  const about = {
    token_kind: kind,
    token_id: token?.id ?? null,
    grant_id: grant?.id ?? null,
    user_id: grant?.user_id ?? null,
  };
  if (refusal) {
    record(refusal, { ...about, ended_grant_ids: [], other_grants_ended: 0 });
    const success = refusal === 'unknown_token' && sim.switches.revoke_unknown_token === 'success';
    return success ? json(200, { status: 'success' }) : oauthErrors.unknownRevocation();
  }
  const ended = sim.grants.endAll(app.client_id, grant.user_id, 'revoked').map(({ id }) => id);
  record('revoked', {
    ...about,
    ended_grant_ids: ended,
    other_grants_ended: ended.filter((id) => id !== grant.id).length,
  });
  if (sim.switches.revoke_sends_deauthorized) sim.webhooks.sendDeauthorized(app, grant);
  return json(200, { status: 'success' });
}

function findToken(sim, value) {
  const access = sim.grants.findAccessToken(value);
  if (access) return { kind: 'access_token', record: access };
  const refresh = sim.grants.findRefreshToken(value);
  return { kind: refresh ? 'refresh_token' : null, record: refresh };
}

function refusalOf(sim, app, kind, token, grant) {
  const { switches } = sim;
  if (!token) return 'unknown_token';
  if (grant.client_id !== app.client_id) return 'wrong_client';
  if (kind === 'refresh_token' && switches.revoke_accepts === 'access_token') return 'refresh_token_not_accepted';
  const replaced = kind === 'refresh_token' && token.replaced_at !== null && !sim.grants.isRefreshTokenLive(token);
  const dead = grant.state !== 'alive' || token.ended || replaced;
  if (dead && switches.revoke_dead_token === 'error') return 'dead_token';
  const expired = token.expires_at <= Date.now();
  if (expired && kind === 'refresh_token') return 'expired_token';
  return expired && switches.revoke_expired_access_token === 'error' ? 'expired_token' : null;
}
