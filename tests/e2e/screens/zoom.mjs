// SPDX-License-Identifier: Apache-2.0

/** Zoom's sign-in and permission pages, as the simulator shows them. */
export class ZoomScreen {
  constructor(page) {
    this.page = page;
    this.email = page.getByLabel('Email Address');
    this.password = page.getByLabel('Password');
    this.signInButton = page.getByRole('button', { name: 'Sign In', exact: true });
    this.allowButton = page.getByRole('button', { name: 'Allow', exact: true });
    this.declineButton = page.getByRole('button', { name: 'Decline', exact: true });
    this.permissions = page.getByRole('listitem');
  }

  async signIn({ email, password }) {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.signInButton.click();
    await this.allowButton.waitFor();
  }

  async allow() { await this.allowButton.click(); }

  async decline() { await this.declineButton.click(); }
}
