// SPDX-License-Identifier: Apache-2.0
// What clients did and were told, and what was done to the stack: two of the checker's inputs.
import { createHash } from 'node:crypto';

export const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/**
 * @typedef {object} Call
 * @property {number} id in the order in which calls began
 * @property {'connect'|'exchange'|'disconnect'|'token'|'probe'} kind `probe`: a token after everything is quiet, by which both
 *   tokens were proved at Zoom
 * @property {string} userId @property {string} [replica] who was asked
 * @property {number} begunAt @property {number} endedAt milliseconds since 1970
 * @property {boolean} ok @property {string} [code] @property {string} [reason] of an error
 * @property {string} [requestId] of a disconnect @property {string} [codeSha] of the code that a connect exchanged
 * @property {object} [answer] what it said: {tokenVersion, generation, accessSha} of a token, {state, generation} of a link,
 *   {receipt: {startTime, endTime, revokedAtZoom}} of a disconnect
 */

/**
 * @typedef {object} Fault
 * @property {string} kind `kill` (SIGKILL), `terminate` (SIGTERM), `hang` (SIGSTOP), `lease_ended` (aged by SQL), `zoom_down`,
 *   `postgres`, `redis`, `network`, `restore` (served from a restored backup)
 * @property {string} target a process's name @property {number} from @property {number} to
 */

export class History {
  /** @type {Call[]} */
  calls = [];
  /** @type {Fault[]} */
  faults = [];

  /**
   * Makes a call and keeps it with its outcome; never rejects.
   * @param {{kind: string, userId: string}} about further fields go into the entry
   * @param {(entry: Call) => Promise<object>} work may add fields to the entry; answers what the client was told
   * @returns {Promise<Call>}
   */
  async call(about, work) {
    const entry = { id: this.calls.length, ...about, begunAt: Date.now() };
    this.calls.push(entry);
    try {
      entry.answer = await work(entry);
      entry.ok = true;
    } catch (error) {
      Object.assign(entry, { ok: false, code: error.code ?? 'CLIENT', reason: error.reason ?? null, message: error.message });
    }
    entry.endedAt = Date.now();
    return entry;
  }

  /** Something that was done to the stack at one moment, or over a time. @returns {Fault} the entry; `to` may be moved */
  fault(kind, target, from = Date.now(), to = from) {
    const entry = { kind, target, from, to };
    this.faults.push(entry);
    return entry;
  }
}
