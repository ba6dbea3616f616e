// SPDX-License-Identifier: Apache-2.0
// Messages between proto3 JSON (https://protobuf.dev/programming-guides/json) and the wire, by a schema from reflection.
import { readField, readVarint } from '../protobuf.mjs';
import { refuse, scalarOf, types, varint } from './scalars.mjs';
import { wellKnown } from './well-known.mjs';

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const within = (place, name) => (place ? `${place}.${name}` : name);

/** The bytes of one field: key, then the value. */
function tagged(number, wire, bytes) {
  const key = varint(BigInt((number << 3) | wire));
  return Buffer.concat(wire === 2 ? [key, varint(BigInt(bytes.length)), bytes] : [key, bytes]);
}

function encodeValue(schema, field, value, place) {
  if (field.type === types.message) return tagged(field.number, 2, encodeMessage(schema, field.typeName, value, place));
  const scalar = scalarOf(schema, field);
  return tagged(field.number, scalar.wire, scalar.encode(value, place));
}

const isMap = (schema, field) => field.type === types.message && field.repeated && schema.messages.get(field.typeName)?.mapEntry;

/** A JSON key as the JSON value of a map's key type. */
const keyValue = (text, { type }) => (type === types.bool ? { true: true, false: false }[text] : text);

function encodeMap(schema, field, value, place) {
  if (!isObject(value)) return refuse(place, 'must be an object');
  const [keyField, valueField] = schema.messages.get(field.typeName).fields;
  return Buffer.concat(Object.entries(value).map(([key, item]) => tagged(field.number, 2, Buffer.concat([
    encodeValue(schema, keyField, keyValue(key, keyField), within(place, key)), encodeValue(schema, valueField, item, within(place, key)),
  ]))));
}

function encodeField(schema, field, value, place) {
  // null stands for an absent field; google.protobuf.Value has a null of its own.
  if (value === null && field.typeName !== 'google.protobuf.Value') return Buffer.alloc(0);
  if (isMap(schema, field)) return encodeMap(schema, field, value, place);
  if (!field.repeated) return encodeValue(schema, field, value, place);
  if (!Array.isArray(value)) return refuse(place, 'must be a list');
  return Buffer.concat(value.map((item, index) => encodeValue(schema, field, item, `${place}[${index}]`)));
}

function encodeFields(schema, message, value, place) {
  if (!isObject(value)) return refuse(place, 'must be an object');
  const chosen = new Map();
  return Buffer.concat(Object.entries(value).map(([key, item]) => {
    const field = message.fields.find((one) => one.jsonName === key || one.name === key);
    if (!field) return refuse(within(place, key), `is not a field of ${message.name}; its fields: ${message.fields.map(({ jsonName }) => jsonName).join(', ') || 'none'}`);
    if (field.oneof && item !== null) {
      if (chosen.has(field.oneof)) refuse(within(place, key), `and ${chosen.get(field.oneof)} exclude each other`);
      chosen.set(field.oneof, field.jsonName);
    }
    return encodeField(schema, field, item, within(place, key));
  }));
}

/**
 * @param {import('./schema.mjs').Schema} schema
 * @param {string} name of the message
 * @param {any} value its JSON form; fields in lowerCamelCase or as in the proto file
 * @param {string} [place] where it is in the request
 * @returns {Buffer}
 * @throws {UserError} naming the field
 */
export function encodeMessage(schema, name, value, place = '') {
  const fields = wellKnown[name] ? wellKnown[name].fromJson(value, place) : value;
  return encodeFields(schema, schema.messages.get(name), fields, place);
}

/** All values of a field on the wire: one, or those of a packed list. */
function* valuesOf(scalar, { wire, value }) {
  if (wire === scalar.wire) yield value;
  else if (wire === 2) {
    for (const at = { offset: 0 }; at.offset < value.length;) {
      if (scalar.wire === 0) yield readVarint(value, at);
      else {
        const size = scalar.wire === 1 ? 8 : 4;
        yield value.subarray(at.offset, at.offset + size);
        at.offset += size;
      }
    }
  }
}

/** What a map's key or value is when the wire leaves it out. */
function absent(schema, field) {
  if (field.type === types.message) return decodeMessage(schema, field.typeName, Buffer.alloc(0));
  const scalar = scalarOf(schema, field);
  return scalar.decode(scalar.wire === 0 ? 0n : Buffer.alloc(scalar.wire === 2 ? 0 : 8));
}

function decodeInto(schema, result, field, wired, hide) {
  const add = (value) => {
    if (field.repeated) (result[field.jsonName] ??= []).push(value);
    else result[field.jsonName] = value;
  };
  if (hide && field.sensitive) {
    result[field.jsonName] = hidden;
  } else if (isMap(schema, field)) {
    const entry = decodeMessage(schema, field.typeName, wired.value, { hide });
    const [keyField, valueField] = schema.messages.get(field.typeName).fields;
    const value = 'value' in entry ? entry.value : absent(schema, valueField);
    (result[field.jsonName] ??= {})[String(entry.key ?? absent(schema, keyField))] = value;
  } else if (field.type === types.message) {
    add(decodeMessage(schema, field.typeName, wired.value, { hide }));
  } else {
    const scalar = scalarOf(schema, field);
    for (const value of valuesOf(scalar, wired)) add(scalar.decode(value));
  }
}

/** What stands for a sensitive value that is not shown. */
export const hidden = '(hidden)';

/**
 * @param {import('./schema.mjs').Schema} schema
 * @param {string} name of the message
 * @param {Buffer} bytes
 * @param {{hide?: boolean}} [options] `hide`: sensitive fields are not shown
 * @returns {any} its JSON form; fields with their default value are left out
 */
export function decodeMessage(schema, name, bytes, { hide = false } = {}) {
  const message = schema.messages.get(name);
  const result = {};
  for (const at = { offset: 0 }; at.offset < bytes.length;) {
    const wired = readField(bytes, at);
    const field = message.fields.find(({ number }) => number === wired.number);
    if (field) decodeInto(schema, result, field, wired, hide);
  }
  return wellKnown[name] ? wellKnown[name].toJson(result) : result;
}
