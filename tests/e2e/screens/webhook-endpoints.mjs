// SPDX-License-Identifier: Apache-2.0

/** Settings → Administration → Endpoints. */
export class WebhookEndpointsScreen {
  constructor(page) {
    this.page = page;
    this.link = page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Endpoints' });
    this.url = page.getByLabel('URL', { exact: true });
    this.addButton = page.getByRole('button', { name: 'Add endpoint' });
    this.secret = page.getByLabel('Signing secret', { exact: true });
    this.loadButton = page.getByRole('button', { name: 'Load again' });
    this.dialog = page.getByRole('dialog');
  }

  event(type) { return this.page.getByRole('checkbox', { name: new RegExp(type.replace('.', '\\.')) }); }

  button(text) { return this.page.getByRole('button', { name: new RegExp(`^${text}: https://`) }); }

  row(text) { return this.page.getByRole('listitem').filter({ hasText: text }); }

  line(text) { return this.page.getByText(text); }
}
