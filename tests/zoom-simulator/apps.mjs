// SPDX-License-Identifier: Apache-2.0
// The registered apps: credentials, redirect allow list, scopes, token lifetimes, webhook.
import { readFileSync } from 'node:fs';
import { boolean, integer, InvalidInput, list, object, parse, partial, string } from './schema.mjs';

const MINUTE_MS = 60_000;
const DAY_S = 86_400;

const WEBHOOK = object(
  {
    url: string({ required: true, pattern: /^https?:\/\//, hint: 'must be an http or https URL' }),
    secret_token: string(),
    secret_token_file: string(),
    verification_token: string(),
    ca_file: string(),
    timeout_ms: integer({ min: 1, default: 3000 }),
    retry_delays_ms: list(integer(), { default: [5 * MINUTE_MS, 20 * MINUTE_MS, 60 * MINUTE_MS] }),
  },
  { nullable: true },
);

const APP = object({
  client_id: string({
    required: true,
    max: 128,
    pattern: /^[\x21-\x39\x3b-\x7e]+$/,
    hint: 'must be ASCII without space and colon',
  }),
  client_secret: string(),
  client_secret_file: string(),
  name: string({ required: true, max: 100 }),
  description: string({ max: 500 }),
  redirect_uris: list(string({ pattern: /^https?:\/\//, hint: 'must be an http or https URL' }), {
    required: true,
    min: 1,
  }),
  scopes: list(string({ pattern: /^[\x21\x23-\x5b\x5d-\x7e]+$/ }), { default: ['user:read:user'] }),
  client_authentication: list(string({ values: ['client_secret_basic', 'client_secret_post', 'none'] }), {
    min: 1,
    default: ['client_secret_basic', 'client_secret_post'],
  }),
  enabled: boolean({ default: true }),
  rotation: string({ values: ['strict', 'grace', 'reuse_revokes'], default: 'strict' }),
  grace_s: integer({ default: 60 }),
  code_lifetime_s: integer({ min: 1, default: 300 }),
  access_token_lifetime_s: integer({ min: 1, default: 3600 }),
  refresh_token_lifetime_s: integer({ min: 1, default: 90 * DAY_S }),
  webhook: WEBHOOK,
});

export const APP_SCHEMA = APP;

/** The apps by client id. Configuration is their truth; they are not kept in the state file. */
export class Apps {
  #apps = new Map();

  constructor(definitions) {
    for (const definition of definitions) this.add(definition);
  }

  /** @param definition an app as in the configuration. @throws {InvalidInput} */
  add(definition) {
    const app = loadFiles(parse(APP, definition));
    this.#apps.set(app.client_id, app);
    return app;
  }

  /** Changes some keys of an app; the client id stays. @throws {InvalidInput} */
  change(app, changes) {
    const { client_id: _, ...rest } = parse(partial(APP), changes);
    Object.assign(app, loadFiles(rest));
    return app;
  }

  remove(clientId) {
    return this.#apps.delete(clientId);
  }

  get(clientId) {
    return this.#apps.get(clientId) ?? null;
  }

  /** The app of that id, or the only one when no id is given; null otherwise. */
  pick(clientId) {
    if (clientId) return this.get(clientId);
    return this.#apps.size === 1 ? this.list()[0] : null;
  }

  list() {
    return [...this.#apps.values()];
  }
}

function loadFiles(app) {
  const { client_secret_file: file, ...rest } = app;
  if (file) rest.client_secret = readFileSync(file, 'utf8').trim();
  if (rest.webhook) rest.webhook = loadWebhook(rest.webhook);
  return rest;
}

function loadWebhook({ secret_token_file: file, ...webhook }) {
  if (file) return { ...webhook, secret_token: readFileSync(file, 'utf8').trim() };
  if (webhook.secret_token) return webhook;
  throw new InvalidInput([{ field: 'webhook.secret_token', detail: 'is required, or secret_token_file instead' }]);
}
