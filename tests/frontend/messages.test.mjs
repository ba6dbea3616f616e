// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../services/gateway/static/components/api-client.mjs';
import {
  causeMessage, CALL, describeError, DISCONNECTED, DISCONNECT_FAILED_ADVICE, LAUNCH_ADVICE, noticeMessage, NOTES, NOTICE_REASONS, numberError,
  NUMBER_ERROR_REASONS, OUTCOMES, REMOVE_AT_ZOOM_STEPS, resultMessage, RESULT_CODES, TEXT,
} from '../../services/gateway/static/components/messages.mjs';

describe('result messages', () => {
  it('cover the closed list of the API', () => {
    assert.deepEqual([...RESULT_CODES].sort(), [
      'cancelled', 'connected', 'different_account', 'expired', 'other_account_connected', 'system_error', 'wrong_browser',
    ]);
  });

  it('show nothing for a code outside of the list', () => {
    for (const code of ['', 'CONNECTED', '__proto__', 'constructor', '<img src=x>']) assert.equal(resultMessage(code), null);
  });

  it('name success, cancellation and system error as the product does', () => {
    assert.equal(resultMessage('connected').title, 'Zoom integration successful');
    assert.equal(resultMessage('cancelled').title, 'Authentication Cancelled');
    assert.equal(resultMessage('system_error').title, 'System Error Occurred');
  });

  it('treat an expired attempt as a cancelled one', () => {
    assert.equal(resultMessage('expired').title, resultMessage('cancelled').title);
  });

  it('give the solution of a cancellation and the three pieces of advice of a system error', () => {
    assert.deepEqual(resultMessage('cancelled').advice, ['Click the “Zoom Phone Integration” button again to complete authentication']);
    assert.deepEqual([...resultMessage('system_error').advice], [
      'Check internet connection', 'Retry after 5 minutes', 'Contact support if the problem persists',
    ]);
  });

  it('name the button that is on the screen', () => {
    assert.match(resultMessage('cancelled', { reconnect: true }).advice[0], /“Reconnect” button/);
  });

  it('say “disconnect first” when another account is connected', () => {
    assert.match(resultMessage('other_account_connected').advice[0], /^Disconnect first/);
  });
});

describe('causes', () => {
  it('explain every reason to reconnect in a sentence', () => {
    const texts = ['lost_response', 'revoked', 'account_inactive', 'reauthorized_elsewhere', 'expired', 'app_replaced'].map((cause) => causeMessage('reconnect_required', cause));
    assert.equal(new Set(texts).size, 6);
    for (const text of texts) assert.match(text, /\.$/);
  });

  it('have a true text for an unknown cause', () => {
    assert.notEqual(causeMessage('reconnect_required', 'new_cause'), '');
    assert.notEqual(causeMessage('reconnect_required', null), '');
    assert.notEqual(causeMessage('reconnect_required', '__proto__'), '');
  });

  it('say why a link ended, and nothing after the user\'s own disconnect', () => {
    assert.match(causeMessage('none', 'taken_over'), /another Shodan Pro account/);
    assert.match(causeMessage('none', 'disconnected_by_admin'), /administrator/);
    assert.equal(causeMessage('none', 'disconnected'), '');
    assert.equal(causeMessage('none', null), '');
    assert.equal(causeMessage('active', null), '');
  });
});

describe('numbers', () => {
  it('have a label and a sentence for every reason of the API', () => {
    assert.deepEqual([...NUMBER_ERROR_REASONS].sort(), [
      'NUMBER_EMERGENCY', 'NUMBER_EMPTY', 'NUMBER_IMPOSSIBLE_LENGTH', 'NUMBER_NOT_A_NUMBER', 'NUMBER_REGION_INVALID',
      'NUMBER_REGION_REQUIRED', 'NUMBER_TOO_LONG', 'NUMBER_TOO_MANY_DIGITS', 'NUMBER_TOO_SHORT', 'NUMBER_UNKNOWN_COUNTRY_CODE',
    ]);
    for (const reason of [...NUMBER_ERROR_REASONS, 'NUMBER_SOMETHING_NEW', undefined]) {
      const { label, detail } = numberError(reason);
      assert.ok(label.length > 0 && label.length <= 24, label);
      assert.match(detail, /\.$/);
    }
  });

  it('have a text for every notice, and none without one', () => {
    assert.deepEqual([...NOTICE_REASONS].sort(), ['EXTENSION_NOT_DIALLED', 'NUMBER_OUTSIDE_KNOWN_RANGES']);
    assert.equal(noticeMessage(null), null);
    assert.ok(noticeMessage({ reason: 'SOMETHING_NEW' }).detail);
  });
});

describe('product texts', () => {
  it('are those users were promised', () => {
    assert.equal(TEXT.connectButton, 'Zoom Phone Integration');
    assert.equal(TEXT.connected, 'Connected');
    assert.equal(TEXT.disconnect, 'Disconnect');
    assert.equal(CALL.call, 'Call');
    assert.equal(CALL.helpTitle, 'Zoom Phone App Not Installed');
    assert.equal(LAUNCH_ADVICE.length, 3);
    assert.match(LAUNCH_ADVICE.join(), /zoomphonecall:\/\//);
    assert.deepEqual([...DISCONNECT_FAILED_ADVICE], ['Refresh the page and retry', 'Try with a different browser', 'Contact support team']);
    assert.match(REMOVE_AT_ZOOM_STEPS.join(' '), /“Manage” → “Added Apps”.*“Shodan Pro”.*“Remove”/);
  });

  it('offer every outcome of the API', () => {
    assert.deepEqual(Object.keys(OUTCOMES), ['unspecified', 'connected', 'missed', 'busy', 'voicemail', 'failed']);
  });

  it('count in words', () => {
    assert.match(NOTES.tooLong(1), /1 character\./);
    assert.match(NOTES.tooLong(2), /2 characters\./);
  });
});

describe('a disconnect', () => {
  it('says from when on backups are of no use to anybody', () => {
    assert.equal(DISCONNECTED.backups('6 Dec 2026, 10:31'), 'Copies of it in older backups can no longer be read by anyone after 6 Dec 2026, 10:31.');
  });
});

describe('errors', () => {
  it('say what to do for each kind of failure', () => {
    assert.match(describeError(new ApiError('network')), /internet connection/);
    assert.match(describeError(new ApiError('timeout')), /in time/);
    assert.match(describeError(new ApiError('problem', { status: 401 })), /Sign in again/);
    assert.match(describeError(new ApiError('problem', { status: 429, retryAfterSeconds: 30 })), /30 seconds/);
    assert.match(describeError(new ApiError('problem', { status: 503, retryAfterSeconds: 61 })), /2 minutes/);
    assert.match(describeError(new ApiError('problem', { status: 503 })), /in a moment/);
  });

  it('carry the reference for support where it helps', () => {
    assert.match(describeError(new ApiError('problem', { status: 500, requestId: 'q-7' })), /Reference: q-7/);
    assert.doesNotMatch(describeError(new ApiError('problem', { status: 500 })), /Reference/);
  });

  it('repeat the server\'s field error for a request that was not accepted', () => {
    const error = new ApiError('problem', { status: 400, detail: 'bad', errors: [{ field: 'text', detail: 'text: is too long' }] });
    assert.equal(describeError(error), 'text: is too long');
  });

  it('have a text even for something that is no ApiError', () => {
    assert.match(describeError(new RangeError('x')), /went wrong/);
    assert.match(describeError(undefined), /went wrong/);
  });
});
