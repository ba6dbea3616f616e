// SPDX-License-Identifier: Apache-2.0
// Assertions as the gateway signs them (libs/rpc/assertion.h): JWS, Ed25519.
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { thumbprint } from './keys.mjs';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * @param {{privateKeyFile: string, audience: string, projectId: string, userId?: string, apiKeyId?: string, admin?: boolean,
 *   scopes?: string[], lifetimeSeconds?: number, issuedSecondsAgo?: number, claims?: object, header?: object}} options
 *   `audience` is the service called, e.g. 'account-link'; `userId` or `apiKeyId` says who is behind the call; `claims` and `header`
 *   are merged over the right ones
 * @returns {string} a compact JWS
 */
export function signAssertion(options) {
  const key = createPrivateKey(readFileSync(options.privateKeyFile));
  const issued = Math.floor(Date.now() / 1000) - (options.issuedSecondsAgo ?? 0);
  const header = { alg: 'EdDSA', kid: thumbprint(createPublicKey(key).export({ format: 'jwk' })), typ: 'shodan-assertion+jwt', ...options.header };
  const payload = {
    iss: 'gateway', aud: options.audience, iat: issued, exp: issued + (options.lifetimeSeconds ?? 60),
    prj: options.projectId, sub: options.userId, key: options.apiKeyId, scp: options.scopes ?? [], adm: options.admin ? 'yes' : 'no',
    ...options.claims,
  };
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}
