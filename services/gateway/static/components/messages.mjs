// SPDX-License-Identifier: Apache-2.0
//
// Every text the Zoom Phone components show, in one place. Codes come from closed lists of the
// API; a code that is not in a list falls back to a text that is true for any of them. Nothing
// from a URL is ever shown.

const support = 'Contact support';

/** Advice of the "System Error Occurred" message. */
export const SYSTEM_ERROR_ADVICE = Object.freeze([
  'Check internet connection',
  'Retry after 5 minutes',
  'Contact support if the problem persists',
]);

/** Advice of the "Failed to Disconnect Integration" message. */
export const DISCONNECT_FAILED_ADVICE = Object.freeze([
  'Refresh the page and retry',
  'Try with a different browser',
  'Contact support team',
]);

/** Checks to make when Zoom Phone does not come up. */
export const LAUNCH_ADVICE = Object.freeze([
  'Install the latest version of Zoom Phone app',
  'Allow custom protocol (zoomphonecall://) in browser settings',
  'Disable popup blockers',
]);

export const ZOOM_DOWNLOAD_URL = 'https://zoom.us/download';
export const ZOOM_MARKETPLACE_URL = 'https://marketplace.zoom.us/';

/** Steps that remove the app on Zoom's side. */
export const REMOVE_AT_ZOOM_STEPS = Object.freeze([
  'Log in to your Zoom account and open the Zoom App Marketplace',
  'Click “Manage” → “Added Apps”',
  'Select the “Shodan Pro” app',
  'Click “Remove”',
]);

export const TEXT = Object.freeze({
  integrationName: 'Zoom Phone',
  connectButton: 'Zoom Phone Integration',
  description: 'Call any number on a company or person screen with one click, through your own Zoom Phone.',
  connected: 'Connected',
  notConnected: 'Not connected',
  reconnectRequired: 'Reconnect required',
  disconnecting: 'Disconnecting…',
  statusUnknown: 'Status unknown',
  reconnect: 'Reconnect',
  disconnect: 'Disconnect',
  openingZoom: 'Opening Zoom…',
  waitingForZoom: 'Waiting for Zoom. Finish the sign-in in the Zoom window.',
  account: 'Zoom account',
  accountUnknown: 'Account details are not available right now',
  connectedSince: 'Connected since',
  loadingStatus: 'Loading the Zoom Phone status',
  retry: 'Try again',
  dismiss: 'Dismiss',
  cancel: 'Cancel',
  close: 'Close',
  requirements: 'What you need',
  requirementList: Object.freeze([
    'A Zoom account with a Zoom Phone license. Without one, contact Zoom sales for licensing information.',
    'A device with the Zoom Phone app installed.',
  ]),
  missingScopes: 'Zoom did not grant every permission',
  missingScopesDetail: 'Choose “Reconnect” and allow the permissions listed here, or ask your Zoom administrator to approve them.',
  disconnectingDetail: 'The connection can no longer be used. Shodan Pro is deleting its Zoom data; this takes up to a minute.',
  attemptOpen: 'A connection started earlier is still open at Zoom. Finish it there, or start again here.',
});

/** Answers shown under the integration, as [question, answer]. */
export const ABOUT = Object.freeze([
  ['What can Shodan Pro see at Zoom?',
    'Only your user profile information is read. Access to call history or recordings is not requested.'],
  ['Do I need a license?',
    'A Zoom Phone license is required to use the Zoom Phone integration feature. Please contact Zoom sales for licensing information.'],
  ['What if my Zoom password changes?',
    'The integration is maintained after a password change. If the Zoom account itself is deactivated, you need to connect again.'],
  ['Can I connect several Zoom accounts?',
    'One Zoom account can be connected per Shodan Pro account. To change it, disconnect first.'],
  ['How is the connection protected?',
    'All authentication tokens are encrypted, stay on our servers and never reach your browser. Every transfer is secured with TLS.'],
]);

/** Confirmation of a disconnect: what goes and what stays. */
export const DISCONNECT_DIALOG = Object.freeze({
  title: 'Disconnect Zoom Phone?',
  lead: 'Calling through Zoom Phone will no longer be available. You can connect again at any time.',
  deletedTitle: 'Deleted immediately',
  deleted: Object.freeze([
    'Access token and refresh token',
    'Personal information from Zoom: Zoom User ID, name, email address',
  ]),
  keptTitle: 'Kept in Shodan Pro',
  kept: Object.freeze(['Past call history', 'Call notes']),
});

