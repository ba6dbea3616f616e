// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { story } from '../lib/story.mjs';

export function screenStories(world) {
  story(world, 'companies are listed and filtered', async (stage) => {
    const { tab } = await stage.salesperson();
    await tab.crm.titled('Companies');
    await tab.inspect('Companies');
    await tab.page.getByRole('searchbox', { name: 'Filter companies' }).fill('berlin');
    await tab.page.getByText('1 company', { exact: true }).waitFor();
    await tab.page.getByRole('searchbox', { name: 'Filter companies' }).fill('nothing like this');
    await tab.page.getByText('No company matches. Try another word.').waitFor();
    await tab.inspect('Companies, none found');
  });

  story(world, 'every other screen of the CRM is accessible and fits a narrow telephone', async (stage) => {
    const { salesperson: { tab, guard } } = await stage.connectedSalesperson();
    await tab.open('/app/companies/hoshino-logistics');
    await tab.phone.icon('Hoshino Logistics K.K.', '+81 120-123-456').waitFor();
    await tab.history.empty.waitFor();
    await tab.inspect('Company screen');
    await tab.open('/app/settings');
    await tab.crm.titled('Profile');
    await tab.inspect('Profile');
    guard.expectFailedLoad(/\/nothing$/, /404/);
    await tab.open('/nothing');
    await tab.crm.titled('This page does not exist');
    await tab.inspect('Error page, no such address');
    await tab.open('/app/companies/of-nobody');
    await tab.crm.titled('This page does not exist');
    await tab.inspect('Missing page');
  });

  story(world, 'in dark mode the screens are as accessible', async (stage) => {
    const { salesperson: { tab } } = await stage.connectedSalesperson({ browser: { colorScheme: 'dark' } });
    await tab.inspect('Dark, settings');
    await tab.crm.openCompany('Sierra Health Partners');
    await tab.notes.write('Dark, and still readable.');
    await tab.phone.icon('Sierra Health Partners', '+1 555-555-0142').waitFor();
    await tab.inspect('Dark, company screen');
    await tab.phone.icon('Sierra Health Partners', '+1 555-555-0142').click();
    await tab.phone.line('Unusual number').waitFor();
    await tab.inspect('Dark, call dialog');
  });

  story(world, 'permissions that Zoom did not grant are named, with a way to ask for them', async (stage) => {
    const { salesperson: { tab, id } } = await stage.connectedSalesperson();
    await world.withdrawScopes(id);
    await tab.reload();
    await tab.integration.state('Connected');
    await tab.integration.line('Zoom did not grant every permission').waitFor();
    await tab.integration.line('user:read:user').waitFor();
    await tab.integration.reconnectButton.waitFor();
    await tab.inspect('Settings, permissions missing');
  });

  story(world, 'when the status, the history or the notes cannot be loaded, the screen says so and "Try again" helps', async (stage) => {
    const { tab, context, guard } = await stage.salesperson();
    guard.expectFailedLoad(/\/(link|calls|notes)(\?|$)/, /./);
    const broken = (url) => /\/(link|calls|notes)$/.test(url.pathname);
    await context.route(broken, (route) => route.fulfill({
      status: 500, contentType: 'application/problem+json', body: '{"status":500,"reason":"INTERNAL","requestId":"e2e-1"}',
    }));
    await tab.open('/app/settings/integrations');
    await tab.integration.line('The Zoom Phone status could not be loaded').waitFor();
    await tab.inspect('Settings, status not loaded');
    await tab.open('/app/people/mika-sato');
    await tab.notes.section.getByText('The notes could not be loaded.').waitFor();
    await tab.history.section.getByText('The call history could not be loaded.').waitFor();
    await tab.inspect('Person screen, lists not loaded');
    await context.unroute(broken);
    await tab.notes.section.getByRole('button', { name: 'Try again', exact: true }).click();
    await tab.notes.section.getByText('No notes yet', { exact: true }).waitFor();
    assert.equal(await tab.history.section.getByRole('button', { name: 'Try again', exact: true }).count(), 1);
  });
}
