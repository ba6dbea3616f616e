// SPDX-License-Identifier: Apache-2.0
// The local certificate authority and a certificate for every identity of the stack (ECDSA P-256).
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory, writeAtomically } from './files.mjs';
import { run } from './processes.mjs';

/** The mutual-TLS identities: those of the services, of one to come, and of the operator's tools. */
export const identities = ['gateway', 'token-vault', 'call-link', 'account-link', 'zoom-api', 'automation', 'operator'];

/** @param {string} identity @returns {string} the URI of its certificate */
export const identityUri = (identity) => `spiffe://shodan.local/ns/shodan/sa/${identity}`;

const authorityDays = 3650;
const leafDays = 397;
const renewBeforeMs = 14 * 24 * 3600 * 1000;

const authorityExtensions = [
  'basicConstraints = critical, CA:TRUE, pathlen:0',
  'keyUsage = critical, keyCertSign, cRLSign',
  'subjectKeyIdentifier = hash',
];

const leafExtensions = (names, usage) => [
  'basicConstraints = critical, CA:FALSE',
  'keyUsage = critical, digitalSignature',
  `extendedKeyUsage = ${usage}`,
  'subjectKeyIdentifier = hash',
  'authorityKeyIdentifier = keyid',
  `subjectAltName = ${names.join(', ')}`,
];

/** openssl takes extensions from a file; -addext would repeat those of the system's own settings. */
const requestSettings = (commonName, extensions) =>
  ['[req]', 'prompt = no', 'distinguished_name = name', 'x509_extensions = extensions',
    '[name]', `CN = ${commonName}`, '[extensions]', ...extensions, ''].join('\n');

function isUsable(certificateFile, keyFile, issuer) {
  if (!existsSync(certificateFile) || !existsSync(keyFile)) return false;
  const certificate = new X509Certificate(readFileSync(certificateFile));
  return Date.parse(certificate.validTo) - Date.now() > renewBeforeMs && (!issuer || certificate.checkIssued(issuer));
}

async function issue({ directory, name, commonName, extensions, days, signer }) {
  const settings = join(directory, `${name}.cnf`);
  const fresh = { certificate: join(directory, `${name}.pem.new`), key: join(directory, `${name}.key.new`) };
  writeAtomically(settings, requestSettings(commonName, extensions));
  const result = await run('openssl', [
    'req', '-x509', '-config', settings, '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-sha256',
    '-days', String(days), '-keyout', fresh.key, '-out', fresh.certificate,
    ...(signer ? ['-CA', signer.certificate, '-CAkey', signer.key] : []),
  ]);
  rmSync(settings, { force: true });
  if (result.status !== 0) throw new Error(`openssl could not issue the certificate of ${name}: ${result.stderr}`);
  renameSync(fresh.key, join(directory, `${name}.key`));
  renameSync(fresh.certificate, join(directory, `${name}.pem`));
}

async function issueMore(directory, name, names, usage) {
  const signer = { certificate: join(directory, 'ca.pem'), key: join(directory, 'ca.key') };
  await issue({ directory, name, commonName: name, days: leafDays, signer, extensions: leafExtensions(names, usage) });
  return { certificateFile: join(directory, `${name}.pem`), privateKeyFile: join(directory, `${name}.key`) };
}

/**
 * Issues one more certificate for a client of the services.
 * @param {string} directory where an authority is
 * @param {string} name of the files
 * @param {string[]} names its subject alternative names, e.g. ['URI:spiffe://shodan.local/ns/shodan/sa/gateway']
 * @returns {Promise<{certificateFile: string, privateKeyFile: string}>}
 */
export const issueClientCertificate = (directory, name, names) => issueMore(directory, name, names, 'clientAuth');

/** The same for a server, e.g. ['DNS:app.localhost']. */
export const issueServerCertificate = (directory, name, names) => issueMore(directory, name, names, 'serverAuth');

/**
 * Makes what is missing or about to expire; the rest stays as it is, so that a browser's trust lasts.
 * @param {string} directory
 * @returns {Promise<{caFile: string, caKeyFile: string,
 *   of: (name: string) => {certificateFile: string, privateKeyFile: string}}>} `of` knows the identities and the
 *   server certificates "localhost" (the gateway), "postgresql", "redis" and "zoom-simulator"
 */
export async function prepareAuthority(directory) {
  ensureDirectory(directory);
  const ca = { certificate: join(directory, 'ca.pem'), key: join(directory, 'ca.key') };
  if (!isUsable(ca.certificate, ca.key)) {
    await issue({ directory, name: 'ca', commonName: 'Shodan Pro local authority', extensions: authorityExtensions, days: authorityDays });
  }
  const issuer = new X509Certificate(readFileSync(ca.certificate));
  const local = ['DNS:localhost', 'IP:127.0.0.1', 'IP:::1'];
  const leaves = [
    ...identities.map((name) => ({
      name,
      extensions: leafExtensions([`URI:${identityUri(name)}`, `DNS:${name}`, 'DNS:localhost', 'IP:127.0.0.1'], 'serverAuth, clientAuth'),
    })),
    ...['localhost', 'postgresql', 'redis', 'zoom-simulator'].map((name) => ({ name, extensions: leafExtensions(local, 'serverAuth') })),
  ];
  await Promise.all(leaves
    .filter(({ name }) => !isUsable(join(directory, `${name}.pem`), join(directory, `${name}.key`), issuer))
    .map((leaf) => issue({ directory, commonName: leaf.name, days: leafDays, signer: ca, ...leaf })));
  return {
    caFile: ca.certificate,
    caKeyFile: ca.key,
    of: (name) => ({ certificateFile: join(directory, `${name}.pem`), privateKeyFile: join(directory, `${name}.key`) }),
  };
}