export const DISCONNECTED = Object.freeze({
  title: 'Zoom Phone disconnected',
  detail: 'Tokens and Zoom personal information were deleted. Your call history and notes are unchanged.',
  backups: (date) => `Copies of it in older backups can no longer be read by anyone after ${date}.`,
  unconfirmed: 'Zoom has not confirmed the removal. Please remove the app in your Zoom account as well:',
  optional: 'Remove the app from your Zoom account (optional)',
  marketplaceLink: 'Open the Zoom App Marketplace',
});

const RESULTS = Object.freeze({
  connected: { tone: 'success', title: 'Zoom integration successful', detail: 'You can now call from company and person screens.', advice: [] },
  cancelled: {
    tone: 'warning',
    title: 'Authentication Cancelled',
    detail: 'The Zoom authentication screen was cancelled or closed.',
    advice: ['Click the “Zoom Phone Integration” button again to complete authentication'],
  },
  expired: {
    tone: 'warning',
    title: 'Authentication Cancelled',
    detail: 'The Zoom authentication was not completed in time.',
    advice: ['Click the “Zoom Phone Integration” button again to complete authentication'],
  },
  other_account_connected: {
    tone: 'error',
    title: 'Another Zoom account is connected',
    detail: 'One Zoom account can be connected per Shodan Pro account. The existing connection was not changed.',
    advice: ['Disconnect first, then connect the other Zoom account'],
  },
  different_account: {
    tone: 'error',
    title: 'This is a different Zoom account',
    detail: 'Reconnecting works only with the Zoom account that was connected before. Nothing was changed.',
    advice: ['Sign in to Zoom with the connected account and reconnect', 'To use another Zoom account, disconnect first'],
  },
  wrong_browser: {
    tone: 'error',
    title: 'The connection could not be verified',
    detail: 'It must be finished in the browser it was started in, with cookies allowed. Nothing was changed.',
    advice: ['Click the “Zoom Phone Integration” button again in this browser'],
  },
  system_error: {
    tone: 'error',
    title: 'System Error Occurred',
    detail: 'Zoom could not be reached or did not answer as expected.',
    advice: SYSTEM_ERROR_ADVICE,
  },
});

/** The closed list of result codes. */
export const RESULT_CODES = Object.freeze(Object.keys(RESULTS));

/**
 * The message of a result code, or null for anything outside the closed list.
 * With `reconnect` the advice names the button that is on the screen then.
 * @param {string} code
 * @returns {{tone:string, title:string, detail:string, advice:readonly string[]}|null}
 */
export function resultMessage(code, { reconnect = false } = {}) {
  if (!Object.hasOwn(RESULTS, code)) return null;
  const message = RESULTS[code];
  if (!reconnect) return message;
  return { ...message, advice: message.advice.map((line) => line.replace('“Zoom Phone Integration”', '“Reconnect”')) };
}

const RECONNECT_CAUSES = Object.freeze({
  lost_response: 'The connection to Zoom was interrupted while it was being renewed.',
  revoked: 'The Shodan Pro app was removed from your Zoom account, or its permission was withdrawn.',
  account_inactive: 'Your Zoom account is deactivated. Once it is active again you can reconnect.',
  reauthorized_elsewhere: 'Your Zoom account was authorized again elsewhere, which ended this connection.',
  expired: 'The connection was not used for a long time and has expired at Zoom.',
  app_replaced: 'Shodan Pro now uses another Zoom app, which needs your consent once more.',
});
const ENDED_CAUSES = Object.freeze({
  taken_over: 'Your Zoom account was connected from another Shodan Pro account, so this connection ended.',
  disconnected_by_admin: 'An administrator disconnected your Zoom account.',
  revoked: 'The Shodan Pro app was removed from your Zoom account, so the connection ended.',
  account_inactive: 'Your Zoom account was deactivated, so the connection ended.',
});

/**
 * Why a link needs reconnecting, or why it ended, in plain words; "" when there is nothing to say.
 * @param {"none"|"active"|"reconnect_required"|"disconnecting"} state
 * @param {string|null} cause
 */
