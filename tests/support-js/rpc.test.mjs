// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import protoLoader from '@grpc/proto-loader';
import { root } from '../../deploy/local/layout.mjs';
import { decode } from '../../deploy/local/protobuf.mjs';
import { callerOf } from '../../deploy/local/rpc/caller.mjs';
import { messageReader } from '../../deploy/local/rpc/call.mjs';
import { describeMethod } from '../../deploy/local/rpc/describe.mjs';
import { decodeMessage, encodeMessage } from '../../deploy/local/rpc/json.mjs';
import { requestsOf, rpcOptions } from '../../deploy/local/rpc/options.mjs';
import { Schema } from '../../deploy/local/rpc/schema.mjs';

const everyKind = `syntax = "proto3";
package kinds;
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
enum Colour { COLOUR_UNSPECIFIED = 0; COLOUR_RED = 1; COLOUR_BELOW = -1; }
message Inner { string a_name = 1; Inner inner = 2; }
message All {
  double a_double = 1; float a_float = 2; int64 an_int64 = 3; uint64 a_uint64 = 4; int32 an_int32 = 5; fixed64 a_fixed64 = 6;
  fixed32 a_fixed32 = 7; bool a_bool = 8; string a_string = 9; bytes some_bytes = 10; uint32 a_uint32 = 11; Colour colour = 12;
  sfixed32 an_sfixed32 = 13; sfixed64 an_sfixed64 = 14; sint32 an_sint32 = 15; sint64 an_sint64 = 16; Inner inner = 17;
  repeated int32 numbers = 18; repeated string texts = 19; repeated Inner inners = 20; map<string, int64> counts = 21;
  map<int32, Inner> by_number = 22; map<bool, string> by_truth = 23; repeated Colour colours = 24; repeated double doubles = 25;
  oneof choice { string this_one = 26; Inner that_one = 27; }
  google.protobuf.Timestamp time = 30; google.protobuf.Duration duration = 31; google.protobuf.FieldMask mask = 32;
  google.protobuf.Struct structure = 33; google.protobuf.Value any_value = 34; optional int32 perhaps = 35;
}
service Kinds { rpc Take(All) returns (Inner); rpc Pour(stream Inner) returns (stream All); }
`;

let directory;
let schema;
let types;

/** The descriptors that a server would send, made by protoc. */
function schemaOf(file, includes) {
  const output = join(directory, 'descriptors');
  execFileSync('protoc', [...includes.map((path) => `-I${path}`), '--include_imports', `--descriptor_set_out=${output}`, file]);
  const result = new Schema();
  for (const bytes of decode({ 1: ['files', ['bytes']] }, readFileSync(output)).files) result.add(bytes);
  return result;
}

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'shodan-rpc-'));
  writeFileSync(join(directory, 'kinds.proto'), everyKind);
  schema = schemaOf('kinds.proto', [directory]);
  types = protoLoader.loadSync('kinds.proto', { includeDirs: [directory], longs: String, enums: String, bytes: String, oneofs: false });
});
after(() => rmSync(directory, { recursive: true, force: true }));

const there = (value) => encodeMessage(schema, 'kinds.All', value);
const back = (bytes) => decodeMessage(schema, 'kinds.All', bytes);

const full = {
  aDouble: 1.5, aFloat: -2.25, anInt64: '-9223372036854775808', aUint64: '18446744073709551615', anInt32: -1, aFixed64: '18446744073709551614',
  aFixed32: 4294967295, aBool: true, aString: 'Ünï 📞', someBytes: 'AP+A', aUint32: 4294967294, colour: 'COLOUR_RED', anSfixed32: -7,
  anSfixed64: '-8', anSint32: -2147483648, anSint64: '-9223372036854775807', inner: { aName: 'x', inner: { aName: 'y' } },
  numbers: [1, -1, 300], texts: ['', 'b'], inners: [{}, { aName: 'z' }], counts: { one: '1', '': '0' }, byNumber: { '-5': { aName: 'm' } },
  byTruth: { true: 'yes' }, colours: ['COLOUR_RED', 'COLOUR_BELOW'], doubles: [0.5, 1e300], thatOne: { aName: 'chosen' },
};

