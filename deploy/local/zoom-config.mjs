// SPDX-License-Identifier: Apache-2.0
// The file of `up --zoom-config FILE`: another OAuth server in the simulator's place.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from './errors.mjs';

/** Zoom's own addresses; used when a file names none of the four. */
const zoom = {
  authorization_url: 'https://zoom.us/oauth/authorize',
  token_url: 'https://zoom.us/oauth/token',
  revocation_url: 'https://zoom.us/oauth/revoke',
  profile_url: 'https://api.zoom.us/v2/users/me',
};

/** Where Zoom's profile answer holds what is needed (RFC 6901). */
const zoomPointers = {
  user_id: '/id', account_id: '/account_id', email: '/email',
  display_name: '/display_name', first_name: '/first_name', last_name: '/last_name',
};

const defaultGatewayPort = 8443;

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** @returns {string|undefined} what is wrong with a URL that tokens or codes are sent to */
function problemOfUrl(value) {
  let url;
  try {
    url = new URL(value);
  } catch {
    return 'is not an absolute URL';
  }
  if (url.username || url.password) return 'must not hold credentials';
  if (url.hash) return 'must not hold a fragment';
  if (value.length > 2048) return 'must not be longer than 2048 bytes';
  if (url.protocol === 'https:') return undefined;
  const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:') return loopback ? undefined : 'must be https; plain http is for loopback addresses only';
  return 'must be an https URL';
}

const problemOfScope = (value) => (/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value) ? undefined : 'is not a scope name');
const problemOfPointer = (value) => (/^(\/([^~/]|~[01])*)*$/.test(value) ? undefined : 'is not a JSON pointer (RFC 6901), such as "/id"');

/** Collects the problems of one file; the readers answer undefined for what is absent or wrong. */
class Fields {
  problems = [];

  constructor(input, directory, prefix = '') {
    Object.assign(this, { input, directory, prefix });
  }

  complain(name, detail) {
    this.problems.push(`${this.prefix}${name}: ${detail}`);
  }

  text(name, { required = false, check = () => undefined } = {}) {
    const value = this.input[name];
    if (value === undefined || value === null) {
      if (required) this.complain(name, 'is missing');
      return undefined;
    }
    if (typeof value !== 'string' || value === '') return this.complain(name, 'must be a text that is not empty');
    const problem = check(value);
    return problem ? this.complain(name, `${problem}: ${JSON.stringify(value)}`) : value;
  }

  url(name, required) {
    return this.text(name, { required, check: problemOfUrl });
  }

  /** A file, relative to the configuration file's directory; it has to be readable. */
  file(name, required) {
    const value = this.text(name, { required });
    if (value === undefined) return undefined;
    const path = resolve(this.directory, value);
    try {
      if (readFileSync(path, 'utf8').trim() === '') return this.complain(name, `the file is empty: ${path}`);
    } catch (error) {
      return this.complain(name, `the file cannot be read (${error.code}): ${path}`);
    }
    return path;
  }

  scopes(name) {
    const value = this.input[name];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) return this.complain(name, 'must be a list of scope names');
    value.forEach((scope, index) => {
      const problem = typeof scope === 'string' ? problemOfScope(scope) : 'must be a text';
      if (problem) this.complain(`${name}[${index}]`, problem);
    });
    return value;
  }

  parameters(name) {
    const value = this.input[name];
    if (value === undefined || value === null) return {};
    if (!isObject(value)) return this.complain(name, 'must be an object of texts');
    const reserved = ['response_type', 'client_id', 'redirect_uri', 'state', 'code_challenge', 'code_challenge_method', 'scope'];
    for (const [key, text] of Object.entries(value)) {
      if (typeof text !== 'string') this.complain(`${name}.${key}`, 'must be a text');
      if (reserved.includes(key)) this.complain(`${name}.${key}`, key === 'scope' ? 'use request_scopes' : 'is set by the token vault');
    }
    return value;
  }

  port(name) {
    const value = this.input[name];
    if (value === undefined || value === null) return undefined;
    if (!Number.isInteger(value) || value < 1 || value > 65535) return this.complain(name, 'must be a port number, 1 to 65535');
    return value;
  }

  choice(name, values, fallback) {
    const value = this.input[name];
    if (value === undefined || value === null) return fallback;
    if (!values.includes(value)) return this.complain(name, `must be one of ${values.join(', ')}`);
    return value;
  }
}

