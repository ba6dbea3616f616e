// SPDX-License-Identifier: Apache-2.0
// Session tokens as the development issuer signs them (JWS, ES256).
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { thumbprint } from './keys.mjs';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * @param {{privateKeyFile: string, issuer: string, userId: string, displayName?: string, roles?: string[],
 *   lifetimeSeconds?: number, claims?: object}} options `claims` is merged over the others; a negative lifetime makes an
 *   expired token
 * @returns {string} a compact JWS
 */
export function mintSession({ privateKeyFile, issuer, userId, displayName, roles = [], lifetimeSeconds = 3600, claims = {} }) {
  const key = createPrivateKey(readFileSync(privateKeyFile));
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: 'ES256', typ: 'JWT', kid: thumbprint(createPublicKey(key).export({ format: 'jwk' })) };
  const payload = {
    iss: issuer, aud: 'shodan-pro', sub: userId, name: displayName ?? userId, roles,
    iat: now + Math.min(0, lifetimeSeconds), exp: now + lifetimeSeconds, ...claims,
  };
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
