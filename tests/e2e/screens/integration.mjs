// SPDX-License-Identifier: Apache-2.0

/** The Zoom Phone card of Settings → Integrations. */
export class IntegrationCard {
  constructor(page) {
    this.page = page;
    this.card = page.locator('zoom-phone-integration').getByRole('region', { name: 'Zoom Phone', exact: true });
    this.result = this.card.locator('.result');
    this.account = this.card.locator('.account .who');
    this.connectButton = this.card.getByRole('button', { name: 'Zoom Phone Integration', exact: true });
    this.reconnectButton = this.card.getByRole('button', { name: 'Reconnect', exact: true });
    this.disconnectButton = this.card.getByRole('button', { name: 'Disconnect', exact: true });
    this.retryButton = this.card.getByRole('button', { name: 'Try again', exact: true });
    this.dialog = page.getByRole('dialog', { name: 'Disconnect Zoom Phone?' });
  }

  /** Waits until the badge says `state`, e.g. "Connected". */
  state(state) { return this.card.locator('.badge').getByText(state, { exact: true }).waitFor(); }

  /** Waits for a message's title in the place for results. */
  message(title) { return this.result.getByText(title, { exact: true }).waitFor(); }

  /** A line of text anywhere in the card. */
  line(text) { return this.card.getByText(text, { exact: true }); }

  async disconnect() {
    await this.disconnectButton.click();
    await this.dialog.getByRole('button', { name: 'Disconnect', exact: true }).click();
  }
}
