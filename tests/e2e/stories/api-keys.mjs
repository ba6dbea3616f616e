// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { story } from '../lib/story.mjs';

export function apiKeyStories(world) {
  const statusWith = async (text) => (await world.gateway.fetch('/nango/connections', { bearer: text })).status;

  story(world, 'an administrator makes an API key, copies it once, rotates and deletes it', async (stage) => {
    const { tab, context } = await stage.administrator();
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await tab.crm.accountButton.click();
    await tab.crm.settingsLink.click();
    await tab.apiKeys.link.click();
    await tab.crm.titled('API keys');
    await tab.apiKeys.line('No API keys yet').waitFor();
    await tab.inspect('API keys, none');
    await tab.apiKeys.createButton.click();
    await tab.apiKeys.line('Enter a name.').waitFor();
    await tab.apiKeys.line('Choose at least one.').waitFor();
    await tab.apiKeys.name.fill('Reports');
    await tab.apiKeys.scope('connections.read').check();
    await tab.apiKeys.createButton.click();
    await tab.apiKeys.line('The text of Reports').waitFor();
    const first = await tab.apiKeys.text.inputValue();
    assert.match(first, /^shodan_key_[0-9A-Za-z]{71}$/);
    await tab.apiKeys.copyButton.click();
    await tab.page.getByText('API key copied.').waitFor();
    assert.equal(await tab.page.evaluate(() => navigator.clipboard.readText()), first);
    await tab.inspect('API keys, shown once');
    assert.equal(await statusWith(first), 200);

    await tab.apiKeys.rotateButton('Reports').click();
    await tab.apiKeys.dialog.getByRole('button', { name: 'Rotate' }).click();
    await tab.apiKeys.line(/^Created .* Its previous text is accepted until/).waitFor();
    const second = await tab.apiKeys.text.inputValue();
    assert.notEqual(second, first);
    assert.deepEqual([await statusWith(first), await statusWith(second)], [200, 200]);
    await tab.reload();
    await tab.apiKeys.rotateButton('Reports').waitFor();
    assert.equal(await tab.apiKeys.text.count(), 0);

    await tab.apiKeys.deleteButton('Reports').click();
    await tab.inspect('API keys, delete');
    await tab.apiKeys.dialog.getByRole('button', { name: 'Delete' }).click();
    await tab.apiKeys.line('Key deleted').waitFor();
    assert.equal(await statusWith(second), 401);
  });
}
