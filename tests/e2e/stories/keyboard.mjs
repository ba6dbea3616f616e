// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { Keyboard } from '../lib/keyboard.mjs';
import { story } from '../lib/story.mjs';

export function keyboardStories(world) {
  story(world, 'sign in, connect, call, set the outcome, write a note and disconnect by keyboard alone', async (stage) => {
    const { tab, name } = await stage.salesperson({ at: null });
    const zoomUser = await stage.zoomUser();
    const { crm, integration, zoom, phone, history, notes } = tab;
    const keys = new Keyboard(tab);

    await tab.login.open('/app/');
    await keys.enter(tab.login.button(name));
    await keys.enter(crm.accountButton);
    await keys.enter(crm.settingsLink);
    await keys.isOn(crm.title);
    await keys.enter(crm.integrationsLink);

    await keys.enter(integration.connectButton);
    await keys.tabTo(zoom.email);
    await keys.type(zoomUser.email);
    await keys.tabTo(zoom.password);
    await keys.type(zoomUser.password);
    await keys.press('Enter');
    await keys.enter(zoom.allowButton);
    await integration.message('Zoom integration successful');
    await integration.state('Connected');

    await keys.enter(crm.companiesLink);
    await keys.isOn(crm.title);
    await keys.enter(tab.page.getByRole('link', { name: 'Adler Maschinenbau GmbH', exact: true }));
    await crm.titled('Adler Maschinenbau GmbH');
    await keys.enter(tab.page.getByRole('link', { name: 'Anna Vogel', exact: true }));
    await crm.titled('Anna Vogel');

    const icon = phone.icon('Anna Vogel', '+49 1512 3456789');
    await phone.standInForTheSystem();
    await keys.enter(icon);
    await phone.asks('Call Anna Vogel?');
    await keys.press('Escape');
    await keys.isOn(icon);
    await keys.press('Enter');
    await keys.isOn(phone.callButton);
    await phone.callButton.and(tab.page.locator(':not([aria-disabled])')).waitFor();
    await keys.press('Enter');
    await keys.isOn(phone.doneButton);
    assert.deepEqual(await phone.launched(), ['zoomphonecall://+4915123456789']);
    await keys.press('Enter');
    await keys.isOn(icon);

    await keys.tabTo(history.outcome('+49 1512 3456789'));
    await keys.type('Voice');
    await history.announced('Outcome saved');
    await keys.tabTo(notes.field);
    await keys.type('Sends the contract tomorrow.');
    await keys.press('Control+Enter');
    await notes.row('Sends the contract tomorrow.').waitFor();
    await keys.enter(notes.editButton('Sends the contract tomorrow.'));
    await keys.isOn(notes.editField);
    await keys.press('End');
    await keys.type(' Promised.');
    await keys.enter(notes.saveChangesButton);
    await keys.isOn(notes.editButton('Sends the contract tomorrow. Promised.'));

    await keys.enter(crm.accountButton);
    await keys.press('ArrowDown');
    await keys.isOn(crm.settingsLink);
    await keys.press('Enter');
    await keys.enter(crm.integrationsLink);
    await keys.enter(integration.disconnectButton);
    await keys.isOn(integration.dialog.getByRole('button', { name: 'Cancel', exact: true }));
    await keys.enter(integration.dialog.getByRole('button', { name: 'Disconnect', exact: true }));
    await integration.message('Zoom Phone disconnected');
    await keys.isOn(integration.result);
    await integration.state('Not connected');
  });
}
