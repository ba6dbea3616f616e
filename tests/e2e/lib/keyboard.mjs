// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';

const mostStops = 80;

/** A person who never touches the mouse. */
export class Keyboard {
  /** @param {import('./tab.mjs').Tab} tab */
  constructor(tab) { this.page = tab.page; }

  press(key) { return this.page.keyboard.press(key); }

  type(text) { return this.page.keyboard.type(text); }

  /**
   * Presses Tab until the control has the focus, and checks that the focus can be seen there.
   * @param {import('playwright-core').Locator} control
   */
  async tabTo(control) {
    await control.waitFor();
    for (let stop = 0; stop <= mostStops; stop += 1) {
      const seen = await control.evaluate((element) => (element.getRootNode().activeElement === element
        ? { outline: getComputedStyle(element).outlineStyle, visible: element.matches(':focus-visible') } : null));
      if (seen) {
        assert.ok(seen.visible && seen.outline !== 'none', `the focus on ${control} cannot be seen`);
        return;
      }
      await this.press('Tab');
    }
    assert.fail(`${control} is not reached with ${mostStops} presses of Tab`);
  }

  /** Goes to a control and presses Enter. */
  async enter(control) {
    await this.tabTo(control);
    await this.press('Enter');
  }

  /** Waits until the focus is where the page should have put it. */
  async isOn(control) {
    await control.waitFor();
    const element = await control.elementHandle();
    await this.page.waitForFunction((wanted) => wanted.getRootNode().activeElement === wanted, element);
  }
}
