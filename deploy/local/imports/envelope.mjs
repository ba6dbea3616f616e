// SPDX-License-Identifier: Apache-2.0
// Encrypts tokens of another system to an import key of the vault: JWE (RFC 7516) with "ECDH-ES" on P-256 and "A256GCM".
// Needs nothing but Node.js, so that it can be taken to where the tokens are.
import { createCipheriv, createHash, createPublicKey, diffieHellman, generateKeyPairSync, randomBytes } from 'node:crypto';

const encoded = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const sized = (size) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(size); return bytes; };

/** What is encrypted; the rest of a line stays readable. */
const secretFields = ['refreshToken', 'accessToken', 'expireTime'];

/**
 * @param {object} jwk the public import key
 * @param {object} content {userId, refreshToken} and, if need be, accessToken and expireTime
 * @returns {string} a JWE in compact form
 */
export function encryptTokens(jwk, content) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const header = encoded({ alg: 'ECDH-ES', enc: 'A256GCM', kid: jwk.kid, epk: publicKey.export({ format: 'jwk' }) });
  const agreed = diffieHellman({ privateKey, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) });
  // RFC 7518 section 4.6.2: one round, the name of the cipher, two empty parties, 256 bits.
  const key = createHash('sha256').update(Buffer.concat([sized(1), agreed, sized(7), Buffer.from('A256GCM'), sized(0), sized(0), sized(256)])).digest();
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAAD(Buffer.from(header));
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()]);
  return [header, '', nonce.toString('base64url'), ciphertext.toString('base64url'), cipher.getAuthTag().toString('base64url')].join('.');
}

/**
 * @param {object} jwk the public import key
 * @param {object} connection {userId, refreshToken, externalId?, scopes?, accessToken?, expireTime?}
 * @returns {object} the same as a line of an import file: the tokens in "envelope"
 */
export function sealConnection(jwk, connection) {
  const content = { userId: connection.userId };
  const line = {};
  for (const [name, value] of Object.entries(connection)) (secretFields.includes(name) ? content : line)[name] = value;
  return { ...line, envelope: encryptTokens(jwk, content) };
}
