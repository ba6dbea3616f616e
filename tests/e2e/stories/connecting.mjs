// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { story } from '../lib/story.mjs';

export function connectingStories(world) {
  story(world, 'Settings → Integrations says what is needed before anything is connected', async (stage) => {
    const { tab } = await stage.salesperson();
    await tab.crm.openIntegrations();
    await tab.integration.state('Not connected');
    await tab.integration.line('A Zoom account with a Zoom Phone license. Without one, contact Zoom sales for licensing information.').waitFor();
    await tab.integration.line('A device with the Zoom Phone app installed.').waitFor();
    await tab.integration.line('What can Shodan Pro see at Zoom?').click();
    await tab.integration.line('Only your user profile information is read. Access to call history or recordings is not requested.').waitFor();
    await tab.integration.line('Do I need a license?').click();
    await tab.integration.line('A Zoom Phone license is required to use the Zoom Phone integration feature. Please contact Zoom sales for licensing information.').waitFor();
    await tab.inspect('Settings, not connected');
  });

  story(world, 'the button leads through sign-in and permission at Zoom back to "Zoom integration successful" and "Connected"', async (stage) => {
    const { tab } = await stage.salesperson();
    const zoomUser = await stage.zoomUser();
    await tab.crm.openIntegrations();
    await tab.integration.connectButton.click();
    await tab.zoom.signIn(zoomUser);
    assert.deepEqual(await tab.zoom.permissions.allInnerTexts(), ['View your profile user:read:user']);
    await tab.zoom.allow();
    await tab.integration.message('Zoom integration successful');
    await tab.integration.state('Connected');
    const account = (await tab.integration.account.innerText()).split('\n').filter(Boolean);
    assert.deepEqual(account.slice(0, 3), ['Zoom account', zoomUser.display_name, zoomUser.email]);
    assert.equal(tab.page.url(), `${world.origin}/app/settings/integrations`, 'the result code is taken off the address');
    await tab.inspect('Settings, just connected');
  });

  story(world, 'the status is the same after a reload, and the success is not announced twice', async (stage) => {
    const { salesperson: { tab }, zoomUser } = await stage.connectedSalesperson();
    await tab.integration.message('Zoom integration successful');
    await tab.reload();
    await tab.integration.state('Connected');
    await tab.integration.line(zoomUser.email).waitFor();
    assert.equal(await tab.integration.result.innerText(), '');
    await tab.inspect('Settings, connected');
  });

  story(world, 'an address that claims a success shows none', async (stage) => {
    const { tab } = await stage.salesperson({ at: '/app/settings/integrations?zoom_result=connected' });
    await tab.integration.state('Not connected');
    assert.equal(await tab.integration.result.innerText(), '');
    assert.equal(tab.page.url(), `${world.origin}/app/settings/integrations`);
  });

  story(world, 'in a pop-up the same way ends with "Zoom integration successful" on the page that opened it', async (stage) => {
    const { tab } = await stage.salesperson({ at: '/app/settings/integrations' });
    const zoomUser = await stage.zoomUser();
    await tab.integration.state('Not connected');
    const popup = await tab.connectInPopup();
    await popup.zoom.signIn(zoomUser);
    await Promise.all([popup.page.waitForEvent('close'), popup.zoom.allow()]);
    await tab.integration.message('Zoom integration successful');
    await tab.integration.state('Connected');
    await tab.integration.line(zoomUser.email).waitFor();
  });

  story(world, 'a grant that ended at Zoom shows "Reconnect required" with its cause, and one click repairs it', async (stage) => {
    const { salesperson: { tab, id }, zoomUser } = await stage.connectedSalesperson();
    await world.simulator.removeApp(zoomUser.id, undefined, { webhookLost: true });
    assert.equal(await world.useToken(id), false);
    await world.linkBecomes(id, 'reconnect_required');
    await tab.reload();
    await tab.integration.state('Reconnect required');
    await tab.integration.line('The Shodan Pro app was removed from your Zoom account, or its permission was withdrawn.').waitFor();
    await tab.integration.line(zoomUser.email).waitFor();
    await tab.inspect('Settings, reconnect required');

    await tab.crm.openCompany('Lakeview Insurance');
    await tab.phone.icon('Lakeview Insurance', '+1 312-555-0166').click();
    await tab.phone.line('Your Zoom connection needs to be renewed. Calling still works; reconnect in Settings → Integrations.').waitFor();
    await tab.inspect('Call dialog, reconnect required');
    await tab.phone.cancelButton.click();

    await tab.crm.openIntegrations();
    await tab.integration.reconnectButton.click();
    await tab.zoom.allow();
    await tab.integration.message('Zoom integration successful');
    await tab.integration.state('Connected');
    await tab.integration.line(zoomUser.email).waitFor();
    assert.ok(await world.useToken(id), 'the new token works');
  });

  story(world, 'a changed Zoom password leaves the connection as it is', async (stage) => {
    const { salesperson: { tab, id }, zoomUser } = await stage.connectedSalesperson();
    await world.simulator.changeUser(zoomUser.id, { password: 'another-password-2' });
    assert.ok(await world.useToken(id), 'the connection goes on working');
    await tab.reload();
    await tab.integration.state('Connected');
  });

  story(world, 'a deactivated Zoom account needs reconnecting, which works once it is active again', async (stage) => {
    const { salesperson: { tab, id }, zoomUser } = await stage.connectedSalesperson();
    await world.simulator.changeUser(zoomUser.id, { status: 'inactive' });
    assert.equal(await world.useToken(id), false);
    await world.linkBecomes(id, 'reconnect_required');
    await tab.reload();
    await tab.integration.state('Reconnect required');
    await world.simulator.changeUser(zoomUser.id, { status: 'active' });
    await tab.integration.reconnectButton.click();
    await tab.zoom.signIn(zoomUser);
    await tab.zoom.allow();
    await tab.integration.message('Zoom integration successful');
    await tab.integration.state('Connected');
  });
}
