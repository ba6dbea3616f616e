// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { serveBearerFrontend } from '../lib/bearer-frontend.mjs';
import { story } from '../lib/story.mjs';

export function sessionStories(world) {
  story(world, 'a visitor who is not signed in comes to the sign-in page, and from there to where they were going', async (stage) => {
    const { tab, name, guard } = await stage.salesperson({ at: null });
    guard.expectFailedLoad(/\/v1\/projects\/demo\/(session|link)$/, /401/);
    await tab.open('/app/people/mika-sato');
    await tab.login.button(name).waitFor();
    await tab.inspect('Sign-in page');
    await tab.login.signIn(name);
    await tab.crm.titled('Mika Sato');
  });

  story(world, '"Sign out" ends the session', async (stage) => {
    const { tab, name, guard } = await stage.salesperson();
    guard.expectFailedLoad(/\/v1\/projects\/demo\/(session|link)$/, /401/);
    await tab.crm.accountButton.click();
    await tab.inspect('Account menu');
    await tab.crm.signOutButton.click();
    await tab.login.button(name).waitFor();
    await tab.open('/app/companies');
    await tab.login.button(name).waitFor();
  });

  story(world, 'a session that ends while a note is being written: sign in again, and the text is still there', async (stage) => {
    const salesperson = await stage.salesperson({ at: '/app/people/hannah-lee' });
    const { tab, guard, context } = salesperson;
    await tab.notes.field.fill('Asked what is deleted after a disconnect.');
    guard.expectFailedLoad(/\/v1\/projects\/demo\//, /401/);
    await world.expireSession(salesperson);
    await tab.notes.saveButton.click();
    await tab.page.getByText('Your session has ended. Sign in again in a new tab; what you wrote stays here.').waitFor();
    await tab.notes.section.getByText('The note was not saved. Your session has ended. Sign in again.').waitFor();
    await tab.inspect('Session ended');
    const [page] = await Promise.all([context.waitForEvent('page'), tab.crm.signInAgain.click()]);
    await page.getByRole('button', { name: salesperson.name }).click();
    await page.getByRole('button', { name: /^Account menu:/ }).waitFor();
    await page.close();
    await tab.page.bringToFront();
    await tab.page.evaluate(() => { window.dispatchEvent(new Event('focus')); });
    await tab.crm.signInAgain.waitFor({ state: 'detached' });
    await tab.notes.saveButton.click();
    await tab.notes.row('Asked what is deleted after a disconnect.').waitFor();
  });

  story(world, 'a frontend without a session cookie: the ticket’s page names the Shodan Pro user and, once confirmed, leads to Zoom', async (stage) => {
    const salesperson = await stage.salesperson({ at: null });
    const { tab, guard } = salesperson;
    const zoomUser = await stage.zoomUser();
    await serveBearerFrontend(salesperson, world.sessionOf(salesperson));
    await tab.open('/bearer-frontend/');
    await tab.integration.connectButton.click();
    await tab.page.getByRole('heading', { name: 'Connect Zoom Phone' }).waitFor();
    await tab.page.getByText(salesperson.name, { exact: true }).waitFor();
    await tab.inspect('Confirmation page');
    await tab.page.getByRole('button', { name: 'Yes, continue to Zoom' }).click();
    await tab.zoom.signIn(zoomUser);
    // The settings URL of this project is the demo CRM, which knows this browser only without a session.
    guard.expectFailedLoad(/\/v1\/projects\/demo\/(session|link)$/, /401/);
    await tab.zoom.allow();
    await tab.login.button(salesperson.name).waitFor();
    await tab.open('/bearer-frontend/');
    await tab.integration.state('Connected');
    await tab.integration.line(zoomUser.email).waitFor();
  });

  story(world, 'a ticket opened in the browser of another Shodan Pro user is refused and leads nowhere near Zoom', async (stage) => {
    const first = await stage.salesperson();
    const second = await stage.salesperson();
    const { connectUrl } = await first.tab.post('/link:connect', { reconnect: false });
    second.guard.expectFailedLoad(/\/connect\?/, /40[0-9]/);
    await second.tab.open(connectUrl);
    await second.tab.page.getByRole('heading', { name: 'This link is for another user', exact: true }).waitFor();
    await second.tab.page.getByText('This link was made for another Shodan Pro user than the one signed in here. Start the connection in your own Settings, Integrations.').waitFor();
    const text = await second.tab.text();
    assert.ok(!text.includes(first.name) && !text.includes(first.id), 'whose ticket it is, is not told');
    await second.tab.inspect('Error page, ticket of another user');
  });

  story(world, 'a ticket works once; the second time a page says to start again', async (stage) => {
    const { tab, guard } = await stage.salesperson();
    const { connectUrl } = await tab.post('/link:connect', { reconnect: false });
    await tab.open(connectUrl);
    await tab.zoom.signInButton.waitFor();
    guard.expectFailedLoad(/\/connect\?/, /40[0-9]/);
    await tab.open(connectUrl);
    await tab.page.getByRole('heading', { name: 'This link has expired', exact: true }).waitFor();
    await tab.page.getByText('This link was used already or is older than a minute. Start the connection again in Shodan Pro, Settings, Integrations.').waitFor();
    await tab.inspect('Error page, used ticket');
    await tab.page.getByRole('link', { name: 'Open Shodan Pro' }).click();
    await tab.crm.openIntegrations();
    await tab.integration.connectButton.waitFor();
  });
}
