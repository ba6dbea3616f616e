// SPDX-License-Identifier: Apache-2.0
// Pages of others that use @shodan/zoom-connect.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../deploy/local/layout.mjs';
import { story } from '../lib/story.mjs';
import { Tab } from '../lib/tab.mjs';

/** The page of the package's documentation. */
const [, example] = /^```html\n([\s\S]*?)^```$/m.exec(readFileSync(join(root, 'services/gateway/static/components/README.md'), 'utf8'));
const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Connect Zoom</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head><body><main><h1>Zoom</h1>${example}</main></body></html>`;

/** The page put in front of the gateway; everything it loads and asks is real. @returns {object} its button */
async function openExample({ context, tab }) {
  await context.route('**/connect-example/', (route) => route.fulfill({ contentType: 'text/html', body: page }));
  await tab.open('/connect-example/');
  return tab.page.locator('#connect');
}

async function clickForPopup({ page: opener }, button) {
  const [popup] = await Promise.all([opener.waitForEvent('popup'), button.click()]);
  return new Tab(popup);
}

export function clientStories(world) {
  story(world, 'a page of one’s own connects its user in a window, and asks Zoom in his name', async (stage) => {
    const salesperson = await stage.salesperson();
    const zoomUser = await stage.zoomUser();
    const button = await openExample(salesperson);
    const popup = await clickForPopup(salesperson.tab, button);
    await popup.zoom.signIn(zoomUser);
    await Promise.all([popup.page.waitForEvent('close'), popup.zoom.allow()]);
    await salesperson.tab.page.getByText(`Connected: ${zoomUser.email}`).waitFor();
    const seen = await salesperson.tab.page.evaluate(async () => {
      const { ZoomConnect } = await import('/components/zoom-connect.mjs');
      const zoom = new ZoomConnect({ projectId: 'demo' });
      const { data } = await zoom.request('users/me');
      return data.email;
    });
    assert.equal(seen, zoomUser.email);
  });

  story(world, 'a page of one’s own is told when its user closes the window', async (stage) => {
    const salesperson = await stage.salesperson();
    const button = await openExample(salesperson);
    const popup = await clickForPopup(salesperson.tab, button);
    await popup.zoom.signInButton.waitFor();
    await popup.page.close();
    await salesperson.tab.page.getByText('POPUP_CLOSED').waitFor();
  });
}
