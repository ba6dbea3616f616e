// SPDX-License-Identifier: Apache-2.0
// Canaries: after a disconnect no file of the stack holds a token or anything of Zoom's about the person, in any
// encoding; tokens are nowhere even while connected.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { clientOf } from '../support-js/grpc.mjs';
import { startStack } from '../support-js/stack.mjs';
import { run } from '../../deploy/local/processes.mjs';
import { findTexts, shapesOf } from './lib/canaries.mjs';
import { eventually, failureOf } from './lib/conditions.mjs';
import { setAccessExpiry } from './lib/databases.mjs';
import { GatewayDriver } from './lib/gateway.mjs';

let stack;
let driver;
let simulator;
let zoomApi;
const people = [];

const canaryOf = (word) => ({
  id: `Zu${word}${randomUUID().slice(0, 8)}xyz01`.slice(0, 22), account_id: `Za${word}${randomUUID().slice(0, 8)}xyz02`.slice(0, 22),
  email: `kanarie.${word.toLowerCase()}@vogel-${word.toLowerCase()}.example`, first_name: `Kanarienvogel${word}`, last_name: `Von der ${word}burg`,
  display_name: `金糸雀 ${word} "Tweety" Käfig`, phone_number: `+8145550${1000 + people.length}`,
});

before(async () => {
  stack = await startStack({ services: ['tokenVault', 'callLink', 'accountLink', 'gateway'], durable: true });
  driver = new GatewayDriver(stack);
  ({ simulator } = stack);
  zoomApi = clientOf(stack, stack.tokenVault[0], 'zoom-api');
});
after(async () => {
  zoomApi.close();
  driver.close();
  await stack.stop();
});

const accessToken = (userId, rejectedTokenVersion = 0) => zoomApi.getAccessToken({ projectId: 'demo', userId, rejectedTokenVersion }, { deadlineMs: 30_000 });

/** Everything about a person that came from Zoom. */
const personalData = () => Object.fromEntries(people.flatMap(({ zoomUser }) =>
  ['id', 'account_id', 'email', 'first_name', 'last_name', 'display_name', 'phone_number'].map((key) => [`${key} of ${zoomUser.email}`, zoomUser[key]])));

/** Every code, verifier and token of the ledger, and the passwords and keys of the stack. */
async function secrets() {
  const names = ['access_token', 'refresh_token', 'presented_code', 'presented_code_verifier', 'presented_refresh_token', 'presented_token', 'presented_access_token'];
  const fromLedger = (await simulator.ledger({ type: ['tokens_issued', 'code_exchange', 'refresh', 'revocation', 'profile_read'] }))
    .flatMap((entry) => names.filter((name) => entry[name]).map((name) => [`${name} ${entry.seq}`, entry[name]]));
  const keys = join(stack.directory, 'keys');
  const passwords = readdirSync(keys).filter((name) => name.endsWith('.secret')).map((name) => [name, readFileSync(join(keys, name), 'utf8')]);
  const ring = JSON.parse(readFileSync(stack.keys.keyRingFile, 'utf8'));
  const ringKeys = [...ring.epochs, ...ring.tag_keys].map(({ key }, index) => [`key ${index} of the ring`, key]);
  return { fromLedger: Object.fromEntries(fromLedger), passwords: Object.fromEntries(passwords), ringKeys: Object.fromEntries(ringKeys) };
}

/** What the stack has written anywhere: data files and WAL, dumps, Redis, logs, metrics, and what `ps` shows. */
async function collect() {
  const directory = join(stack.directory, `evidence-${randomUUID()}`);
  mkdirSync(directory);
  await stack.postgres.execute('postgres', 'CHECKPOINT');
  for (const database of ['token_vault', 'account_link']) {
    const dump = await run('pg_dump', ['-h', stack.postgres.host, '-p', String(stack.postgres.port), '-U', stack.postgres.user, '-d', database, '-f', join(directory, `${database}.sql`)],
      { environment: { PGPASSFILE: stack.postgres.passFile } });
    assert.equal(dump.status, 0, dump.stderr);
  }
  const rdb = await stack.redis.save();
  const replicas = [...stack.tokenVault, ...stack.callLink, ...stack.accountLink, ...stack.gateway];
  for (const replica of replicas) {
    writeFileSync(join(directory, `${replica.name}.metrics`), await (await fetch(`${replica.adminUrl}/metrics`)).text());
    for (const file of ['cmdline', 'environ']) writeFileSync(join(directory, `${replica.name}.${file}`), readFileSync(`/proc/${replica.pid}/${file}`));
  }
  return { directory, places: [stack.postgres.dataDirectory, stack.logDirectory, directory, rdb] };
}

const find = (texts, { places }) => findTexts(texts, places);

