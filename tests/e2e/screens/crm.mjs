// SPDX-License-Identifier: Apache-2.0

/** What is around every screen of the CRM: top bar, account menu, notice of an ended session. */
export class CrmScreen {
  constructor(page) {
    this.page = page;
    this.title = page.getByRole('heading', { level: 1 });
    this.accountButton = page.getByRole('button', { name: /^Account menu:/ });
    this.settingsLink = page.getByRole('link', { name: 'Settings', exact: true });
    this.signOutButton = page.getByRole('button', { name: 'Sign out' });
    this.integrationsLink = page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Integrations' });
    this.companiesLink = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Companies' });
    this.signInAgain = page.getByRole('link', { name: 'Sign in again' });
  }

  /** Waits for a screen by its title. */
  titled(name) { return this.page.getByRole('heading', { level: 1, name, exact: true }).waitFor(); }

  /** The way of the product's guide: account menu, Settings, Integrations. */
  async openIntegrations() {
    await this.accountButton.click();
    await this.settingsLink.click();
    await this.integrationsLink.click();
    await this.titled('Integrations');
  }

  async openCompany(name) {
    await this.companiesLink.click();
    await this.page.getByRole('link', { name, exact: true }).click();
    await this.titled(name);
  }

  /** A person of the company that is open. */
  async openPerson(name) {
    await this.page.getByRole('link', { name, exact: true }).click();
    await this.titled(name);
  }
}
