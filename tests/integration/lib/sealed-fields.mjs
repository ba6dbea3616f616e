// SPDX-License-Identifier: Apache-2.0
// Sealed fields (libs/crypto/sealed_field.h) from outside the vault: sealing rows for tests, and what somebody with a copy of the database
// and some keys could open.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { literal } from './databases.mjs';

const format = 'shodan-sealed-1';
const saltSize = 32;
const commitmentSize = 32;
const tagSize = 16;
const pageSize = 10_000;

function lengthPrefixed(parts) {
  return Buffer.concat(parts.flatMap((part) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(Buffer.byteLength(part));
    return [size, Buffer.from(part)];
  }));
}

function messageKey(epochKey, salt) {
  const material = Buffer.from(hkdfSync('sha256', epochKey, salt, 'shodan sealed field', 32 + 12 + commitmentSize));
  return { key: material.subarray(0, 32), nonce: material.subarray(32, 44), commitment: material.subarray(44) };
}

/**
 * @param {{keyEpoch: number, key: Buffer}} epoch
 * @param {{table: string, field: string, rowId: string, projectId: string, userId: string, generation?: number, tokenVersion?: number}} at
 * @param {string|Buffer} plaintext
 * @returns {Buffer} as the vault would have sealed it
 */
export function sealField({ keyEpoch, key: epochKey }, at, plaintext) {
  const associatedData = lengthPrefixed([
    format, at.table, at.field, at.rowId, at.projectId, at.userId, String(at.generation ?? ''), String(keyEpoch), String(at.tokenVersion ?? ''),
  ]);
  const salt = randomBytes(saltSize);
  const { key, nonce, commitment } = messageKey(epochKey, salt);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associatedData);
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([associatedData, salt, commitment, sealed, cipher.getAuthTag()]);
}

/** @returns {{parts: string[], end: number}} the nine parts of the associated data and where they end */
function partsOf(sealed) {
  const parts = [];
  let at = 0;
  for (let index = 0; index < 9; index += 1) {
    const end = at + 4 + sealed.readUInt32BE(at);
    parts.push(sealed.subarray(at + 4, end).toString());
    at = end;
  }
  if (parts[0] !== format) throw new Error('not a sealed field');
  return { parts, end: at };
}

/** @returns {number} the epoch that a field says it was sealed under */
export const epochOf = (sealed) => Number(partsOf(sealed).parts[7]);

/** @returns {Buffer|undefined} the plaintext; undefined when this key does not open it */
export function openField(epochKey, sealed) {
  const { end } = partsOf(sealed);
  const rest = sealed.subarray(end);
  const { key, nonce, commitment } = messageKey(epochKey, rest.subarray(0, saltSize));
  if (!timingSafeEqual(commitment, rest.subarray(saltSize, saltSize + commitmentSize))) return undefined;
  const ciphertext = rest.subarray(saltSize + commitmentSize);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(sealed.subarray(0, end)).setAuthTag(ciphertext.subarray(-tagSize));
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(0, -tagSize)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** The keys that a key-ring file holds in clear. @returns {{keyEpoch: number, key: Buffer, primary: boolean}[]} */
export function epochKeysIn(keyRingFile) {
  return JSON.parse(readFileSync(keyRingFile, 'utf8')).epochs.filter(({ key }) => key)
    .map((entry) => ({ keyEpoch: entry.key_epoch, key: Buffer.from(entry.key, 'base64'), primary: entry.state === 'primary' }));
}

/** Every column of bytes of a table with a one-column key, whatever is in it. */
function byteColumns(postgres) {
  return postgres.query('token_vault', `SELECT c.table_name AS "table", c.column_name AS "column", k.attname AS key,
      format_type(k.atttypid, k.atttypmod) AS key_type
    FROM information_schema.columns c
    JOIN pg_index i ON i.indrelid = format('%I', c.table_name)::regclass AND i.indisprimary AND i.indnkeyatts = 1
    JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = i.indkey[0]
    WHERE c.table_schema = 'public' AND c.data_type = 'bytea' ORDER BY 1, 2`);
}

/**
 * How many sealed fields of the vault's database say that they are under an epoch, over every table.
 * @param {object} postgres see postgresAccess
 * @param {string} [epochs] a condition on the number of the epoch, e.g. '= 1'
 * @returns {Promise<number>}
 */
export async function countFields(postgres, epochs = 'IS NOT NULL') {
  const counts = (await byteColumns(postgres)).map(({ table, column }) => `(SELECT count(*) FROM ${table} WHERE sealed_key_epoch(${column}) ${epochs})`);
  const [{ count }] = await postgres.query('token_vault', `SELECT (${counts.join(' + ')})::int AS count`);
  return count;
}

/**
 * Every sealed field of the vault's database.
 * @yields {{table: string, column: string, id: string, sealed: Buffer}}
 */
export async function* sealedFields(postgres) {
  for (const { table, column, key, key_type: keyType } of await byteColumns(postgres)) {
    for (let after = 'true'; ;) {
      const rows = await postgres.query('token_vault', `SELECT ${key}::text AS id, encode(${column}, 'hex') AS sealed FROM ${table}
        WHERE sealed_key_epoch(${column}) IS NOT NULL AND ${after} ORDER BY ${key} LIMIT ${pageSize}`);
      for (const { id, sealed } of rows) yield { table, column, id, sealed: Buffer.from(sealed, 'hex') };
      if (rows.length < pageSize) break;
      after = `${key} > ${literal(rows.at(-1).id)}::${keyType}`;
    }
  }
}

/**
 * Tries every key on every sealed field.
 * @param {object} postgres
 * @param {Buffer[]} keys
 * @returns {Promise<{fields: number, opened: number}>}
 */
export async function tryKeys(postgres, keys) {
  const result = { fields: 0, opened: 0 };
  for await (const { sealed } of sealedFields(postgres)) {
    result.fields += 1;
    if (keys.some((key) => openField(key, sealed) !== undefined)) result.opened += 1;
  }
  return result;
}
