// SPDX-License-Identifier: Apache-2.0
// The ledger: everything that was asked, issued, refused and sent, in order. It is the ground truth
// of the race and fault tests, so that it holds codes and tokens by value and by SHA-256.
import { createHash } from 'node:crypto';

/** Names a secret in a ledger entry: `{<name>: value, <name>_sha256: hex}`; nothing for none. */
export function secret(name, value) {
  if (typeof value !== 'string' || value === '') return {};
  return { [name]: value, [`${name}_sha256`]: createHash('sha256').update(value).digest('hex') };
}

/** An append-only list of entries `{seq, time, type, ...}`; seq grows by one. */
export class Ledger {
  #entries = [];
  #first = 1;
  #waiters = new Set();

  /** @param type one of the types in README.md. @returns the entry */
  append(type, fields) {
    const entry = { seq: this.#first + this.#entries.length, time: new Date().toISOString(), type, ...fields };
    this.#entries.push(entry);
    for (const waiter of this.#waiters) waiter.offer(entry);
    return entry;
  }

  /** The sequence number of the newest entry, 0 when there is none. */
  get last() {
    return this.#first + this.#entries.length - 1;
  }

  /**
   * Entries after `after` whose fields equal those of `filter` (a list of texts is "one of").
   * @returns at most `limit` entries, oldest first
   */
  read({ after = 0, limit = Infinity, filter = {} } = {}) {
    const found = [];
    for (let index = Math.max(0, after - this.#first + 1); index < this.#entries.length; index++) {
      if (found.length >= limit) break;
      if (matches(this.#entries[index], filter)) found.push(this.#entries[index]);
    }
    return found;
  }

  /** The newest `count` entries, oldest first. */
  tail(count) {
    return this.#entries.slice(-count);
  }

  /**
   * Resolves once `count` entries after `after` match, or when `timeoutMs` has passed.
   * @returns {Promise<{entries: object[], timed_out: boolean}>}
   */
  wait({ after = 0, filter = {}, count = 1, timeoutMs = 10_000 }) {
    const entries = this.read({ after, filter, limit: count });
    if (entries.length >= count) return Promise.resolve({ entries, timed_out: false });
    return new Promise((resolve) => {
      const finish = (timedOut) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve({ entries, timed_out: timedOut });
      };
      const waiter = {
        offer(entry) {
          if (!matches(entry, filter)) return;
          entries.push(entry);
          if (entries.length >= count) finish(false);
        },
        abandon: () => finish(true),
      };
      const timer = setTimeout(finish, timeoutMs, true);
      this.#waiters.add(waiter);
    });
  }

  /** Ends every wait at once, as timed out. */
  abandonWaits() {
    for (const waiter of [...this.#waiters]) waiter.abandon();
  }

  /** Forgets the entries; numbering goes on, so that readers' positions stay valid. */
  clear() {
    this.#first += this.#entries.length;
    this.#entries = [];
  }

  /** Continues the numbering of an earlier run. */
  continueAfter(seq) {
    if (this.#entries.length === 0) this.#first = seq + 1;
  }
}

function matches(entry, filter) {
  for (const [name, wanted] of Object.entries(filter)) {
    const value = String(entry[name] ?? '');
    if (Array.isArray(wanted) ? !wanted.includes(value) : value !== String(wanted)) return false;
  }
  return true;
}
