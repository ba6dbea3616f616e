// SPDX-License-Identifier: Apache-2.0
// The configuration file. All problems are reported at once, each with its key.
import { readFileSync } from 'node:fs';
import { APP_SCHEMA } from './apps.mjs';
import { integer, InvalidInput, json, list, object, parse, string } from './schema.mjs';
import { readSwitches } from './switches.mjs';
import { DEFAULT_USERS, USER_SCHEMA } from './users.mjs';

const LOOPBACK_HOSTS = ['127.0.0.1', '::1', 'localhost'];

const CONFIG = object({
  listen: object(
    {
      host: string({ default: '127.0.0.1' }),
      port: integer({ max: 65_535, default: 0 }),
    },
    { default: { host: '127.0.0.1', port: 0 } },
  ),
  tls: object(
    { certificate_file: string({ required: true }), private_key_file: string({ required: true }) },
    { nullable: true },
  ),
  public_url: string({ pattern: /^https?:\/\/[^/]+$/, hint: 'must be an origin such as https://localhost:9443' }),
  port_file: string(),
  state_file: string(),
  control_token: string({ min: 8 }),
  control_token_file: string(),
  apps: list(APP_SCHEMA, { required: true, min: 1 }),
  users: list(USER_SCHEMA),
  switches: json(),
});

/** @returns the checked configuration with defaults filled in. @throws {InvalidInput} */
export function readConfig(value) {
  const config = parse(CONFIG, value);
  const problems = [];
  config.listen.host ??= '127.0.0.1';
  config.listen.port ??= 0;
  if (!config.tls && !LOOPBACK_HOSTS.includes(config.listen.host)) {
    problems.push({ field: 'listen.host', detail: 'plain http is served on loopback only; set tls' });
  }
  if (config.control_token && config.control_token_file) {
    problems.push({ field: 'control_token_file', detail: 'cannot be combined with control_token' });
  }
  try {
    config.switches = readSwitches(config.switches, 'switches');
  } catch (error) {
    problems.push(...error.problems);
  }
  if (problems.length > 0) throw new InvalidInput(problems);
  config.users ??= DEFAULT_USERS;
  if (config.control_token_file) config.control_token = readFileSync(config.control_token_file, 'utf8').trim();
  return config;
}

/** Reads a configuration file. @throws {Error} that names the file and what is wrong with it */
export function readConfigFile(path) {
  let value;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path}: ${error.message}`);
  }
  try {
    return readConfig(value);
  } catch (error) {
    throw new Error(`${path}: ${error.message}`);
  }
}
