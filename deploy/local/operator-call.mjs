// SPDX-License-Identifier: Apache-2.0
// Unary gRPC calls with the operator's certificate, over Node's own HTTP/2.
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { UserError } from './errors.mjs';
import { decode } from './protobuf.mjs';

/** A call that the service refused. */
export class CallRefused extends UserError {
  /** @param {number} code of google.rpc.Code @param {string} message @param {string} reason of ErrorInfo, or '' */
  constructor(code, message, reason) {
    super(message);
    Object.assign(this, { code, reason });
  }
}

// google.rpc.Status; of every detail the first field, which in ErrorInfo is the reason.
const statusType = { 3: ['details', [{ 1: ['type', 'string'], 2: ['value', { 1: ['first', 'string'] }] }]] };

function reasonOf(trailers) {
  const { details } = decode(statusType, Buffer.from(String(trailers['grpc-status-details-bin'] ?? ''), 'base64'));
  return details.find(({ type }) => type.endsWith('/google.rpc.ErrorInfo'))?.value.first ?? '';
}

/**
 * @param {{target: string, serverName?: string, caFile: string, certificateFile: string, privateKeyFile: string}} access
 *   `serverName`: whose certificate it must be, where `target` is an address
 * @param {string} path "/package.Service/Method"
 * @param {Buffer} request an encoded message
 * @param {number} [deadlineMs]
 * @returns {Promise<Buffer>} the encoded answer
 * @throws {CallRefused} with the service's own words
 */
export function operatorCall(access, path, request, deadlineMs = 10_000) {
  const session = connect(`https://${access.target}`, {
    ...(access.serverName ? { servername: access.serverName } : {}),
    ca: readFileSync(access.caFile), cert: readFileSync(access.certificateFile), key: readFileSync(access.privateKeyFile),
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new UserError(`${access.target} did not answer within ${deadlineMs / 1000} s.`)), deadlineMs + 1000);
    const unreachable = ({ message, cause }) => reject(new UserError(`the token-vault at ${access.target} cannot be reached: ${cause?.message ?? message}`, 'Is it running? deploy/dev status'));
    session.once('error', unreachable);
    const frame = Buffer.concat([Buffer.alloc(5), request]);
    frame.writeUInt32BE(request.length, 1);
    const stream = session.request({
      ':method': 'POST', ':path': path, te: 'trailers', 'content-type': 'application/grpc', 'grpc-timeout': `${deadlineMs}m`,
    });
    const chunks = [];
    let trailers = {};
    stream.on('response', (headers) => { trailers = headers; });
    stream.on('trailers', (headers) => { trailers = headers; });
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.once('error', unreachable);
    stream.once('close', () => {
      clearTimeout(timer);
      const code = Number(trailers['grpc-status'] ?? 2);
      if (code === 0) resolve(Buffer.concat(chunks).subarray(5));
      else reject(new CallRefused(code, decodeURIComponent(String(trailers['grpc-message'] ?? 'The call failed.')), reasonOf(trailers)));
    });
    stream.end(frame);
  }).finally(() => session.destroy());
}
