// SPDX-License-Identifier: Apache-2.0
// Connections of another system come here by `deploy/dev import`: once each, through crashes, and no token of the file is
// anywhere in clear.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { sealConnection } from '../../deploy/local/imports/envelope.mjs';
import { root } from '../../deploy/local/layout.mjs';
import { startStack } from '../support-js/stack.mjs';
import { canaryUser } from './lib/canaries.mjs';
import { eventually, inBatches } from './lib/conditions.mjs';
import { grantRow } from './lib/databases.mjs';
import { LinkDriver } from './lib/linking.mjs';
import { collectTraces, searchTraces, sentences } from './lib/traces.mjs';
import { ZoomApiDriver } from './lib/zoom-api.mjs';

const people = 200;
let stack;
let driver;
let zoomApi;
let simulator;
let app;
let number = 0;

before(async () => {
  stack = await startStack({
    services: ['tokenVault', 'accountLink', 'zoomApi'], durable: true,
    overrides: {
      accountLink: { reconciler: { interval_ms: 100, grace_ms: 1000 } },
      tokenVault: { imports_per_second: 100, zoom: { token_timeout_ms: 3000 }, lifetimes: { sweep_interval_ms: 200, exchange_s: 9, lease_s: 9 } },
    },
  });
  driver = new LinkDriver(stack);
  zoomApi = new ZoomApiDriver(stack);
  ({ simulator } = stack);
  [{ zoom_app: app }] = JSON.parse(readFileSync(stack.projectsFile, 'utf8')).projects;
});
after(async () => {
  zoomApi.close();
  driver.close();
  await stack.stop();
});

/** Somebody connects to the other system. @returns {Promise<object>} what it has noted */
async function connectElsewhere(overrides = {}) {
  number += 1;
  const own = number;
  const zoomUser = await simulator.addUser({ first_name: 'Imported', last_name: `No${own}`, email: `imported-${own}@zoom.example`, ...overrides });
  const query = new URLSearchParams({ response_type: 'code', client_id: app.client_id, redirect_uri: app.redirect_url, state: 'elsewhere' });
  const location = await simulator.authorizeDirectly(`${app.authorization_url}?${query}`, zoomUser.id);
  const secret = readFileSync(app.client_secret_file, 'utf8').trim();
  const answer = await fetch(app.token_url, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${app.client_id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code: new URL(location).searchParams.get('code'), redirect_uri: app.redirect_url }),
  });
  const tokens = await answer.json();
  assert.ok(tokens.refresh_token, JSON.stringify(tokens));
  const userId = `imported-${own}-${randomUUID().slice(0, 8)}`;
  return { userId, externalId: `connection-${own}`, refreshToken: tokens.refresh_token, accessToken: tokens.access_token, zoomUser };
}

/** The command as an operator runs it. */
function start(service, args) {
  const { certificateFile, privateKeyFile } = stack.certificateOf('operator');
  const [{ target }] = stack[service];
  const remote = ['--address', target, '--ca', stack.caFile, '--cert', certificateFile, '--key', privateKeyFile, '--project', 'demo'];
  const child = spawn(process.execPath, [join(root, 'deploy/local/cli.mjs'), 'import', stack.directory, ...args, ...remote], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = [];
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { errors += text; });
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const ended = new Promise((resolve) => { child.once('close', (status, signal) => resolve({ status: status ?? signal, lines, errors })); });
  return { child, ended, lines };
}

const command = (service, ...args) => start(service, args).ended;

async function newKey() {
  const { status, lines, errors } = await command('tokenVault', 'key');
  assert.deepEqual([status, errors], [0, '']);
  return JSON.parse(lines[0]);
}

function writeFile(jwk, connections) {
  const file = join(stack.directory, `import-${randomUUID()}.jsonl`);
  writeFileSync(file, connections.map(({ zoomUser, ...connection }) => `${JSON.stringify(sealConnection(jwk, connection))}\n`).join(''));
  return file;
}

