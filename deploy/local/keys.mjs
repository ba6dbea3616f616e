// SPDX-License-Identifier: Apache-2.0
// Keys and passwords of a local stack. Each is made once and kept.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory, writeAtomically, writeJson } from './files.mjs';

/** @param {object} jwk a public key @returns {string} its RFC 7638 thumbprint */
export function thumbprint(jwk) {
  const members = { OKP: ['crv', 'kty', 'x'], EC: ['crv', 'kty', 'x', 'y'] }[jwk.kty];
  const canonical = JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])));
  return createHash('sha256').update(canonical).digest('base64url');
}

/** Makes a signing key (PKCS #8, PEM) and the JSON Web Key Set with its public half. */
function prepareSigningKey(privateKeyFile, jwksFile, algorithm) {
  if (!existsSync(privateKeyFile)) {
    const pair = algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeAtomically(privateKeyFile, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
  const jwk = createPublicKey(createPrivateKey(readFileSync(privateKeyFile))).export({ format: 'jwk' });
  writeJson(jwksFile, { keys: [{ ...jwk, kid: thumbprint(jwk), use: 'sig', alg: algorithm }] });
}

/** A file with one random value of 256 bits, without a line end. */
function prepareSecret(file) {
  if (!existsSync(file)) writeAtomically(file, randomBytes(32).toString('base64url'));
  return file;
}

function prepareKeyRing(file) {
  if (existsSync(file)) return file;
  const key = () => randomBytes(32).toString('base64');
  return writeJson(file, {
    format: 1,
    epochs: [{ key_epoch: 1, state: 'primary', key: key() }],
    tag_keys: [{ tag_version: 1, state: 'current', key: key() }],
  });
}

/**
 * @param {string} directory
 * @returns the files: the gateway's assertion key (Ed25519), the development issuer's (ECDSA P-256), each with the key
 *   set that verifies it; the vault's key ring; the key that seals the audit trails; passwords, by name
 */
export function prepareKeys(directory) {
  ensureDirectory(directory);
  const file = (name) => join(directory, name);
  prepareSigningKey(file('assertion.key'), file('assertion.jwks.json'), 'EdDSA');
  prepareSigningKey(file('development-issuer.key'), file('development-issuer.jwks.json'), 'ES256');
  return {
    assertionPrivateKeyFile: file('assertion.key'),
    assertionKeysFile: file('assertion.jwks.json'),
    issuerPrivateKeyFile: file('development-issuer.key'),
    issuerKeysFile: file('development-issuer.jwks.json'),
    auditSealKeyFile: prepareSecret(file('audit-seal.key')),
    keyRingFile: prepareKeyRing(file('key-ring.json')),
    /** @param {string} name @returns {string} the file of a password of that name */
    secretFile: (name) => prepareSecret(file(`${name}.secret`)),
  };
}
