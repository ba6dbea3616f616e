// SPDX-License-Identifier: Apache-2.0
// Unary calls with the operator's certificate.
import { callMethod, CallRefused } from './rpc/call.mjs';

export { CallRefused };

/**
 * @param {import('./rpc/call.mjs').Access} access
 * @param {string} path "/package.Service/Method"
 * @param {Buffer} request an encoded message
 * @param {number} [deadlineMs]
 * @returns {Promise<Buffer>} the encoded answer
 * @throws {CallRefused} with the service's own words
 */
export async function operatorCall(access, path, request, deadlineMs = 10_000) {
  const [answer] = await callMethod({ title: 'the token-vault', ...access }, path, [request], { deadlineMs });
  return answer ?? Buffer.alloc(0);
}
