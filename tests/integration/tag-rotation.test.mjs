// SPDX-License-Identifier: Apache-2.0
// The tag key is rotated while people connect and disconnect: two replicas of the vault, crashes in the middle, and then
// everything that asks who a Zoom user is.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { writeAtomically, writeJson } from '../../deploy/local/files.mjs';
import { addTagKey, tagVersionsIn } from '../../deploy/local/keys-ring.mjs';
import { KeyAdministration, statusText } from '../../deploy/local/keys-rotation.mjs';
import { startStack } from '../support-js/stack.mjs';
import { eventually, failureOf, inBatches } from './lib/conditions.mjs';
import { crashAt, crashPointsOf } from './lib/crashes.mjs';
import { LinkDriver } from './lib/linking.mjs';

const peopleCount = 12;
let stack;
let driver;
let people;
let keyRingFile;
let firstRing;

const administrationOf = (replica) => new KeyAdministration({
  target: replica.target, caFile: stack.caFile, keyRingFile, ...stack.certificateOf('operator'),
});
const quietly = () => {};
const readiness = async (replica) => {
  const response = await fetch(`${replica.adminUrl}/readyz`);
  return `${response.status} ${(await response.text()).trim()}`;
};
const identityOf = ({ zoomUser }) => ({ projectId: 'demo', zoomAccountId: zoomUser.account_id, zoomUserId: zoomUser.id });
const resolve = (person, replica) => driver.as('account-link', replica).resolveIdentity(identityOf(person), { deadlineMs: 10_000 });
const rowsUnder = async (version) => {
  const counts = ['grants', 'pending_grants', 'revocations'].map((table) => `(SELECT count(*) FROM ${table} WHERE tag_version = ${version})`);
  const [{ count }] = await stack.postgres.query('token_vault', `SELECT (${counts.join(' + ')})::int AS count`);
  return count;
};

async function assertEverybodyIsRecognised() {
  for (const replica of stack.tokenVault) {
    const links = await inBatches(people, (person) => resolve(person, replica), 6);
    assert.deepEqual(links.map(({ userId }) => userId), people.map(({ userId }) => userId));
  }
}

/** What depends on who a Zoom user is: take-over, the repeated connection, the removed app, the disconnect. */
async function assertIdentityMatters() {
  const [taken, again, removed, left] = await Promise.all([0, 1, 2, 3].map(() => driver.newPerson()));
  const taker = driver.newUser();
  assert.equal((await driver.connectThrough(taker, taken.zoomUser)).state, 'LINK_STATE_ACTIVE');
  await eventually('the link is taken over', async () => (await driver.link(taken.userId)).cause === 'LINK_CAUSE_TAKEN_OVER');
  assert.ok(await driver.isHealthy({ userId: taker, zoomUser: taken.zoomUser }));

  const other = await driver.newZoomUser();
  const refused = await driver.connectThrough(again.userId, other, { purpose: 'RECONNECT' }).then(() => '', ({ reason }) => reason);
  assert.equal(refused, 'DIFFERENT_ACCOUNT');
  assert.equal((await driver.connectThrough(again.userId, again.zoomUser, { purpose: 'RECONNECT' })).state, 'LINK_STATE_ACTIVE');

  await stack.simulator.removeApp(removed.zoomUser.id);
  const deauthorizeTime = { seconds: Math.floor(Date.now() / 1000) + 1 };
  const { link } = await driver.as('gateway', stack.accountLink[0]).deauthorize({ ...identityOf(removed), deauthorizeTime }, { deadlineMs: 30_000 });
  assert.equal(link?.userId, removed.userId);

  const { receipt } = await driver.disconnect(left.userId);
  assert.equal(receipt.revokedAtZoom, true);
  assert.equal((await failureOf(resolve(left))).reason, 'GRANT_NOT_FOUND');
}

before(async () => {
  stack = await startStack({
    services: ['tokenVault', 'accountLink'], replicas: { tokenVault: 2 }, durable: false,
    overrides: {
      accountLink: { reconciler: { interval_ms: 100, grace_ms: 200 } },
      tokenVault: { lifetimes: { sweep_interval_ms: 200 }, keys: { report_interval_ms: 200, replica_stale_s: 2, rewrap_batch: 4, rewrap_pause_ms: 0 } },
    },
  });
  keyRingFile = join(stack.directory, 'keys', 'key-ring.json');
  firstRing = `${keyRingFile}.first`;
  copyFileSync(keyRingFile, firstRing);
  driver = new LinkDriver(stack);
  people = await inBatches(Array.from({ length: peopleCount }), () => driver.newPerson(), 4);
});
after(async () => {
  driver.close();
  await stack.stop();
});

test('a rotation while people come, go and are looked for: nobody is missed, and one link stays for each Zoom user', async () => {
  let done = false;
  const failures = [];
  const shared = await driver.newZoomUser();
  let turns = 0;
  const work = [
    async (round) => {
      const person = people[round % people.length];
      const { userId } = await resolve(person, stack.tokenVault[round % 2]);
      if (userId !== person.userId) failures.push(`${person.userId} is taken for ${userId}`);
    },
    async () => {
      const person = await driver.newPerson();
      await driver.disconnect(person.userId);
    },
    // One Zoom user is connected by one user after the other.
    async () => {
      await driver.connectThrough(driver.newUser(), shared);
      turns += 1;
    },
  ].map(async (turn) => {
    for (let round = 0; !done; round += 1) await turn(round).catch((error) => failures.push(`${error.reason ?? ''} ${error.message}`));
  });
  try {
    assert.equal(await administrationOf(stack.tokenVault[0]).rotateTags(quietly), 2);
    const before = turns;
    await eventually('the shared Zoom user is connected again after it', () => turns >= before + 2, 60_000);
  } finally {
    done = true;
    await Promise.all(work);
  }
  assert.deepEqual(failures, []);
  assert.equal(await eventually('nothing is left under the former version', async () => (await rowsUnder(1)) === 0, 90_000), true);
  const [{ count }] = await stack.postgres.query('token_vault', 'SELECT count(*)::int AS count FROM grants WHERE state = \'active\'');
  assert.equal(count, peopleCount + 1);
  await assertEverybodyIsRecognised();
});

