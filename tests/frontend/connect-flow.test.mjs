// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AttemptMemory, attemptOutcome, openPopup, reportFromPopup, safeConnectUrl, takeResult } from '../../services/gateway/static/components/connect-flow.mjs';

describe('the result in the URL', () => {
  it('is taken off, other parameters stay', () => {
    assert.deepEqual(takeResult('https://crm.example/s?a=1&zoom_result=cancelled&b=2#x'), { code: 'cancelled', cleaned: '/s?a=1&b=2#x' });
  });

  it('is removed but not used when it is not in the closed list', () => {
    assert.deepEqual(takeResult('https://crm.example/s?zoom_result=%3Cb%3E'), { code: null, cleaned: '/s' });
  });

  it('may be absent', () => {
    assert.deepEqual(takeResult('https://crm.example/s?a=1'), { code: null, cleaned: null });
  });
});

describe('the connect URL', () => {
  it('is http(s) or refused', () => {
    assert.equal(safeConnectUrl('/connect?ticket=t', 'https://crm.example/app/'), 'https://crm.example/connect?ticket=t');
    assert.throws(() => safeConnectUrl('javascript:alert(1)', 'https://crm.example/'), TypeError);
  });
});

describe('an attempt', () => {
  const attempt = { attemptId: 'a1', expireTime: '2030-01-01T00:10:00Z' };
  const link = (fields) => ({ lastAttempt: { attemptId: 'a1', state: 'pending', result: null, ...fields } });
  const at = (time) => Date.parse(time);

  it('is pending until its expiry', () => {
    assert.deepEqual(attemptOutcome(link(), attempt, at('2030-01-01T00:09:00Z')), { state: 'pending', expiresInMs: 60_000 });
    assert.deepEqual(attemptOutcome(link(), attempt, at('2030-01-01T00:10:00Z')), { state: 'ended', result: 'expired' });
  });

  it('ends with the result of the API', () => {
    assert.deepEqual(attemptOutcome(link({ state: 'succeeded', result: 'connected' }), attempt, 0), { state: 'ended', result: 'connected' });
    assert.deepEqual(attemptOutcome(link({ state: 'failed', result: 'cancelled' }), attempt, 0), { state: 'ended', result: 'cancelled' });
    assert.deepEqual(attemptOutcome(link({ state: 'failed', result: 'something_new' }), attempt, 0), { state: 'ended', result: 'system_error' });
  });

  it('of another tab says nothing about this one', () => {
    assert.deepEqual(attemptOutcome(link({ attemptId: 'a2' }), attempt, 0), { state: 'none' });
    assert.deepEqual(attemptOutcome({ lastAttempt: null }, attempt, 0), { state: 'none' });
    assert.deepEqual(attemptOutcome(link(), null, 0), { state: 'none' });
  });

  it('is remembered in the tab, and not where storage is blocked', () => {
    const values = new Map();
    const memory = new AttemptMemory({ getItem: (key) => values.get(key) ?? null, setItem: (key, value) => values.set(key, value), removeItem: (key) => values.delete(key) });
    memory.remember({ ...attempt, connectUrl: 'https://crm.example/connect?ticket=secret' });
    assert.deepEqual(memory.read(), attempt);
    assert.doesNotMatch([...values.values()].join(), /secret/);
    memory.forget();
    assert.equal(memory.read(), null);
    const blocked = new AttemptMemory({ getItem() { throw new Error('blocked'); }, setItem() { throw new Error('blocked'); } });
    blocked.remember(attempt);
    assert.equal(blocked.read(), null);
  });
});

describe('a pop-up', () => {
  it('that the browser blocked is reported as such', () => {
    assert.equal(openPopup({ open: () => null }), null);
  });

  /** A window with a session storage of its own. `shut` resolves when it closes itself; `closed` is what its opener sees. */
  function popupWindow() {
    const values = new Map();
    const view = {
      closed: false, location: { replace() {} },
      sessionStorage: { getItem: (key) => values.get(key) ?? null, setItem: (key, value) => values.set(key, value), removeItem: (key) => values.delete(key) },
    };
    view.shut = new Promise((resolve) => { view.close = resolve; });
    return view;
  }
  const expireTime = new Date(Date.now() + 600_000).toISOString();

  it('that comes back is closed by the page that opened it', async () => {
    const view = popupWindow();
    const ended = openPopup({ open: () => view }).ended({ expireTime });
    reportFromPopup(view);
    assert.equal(await ended, 'returned');
    await view.shut;
  });

  it('that was cut off on its way looks closed, and is closed all the same when it comes back', async () => {
    const view = popupWindow();
    const stop = new AbortController();
    const ended = openPopup({ open: () => view }).ended({ expireTime, signal: stop.signal });
    view.closed = true;
    assert.equal(await ended, 'closed');
    reportFromPopup(view);
    await view.shut;
    stop.abort();
  });

  it('is the only window that reports: another tab that comes back does not', async () => {
    const view = popupWindow();
    const stop = new AbortController();
    const ended = openPopup({ open: () => view }).ended({ expireTime, signal: stop.signal });
    reportFromPopup(popupWindow());
    stop.abort();
    assert.equal(await ended, 'closed');
  });
});
