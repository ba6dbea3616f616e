// SPDX-License-Identifier: Apache-2.0
// Pages of another origin that use @useparagon/connect as it comes from npm, the page of its documentation among them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../deploy/local/layout.mjs';
import { story } from '../lib/story.mjs';
import { Tab } from '../lib/tab.mjs';

const bundle = readFileSync(join(root, 'tests/node_modules/@useparagon/connect/dist/src/index.js'), 'utf8');
const documentation = readFileSync(join(root, 'services/gateway/compatibility/paragon.md'), 'utf8');
const [, example] = /^```html\n([\s\S]*?)^```$/m.exec(documentation);

const head = '<meta charset="utf-8"><title>Application</title><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">';

/** The package is CommonJS. */
const loadPackage = '<script>var module = { exports: {} }; var exports = module.exports;</script><script src="/connect.js"></script>';

/** The documentation's page, for a user. `before` runs before its script. */
function pageFor(world, token, before = '') {
  const script = example
    .replace("import { paragon } from '@useparagon/connect';", `const { paragon } = module.exports; window.paragon = paragon; ${before}`)
    .replace('https://GATEWAY', world.origin)
    .replace('USER_TOKEN', token);
  return `<!doctype html><html lang="en"><head>${head}</head><body><main><h1>Application</h1>${loadPackage}${script}</main></body></html>`;
}

/** Somebody with a session token in a page of the application, and none at the gateway. */
async function openApplication(stage, { before } = {}) {
  const { world } = stage;
  const salesperson = await stage.salesperson({ at: null });
  world.otherSite.put('/connect.js', 'text/javascript', bundle);
  const path = world.otherSite.put(`/${salesperson.id}`, 'text/html', pageFor(world, world.sessionOf(salesperson), before));
  await salesperson.tab.open(`${world.otherSite.origin}${path}`);
  return salesperson;
}

/** Waits until the page says so. The package complains of being configured before the page is complete, to no effect. */
async function status({ tab, guard }, text) {
  await tab.page.locator('#status').getByText(text).waitFor();
  guard.take(/^Root element not defined$/);
}

/** Clicks "Connect Zoom" and confirms who he is. @returns {Promise<Tab>} the window, at Zoom */
async function clickToZoom({ tab, name }) {
  const [popup] = await Promise.all([tab.page.waitForEvent('popup'), tab.page.locator('#connect').click()]);
  await popup.getByText(name).waitFor();
  await popup.getByRole('button', { name: 'Yes, continue to Zoom' }).click();
  return new Tab(popup);
}

/** Decides at Zoom; the window closes itself. */
const decide = (popup, decision) => Promise.all([popup.page.waitForEvent('close'), decision()]);

export function paragonStories(world) {
  for (const [title, before] of [['in a window', ''], ['headless', 'paragon.setHeadless(true);']]) {
    story(world, `a page of another origin connects its user with the connector’s own package, ${title}`, async (stage) => {
      const zoomUser = await stage.zoomUser();
      const salesperson = await openApplication(stage, { before: `window.installs = 0; paragon.subscribe('onIntegrationInstall', () => { window.installs += 1; }); ${before}` });
      await status(salesperson, 'Not connected');
      const popup = await clickToZoom(salesperson);
      await popup.zoom.signIn(zoomUser);
      await decide(popup, () => popup.zoom.allow());
      await status(salesperson, `Connected: ${zoomUser.email}`);
      assert.equal(await salesperson.tab.page.evaluate(() => window.installs), 1);
      assert.equal((await world.linkOf(salesperson.id)).state, 'active');
      await salesperson.tab.reload();
      await status(salesperson, `Connected: ${zoomUser.email}`);
      await salesperson.tab.page.locator('#disconnect').click();
      await status(salesperson, 'Not connected');
      assert.equal((await world.linkOf(salesperson.id)).state, 'none');
    });
  }

  story(world, 'the page is told when its user declines at Zoom, and he can try again', async (stage) => {
    const zoomUser = await stage.zoomUser();
    const salesperson = await openApplication(stage);
    await status(salesperson, 'Not connected');
    salesperson.guard.expectFailedLoad(/\/sdk\/credentials\//, /409/);
    const popup = await clickToZoom(salesperson);
    await popup.zoom.signIn(zoomUser);
    await decide(popup, () => popup.zoom.decline());
    await status(salesperson, 'Authentication Cancelled');
    assert.ok(salesperson.guard.take(/Failed to connect account to Paragon over OAuth/), 'the package reports it to the console');
    const second = await clickToZoom(salesperson);
    await decide(second, () => second.zoom.allowButton.waitFor().then(() => second.zoom.allow()));
    await status(salesperson, `Connected: ${zoomUser.email}`);
  });

  story(world, 'a window that another site opens tells that site nothing', async (stage) => {
    const salesperson = await openApplication(stage);
    await status(salesperson, 'Not connected');
    const token = world.sessionOf(salesperson);
    const integrationId = await salesperson.tab.page.evaluate(async ([gateway, bearer]) => {
      const answer = await fetch(`${gateway}/projects/demo/sdk/integrations`, { headers: { authorization: `Bearer ${bearer}` } });
      return (await answer.json())[0].id;
    }, [world.origin, token]);
    const query = new URLSearchParams({ action: 'zoom', integrationId, originForPostMessage: world.otherSite.origin, userToken: token });
    const path = world.otherSite.put('/evil', 'text/html', `<!doctype html><html lang="en"><head>${head}</head><body><button>Open</button><script>
window.heard = [];
addEventListener('message', ({ data }) => { window.heard.push(data); });
document.querySelector('button').addEventListener('click', () => { window.open(${JSON.stringify(`${world.origin}/projects/demo/sdk/actions/oauth-nonce?${query}`)}); });
</script></body></html>`);
    const { page } = await salesperson.newTab();
    await page.goto(`${world.otherSite.strangersOrigin}${path}`);
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('button').click()]);
    await popup.getByText('You will go on to Zoom').waitFor();
    assert.equal(new URL(popup.url()).search, '', 'the token is out of the address');
    // Messages come in their order: what the window had to say would have come before this.
    await popup.evaluate(() => window.opener.postMessage('over', '*'));
    await page.waitForFunction(() => window.heard.includes('over'));
    assert.deepEqual(await page.evaluate(() => window.heard), ['over']);
  });
}
