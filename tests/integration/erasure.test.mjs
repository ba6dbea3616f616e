// SPDX-License-Identifier: Apache-2.0
// Canaries: after a disconnect no file of the stack holds a token or anything of Zoom's about the person, in any
// encoding; tokens are nowhere even while connected.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { clientOf } from '../support-js/grpc.mjs';
import { startStack } from '../support-js/stack.mjs';
import { canaryUser, countShapes, findTexts, personalDataOf, shapesOf } from './lib/canaries.mjs';
import { eventually, failureOf } from './lib/conditions.mjs';
import { literal, setAccessExpiry } from './lib/databases.mjs';
import { GatewayDriver } from './lib/gateway.mjs';
import { collectTraces, plantInStores, provePlanted, removeFromStores, searchTraces, secretsOfLedger, secretsOfStack, sentences } from './lib/traces.mjs';
import { nextMoment, payloadsOf } from './lib/webhooks.mjs';

let stack;
let driver;
let simulator;
let zoomApi;
const planted = `planted 鳥 ${randomUUID()}`;
const people = [];

before(async () => {
  stack = await startStack({
    services: ['tokenVault', 'callLink', 'accountLink', 'automation', 'gateway'], durable: true, webhooks: true,
    overrides: { automation: { webhooks: { hold_ms: 100, poll_interval_ms: 50, erasure_interval_ms: 50 } } },
  });
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

/** Everything about the people that came from Zoom. */
const personalData = () => personalDataOf(people.map(({ zoomUser }) => zoomUser));

/** Whatever of this was found where it does not belong, as sentences. */
const find = async (contents, traces, homes) => sentences(await searchTraces(contents, traces, { homes }));

/** How many events of these people are told and kept. */
async function eventsOf(list) {
  const users = list.map(({ person }) => literal(person.userId)).join(', ');
  const [{ count }] = await stack.postgres.query('automation', `SELECT count(*) FROM webhooks WHERE user_id IN (${users})`);
  return Number(count);
}

async function useEverything(word) {
  const person = driver.person({ displayName: `Seller ${word}` });
  const zoomUser = await simulator.addUser(canaryUser(`${word}${randomUUID().slice(0, 8)}`, people.length));
  assert.equal(await person.connect(zoomUser, { pages: true }), 'connected');
  const link = await person.link();
  assert.deepEqual(link.zoomAccount, { displayName: zoomUser.display_name, email: zoomUser.email });
  const call = await person.api('POST', '/calls', { requestId: randomUUID(), number: '03-1234-5678', defaultRegion: 'JP', companyId: 'acme' });
  assert.equal(call.status, 201, call.text);
  const text = `Notiz-${word}-${randomUUID()}: angerufen, 来週また電話する.`;
  const note = await person.api('POST', '/notes', { requestId: randomUUID(), text, callId: call.json.call.callId });
  assert.equal(note.status, 201, note.text);
  for (const [event, payload] of Object.entries(payloadsOf(zoomUser, zoomUser.display_name))) {
    await simulator.sendWebhook({ event, payload, event_ts: nextMoment() });
  }
  const { tokenVersion } = await accessToken(person.userId);
  await accessToken(person.userId, tokenVersion);
  return { person, zoomUser, text };
}

describe('everything the stack writes', () => {
  let evidence;
  let records;

  test('is collected while people are connected, have called, written notes, and met failures of Zoom', async () => {
    for (const word of ['Azur', 'Beryll', 'Cobalt']) people.push(await useEverything(word));
    await eventually('their events are told', async () => (await eventsOf(people)) === people.length * 9);
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
    await plantInStores(stack, planted);
    evidence = await collectTraces(stack);
    records = await Promise.all(people.map(({ person }) => person.api('GET', '/notes')));
  });

  test('is searched in a way that finds what is there', async () => {
    assert.deepEqual((await provePlanted(planted, evidence)).missed, []);
    await removeFromStores(stack);
    const notes = Object.fromEntries(people.map(({ text }) => [text, text]));
    const found = await find(notes, evidence);
    for (const { text } of people) {
      for (const place of ['/base/', '/pg_wal/', 'account_link.sql']) {
        assert.ok(found.some((line) => line.includes(place) && line.endsWith(text)), `${text} in ${place}`);
      }
    }
    const file = join(evidence.directory, 'planted');
    for (const shape of shapesOf(people[0].zoomUser.email)) {
      writeFileSync(file, Buffer.concat([Buffer.from('before '), shape, Buffer.from(' after')]));
      assert.equal((await findTexts({ planted: people[0].zoomUser.email }, [file])).length, 1, shape.toString());
    }
  });

  test('holds no token, code, verifier, state or password while connected', async (context) => {
    const fromLedger = await secretsOfLedger(simulator);
    const { contents, homes } = secretsOfStack(stack);
    const all = { ...fromLedger, ...contents };
    assert.ok(Object.keys(fromLedger).length > 30);
    assert.deepEqual(await find(all, evidence, homes), []);
    context.diagnostic(`${Object.keys(all).length} secrets, ${countShapes(all)} shapes`);
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
    await eventually('their events are gone', async () => (await eventsOf(people)) === 0);
    evidence = await collectTraces(stack);
    const { contents, homes } = secretsOfStack(stack);
    const all = { ...(await secretsOfLedger(simulator)), ...contents, ...personalData() };
    assert.deepEqual(await find(all, evidence, homes), []);
    const afterwards = await Promise.all(people.map(({ person }) => person.api('GET', '/notes')));
    assert.deepEqual(afterwards.map(({ text }) => text), records.map(({ text }) => text));
    context.diagnostic(`${Object.keys(all).length} texts, ${countShapes(all)} shapes, 0 found`);
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