describe('messages between JSON and the wire', () => {
  test('every kind of field comes back as it was given', () => {
    assert.deepEqual(back(there(full)), full);
  });

  test('another implementation reads the same values from the bytes', () => {
    const read = types['kinds.All'].deserialize(there(full));
    assert.equal(read.anInt64, full.anInt64);
    assert.equal(read.aUint64, full.aUint64);
    assert.equal(read.anSint32, full.anSint32);
    assert.equal(read.anSint64, full.anSint64);
    assert.deepEqual(read.numbers, full.numbers);
    assert.deepEqual(read.counts, full.counts);
    assert.equal(read.colour, 'COLOUR_RED');
    assert.equal(read.thatOne.aName, 'chosen');
    assert.equal(read.aString, full.aString);
  });

  test('the bytes of another implementation, with packed lists, are read as well', () => {
    const value = { numbers: [1, -1, 300], doubles: [0.5, 1e300], anSint64: '-9', counts: { n: '7' }, colours: ['COLOUR_BELOW'] };
    assert.deepEqual(back(types['kinds.All'].serialize(value)), value);
  });

  test('well-known messages have their own JSON', () => {
    const values = {
      time: '2026-01-31T12:00:00.120Z', duration: '-1.500s', mask: 'topic,startTime',
      structure: { a: null, b: [1, 'x', { c: true }], d: {}, e: 0, f: '' }, anyValue: null, perhaps: 0,
    };
    assert.deepEqual(back(there(values)), values);
    assert.deepEqual(back(there({ time: '2026-01-31T21:00:00+09:00', duration: '3s' })), { time: '2026-01-31T12:00:00Z', duration: '3s' });
    assert.deepEqual(types['kinds.All'].deserialize(there({ mask: 'topic,startTime' })).mask.paths, ['topic', 'start_time']);
  });

  test('names of the proto file, numbers for texts, texts for numbers and null are taken', () => {
    assert.deepEqual(back(there({ an_int64: 5, an_int32: '6', colour: 1, inner: { a_name: 'x' }, aString: null })),
      { anInt64: '5', anInt32: 6, colour: 'COLOUR_RED', inner: { aName: 'x' } });
  });

  for (const [what, value, message] of [
    ['an unknown field', { inner: { nmae: 'x' } }, /inner\.nmae is not a field of kinds\.Inner; its fields: aName, inner/],
    ['a number that does not fit', { anInt32: 2147483648 }, /anInt32 must be a whole number of 32 bits/],
    ['a negative unsigned number', { aUint64: '-1' }, /aUint64 must be a non-negative whole number/],
    ['a fraction', { anInt64: 1.5 }, /anInt64 must be a whole number/],
    ['a number for a text', { texts: ['a', 1] }, /texts\[1\] must be a text/],
    ['one value for a list', { texts: 'a' }, /texts must be a list/],
    ['a text for a boolean', { aBool: 'true' }, /aBool must be true or false/],
    ['an unknown value', { colour: 'COLOUR_BLUE' }, /colour must be one of COLOUR_UNSPECIFIED, COLOUR_RED/],
    ['what is not base64', { someBytes: '*' }, /someBytes must be bytes in base64/],
    ['no time', { time: 'tomorrow' }, /time must be a time as in RFC 3339/],
    ['two of one choice', { thisOne: 'a', thatOne: {} }, /thatOne and thisOne exclude each other/],
    ['a list for a message', { inner: [] }, /inner must be an object/],
  ]) {
    test(`${what} is refused with the field's name`, () => assert.throws(() => there(value), { name: 'UserError', message }));
  }

  test('an answer that is cut in any place is read or refused, and never read on', () => {
    const bytes = there(full);
    for (let length = 0; length < bytes.length; length += 1) {
      try {
        back(bytes.subarray(0, length));
      } catch (error) {
        assert.match(error.message, /not a protobuf message|too long|Cannot read|out of (?:range|bounds)/i);
      }
    }
  });

  test('messages are cut out of a body whatever its pieces are', () => {
    const frames = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(70_000, 7)].map((body) => {
      const head = Buffer.alloc(5);
      head.writeUInt32BE(body.length, 1);
      return Buffer.concat([head, body]);
    });
    const whole = Buffer.concat(frames);
    for (const size of [1, 7, 65_536, whole.length]) {
      const read = messageReader();
      const messages = [];
      for (let offset = 0; offset < whole.length; offset += size) messages.push(...read(whole.subarray(offset, offset + size)));
      assert.deepEqual(messages.map(({ length }) => length), [3, 0, 70_000]);
    }
  });
});

