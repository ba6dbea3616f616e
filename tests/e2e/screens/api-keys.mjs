// SPDX-License-Identifier: Apache-2.0

/** Settings → Administration → API keys. */
export class ApiKeysScreen {
  constructor(page) {
    this.page = page;
    this.link = page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'API keys' });
    this.name = page.getByLabel('Name', { exact: true });
    this.createButton = page.getByRole('button', { name: 'Create key' });
    this.text = page.getByLabel('API key', { exact: true });
    this.copyButton = page.getByRole('button', { name: 'Copy API key' });
    this.dialog = page.getByRole('dialog');
  }

  scope(name) { return this.page.getByRole('checkbox', { name: new RegExp(name.replace('.', '\\.')) }); }

  rotateButton(name) { return this.page.getByRole('button', { name: `Rotate ${name}` }); }

  deleteButton(name) { return this.page.getByRole('button', { name: `Delete ${name}` }); }

  line(text) { return this.page.getByText(text); }
}
