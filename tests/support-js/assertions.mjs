// SPDX-License-Identifier: Apache-2.0
// Assertions as the gateway signs them, for tests that speak to a service directly.
import { randomUUID } from 'node:crypto';
import { signAssertion } from '../../deploy/local/assertions.mjs';

/**
 * @param {object} stack see startStack
 * @param {{audience: string, projectId?: string, userId?: string, apiKeyId?: string, admin?: boolean, scopes?: string[],
 *   lifetimeSeconds?: number, issuedSecondsAgo?: number, claims?: object, header?: object, privateKeyFile?: string}} options
 *   `audience` is the service called, e.g. 'account-link'; `claims` and `header` are merged over the right ones, to make
 *   wrong assertions; `privateKeyFile` signs with another Ed25519 key
 * @returns {string} a compact JWS
 */
export function mintAssertion(stack, options) {
  return signAssertion({
    ...options,
    privateKeyFile: options.privateKeyFile ?? stack.keys.assertionPrivateKeyFile,
    projectId: options.projectId ?? stack.projectId,
  });
}

/** gRPC metadata for a call in a person's name; the options are those of mintAssertion. */
export function inTheNameOf(stack, options) {
  return { 'x-shodan-assertion': mintAssertion(stack, options), 'x-request-id': randomUUID() };
}
