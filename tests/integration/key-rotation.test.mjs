// SPDX-License-Identifier: Apache-2.0
// Key epochs are rotated while the vault works: two replicas, tokens in use, crashes in the middle, and key-ring files that
// are wrong.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { writeAtomically } from '../../deploy/local/files.mjs';
import { epochsIn } from '../../deploy/local/keys-ring.mjs';
import { KeyAdministration, statusText } from '../../deploy/local/keys-rotation.mjs';
import { startStack } from '../support-js/stack.mjs';
import { eventually, failureOf, inBatches } from './lib/conditions.mjs';
import { crashAt, crashPointsOf } from './lib/crashes.mjs';
import { setAccessExpiry } from './lib/databases.mjs';
import { countFields } from './lib/sealed-fields.mjs';
import { VaultDriver } from './lib/vault.mjs';

const peopleCount = 24;
const settings = { report_interval_ms: 200, replica_stale_s: 2, retire_after_s: 0, rewrap_batch: 4, rewrap_pause_ms: 0 };
let stack;
let vault;
let people;
let keyRingFile;

const administrationOf = (replica) => new KeyAdministration({
  target: replica.target, caFile: stack.caFile, keyRingFile, ...stack.certificateOf('operator'),
});
const quietly = () => {};

const fieldsUnder = (epoch) => countFields(stack.postgres, `= ${epoch}`);

const readiness = async (replica) => {
  const response = await fetch(`${replica.adminUrl}/readyz`);
  return { status: response.status, text: (await response.text()).trim() };
};

const allHealthy = async () => (await inBatches(people, (person) => vault.isHealthy(person), 8)).every(Boolean);

before(async () => {
  stack = await startStack({ services: ['tokenVault'], replicas: { tokenVault: 2 }, durable: false, overrides: { tokenVault: { keys: settings } } });
  keyRingFile = join(stack.directory, 'keys', 'key-ring.json');
  vault = new VaultDriver(stack);
  people = await inBatches(Array.from({ length: peopleCount }), () => vault.connect(), 6);
});
after(async () => {
  vault.close();
  await stack.stop();
});

test('a rotation under load: no call fails, nothing is left under the former epoch, both replicas seal under the new one', async () => {
  let done = false;
  const failures = [];
  let calls = 0;
  const work = async (worker) => {
    for (let round = 0; !done; round += 1) {
      const person = people[(worker * 6 + round) % people.length];
      const replica = stack.tokenVault[round % 2];
      await setAccessExpiry(stack, person.userId, -1);
      await vault.accessToken(person.userId, { replica }).catch((error) => failures.push(error.message));
      calls += 1;
    }
  };
  const workers = [0, 1, 2, 3].map(work);
  try {
    const administration = administrationOf(stack.tokenVault[0]);
    assert.equal(await administration.rotate(quietly), 2);
    const { epochs, replicas } = await eventually('both replicas seal under it', async () => {
      const status = await administration.status();
      return status.replicas.every(({ primaryEpoch }) => primaryEpoch === 2) && status;
    });
    assert.deepEqual(epochs.map(({ keyEpoch, state, replicaCount }) => [keyEpoch, state, replicaCount]), [[1, 'readable', 2], [2, 'primary', 2]]);
    assert.equal(replicas.length, 2);
    const before = calls;
    await eventually('more calls after it', () => calls >= before + 20);
  } finally {
    done = true;
    await Promise.all(workers);
  }
  assert.deepEqual(failures, []);
  assert.equal(await fieldsUnder(1), 0);
});

test('the metrics tell how many rows are left', async () => {
  const text = await (await fetch(`${stack.tokenVault[0].adminUrl}/metrics`)).text();
  assert.match(text, /shodan_vault_rewrap_rows_left\{key_epoch="1"\} 0/);
});

test('a retired epoch\'s key goes from the file and from every replica, and its number is spent', async () => {
  const administration = administrationOf(stack.tokenVault[0]);
  assert.equal((await failureOf(administration.destroy(1))).reason, 'KEY_EPOCH_STATE');
  assert.equal((await failureOf(administration.retire(2))).reason, 'KEY_EPOCH_STATE');
  assert.equal((await failureOf(administration.promote(77))).reason, 'KEY_EPOCH_NOT_FOUND');
  const withOldKey = `${keyRingFile}.old`;
  copyFileSync(keyRingFile, withOldKey);

  assert.deepEqual(await administration.retireUnused(quietly), [1]);
  assert.deepEqual(epochsIn(keyRingFile), [2]);
  assert.ok(await allHealthy());
  const actions = await stack.postgres.query('token_vault', 'SELECT action, actor FROM audit WHERE action LIKE \'key_epoch.%\' ORDER BY audit_id');
  assert.deepEqual(actions, ['promoted', 'retired', 'destroyed'].map((what) => ({ action: `key_epoch.${what}`, actor: 'service:operator' })));

  const good = readFileSync(keyRingFile);
  writeAtomically(keyRingFile, readFileSync(withOldKey));
  for (const replica of stack.tokenVault) {
    await eventually('a replica with a destroyed key is not ready', async () => (await readiness(replica)).text.includes('KEY_EPOCH_DESTROYED'));
  }
  writeAtomically(keyRingFile, good);
  for (const replica of stack.tokenVault) await eventually('it is ready again', async () => (await readiness(replica)).status === 200);
});

