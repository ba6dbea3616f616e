// SPDX-License-Identifier: Apache-2.0
// POST /oauth/token: authorization_code and refresh_token.
import { json } from './answers.mjs';
import { secret } from './ledger.mjs';
import { authenticateClient, claimedClientId, readParameters } from './oauth-client.mjs';
import { oauthErrors } from './zoom-errors.mjs';

const TYPES = { authorization_code: 'code_exchange', refresh_token: 'refresh' };

/** The code and refresh token of a request for the ledger; the stored text serves where it is known. */
function presentedSecrets(sim, parameters) {
  const [code, token] = [parameters?.get('code'), parameters?.get('refresh_token')];
  return {
    ...secret('presented_code', sim.grants.codes.find(code)?.value ?? code),
    ...secret('presented_refresh_token', sim.grants.findRefreshToken(token)?.value ?? token),
  };
}

/** Who a token request is about, without proof: for choosing faults. */
export function subjectOfTokenRequest(sim, context) {
  const parameters = readParameters(context);
  const code = sim.grants.codes.find(parameters?.get('code'));
  const token = sim.grants.findRefreshToken(parameters?.get('refresh_token'));
  return {
    client_id: claimedClientId(context, parameters),
    user_id: code?.user_id ?? (token && sim.grants.grantOf(token).user_id) ?? null,
    grant_type: parameters?.get('grant_type') ?? null,
    ...presentedSecrets(sim, parameters),
  };
}

/** @returns the answer to a token request */
export function handleToken(sim, context) {
  const parameters = readParameters(context);
  const record = (type, outcome, fields = {}) =>
    sim.ledger.append(type, {
      request_id: context.requestId,
      outcome,
      client_id: claimedClientId(context, parameters),
      ...fields,
    });
  if (!parameters) {
    record('token_request_refused', 'malformed');
    return oauthErrors.badRequest();
  }
  const grantType = parameters.get('grant_type');
  const presented = { grant_type: grantType ?? null, ...presentedSecrets(sim, parameters) };
  const { app, method } = authenticateClient(sim.apps, context, parameters);
  if (!app) {
    record(TYPES[grantType] ?? 'token_request_refused', 'invalid_client', {
      ...presented,
      client_authentication: method,
    });
    return oauthErrors.invalidClient(sim.switches);
  }
  const limited = sim.limits.checkToken(context, app);
  if (limited) return limited;
  if (grantType === 'authorization_code' && parameters.get('code')) {
    return exchangeCode(sim, context, { app, method, parameters, record, presented });
  }
  if (grantType === 'refresh_token' && parameters.get('refresh_token')) {
    return refresh(sim, context, { app, method, parameters, record, presented });
  }
  const known = Object.hasOwn(TYPES, grantType ?? '');
  const malformed = known || !grantType;
  record(TYPES[grantType] ?? 'token_request_refused', malformed ? 'malformed' : 'unsupported_grant_type', presented);
  return malformed ? oauthErrors.badRequest() : oauthErrors.unsupportedGrant();
}

function exchangeCode(sim, context, { app, method, parameters, record, presented }) {
  const value = parameters.get('code');
  const pending = sim.grants.codes.find(value);
  // A client without a secret is known by its verifier alone.
  const unproved = method === 'none' && pending && pending.challenge === null;
  const { outcome, code, grant, tokens } = unproved
    ? { outcome: 'verifier_mismatch', code: pending }
    : sim.grants.exchangeCode({
        app,
        value,
        redirectUri: parameters.get('redirect_uri'),
        verifier: parameters.get('code_verifier'),
        requestId: context.requestId,
      });
  record('code_exchange', outcome, {
    ...presented,
    client_authentication: method,
    code_id: code?.id ?? null,
    user_id: code?.user_id ?? null,
    grant_id: grant?.id ?? null,
    authorization_id: code?.authorization_id ?? null,
    ...secret('presented_code_verifier', parameters.get('code_verifier')),
  });
  if (outcome === 'issued') return success(sim, app, grant, tokens);
  if (outcome === 'user_inactive') return oauthErrors.inactiveUser(sim.switches);
  return oauthErrors.refusedCode(sim.switches, value, outcome);
}

function refresh(sim, context, { app, method, parameters, record, presented }) {
  const { outcome, token, grant, tokens } = sim.grants.refresh({
    app,
    value: parameters.get('refresh_token'),
    requestId: context.requestId,
  });
  record('refresh', outcome, {
    ...presented,
    client_authentication: method,
    refresh_token_id: token?.id ?? null,
    user_id: grant?.user_id ?? null,
    grant_id: grant?.id ?? null,
  });
  if (tokens) return success(sim, app, grant, tokens);
  if (outcome === 'user_inactive') return oauthErrors.inactiveUser(sim.switches);
  return oauthErrors.deadRefreshToken(sim.switches);
}

function success(sim, app, grant, tokens) {
  const { switches } = sim;
  const scopes = switches.scope_order === 'reversed' ? [...grant.scopes].reverse() : grant.scopes;
  return json(200, {
    access_token: tokens.access.value,
    token_type: 'bearer',
    refresh_token: tokens.refresh.value,
    expires_in: Math.max(0, app.access_token_lifetime_s - switches.expires_in_offset_s),
    scope: scopes.join(' '),
    ...(switches.include_api_url ? { api_url: sim.url } : {}),
  });
}
