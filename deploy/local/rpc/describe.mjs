// SPDX-License-Identifier: Apache-2.0
// Methods and messages as text, in the notation of proto files.
import { types, typeName } from './scalars.mjs';

const kindOf = (field) => ([types.message, types.enum].includes(field.type) ? field.typeName : typeName(field.type));

function fieldLine(schema, field) {
  const entry = field.repeated && schema.messages.get(field.typeName)?.mapEntry ? schema.messages.get(field.typeName).fields : null;
  const type = entry ? `map<${kindOf(entry[0])}, ${kindOf(entry[1])}>` : `${field.repeated ? 'repeated ' : ''}${kindOf(field)}`;
  const notes = [field.oneof && `one of ${field.oneof}`, field.sensitive && 'sensitive'].filter(Boolean);
  return `  ${type} ${field.jsonName}${notes.length > 0 ? `  // ${notes.join(', ')}` : ''}`;
}

/** A message and everything of ours that it is made of, each once. */
function messageLines(schema, name, seen) {
  if (seen.has(name) || name.startsWith('google.protobuf.')) return [];
  seen.add(name);
  const values = schema.enums.get(name);
  if (values) return ['', `enum ${name} {`, ...values.map((value) => `  ${value.name}`), '}'];
  const { fields } = schema.messages.get(name);
  const parts = fields.flatMap((field) => (schema.messages.get(field.typeName)?.mapEntry ? schema.messages.get(field.typeName).fields : [field]));
  return [
    '', `message ${name} {`, ...fields.map((field) => fieldLine(schema, field)), '}',
    ...parts.filter(({ type }) => [types.message, types.enum].includes(type)).flatMap((field) => messageLines(schema, field.typeName, seen)),
  ];
}

const signature = ({ name, input, output, requestStream, responseStream }) =>
  `${name}(${requestStream ? 'stream ' : ''}${input}) returns (${responseStream ? 'stream ' : ''}${output})`;

const rulesText = (rules) => rules.map(({ identity, mode, scope }) => `${identity} (${mode}${scope ? ` ${scope}` : ''})`).join(', ') || 'nobody';

/** @returns {string[]} a method with its messages and, where it is known, who may call it */
export function describeMethod(schema, method, rules) {
  const seen = new Set();
  return [
    `// ${method.file}`, `rpc ${signature(method)}`, ...(rules ? [`// called by: ${rulesText(rules)}`] : []),
    ...messageLines(schema, method.input, seen), ...messageLines(schema, method.output, seen),
  ];
}

/** @returns {string[]} the methods of schemas, by service */
export function listMethods(schemas, rulesOf) {
  const methods = schemas.flatMap((schema) => [...schema.methods.values()]);
  const services = [...new Set(methods.map(({ service }) => service))];
  return services.flatMap((service) => [service, ...methods.filter((method) => method.service === service).map((method) => {
    const rules = rulesOf?.(method.path);
    return `  ${method.name.padEnd(24)}${rules ? `  ${rulesText(rules)}` : ''}`.trimEnd();
  })]);
}
