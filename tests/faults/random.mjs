// SPDX-License-Identifier: Apache-2.0
// The one source of chance of a fault run: everything random follows from the seed.
import { createHash } from 'node:crypto';

export class Random {
  #state;

  /** @param {string|number} seed any text */
  constructor(seed) {
    this.seed = String(seed);
    this.#state = createHash('sha256').update(this.seed).digest().readUInt32LE();
  }

  /** @returns {number} in [0, 1) (mulberry32) */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** @returns {number} an integer in [0, below) */
  integer(below) { return Math.floor(this.next() * below); }

  chance(probability) { return this.next() < probability; }

  /** @returns {any} one of a list; undefined for an empty one */
  pick(list) { return list[this.integer(list.length)]; }

  /** @returns {any[]} `count` different items of a list in random order; all of them by default */
  sample(list, count = list.length) {
    const rest = [...list];
    for (let at = rest.length - 1; at > 0; at -= 1) {
      const other = this.integer(at + 1);
      [rest[at], rest[other]] = [rest[other], rest[at]];
    }
    return rest.slice(0, count);
  }

  /** A source of its own for one part of a run, so that parts do not change each other's chance. */
  fork(name) { return new Random(`${this.seed}/${name}`); }
}
