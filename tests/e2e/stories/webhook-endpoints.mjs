// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { prepareAuthority } from '../../../deploy/local/authority.mjs';
import { eventually } from '../../integration/lib/conditions.mjs';
import { GatewayDriver } from '../../integration/lib/gateway.mjs';
import { Receiver, verifiesAsStandardWebhook } from '../../integration/lib/receiver.mjs';
import { story } from '../lib/story.mjs';

export function webhookEndpointStories(world) {
  story(world, 'an administrator adds an endpoint, sees what was delivered, and rotates its secret', async (stage) => {
    const { tab, guard } = await stage.administrator();
    const receiver = await Receiver.start((await prepareAuthority(dirname(world.stack.caFile))).of('localhost'));
    const driver = new GatewayDriver(world.stack);
    try {
      await tab.crm.accountButton.click();
      await tab.crm.settingsLink.click();
      await tab.webhookEndpoints.link.click();
      await tab.crm.titled('Endpoints');
      await tab.webhookEndpoints.line('No endpoints yet').waitFor();
      await tab.inspect('Endpoints, none');
      await tab.webhookEndpoints.addButton.click();
      await tab.webhookEndpoints.line('Enter a URL.').waitFor();
      await tab.webhookEndpoints.line('Choose at least one event.').waitFor();
      guard.expectFailedLoad(/\/webhookEndpoints$/, /400/);
      await tab.webhookEndpoints.url.fill('http://localhost/');
      await tab.webhookEndpoints.event('link.connected').check();
      await tab.webhookEndpoints.addButton.click();
      await tab.page.locator('#problem-url').getByText(/https/).waitFor();
      await tab.webhookEndpoints.url.fill(receiver.url('/hook/204'));
      await tab.webhookEndpoints.addButton.click();
      await tab.webhookEndpoints.line('The secret of the endpoint').waitFor();
      const first = await tab.webhookEndpoints.secret.inputValue();
      assert.match(first, /^whsec_[0-9A-Za-z+/]{43}=$/);
      await tab.inspect('Endpoints, secret shown once');

      await driver.connected();
      const [message] = await receiver.until('/hook/204', 1, 'link.connected');
      assert.ok(verifiesAsStandardWebhook(first, message));
      await tab.webhookEndpoints.button('Deliveries').click();
      await eventually('the delivery is shown as delivered', async () => {
        await tab.webhookEndpoints.loadButton.click();
        return (await tab.webhookEndpoints.row('link.connected · Delivered').count()) > 0;
      });
      await tab.inspect('Endpoints, deliveries');
      await tab.webhookEndpoints.row('link.connected · Delivered').getByRole('button').first().click();
      await tab.webhookEndpoints.line('One delivery is replayed').waitFor();
      await receiver.until('/hook/204', 2, 'link.connected');

      await tab.webhookEndpoints.button('Rotate secret').click();
      await tab.webhookEndpoints.dialog.getByRole('button', { name: 'Rotate' }).click();
      await tab.webhookEndpoints.line(/previous secret signs too until/).waitFor();
      assert.notEqual(await tab.webhookEndpoints.secret.inputValue(), first);
      await tab.webhookEndpoints.button('Disable').click();
      await tab.webhookEndpoints.line('Disabled by an administrator.').waitFor();
      await tab.webhookEndpoints.button('Delete').click();
      await tab.webhookEndpoints.dialog.getByRole('button', { name: 'Delete' }).click();
      await tab.webhookEndpoints.line('Endpoint deleted').waitFor();
    } finally {
      driver.close();
      await receiver.stop();
    }
  });
}