test('status and metrics say how far it is', async () => {
  const status = await administrationOf(stack.tokenVault[0]).status();
  assert.deepEqual(status.tagVersions.map(({ tagVersion, state, rowsLeft, replicaCount }) => [tagVersion, state, rowsLeft, replicaCount]),
    [[1, 'former', 0, 2], [2, 'current', 0, 2]]);
  for (const { tagVersion, nextTagVersion, tagVersions } of status.replicas) assert.deepEqual([tagVersion, nextTagVersion, tagVersions], [2, 0, [1, 2]]);
  assert.match(statusText(status), /^2 {12}current {2}[0-9a-f]{16} {2}0 {10}2 {9}\d{4}-/m);
  const metrics = await (await fetch(`${stack.tokenVault[0].adminUrl}/metrics`)).text();
  assert.match(metrics, /shodan_vault_tag_rows_left\{state="former",tag_version="1"\} 0/);
});

test('the former key goes from the file, and after a restart without it everything is as before', async () => {
  const administration = administrationOf(stack.tokenVault[0]);
  assert.deepEqual(await administration.retireFormerTags(quietly), [1]);
  assert.deepEqual(await administration.retireFormerTags(quietly), []);
  assert.deepEqual(tagVersionsIn(keyRingFile), [2]);
  for (const replica of [...stack.tokenVault, ...stack.accountLink]) await replica.restart();
  await assertEverybodyIsRecognised();
  assert.ok((await inBatches(people, (person) => driver.isHealthy(person), 4)).every(Boolean));
  await assertIdentityMatters();
  const actions = await stack.postgres.query('token_vault', 'SELECT action, actor FROM audit WHERE action LIKE \'tag_version.%\' ORDER BY audit_id');
  assert.deepEqual(actions, ['begun', 'switched', 'retired'].map((what) => ({ action: `tag_version.${what}`, actor: 'service:operator' })));
});

test('a ring without the current tag key, or with another one, turns a replica not ready', async () => {
  const good = readFileSync(keyRingFile);
  const ring = JSON.parse(good);
  const notReady = async (reason) => {
    for (const replica of stack.tokenVault) await eventually(`not ready: ${reason}`, async () => (await readiness(replica)) === `503 ${reason}`);
    await assertEverybodyIsRecognised();
  };
  writeAtomically(keyRingFile, readFileSync(firstRing));
  await notReady('TAG_VERSION_UNKNOWN');
  const [first] = JSON.parse(readFileSync(firstRing)).tag_keys;
  writeJson(keyRingFile, { ...ring, tag_keys: [{ ...first, tag_version: 2 }] });
  await notReady('TAG_VERSION_CHANGED');
  writeAtomically(keyRingFile, good);
  for (const replica of stack.tokenVault) await eventually('ready again', async () => (await readiness(replica)).startsWith('200'));
});

describe('a replica that dies while it makes tags', () => {
  const points = crashPointsOf('token-vault').filter((name) => name.startsWith('vault.keys.tags.'));

  for (const point of points) {
    test(`at ${point}: the same command goes on, and everybody is recognised`, async () => {
      const [first, second] = stack.tokenVault;
      // Alone, so that it is this replica that does the work.
      await second.stop();
      await crashAt(first, point, () => administrationOf(first).rotateTags(quietly));
      await second.restart();
      const administration = administrationOf(first);
      const current = await administration.rotateTags(quietly);
      const [former] = await administration.retireFormerTags(quietly);
      assert.equal(former, current - 1);
      assert.equal(await rowsUnder(former), 0);
      assert.deepEqual(tagVersionsIn(keyRingFile), [current]);
      await assertEverybodyIsRecognised();
    });
  }

  test('there is such a point before, inside and after the commit, and while former tags are replaced', () => {
    assert.deepEqual(points, ['after_commit', 'after_settling', 'before_commit', 'inside_transaction'].map((name) => `vault.keys.tags.${name}`));
  });
});

test('a step is refused out of its order', async () => {
  const administration = administrationOf(stack.tokenVault[0]);
  const current = (await administration.status()).tagVersions.find(({ state }) => state === 'current').tagVersion;
  assert.equal((await failureOf(administration.beginTags(999))).reason, 'TAG_VERSION_NOT_FOUND');
  assert.equal((await failureOf(administration.beginTags(1))).reason, 'TAG_VERSION_STATE');
  assert.equal((await failureOf(administration.retireTagKey(current))).reason, 'TAG_VERSION_STATE');
  addTagKey(keyRingFile, current + 1);
  await eventually('both replicas have it', async () => {
    const { tagVersions } = await administration.status();
    return tagVersions.find(({ tagVersion }) => tagVersion === current + 1)?.replicaCount === 2;
  });
  assert.equal((await failureOf(administration.switchTags(current + 1))).reason, 'TAG_VERSION_STATE');
  assert.equal((await failureOf(administration.retireTagKey(current + 1))).reason, 'TAG_VERSION_STATE');
});
