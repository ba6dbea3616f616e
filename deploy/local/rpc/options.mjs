// SPDX-License-Identifier: Apache-2.0
// The command line of `deploy/dev rpc`.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../errors.mjs';

const help = 'deploy/dev rpc --help tells more.';
const remoteFiles = ['ca', 'cert', 'key'];

function deadlineOf(value) {
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (!(seconds > 0 && seconds <= 3600)) throw new UserError('--deadline needs a number of seconds, at most 3600.', help);
  return Math.ceil(seconds * 1000);
}

/** Where the calls go when it is not the local stack. */
function remoteOf(values, fileOf) {
  const given = remoteFiles.filter((name) => values[name] !== undefined);
  if (values.address === undefined) {
    if (given.length > 0 || values['server-name'] !== undefined) throw new UserError(`--${given[0] ?? 'server-name'} belongs to --address.`, help);
    return null;
  }
  if (given.length < remoteFiles.length) throw new UserError('--address needs --ca, --cert and --key.', help);
  for (const name of ['as', 'user', 'project']) {
    if (values[name] !== undefined) {
      throw new UserError(`--${name} is for the local stack.`, 'Elsewhere the certificate says who calls, and the gateway alone vouches for people.');
    }
  }
  return {
    target: values.address,
    serverName: values['server-name'],
    caFile: fileOf(values.ca), certificateFile: fileOf(values.cert), privateKeyFile: fileOf(values.key),
  };
}

/**
 * @param {string[]} args
 * @param {string} directory what relative file names begin at
 * @returns {{method?: string, input?: string, list: boolean, describe: boolean, reveal: boolean, identity?: string, userId?: string,
 *   projectId?: string, deadlineMs?: number, requestId?: string, remote: import('./call.mjs').Access|null}}
 */
export function rpcOptions(args, directory) {
  let parsed;
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  try {
    parsed = parseArgs({
      args, allowPositionals: true,
      options: {
        list: flag, describe: flag, reveal: flag, as: text, user: text, project: text, deadline: text, 'request-id': text,
        address: text, 'server-name': text, ca: text, cert: text, key: text,
      },
    });
  } catch (error) {
    throw new UserError(error.message, help);
  }
  const { values, positionals } = parsed;
  const fileOf = (name) => resolve(directory, name);
  const [method, input, ...rest] = positionals;
  if (rest.length > 0) throw new UserError(`rpc takes a method and one request, and '${rest[0]}' is more.`, 'Quote the JSON for the shell.', help);
  if (method === undefined && !values.list) throw new UserError('rpc needs a method, or --list.', help);
  return {
    method,
    input: input?.startsWith('@') ? readText(fileOf(input.slice(1))) : input === '-' ? readFileSync(0, 'utf8') : input,
    list: values.list, describe: values.describe, reveal: values.reveal,
    identity: values.as, userId: values.user, projectId: values.project,
    deadlineMs: deadlineOf(values.deadline),
    requestId: values['request-id'],
    remote: remoteOf(values, fileOf),
  };
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${error.message}`);
  }
}

/**
 * The requests in a text: one JSON value, or for a stream any number of them, one a line.
 * @param {string|undefined} input nothing: one empty request
 * @param {boolean} stream
 * @returns {any[]}
 */
export function requestsOf(input, stream) {
  if (input === undefined || input.trim() === '') return [{}];
  try {
    return [JSON.parse(input)];
  } catch (error) {
    if (!stream) throw new UserError(`the request is not JSON: ${error.message}`, 'Quote it for the shell: \'{"projectId": "demo"}\'');
  }
  return input.split('\n').filter((line) => line.trim() !== '').map((line, index) => {
    try {
      return JSON.parse(line);
    } catch (error) {
      throw new UserError(`request ${index + 1} is not JSON: ${error.message}`, 'A stream takes one JSON value a line.');
    }
  });
}
