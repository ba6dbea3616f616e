// SPDX-License-Identifier: Apache-2.0
// A base backup from before disconnects is restored after the key epoch that it was sealed under was destroyed: nothing in it can be read,
// by the service or by hand, and nobody who was erased comes back.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { merge, writeJson } from '../../../deploy/local/files.mjs';
import { epochsIn } from '../../../deploy/local/keys-ring.mjs';
import { answersOk } from '../../../deploy/local/specification.mjs';
import { findTexts } from '../../integration/lib/canaries.mjs';
import { eventually } from '../../integration/lib/conditions.mjs';
import { tryKeys } from '../../integration/lib/sealed-fields.mjs';
import { KmsInstallation } from '../../kms-stand-in/installation.mjs';
import { startCopy, takeBackup } from '../cluster-copy.mjs';
import { openWork } from '../evidence.mjs';
import { spread } from '../world.mjs';

const keySettings = { report_interval_ms: 200, replica_stale_s: 2, retire_after_s: 0 };
const quietly = () => {};
const fromBase64 = (text) => Buffer.from(text, 'base64');

/** Keys in clear in the key-ring file. */
const fileProvider = {
  overrides: {},
  keysOf: async ({ epochs }) => epochs.map(({ key }) => fromBase64(key)),
  secretsOf: async ({ key }) => [fromBase64(key)],
  addKey: async () => {},
};

/** Keys that a KMS wrapped; its own key stays enabled all the time. */
async function kmsProvider(world) {
  const installation = await new KmsInstallation().start();
  world.cleanUps.push(() => installation.stop());
  const file = world.stack.keys.keyRingFile;
  const ring = JSON.parse(readFileSync(file, 'utf8'));
  const epochs = await Promise.all(ring.epochs.map((entry) => installation.wrapped('key_epoch', entry.key_epoch, entry.state, fromBase64(entry.key))));
  const tagKeys = await Promise.all(ring.tag_keys.map((entry) => installation.wrapped('tag_version', entry.tag_version, entry.state, fromBase64(entry.key))));
  writeJson(file, { ...ring, epochs, tag_keys: tagKeys });
  return {
    overrides: { kms: installation.configuration },
    keysOf: (now) => Promise.all(now.epochs.map((entry) => installation.unwrapped(entry))),
    secretsOf: async (entry) => [await installation.unwrapped(entry), fromBase64(entry.wrapped_key)],
    async addKey() {
      const now = JSON.parse(readFileSync(file, 'utf8'));
      const next = await installation.wrapped('key_epoch', Math.max(...epochsIn(file)) + 1, 'readable');
      writeJson(file, { ...now, epochs: [...now.epochs, next] });
    },
  };
}

/** Rotates, retires and destroys. @returns {Promise<object[]>} the entries of the ring that are gone for ever */
async function destroyEpoch(world, provider) {
  const { keyRingFile } = world.stack.keys;
  const before = JSON.parse(readFileSync(keyRingFile, 'utf8'));
  await provider.addKey();
  const administration = world.keyAdministration();
  await administration.rotate(quietly);
  const destroyed = await administration.retireUnused(quietly);
  return before.epochs.filter(({ key_epoch: epoch }) => destroyed.includes(epoch));
}

/**
 * Starts every vault on the restored cluster and asks for tokens.
 * @returns {Promise<{ready: number, explained: number, tokens: number, requests: number}>} how many became ready, how many named the
 *   reason, what was handed out, and what Zoom was asked
 */
