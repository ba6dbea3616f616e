// SPDX-License-Identifier: Apache-2.0
// Zoom's webhooks as Zoom sends them, and what automation makes of them.
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { signatureOf, zoomJson } from '../../zoom-simulator/webhooks.mjs';
import { gatewayClient } from '../../support-js/https.mjs';
import { inTheNameOf } from '../../support-js/assertions.mjs';
import { eventually } from './conditions.mjs';
import { literal } from './databases.mjs';
import { LinkDriver } from './linking.mjs';

const projectId = 'demo';

/** Milliseconds of a moment that no other test uses. */
let moments = Date.parse('2030-01-01T00:00:00Z');
export const nextMoment = () => (moments += 1_000);

export const secondsNow = () => String(Math.floor(Date.now() / 1000));

/** One payload for each of the nine triggers, by Zoom's name of the event: ids in the form that Zoom uses there. */
export function payloadsOf({ id: hostId, account_id: accountId }, topic) {
  const meeting = (extra, id = 98_884_753_832) => ({ account_id: accountId, object: { uuid: '5yDZGNlQSV6qOjg4NxajHQ==', id, host_id: hostId, topic, type: 2, ...extra } });
  const participant = { user_id: '16778240', user_name: `Guest of ${topic}`, id: '', participant_uuid: 'pu', join_time: '2030-01-01T00:00:01Z' };
  const file = { id: 'file-1', file_type: 'MP4', recording_type: 'active_speaker', file_size: 7_254_107, download_url: 'https://zoom.example/rec/1', recording_start: '2030-01-01T00:00:01Z' };
  return {
    'meeting.created': meeting({ start_time: '2030-01-01T09:00:00Z', duration: 60, timezone: 'Asia/Tokyo', join_url: 'https://zoom.example/j/1', password: 'PaSs' }),
    'meeting.updated': { account_id: accountId, operator_id: hostId, object: { id: 98_884_753_832, topic }, old_object: { id: 98_884_753_832, topic: `old ${topic}` } },
    'meeting.ended': meeting({ end_time: '2030-01-01T10:00:00Z' }, '98884753832'),
    'meeting.registration_created': meeting({ registrant: { id: 'r1', first_name: 'Reg', last_name: topic, email: 'reg@zoom.example', status: 'approved' } }),
    'meeting.participant_joined': meeting({ participant }, '98884753832'),
    'meeting.participant_left': meeting({ participant: { ...participant, leave_time: '2030-01-01T00:30:00Z', leave_reason: 'left.<br>' } }, '98884753832'),
    'recording.started': meeting({ recording_file: { recording_start: '2030-01-01T00:00:01Z', recording_end: null } }),
    'recording.completed': meeting({ share_url: 'https://zoom.example/rec/share/1', recording_files: [file] }),
    'recording.transcript_completed': meeting({ recording_files: [{ ...file, file_type: 'TRANSCRIPT', recording_type: 'audio_transcript' }] }),
  };
}

export class WebhookDriver extends LinkDriver {
  constructor(stack) {
    super(stack);
    this.http = gatewayClient(stack);
    this.secret = readFileSync(stack.keys.secretFile('zoom-webhook'), 'utf8').trim();
  }

  close() {
    this.http.close();
    super.close();
  }

  /** A message of Zoom's as the simulator writes it. */
  message(event, payload, time = nextMoment()) {
    return { event, payload, event_ts: time };
  }

  /**
   * Sends bytes as Zoom does, signed unless told otherwise.
   * @param {object|string|Buffer} body an object is written as Zoom writes JSON
   * @param {{path?: string, secret?: string, timestamp?: string, signature?: string|null, headers?: object}} [options]
   */
  send(body, { path = `/webhooks/zoom/${projectId}`, secret = this.secret, timestamp = secondsNow(), signature, headers = {} } = {}) {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : zoomJson(body));
    const signed = signature === undefined ? signatureOf(secret, timestamp, bytes) : signature;
    return this.http.fetch(path, {
      method: 'POST',
      body: bytes,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        ...(timestamp === null ? {} : { 'x-zm-request-timestamp': timestamp }),
        ...(signed === null ? {} : { 'x-zm-signature': signed }),
        ...headers,
      },
    });
  }

  /** The signature of these bytes now. */
  signature(bytes, timestamp = secondsNow()) {
    return signatureOf(this.secret, timestamp, bytes);
  }

  encrypted(plainToken, secret = this.secret) {
    return createHmac('sha256', secret).update(plainToken).digest('hex');
  }

  /** The events that a user was told, all pages. */
  async events(userId, { replica = this.stack.automation[0] } = {}) {
    const found = [];
    for (let pageToken = ''; ;) {
      const metadata = inTheNameOf(this.stack, { audience: 'automation', userId });
      const page = await this.as('gateway', replica).listTriggerEvents({ projectId, userId, pageToken, pageSize: 100 }, { metadata });
      found.push(...page.triggerEvents);
      if (page.triggerEvents.length === 0) return found;
      pageToken = page.nextPageToken;
    }
  }

  /** Waits until a user was told so many events. */
  told(userId, count) {
    return eventually(`${count} events are told`, async () => {
      const events = await this.events(userId);
      return events.length >= count && events;
    });
  }

  /** What came in, as operators see it. */
  async webhooks(request = {}) {
    const found = [];
    for (let pageToken = ''; ;) {
      const page = await this.as('operator', this.stack.automation[0]).listWebhooks({ projectId, pageSize: 100, pageToken, ...request });
      found.push(...page.webhooks);
      if (!page.nextPageToken) return found;
      pageToken = page.nextPageToken;
    }
  }

  replay(request) {
    return this.as('operator', this.stack.automation[0]).replayWebhooks({ projectId, ...request });
  }

  /** The rows of the inbox that fulfil a condition. */
  rows(condition = 'true') {
    return this.stack.postgres.query('automation', `SELECT webhook_id, state, reason, event, user_id, body IS NOT NULL AS body, attempts, duplicates FROM webhooks WHERE ${condition} ORDER BY receive_id`);
  }

  /** Returns when nothing waits to be read or told. */
  idle(limitMs = 30_000) {
    return eventually('everything is read and told', async () => (await this.rows('state IN (\'received\', \'held\')')).length === 0, limitMs);
  }

  rowsOf(userId) {
    return this.rows(`user_id = ${literal(userId)}`);
  }
}

/** A text that occurs nowhere else. */
export const canary = () => `canary-${randomUUID()}`;
