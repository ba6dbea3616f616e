// SPDX-License-Identifier: Apache-2.0
// A small schema for JSON input: one description serves the configuration file, the control API
// and partial updates, and every problem of an input is reported at once, by field.

/** Thrown when an input does not fit its schema; `problems` lists `{field, detail}`. */
export class InvalidInput extends Error {
  constructor(problems) {
    super(problems.map(({ field, detail }) => `${field || 'input'}: ${detail}`).join('; '));
    this.problems = problems;
  }
}

export const string = (options = {}) => ({ kind: 'string', ...options });
export const boolean = (options = {}) => ({ kind: 'boolean', ...options });
export const integer = (options = {}) => ({ kind: 'integer', ...options });
export const list = (item, options = {}) => ({ kind: 'list', item, ...options });
export const object = (fields, options = {}) => ({ kind: 'object', fields, ...options });
/** Any JSON value, taken as it is. */
export const json = (options = {}) => ({ kind: 'json', ...options });

/**
 * Checks `value` and returns a copy with defaults filled in.
 * Options of a schema: required, nullable, default, values (closed list), min, max, pattern.
 * @throws {InvalidInput} with all problems
 */
export function parse(schema, value, path = '') {
  const problems = [];
  const result = visit(schema, value, path, problems);
  if (problems.length > 0) throw new InvalidInput(problems);
  return result;
}

/** The same object schema for a partial update: nothing required, nothing defaulted. */
export function partial(schema) {
  const fields = {};
  for (const [name, field] of Object.entries(schema.fields)) {
    fields[name] = { ...field, required: false, default: undefined };
  }
  return { ...schema, fields };
}

function visit(schema, value, path, problems) {
  const complain = (detail) => void problems.push({ field: path, detail });
  if (value === null && schema.nullable) return null;
  switch (schema.kind) {
    case 'string':
      return visitString(schema, value, complain);
    case 'boolean':
      return typeof value === 'boolean' ? value : complain('must be true or false');
    case 'integer':
      return visitInteger(schema, value, complain);
    case 'list':
      if (!Array.isArray(value)) return complain('must be a list');
      if (value.length < (schema.min ?? 0)) return complain(`must hold at least ${schema.min}`);
      return value.map((item, index) => visit(schema.item, item, `${path}[${index}]`, problems));
    case 'object':
      return visitObject(schema, value, path, problems);
    default:
      return value;
  }
}

function visitString(schema, value, complain) {
  if (typeof value !== 'string') return complain('must be text');
  if (schema.values && !schema.values.includes(value)) {
    return complain(`must be one of ${schema.values.join(', ')}`);
  }
  if (value.length < (schema.min ?? 1)) return complain('must not be empty');
  if (value.length > (schema.max ?? 4096)) return complain(`is longer than ${schema.max ?? 4096}`);
  if (schema.pattern && !schema.pattern.test(value)) return complain(schema.hint ?? 'is malformed');
  return value;
}

function visitInteger(schema, value, complain) {
  if (!Number.isSafeInteger(value)) return complain('must be a whole number');
  if (schema.values && !schema.values.includes(value)) {
    return complain(`must be one of ${schema.values.join(', ')}`);
  }
  if (value < (schema.min ?? 0)) return complain(`must be at least ${schema.min ?? 0}`);
  if (schema.max !== undefined && value > schema.max) return complain(`must be at most ${schema.max}`);
  return value;
}

function visitObject(schema, value, path, problems) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return void problems.push({ field: path, detail: 'must be an object' });
  }
  const at = (name) => (path ? `${path}.${name}` : name);
  const result = {};
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(schema.fields, name)) problems.push({ field: at(name), detail: 'unknown key' });
  }
  for (const [name, field] of Object.entries(schema.fields)) {
    if (Object.hasOwn(value, name)) {
      result[name] = visit(field, value[name], at(name), problems);
    } else if (field.required) {
      problems.push({ field: at(name), detail: 'is required' });
    } else if (field.default !== undefined) {
      result[name] = structuredClone(field.default);
    }
  }
  return result;
}