async function serveRestored(world, restored, people, overrides) {
  const vaults = world.stack.tokenVault;
  const mark = await world.simulator.position();
  const known = new Map(vaults.map((replica) => [replica, replica.log.length]));
  await Promise.all(vaults.map(async (replica) => {
    await replica.restart({ overrides: merge(overrides, { database: { port: restored.port } }), wait: false });
    // It may refuse to run at all.
    void replica.willCrash();
  }));
  const says = async (replica) => {
    const page = await fetch(`${replica.adminUrl}/readyz`).then((answer) => answer.text(), () => '');
    return `${replica.log.slice(known.get(replica))}${page}`.includes('KEY_EPOCH_UNKNOWN');
  };
  const explained = await Promise.all(vaults.map((replica) => eventually('the vault says why it does not serve', () => says(replica), 30_000, 100).catch(() => false)));
  const ready = await Promise.all(vaults.map((replica) => answersOk(`${replica.adminUrl}/readyz`)));
  let tokens = 0;
  await spread(vaults.flatMap((replica) => people.map((person) => [replica, person])), 16, async ([replica, person]) => {
    if ((await world.token(person, { replica, deadlineMs: 2_000 })).ok) tokens += 1;
  });
  const asked = await world.simulator.ledger({ type: ['refresh', 'code_exchange', 'revocation', 'profile_read'] }, mark);
  return { ready: ready.filter(Boolean).length, explained: explained.filter(Boolean).length, tokens, requests: asked.length };
}

async function prove(world, name, provider, report) {
  const { stack } = world;
  const vaults = stack.tokenVault;
  const overrides = { keys: keySettings, ...provider.overrides };
  const bar = (what, value, ok) => world.bar(`${name}: ${what}`, value, ok);
  await Promise.all(vaults.map((replica) => replica.restart({ overrides })));
  const people = await world.newPeople(20);
  const erased = people.slice(0, 10);

  report(`${name}: base backup`);
  const directory = join(stack.directory, `backup-${name}`);
  await takeBackup(stack, directory);
  const ringBefore = JSON.parse(readFileSync(stack.keys.keyRingFile, 'utf8'));
  const keysBefore = await provider.keysOf(ringBefore);

  report(`${name}: disconnects, rotation, destruction`);
  await spread(erased, 4, (person) => world.disconnect(person));
  await eventually('every erasure has ended', async () => (await openWork(stack, world.prefix)).revocations === 0, 90_000, 100);
  const gone = await destroyEpoch(world, provider);
  bar('key epochs destroyed', gone.length, gone.length === ringBefore.epochs.length);
  const secrets = (await Promise.all(gone.map((entry) => provider.secretsOf(entry)))).flat();
  const copies = await findTexts(Object.fromEntries(secrets.map((secret, index) => [`destroyed key ${index}`, secret])), [directory, stack.keys.keyRingFile]);
  bar('copies of destroyed keys in the backup and the ring', copies.length, copies.length === 0);

  report(`${name}: the backup is restored`);
  const fault = world.history.fault('restore', 'token-vault');
  const restored = await startCopy(stack, directory, { name: `restored-${name}` });
  world.cleanUps.push(() => restored.process.stop());
  const control = await tryKeys(restored, keysBefore);
  bar(`of ${control.fields} sealed fields the destroyed key would open`, control.opened, control.fields >= people.length * 4 && control.opened === control.fields);
  const attempt = await tryKeys(restored, await provider.keysOf(JSON.parse(readFileSync(stack.keys.keyRingFile, 'utf8'))));
  bar('sealed fields that the keys which are left open', attempt.opened, attempt.opened === 0 && attempt.fields === control.fields);

  const served = await serveRestored(world, restored, people, overrides);
  bar('vaults that became ready on it', served.ready, served.ready === 0);
  bar('vaults that say KEY_EPOCH_UNKNOWN', served.explained, served.explained === vaults.length);
  bar('tokens handed out', served.tokens, served.tokens === 0);
  bar('requests to Zoom', served.requests, served.requests === 0);

  await Promise.all(vaults.map((replica) => replica.restart({ overrides })));
  await restored.process.stop();
  fault.to = Date.now();
  let working = 0;
  await spread(people.slice(10), 4, async (person) => { if ((await world.token(person)).ok) working += 1; });
  bar('the others go on, on the original', working, working === people.length - erased.length);
}

export default {
  name: 'backup-restore',
  title: 'a base backup is restored after its key epoch was destroyed; keys in a file, keys wrapped by a KMS',
  modes: ['strict'],
  stack: 'standard',
  quick: false,
  minutes: 1,
  spoilsStack: true,

  async run(world, report) {
    world.cleanUps = [];
    await prove(world, 'file', fileProvider, report);
    await prove(world, 'kms', await kmsProvider(world), report);
  },

  async cleanUp(world) {
    for (const cleanUp of (world.cleanUps ?? []).reverse()) await cleanUp();
  },
};
