// SPDX-License-Identifier: Apache-2.0

/** Phone icons of a company or person screen, and the dialog they open. */
export class Phone {
  constructor(page) {
    this.page = page;
    this.icons = page.locator('zoom-call-button').getByRole('button');
    this.dialog = page.getByRole('dialog');
    this.callButton = this.dialog.getByRole('button', { name: 'Call', exact: true });
    this.cancelButton = this.dialog.getByRole('button', { name: 'Cancel', exact: true });
    this.doneButton = this.dialog.getByRole('button', { name: 'Done', exact: true });
  }

  /** The icon of one number, e.g. icon('Mika Sato', '+81 90-1234-5678'). */
  icon(name, international) {
    return this.page.getByRole('button', { name: `Call ${name}, ${international}, with Zoom Phone`, exact: true });
  }

  /** The disabled icon of a number that is not dialled. */
  refused(number, label) {
    return this.page.getByRole('button', { name: `Call ${number}: not available, ${label}`, exact: true });
  }

  /** Waits for the dialog by its title. */
  asks(title) { return this.page.getByRole('dialog', { name: title, exact: true }).waitFor(); }

  line(text) { return this.dialog.getByText(text, { exact: true }); }

  /**
   * Takes the operating system's place from now on, as a host page may (components/context.mjs): Chromium asks its user
   * whether Zoom Phone may be opened, and until that is answered the page gets no click.
   */
  async standInForTheSystem() {
    await this.page.evaluate(async () => {
      const { contextOf } = await import('/components/index.mjs');
      globalThis.launchedUris ??= [];
      contextOf(document.documentElement).navigate = (uri) => { globalThis.launchedUris.push(uri); };
    });
  }

  /** @returns {Promise<string[]>} what was to be opened since the page was loaded */
  launched() { return this.page.evaluate(() => globalThis.launchedUris ?? []); }

  /** Clicks the icon, then "Call"; returns once Zoom Phone is being opened. */
  async call(name, international) {
    await this.standInForTheSystem();
    await this.icon(name, international).click();
    await this.asks(`Call ${name}?`);
    await this.callButton.click();
    await this.asks('Zoom Phone is opening');
  }
}

/**
 * The addresses a page asks the browser to open from now on, as the browser got them. Nothing stands in between; a call
 * is the last thing such a page can do, since Chromium's question to its user is never answered.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>} grows with each navigation
 */
export async function navigationsOf(page) {
  const session = await page.context().newCDPSession(page);
  const addresses = [];
  session.on('Page.frameRequestedNavigation', ({ url }) => addresses.push(url));
  await session.send('Page.enable');
  return addresses;
}
