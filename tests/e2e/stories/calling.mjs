// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { story } from '../lib/story.mjs';

/** How long the page waits for Zoom Phone to take the focus, as the launcher has it. */
const detectionMs = 2_500;

export function callingStories(world) {
  story(world, 'from a company screen: phone icon, confirmation, "Call", and Zoom Phone gets exactly the number', async (stage) => {
    const { salesperson: { tab } } = await stage.connectedSalesperson();
    await tab.crm.openCompany('Hoshino Logistics K.K.');
    await tab.history.empty.waitFor();
    const addresses = await tab.navigations();
    await tab.phone.icon('Hoshino Logistics K.K.', '+81 3-1234-5678').first().click();
    await tab.phone.asks('Call Hoshino Logistics K.K.?');
    await tab.phone.line('Zoom Phone will dial').waitFor();
    await tab.phone.line('+81 3-1234-5678').waitFor();
    await tab.phone.line('Japan').waitFor();
    await tab.phone.line('+81312345678').waitFor();
    await tab.inspect('Call dialog');
    assert.deepEqual(addresses, [], 'nothing is dialled before "Call"');
    await tab.phone.callButton.click();
    await tab.phone.asks('Zoom Phone is opening');
    assert.deepEqual(addresses, ['zoomphonecall://+81312345678']);
    await tab.inspect('Call dialog, Zoom Phone is opening');
    await tab.reload();
    await tab.history.row('+81 3-1234-5678').waitFor();
    assert.equal(await tab.history.rows.count(), 1, 'the call is recorded once');
  });

  story(world, 'from a person screen: the same, and the call is on the person’s and the company’s history', async (stage) => {
    const { salesperson: { tab } } = await stage.connectedSalesperson();
    await tab.crm.openCompany('Bramley Foods Ltd');
    await tab.crm.openPerson('Oliver Hart');
    await tab.phone.call('Oliver Hart', '+44 7400 123456');
    assert.deepEqual(await tab.phone.launched(), ['zoomphonecall://+447400123456']);
    await tab.phone.doneButton.click();
    await tab.history.row('+44 7400 123456').waitFor();
    await tab.inspect('Person screen with a call');
    await tab.page.goBack();
    await tab.crm.titled('Bramley Foods Ltd');
    await tab.history.row('+44 7400 123456').waitFor();
    assert.equal(await tab.history.rows.count(), 1);
  });

  story(world, 'every number of a company and of a person has a phone icon', async (stage) => {
    const { tab } = await stage.salesperson();
    await tab.crm.openCompany('Sierra Health Partners');
    const numbers = tab.page.locator('.numbers li');
    assert.equal(await numbers.count(), 9, 'the company’s four and those of its two people');
    assert.equal(await tab.phone.icons.count(), 9);
    await tab.crm.openPerson('Daniel Reyes');
    assert.equal(await numbers.count(), 3);
    assert.equal(await tab.phone.icons.count(), 3);
  });

  story(world, 'when Zoom Phone does not come up: "Zoom Phone App Not Installed" with the download and the browser checks', async (stage) => {
    const salesperson = await stage.salesperson({ at: null });
    const { tab } = salesperson;
    await tab.page.clock.install();
    await salesperson.signIn();
    await salesperson.connect(await stage.zoomUser());
    await tab.crm.openCompany('Kitayama Robotics');
    await tab.phone.icon('Kitayama Robotics', '+81 52-123-4567').waitFor(); // the page waits by the clock for its answers
    await tab.phone.standInForTheSystem();
    await tab.page.clock.pauseAt(Date.now() + 60_000);
    await tab.phone.icon('Kitayama Robotics', '+81 52-123-4567').click();
    await tab.phone.asks('Call Kitayama Robotics?');
    await tab.page.clock.runFor(1_000);
    await tab.phone.callButton.click();
    await tab.phone.asks('Zoom Phone is opening');
    await tab.page.clock.runFor(detectionMs - 1);
    assert.equal(await tab.phone.dialog.getByRole('heading').innerText(), 'Zoom Phone is opening');
    await tab.page.clock.runFor(1);
    await tab.phone.asks('Zoom Phone App Not Installed');
    await tab.phone.line('Zoom Phone did not come up. Download and install Zoom Phone app from the official website, or check the following:').waitFor();
    assert.deepEqual(await tab.phone.dialog.getByRole('listitem').allInnerTexts(), [
      'Install the latest version of Zoom Phone app',
      'Allow custom protocol (zoomphonecall://) in browser settings',
      'Disable popup blockers',
    ]);
    assert.equal(await tab.phone.dialog.getByRole('link', { name: 'Download Zoom Phone' }).getAttribute('href'), 'https://zoom.us/download');
    assert.equal(await tab.phone.dialog.getByRole('link', { name: 'Use another phone app' }).getAttribute('href'), 'tel:+81521234567');
    await tab.page.clock.resume();
    await tab.inspect('Call dialog, not installed');
  });

  story(world, 'when Zoom Phone takes the focus, no help is shown', async (stage) => {
    const salesperson = await stage.salesperson({ at: null });
    const { tab } = salesperson;
    await tab.page.clock.install();
    await salesperson.signIn();
    await salesperson.connect(await stage.zoomUser());
    await tab.crm.openCompany('Kitayama Robotics');
    await tab.phone.call('Kitayama Robotics', '+81 52-123-4567');
    await tab.page.evaluate(() => { window.dispatchEvent(new Event('blur')); });
    await tab.page.clock.runFor(2 * detectionMs);
    assert.equal(await tab.phone.dialog.getByRole('heading').innerText(), 'Zoom Phone is opening');
  });

  story(world, 'emergency numbers and garbage are refused, and the icon says why', async (stage) => {
    const { salesperson: { tab } } = await stage.connectedSalesperson();
    await tab.crm.openCompany('Imported contacts to check');
    const refusals = [
      ['110', 'emergency number', 'Emergency and short numbers are never dialled from Shodan Pro. Use a phone.'],
      ['119', 'emergency number', 'Emergency and short numbers are never dialled from Shodan Pro. Use a phone.'],
      ['ask at reception', 'not a phone number', 'This is not a phone number. Correct it, then call.'],
      ['03-1234-56', 'wrong length', 'Numbers of this country do not have that many digits. Correct it, then call.'],
      ['03-1234-5678 / 090-1234-5678', 'too many digits', 'A phone number has at most 15 digits. Correct it, then call.'],
      ['+999 1234 5678', 'unknown country code', 'This number starts with a country code that does not exist.'],
      ['—', 'no number', 'There is no phone number to call.'],
    ];
    for (const [number, label, reason] of refusals) {
      const icon = tab.phone.refused(number, label);
      await icon.waitFor();
      assert.equal(await icon.getAttribute('aria-disabled'), 'true', number);
      assert.equal(await icon.evaluate((element) => element.nextElementSibling.textContent), reason, number);
    }
    await tab.phone.refused('110', 'emergency number').click({ force: true });
    await tab.page.getByText('Emergency and short numbers are never dialled from Shodan Pro. Use a phone.').first().waitFor();
    assert.equal(await tab.phone.dialog.count(), 0);
    await tab.inspect('Company screen with refused numbers');
    await tab.crm.openCompany('Bramley Foods Ltd');
    await tab.phone.refused('999', 'emergency number').waitFor();
  });

  story(world, 'a number outside the known ranges and an extension are dialled with a notice', async (stage) => {
    const { salesperson: { tab } } = await stage.connectedSalesperson();
    await tab.crm.openCompany('Sierra Health Partners');
    await tab.phone.standInForTheSystem();
    await tab.phone.icon('Sierra Health Partners', '+1 555-555-0142').click();
    await tab.phone.line('Unusual number').waitFor();
    await tab.phone.line('This number is outside of the known number ranges. Check it before you call.').waitFor();
    await tab.inspect('Call dialog, unusual number');
    await tab.phone.callButton.click();
    await tab.phone.asks('Zoom Phone is opening');
    assert.deepEqual(await tab.phone.launched(), ['zoomphonecall://+15555550142']);
    await tab.phone.doneButton.click();
    await tab.phone.icon('Sierra Health Partners', '+1 415-555-0134').last().click();
    await tab.phone.line('Extension not dialled').waitFor();
    await tab.phone.line('The extension is not dialled. Enter it yourself once the call is answered.').waitFor();
    await tab.phone.line('415-555-0134 ext 5521').waitFor();
  });

  story(world, 'without a connection the icon offers Settings → Integrations', async (stage) => {
    const { tab } = await stage.salesperson({ at: '/app/companies/lakeview-insurance' });
    await tab.phone.icon('Lakeview Insurance', '+1 312-555-0166').click();
    await tab.phone.asks('Connect Zoom Phone first');
    await tab.inspect('Call dialog, not connected');
    await tab.phone.dialog.getByRole('link', { name: 'Settings → Integrations', exact: true }).click();
    await tab.crm.titled('Integrations');
    await tab.integration.connectButton.waitFor();
  });

  story(world, 'a double click on the icon and on "Call" dials and records one call', async (stage) => {
    const { salesperson: { tab } } = await stage.connectedSalesperson();
    await tab.crm.openCompany('Lakeview Insurance');
    await tab.phone.standInForTheSystem();
    await tab.phone.icon('Lakeview Insurance', '+1 312-555-0166').dblclick();
    await tab.phone.asks('Call Lakeview Insurance?');
    assert.deepEqual(await tab.phone.launched(), [], 'the second click of the icon is not a "Call"');
    await tab.phone.callButton.dblclick();
    await tab.phone.asks('Zoom Phone is opening');
    assert.deepEqual(await tab.phone.launched(), ['zoomphonecall://+13125550166']);
    await tab.reload();
    await tab.history.row('+1 312-555-0166').waitFor();
    assert.equal(await tab.history.rows.count(), 1);
  });
}
