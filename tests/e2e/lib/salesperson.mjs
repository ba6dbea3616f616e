// SPDX-License-Identifier: Apache-2.0
import { ConsoleGuard } from './console-guard.mjs';
import { Tab } from './tab.mjs';

const patience = 20_000;

/** A Shodan Pro user with a browser profile of their own. */
export class Salesperson {
  /** @param {object} world @param {{user_id: string, display_name: string}} person @param {object} [options] of the browser context */
  static async arrive(world, person, options) {
    const context = await world.browser.newContext({
      baseURL: world.origin, locale: 'en-GB', timezoneId: 'Asia/Tokyo', viewport: { width: 1280, height: 860 }, ...options,
    });
    context.setDefaultTimeout(patience);
    const salesperson = new Salesperson(world, person, context);
    salesperson.tab = await salesperson.newTab();
    return salesperson;
  }

  constructor(world, person, context) {
    this.world = world;
    this.id = person.user_id;
    this.name = person.display_name;
    this.context = context;
    this.guard = new ConsoleGuard(context);
  }

  /** Another tab of the same browser, empty. */
  async newTab() { return new Tab(await this.context.newPage()); }

  /**
   * Signs in at /dev/login.
   * @param {string} [returnTo] where to go then
   */
  async signIn(returnTo = '/app/companies') {
    await this.tab.login.open(returnTo);
    await this.tab.login.signIn(this.name);
    await this.tab.crm.accountButton.waitFor();
  }

  /** Connects a Zoom account the way of the guide, from any screen to "Connected". */
  async connect(zoomUser) {
    const { crm, integration, zoom } = this.tab;
    await crm.openIntegrations();
    await integration.connectButton.click();
    await zoom.signIn(zoomUser);
    await zoom.allow();
    await integration.state('Connected');
  }
}
