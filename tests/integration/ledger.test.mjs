// SPDX-License-Identifier: Apache-2.0
// The databases are restored from a backup of before disconnects: nobody erased comes back, whichever database was set back,
// and everybody else goes on.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ledgerStatus, ledgerText, replayLedger } from '../../deploy/local/ledger.mjs';
import { binaryDirectory } from '../../deploy/local/layout.mjs';
import { run } from '../../deploy/local/processes.mjs';
import { startStack } from '../support-js/stack.mjs';
import { eventually as within, failureOf, inBatches } from './lib/conditions.mjs';
import { grantRow, hasFollowedVault } from './lib/databases.mjs';
import { LinkDriver } from './lib/linking.mjs';

let stack;
let driver;
let simulator;

/** Starts of several processes on a busy machine take their time. */
const eventually = (what, check) => within(what, check, 60_000);
const readiness = async (replica) => {
  const response = await fetch(`${replica.adminUrl}/readyz`);
  return { status: response.status, text: (await response.text()).trim() };
};
const configurationOf = (replica) => JSON.parse(readFileSync(replica.configFile, 'utf8'));
const ledgerOf = (replica) => configurationOf(replica).ledger_directory;
const ledgerFiles = (replica) => readdirSync(ledgerOf(replica)).filter((name) => name.endsWith('.ledger')).map((name) => join(ledgerOf(replica), name)).sort();
const program = () => join(binaryDirectory(process.env.SHODAN_PRESET ?? 'asan'), 'token-vault');
const replay = (...replicas) => replayLedger(
  { program: program(), configFile: stack.tokenVault[0].configFile }, replicas.map(ledgerOf));

async function must(command, args, options) {
  const { status, stderr, stdout } = await run(command, args, options);
  assert.equal(status, 0, `${command}: ${stderr}`);
  return stdout;
}

const services = () => [...stack.tokenVault, ...stack.accountLink];
const stopServices = () => Promise.all(services().map((replica) => replica.stop()));

/** Stops PostgreSQL, does something to its directory, and starts it again. */
async function whileStopped(action) {
  const { process: server, dataDirectory } = stack.postgres;
  await server.stop();
  await action(dataDirectory);
  await server.start();
}
const backUpCluster = (name) => whileStopped((data) => must('cp', ['-a', data, `${data}.${name}`]));
/** As an operator does it: services down, cluster replaced. Starts no service. */
async function restoreCluster(name) {
  await stopServices();
  await whileStopped(async (data) => {
    renameSync(data, `${data}.set-aside.${Date.now()}`);
    await must('cp', ['-a', `${data}.${name}`, data]);
  });
}