/** @returns {Promise<{status: any, records: object[], summary: object, errors: string}>} */
async function importAll(file, ...options) {
  const { status, lines, errors } = await command('accountLink', file, ...options);
  const records = lines.map((line) => JSON.parse(line));
  return { status, records: records.slice(0, -1), summary: records.at(-1), errors };
}

const outcomesOf = (records) => records.sort((a, b) => a.line - b.line).map(({ outcome }) => outcome);
/** Ends the time that an exchange has, as if the process that began it had been gone for long. */
const endExchange = ({ userId }) => stack.postgres.execute('token_vault',
  `UPDATE attempts SET exchanging_at = exchanging_at - interval '1 minute' WHERE user_id = '${userId}' AND state = 'exchanging'`);
/** The refreshes with the token of the file. */
const refreshesOf = async ({ zoomUser, refreshToken }) =>
  (await simulator.ledger({ type: 'refresh', user_id: zoomUser.id })).filter(({ presented_refresh_token: presented }) => presented === refreshToken);

describe('an import of two hundred connections through crashes of everything', () => {
  let elsewhere;
  let file;

  before(async () => {
    await simulator.changeApp(app.client_id, { rotation: 'grace' });
    elsewhere = await inBatches(Array.from({ length: people }), () => connectElsewhere());
    file = writeFile(await newKey(), elsewhere);
  });
  after(() => simulator.changeApp(app.client_id, { rotation: 'strict' }));

  const storedLines = async () => Number((await stack.postgres.query('token_vault', 'SELECT count(*) AS n FROM import_lines WHERE stored_at IS NOT NULL'))[0].n);
  const storedUsers = async () => (await stack.postgres.query('token_vault',
    'SELECT user_id FROM import_lines JOIN attempts USING (attempt_id) WHERE stored_at IS NOT NULL')).map(({ user_id: userId }) => userId);

  test('looks at the file first without asking Zoom', async () => {
    const before = await simulator.position();
    const { status, records, summary } = await importAll(file, '--dry-run');
    assert.deepEqual([status, summary], [0, { totals: { lines: people, valid: people }, complete: true }]);
    assert.equal(records.length, people);
    assert.equal(await simulator.position(), before);
    assert.equal(await storedLines(), 0);
  });

  const storedAtKills = new Set();

  test('goes on over the death of the vault, of account-link and of the command itself', async () => {
    const first = start('accountLink', [file]);
    await eventually('a third is stored', async () => (await storedLines()) >= people / 3, 60_000);
    await stack.accountLink[0].kill();
    await stack.tokenVault[0].kill();
    for (const userId of await storedUsers()) storedAtKills.add(userId);
    assert.ok(storedAtKills.size < people);
    // The vault comes back only to die right after it has stored something.
    await stack.accountLink[0].start();
    await stack.tokenVault[0].restart({ crashPoints: ['vault.exchange.after_store'], wait: false });
    await eventually('the vault dies again', () => !stack.tokenVault[0].isAlive, 60_000);
    await stack.tokenVault[0].restart();
    await eventually('half is stored', async () => (await storedLines()) >= people / 2, 60_000);
    first.child.kill('SIGKILL');
    assert.equal((await first.ended).status, 'SIGKILL');
    for (const userId of await storedUsers()) storedAtKills.add(userId);
  });

  test('run again, imports the rest and says of each what became of it', async () => {
    const { status, records, summary, errors } = await importAll(file);
    assert.equal(status, 0, errors);
    assert.deepEqual(records.map(({ line }) => line).sort((a, b) => a - b), Array.from({ length: people }, (_, index) => index + 1));
    const { lines, imported = 0, already_imported: before = 0 } = summary.totals;
    assert.deepEqual([lines, imported + before, summary.complete], [people, people, true]);
    assert.ok(before >= people / 3, JSON.stringify(summary));
    for (const { userId, line } of records) assert.equal(userId, elsewhere[line - 1].userId);
  });

  test('has connected everybody once, under their external ids, and a third run changes nothing', async () => {
    const links = () => stack.postgres.query('account_link', 'SELECT user_id, state, generation, external_id FROM links ORDER BY user_id');
    const before = await links();
    assert.equal(before.length, people);
    const expected = new Map(elsewhere.map(({ userId, externalId }) => [userId, externalId]));
    for (const { user_id: userId, state, generation, external_id: externalId } of before) {
      assert.deepEqual([state, Number(generation), externalId], ['active', 1, expected.get(userId)]);
    }
    // Programs with an API key know them by these, as connection ids.
    const [{ userId, externalId: connectionId }] = elsewhere;
    const { connection } = await driver.as('gateway', stack.accountLink[0]).getConnection({ projectId: 'demo', connectionId });
    assert.deepEqual([connection.connectionId, connection.link.userId], [connectionId, userId]);
    const position = await simulator.position();
    const { status, summary } = await importAll(file);
    assert.deepEqual([status, summary.totals], [0, { lines: people, already_imported: people }]);
    assert.deepEqual(await links(), before);
    assert.equal(await simulator.position(), position);
  });

  test('has refreshed each token once; a second time only where an answer was lost with the process that waited for it', async (context) => {
    const counts = await inBatches(elsewhere, async (connection) => ({ connection, refreshes: (await refreshesOf(connection)).length }));
    for (const { connection: { userId }, refreshes } of counts) {
      if (refreshes !== 1) assert.ok(refreshes === 2, `${userId}: ${refreshes}`);
    }
    const twice = counts.filter(({ refreshes }) => refreshes === 2).map(({ connection: { userId } }) => userId);
    // Four are under way at a time at most, and the processes died twice while they were.
    assert.ok(twice.length <= 8, `${twice}`);
    context.diagnostic(`${storedAtKills.size} of ${people} were stored when processes died; ${twice.length} refreshed twice`);
  });

  test('leaves everybody with tokens that work', async () => {
    for (const connection of [elsewhere[0], elsewhere[people - 1]]) {
      assert.ok(await driver.isHealthy(connection));
      const { status, json } = await zoomApi.send(connection.userId, { path: 'users/me' });
      assert.deepEqual([status, json.id], [200, connection.zoomUser.id]);
    }
  });
});