export function causeMessage(state, cause) {
  if (state === 'reconnect_required') {
    return Object.hasOwn(RECONNECT_CAUSES, cause ?? '') ? RECONNECT_CAUSES[cause] : 'Zoom no longer accepts this connection.';
  }
  return state === 'none' && Object.hasOwn(ENDED_CAUSES, cause ?? '') ? ENDED_CAUSES[cause] : '';
}

const NUMBER_ERRORS = Object.freeze({
  NUMBER_EMPTY: ['No number', 'There is no phone number to call.'],
  NUMBER_TOO_LONG: ['Too long', 'This text is too long to be a phone number.'],
  NUMBER_NOT_A_NUMBER: ['Not a phone number', 'This is not a phone number. Correct it, then call.'],
  NUMBER_TOO_SHORT: ['Too short', 'This number has too few digits to be dialled.'],
  NUMBER_TOO_MANY_DIGITS: ['Too many digits', 'A phone number has at most 15 digits. Correct it, then call.'],
  NUMBER_REGION_REQUIRED: ['Country unknown', 'The country of this number is not known. Add the country code, for example +81.'],
  NUMBER_UNKNOWN_COUNTRY_CODE: ['Unknown country code', 'This number starts with a country code that does not exist.'],
  NUMBER_IMPOSSIBLE_LENGTH: ['Wrong length', 'Numbers of this country do not have that many digits. Correct it, then call.'],
  NUMBER_EMERGENCY: ['Emergency number', 'Emergency and short numbers are never dialled from Shodan Pro. Use a phone.'],
  NUMBER_REGION_INVALID: ['Country unknown', 'The country saved with this number is not valid.'],
});

/**
 * Why a number is not dialled.
 * @param {string} reason
 * @returns {{label:string, detail:string}} a short label and one sentence
 */
export function numberError(reason) {
  const [label, detail] = Object.hasOwn(NUMBER_ERRORS, reason)
    ? NUMBER_ERRORS[reason]
    : ['Cannot be dialled', 'This number cannot be dialled. Correct it, then call.'];
  return { label, detail };
}
export const NUMBER_ERROR_REASONS = Object.freeze(Object.keys(NUMBER_ERRORS));

const NOTICES = Object.freeze({
  NUMBER_OUTSIDE_KNOWN_RANGES: ['Unusual number', 'This number is outside of the known number ranges. Check it before you call.'],
  EXTENSION_NOT_DIALLED: ['Extension not dialled', 'The extension is not dialled. Enter it yourself once the call is answered.'],
});
export const NOTICE_REASONS = Object.freeze(Object.keys(NOTICES));

/** @returns {{label:string, detail:string}|null} */
export function noticeMessage(notice) {
  if (!notice) return null;
  if (!Object.hasOwn(NOTICES, notice.reason)) return { label: 'Please note', detail: 'Check this number before you call.' };
  const [label, detail] = NOTICES[notice.reason];
  return { label, detail };
}

/** Outcomes of a call in the order they are offered. */
export const OUTCOMES = Object.freeze({
  unspecified: 'Not set',
  connected: 'Connected',
  missed: 'No answer',
  busy: 'Busy',
  voicemail: 'Voicemail',
  failed: 'Failed',
});

export const CALL = Object.freeze({
  title: (name) => (name ? `Call ${name}?` : 'Call this number?'),
  buttonLabel: (number, name) => (name ? `Call ${name}, ${number}, with Zoom Phone` : `Call ${number} with Zoom Phone`),
  refusedLabel: (number, label) => `Call ${number}: not available, ${label.toLowerCase()}`,
  call: 'Call',
  willDial: 'Zoom Phone will dial',
  saved: 'Saved as',
  country: 'Country',
  dialled: 'Dialled digits',
  internationalNumber: 'International number',
  checking: 'Checking the number',
  recording: 'Starting the call…',
  reconnectHint: 'Your Zoom connection needs to be renewed. Calling still works; reconnect in Settings → Integrations.',
  notConnectedTitle: 'Connect Zoom Phone first',
  notConnected: 'To call with one click, connect your Zoom account in Settings → Integrations.',
  openSettings: 'Settings → Integrations',
  refusedTitle: 'This number is not dialled',
  launchedTitle: 'Zoom Phone is opening',
  launchedHint: 'If the browser asks, allow it to open Zoom. The call is in your call history.',
  done: 'Done',
  notOpened: 'Zoom Phone did not open?',
  helpTitle: 'Zoom Phone App Not Installed',
  helpLead: 'Zoom Phone did not come up. Download and install Zoom Phone app from the official website, or check the following:',
  helpAndroid: 'Zoom Phone cannot be started from a browser on Android. Copy the number into the Zoom app, or use the phone of this device.',
  download: 'Download Zoom Phone',
  copy: 'Copy number',
  copied: 'Number copied',
  copyFailed: 'The number could not be copied. Select it above instead.',
  tel: 'Use another phone app',
  again: 'Open Zoom Phone again',
  failedTitle: 'The call was not started',
  numbersFailed: 'The number could not be checked.',
});