const knownKeys = [
  'authorization_url', 'token_url', 'revocation_url', 'profile_url', 'api_base_url', 'client_id', 'client_secret_file',
  'client_authentication', 'expected_scopes', 'request_scopes', 'authorization_parameters', 'profile_pointers',
  'webhook_secret_file', 'ca_file', 'gateway_port',
];

function readPointers(fields) {
  const value = fields.input.profile_pointers;
  if (value === undefined || value === null) return zoomPointers;
  if (!isObject(value)) return fields.complain('profile_pointers', 'must be an object of JSON pointers');
  const inner = new Fields(value, fields.directory, 'profile_pointers.');
  const result = {};
  for (const name of Object.keys(zoomPointers)) {
    const pointer = inner.text(name, { required: name === 'user_id', check: problemOfPointer });
    if (pointer !== undefined) result[name] = pointer;
  }
  for (const name of Object.keys(value).filter((key) => !(key in zoomPointers))) inner.complain(name, 'is not a known key');
  fields.problems.push(...inner.problems);
  return result;
}

/**
 * Reads and checks a configuration.
 * @param {any} input the parsed JSON
 * @param {string} directory what relative file names are relative to
 * @returns {{problems: string[], gatewayPort: number, app: object}} `app` is a project's "zoom_app" without its
 *   redirect URL; valid only while `problems` is empty
 */
export function readZoomConfig(input, directory) {
  if (!isObject(input)) return { problems: ['the file must hold one JSON object'] };
  const fields = new Fields(input, directory);
  for (const name of Object.keys(input).filter((key) => !knownKeys.includes(key))) fields.complain(name, 'is not a known key');

  const own = Object.keys(zoom).some((name) => input[name] !== undefined && input[name] !== null);
  const url = (name, required = true) => (own ? fields.url(name, required) : zoom[name]);
  const profileUrl = url('profile_url');
  const authentication = fields.choice('client_authentication', ['client_secret_basic', 'client_secret_post', 'none'], 'client_secret_basic');
  if (authentication === 'none' && fields.text('client_secret_file') !== undefined) {
    fields.complain('client_secret_file', 'must be absent with client_authentication "none"');
  }
  const app = {
    client_id: fields.text('client_id', { required: true }),
    client_secret_file: authentication === 'none' ? null : fields.file('client_secret_file', true) ?? null,
    client_authentication: authentication,
    authorization_url: url('authorization_url'),
    token_url: url('token_url'),
    revocation_url: url('revocation_url', false) ?? null,
    profile_url: profileUrl,
    api_base_url: fields.url('api_base_url', false) ?? (own ? profileUrl && new URL(profileUrl).origin : 'https://api.zoom.us/v2'),
    expected_scopes: fields.scopes('expected_scopes'),
    request_scopes: fields.scopes('request_scopes'),
    authorization_parameters: fields.parameters('authorization_parameters'),
    profile_pointers: readPointers(fields),
    webhook_secret_file: fields.file('webhook_secret_file', false) ?? null,
    ca_file: fields.file('ca_file', false) ?? null,
  };
  const gatewayPort = fields.port('gateway_port') ?? defaultGatewayPort;
  return { problems: fields.problems, gatewayPort, app };
}

/**
 * @param {string} file
 * @returns {{gatewayPort: number, app: object}}
 * @throws {UserError} naming every problem of the file at once
 */
export function loadZoomConfig(file) {
  let input;
  try {
    input = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const what = error instanceof SyntaxError ? `it is not JSON: ${error.message}` : `it cannot be read (${error.code}).`;
    throw new UserError(`--zoom-config ${file}: ${what}`, 'deploy/dev up --help shows a complete example.');
  }
  const { problems, ...result } = readZoomConfig(input, dirname(resolve(file)));
  if (problems.length > 0) {
    throw new UserError(`--zoom-config ${file} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
      ...problems, 'deploy/dev up --help lists the keys and shows a complete example.');
  }
  return result;
}
