// SPDX-License-Identifier: Apache-2.0
import { ApiKeysScreen } from '../screens/api-keys.mjs';
import { CrmScreen } from '../screens/crm.mjs';
import { IntegrationCard } from '../screens/integration.mjs';
import { LoginScreen } from '../screens/login.mjs';
import { navigationsOf, Phone } from '../screens/phone.mjs';
import { ProjectScreen } from '../screens/project.mjs';
import { CallHistory, Notes } from '../screens/records.mjs';
import { WebhookEndpointsScreen } from '../screens/webhook-endpoints.mjs';
import { WebhooksScreen } from '../screens/webhooks.mjs';
import { ZoomAppScreen } from '../screens/zoom-app.mjs';
import { ZoomScreen } from '../screens/zoom.mjs';
import { inspect } from './inspection.mjs';

/** One tab with everything that can be seen in it. */
export class Tab {
  constructor(page) {
    this.page = page;
    this.login = new LoginScreen(page);
    this.crm = new CrmScreen(page);
    this.integration = new IntegrationCard(page);
    this.zoom = new ZoomScreen(page);
    this.project = new ProjectScreen(page);
    this.zoomApp = new ZoomAppScreen(page);
    this.apiKeys = new ApiKeysScreen(page);
    this.webhooks = new WebhooksScreen(page);
    this.webhookEndpoints = new WebhookEndpointsScreen(page);
    this.phone = new Phone(page);
    this.history = new CallHistory(page);
    this.notes = new Notes(page);
  }

  /** @param {string} path on the gateway, or an absolute URL */
  open(path) { return this.page.goto(path); }

  /** Reads the page again, as a person would press F5. */
  reload() { return this.page.reload(); }

  /** See inspection.mjs. */
  inspect(name) { return inspect(this.page, name); }

  /** Clicks the connect button with the card in its pop-up mode. @returns {Promise<Tab>} the pop-up */
  async connectInPopup() {
    await this.page.locator('zoom-phone-integration').evaluate((card) => { card.setAttribute('mode', 'popup'); });
    const [popup] = await Promise.all([this.page.waitForEvent('popup'), this.integration.connectButton.click()]);
    return new Tab(popup);
  }

  /** The addresses that the page asks the browser to open from now on. */
  navigations() { return navigationsOf(this.page); }

  /**
   * Asks the browser API in the page's session, for what a story only needs to be there.
   * @param {string} path below the project, e.g. "/notes"
   * @returns {Promise<any>} the JSON of the answer
   */
  post(path, body) {
    return this.page.evaluate(async ([url, text]) => {
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text });
      if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
      return response.json();
    }, [`/v1/projects/demo${path}`, JSON.stringify(body)]);
  }

  /** Everything a person could read, shadow trees included. */
  text() { return this.page.locator('body').ariaSnapshot(); }
}