export const HISTORY = Object.freeze({
  title: 'Call history',
  loading: 'Loading the call history',
  empty: 'No calls yet',
  emptyDetail: 'Calls you start here with Zoom Phone are listed with their time and outcome.',
  failed: 'The call history could not be loaded.',
  outcome: (number) => `Outcome of the call to ${number}`,
  outcomeSaved: 'Outcome saved',
  outcomeFailed: 'The outcome was not saved.',
  conflict: 'This call was changed elsewhere. The current outcome is shown.',
  addNote: 'Add note',
  addNoteFor: (number) => `Add note about the call to ${number}`,
  more: 'Show more',
});

export const NOTES = Object.freeze({
  title: 'Notes',
  loading: 'Loading the notes',
  empty: 'No notes yet',
  emptyDetail: 'Write down what was agreed. Notes stay when Zoom Phone is disconnected.',
  failed: 'The notes could not be loaded.',
  label: 'New note',
  editLabel: 'Edit note',
  placeholder: 'What was discussed? What happens next?',
  save: 'Save note',
  saveChanges: 'Save changes',
  saving: 'Saving…',
  saved: 'Note saved',
  saveFailed: 'The note was not saved.',
  edit: 'Edit',
  remove: 'Delete',
  editFor: (start) => `Edit note: ${start}`,
  removeFor: (start) => `Delete note: ${start}`,
  removeTitle: 'Delete this note?',
  removeLead: 'The note cannot be restored.',
  removed: 'Note deleted',
  removeFailed: 'The note was not deleted.',
  conflict: 'This note was changed elsewhere while you were editing.',
  conflictCurrent: 'The current text',
  conflictKeep: 'Save my text anyway',
  conflictTake: 'Use the current text',
  gone: 'This note was deleted elsewhere.',
  required: 'Write something before saving.',
  tooLong: (over) => `Too long by ${over} character${over === 1 ? '' : 's'}. A note has at most 10,000.`,
  edited: 'edited',
  aboutCall: (number) => (number ? `About the call to ${number}` : 'About a call'),
  unlink: 'Not about this call',
  more: 'Show more',
});

function wait(seconds) {
  if (!seconds) return 'Try again in a moment.';
  if (seconds < 60) return `Try again in ${seconds} second${seconds === 1 ? '' : 's'}.`;
  const minutes = Math.ceil(seconds / 60);
  return `Try again in ${minutes} minute${minutes === 1 ? '' : 's'}.`;
}

/**
 * One sentence that says what went wrong and what to do, for any ApiError (or other error).
 * @param {unknown} error
 * @returns {string}
 */
export function describeError(error) {
  const reference = error?.requestId ? ` Reference: ${error.requestId}` : '';
  if (error?.kind === 'network') return 'Shodan Pro could not be reached. Check internet connection, then try again.';
  if (error?.kind === 'timeout') return 'Shodan Pro did not answer in time. Try again in a moment.';
  switch (error?.status) {
    case 400:
      return (error.errors[0]?.detail || error.detail || 'The request was not accepted.') + reference;
    case 401: return 'Your session has ended. Sign in again.';
    case 403: return `You do not have permission for this. ${support} if you need it.${reference}`;
    case 404: return 'This no longer exists.';
    case 409: case 412: return 'This was changed elsewhere in the meantime. Try again.';
    case 429: return `Too many requests. ${wait(error.retryAfterSeconds)}`;
    case 503: return `The service is busy. ${wait(error.retryAfterSeconds)}`;
    default: return `Something went wrong on our side. Try again; contact support if the problem persists.${reference}`;
  }
}
