// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { WebhookDriver } from '../../integration/lib/webhooks.mjs';
import { story } from '../lib/story.mjs';

export function webhookStories(world) {
  story(world, 'an administrator finds what could not be read among Zoom’s webhooks, and replays', async (stage) => {
    const { tab } = await stage.administrator();
    await tab.crm.accountButton.click();
    await tab.crm.settingsLink.click();
    await tab.webhooks.link.click();
    await tab.crm.titled('Webhooks');
    await tab.webhooks.state.selectOption('Parked');
    await tab.webhooks.line('No webhooks').waitFor();
    await tab.inspect('Webhooks, none');

    const zoom = new WebhookDriver(world.stack);
    try {
      const answers = await Promise.all([
        zoom.send(zoom.message('meeting.created', { account_id: 'nobody', object: { id: 1, host_id: 'nobody' } })),
        zoom.send(zoom.message('meeting.ended', { account_id: 'nobody', object: 'unheard of' })),
      ]);
      assert.deepEqual(answers.map(({ status }) => status), [204, 204]);
      await zoom.idle();
    } finally {
      zoom.close();
    }
    await tab.webhooks.loadButton.click();
    await tab.webhooks.row('meeting.ended').waitFor();
    await tab.webhooks.state.selectOption('All');
    await tab.webhooks.row('meeting.created').getByText('Concerns nobody who is connected.').waitFor();
    await tab.webhooks.row('meeting.ended').getByText('Not of the form that Zoom documents.').waitFor();
    await tab.inspect('Webhooks');
    await tab.webhooks.state.selectOption('Parked');
    await tab.webhooks.row('meeting.created').waitFor({ state: 'detached' });

    await tab.webhooks.row('meeting.ended').getByRole('button', { name: /^Replay meeting.ended of/ }).click();
    await tab.webhooks.line('One webhook is replayed').waitFor();
    await tab.webhooks.state.selectOption('All');
    await tab.webhooks.row('meeting.ended').getByText('Replayed once.').waitFor();
    await tab.webhooks.replayAllButton.click();
    await tab.inspect('Webhooks, replay all');
    await tab.webhooks.dialog.getByRole('button', { name: 'Replay' }).click();
    await tab.webhooks.line(/^(One webhook is|There was nothing to) replay/).waitFor();
  });
}