const connectionTo = (database) => ['-h', stack.postgres.host, '-p', String(stack.postgres.port), '-U', stack.postgres.user, '-d', database];
const asSuperuser = () => ({ environment: { PGPASSFILE: stack.postgres.passFile } });
const dump = (database) => must('pg_dump', ['--clean', '--if-exists', ...connectionTo(database)], asSuperuser());
async function restoreDatabase(database, text) {
  await stopServices();
  await must('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '--single-transaction', ...connectionTo(database), '-f', '-'], { ...asSuperuser(), input: text });
}

async function startEverything() {
  await Promise.all(services().filter(({ isAlive }) => !isAlive).map((replica) => replica.start({ wait: false })));
  for (const replica of services()) await replica.ready();
}

/** Nobody of these can be used or read any more, and nothing of theirs was sent to Zoom since. */
async function assertErased(people, mark) {
  await eventually('account-link has followed the vault', () => hasFollowedVault(stack));
  for (const { userId, zoomUser } of people) {
    assert.equal((await driver.link(userId)).state, 'LINK_STATE_NONE', userId);
    assert.equal((await failureOf(driver.accessToken(userId))).reason, 'GRANT_NOT_FOUND');
    const row = await grantRow(stack, userId);
    assert.deepEqual([row.state, row.access_bytes, row.refresh_bytes, row.identified, row.has_profile], ['none', 0, 0, false, false], userId);
    const seen = await simulator.ledger({ user_id: zoomUser.id }, mark);
    assert.deepEqual(seen.filter(({ type }) => type !== 'user_added'), [], userId);
  }
}
async function assertConnected(people) {
  for (const { userId } of people) assert.equal((await driver.link(userId)).state, 'LINK_STATE_ACTIVE', userId);
  assert.ok((await inBatches(people, (person) => driver.isHealthy(person), 4)).every(Boolean));
}
const newPeople = (count) => inBatches(Array.from({ length: count }), () => driver.newPerson(), 4);

before(async () => {
  stack = await startStack({
    services: ['tokenVault', 'accountLink'], replicas: { tokenVault: 2 }, deadlineMs: 90_000, overrides: { tokenVault: { lifetimes: { ledger_check_ms: 200 } } },
  });
  driver = new LinkDriver(stack);
  ({ simulator } = stack);
});
after(async () => {
  driver.close();
  await stack.stop();
});

describe('both databases restored to before the disconnects', () => {
  let kept;
  let erased;
  let mark;

  before(async () => {
    kept = await newPeople(4);
    erased = await newPeople(4);
    await backUpCluster('before-disconnects');
    for (const { userId } of erased.slice(0, 2)) await driver.disconnect(userId);
    await driver.call('adminDisconnect', erased[2].userId, { requestId: randomUUID() }, { userId: 'the-admin', admin: true });
    // Taken over by a user whom the backup does not know.
    await driver.connectThrough(driver.newUser(), erased[3].zoomUser);
    await eventually('the ends are settled', () => driver.isSettled(...erased.map(({ userId }) => userId)));
    await restoreCluster('before-disconnects');
    mark = await simulator.position();
  });

  test('one replica alone serves nobody: it says what it waits for, and sends nothing to Zoom', async () => {
    const [first] = stack.tokenVault;
    await first.start({ wait: false });
    await eventually('the replica finds the restore', async () => (await readiness(first)).text.includes('RESTORE_UNFINISHED'));
    for (const { userId } of [kept[0], erased[0]]) {
      const error = await failureOf(driver.accessToken(userId));
      assert.equal(error.reason, 'RESTORE_UNFINISHED');
    }
    const status = await eventually('its own files are replayed', async () => {
      const now = await ledgerStatus(stack.postgres);
      return now.writers.some(({ state }) => state === 'replayed') && now;
    });
    assert.deepEqual([status.restore.open, status.restore.lost], [true, true]);
    assert.match(ledgerText(status), /^restore 1 is not finished: the database has lost what it had committed\n/);
    assert.match(ledgerText(status), / {2}awaited {3}/);
    assert.equal((await readiness(first)).status, 503);
    assert.deepEqual(await simulator.ledger({}, mark), []);
  });

  test('with the second replica it goes on: nobody erased is back, the others are connected', async () => {
    await startEverything();
    await assertErased(erased, mark);
    await assertConnected(kept);
    assert.equal((await ledgerStatus(stack.postgres)).restore.open, false);
  });

  test('an erased user connects again as usual', async () => {
    const [person] = erased;
    assert.equal((await driver.connectThrough(person.userId, person.zoomUser)).state, 'LINK_STATE_ACTIVE');
    assert.ok(await driver.isHealthy(person));
    await driver.disconnect(person.userId);
  });

  test('a replica that does not come back: an operator replays every directory there is', async () => {
    const [person] = await newPeople(1);
    await driver.disconnect(person.userId);
    // The kept people's tokens were refreshed since the first backup, so theirs are of another time.
    await backUpCluster('second');
    const [other] = await newPeople(1);
    await driver.disconnect(other.userId);
    await restoreCluster('second');
    const since = await simulator.position();
    const [first, second] = stack.tokenVault;
    await first.start({ wait: false });
    await stack.accountLink[0].start();
    await eventually('it waits for the other replica', async () => (await ledgerStatus(stack.postgres)).writers.some(({ state }) => state === 'replayed'));
    assert.equal((await readiness(first)).status, 503);

    const report = await replay(first, second);

    assert.deepEqual(report.directories.map(({ directory }) => directory), [ledgerOf(first), ledgerOf(second)]);
    assert.equal(report.writersDismissed, 0);
    await first.ready();
    assert.equal((await failureOf(driver.accessToken(other.userId))).reason, 'GRANT_NOT_FOUND');
    assert.deepEqual(await simulator.ledger({ user_id: other.zoomUser.id }, since), []);
    await assertConnected(kept);
    await second.start();
  });

  test('a directory that is no ledger is refused', async () => {
    const { status, stderr } = await run(program(),
      ['--config', stack.tokenVault[0].configFile, '--replay-ledger', stack.directory]);
    assert.equal(status, 1);
    assert.match(stderr, /LEDGER_EMPTY/);
  });
});

describe('one database restored alone', () => {
  for (const database of ['token_vault', 'account_link']) {
    test(`${database}: the erased user is gone, another goes on`, async () => {
      const [kept, erased] = await newPeople(2);
      await eventually('account-link has followed the vault', () => hasFollowedVault(stack));
      const backup = await dump(database);
      await driver.disconnect(erased.userId);
      await restoreDatabase(database, backup);
      const mark = await simulator.position();
      await startEverything();
      await assertErased([erased], mark);
      await assertConnected([kept]);
    });
  }
});

describe('the ledger\'s files', () => {
  test('while a directory is gone a disconnect erases, says so only when it is filed, and the replica is not ready', async () => {
    const [person] = await newPeople(1);
    const [first] = stack.tokenVault;
    const directory = ledgerOf(first);
    // Alone, so that nobody else files it.
    await stack.tokenVault[1].stop();
    // A file that is open may be moved: it is the ledger all the same.
    await first.restart();
    renameSync(directory, `${directory}.away`);
    try {
      await driver.disconnect(person.userId);
      assert.equal((await driver.link(person.userId)).state, 'LINK_STATE_DISCONNECTING');
      assert.equal((await grantRow(stack, person.userId)).refresh_bytes, 0);
      assert.equal((await failureOf(driver.accessToken(person.userId))).reason, 'GRANT_NOT_FOUND');
      await eventually('not ready', async () => (await readiness(first)).text.includes('LEDGER_UNWRITABLE'));
    } finally {
      renameSync(`${directory}.away`, directory);
    }
    await eventually('the receipt', async () => (await driver.link(person.userId)).state === 'LINK_STATE_NONE');
    await eventually('ready', async () => (await readiness(first)).status === 200);
    await stack.tokenVault[1].start();
  });

  test('hold ids, times and nothing of Zoom\'s', async () => {
    const [person] = await newPeople(1);
    await driver.disconnect(person.userId);
    await eventually('settled', () => driver.isSettled(person.userId));
    const text = stack.tokenVault.flatMap(ledgerFiles).map((file) => readFileSync(file, 'utf8')).join('');
    const lines = text.trim().split('\n').map((line) => JSON.parse(line.slice(17)));
    const line = lines.find(({ user_id: user }) => user === person.userId);
    assert.deepEqual(Object.keys(line),
      ['format', 'sequence', 'link_id', 'generation', 'project_id', 'user_id', 'decision_id', 'cause', 'erased_at_us', 'event_id']);
    for (const canary of [person.zoomUser.id, person.zoomUser.email, person.zoomUser.account_id]) assert.ok(!text.includes(canary));
  });

  test('a line torn by a kill is cut off; any other damage keeps the replica from starting, with a reason', async () => {
    const [first] = stack.tokenVault;
    const [person] = await newPeople(1);
    await stack.tokenVault[1].stop();
    await driver.disconnect(person.userId);
    const file = ledgerFiles(first).at(-1);
    const whole = readFileSync(file);
    await first.kill();
    appendFileSync(file, '0123456789abcdef {"format":1,"seq');
    await first.restart();
    assert.deepEqual(readFileSync(file), whole);

    await first.kill();
    appendFileSync(file, 'junk\n');
    await first.restart({ wait: false });
    assert.deepEqual(await first.willCrash(), { status: 1, signal: null });
    assert.match(first.log, /LEDGER_CORRUPT: The erasure ledger's file \S+\.ledger cannot be read/);
    writeFileSync(file, whole);
    await first.restart();
    await stack.tokenVault[1].start();
  });

  test('two replicas cannot share a directory', async () => {
    const [first, second] = stack.tokenVault;
    await second.restart({ overrides: { ledger_directory: ledgerOf(first) }, wait: false });
    assert.equal((await second.willCrash()).status, 1);
    assert.match(second.log, /LEDGER_IN_USE/);
    await second.restart();
  });
});
