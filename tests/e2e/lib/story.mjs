// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { administrator } from './people.mjs';
import { Salesperson } from './salesperson.mjs';
import { keptLogs } from './world.mjs';

const limit = 90_000;

/** Who takes part in one story. */
class Stage {
  #world;
  #salespeople = [];

  constructor(world) { this.#world = world; }

  get world() { return this.#world; }

  /**
   * A salesperson nobody has met yet.
   * @param {{at?: string|null, browser?: object}} [options] `at`: the path they sign in to; null: they do not sign in.
   *   `browser`: options of the browser context
   */
  async salesperson({ at = '/app/companies', browser } = {}) {
    const salesperson = await Salesperson.arrive(this.#world, this.#world.nextSalesperson(), browser);
    this.#salespeople.push(salesperson);
    if (at !== null) await salesperson.signIn(at);
    return salesperson;
  }

  /** The administrator, signed in. @param {{at?: string, browser?: object}} [options] as for salesperson() */
  async administrator({ at = '/app/companies', browser } = {}) {
    const person = await Salesperson.arrive(this.#world, administrator, browser);
    this.#salespeople.push(person);
    await person.signIn(at);
    return person;
  }

  /** A Zoom user nobody has met yet. */
  zoomUser(overrides) { return this.#world.nextZoomUser(overrides); }

  /** A salesperson with a connected Zoom account. */
  async connectedSalesperson(options) {
    const [salesperson, zoomUser] = await Promise.all([this.salesperson(options), this.zoomUser()]);
    await salesperson.connect(zoomUser);
    return { salesperson, zoomUser };
  }

  /** What the screens show, for a failure. */
  async describe() {
    const screens = this.#salespeople.flatMap(({ name, context }) => context.pages().map(async (page) =>
      `--- ${name} at ${page.url()}\n${await page.locator('body').ariaSnapshot({ timeout: 2000 }).catch(String)}`));
    return [...(await Promise.all(screens)), ...this.complaints()].join('\n');
  }

  complaints() { return this.#salespeople.flatMap(({ name, guard }) => guard.problems().map((problem) => `${name}: ${problem}`)); }

  leave() { return Promise.all(this.#salespeople.map(({ context }) => context.close())); }
}

/**
 * One story: it fails also when a browser complained about something the story had not announced.
 * @param {object} world see world.mjs
 * @param {string} title
 * @param {(stage: Stage) => Promise<void>} tell
 */
export function story(world, title, tell) {
  test(title, { timeout: limit }, async (context) => {
    const stage = new Stage(world);
    try {
      await tell(stage);
      assert.deepEqual(stage.complaints(), [], 'the browser complained');
    } catch (error) {
      world.aStoryFailed = true;
      context.diagnostic(`${await stage.describe()}\nThe services’ logs will be in ${keptLogs}.`);
      throw error;
    } finally {
      await stage.leave();
    }
  });
}
