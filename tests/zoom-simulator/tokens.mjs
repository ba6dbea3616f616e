// SPDX-License-Identifier: Apache-2.0
// What codes and tokens look like: the length and alphabet of Zoom's, values that never repeat.
import { createHmac, randomBytes } from 'node:crypto';
import { randomText } from './random.mjs';

const JWT_HEADER = Buffer.from(
  JSON.stringify({
    sv: '000001',
    alg: 'HS512',
    v: '2.0',
    kid: 'a1c4e7b2-5d3f-4a8e-9b6c-0f2d1e3a5c7b',
  }),
).toString('base64url');
const SIGNING_KEY = randomBytes(64);

/** 34 characters of A-Z a-z 0-9 _ - */
export const newCode = () => randomText(26).slice(0, 34);

/**
 * A token that looks as Zoom's do (a JWT of about 700 bytes). Clients must treat it as opaque;
 * the simulator itself knows tokens by value only.
 * @param type `access_token` or `refresh_token`
 */
export function newToken({ type, clientId, user, issuedAt, expiresAt }) {
  const claims = Buffer.from(
    JSON.stringify({
      ver: '8',
      auid: randomText(16, 'hex'),
      code: randomText(26).slice(0, 34),
      iss: `urn:zoom:connect:clientid:${clientId}`,
      gno: 0,
      type: type === 'access_token' ? 0 : 1,
      tid: 0,
      aud: 'https://oauth.zoom.us',
      uid: user.id,
      aid: user.account_id,
      tokenType: type,
      nbf: Math.floor(issuedAt / 1000),
      exp: Math.floor(expiresAt / 1000),
      iat: Math.floor(issuedAt / 1000),
      jti: randomText(16, 'hex'),
    }),
  ).toString('base64url');
  const signed = `${JWT_HEADER}.${claims}`;
  return `${signed}.${createHmac('sha512', SIGNING_KEY).update(signed).digest('base64url')}`;
}
