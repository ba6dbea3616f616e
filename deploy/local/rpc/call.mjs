// SPDX-License-Identifier: Apache-2.0
// gRPC calls with a certificate, over Node's own HTTP/2: unary or streaming, whole messages in and out.
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { UserError } from '../errors.mjs';
import { decode } from '../protobuf.mjs';

/** google.rpc.Code by number. */
export const codeNames = [
  'OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS',
  'UNAUTHENTICATED',
];

const deadlineExceeded = 4;

/** A call that the service refused. */
export class CallRefused extends UserError {
  /**
   * @param {number} code of google.rpc.Code
   * @param {string} message in the service's words
   * @param {{reason?: string, metadata?: Record<string, string>, fields?: {field: string, description: string}[],
   *   retryAfterMs?: number|null}} [details] from ErrorInfo, BadRequest and RetryInfo
   */
  constructor(code, message, { reason = '', metadata = {}, fields = [], retryAfterMs = null } = {}) {
    super(message);
    Object.assign(this, { code, reason, metadata, fields, retryAfterMs });
  }

  get codeName() { return codeNames[this.code] ?? String(this.code); }
}

const statusType = { 3: ['details', [{ 1: ['type', 'string'], 2: ['value', 'bytes'] }]] };
const detailTypes = {
  'google.rpc.ErrorInfo': { 1: ['reason', 'string'], 3: ['metadata', [{ 1: ['key', 'string'], 2: ['value', 'string'] }]] },
  'google.rpc.BadRequest': { 1: ['fields', [{ 1: ['field', 'string'], 2: ['description', 'string'] }]] },
  'google.rpc.RetryInfo': { 1: ['delay', { 1: ['seconds', 'int'], 2: ['nanos', 'int'] }] },
};

/** What the trailer "grpc-status-details-bin" holds; a detail of another type is left out. */
export function errorDetails(encoded) {
  const result = { reason: '', metadata: {}, fields: [], retryAfterMs: null };
  for (const { type, value } of decode(statusType, Buffer.from(encoded, 'base64')).details) {
    const name = type.slice(type.lastIndexOf('/') + 1);
    if (!detailTypes[name]) continue;
    const { reason, metadata, fields, delay } = decode(detailTypes[name], value);
    if (reason !== undefined) Object.assign(result, { reason, metadata: Object.fromEntries(metadata.map((item) => [item.key, item.value])) });
    if (fields !== undefined) result.fields = fields;
    if (delay) result.retryAfterMs = delay.seconds * 1000 + delay.nanos / 1e6;
  }
  return result;
}

function messageOf(trailers) {
  const text = String(trailers['grpc-message'] ?? 'The call failed.');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refusalOf(headers, trailers) {
  const code = Number(trailers['grpc-status'] ?? headers['grpc-status'] ?? 2);
  if (code === 0) return undefined;
  const from = trailers['grpc-status'] === undefined ? headers : trailers;
  return new CallRefused(code, messageOf(from), errorDetails(String(from['grpc-status-details-bin'] ?? '')));
}

function frameOf(message) {
  const frame = Buffer.concat([Buffer.alloc(5), message]);
  frame.writeUInt32BE(message.length, 1);
  return frame;
}

/** Cuts a body into messages as it comes. @returns {(chunk: Buffer) => Buffer[]} */
export function messageReader() {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const messages = [];
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      if (rest[0] !== 0) throw new Error('the answer is compressed, which was not asked for');
      const end = 5 + rest.readUInt32BE(1);
      messages.push(Buffer.from(rest.subarray(5, end)));
      rest = rest.subarray(end);
    }
    return messages;
  };
}

/**
 * @typedef {object} Access
 * @property {string} target "host:port"
 * @property {string} [serverName] whose certificate it must be, where `target` is an address
 * @property {string} [title] what is called, for error messages
 * @property {string} caFile @property {string} certificateFile @property {string} privateKeyFile
 */

/**
 * @param {Access} access
 * @param {string} path "/package.Service/Method"
 * @param {Buffer[]} requests encoded messages
 * @param {{deadlineMs?: number|null, metadata?: Record<string, string>, onMessage?: (message: Buffer) => void}} [options]
 *   `deadlineMs` null: no deadline; `onMessage` is told each message as it comes
 * @returns {Promise<Buffer[]>} the messages, if nobody was told
 * @throws {CallRefused} with the service's own words
 * @throws {UserError} when nobody answers
 */
export function callMethod(access, path, requests, { deadlineMs = 10_000, metadata = {}, onMessage } = {}) {
  const session = connect(`https://${access.target}`, {
    ...(access.serverName ? { servername: access.serverName } : {}),
    ca: readFileSync(access.caFile), cert: readFileSync(access.certificateFile), key: readFileSync(access.privateKeyFile),
  });
  const messages = [];
  return new Promise((resolve, reject) => {
    const unreachable = ({ message, cause }) => reject(new UserError(
      `${access.title ? `${access.title} at ` : ''}${access.target} cannot be reached: ${cause?.message ?? message}`, 'Is it running? deploy/dev status'));
    // The service ends a call at its deadline; this ends one whose service is silent.
    const timer = deadlineMs === null ? undefined : setTimeout(() => {
      reject(new CallRefused(deadlineExceeded, `${access.target} did not answer within ${deadlineMs / 1000} s.`));
    }, deadlineMs + 1000);
    session.once('error', unreachable);
    const stream = session.request({
      ':method': 'POST', ':path': path, te: 'trailers', 'content-type': 'application/grpc',
      ...(deadlineMs === null ? {} : { 'grpc-timeout': `${deadlineMs}m` }), ...metadata,
    });
    const read = messageReader();
    let headers = {};
    let trailers = {};
    stream.on('response', (received) => { headers = received; });
    stream.on('trailers', (received) => { trailers = received; });
    stream.on('data', (chunk) => {
      try {
        for (const message of read(chunk)) (onMessage ?? ((item) => messages.push(item)))(message);
      } catch (error) {
        reject(error);
        stream.close();
      }
    });
    stream.once('error', unreachable);
    stream.once('close', () => {
      clearTimeout(timer);
      const refusal = refusalOf(headers, trailers);
      if (refusal) reject(refusal);
      else resolve(messages);
    });
    for (const request of requests) stream.write(frameOf(request));
    stream.end();
  }).finally(() => session.destroy());
}
