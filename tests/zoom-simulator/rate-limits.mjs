// SPDX-License-Identifier: Apache-2.0
// 429 answers in every shape that Zoom or anything before it sends, and the limits that cause them.
import { json } from './answers.mjs';

const DAY_MS = 86_400_000;

export const RETRY_AFTER_SHAPES = ['seconds', 'http_date', 'iso8601', 'none'];

const MESSAGES = {
  per_second: 'You have reached the maximum per-second rate limit for this API. Try again later.',
  daily:
    'You have reached the maximum daily rate limit for this API. Refer to the response header for ' +
    'details on when you can make another request.',
};

/**
 * A 429 answer.
 * @param limit `per_second` or `daily`
 * @param shape one of RETRY_AFTER_SHAPES
 * @param retryAt epoch milliseconds before which the caller should not come back; dates are rounded
 *   up to whole seconds, so that a caller who obeys is never early
 * @returns `{answer, retryAt}` with the moment that the header really names (null for `none`)
 */
export function rateLimited({ limit, shape, retryAt, quota = 30 }) {
  const wholeSecond = Math.ceil(retryAt / 1000) * 1000;
  const headers = {
    'x-ratelimit-category': 'Light',
    'x-ratelimit-type': limit === 'daily' ? 'Daily-limit' : 'QPS',
    'x-ratelimit-limit': String(quota),
    'x-ratelimit-remaining': '0',
  };
  const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
  if (shape === 'seconds') headers['retry-after'] = String(seconds);
  if (shape === 'http_date') headers['retry-after'] = new Date(wholeSecond).toUTCString();
  if (shape === 'iso8601') headers['retry-after'] = new Date(wholeSecond).toISOString().replace('.000Z', 'Z');
  const named = { seconds: Date.now() + seconds * 1000, http_date: wholeSecond, iso8601: wholeSecond, none: null };
  return { answer: json(429, { code: 429, message: MESSAGES[limit] }, headers), retryAt: named[shape] };
}

/** Fixed windows of a second and of a UTC day, per key (an account, or an app at the token endpoint). */
export class RateLimits {
  #windows = new Map();

  constructor({ switches, ledger }) {
    Object.assign(this, { switches, ledger });
  }

  /** Counts one API request. @returns a 429 answer, or null when it is within the limits */
  checkApi(context, { account_id, user_id, client_id }) {
    const { api_requests_per_second: perSecond, api_requests_per_day: perDay } = this.switches;
    const fields = { endpoint: context.endpoint, request_id: context.requestId, account_id, user_id, client_id };
    return (
      this.#check(`api ${account_id}`, 'daily', perDay, fields) ??
      this.#check(`api ${account_id}`, 'per_second', perSecond, fields)
    );
  }

  /** Counts one token request. @returns a 429 answer, or null when it is within the limit */
  checkToken(context, app) {
    const fields = { endpoint: context.endpoint, request_id: context.requestId, client_id: app.client_id };
    return this.#check(`token ${app.client_id}`, 'per_second', this.switches.token_requests_per_second, fields);
  }

  reset() {
    this.#windows.clear();
  }

  #check(key, limit, quota, fields) {
    if (quota === 0) return null;
    const length = limit === 'daily' ? DAY_MS : 1000;
    const start = Math.floor(Date.now() / length) * length;
    const name = `${limit} ${key}`;
    let window = this.#windows.get(name);
    if (window?.start !== start) this.#windows.set(name, (window = { start, used: 0 }));
    window.used += 1;
    if (window.used <= quota) return null;
    const chosen = this.switches.rate_limit_retry_after;
    // Zoom names the moment for daily limits only.
    const asZoom = limit === 'daily' ? 'iso8601' : 'none';
    const shape = chosen === 'as_zoom' ? asZoom : chosen;
    const { answer, retryAt } = rateLimited({ limit, shape, retryAt: start + length, quota });
    recordRateLimit(this.ledger, { ...fields, limit, shape, retryAt });
    return answer;
  }
}

/** Writes a 429 into the ledger with the moment that it named, so that early callers can be found. */
export function recordRateLimit(ledger, { limit, shape, retryAt, ...fields }) {
  ledger.append('rate_limited', {
    ...fields,
    limit,
    retry_after_shape: shape,
    retry_at: retryAt === null ? null : new Date(retryAt).toISOString(),
  });
}
