// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { story } from '../lib/story.mjs';

const removalSteps = [
  'Log in to your Zoom account and open the Zoom App Marketplace',
  'Click “Manage” → “Added Apps”',
  'Select the “Shodan Pro” app',
  'Click “Remove”',
];

const stepsOf = (scope) => scope.getByRole('list').filter({ hasText: 'Added Apps' }).getByRole('listitem').allInnerTexts();

export function disconnectingStories(world) {
  story(world, '"Disconnect" asks first, says what is deleted and what is kept, and "Cancel" changes nothing', async (stage) => {
    const { salesperson: { tab } } = await stage.connectedSalesperson();
    await tab.integration.disconnectButton.click();
    const { dialog } = tab.integration;
    await dialog.getByText('Calling through Zoom Phone will no longer be available. You can connect again at any time.').waitFor();
    assert.deepEqual(await dialog.getByRole('heading', { level: 3 }).allInnerTexts(), ['Deleted immediately', 'Kept in Shodan Pro']);
    assert.deepEqual(await dialog.getByRole('listitem').allInnerTexts(), [
      'Access token and refresh token', 'Personal information from Zoom: Zoom User ID, name, email address', 'Past call history', 'Call notes',
    ]);
    await tab.inspect('Disconnect dialog');
    await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
    await tab.reload();
    await tab.integration.state('Connected');
  });

  story(world, 'after "Disconnect" calls and notes are there unchanged, and after connecting again too', async (stage) => {
    const { salesperson, zoomUser } = await stage.connectedSalesperson();
    const { tab } = salesperson;
    const note = 'Zweite Zeile folgt:\n  „Angebot“ 見積書 <b>50 %</b> & mehr 🤝';
    await tab.crm.openCompany('Adler Maschinenbau GmbH');
    await tab.phone.call('Adler Maschinenbau GmbH', '+49 30 23125101');
    await tab.phone.doneButton.click();
    await tab.history.outcome('+49 30 23125101').selectOption({ label: 'Connected' });
    await tab.history.announced('Outcome saved');
    await tab.notes.write(note);
    const kept = await world.recordsOf(salesperson.id);

    await tab.crm.openIntegrations();
    await tab.integration.disconnect();
    await tab.integration.message('Zoom Phone disconnected');
    await tab.integration.message('Tokens and Zoom personal information were deleted. Your call history and notes are unchanged.');
    await tab.integration.result.getByText(/^Copies of it in older backups can no longer be read by anyone after \d{1,2} \w+ \d{4}, \d\d:\d\d\.$/).waitFor();
    await tab.integration.state('Not connected');
    await tab.integration.result.getByText('Remove the app from your Zoom account (optional)').click();
    assert.deepEqual(await stepsOf(tab.integration.result), removalSteps);
    await tab.inspect('Settings, disconnected');
    assert.ok(!(await tab.text()).includes(zoomUser.email), 'the Zoom account is not shown any more');
    assert.deepEqual((await world.simulator.grants({ user_id: zoomUser.id })).map(({ state }) => state), ['dead'], 'revoked at Zoom');

    await tab.crm.openCompany('Adler Maschinenbau GmbH');
    await tab.notes.row('Zweite Zeile folgt:').waitFor();
    await tab.history.row('+49 30 23125101').waitFor();
    assert.deepEqual(await world.recordsOf(salesperson.id), kept, 'byte for byte the same');
    await tab.phone.icon('Adler Maschinenbau GmbH', '+49 30 23125101').click();
    await tab.phone.asks('Connect Zoom Phone first');
    await tab.phone.cancelButton.click();
    await tab.notes.write('Written while disconnected.');

    const { link_id: linkId } = await world.linkOf(salesperson.id);
    await tab.crm.openIntegrations();
    await tab.integration.connectButton.click();
    await tab.zoom.allow();
    await tab.integration.message('Zoom integration successful');
    assert.equal((await world.linkOf(salesperson.id)).link_id, linkId, 'the same link');
    await tab.crm.openCompany('Adler Maschinenbau GmbH');
    await tab.notes.row('Written while disconnected.').waitFor();
    assert.equal(await tab.notes.texts.nth(1).textContent(), note);
    assert.equal(await tab.history.outcome('+49 30 23125101').locator('option:checked').innerText(), 'Connected');
    await tab.phone.call('Adler Maschinenbau GmbH', '+49 30 23125101');
  });

  story(world, 'a disconnect that fails shows its three pieces of advice, and "Try again" ends it', async (stage) => {
    const { salesperson: { tab, context, guard } } = await stage.connectedSalesperson();
    guard.expectFailedLoad(/\/link/, /ERR_INTERNET_DISCONNECTED/);
    await tab.integration.disconnectButton.click();
    await context.setOffline(true);
    await tab.integration.dialog.getByRole('button', { name: 'Disconnect', exact: true }).click();
    await tab.integration.message('Failed to Disconnect Integration');
    await tab.integration.message('Shodan Pro could not be reached. Check internet connection, then try again.');
    assert.deepEqual(await tab.integration.result.getByRole('listitem').allInnerTexts(),
      ['Refresh the page and retry', 'Try with a different browser', 'Contact support team']);
    await tab.integration.state('Connected');
    await context.setOffline(false);
    await tab.inspect('Settings, disconnect failed');
    await tab.integration.retryButton.click();
    await tab.integration.message('Zoom Phone disconnected');
    await tab.integration.state('Not connected');
  });

  story(world, 'while Zoom is down: "Disconnecting…" at once unusable, then done, with the steps to remove the app at Zoom', async (stage) => {
    const { salesperson: { tab, id }, zoomUser } = await stage.connectedSalesperson();
    for (const endpoint of ['revoke', 'token']) {
      await world.simulator.addFault({ endpoint, match: { user_id: zoomUser.id }, before: { reset: true }, times: null });
    }
    await tab.integration.disconnect();
    await tab.integration.state('Disconnecting…');
    await tab.integration.line('The connection can no longer be used. Shodan Pro is deleting its Zoom data; this takes up to a minute.').waitFor();
    assert.equal(await tab.integration.connectButton.count(), 0);
    await tab.inspect('Settings, disconnecting');
    await world.ageErasure(id);
    await tab.integration.message('Zoom Phone disconnected');
    await tab.integration.state('Not connected');
    await tab.integration.message('Zoom has not confirmed the removal. Please remove the app in your Zoom account as well:');
    assert.deepEqual(await stepsOf(tab.integration.result), removalSteps);
    assert.equal(await tab.integration.result.getByRole('link', { name: 'Open the Zoom App Marketplace' }).getAttribute('href'), 'https://marketplace.zoom.us/');
    await tab.inspect('Settings, removal unconfirmed');
  });

  story(world, 'a connection that an administrator ended says so, and calls and notes are there', async (stage) => {
    const { salesperson: { tab, id } } = await stage.connectedSalesperson();
    await tab.open('/app/people/svenja-petersen');
    await tab.notes.write('Call back in September.');
    await world.disconnectAsAdministrator(id);
    await tab.crm.openIntegrations();
    await tab.reload();
    await tab.integration.state('Not connected');
    await tab.integration.line('An administrator disconnected your Zoom account.').waitFor();
    await tab.inspect('Settings, disconnected by an administrator');
    await tab.open('/app/people/svenja-petersen');
    await tab.notes.row('Call back in September.').waitFor();
  });

  story(world, 'an app that is removed at Zoom ends the connection here, and calls and notes are there', async (stage) => {
    const { salesperson: { tab, id }, zoomUser } = await stage.connectedSalesperson();
    await tab.open('/app/people/svenja-petersen');
    await tab.notes.write('Call back in October.');
    await world.simulator.removeApp(zoomUser.id);
    await world.linkBecomes(id, 'none');
    await tab.crm.openIntegrations();
    await tab.reload();
    await tab.integration.state('Not connected');
    await tab.integration.line('The Shodan Pro app was removed from your Zoom account, so the connection ended.').waitFor();
    assert.equal(await tab.page.getByText(zoomUser.email).count(), 0);
    await tab.inspect('Settings, removed at Zoom');
    await tab.open('/app/people/svenja-petersen');
    await tab.notes.row('Call back in October.').waitFor();
  });
}
