// SPDX-License-Identifier: Apache-2.0

/** The API's limit of one build request. */
const BATCH_LIMIT = 200;

/**
 * Collects the numbers of a screen and resolves them in one request per default region (and per
 * 200 numbers). Results are kept for the life of the page: a number's link depends on nothing
 * else. A failed request is not kept, so asking again tries again. Event "resolved" after each
 * answered request.
 */
export class CallLinkBatcher extends EventTarget {
  #build;
  #schedule;
  #results = new Map();
  #queue = new Map();
  #underWay = 0;

  /**
   * @param {(request:{defaultRegion:string, numbers:string[]}) => Promise<{callLinks:object[]}>} build
   * @param {(run: () => void) => void} [schedule] runs once all elements of a screen have asked
   */
  constructor(build, schedule = (run) => setTimeout(run, 0)) {
    super();
    this.#build = build;
    this.#schedule = schedule;
  }

  /** @returns {Promise<object>} the call link of one number, ok or with its error */
  request(number, region) {
    const key = `${region}|${number}`;
    const known = this.#results.get(key);
    if (known) return known.promise;
    const entry = { number, settled: null };
    entry.promise = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
    this.#results.set(key, entry);
    if (this.#queue.size === 0) this.#schedule(() => this.#flush());
    if (!this.#queue.has(region)) this.#queue.set(region, []);
    this.#queue.get(region).push(entry);
    return entry.promise;
  }

  /** Whether nothing is asked at the moment. */
  get isIdle() { return this.#queue.size === 0 && this.#underWay === 0; }

  /** The resolved link, or null while it is not known: lets a screen render without a flicker. */
  peek(number, region) {
    return this.#results.get(`${region}|${number}`)?.settled ?? null;
  }

  /** The international format of an E.164 number seen on this page, else the number itself. */
  display(e164) {
    for (const { settled } of this.#results.values()) {
      if (settled?.ok && settled.e164 === e164) return settled.international;
    }
    return e164;
  }

  #flush() {
    const queue = this.#queue;
    this.#queue = new Map();
    for (const [region, entries] of queue) {
      for (let start = 0; start < entries.length; start += BATCH_LIMIT) {
        this.#send(region, entries.slice(start, start + BATCH_LIMIT));
      }
    }
  }

  async #send(region, entries) {
    this.#underWay += 1;
    try {
      const { callLinks } = await this.#build({ defaultRegion: region, numbers: entries.map((entry) => entry.number) });
      if (!Array.isArray(callLinks) || callLinks.length !== entries.length) throw new TypeError('callLinks: wrong length');
      entries.forEach((entry, index) => {
        entry.settled = callLinks[index];
        entry.resolve(callLinks[index]);
      });
    } catch (error) {
      for (const entry of entries) {
        this.#results.delete(`${region}|${entry.number}`);
        entry.reject(error);
      }
      return;
    } finally {
      this.#underWay -= 1;
    }
    this.dispatchEvent(new Event('resolved'));
  }
}