describe('a line of an import', () => {
  test('whose token was stored is never refreshed again, even with strict rotation and a death right after', async () => {
    const connection = await connectElsewhere();
    const file = writeFile(await newKey(), [connection]);
    await stack.tokenVault[0].restart({ crashPoints: ['vault.exchange.after_store'] });
    const running = start('accountLink', [file]);
    await eventually('the vault dies', () => !stack.tokenVault[0].isAlive);
    await stack.tokenVault[0].restart();
    const { status } = await running.ended;
    assert.equal(status, 0);
    assert.equal((await refreshesOf(connection)).length, 1);
    assert.ok(await driver.isHealthy(connection));
  });

  for (const point of ['vault.import.after_intent', 'vault.import.after_answer', 'link.import.after_proof']) {
    test(`is imported after a death at ${point}, or Zoom itself says why not`, async () => {
      const connection = await connectElsewhere();
      const file = writeFile(await newKey(), [connection]);
      const [replica] = point.startsWith('vault.') ? stack.tokenVault : stack.accountLink;
      await replica.restart({ crashPoints: [point] });
      const running = start('accountLink', [file]);
      await eventually(`${replica.name} dies`, () => !replica.isAlive);
      await replica.restart();
      await endExchange(connection);
      const { status, lines } = await running.ended;
      const [{ outcome, reason }] = lines.map((line) => JSON.parse(line));
      // The answer died with the process, and Zoom gives a replaced token no second one.
      const lost = point === 'vault.import.after_answer';
      if (lost) assert.deepEqual([status, outcome, reason], [1, 'token_rejected', 'IMPORT_ANSWER_LOST']);
      else assert.deepEqual([status, ['imported', 'already_imported'].includes(outcome)], [0, true]);
      assert.ok((await refreshesOf(connection)).length <= 2);
      if (!lost) assert.ok(await driver.isHealthy(connection));
    });
  }

  test('is refused where it would replace or take over a connection, and nothing is refreshed for an active one', async () => {
    const jwk = await newKey();
    const connected = await driver.newPerson();
    const [other, taken, named] = [await connectElsewhere(), await connectElsewhere(), await connectElsewhere()];
    // The Zoom user of a line connects here for another user; both grants live.
    await simulator.setSwitches({ one_grant_per_user: false });
    const holder = { userId: driver.newUser(), zoomUser: taken.zoomUser };
    await driver.connectThrough(holder.userId, holder.zoomUser);
    await stack.postgres.execute('account_link', `UPDATE links SET external_id = 'the-name' WHERE user_id = '${holder.userId}'`);
    const file = writeFile(jwk, [{ ...other, userId: connected.userId, externalId: '' }, taken, { ...named, externalId: 'the-name' }]);
    for (let round = 0; round < 2; round += 1) {
      const { status, records } = await importAll(file);
      assert.deepEqual([status, outcomesOf(records)], [1, ['refused_active_link', 'refused_other_user', 'refused_external_id']]);
    }
    assert.deepEqual((await Promise.all([other, taken, named].map(refreshesOf))).map(({ length }) => length), [0, 1, 0]);
    assert.equal((await driver.link(taken.userId)).state, 'LINK_STATE_NONE');
    for (const userId of [holder.userId, connected.userId]) assert.equal((await driver.link(userId)).generation, '1');
    assert.ok(await driver.isHealthy(holder));
    await simulator.setSwitches({ one_grant_per_user: true });
  });

  test('that is broken, changed, for another key, or rejected by Zoom is told apart', async () => {
    const jwk = await newKey();
    const destroyed = await newKey();
    assert.equal((await command('tokenVault', 'destroy', destroyed.kid)).status, 0);
    const [rejected, changed, foreign] = [await connectElsewhere(), await connectElsewhere(), await connectElsewhere()];
    await simulator.expire({ refresh_token: rejected.refreshToken });
    const sealed = ({ zoomUser, ...connection }, key = jwk) => sealConnection(key, connection);
    const broken = sealed(changed);
    const flipped = broken.envelope.at(-1) === 'A' ? 'Q' : 'A';
    const file = join(stack.directory, `import-${randomUUID()}.jsonl`);
    const lines = [
      sealed(rejected), { ...broken, envelope: broken.envelope.slice(0, -1) + flipped }, sealed(foreign, destroyed),
      { ...sealed(changed), userId: 'somebody-else' }, { userId: 'clear', refreshToken: changed.refreshToken },
    ];
    writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
    const { status, records, summary, errors } = await importAll(file);
    assert.deepEqual(outcomesOf(records), ['token_rejected', 'undecryptable', 'undecryptable', 'invalid_line', 'invalid_line']);
    assert.deepEqual(records.slice(3).map(({ field }) => field), ['userId', 'refreshToken']);
    assert.deepEqual([status, summary.complete], [1, true]);
    assert.ok(!JSON.stringify([records, summary, errors]).includes(changed.refreshToken));
    assert.equal((await refreshesOf(changed)).length, 0);
  });

  test('can be encrypted by the command from standard input', async () => {
    const connection = await connectElsewhere();
    const jwk = await newKey();
    const keyFile = join(stack.directory, 'import.jwk');
    writeFileSync(keyFile, JSON.stringify(jwk));
    const child = spawn(process.execPath, [join(root, 'deploy/local/cli.mjs'), 'import', stack.directory, 'encrypt', '--import-key', keyFile], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { zoomUser, ...noted } = connection;
    child.stdin.end(`${JSON.stringify(noted)}\n`);
    let output = '';
    for await (const chunk of child.stdout) output += chunk;
    assert.ok(!output.includes(connection.refreshToken));
    const file = join(stack.directory, 'encrypted.jsonl');
    writeFileSync(file, output);
    assert.equal((await importAll(file)).status, 0);
    const { lines } = await command('tokenVault', 'keys', '--json');
    assert.equal(JSON.parse(lines[0]).find(({ importKeyId }) => importKeyId === jwk.kid).storedCount, '1');
  });
});

describe('an import that is interrupted', () => {
  test('finishes what is under way, says that it is not complete, and ends with status 130', async () => {
    const elsewhere = await inBatches(Array.from({ length: 60 }), () => connectElsewhere());
    const file = writeFile(await newKey(), elsewhere);
    const running = start('accountLink', [file]);
    await eventually('the first is imported', () => running.lines.length > 0, 30_000);
    running.child.kill('SIGINT');
    const { status, lines, errors } = await running.ended;
    const summary = JSON.parse(lines.at(-1));
    assert.deepEqual([status, summary.complete, lines.length - 1], [130, false, summary.totals.imported]);
    assert.match(errors, /finishing what is under way[^]*not finished: run it again/);
    const again = await importAll(file);
    assert.deepEqual([again.status, again.summary.totals], [0, { lines: 60, already_imported: lines.length - 1, imported: 61 - lines.length }]);
  });
});

describe('the tokens of an import file', () => {
  let canary;
  let file;
  let secrets;

  before(async () => {
    canary = await connectElsewhere(canaryUser(`Import${randomUUID().slice(0, 8)}`, 7));
    file = writeFile(await newKey(), [canary]);
    assert.equal((await importAll(file)).status, 0);
    const issued = await simulator.ledger({ type: 'tokens_issued', user_id: canary.zoomUser.id });
    secrets = {
      'imported refresh token': canary.refreshToken, 'imported access token': canary.accessToken,
      ...Object.fromEntries(issued.flatMap(({ seq, access_token: access, refresh_token: refresh }) => [[`access token ${seq}`, access], [`refresh token ${seq}`, refresh]])),
    };
    // Those of the file, and those of the one refresh.
    assert.equal(new Set(Object.values(secrets)).size, 4);
  });

  test('are nowhere in clear, neither those of the file nor those that replaced them', async () => {
    assert.deepEqual(sentences(await searchTraces(secrets, await collectTraces(stack))), []);
  });

  test('leave nothing sealed once their user disconnected', async () => {
    await driver.call('disconnect', canary.userId, { requestId: randomUUID() });
    await eventually('the link is gone', async () => (await driver.link(canary.userId)).state === 'LINK_STATE_NONE');
    const row = await grantRow(stack, canary.userId);
    assert.deepEqual([row.state, row.access_bytes, row.refresh_bytes, row.identified, row.has_profile], ['none', 0, 0, false, false]);
    const [left] = await stack.postgres.query('token_vault', `SELECT
      (SELECT count(*) FROM pending_grants WHERE user_id = '${canary.userId}')::int AS pending,
      (SELECT count(*) FROM revocations WHERE user_id = '${canary.userId}' AND refresh_token IS NOT NULL)::int AS revocations`);
    assert.deepEqual(left, { pending: 0, revocations: 0 });
    const person = { email: canary.zoomUser.email, id: canary.zoomUser.id, name: canary.zoomUser.last_name };
    assert.deepEqual(sentences(await searchTraces({ ...secrets, ...person }, await collectTraces(stack))), []);
  });

  test('bring nobody back who disconnected since', async () => {
    const { status, records } = await importAll(file);
    assert.deepEqual([status, outcomesOf(records)], [0, ['already_imported']]);
    assert.equal((await driver.link(canary.userId)).state, 'LINK_STATE_NONE');
  });
});
