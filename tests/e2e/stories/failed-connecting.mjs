// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { story } from '../lib/story.mjs';

const tryAgain = 'Click the “Zoom Phone Integration” button again to complete authentication';

/** Up to Zoom's sign-in page. */
async function goToZoom(tab) {
  await tab.crm.openIntegrations();
  await tab.integration.connectButton.click();
  await tab.zoom.signInButton.waitFor();
}

async function sawCancellation(tab, detail) {
  await tab.integration.message('Authentication Cancelled');
  await tab.integration.message(detail);
  await tab.integration.message(tryAgain);
  await tab.integration.state('Not connected');
}

export function failedConnectingStories(world) {
  story(world, '"Decline" at Zoom shows "Authentication Cancelled" with its solution, which works', async (stage) => {
    const { tab } = await stage.salesperson();
    const zoomUser = await stage.zoomUser();
    await goToZoom(tab);
    await tab.zoom.signIn(zoomUser);
    await tab.zoom.decline();
    await sawCancellation(tab, 'The Zoom authentication screen was cancelled or closed.');
    await tab.inspect('Settings, authentication cancelled');
    await tab.integration.connectButton.click();
    await tab.zoom.allow();
    await tab.integration.message('Zoom integration successful');
    await tab.integration.state('Connected');
  });

  story(world, 'a pop-up that is closed shows "Authentication Cancelled" with its solution', async (stage) => {
    const { tab } = await stage.salesperson({ at: '/app/settings/integrations' });
    await tab.integration.state('Not connected');
    const popup = await tab.connectInPopup();
    await popup.zoom.signInButton.waitFor();
    await popup.page.close();
    await sawCancellation(tab, 'The Zoom authentication screen was cancelled or closed.');
  });

  story(world, 'an attempt left open at Zoom shows "Authentication Cancelled" once its time is over', async (stage) => {
    const { tab, id } = await stage.salesperson();
    await goToZoom(tab);
    await tab.open('/app/settings/integrations');
    await tab.integration.message('A connection started earlier is still open at Zoom. Finish it there, or start again here.');
    await tab.inspect('Settings, attempt open at Zoom');
    await world.ageAttempts(id);
    await sawCancellation(tab, 'The Zoom authentication was not completed in time.');
  });

  story(world, '"Allow" after the time of an attempt is over shows "Authentication Cancelled"; the code is not exchanged', async (stage) => {
    const { tab, id } = await stage.salesperson();
    const zoomUser = await stage.zoomUser();
    await goToZoom(tab);
    await tab.zoom.signIn(zoomUser);
    await world.ageAttempts(id);
    await tab.zoom.allow();
    await sawCancellation(tab, 'The Zoom authentication was not completed in time.');
    assert.deepEqual(await world.simulator.ledger({ type: 'code_exchange', user_id: zoomUser.id }), []);
  });

  story(world, 'Zoom failing at its token endpoint shows "System Error Occurred" with its three pieces of advice', async (stage) => {
    const { tab } = await stage.salesperson();
    const zoomUser = await stage.zoomUser();
    await world.simulator.addFault({
      endpoint: 'token', match: { user_id: zoomUser.id }, answer: { status: 500, body: 'Internal Server Error' }, times: null,
    });
    await goToZoom(tab);
    await tab.zoom.signIn(zoomUser);
    await tab.zoom.allow();
    await tab.integration.message('System Error Occurred');
    assert.deepEqual(await tab.integration.result.getByRole('listitem').allInnerTexts(),
      ['Check internet connection', 'Retry after 5 minutes', 'Contact support if the problem persists']);
    await tab.integration.state('Not connected');
    await tab.inspect('Settings, system error');
  });

  story(world, 'an install that began in the Zoom Marketplace leads to a page that restarts it from Shodan Pro', async (stage) => {
    const { tab } = await stage.salesperson();
    const zoomUser = await stage.zoomUser();
    const position = await world.simulator.position();
    await tab.open(await world.simulator.install(zoomUser.id));
    await tab.page.getByRole('heading', { name: 'Start the connection in Shodan Pro' }).waitFor();
    await tab.inspect('Restart page');
    assert.doesNotMatch(await tab.text(), new RegExp(new URL(tab.page.url()).searchParams.get('code')), 'the code is not shown');
    await tab.page.getByRole('link', { name: 'Open the settings' }).click();
    await tab.integration.state('Not connected');
    assert.deepEqual(await world.simulator.ledger({ type: 'code_exchange', user_id: zoomUser.id }, position), [], 'no token call is made');
  });

  story(world, 'a second tab with another Zoom account is refused with "Disconnect first"; the first stays connected', async (stage) => {
    const salesperson = await stage.salesperson();
    const [first, second] = [await stage.zoomUser(), await stage.zoomUser()];
    const { tab } = salesperson;
    const other = await salesperson.newTab();
    await goToZoom(tab);
    await other.open('/app/settings/integrations');
    await other.integration.connectButton.click();
    await other.zoom.signInButton.waitFor();
    await tab.zoom.signIn(first);
    await tab.zoom.allow();
    await tab.integration.state('Connected');

    await other.zoom.signIn(second);
    await other.zoom.allow();
    await other.integration.message('Another Zoom account is connected');
    await other.integration.message('One Zoom account can be connected per Shodan Pro account. The existing connection was not changed.');
    await other.integration.message('Disconnect first, then connect the other Zoom account');
    await other.integration.state('Connected');
    await other.integration.line(first.email).waitFor();
    await other.inspect('Settings, another account is connected');
    await tab.reload();
    await tab.integration.state('Connected');
    await tab.integration.line(first.email).waitFor();
    assert.ok(await world.useToken(salesperson.id), 'the first connection works');
  });

  story(world, 'a Zoom account taken over by another Shodan Pro user: the first sees that it ended, and not by whom', async (stage) => {
    const { salesperson: first, zoomUser } = await stage.connectedSalesperson();
    const second = await stage.salesperson();
    await second.connect(zoomUser);
    await first.tab.reload();
    await first.tab.integration.state('Not connected');
    await first.tab.integration.line('Your Zoom account was connected from another Shodan Pro account, so this connection ended.').waitFor();
    const text = await first.tab.text();
    for (const secret of [second.name, second.id, zoomUser.email, zoomUser.display_name]) {
      assert.ok(!text.includes(secret), `"${secret}" is not shown`);
    }
    await first.tab.inspect('Settings, taken over');
    await second.tab.integration.line(zoomUser.email).waitFor();
  });

  story(world, 'the way back from Zoom in another browser is refused, and the person who began it is not connected', async (stage) => {
    const { tab } = await stage.salesperson();
    const victim = await stage.salesperson();
    const zoomUser = await stage.zoomUser();
    await goToZoom(tab);
    const wayBack = await world.authorize(tab.page.url(), zoomUser);
    await victim.tab.open(wayBack);
    await victim.tab.integration.message('The connection could not be verified');
    await victim.tab.integration.message('Click the “Zoom Phone Integration” button again in this browser');
    await victim.tab.integration.state('Not connected');
    await victim.tab.inspect('Settings, wrong browser');
    await tab.open('/app/settings/integrations');
    await tab.integration.state('Not connected');
  });
}
