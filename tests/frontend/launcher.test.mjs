// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DETECTION_MS, isCallUri, launch, supportsZoomScheme } from '../../services/gateway/static/components/launcher.mjs';

const URI = 'zoomphonecall://+81312345678';

/** A page whose focus, visibility and clock the test decides. */
function page({ focused = true, visibilityState = 'visible' } = {}) {
  const launched = [];
  const timers = [];
  const document = Object.assign(new EventTarget(), { visibilityState, hasFocus: () => focused });
  const window = new EventTarget();
  let listening = 0;
  for (const target of [document, window]) {
    const { addEventListener, removeEventListener } = target;
    target.addEventListener = (...args) => { listening += 1; addEventListener.apply(target, args); };
    target.removeEventListener = (...args) => { listening -= 1; removeEventListener.apply(target, args); };
  }
  return {
    launched, timers, document, window,
    listeners: () => listening,
    elapse: () => timers.forEach(({ run }) => run()),
    environment: {
      document, window,
      navigate: (uri) => launched.push(uri),
      setTimeout: (run, delay) => timers.push({ run, delay }),
      clearTimeout: () => {},
    },
  };
}

describe('launch', () => {
  it('hands the string over verbatim, with the raw plus sign', async () => {
    const { environment, launched, window } = page();
    const result = launch(URI, environment);
    window.dispatchEvent(new Event('blur'));
    await result;
    assert.deepEqual(launched, ['zoomphonecall://+81312345678']);
  });

  it('is opened when the page loses the focus', async () => {
    const { environment, window } = page();
    const result = launch(URI, environment);
    window.dispatchEvent(new Event('blur'));
    assert.equal(await result, 'opened');
  });

  it('is opened when the page becomes hidden', async () => {
    const { environment, document } = page();
    const result = launch(URI, environment);
    document.visibilityState = 'hidden';
    document.dispatchEvent(new Event('visibilitychange'));
    assert.equal(await result, 'opened');
  });

  it('is opened when the page has lost the focus without an event', async () => {
    const { environment, elapse } = page({ focused: false });
    const result = launch(URI, environment);
    elapse();
    assert.equal(await result, 'opened');
  });

  it('is undetected when the page is still visible and focused after 2.5 s', async () => {
    const { environment, elapse, timers } = page();
    const result = launch(URI, environment);
    assert.equal(timers[0].delay, DETECTION_MS);
    assert.equal(DETECTION_MS, 2_500);
    elapse();
    assert.equal(await result, 'undetected');
  });

  it('is undetected when the browser throws for an unknown scheme', async () => {
    const { environment } = page();
    environment.navigate = () => { throw new DOMException('unknown scheme', 'SyntaxError'); };
    assert.equal(await launch(URI, environment), 'undetected');
  });

  it('is cancelled with its dialog, and launches nothing when cancelled before', async () => {
    const { environment, launched } = page();
    const controller = new AbortController();
    const result = launch(URI, { ...environment, signal: controller.signal });
    controller.abort();
    assert.equal(await result, 'cancelled');
    assert.equal(await launch(URI, { ...environment, signal: controller.signal }), 'cancelled');
    assert.equal(launched.length, 1);
  });

  it('leaves no listener behind', async () => {
    const { environment, window, listeners } = page();
    const result = launch(URI, environment);
    assert.ok(listeners() > 0);
    window.dispatchEvent(new Event('blur'));
    await result;
    assert.equal(listeners(), 0);
  });

  for (const uri of ['javascript:alert(1)', 'https://zoom.us/', 'zoomphonecall:// +81', 'zoomphonecall://+81\n', '', null, undefined, { toString: () => URI }]) {
    it(`refuses what is not a call URI: ${JSON.stringify(uri)}`, async () => {
      const { environment, launched } = page();
      await assert.rejects(launch(uri, environment), TypeError);
      assert.equal(launched.length, 0);
    });
  }
});

describe('call URIs', () => {
  it('are those of the three call schemes', () => {
    assert.ok(isCallUri('zoomphonecall://+15551234567?callerid=+15557654321'));
    assert.ok(isCallUri('callto:+15551234567'));
    assert.ok(isCallUri('tel:+15551234567;ext=12'));
    assert.ok(!isCallUri('zoommtg://zoom.us/join'));
  });
});

describe('Android', () => {
  it('has no handler for the Zoom scheme', () => {
    assert.equal(supportsZoomScheme('Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/130'), false);
    assert.equal(supportsZoomScheme('Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)'), true);
    assert.equal(supportsZoomScheme('Mozilla/5.0 (Windows NT 10.0; Win64; x64)'), true);
  });
});
