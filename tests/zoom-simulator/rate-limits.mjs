// SPDX-License-Identifier: Apache-2.0
// 429 answers in every shape that Zoom or anything before it sends, and the limits that cause them.
import { json } from './answers.mjs';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export const RETRY_AFTER_SHAPES = ['seconds', 'http_date', 'iso8601', 'none'];

/** What Zoom publishes per account: requests a second (resource-intensive ones a minute) and a day. 0: no limit. */
export const PLANS = {
  none: {},
  free: { Light: [4, 6000], Medium: [2, 2000], Heavy: [1, 1000], 'Resource-intensive': [10, 30_000] },
  pro: { Light: [30, 0], Medium: [20, 0], Heavy: [10, 30_000], 'Resource-intensive': [10, 30_000] },
  business: { Light: [80, 0], Medium: [60, 0], Heavy: [40, 60_000], 'Resource-intensive': [20, 60_000] },
};

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
export function rateLimited({ limit, shape, retryAt, quota = 30, category = 'Light' }) {
  const wholeSecond = Math.ceil(retryAt / 1000) * 1000;
  const headers = {
    'x-ratelimit-category': category,
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

/** Requests of one key within one length of time, counted from its start on the clock (fixed) or backwards (sliding). */
class Window {
  #times = [];
  #start = 0;
  #used = 0;

  /** @returns null when the request is within the quota, else when the next one would be */
  count({ now, length, quota, sliding }) {
    if (sliding) {
      const first = this.#times.findIndex((time) => time > now - length);
      this.#times.splice(0, first < 0 ? this.#times.length : first);
      if (this.#times.length >= quota) return this.#times[this.#times.length - quota] + length;
      this.#times.push(now);
      return null;
    }
    const start = Math.floor(now / length) * length;
    if (start !== this.#start) this.#used = 0;
    this.#start = start;
    this.#used += 1;
    return this.#used <= quota ? null : start + length;
  }

  /** @returns how many more requests fit now */
  left({ now, length, quota, sliding }) {
    const used = sliding
      ? this.#times.filter((time) => time > now - length).length
      : Number(Math.floor(now / length) * length === this.#start) * this.#used;
    return Math.max(0, quota - used);
  }
}

/** Limits per account (or app, at the token endpoint), per category of the account, and per user. */
export class RateLimits {
  #windows = new Map();

  constructor({ switches, ledger }) {
    Object.assign(this, { switches, ledger });
  }

  /**
   * Counts one API request.
   * @param category Zoom's class of the endpoint: a name in PLANS
   * @returns `{answer}`: a 429, or `{headers}` that tell the state of its category (empty without a plan)
   */
  checkApi(context, { account_id, user_id, client_id }, category = 'Light') {
    const { api_requests_per_second: perSecond, api_requests_per_day: perDay } = this.switches;
    const fields = { endpoint: context.endpoint, request_id: context.requestId, account_id, user_id, client_id };
    const { quota, length, daily } = this.#quotasOf(category);
    const key = `api ${account_id}`;
    const classes = { ...fields, category };
    const answer =
      this.#check(key, 'daily', perDay, fields) ??
      this.#check(key, 'per_second', perSecond, fields) ??
      this.#check(`${key} ${daily.shared ?? category}`, 'daily', daily.quota, classes) ??
      this.#check(`${key} ${category}`, 'per_second', quota, classes, length);
    if (answer) return { answer };
    if (quota === 0) return { headers: {} };
    const left = this.#window(`per_second ${key} ${category}`).left(this.#rule('per_second', quota, length));
    const names = { 'x-ratelimit-category': category, 'x-ratelimit-type': 'QPS', 'x-ratelimit-limit': String(quota) };
    return { headers: { ...names, 'x-ratelimit-remaining': String(left) } };
  }

  #quotasOf(category) {
    const { rate_plan: plan } = this.switches;
    const [published = 0, daily = 0] = PLANS[plan][category] ?? [];
    const override = this.switches[`${category.toLowerCase()}_per_second`] ?? 0;
    const heavy = category === 'Heavy' || category === 'Resource-intensive';
    return {
      quota: override || published,
      length: category === 'Resource-intensive' ? MINUTE_MS : SECOND_MS,
      // Paid plans have one daily number for both.
      daily: { quota: daily, shared: heavy && plan !== 'free' ? 'Heavy, Resource-intensive' : null },
    };
  }

  /** Counts one creation or change of a meeting. @returns Zoom's 429 for the user's day, or null */
  checkMeetingChange(context, { account_id, user_id, client_id }) {
    const quota = this.switches.meeting_changes_per_day;
    if (quota === 0) return null;
    const retryAt = this.#window(`daily changes ${user_id}`).count(this.#rule('daily', quota));
    if (retryAt === null) return null;
    const fields = { endpoint: context.endpoint, request_id: context.requestId, account_id, user_id, client_id };
    recordRateLimit(this.ledger, { ...fields, limit: 'daily', shape: 'none', retryAt: null });
    // As seen on the wire: the account's own numbers, no type and no Retry-After.
    const headers = { 'x-ratelimit-category': 'Light', 'x-ratelimit-limit': '6000', 'x-ratelimit-remaining': '5893' };
    const message =
      `You have exceeded the daily rate limit (${quota}) of Meeting Create/Update API requests permitted for ` +
      'this particular user. You may resume these requests at GMT 00:00:00.';
    return json(429, { code: 429, message }, headers);
  }

  /** Counts one token request. @returns a 429 answer, or null when it is within the limit */
  checkToken(context, app) {
    const fields = { endpoint: context.endpoint, request_id: context.requestId, client_id: app.client_id };
    return this.#check(`token ${app.client_id}`, 'per_second', this.switches.token_requests_per_second, fields);
  }

  reset() {
    this.#windows.clear();
  }

  /** How a limit counts: days are days of UTC whatever the switch says. */
  #rule(limit, quota, length = SECOND_MS) {
    if (limit === 'daily') return { now: Date.now(), length: DAY_MS, quota, sliding: false };
    return { now: Date.now(), length, quota, sliding: this.switches.rate_window === 'sliding' };
  }

  #window(name) {
    if (!this.#windows.has(name)) this.#windows.set(name, new Window());
    return this.#windows.get(name);
  }

  #check(key, limit, quota, fields, length) {
    if (quota === 0) return null;
    const retryAt = this.#window(`${limit} ${key}`).count(this.#rule(limit, quota, length));
    if (retryAt === null) return null;
    const chosen = this.switches.rate_limit_retry_after;
    // Zoom names the moment for daily limits only.
    const asZoom = limit === 'daily' ? 'iso8601' : 'none';
    const shape = chosen === 'as_zoom' ? asZoom : chosen;
    const { category } = fields;
    const limited = rateLimited({ limit, shape, retryAt, quota, category });
    recordRateLimit(this.ledger, { ...fields, limit, shape, retryAt: limited.retryAt });
    return limited.answer;
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
