// SPDX-License-Identifier: Apache-2.0
// The lines of an import file, one JSON object each.

/** Longer than any good line: an envelope of 16 KiB, 100 scopes, two ids. */
export const maxLineBytes = 65_536;

const maxIdBytes = 255;
const maxEnvelopeBytes = 16_384;
const maxScopes = 100;
const newline = 10;

/**
 * @param {AsyncIterable<Buffer>} stream
 * @param {number} [limit] bytes
 * @returns {AsyncGenerator<{number: number, text: string|null}>} lines that are not empty, counted from 1; null for one that is too long
 */
export async function* linesOf(stream, limit = maxLineBytes) {
  let number = 1;
  let parts = [];
  let size = 0;
  const line = () => ({ number, text: size > limit ? null : Buffer.concat(parts).toString('utf8') });
  const isBlank = ({ text }) => text !== null && text.trim() === '';
  for await (const chunk of stream) {
    for (let start = 0; start < chunk.length;) {
      const end = chunk.indexOf(newline, start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end);
      size += piece.length;
      if (size <= limit) parts.push(piece);
      start += piece.length + 1;
      if (end === -1) break;
      const read = line();
      if (!isBlank(read)) yield read;
      number += 1;
      parts = [];
      size = 0;
    }
  }
  const last = line();
  if (size > 0 && !isBlank(last)) yield last;
}

const isText = (value, max) => typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= max;
const fields = {
  userId: (value) => isText(value, maxIdBytes),
  externalId: (value) => value === '' || isText(value, maxIdBytes),
  scopes: (value) => Array.isArray(value) && value.length <= maxScopes && value.every((scope) => isText(scope, 128)),
  envelope: (value) => isText(value, maxEnvelopeBytes),
};
const shown = (name) => (/^[\w.-]{1,64}$/.test(name) ? name : 'line');

/**
 * @param {string|null} text a line
 * @returns {{connection: object} | {userId?: string, field: string, reason: string}} the connection, or the bad field ("line" for the
 *   whole), in words that repeat no value
 */
export function parseLine(text) {
  if (text === null) return { field: 'line', reason: 'TOO_LONG' };
  let connection;
  try {
    connection = JSON.parse(text);
  } catch {
    return { field: 'line', reason: 'NOT_JSON' };
  }
  if (connection === null || typeof connection !== 'object' || Array.isArray(connection)) return { field: 'line', reason: 'NOT_AN_OBJECT' };
  const known = fields.userId(connection.userId) ? { userId: connection.userId } : {};
  for (const name of Object.keys(connection)) {
    // Tokens that are not encrypted are not sent anywhere.
    if (!Object.hasOwn(fields, name)) return { ...known, field: shown(name), reason: 'UNKNOWN_FIELD' };
  }
  for (const name of ['userId', 'envelope']) {
    if (connection[name] === undefined) return { ...known, field: name, reason: 'REQUIRED' };
  }
  const bad = Object.keys(connection).find((name) => !fields[name](connection[name]));
  return bad === undefined ? { connection } : { ...known, field: bad, reason: 'INVALID_FIELD' };
}
