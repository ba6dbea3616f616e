// SPDX-License-Identifier: Apache-2.0

/** Settings → Administration → Webhooks. */
export class WebhooksScreen {
  constructor(page) {
    this.page = page;
    this.link = page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Webhooks' });
    this.state = page.getByLabel('State', { exact: true });
    this.loadButton = page.getByRole('button', { name: 'Load again' });
    this.replayAllButton = page.getByRole('button', { name: 'Replay all…' });
    this.dialog = page.getByRole('dialog');
  }

  row(text) { return this.page.getByRole('listitem').filter({ hasText: text }); }

  line(text) { return this.page.getByText(text); }
}
