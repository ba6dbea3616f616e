// SPDX-License-Identifier: Apache-2.0
// Assertions as the gateway signs them (libs/rpc/assertion.h), for tests that speak to a service directly.
import { createPrivateKey, createPublicKey, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { thumbprint } from '../../deploy/local/keys.mjs';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * @param {object} stack see startStack
 * @param {{audience: string, projectId?: string, userId: string, admin?: boolean, scopes?: string[],
 *   lifetimeSeconds?: number, issuedSecondsAgo?: number, claims?: object, header?: object, privateKeyFile?: string}} options
 *   `audience` is the service called, e.g. 'account-link'; `claims` and `header` are merged over the right ones, to make
 *   wrong assertions; `privateKeyFile` signs with another Ed25519 key
 * @returns {string} a compact JWS
 */
export function mintAssertion(stack, options) {
  const key = createPrivateKey(readFileSync(options.privateKeyFile ?? stack.keys.assertionPrivateKeyFile));
  const issued = Math.floor(Date.now() / 1000) - (options.issuedSecondsAgo ?? 0);
  const header = { alg: 'EdDSA', kid: thumbprint(createPublicKey(key).export({ format: 'jwk' })), typ: 'shodan-assertion+jwt', ...options.header };
  const payload = {
    iss: 'gateway', aud: options.audience, iat: issued, exp: issued + (options.lifetimeSeconds ?? 60),
    prj: options.projectId ?? stack.projectId, sub: options.userId, scp: options.scopes ?? [], adm: options.admin ? 'yes' : 'no',
    ...options.claims,
  };
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}

/** gRPC metadata for a call in a person's name; the options are those of mintAssertion. */
export function inTheNameOf(stack, options) {
  return { 'x-shodan-assertion': mintAssertion(stack, options), 'x-request-id': randomUUID() };
}
