// SPDX-License-Identifier: Apache-2.0
// Webhooks to an app: signed over the bytes sent, tried again on failure, every attempt recorded.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { trackingId } from './answers.mjs';
import { randomText } from './random.mjs';

const RECORDED_ANSWER_BYTES = 4096;

/** JSON as Zoom writes it: astral characters as upper-case escapes, everything else raw UTF-8. */
export function zoomJson(value) {
  return JSON.stringify(value).replace(
    /[\ud800-\udfff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The x-zm-signature of a body. @param timestamp text of the x-zm-request-timestamp header */
export function signatureOf(secretToken, timestamp, body) {
  return `v0=${createHmac('sha256', secretToken).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
}

/** Sends webhooks and keeps the repetitions that are still to come; those end with the process. */
export class Webhooks {
  #waiting = new Map();
  #next = 1;

  constructor({ ledger, switches }) {
    Object.assign(this, { ledger, switches });
  }

  /** Tells the app that a user removed it, or that its grant was revoked. @param grant names user and account */
  sendDeauthorized(app, { user_id, account_id }) {
    const now = new Date();
    const payload = {
      account_id,
      user_id,
      // Zoom does not document this field's algorithm; receivers authenticate by the header.
      signature: randomText(32, 'hex'),
      deauthorization_time: now.toISOString(),
      client_id: app.client_id,
    };
    const place = this.switches.deauthorized_event_ts;
    if (place === 'payload') payload.event_ts = now.getTime();
    return this.send(
      app,
      {
        event: 'app_deauthorized',
        payload,
        ...(place === 'top_level' ? { event_ts: now.getTime() } : {}),
      },
      { user_id, account_id },
    );
  }

  /** Sends any event to the app's webhook URL. @returns a delivery id, or null when the app has no webhook */
  send(app, message, about = {}) {
    if (!app.webhook) return null;
    const delivery = {
      id: `w${this.#next++}`,
      client_id: app.client_id,
      event: message.event ?? null,
      about,
      attempt: 0,
      webhook: app.webhook,
      body: Buffer.from(zoomJson(message)),
      timestamp: null,
    };
    this.#attempt(delivery);
    return delivery.id;
  }

  /** Deliveries that wait for their next attempt. */
  waiting() {
    return [...this.#waiting.values()].map(({ delivery }) => ({
      delivery_id: delivery.id,
      client_id: delivery.client_id,
      event: delivery.event,
      attempts: delivery.attempt,
    }));
  }

  /** Makes the next attempt of every waiting delivery now. @returns how many */
  retryNow() {
    const due = [...this.#waiting.values()];
    for (const { delivery, timer } of due) {
      clearTimeout(timer);
      this.#attempt(delivery);
    }
    return due.length;
  }

  /** Forgets every waiting delivery. */
  cancel() {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  async #attempt(delivery) {
    this.#waiting.delete(delivery.id);
    delivery.attempt += 1;
    if (delivery.timestamp === null || this.switches.webhook_retry_timestamp === 'new') {
      delivery.timestamp = String(Math.floor(Date.now() / 1000));
    }
    const result = await post(delivery);
    const delivered = result.status >= 200 && result.status < 300;
    const delay =
      delivered || !this.#isRetried(result) ? undefined : delivery.webhook.retry_delays_ms[delivery.attempt - 1];
    this.ledger.append('webhook_sent', {
      delivery_id: delivery.id,
      client_id: delivery.client_id,
      event: delivery.event,
      ...delivery.about,
      attempt: delivery.attempt,
      outcome: delivered ? 'delivered' : 'failed',
      will_retry: delay !== undefined,
      url: delivery.webhook.url,
      timestamp: delivery.timestamp,
      body: delivery.body.toString('utf8'),
      ...result,
    });
    if (delay === undefined) return;
    const timer = setTimeout(() => this.#attempt(delivery), delay);
    this.#waiting.set(delivery.id, { delivery, timer });
  }

  #isRetried({ status }) {
    return this.switches.webhook_retries === 'any_failure' || status === null || status >= 500;
  }
}

/** One POST. @returns `{status, answer, error}`; status null when no answer came in time */
function post({ webhook, body, timestamp, client_id }) {
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    'user-agent': 'Zoom Marketplace/1.0a',
    clientid: client_id,
    'x-zm-request-timestamp': timestamp,
    'x-zm-signature': signatureOf(webhook.secret_token, timestamp, body),
    'x-zm-trackingid': trackingId(),
    ...(webhook.verification_token ? { authorization: webhook.verification_token } : {}),
  };
  return new Promise((resolve) => {
    const end = (result) => {
      clearTimeout(timer);
      resolve(result);
    };
    const fail = (error) => end({ status: null, answer: null, error: error.code ?? error.message });
    const timer = setTimeout(() => request?.destroy(new Error('timeout')), webhook.timeout_ms);
    let request;
    try {
      const secure = webhook.url.startsWith('https:');
      const options = {
        method: 'POST',
        headers,
        ...(secure && webhook.ca_file ? { ca: readFileSync(webhook.ca_file) } : {}),
      };
      request = (secure ? https : http).request(webhook.url, options, (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          answer = (answer + chunk).slice(0, RECORDED_ANSWER_BYTES);
        });
        response.on('end', () => end({ status: response.statusCode, answer, error: null }));
        response.on('error', fail);
      });
      request.on('error', fail);
      request.end(body);
    } catch (error) {
      fail(error);
    }
  });
}