async function useEverything(word) {
  const person = driver.person({ displayName: `Seller ${word}` });
  const zoomUser = await simulator.addUser(canaryOf(word));
  assert.equal(await person.connect(zoomUser, { pages: true }), 'connected');
  const link = await person.link();
  assert.deepEqual(link.zoomAccount, { displayName: zoomUser.display_name, email: zoomUser.email });
  const call = await person.api('POST', '/calls', { requestId: randomUUID(), number: '03-1234-5678', defaultRegion: 'JP', companyId: 'acme' });
  assert.equal(call.status, 201, call.text);
  const text = `Notiz-${word}-${randomUUID()}: angerufen, 来週また電話する.`;
  const note = await person.api('POST', '/notes', { requestId: randomUUID(), text, callId: call.json.call.callId });
  assert.equal(note.status, 201, note.text);
  const { tokenVersion } = await accessToken(person.userId);
  await accessToken(person.userId, tokenVersion);
  return { person, zoomUser, text };
}

describe('everything the stack writes', () => {
  let evidence;
  let records;

  test('is collected while people are connected, have called, written notes, and met failures of Zoom', async () => {
    for (const word of ['Azur', 'Beryll', 'Cobalt']) people.push(await useEverything(word));
    // Zoom's error texts repeat codes and user ids.
    await simulator.setSwitches({ invalid_code_reason: 'with_code', inactive_user_refresh: 'owner_gone' });
    const way = await people[0].person.authorize(people[0].zoomUser, { reconnect: true });
    await simulator.expire({ code: new URL(way.callback).searchParams.get('code') });
    await people[0].person.returnFromZoom(way);
    await simulator.changeUser(people[1].zoomUser.id, { status: 'inactive' });
    await setAccessExpiry(stack, people[1].person.userId, -1);
    assert.equal((await failureOf(accessToken(people[1].person.userId))).reason, 'RECONNECT_REQUIRED');
    await simulator.addFault({ endpoint: 'token', match: { user_id: people[2].zoomUser.id }, truncate_at: 300 });
    await accessToken(people[2].person.userId, (await accessToken(people[2].person.userId)).tokenVersion).catch(() => {});
    evidence = await collect();
    records = await Promise.all(people.map(({ person }) => person.api('GET', '/notes')));
  });

  test('is searched in a way that finds what is there', async () => {
    const notes = Object.fromEntries(people.map(({ text }) => [text, text]));
    const found = await find(notes, evidence);
    for (const { text } of people) {
      for (const place of ['/base/', '/pg_wal/', 'account_link.sql']) {
        assert.ok(found.some((line) => line.includes(place) && line.endsWith(text)), `${text} in ${place}`);
      }
    }
    for (const shape of shapesOf(people[0].zoomUser.email)) {
      writeFileSync(join(evidence.directory, 'planted'), `before ${shape} after`);
      assert.equal((await findTexts({ planted: people[0].zoomUser.email }, [join(evidence.directory, 'planted')])).length, 1, shape);
    }
    writeFileSync(join(evidence.directory, 'planted'), '');
  });

  test('holds no token, code, verifier or password while connected', async (context) => {
    const { fromLedger, passwords, ringKeys } = await secrets();
    const all = { ...fromLedger, ...passwords, ...ringKeys };
    assert.ok(Object.keys(fromLedger).length > 30);
    assert.deepEqual(await find(all, evidence), []);
    context.diagnostic(`${Object.keys(all).length} secrets, ${Object.values(all).flatMap(shapesOf).length} shapes`);
  });

  test('holds nothing of Zoom\'s about a person in clear while connected', async () => {
    assert.deepEqual(await find(personalData(), evidence), []);
  });

  test('holds nothing of either after the disconnect, and the notes are the same byte for byte', async (context) => {
    for (const { person } of people) {
      const ended = await person.api('POST', '/link:disconnect', { requestId: randomUUID() });
      assert.ok([200, 202].includes(ended.status), ended.text);
    }
    await eventually('everybody is disconnected', async () => {
      const links = await Promise.all(people.map(({ person }) => person.link()));
      return links.every(({ state, zoomAccount }) => state === 'none' && zoomAccount === null);
    });
    evidence = await collect();
    const { fromLedger, passwords, ringKeys } = await secrets();
    const all = { ...fromLedger, ...passwords, ...ringKeys, ...personalData() };
    assert.deepEqual(await find(all, evidence), []);
    const afterwards = await Promise.all(people.map(({ person }) => person.api('GET', '/notes')));
    assert.deepEqual(afterwards.map(({ text }) => text), records.map(({ text }) => text));
    context.diagnostic(`${Object.keys(all).length} texts, ${Object.values(all).flatMap(shapesOf).length} shapes, 0 found`);
  });

  test('leaves no sealed field of a disconnected person either', async () => {
    const [row] = await stack.postgres.query('token_vault', `SELECT
      (SELECT count(*) FROM grants WHERE access_token IS NOT NULL OR refresh_token IS NOT NULL OR identity_tag IS NOT NULL OR account_tag IS NOT NULL OR intent_secret IS NOT NULL)::int AS grants,
      (SELECT count(*) FROM grant_profiles)::int AS profiles, (SELECT count(*) FROM pending_grants)::int AS pending,
      (SELECT count(*) FROM revocations WHERE access_token IS NOT NULL OR refresh_token IS NOT NULL)::int AS revocations,
      (SELECT count(*) FROM attempts WHERE code_verifier IS NOT NULL)::int AS verifiers`);
    assert.deepEqual(row, { grants: 0, profiles: 0, pending: 0, revocations: 0, verifiers: 0 });
  });
});
