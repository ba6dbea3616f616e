// SPDX-License-Identifier: Apache-2.0
// The messages of google.protobuf that have a JSON form of their own: to and from their fields in JSON.
import { refuse } from './scalars.mjs';

const nanosOf = (digits = '') => Number(digits.padEnd(9, '0'));
const fraction = (nanos) => (nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/(000){1,2}$/, '')}`);

const timestamp = {
  fromJson(value, place) {
    const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(value);
    const milliseconds = match ? Date.parse(`${match[1]}${match[3]}`) : NaN;
    if (Number.isNaN(milliseconds)) return refuse(place, 'must be a time as in RFC 3339, such as 2026-01-31T12:00:00Z');
    return { seconds: milliseconds / 1000, nanos: nanosOf(match[2]) };
  },
  toJson: ({ seconds = '0', nanos = 0 }) => `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}${fraction(nanos)}Z`,
};

const duration = {
  fromJson(value, place) {
    const match = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/.exec(value);
    if (!match) return refuse(place, 'must be a duration in seconds, such as 1.5s');
    const sign = match[1] ? -1 : 1;
    return { seconds: sign * Number(match[2]), nanos: sign * nanosOf(match[3]) };
  },
  toJson({ seconds = '0', nanos = 0 }) {
    const negative = Number(seconds) < 0 || nanos < 0;
    return `${negative ? '-' : ''}${Math.abs(Number(seconds))}${fraction(Math.abs(nanos))}s`;
  },
};

const camelCase = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const snakeCase = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const fieldMask = {
  fromJson: (value, place) => (typeof value === 'string'
    ? { paths: value.split(',').filter(Boolean).map(snakeCase) }
    : refuse(place, 'must be a text with the names of fields and commas between them')),
  toJson: ({ paths = [] }) => paths.map(camelCase).join(','),
};

const isObject = (value) => value !== null && typeof value === 'object';

function valueFields(value) {
  if (value === null) return { nullValue: 0 };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Array.isArray(value) ? { listValue: value } : { structValue: value };
}

/** By full name: `fromJson` answers the message's fields, `toJson` takes them. */
export const wellKnown = {
  'google.protobuf.Timestamp': timestamp,
  'google.protobuf.Duration': duration,
  'google.protobuf.FieldMask': fieldMask,
  'google.protobuf.Struct': {
    fromJson: (value, place) => (isObject(value) && !Array.isArray(value) ? { fields: value } : refuse(place, 'must be an object')),
    toJson: ({ fields = {} }) => fields,
  },
  'google.protobuf.ListValue': {
    fromJson: (value, place) => (Array.isArray(value) ? { values: value } : refuse(place, 'must be a list')),
    toJson: ({ values = [] }) => values,
  },
  'google.protobuf.Value': {
    fromJson: valueFields,
    toJson: (fields) => {
      const [[name, value] = []] = Object.entries(fields);
      return name === 'nullValue' ? null : value ?? null;
    },
  },
};
