// SPDX-License-Identifier: Apache-2.0

/**
 * The status of the user's Zoom link, shared by all components of a page. Event "change" after
 * every new value. Requests made while one is under way share it.
 */
export class LinkStore extends EventTarget {
  #load;
  #now;
  #pending = null;
  #turn = 0;
  #readAt = -Infinity;

  /** @param {() => Promise<object>} load reads the Link from the API */
  constructor(load, now = () => performance.now()) {
    super();
    this.#load = load;
    this.#now = now;
    /** @type {object|null} the last Link read */
    this.value = null;
  }

  /** The Link, at most `maxAgeMs` old. */
  async get({ maxAgeMs = 60_000 } = {}) {
    if (this.value && this.#now() - this.#readAt <= maxAgeMs) return this.value;
    return this.refresh();
  }

  refresh() {
    if (this.#pending) return this.#pending;
    const turn = ++this.#turn;
    const request = this.#load().then((link) => {
      // A value set meanwhile (the answer of a disconnect) is newer than this read.
      if (turn === this.#turn) this.set(link);
      return this.value;
    }).finally(() => { if (this.#pending === request) this.#pending = null; });
    this.#pending = request;
    return request;
  }

  set(link) {
    this.#turn += 1;
    this.#pending = null;
    this.#readAt = this.#now();
    this.value = link;
    this.dispatchEvent(new Event('change'));
  }
}
