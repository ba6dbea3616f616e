// SPDX-License-Identifier: Apache-2.0
// Every point where Zoom's behaviour could not be confirmed, or where it can be varied, is one
// switch. Defaults are what Zoom documents or what was seen on the wire; README.md gives the
// evidence for each.
import { boolean, integer, object, parse, partial, string } from './schema.mjs';

const choice = (values, label) => string({ values, default: values[0], label });
const flag = (value, label) => boolean({ default: value, label });
const status = (values, label) => integer({ values, default: values[0], label });

/** Names, types, defaults (the first value of a choice) and labels of all switches. */
export const SWITCHES = object({
  reject_scope_parameter: flag(true, 'Refuse an authorization request that carries a scope parameter'),
  decline: choice(['redirect', 'page'], 'After Decline: redirect with error=access_denied, or a page'),
  redirect_match: choice(['exact', 'prefix'], 'How a redirect URI is matched with the allow list'),
  ignore_loopback_port: flag(false, 'Ignore the port of a loopback redirect URI'),
  one_grant_per_user: flag(true, 'A new authorization ends the earlier grant of the user and app'),
  earlier_grant_ends: choice(['at_exchange', 'at_allow'], 'When the earlier grant ends'),
  refresh_ends_access_token: flag(true, 'A refresh ends the earlier access token'),
  code_reuse_ends_grant: flag(false, 'Using a code twice ends the grant that it made'),
  failed_exchange_uses_code: flag(false, 'A wrong redirect URI or verifier uses the code up'),
  invalid_client_status: status([400, 401], 'HTTP status of invalid_client'),
  invalid_grant_status: status([400, 401], 'HTTP status of invalid_grant'),
  invalid_code_reason: choice(['plain', 'with_code'], 'Whether the reason repeats the refused code'),
  invalid_code_error: choice(['invalid_grant', 'invalid_request'], 'Error code of a refused code'),
  redirect_mismatch_error: choice(['invalid_code', 'redirect_mismatch'], 'Answer to a wrong redirect URI'),
  invalid_refresh_error: choice(['invalid_grant', 'invalid_request'], 'Error code of a dead refresh token'),
  inactive_user_refresh: choice(['invalid_token', 'owner_gone', 'disabled_by_admin'], 'Refresh of a deactivated user'),
  inactive_user_profile: choice(['user_not_found', 'invalid_token'], 'Profile of a deactivated user'),
  missing_scope_status: status([400, 401, 403], 'HTTP status when a scope is missing (4711)'),
  expires_in_offset_s: integer({ default: 1, max: 60, label: 'Seconds that expires_in is short of the lifetime' }),
  include_api_url: flag(true, 'Token answers carry api_url'),
  scope_order: choice(['configured', 'reversed'], 'Order of the scopes in a token answer'),
  revoke_accepts: choice(['both', 'access_token'], 'Tokens that the revoke endpoint accepts'),
  revoke_unknown_token: choice(['error', 'success'], 'Revoking a token that is not known'),
  revoke_expired_access_token: choice(['error', 'success'], 'Revoking with an expired access token'),
  revoke_dead_token: choice(['error', 'uninstall'], 'Revoking a token of a grant that has ended'),
  revoke_sends_deauthorized: flag(true, 'A revocation sends app_deauthorized'),
  webhook_retries: choice(['any_failure', 'server_errors'], 'Webhook answers that are tried again'),
  webhook_retry_timestamp: choice(['new', 'first'], 'Timestamp and signature of a repeated webhook'),
  deauthorized_event_ts: choice(['top_level', 'payload', 'absent'], 'Place of event_ts in app_deauthorized'),
  api_requests_per_second: integer({ default: 0, label: 'API rate limit per account and second (0: none)' }),
  api_requests_per_day: integer({ default: 0, label: 'API rate limit per account and day (0: none)' }),
  rate_plan: choice(['none', 'free', 'pro', 'business'], 'API rate limits per account and category, as Zoom publishes them'),
  light_per_second: integer({ default: 0, label: 'Light requests per account and second (0: as the plan)' }),
  medium_per_second: integer({ default: 0, label: 'Medium requests per account and second (0: as the plan)' }),
  heavy_per_second: integer({ default: 0, label: 'Heavy requests per account and second (0: as the plan)' }),
  rate_window: choice(['fixed', 'sliding'], 'Seconds of the clock, or the last second before each request'),
  meeting_changes_per_day: integer({ default: 0, label: 'Meetings created or changed per user and day (0: any; Zoom: 100)' }),
  page_token_lifetime_s: integer({ default: 900, label: 'Seconds that a next_page_token lives' }),
  registration_needs_licence: flag(true, 'Meetings of basic users take no registrants'),
  echo: flag(false, 'Unknown API paths answer 200 with what was seen'),
  token_requests_per_second: integer({ default: 0, label: 'Token rate limit per app and second (0: none)' }),
  rate_limit_retry_after: choice(
    ['as_zoom', 'seconds', 'http_date', 'iso8601', 'none'],
    'Shape of Retry-After on a rate limit',
  ),
});

/** @returns the switches with defaults filled in. @throws {InvalidInput} */
export const readSwitches = (value, path) => parse(SWITCHES, value ?? {}, path);

/** @returns only the given switches, checked. @throws {InvalidInput} */
export const readSwitchChanges = (value) => parse(partial(SWITCHES), value);

/** The switches for people: name, label, kind, allowed values, default. */
export const describeSwitches = () =>
  Object.entries(SWITCHES.fields).map(([name, field]) => ({
    name,
    label: field.label,
    kind: field.kind,
    values: field.values ?? null,
    default: field.default,
  }));
