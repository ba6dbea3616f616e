// SPDX-License-Identifier: Apache-2.0
// The meetings that exist, with their registrants and dates. What is said about them in the API is in api-meetings.mjs.
import { randomBytes } from 'node:crypto';
import { randomText } from './random.mjs';

const MOST_OCCURRENCES = 60;
const DAY_MS = 86_400_000;
const PERIODS_MS = { 1: DAY_MS, 2: 7 * DAY_MS, 3: 30 * DAY_MS };

export const RECURRING = [3, 8];

/** 2026-01-02T03:04:05Z, as Zoom writes times. */
export const zoomTime = (moment) => new Date(moment).toISOString().replace(/\.\d+/, '');

/** Meetings by number and by UUID. Each method is one atomic step. */
export class Meetings {
  #byId = new Map();
  #byUuid = new Map();
  #pages = new Map();
  #made = 0;

  /** @param options `{changed}`: called after each change */
  constructor({ changed = () => {} } = {}) {
    this.changed = changed;
  }

  /**
   * Makes a meeting of a user.
   * @param fields as the API takes them, checked
   * @returns the meeting: `{id, uuid, host_id, fields, status, registrants, occurrences, ...}`
   */
  create(user, fields) {
    const meeting = {
      id: this.#newId(),
      uuid: this.#newUuid(),
      host_id: user.id,
      account_id: user.account_id,
      created_at: zoomTime(Date.now()),
      status: 'waiting',
      password: randomText(6).slice(0, 6),
      fields: { topic: 'Zoom Meeting', type: 2, duration: 60, timezone: user.timezone, ...fields },
      occurrences: [],
      registrants: [],
    };
    if (meeting.fields.type !== 3) meeting.fields.start_time ??= meeting.created_at;
    meeting.occurrences = occurrencesOf(meeting);
    this.#add(meeting);
    this.changed();
    return meeting;
  }

  #add(meeting) {
    this.#byId.set(meeting.id, meeting);
    this.#byUuid.set(meeting.uuid, meeting);
  }

  // Eleven digits: more than 32 bits hold.
  #newId() {
    for (;;) {
      const id = 80_000_000_000 + (randomBytes(6).readUIntBE(0, 6) % 19_999_999_999);
      if (!this.#byId.has(id)) return id;
    }
  }

  // Every fourth begins with a slash, every fourth holds two in a row: those that have to be encoded twice.
  #newUuid() {
    const bytes = randomBytes(16);
    this.#made += 1;
    if (this.#made % 4 === 1) bytes[0] |= 0xfc;
    if (this.#made % 4 === 3) bytes.fill(0xff, 6, 9);
    return bytes.toString('base64');
  }

  /** @param reference a number as text, or a UUID. @returns the meeting, or null */
  find(reference) {
    const byId = /^\d{1,19}$/.test(reference) ? this.#byId.get(Number(reference)) : undefined;
    return byId ?? this.#byUuid.get(reference) ?? null;
  }

  /** Merges checked fields; settings are merged one by one. */
  change(meeting, { settings, ...fields }) {
    Object.assign(meeting.fields, fields);
    if (settings) meeting.fields.settings = { ...meeting.fields.settings, ...settings };
    if (['start_time', 'recurrence', 'type', 'duration'].some((name) => name in fields)) {
      meeting.occurrences = occurrencesOf(meeting);
    }
    this.changed();
  }

  setStatus(meeting, status) {
    meeting.status = status;
    this.changed();
  }

  remove(meeting) {
    this.#byId.delete(meeting.id);
    this.#byUuid.delete(meeting.uuid);
    this.changed();
  }

  /** @returns the registrant: a new one, or the one that has the e-mail address already */
  register(meeting, fields, status) {
    const known = meeting.registrants.find(({ email }) => email.toLowerCase() === fields.email.toLowerCase());
    if (known) return known;
    const registrant = {
      id: randomText(17).slice(0, 22),
      ...fields,
      status,
      create_time: zoomTime(Date.now()),
      participant_pin_code: 100_000 + (randomBytes(3).readUIntBE(0, 3) % 899_999),
    };
    meeting.registrants.push(registrant);
    this.changed();
    return registrant;
  }

  unregister(meeting, registrant) {
    meeting.registrants = meeting.registrants.filter((other) => other !== registrant);
    this.changed();
  }

  /** @param hostId the meetings of one user; all without. @returns in the order in which they were made */
  list(hostId) {
    const all = [...this.#byId.values()];
    return hostId === undefined ? all : all.filter((meeting) => meeting.host_id === hostId);
  }

  // ---- pages

  /**
   * One page of a list.
   * @param request `{name, items, pageSize, token, lifetimeMs}`; `name` is what has to stay the same from page to page
   * @returns `{items, total, nextPageToken}`, or null when the token is unknown, expired, or another list's
   */
  page({ name, items, pageSize, token, lifetimeMs }) {
    let from = { rest: items, total: items.length };
    if (token) {
      const known = this.#pages.get(token);
      if (!known || known.name !== name || known.expires_at <= Date.now()) return null;
      from = known;
    }
    const rest = from.rest.slice(pageSize);
    let nextPageToken = '';
    if (rest.length > 0) {
      nextPageToken = randomText(24);
      this.#pages.set(nextPageToken, { name, rest, total: from.total, expires_at: Date.now() + lifetimeMs });
    }
    return { items: from.rest.slice(0, pageSize), total: from.total, nextPageToken };
  }

  clear() {
    for (const map of [this.#byId, this.#byUuid, this.#pages]) map.clear();
    this.changed();
  }

  snapshot() {
    return this.list();
  }

  restore(snapshot) {
    for (const meeting of snapshot) this.#add(meeting);
  }
}

/** The dates of a meeting that recurs at fixed times. */
function occurrencesOf({ fields }) {
  if (fields.type !== 8) return [];
  const { type = 1, repeat_interval: interval = 1, end_times: count = 1 } = fields.recurrence ?? {};
  const first = Date.parse(/Z$/.test(fields.start_time) ? fields.start_time : `${fields.start_time}Z`);
  return Array.from({ length: Math.min(count, MOST_OCCURRENCES) }, (_, index) => {
    const start = first + index * interval * (PERIODS_MS[type] ?? DAY_MS);
    return { occurrence_id: String(start), start_time: zoomTime(start), duration: fields.duration, status: 'available' };
  });
}
