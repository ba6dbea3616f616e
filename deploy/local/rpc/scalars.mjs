// SPDX-License-Identifier: Apache-2.0
// Single values of a protobuf field between their proto3 JSON form and the wire.
import { UserError } from '../errors.mjs';

/** FieldDescriptorProto.Type */
export const types = {
  double: 1, float: 2, int64: 3, uint64: 4, int32: 5, fixed64: 6, fixed32: 7, bool: 8, string: 9, message: 11, bytes: 12,
  uint32: 13, enum: 14, sfixed32: 15, sfixed64: 16, sint32: 17, sint64: 18,
};

/** @param {number} type @returns {string} its name in a proto file */
export const typeName = (type) => Object.keys(types).find((name) => types[name] === type);

export const refuse = (place, what) => { throw new UserError(`${place || 'the request'} ${what}.`); };

/** @param {bigint} value @returns {Buffer} the least significant 64 bits as a varint */
export function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

function fixed(size, write) {
  const bytes = Buffer.alloc(size);
  write(bytes);
  return bytes;
}

/** A whole number from JSON: a number or a decimal text, within bits. */
function wholeNumber(value, bits, signed, place) {
  let number;
  try {
    if (typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value))) number = BigInt(value);
  } catch {
    number = undefined;
  }
  const fits = number !== undefined && (signed ? BigInt.asIntN(bits, number) : BigInt.asUintN(bits, number)) === number;
  return fits ? number : refuse(place, `must be a ${signed ? '' : 'non-negative '}whole number of ${bits} bits`);
}

function realNumber(value, place) {
  if (typeof value === 'number') return value;
  if (['NaN', 'Infinity', '-Infinity'].includes(value) || /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(String(value))) return Number(value);
  return refuse(place, 'must be a number');
}

function text(value, place) {
  return typeof value === 'string' ? Buffer.from(value) : refuse(place, 'must be a text');
}

function binary(value, place) {
  const valid = typeof value === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value);
  return valid ? Buffer.from(value, 'base64') : refuse(place, 'must be bytes in base64');
}

const varintOf = (bits, signed) => ({ wire: 0, encode: (value, place) => varint(wholeNumber(value, bits, signed, place)) });
const zigzagOf = (bits) => ({
  wire: 0,
  encode: (value, place) => {
    const number = wholeNumber(value, bits, true, place);
    return varint((number << 1n) ^ (number >> BigInt(bits - 1)));
  },
});

/** By type: the wire type, JSON to bytes (without length), wire value to JSON. */
const scalars = {
  [types.double]: { wire: 1, encode: (value, place) => fixed(8, (bytes) => bytes.writeDoubleLE(realNumber(value, place))), decode: (bytes) => bytes.readDoubleLE() },
  [types.float]: { wire: 5, encode: (value, place) => fixed(4, (bytes) => bytes.writeFloatLE(realNumber(value, place))), decode: (bytes) => bytes.readFloatLE() },
  [types.int64]: { ...varintOf(64, true), decode: String },
  [types.uint64]: { ...varintOf(64, false), decode: (value) => String(BigInt.asUintN(64, value)) },
  [types.int32]: { ...varintOf(32, true), decode: (value) => Number(BigInt.asIntN(32, value)) },
  [types.uint32]: { ...varintOf(32, false), decode: (value) => Number(BigInt.asUintN(32, value)) },
  [types.sint32]: { ...zigzagOf(32), decode: (value) => Number((BigInt.asUintN(32, value) >> 1n) ^ -(value & 1n)) },
  [types.sint64]: { ...zigzagOf(64), decode: (value) => String((BigInt.asUintN(64, value) >> 1n) ^ -(value & 1n)) },
  [types.fixed32]: { wire: 5, encode: (value, place) => fixed(4, (bytes) => bytes.writeUInt32LE(Number(wholeNumber(value, 32, false, place)))), decode: (bytes) => bytes.readUInt32LE() },
  [types.sfixed32]: { wire: 5, encode: (value, place) => fixed(4, (bytes) => bytes.writeInt32LE(Number(wholeNumber(value, 32, true, place)))), decode: (bytes) => bytes.readInt32LE() },
  [types.fixed64]: { wire: 1, encode: (value, place) => fixed(8, (bytes) => bytes.writeBigUInt64LE(wholeNumber(value, 64, false, place))), decode: (bytes) => String(bytes.readBigUInt64LE()) },
  [types.sfixed64]: { wire: 1, encode: (value, place) => fixed(8, (bytes) => bytes.writeBigInt64LE(wholeNumber(value, 64, true, place))), decode: (bytes) => String(bytes.readBigInt64LE()) },
  [types.bool]: {
    wire: 0,
    encode: (value, place) => (typeof value === 'boolean' ? varint(BigInt(value)) : refuse(place, 'must be true or false')),
    decode: (value) => value !== 0n,
  },
  [types.string]: { wire: 2, encode: text, decode: (bytes) => bytes.toString('utf8') },
  [types.bytes]: { wire: 2, encode: binary, decode: (bytes) => bytes.toString('base64') },
};

/** @param {{name: string, number: number}[]} values of an enumeration @returns {object} like those of `scalarOf` */
function enumeration(values) {
  return {
    wire: 0,
    encode: (value, place) => {
      const found = values.find(({ name, number }) => name === value || number === value);
      return found ? varint(BigInt(found.number)) : refuse(place, `must be one of ${values.map(({ name }) => name).join(', ')}`);
    },
    // A value that the schema does not know stays a number.
    decode: (value) => {
      const number = Number(BigInt.asIntN(32, value));
      return values.find((item) => item.number === number)?.name ?? number;
    },
  };
}

/**
 * @param {import('./schema.mjs').Schema} schema
 * @param {{type: number, typeName: string}} field not a message
 * @returns {{wire: number, encode: (value: any, place: string) => Buffer, decode: (value: bigint|Buffer) => any}}
 */
export const scalarOf = (schema, { type, typeName: name }) => (type === types.enum ? enumeration(schema.enums.get(name)) : scalars[type]);
