// SPDX-License-Identifier: Apache-2.0
// What a server says about its own methods and messages (gRPC server reflection v1alpha).
import { UserError } from '../errors.mjs';
import { decode, encodeNumbers, readField } from '../protobuf.mjs';
import { callMethod } from './call.mjs';

const reflectionPath = '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo';
/** Services that are there for tools. */
const toolServices = /^grpc\./;
/** shodan.annotations.v1.sensitive */
const sensitiveOption = 50001;

const enumType = { 1: ['name', 'string'], 2: ['values', [{ 1: ['name', 'string'], 2: ['number', 'int'] }]] };
// FieldDescriptorProto and the like; oneofIndex is a list, to tell an absent one from 0.
const fieldType = {
  1: ['name', 'string'], 3: ['number', 'int'], 4: ['label', 'int'], 5: ['type', 'int'], 6: ['typeName', 'string'],
  8: ['options', 'bytes'], 9: ['oneofIndex', ['int']], 10: ['jsonName', 'string'], 17: ['optional', 'bool'],
};
const messageType = {
  1: ['name', 'string'], 2: ['fields', [fieldType]], 4: ['enums', [enumType]], 7: ['options', { 7: ['mapEntry', 'bool'] }],
  8: ['oneofs', [{ 1: ['name', 'string'] }]],
};
messageType[3] = ['messages', [messageType]];
const serviceType = {
  1: ['name', 'string'],
  2: ['methods', [{ 1: ['name', 'string'], 2: ['input', 'string'], 3: ['output', 'string'], 5: ['requestStream', 'bool'], 6: ['responseStream', 'bool'] }]],
};
const fileType = {
  1: ['name', 'string'], 2: ['package', 'string'], 4: ['messages', [messageType]], 5: ['enums', [enumType]], 6: ['services', [serviceType]],
};
const answerType = {
  4: ['files', { 1: ['bytes', ['bytes']] }],
  6: ['list', { 1: ['services', [{ 1: ['name', 'string'] }]] }],
  7: ['error', { 1: ['code', 'int'], 2: ['message', 'string'] }],
};

/** @returns {boolean} whether the options of a field (bytes) mark it as sensitive */
function isSensitive(options) {
  for (const at = { offset: 0 }; at.offset < (options?.length ?? 0);) {
    const { number, value } = readField(options, at);
    if (number === sensitiveOption) return value !== 0n;
  }
  return false;
}

function fieldOf(field, oneofs) {
  const { name, number, type, optional, oneofIndex: [oneof] } = field;
  return {
    name, number, type,
    jsonName: field.jsonName || name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase()),
    typeName: field.typeName.slice(1),
    repeated: field.label === 3,
    sensitive: isSensitive(field.options),
    oneof: oneof === undefined || optional ? null : oneofs[oneof].name,
  };
}

/** Messages, enumerations and methods of files. */
export class Schema {
  /** by full name: {name, fields, mapEntry} */
  messages = new Map();
  /** by full name: the values, [{name, number}] */
  enums = new Map();
  /** by path: {path, name, service, file, input, output, requestStream, responseStream} */
  methods = new Map();

  /** @param {Buffer} bytes a FileDescriptorProto; one that is known already changes nothing */
  add(bytes) {
    const file = decode(fileType, bytes);
    const scope = file.package ? `${file.package}.` : '';
    this.#addTypes(scope, file);
    for (const { name, methods } of file.services) {
      for (const { input, output, ...method } of methods) {
        const path = `/${scope}${name}/${method.name}`;
        this.methods.set(path, { ...method, path, service: `${scope}${name}`, file: file.name, input: input.slice(1), output: output.slice(1) });
      }
    }
  }

  #addTypes(scope, { messages, enums }) {
    for (const { name, values } of enums) this.enums.set(`${scope}${name}`, values);
    for (const message of messages) {
      const name = `${scope}${message.name}`;
      this.messages.set(name, {
        name, mapEntry: message.options?.mapEntry ?? false, fields: message.fields.map((field) => fieldOf(field, message.oneofs)),
      });
      this.#addTypes(`${name}.`, message);
    }
  }
}

const textField = (number, text) => {
  const bytes = Buffer.from(text);
  // A key of wire type 2 is that of wire type 0 plus 2; names are shorter than 128 bytes.
  const [key] = encodeNumbers({ [number]: 0 });
  return Buffer.concat([Buffer.from([key + 2, bytes.length]), bytes]);
};

async function ask(access, requests) {
  const answers = (await callMethod(access, reflectionPath, requests)).map((bytes) => decode(answerType, bytes));
  const refused = answers.find(({ error }) => error);
  if (refused) throw new UserError(`${access.target} does not describe its methods: ${refused.error.message}`);
  return answers;
}

/**
 * Asks a server for everything it serves.
 * @param {import('./call.mjs').Access} access
 * @returns {Promise<Schema>}
 */
export async function reflect(access) {
  const [{ list }] = await ask(access, [textField(7, '')]);
  const names = list.services.map(({ name }) => name).filter((name) => !toolServices.test(name));
  const schema = new Schema();
  for (const { files } of await ask(access, names.map((name) => textField(4, name)))) files.bytes.forEach((bytes) => schema.add(bytes));
  return schema;
}
