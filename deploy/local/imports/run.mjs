// SPDX-License-Identifier: Apache-2.0
// One run of an import: reads the file as a stream, sends the connections in batches, tries again what a passing reason
// kept from being done, and reports each line once.
import { setTimeout as pause } from 'node:timers/promises';
import { CallRefused, codeNames } from '../rpc/call.mjs';
import { UserError } from '../errors.mjs';
import { linesOf, parseLine } from './lines.mjs';

const batchSize = 10;
/** Connections of one user stay in one lane, so that they are imported one after the other. */
const lanes = 4;
const waitingPerLane = 4 * batchSize;
/** How long a line is tried again: over a restart of a service, and until a crash of one is recognised. */
const usualDelays = [1_000, 2_000, 4_000, 8_000, 15_000, 15_000];

const done = ['imported', 'already_imported', 'valid'];
const passing = ['unknown', 'unavailable'];
/** Nothing can be imported before somebody acts. */
const hopeless = ['ZOOM_APP_REJECTED'];
const passingCodes = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED'];
/** Of a call that broke off, or of something between here and the service: our services give a reason. */
const isBrokenOff = ({ code, reason }) => codeNames[code] === 'UNKNOWN' && reason === '';

const outcomeName = (name) => name.replace('IMPORT_OUTCOME_', '').toLowerCase();

function laneOf(userId) {
  let hash = 0;
  for (const unit of Buffer.from(userId)) hash = (hash * 31 + unit) % 1_000_003;
  return hash % lanes;
}

/** A queue that holds its writer back. */
class Lane {
  #items = [];
  #waiting = [];
  #ended = false;

  async put(item) {
    while (this.#items.length >= waitingPerLane && !this.#ended) await this.#change();
    this.#items.push(item);
    this.#changed();
  }

  end() {
    this.#ended = true;
    this.#changed();
  }

  /** @returns {Promise<object[]>} up to `count` items; none when there are no more to come */
  async take(count) {
    while (this.#items.length === 0 && !this.#ended) await this.#change();
    const taken = this.#items.splice(0, count);
    this.#changed();
    return taken;
  }

  #change() {
    return new Promise((resolve) => { this.#waiting.push(resolve); });
  }

  #changed() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/**
 * @typedef {object} ImportRun
 * @property {AsyncIterable<Buffer>} input
 * @property {(connections: object[]) => Promise<{outcome: string, field?: string, reason?: string}[]>} send imports a batch; the
 *   outcomes are those of the proto
 * @property {(record: object) => void} report told {line, userId, outcome, field?, reason?} of each line, in the order in which they
 *   are done
 * @property {AbortSignal} [signal] nothing more is begun; what is under way is finished
 * @property {number[]} [delays] before each further try, in ms
 */

/**
 * @param {ImportRun} options
 * @returns {Promise<{totals: Record<string, number>, complete: boolean, failed: number}>} `complete`: every line was tried;
 *   `failed`: lines that are not imported
 */
export async function runImport({ input, send, report, signal, delays = usualDelays }) {
  const totals = { lines: 0 };
  const queues = Array.from({ length: lanes }, () => new Lane());
  const stopped = new AbortController();
  const isStopped = () => stopped.signal.aborted || signal?.aborted;
  signal?.addEventListener('abort', () => queues.forEach((queue) => queue.end()), { once: true });
  const stop = (reason) => { if (!stopped.signal.aborted) stopped.abort(reason); queues.forEach((queue) => queue.end()); };
  let complete = true;

  const record = (line, userId, { outcome, field, reason }) => {
    totals[outcome] = (totals[outcome] ?? 0) + 1;
    report({ line, ...(userId === undefined ? {} : { userId }), outcome, ...(field ? { field } : {}), ...(reason ? { reason } : {}) });
  };

  async function attempt(batch) {
    try {
      return (await send(batch.map(({ connection }) => connection))).map(({ outcome, ...rest }) => ({ ...rest, outcome: outcomeName(outcome) }));
    } catch (error) {
      const refused = error instanceof CallRefused;
      if (refused && !passingCodes.includes(codeNames[error.code]) && !isBrokenOff(error)) throw error;
      if (!refused && !(error instanceof UserError)) throw error;
      return batch.map(() => ({ outcome: 'unavailable', reason: (refused && error.reason) || 'NOT_REACHED' }));
    }
  }

  async function work(queue) {
    for (let again = []; ;) {
      const batch = again.length > 0 ? again : await queue.take(batchSize);
      if (batch.length === 0) return;
      if (isStopped()) {
        // What was tried is reported as it stands; the rest is left to the next run.
        complete = false;
        for (const { line, connection, result } of batch.filter((item) => item.result)) record(line, connection.userId, result);
        again = [];
        continue;
      }
      const results = await attempt(batch);
      again = [];
      batch.forEach(({ line, connection, tries }, index) => {
        const result = results[index] ?? { outcome: 'unavailable', reason: 'NO_RESULT' };
        if (passing.includes(result.outcome) && !hopeless.includes(result.reason) && tries < delays.length) {
          again.push({ line, connection, tries: tries + 1, result });
        } else {
          record(line, connection.userId, result);
          if (hopeless.includes(result.reason)) stop();
        }
      });
      if (again.length > 0) await pause(delays[Math.max(...again.map(({ tries }) => tries)) - 1], undefined, { signal }).catch(() => {});
    }
  }

  async function read() {
    for await (const { number, text } of linesOf(input)) {
      if (isStopped()) {
        complete = false;
        return;
      }
      totals.lines += 1;
      const { connection, ...problem } = parseLine(text);
      if (connection) await queues[laneOf(connection.userId)].put({ line: number, connection, tries: 0 });
      else record(number, problem.userId, { outcome: 'invalid_line', field: problem.field, reason: problem.reason });
    }
  }

  const workers = queues.map((queue) => work(queue).catch((error) => { stop(); throw error; }));
  const reader = read().finally(() => queues.forEach((queue) => queue.end()));
  const [failure] = (await Promise.allSettled([reader, ...workers])).filter(({ status }) => status === 'rejected');
  if (failure) throw failure.reason;
  const good = done.reduce((sum, outcome) => sum + (totals[outcome] ?? 0), 0);
  return { totals, complete, failed: totals.lines - good };
}
