// SPDX-License-Identifier: Apache-2.0
// The people who have a Zoom account here, and what GET /v2/users/me tells about them.
import { createHash } from 'node:crypto';
import { randomText } from './random.mjs';
import { boolean, integer, json, object, parse, partial, string } from './schema.mjs';

const ID = { pattern: /^[A-Za-z0-9_-]{1,64}$/, hint: 'must be 1 to 64 of A-Z a-z 0-9 _ -' };

/** What a user may have, in the configuration and in the control API. */
export const USER_SCHEMA = object({
  id: string(ID),
  account_id: string(ID),
  email: string({ required: true, max: 254, pattern: /^[^\s@]+@[^\s@]+$/, hint: 'must be an e-mail address' }),
  password: string({ max: 128 }),
  first_name: string({ required: true, max: 64 }),
  last_name: string({ required: true, max: 64 }),
  display_name: string({ max: 128 }),
  type: integer({ values: [1, 2, 4, 99], default: 2 }),
  zoom_phone: boolean({ default: true }),
  phone_number: string({ max: 32 }),
  language: string({ max: 16, default: 'en-US' }),
  timezone: string({ max: 64, default: 'UTC' }),
  status: string({ values: ['active', 'inactive'], default: 'active' }),
  // Merged over the profile answer; a null takes the field away.
  profile: json(),
});

const identifier = (seed) => createHash('sha256').update(seed).digest('base64url').slice(0, 22);
const HANAMI = identifier('account:hanami');
const NORTHWIND = identifier('account:northwind');

/** Six people in two accounts, with and without a Zoom Phone licence. */
export const DEFAULT_USERS = [
  {
    email: 'aiko.tanaka@hanami.example',
    password: 'aiko-cherry-1',
    first_name: '愛子',
    last_name: '田中',
    display_name: '田中 愛子',
    account_id: HANAMI,
    language: 'jp-JP',
    timezone: 'Asia/Tokyo',
    phone_number: '+81345500101',
  },
  {
    email: 'sakura.yoshino@hanami.example',
    password: 'sakura-river-1',
    first_name: 'さくら',
    last_name: '𠮷野',
    display_name: '𠮷野 さくら',
    account_id: HANAMI,
    language: 'jp-JP',
    timezone: 'Asia/Tokyo',
    phone_number: '+81345500102',
  },
  {
    email: 'kenji.sato@hanami.example',
    password: 'kenji-maple-1',
    first_name: 'Kenji',
    last_name: 'Sato',
    account_id: HANAMI,
    type: 1,
    zoom_phone: false,
    timezone: 'Asia/Tokyo',
  },
  {
    email: 'james.oconnor@northwind.example',
    password: 'james-harbor-1',
    first_name: 'James',
    last_name: 'O’Connor',
    account_id: NORTHWIND,
    timezone: 'America/New_York',
    phone_number: '+12025550143',
  },
  {
    email: 'elodie.mueller@northwind.example',
    password: 'elodie-garden-1',
    first_name: 'Élodie',
    last_name: 'Müller',
    account_id: NORTHWIND,
    language: 'de-DE',
    timezone: 'Europe/Berlin',
    phone_number: '+493055500104',
  },
  {
    email: 'maria.nunez@northwind.example',
    password: 'maria-summer-1',
    first_name: 'María José',
    last_name: 'Núñez',
    account_id: NORTHWIND,
    language: 'es-ES',
    type: 1,
    zoom_phone: false,
    timezone: 'Europe/Madrid',
  },
];

/** Users by id; ids and e-mail addresses (case-insensitive) are unique. */
export class Users {
  #byId = new Map();
  #byEmail = new Map();

  constructor(definitions) {
    for (const definition of definitions) this.add({ id: identifier(`user:${definition.email}`), ...definition });
  }

  /**
   * Adds a user; what is absent is made up (id, account, password).
   * @throws {InvalidInput} on bad fields; Error with `conflict` when id or e-mail is taken
   */
  add(definition) {
    const user = parse(USER_SCHEMA, definition);
    user.id ??= randomText(17).slice(0, 22);
    user.account_id ??= HANAMI;
    user.password ??= `test-${randomText(9)}`;
    user.created_at ??= new Date().toISOString().replace(/\.\d+/, '');
    if (this.#byId.has(user.id)) throw conflict(`a user with the id ${user.id} exists`);
    if (this.findByEmail(user.email)) throw conflict(`a user with the e-mail ${user.email} exists`);
    this.#byId.set(user.id, user);
    this.#byEmail.set(user.email.toLowerCase(), user);
    return user;
  }

  /** Changes some fields; the id stays. @throws as add */
  change(user, changes) {
    const { id: _, ...rest } = parse(partial(USER_SCHEMA), changes);
    const holder = rest.email && this.findByEmail(rest.email);
    if (holder && holder !== user) throw conflict(`a user with the e-mail ${rest.email} exists`);
    this.#byEmail.delete(user.email.toLowerCase());
    Object.assign(user, rest);
    this.#byEmail.set(user.email.toLowerCase(), user);
    return user;
  }

  remove(user) {
    this.#byId.delete(user.id);
    this.#byEmail.delete(user.email.toLowerCase());
  }

  get(id) {
    return this.#byId.get(id) ?? null;
  }

  findByEmail(email) {
    return this.#byEmail.get(String(email).toLowerCase()) ?? null;
  }

  /** The user of that id or e-mail address; null when there is none. */
  find(idOrEmail) {
    return this.get(idOrEmail) ?? this.findByEmail(idOrEmail);
  }

  list() {
    return [...this.#byId.values()];
  }

  snapshot() {
    return this.list();
  }

  /** Puts a snapshot over the configured users: stored users win, configured new ones stay. */
  restore(snapshot) {
    for (const { created_at, ...stored } of snapshot) {
      const old = this.get(stored.id) ?? this.findByEmail(stored.email);
      if (old) this.remove(old);
      this.add(stored).created_at = created_at;
    }
  }
}

function conflict(message) {
  return Object.assign(new Error(message), { conflict: true });
}

/** The body of GET /v2/users/me for an active user. */
export function profileOf(user) {
  const accountNumber = Number.parseInt(createHash('sha256').update(user.account_id).digest('hex').slice(0, 10), 16);
  const profile = {
    id: user.id,
    first_name: user.first_name,
    last_name: user.last_name,
    display_name: user.display_name ?? `${user.first_name} ${user.last_name}`,
    email: user.email,
    type: user.type,
    role_name: 'Member',
    role_id: '2',
    pmi: 1_000_000_000 + (accountNumber % 8_999_999_999),
    use_pmi: false,
    timezone: user.timezone,
    verified: 1,
    dept: '',
    created_at: user.created_at,
    user_created_at: user.created_at,
    last_login_time: user.created_at,
    pic_url: '',
    cms_user_id: '',
    jid: `${user.id.toLowerCase()}@xmpp.zoom.us`,
    group_ids: [],
    im_group_ids: [],
    account_id: user.account_id,
    account_number: accountNumber,
    language: user.language,
    phone_country: '',
    phone_number: '',
    phone_numbers: phoneNumbers(user),
    status: 'active',
    job_title: '',
    company: '',
    location: '',
    login_types: [100],
    cluster: 'us02',
  };
  for (const [name, value] of Object.entries(user.profile ?? {})) {
    if (value === null) delete profile[name];
    else profile[name] = value;
  }
  return profile;
}

function phoneNumbers(user) {
  if (!user.zoom_phone || !user.phone_number) return [];
  return [{ country: '', code: '', number: user.phone_number, verified: true, label: 'Office' }];
}
