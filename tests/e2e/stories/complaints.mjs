// SPDX-License-Identifier: Apache-2.0
// The other stories rest on the browser's complaints being heard.
import assert from 'node:assert/strict';
import { eventually } from '../../integration/lib/conditions.mjs';
import { story } from '../lib/story.mjs';

/** Waits until the guard holds a complaint that fits, and takes it off. */
const heard = (guard, pattern) => eventually(`a complaint like ${pattern}`, () => guard.take(pattern));

export function complaintStories(world) {
  story(world, 'an inline script, an exception, a console error, a failed request and an untrusted certificate are all noticed', async (stage) => {
    const { tab, guard } = await stage.salesperson();
    await tab.page.evaluate(() => {
      document.body.append(Object.assign(document.createElement('script'), { textContent: 'globalThis.ran = true' }));
    });
    await heard(guard, /Content Security Policy/);
    assert.equal(await tab.page.evaluate(() => globalThis.ran), undefined);
    await tab.page.evaluate(() => { setTimeout(() => { throw new Error('left alone'); }); });
    await heard(guard, /left alone/);
    await tab.page.evaluate(() => console.error('something is wrong'));
    await heard(guard, /something is wrong/);
    await tab.page.evaluate(() => fetch('/v1/projects/demo/notes/none').then((response) => response.text()));
    await heard(guard, /40[04]/);
    const stranger = await world.strangersServer();
    await assert.rejects(tab.open(stranger.url), /ERR_CERT_AUTHORITY_INVALID/);
    await heard(guard, /ERR_CERT_AUTHORITY_INVALID/);
    await stranger.close();
  });
}