test('a corrupt key-ring file turns a replica not ready; it goes on with the ring it has', async () => {
  const good = readFileSync(keyRingFile);
  writeFileSync(keyRingFile, '{"format": 1, "epochs": [');
  try {
    await eventually('not ready', async () => (await readiness(stack.tokenVault[0])).status === 503);
    assert.match((await readiness(stack.tokenVault[0])).text, /KEY_RING_INVALID/);
    assert.ok(await vault.isHealthy(people[0]));
    const { replicas } = await administrationOf(stack.tokenVault[0]).status();
    assert.ok(replicas.some(({ problem }) => problem === 'KEY_RING_INVALID'));
    const text = statusText(await administrationOf(stack.tokenVault[0]).status());
    assert.match(text, /^1 {10}destroyed {2}[0-9a-f]{16} {2}0 +0 +\d{4}-/m);
    assert.match(text, /^2 {10}primary {4}[0-9a-f]{16} {2}\d+ +2 +\d{4}-/m);
    assert.match(text, /^replica [0-9a-f-]{36}: live, has 2, seals under 2; its key-ring file was not taken over: KEY_RING_INVALID$/m);
  } finally {
    writeAtomically(keyRingFile, good);
  }
  for (const replica of stack.tokenVault) await eventually('ready', async () => (await readiness(replica)).status === 200);
});

test('a rotation that is overdue shows in the status and as a metric, and receipts name no date until it is made up for', async () => {
  const administration = administrationOf(stack.tokenVault[0]);
  const erased = async () => (await vault.erase(await vault.connect())).receipt.backupsUnreadableTime;
  const metric = async () => /^shodan_vault_key_rotation_overdue (\d)$/m.exec(await (await fetch(`${stack.tokenVault[0].adminUrl}/metrics`)).text())?.[1];
  const age = (days) => stack.postgres.execute('token_vault', `UPDATE key_epochs SET promoted_at = promoted_at - interval '${days} days' WHERE state = 'primary'`);
  const inTime = await administration.status();
  assert.match(statusText(inTime), /^next rotation due: \d{4}-/m);
  assert.equal(inTime.schedule.overdueTime, null);
  assert.ok(await erased());
  await eventually('the metric says so', async () => (await metric()) === '0');

  await age(9);
  try {
    assert.match(statusText(await administration.status()), /^overdue since: \d{4}-/m);
    assert.equal(await erased(), null);
    await eventually('the metric says so', async () => (await metric()) === '1');
  } finally {
    await age(-9);
  }
  assert.ok(await erased());
});

describe('a replica that dies while it seals again', () => {
  const points = crashPointsOf('token-vault').filter((name) => /^vault\.keys\.[^.]+$/.test(name));

  for (const point of points) {
    test(`at ${point}: the work goes on, nothing is lost`, async () => {
      const [first, second] = stack.tokenVault;
      // Alone, so that it is this replica that does the work.
      await second.stop();
      await crashAt(first, point, () => administrationOf(first).rotate(quietly));
      await second.restart();
      const administration = administrationOf(first);
      const { epochs } = await eventually('nothing is left under the former epoch', async () => {
        const status = await administration.status();
        return status.epochs.every(({ state, rowCount }) => state !== 'readable' || rowCount === 0) && status;
      });
      const { keyEpoch: primary } = epochs.find(({ state }) => state === 'primary');
      const { keyEpoch: former } = epochs.find(({ state }) => state === 'readable');
      assert.equal(await fieldsUnder(former), 0);
      assert.ok(await allHealthy());
      assert.deepEqual(await administration.retireUnused(quietly), [former]);
      assert.deepEqual(epochsIn(keyRingFile), [primary]);
      for (const replica of stack.tokenVault) assert.equal((await readiness(replica)).status, 200);
    });
  }

  test('there is such a point before, inside and after the commit', () => {
    assert.deepEqual(points, ['vault.keys.after_commit', 'vault.keys.before_commit', 'vault.keys.inside_transaction']);
  });
});
