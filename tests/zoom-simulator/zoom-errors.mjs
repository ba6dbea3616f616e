// SPDX-License-Identifier: Apache-2.0
// Zoom's error bodies. At the OAuth endpoints `{"reason","error"}`, in the REST API `{"code","message"}`.
import { json } from './answers.mjs';

const oauth = (status, reason, error, more = {}) => json(status, { reason, error, ...more });

/** Errors of the token and revoke endpoints, shaped by the switches. */
export const oauthErrors = {
  badRequest: () => oauth(400, 'Bad request', 'invalid_request'),
  unsupportedGrant: () => oauth(400, 'Unsupported grant type', 'unsupported_grant_type'),
  invalidClient: (switches) =>
    oauth(switches.invalid_client_status, 'Invalid client_id or client_secret', 'invalid_client'),
  deadRefreshToken: (switches) =>
    oauth(switches.invalid_grant_status, 'Invalid Token!', switches.invalid_refresh_error),
  inactiveUser(switches) {
    const more = {
      invalid_token: ['Invalid Token!', {}],
      owner_gone: ['The owner of the token does not exist.', { errorCode: 4735 }],
      disabled_by_admin: ['The token has been disabled by the administrator.', { errorCode: 4738 }],
    };
    const [reason, extra] = more[switches.inactive_user_refresh];
    return oauth(switches.invalid_grant_status, reason, 'invalid_grant', extra);
  },
  refusedCode(switches, code, outcome) {
    if (outcome === 'redirect_mismatch' && switches.redirect_mismatch_error === 'redirect_mismatch') {
      return oauth(switches.invalid_grant_status, 'Redirect URI mismatch.', 'invalid_request', { errorCode: 4709 });
    }
    const tail = switches.invalid_code_reason === 'with_code' ? ` ${code}` : '';
    return oauth(switches.invalid_grant_status, `Invalid authorization code${tail}`, switches.invalid_code_error);
  },
  unknownRevocation: () => oauth(400, 'Invalid Token!', 'invalid_token'),
};

const api = (status, code, message) => json(status, { code, message });

/** Errors of the REST API. */
export const apiErrors = {
  invalidToken: () => api(401, 124, 'Invalid access token.'),
  expiredToken: () => api(401, 124, 'Access token is expired.'),
  missingScope: (switches, scopes) =>
    api(switches.missing_scope_status, 4711, `Invalid access token, does not contain scopes:[${scopes.join(', ')}].`),
  noSuchUser: (userId) => api(404, 1001, `User does not exist: ${userId}.`),
  noSuchMeeting: (id) => api(404, 3001, `Meeting does not exist: ${id}.`),
  noSuchRegistrant: () =>
    api(400, 300, 'The value that you entered for the Registrant ID field is invalid. Enter a valid value and try again.'),
  noRegistration: (id) => api(400, 300, `This meeting has not registration required: ${id}`),
  paidUsersOnly: () => api(400, 200, 'Only available for Paid users.'),
  noObject: () => api(400, 300, 'Request Body should be a valid JSON object.'),
  badPageToken: () => api(400, 300, 'The next page token is invalid or expired.'),
  /** @param errors `[{field, message}]` */
  validation: (errors) => json(400, { code: 300, message: 'Validation Failed.', errors }),
  unknownPath: () => api(404, 2300, 'This API endpoint is not recognized.'),
};
