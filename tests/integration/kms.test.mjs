// SPDX-License-Identifier: Apache-2.0
// The vault with a key ring whose keys AWS KMS wrapped: our own client in the vault, with the credentials of an instance's
// role; AWS's client from npm as the operator who wraps; the stand-ins between them.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeJson } from '../../deploy/local/files.mjs';
import { KeyAdministration } from '../../deploy/local/keys-rotation.mjs';
import { newStackDirectory } from '../../deploy/local/stack.mjs';
import { alias, KmsInstallation } from '../kms-stand-in/installation.mjs';
import { startStack } from '../support-js/stack.mjs';
import { eventually } from './lib/conditions.mjs';
import { VaultDriver } from './lib/vault.mjs';

let installation;
let kms;
let stack;
let vault;
let keyRingFile;

const wrapped = (name, id, state) => installation.wrapped(name, id, state);

const readRing = () => JSON.parse(readFileSync(keyRingFile, 'utf8'));
async function readiness() {
  const response = await fetch(`${stack.tokenVault[0].adminUrl}/readyz`);
  return `${response.status} ${(await response.text()).trim()}`;
}

before(async () => {
  installation = await new KmsInstallation().start();
  ({ kms } = installation);
  const directory = newStackDirectory();
  keyRingFile = writeJson(join(directory, 'keys', 'key-ring.json'), {
    format: 1, epochs: [await wrapped('key_epoch', 1, 'primary')], tag_keys: [await wrapped('tag_version', 1, 'current')],
  });
  stack = await startStack({
    services: ['tokenVault'], durable: false, directory,
    overrides: { tokenVault: {
      kms: installation.configuration,
      keys: { report_interval_ms: 200, replica_stale_s: 2 },
    } },
  });
  vault = new VaultDriver(stack);
});
after(async () => {
  vault?.close();
  await stack?.stop();
  if (stack) rmSync(stack.directory, { recursive: true, force: true });
  await installation?.stop();
});

test('a vault starts on a wrapped key ring, and asks for each key under its own context', async () => {
  const person = await vault.connect();
  assert.ok(await vault.isHealthy(person));
  const decrypted = kms.calls.filter(({ operation, error }) => operation === 'Decrypt' && error === null);
  assert.deepEqual(decrypted.slice(0, 2).map(({ keyId, context }) => [keyId, context]), [
    [alias, { shodan: 'key-ring', key_epoch: '1' }], [alias, { shodan: 'key-ring', tag_version: '1' }],
  ]);
});

test('a ring that KMS refuses is not taken over; the vault goes on and is ready once KMS agrees', async () => {
  const person = await vault.connect();
  const ring = readRing();
  kms.setEnabled(alias, false);
  const second = { ...ring.epochs[0], state: 'readable', key_epoch: 2 };
  writeJson(keyRingFile, { ...ring, epochs: [...ring.epochs, second] });
  await eventually('not ready while the key is disabled', async () => (await readiness()).includes('KMS_REFUSED'));
  assert.ok(await vault.isHealthy(person));

  // Enabled again, it still refuses a ciphertext that was wrapped for another entry.
  kms.setEnabled(alias, true);
  const refusals = () => kms.calls.filter(({ error }) => error === 'InvalidCiphertextException').length;
  await eventually('a moved ciphertext is refused', () => refusals() > 0);
  assert.match(await readiness(), /KMS_REFUSED/);

  writeJson(keyRingFile, { ...ring, epochs: [...ring.epochs, await wrapped('key_epoch', 2, 'readable')] });
  await eventually('ready', async () => (await readiness()).startsWith('200'));
  const administration = new KeyAdministration({ target: stack.tokenVault[0].target, caFile: stack.caFile, keyRingFile, ...stack.certificateOf('operator') });
  assert.equal(await administration.rotate(() => {}), 2);
  assert.ok(await vault.isHealthy(person));
});

test('a wrapped tag key takes over from the one before', async () => {
  const person = await vault.connect();
  const ring = readRing();
  writeJson(keyRingFile, { ...ring, tag_keys: [...ring.tag_keys, await wrapped('tag_version', 2, 'next')] });
  const administration = new KeyAdministration({ target: stack.tokenVault[0].target, caFile: stack.caFile, keyRingFile, ...stack.certificateOf('operator') });
  assert.equal(await administration.rotateTags(() => {}), 2);
  assert.deepEqual(await administration.retireFormerTags(() => {}), [1]);
  assert.deepEqual(readRing().tag_keys.map(({ tag_version: version, state, kms_key_id: key }) => [version, state, key]), [[2, 'current', alias]]);
  const { zoomUser } = person;
  const found = await vault.as('account-link').resolveIdentity({ projectId: 'demo', zoomAccountId: zoomUser.account_id, zoomUserId: zoomUser.id }, { deadlineMs: 10_000 });
  assert.equal(found.userId, person.userId);
});

test('tokens are sealed and opened without asking KMS', async () => {
  const person = await vault.connect();
  const callsBefore = kms.calls.length;
  assert.ok(await vault.isHealthy(person));
  assert.equal(kms.calls.length, callsBefore);
});
