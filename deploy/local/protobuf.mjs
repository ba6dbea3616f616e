// SPDX-License-Identifier: Apache-2.0
// As much of the protobuf wire format as deploy/dev needs, so that it works without npm packages.
// A message type is {number: [name, kind]}, where kind is 'int', 'bool', 'string', 'bytes', 'time' or another message
// type, alone or in an array for a repeated field.

/** @returns {bigint} as a signed number of 64 bits */
export function readVarint(bytes, at) {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes[at.offset];
    at.offset += 1;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asIntN(64, value);
  }
  throw new Error('a number of the answer is too long');
}

/**
 * Reads one field and moves `at.offset` behind it.
 * @returns {{number: number, wire: number, value: bigint|Buffer}} a varint (wire type 0), or the bytes of the others
 */
export function readField(bytes, at) {
  const tag = Number(readVarint(bytes, at));
  const wire = tag & 7;
  let value;
  if (wire === 0) value = readVarint(bytes, at);
  else {
    const size = wire === 2 ? Number(readVarint(bytes, at)) : { 1: 8, 5: 4 }[wire];
    if (size === undefined || at.offset + size > bytes.length) throw new Error('the answer is not a protobuf message');
    value = bytes.subarray(at.offset, at.offset + size);
    at.offset += size;
  }
  return { number: tag >> 3, wire, value };
}

const timeType = { 1: ['seconds', 'int'], 2: ['nanos', 'int'] };

function readTime(bytes) {
  const { seconds, nanos } = decode(timeType, bytes);
  return new Date(seconds * 1000 + nanos / 1e6).toISOString();
}

function convert(kind, value) {
  if (kind === 'int') return Number(value);
  if (kind === 'bool') return value !== 0n;
  if (kind === 'string') return Buffer.from(value).toString('utf8');
  if (kind === 'bytes') return Buffer.from(value);
  return kind === 'time' ? readTime(value) : decode(kind, value);
}

/** Numbers of a packed repeated field, or the one of an unpacked one. */
function readMany(kind, { wire, value }) {
  if (kind !== 'int' || wire === 0) return [convert(kind, value)];
  const numbers = [];
  for (const at = { offset: 0 }; at.offset < value.length;) numbers.push(Number(readVarint(value, at)));
  return numbers;
}

const absent = (kind) => (Array.isArray(kind) ? [] : { int: 0, bool: false, string: '' }[kind] ?? null);

/** @returns {object} a message by the names of its type; unknown fields are left out */
export function decode(type, bytes) {
  const message = Object.fromEntries(Object.values(type).map(([name, kind]) => [name, absent(kind)]));
  for (const at = { offset: 0 }; at.offset < bytes.length;) {
    const field = readField(bytes, at);
    if (!type[field.number]) continue;
    const [name, kind] = type[field.number];
    if (Array.isArray(kind)) message[name].push(...readMany(kind[0], field));
    else message[name] = convert(kind, field.value);
  }
  return message;
}

function writeVarint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** @returns {Buffer} a message of non-negative numbers by field number */
export const encodeNumbers = (fields) =>
  Buffer.concat(Object.entries(fields).map(([number, value]) => Buffer.concat([writeVarint(number << 3), writeVarint(value)])));