describe('what services say about themselves', () => {
  test('methods come with their messages and streams', () => {
    assert.deepEqual([...schema.methods.values()].map(({ path, requestStream, responseStream }) => [path, requestStream, responseStream]),
      [['/kinds.Kinds/Take', false, false], ['/kinds.Kinds/Pour', true, true]]);
    const text = describeMethod(schema, schema.methods.get('/kinds.Kinds/Take'), [{ identity: 'gateway', mode: 'user' }]).join('\n');
    assert.match(text, /rpc Take\(kinds\.All\) returns \(kinds\.Inner\)\n\/\/ called by: gateway \(user\)/);
    assert.match(text, /map<int32, kinds\.Inner> byNumber/);
    assert.match(text, /string thisOne {2}\/\/ one of choice/);
    assert.equal(text.match(/message kinds\.Inner \{/g).length, 1);
  });

  test('sensitive fields are known and can be left out', () => {
    const ours = schemaOf('shodan/zoomapi/v1/zoom_api_service.proto', [join(root, 'proto')]);
    const bytes = encodeMessage(ours, 'shodan.zoomapi.v1.Meeting', { meetingId: '1', topic: 'Plan', settings: { a: 1 } });
    assert.deepEqual(decodeMessage(ours, 'shodan.zoomapi.v1.Meeting', bytes, { hide: true }), { meetingId: '1', topic: '(hidden)', settings: '(hidden)' });
    assert.deepEqual(decodeMessage(ours, 'shodan.zoomapi.v1.Meeting', bytes), { meetingId: '1', topic: 'Plan', settings: { a: 1 } });
  });
});

describe('who calls', () => {
  const both = [{ identity: 'gateway', mode: 'user' }, { identity: 'automation', mode: 'service' }];
  const admin = [{ identity: 'gateway', mode: 'admin' }];
  for (const [what, rules, wanted, request, expected] of [
    ['a service, when one may', both, {}, { userId: 'u' }, { identity: 'automation', mode: 'service', userId: null }],
    ['the gateway for a named user', both, { userId: 'u2' }, { userId: 'u' }, { identity: 'gateway', mode: 'user', userId: 'u2' }],
    ['the gateway for the request\'s user', both.slice(0, 1), {}, { userId: 'u' }, { identity: 'gateway', mode: 'user', userId: 'u' }],
    ['the gateway for an administrator', admin, { userId: 'boss' }, { userId: 'u' }, { identity: 'gateway', mode: 'admin', userId: 'boss' }],
    ['the gateway for an API key, where it is offered to nobody else', [{ identity: 'gateway', mode: 'api_key', scope: 'token.read' }], {}, {}, { identity: 'gateway', mode: 'api_key', scope: 'token.read', userId: null }],
    ['whoever is named, even where the policy does not', both, { identity: 'call-link' }, {}, { identity: 'call-link', mode: 'service', userId: null }],
  ]) {
    test(what, () => assert.deepEqual(callerOf(rules, wanted, request), expected));
  }
  test('nobody without what the mode needs', () => {
    assert.throws(() => callerOf(admin, {}, { userId: 'u' }), /administrator/);
    assert.throws(() => callerOf(both.slice(0, 1), {}, {}), /say which with --user/);
    assert.throws(() => callerOf([], {}, {}), /no rule/);
    assert.throws(() => callerOf(both.slice(1), { userId: 'u' }, {}), /nobody calls this method for a user/);
    assert.throws(() => callerOf(both, { identity: 'stranger' }, {}), /no certificate of 'stranger'/);
  });
});

describe('the command line', () => {
  const options = (...args) => rpcOptions(args, directory);
  test('takes the request from the line or from a file beside the caller', () => {
    writeFileSync(join(directory, 'request.json'), '{"a": 1}');
    assert.equal(options('GetLink', '{}').input, '{}');
    assert.equal(options('GetLink', '@request.json').input, '{"a": 1}');
    assert.throws(() => options('GetLink', '@missing.json'), /missing\.json cannot be read/);
  });
  test('reads one request, or for a stream one a line', () => {
    assert.deepEqual(requestsOf(undefined, false), [{}]);
    assert.deepEqual(requestsOf('{"a": 1}', false), [{ a: 1 }]);
    assert.deepEqual(requestsOf('{"a": 1}\n\n{"a": 2}\n', true), [{ a: 1 }, { a: 2 }]);
    assert.throws(() => requestsOf('{a: 1}', false), /not JSON/);
    assert.throws(() => requestsOf('{"a": 1}\n{a}', true), /request 2 is not JSON/);
  });
  test('refuses what it does not know, and what does not go together', () => {
    assert.throws(() => options(), /needs a method/);
    assert.throws(() => options('A', '{}', 'more'), /takes a method and one request/);
    assert.throws(() => options('A', '--nonsense'), /nonsense/);
    assert.throws(() => options('A', '--deadline', 'soon'), /--deadline needs/);
    assert.throws(() => options('A', '--ca', 'x'), /--ca belongs to --address/);
    assert.throws(() => options('A', '--address', 'h:1'), /needs --ca, --cert and --key/);
  });
  test('vouches for nobody outside the local stack', () => {
    const elsewhere = ['A', '--address', 'h:1', '--ca', 'a', '--cert', 'b', '--key', 'c'];
    assert.equal(options(...elsewhere).remote.caFile, join(directory, 'a'));
    for (const option of ['--user', '--as', '--project']) assert.throws(() => options(...elsewhere, option, 'x'), /is for the local stack/);
  });
});
