// SPDX-License-Identifier: Apache-2.0
// Waiting for conditions, and many calls at one moment.
import { waitFor } from '../../../deploy/local/processes.mjs';

/**
 * Waits until `check` answers something truthy; an assertion that fails inside counts as "not yet".
 * @param {string} what the condition, for the error
 * @param {() => any} check may be asynchronous
 * @param {number} [deadlineMs]
 * @param {number} [intervalMs] between two looks
 * @returns {Promise<any>} what `check` answered
 * @throws {Error} after the deadline, with the last failure as its cause
 */
export async function eventually(what, check, deadlineMs = 15_000, intervalMs = 20) {
  let cause;
  const answer = await waitFor(async () => {
    try {
      return await check();
    } catch (error) {
      cause = error;
      return undefined;
    }
  }, deadlineMs, intervalMs);
  if (answer) return answer;
  throw new Error(`not within ${deadlineMs} ms: ${what}`, { cause });
}

/**
 * Starts `count` calls at once and waits for all.
 * @param {number} count
 * @param {(index: number) => Promise<any>} call
 * @returns {Promise<{values: any[], errors: any[]}>}
 */
export async function atOnce(count, call) {
  const results = await Promise.allSettled(Array.from({ length: count }, (_, index) => call(index)));
  return {
    values: results.filter(({ status }) => status === 'fulfilled').map(({ value }) => value),
    errors: results.filter(({ status }) => status === 'rejected').map(({ reason }) => reason),
  };
}

/**
 * Calls for each item, a few at a time.
 * @returns {Promise<any[]>} the answers in the order of the items
 */
export async function inBatches(items, call, size = 16) {
  const answers = [];
  for (let from = 0; from < items.length; from += size) answers.push(...(await Promise.all(items.slice(from, from + size).map(call))));
  return answers;
}

/**
 * The error a call ends with.
 * @param {Promise<any>} call
 * @returns {Promise<any>}
 * @throws {Error} when the call succeeds
 */
export function failureOf(call) {
  return call.then(
    (value) => { throw new Error(`the call succeeded: ${JSON.stringify(value)}`); },
    (error) => error,
  );
}
