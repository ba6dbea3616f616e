// SPDX-License-Identifier: Apache-2.0

/** Settings → Administration → Zoom app. */
export class ZoomAppScreen {
  constructor(page) {
    this.page = page;
    this.link = page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Zoom app' });
    this.clientId = page.getByLabel('Client ID', { exact: true });
    this.clientSecret = page.getByLabel('Client secret', { exact: true });
    this.webhookSecret = page.getByLabel('Webhook secret token', { exact: true });
    this.expectedScopes = page.getByLabel('Scopes the product needs');
    this.saveButton = page.getByRole('button', { name: 'Save' });
    this.testButton = page.getByRole('button', { name: 'Test credentials' });
    this.removePrevious = page.getByRole('button', { name: 'Remove the previous client secret' });
    this.dialog = page.getByRole('dialog');
  }

  line(text) { return this.page.getByText(text); }

  copyButton(label) { return this.page.getByRole('button', { name: `Copy ${label}` }); }

  url(label) { return this.page.getByLabel(label, { exact: true }); }
}
