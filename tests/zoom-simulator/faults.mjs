// SPDX-License-Identifier: Apache-2.0
// Faults: queued instructions for the next requests of an endpoint, and the barriers that hold
// requests until a test releases them.
import { randomBytes } from 'node:crypto';
import { boolean, integer, InvalidInput, json as anyJson, object, parse, string } from './schema.mjs';
import { rateLimited, recordRateLimit, RETRY_AFTER_SHAPES } from './rate-limits.mjs';

export const ENDPOINTS = ['authorize', 'sign_in', 'consent', 'token', 'revoke', 'profile', 'api'];

const BARRIER = string({ pattern: /^[A-Za-z0-9_.-]{1,64}$/, hint: 'must be 1 to 64 of A-Z a-z 0-9 _ . -' });
const INTERRUPTION = object({ delay_ms: integer({ max: 600_000 }), hold: BARRIER, reset: boolean() });

const HTML =
  '<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n' +
  '<body><center><h1>502 Bad Gateway</h1></center></body></html>\n';

const FAULT = object({
  endpoint: string({ values: [...ENDPOINTS, '*'], required: true }),
  match: object(
    {
      client_id: string(),
      user_id: string(),
      grant_type: string({ values: ['authorization_code', 'refresh_token'] }),
      method: string(),
      path: string(),
    },
    { default: {} },
  ),
  skip: integer({ default: 0 }),
  times: integer({ min: 1, nullable: true, default: 1 }),
  before: INTERRUPTION,
  process: boolean(),
  answer: object({
    status: integer({ min: 200, max: 599 }),
    headers: anyJson(),
    content_type: string(),
    body: anyJson(),
    preset: string({ values: ['html', 'garbage', 'empty'] }),
    bytes: integer({ max: 1 << 28 }),
  }),
  rate_limit: object({
    retry_after: string({ values: RETRY_AFTER_SHAPES, default: 'seconds' }),
    limit: string({ values: ['per_second', 'daily'], default: 'per_second' }),
    after_s: integer({ default: 1 }),
  }),
  after: INTERRUPTION,
  truncate_at: integer(),
  drip: object({ bytes: integer({ min: 1, default: 1 }), interval_ms: integer({ default: 10 }) }),
});

/** The queue of faults. A request takes the oldest one that fits; one request, one fault. */
export class Faults {
  #queue = [];
  #next = 1;

  constructor({ ledger }) {
    this.ledger = ledger;
  }

  /** @param definition as README.md describes. @returns the queued fault. @throws {InvalidInput} */
  add(definition) {
    const fault = parse(FAULT, definition);
    if (fault.answer && fault.rate_limit) {
      throw new InvalidInput([{ field: 'rate_limit', detail: 'cannot be combined with answer' }]);
    }
    const headers = Object.entries(fault.answer?.headers ?? {});
    if (headers.some(([, value]) => typeof value !== 'string')) {
      throw new InvalidInput([{ field: 'answer.headers', detail: 'must map names to texts' }]);
    }
    fault.process ??= !fault.answer && !fault.rate_limit;
    fault.id = `f${this.#next++}`;
    fault.left = fault.times;
    this.#queue.push(fault);
    return fault;
  }

  /** True when a request could meet a fault; spares the matching on the usual path. */
  get pending() {
    return this.#queue.length > 0;
  }

  /** Takes the fault for this request. @param subject `{endpoint, client_id, user_id, grant_type}` */
  take(subject) {
    for (const fault of this.#queue) {
      if (!fits(fault, subject)) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      if (fault.left !== null && --fault.left === 0) this.#queue.splice(this.#queue.indexOf(fault), 1);
      return fault;
    }
    return null;
  }

  list() {
    return [...this.#queue];
  }

  /** Removes one fault, or all without an id. @returns how many */
  remove(id) {
    const before = this.#queue.length;
    this.#queue = id === undefined ? [] : this.#queue.filter((fault) => fault.id !== id);
    return before - this.#queue.length;
  }

  /** The answer that a fault puts in place of the real one; null when it puts none. */
  replacement(fault, context, subject) {
    if (fault.rate_limit) {
      const { limit, retry_after: shape, after_s: seconds } = fault.rate_limit;
      const { answer, retryAt } = rateLimited({ limit, shape, retryAt: Date.now() + seconds * 1000 });
      recordRateLimit(this.ledger, {
        endpoint: context.endpoint,
        request_id: context.requestId,
        ...subject,
        limit,
        shape,
        retryAt,
      });
      return answer;
    }
    return fault.answer ? fixedAnswer(fault.answer) : null;
  }
}

function fits(fault, subject) {
  if (fault.endpoint !== '*' && fault.endpoint !== subject.endpoint) return false;
  return Object.entries(fault.match).every(([name, wanted]) => subject[name] === wanted);
}

/** `length` bytes that repeat with a period which no chunk size has, so that a piece at a wrong place shows. */
export function countedBytes(length) {
  const period = Buffer.from(Array.from({ length: 251 }, (_, index) => index));
  return Buffer.alloc(length, period);
}

function fixedAnswer({ status = 500, headers = {}, content_type: type, body = '', preset, bytes }) {
  const presets = {
    html: ['text/html', HTML],
    garbage: ['application/json', randomBytes(256)],
    empty: ['application/json', ''],
  };
  const counted = bytes === undefined ? null : ['application/octet-stream', countedBytes(bytes)];
  const [presetType, presetBody] = counted ?? presets[preset] ?? [null, body];
  const isText = typeof presetBody === 'string' || Buffer.isBuffer(presetBody);
  return {
    status,
    headers: {
      'content-type': type ?? presetType ?? (isText ? 'text/plain' : 'application/json;charset=UTF-8'),
      ...headers,
    },
    body: Buffer.from(isText ? presetBody : JSON.stringify(presetBody)),
  };
}

/** Named barriers. A held request waits until release(), whether or not its client still does. */
export class Barriers {
  #held = new Map();
  #waiters = new Set();

  /** Holds the caller. @param info shown to tests while it is held */
  hold(name, info) {
    return new Promise((resolve) => {
      if (!this.#held.has(name)) this.#held.set(name, []);
      this.#held.get(name).push({ resolve, info });
      for (const waiter of [...this.#waiters]) waiter();
    });
  }

  held(name) {
    return (this.#held.get(name) ?? []).map(({ info }) => info);
  }

  names() {
    return [...this.#held.keys()];
  }

  /** Releases the oldest `count` requests of a barrier. @returns how many were held */
  release(name, count = Infinity) {
    const released = (this.#held.get(name) ?? []).splice(0, count);
    if (this.#held.get(name)?.length === 0) this.#held.delete(name);
    for (const { resolve } of released) resolve();
    return released.length;
  }

  releaseAll() {
    for (const name of this.names()) this.release(name);
  }

  /** Resolves to true once `count` requests are held, to false after `timeoutMs`. */
  waitHeld(name, count, timeoutMs) {
    if (this.held(name).length >= count) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (reached) => {
        clearTimeout(timer);
        this.#waiters.delete(look);
        resolve(reached);
      };
      const look = () => this.held(name).length >= count && finish(true);
      const timer = setTimeout(finish, timeoutMs, false);
      this.#waiters.add(look);
    });
  }
}
