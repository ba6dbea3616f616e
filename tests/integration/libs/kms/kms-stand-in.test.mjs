// SPDX-License-Identifier: Apache-2.0
// The stand-in, seen by AWS's own client from npm: what that client can talk to speaks the protocol.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DecryptCommand, DescribeKeyCommand, EncryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { KmsStandIn } from '../../../kms-stand-in/server.mjs';

const KeyId = 'alias/shodan';
const EncryptionContext = { shodan: 'key-ring', key_epoch: '7' };
const sessionToken = 'a session token';

let kms;
let client;

const clientWith = (changes = {}, options = {}) => new KMSClient({
  region: 'eu-central-1', endpoint: kms.endpoint, maxAttempts: 1,
  credentials: { accessKeyId: 'AKIDSTANDIN', secretAccessKey: 'stand-in secret', ...changes }, ...options,
});
const errorOf = (promise) => promise.then(() => assert.fail('it was answered'), (error) => error.name);

before(async () => {
  kms = await new KmsStandIn({
    credentials: { AKIDSTANDIN: { secret: 'stand-in secret' }, ASIASTANDIN: { secret: 'another secret', sessionToken } },
  }).start();
  kms.createKey(KeyId);
  client = clientWith();
});
after(async () => {
  client.destroy();
  await kms.stop();
});

test('AWS\'s client encrypts and decrypts, under the same context only', async () => {
  const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('a key'), EncryptionContext }));
  const { Plaintext } = await client.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext: { key_epoch: '7', shodan: 'key-ring' } }));
  assert.equal(Buffer.from(Plaintext).toString(), 'a key');
  for (const context of [undefined, { ...EncryptionContext, key_epoch: '8' }]) {
    assert.equal(await errorOf(client.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext: context }))), 'InvalidCiphertextException');
  }
  const changed = Buffer.from(CiphertextBlob);
  changed[changed.length - 1] ^= 1;
  assert.equal(await errorOf(client.send(new DecryptCommand({ KeyId, CiphertextBlob: changed, EncryptionContext }))), 'InvalidCiphertextException');
});

test('AWS\'s client gets a data key, wrapped and plain', async () => {
  const { Plaintext, CiphertextBlob } = await client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext }));
  assert.equal(Plaintext.length, 32);
  const opened = await client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
  assert.deepEqual(opened.Plaintext, Plaintext);
});

test('a disabled key opens nothing until it is enabled again', async () => {
  const arn = kms.createKey('alias/other');
  const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId: arn, Plaintext: Buffer.from('x') }));
  kms.setEnabled(arn, false);
  assert.equal(await errorOf(client.send(new DecryptCommand({ CiphertextBlob }))), 'DisabledException');
  assert.equal((await client.send(new DescribeKeyCommand({ KeyId: arn }))).KeyMetadata.KeyState, 'Disabled');
  kms.setEnabled(arn, true);
  await client.send(new DecryptCommand({ CiphertextBlob }));
  assert.equal(await errorOf(client.send(new DecryptCommand({ KeyId, CiphertextBlob }))), 'IncorrectKeyException');
  assert.equal(await errorOf(client.send(new EncryptCommand({ KeyId: 'alias/absent', Plaintext: Buffer.from('x') }))), 'NotFoundException');
});

test('a request that is not signed as it should be is refused', async () => {
  const describe = (other) => errorOf(other.send(new DescribeKeyCommand({ KeyId })).finally(() => other.destroy()));
  assert.equal(await describe(clientWith({ secretAccessKey: 'wrong' })), 'InvalidSignatureException');
  assert.equal(await describe(clientWith({ accessKeyId: 'AKIDUNKNOWN' })), 'UnrecognizedClientException');
  assert.equal(await describe(clientWith({ sessionToken: 'surplus' })), 'UnrecognizedClientException');
  assert.equal(await describe(clientWith({}, { region: 'us-east-1' })), 'InvalidSignatureException');
  assert.equal(await describe(clientWith({}, { systemClockOffset: 3_600_000 })), 'InvalidSignatureException');
  const unsigned = await fetch(kms.endpoint, { method: 'POST', headers: { 'x-amz-target': 'TrentService.DescribeKey' }, body: '{}' });
  assert.deepEqual([unsigned.status, (await unsigned.json()).__type], [403, 'MissingAuthenticationTokenException']);
});

test('temporary credentials come with their session token', async () => {
  const temporary = clientWith({ accessKeyId: 'ASIASTANDIN', secretAccessKey: 'another secret', sessionToken });
  assert.equal((await temporary.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata.Enabled, true);
  temporary.destroy();
});

test('an error that was asked for is the next answer, once', async () => {
  kms.failNext('KMSInternalException', 500);
  assert.equal(await errorOf(client.send(new DescribeKeyCommand({ KeyId }))), 'KMSInternalException');
  await client.send(new DescribeKeyCommand({ KeyId }));
  assert.deepEqual(kms.calls.at(-1), { operation: 'DescribeKey', keyId: KeyId, context: null, error: null });
});
