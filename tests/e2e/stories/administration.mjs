// SPDX-License-Identifier: Apache-2.0
// Everybody shares the project's Zoom app: these stories leave it as it was, and usable in between.
import assert from 'node:assert/strict';
import { story } from '../lib/story.mjs';

export function administrationStories(world) {
  story(world, 'an administrator finds the Zoom app in Settings, copies its URLs and sees no secret', async (stage) => {
    const { tab, context } = await stage.administrator();
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await tab.crm.accountButton.click();
    await tab.crm.settingsLink.click();
    await tab.zoomApp.link.click();
    await tab.crm.titled('Zoom app');
    await tab.zoomApp.line(/^Set .* It is never shown/).first().waitFor();
    assert.equal(await tab.zoomApp.clientSecret.inputValue(), '');
    const redirectUrl = await tab.zoomApp.url('Redirect URL for OAuth').inputValue();
    assert.equal(redirectUrl, `${world.origin}/oauth/callback`);
    await tab.zoomApp.copyButton('Redirect URL for OAuth').click();
    await tab.page.getByText('Redirect URL for OAuth copied.').waitFor();
    assert.equal(await tab.page.evaluate(() => navigator.clipboard.readText()), redirectUrl);
    assert.equal(await tab.zoomApp.url('Event notification endpoint URL').inputValue(), `${world.origin}/webhooks/zoom/demo`);
    await tab.inspect('Zoom app');
  });

  story(world, 'an administrator rotates the client secret, tests it and takes it back', async (stage) => {
    const { tab, guard } = await stage.administrator({ at: '/app/settings/administration/zoom-app' });
    const [{ client_secret: right }] = await world.simulator.apps();
    await tab.zoomApp.testButton.click();
    await tab.zoomApp.line('The credentials are right').waitFor();
    await tab.zoomApp.clientSecret.fill('not-the-one-at-zoom');
    await tab.zoomApp.testButton.click();
    await tab.zoomApp.line('The credentials are wrong').waitFor();
    await tab.inspect('Zoom app, wrong credentials');
    await tab.zoomApp.saveButton.click();
    await tab.zoomApp.line('Zoom app saved').waitFor();
    await tab.zoomApp.line(/The one before it is accepted until/).waitFor();
    assert.equal(await tab.zoomApp.clientSecret.inputValue(), '');
    await tab.zoomApp.testButton.click();
    await tab.zoomApp.line('Only the previous secret is right').waitFor();
    await tab.inspect('Zoom app, two secrets');

    await tab.zoomApp.clientSecret.fill(right);
    await tab.zoomApp.saveButton.click();
    await tab.zoomApp.line('Zoom app saved').waitFor();
    await tab.zoomApp.removePrevious.click();
    await tab.zoomApp.line('The previous client secret is no longer accepted.').waitFor();
    await tab.zoomApp.expectedScopes.fill('user:read:user\nnot"a scope');
    guard.expectFailedLoad(/\/zoomApp$/, /400/);
    await tab.zoomApp.saveButton.click();
    await tab.zoomApp.line(/^Must be one scope/).waitFor();
    await tab.inspect('Zoom app, bad scope');
  });

  story(world, 'another client ID is asked about before it is saved', async (stage) => {
    await stage.connectedSalesperson();
    const { tab } = await stage.administrator({ at: '/app/settings/administration/zoom-app' });
    await tab.zoomApp.clientId.fill('another-app');
    await tab.zoomApp.clientSecret.fill('another-secret');
    await tab.zoomApp.saveButton.click();
    await tab.zoomApp.dialog.getByText(/connections? through the present app will need reconnecting/).waitFor();
    await tab.inspect('Zoom app, replace');
    await tab.zoomApp.dialog.getByRole('button', { name: 'Cancel' }).click();
    await tab.reload();
    await tab.zoomApp.clientId.waitFor();
    assert.notEqual(await tab.zoomApp.clientId.inputValue(), 'another-app');
  });

  story(world, 'an administrator renames the project and is told what is wrong with an origin and an issuer', async (stage) => {
    const { tab, guard } = await stage.administrator({ at: '/app/settings/administration/zoom-app' });
    await tab.project.link.click();
    await tab.crm.titled('Project');
    const [name, origins] = [await tab.project.name.inputValue(), await tab.project.origins.inputValue()];
    assert.ok(origins.includes(world.origin));
    await tab.project.saveButton.click();
    await tab.project.line('Nothing was changed').waitFor();
    await tab.project.name.fill('Shodan Pro 東京');
    await tab.project.saveButton.click();
    await tab.project.line('Project saved').waitFor();
    await tab.inspect('Project saved');
    await tab.reload();
    await tab.project.name.waitFor();
    assert.equal(await tab.project.name.inputValue(), 'Shodan Pro 東京');

    await tab.project.name.fill(name);
    await tab.project.origins.fill(`${origins}\nhttp://plain.example/path`);
    guard.expectFailedLoad(/\/settings$/, /400/);
    await tab.project.saveButton.click();
    await tab.project.problemOf('origins').waitFor();
    await tab.project.origins.fill(origins);
    await tab.project.addIssuer.click();
    await tab.project.issuerField(1, 'Issuer').fill('not a url');
    await tab.project.saveButton.click();
    await tab.project.dialog.getByText(/end within 30 seconds/).waitFor();
    guard.expectFailedLoad(/\/settings$/, /400/);
    await tab.project.dialog.getByRole('button', { name: 'Change' }).click();
    await tab.project.problemOf('issuer1-audience').waitFor();
    await tab.inspect('Project, bad issuer');
    await tab.project.removeNewIssuer.click();
    await tab.project.saveButton.click();
    await tab.project.line('Project saved').waitFor();
    assert.equal(await tab.project.name.inputValue(), name);
  });

  story(world, 'for others than administrators there is no such page', async (stage) => {
    const { tab } = await stage.salesperson({ at: '/app/settings' });
    await tab.crm.titled('Profile');
    assert.equal(await tab.zoomApp.link.count(), 0);
    for (const page of ['zoom-app', 'project', 'api-keys', 'webhooks', 'webhook-endpoints']) {
      await tab.open(`/app/settings/administration/${page}`);
      await tab.crm.titled('This page does not exist');
    }
  });
}
