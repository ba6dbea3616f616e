// SPDX-License-Identifier: Apache-2.0

/** The development issuer's sign-in page, /dev/login. */
export class LoginScreen {
  constructor(page) {
    this.page = page;
  }

  /** @param {string} returnTo a path below /app/ */
  open(returnTo) {
    return this.page.goto(`/dev/login?return_to=${encodeURIComponent(returnTo)}`);
  }

  button(name) { return this.page.getByRole('button', { name }); }

  async signIn(name) { await this.button(name).click(); }
}
