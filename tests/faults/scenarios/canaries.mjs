// SPDX-License-Identifier: Apache-2.0
// Everything that has secrets in it happens to people whose Zoom data no coincidence brings about; then every place where the stack writes is
// searched for them, in six encodings.
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { canaryUser, countShapes, personalDataOf } from '../../integration/lib/canaries.mjs';
import { eventually } from '../../integration/lib/conditions.mjs';
import { GatewayDriver, Person } from '../../integration/lib/gateway.mjs';
import {
  collectTraces, plantInStores, provePlanted, removeFromStores, searchTraces, secretsOfLedger, secretsOfStack, sentences,
} from '../../integration/lib/traces.mjs';
import { inBackground, spread } from '../world.mjs';

const keySettings = { report_interval_ms: 200, replica_stale_s: 2, retire_after_s: 0 };
/** The database holds intent secrets while a refresh is under way, and its log keeps what was in it. */
const ofDatabase = new Set(['heap', 'wal', 'dump']);

const wordOf = (random) => `Q${Array.from({ length: 3 }, () => random.integer(65_536).toString(16).padStart(4, '0')).join('')}`;

/** Keeps every ticket, state and cookie that passes by a driver. */
function remember(driver, seen) {
  const keep = (name, value) => { if (value) seen[`${name} ${Object.keys(seen).length}`] = value; };
  const { startAuthorization, authorize } = driver;
  driver.startAuthorization = async (...args) => {
    const started = await startAuthorization.apply(driver, args);
    keep('ticket', started.ticket);
    return started;
  };
  driver.authorize = async (...args) => {
    const answer = await authorize.apply(driver, args);
    for (const name of ['state', 'cookieValue', 'code']) keep(name, answer[name]);
    return answer;
  };
  return keep;
}

/** Somebody with a session, in front of the gateway. */
const browserOf = (world, { http }, { userId }) => new Person({ http, stack: world.stack }, userId);

/** What Zoom holds of somebody now. */
const newestTokens = async ({ simulator }, { zoomUser }) => (await simulator.ledger({ type: 'tokens_issued', user_id: zoomUser.id })).at(-1);

/** People who connect, look at their settings, call, write notes, refresh, and reconnect. */
async function live(world, gateway, count) {
  const people = [];
  for (let number = 0; number < count; number += 1) {
    const zoomUser = await world.simulator.addUser(canaryUser(wordOf(world.random), number));
    people.push(await world.newPerson({ zoomUser }));
  }
  await spread(people, 4, async (person) => {
    await world.connect(person);
    const browser = browserOf(world, gateway, person);
    await browser.link();
    const call = await browser.api('POST', '/calls', { requestId: randomUUID(), number: '03-1234-5678', defaultRegion: 'JP', companyId: 'acme' });
    const note = await browser.api('POST', '/notes', { requestId: randomUUID(), text: `Notiz von ${person.userId}`, companyId: 'acme' });
    if (call.status !== 201 || note.status !== 201) throw new Error(`call: ${call.status}, note: ${note.status} ${note.text}`);
    await world.expire([person]);
    await world.token(person);
  });
  await spread(people.slice(0, Math.ceil(count / 2)), 4, (person) => world.connect(person, { purpose: 'RECONNECT' }));
  return people;
}

/** Zoom refuses, breaks off, and repeats in its errors what it was sent. */
async function meetFailures(world, gateway, people, keep) {
  const { simulator } = world;
  const [first, second, third] = people;
  await simulator.setSwitches({ invalid_code_reason: 'with_code', inactive_user_refresh: 'owner_gone' });
  const browser = browserOf(world, gateway, first);
  const way = await browser.authorize(first.zoomUser, { reconnect: true });
  const { searchParams } = new URL(way.callback);
  for (const name of ['code', 'state']) keep(name, searchParams.get(name));
  for (const value of Object.values(way.cookies)) keep('cookie', value);
  await simulator.expire({ code: searchParams.get('code') });
  await browser.returnFromZoom(way);

  const { access_token: access, refresh_token: refresh } = await newestTokens(world, second);
  const echo = { reason: `refresh_token=${refresh} of ${second.zoomUser.email}`, error: 'server_error', error_description: `Bearer ${access}` };
  await simulator.addFault({ endpoint: 'token', match: { user_id: second.zoomUser.id }, answer: { status: 500, body: echo, headers: { 'x-zm-trackingid': 'WEB_canary' } } });
  await simulator.addFault({ endpoint: 'revoke', match: { user_id: second.zoomUser.id }, answer: { status: 400, body: echo } });
  await simulator.addFault({ endpoint: 'token', match: { user_id: third.zoomUser.id, grant_type: 'refresh_token' }, truncate_at: 300 });
  await world.expire([second, third]);
  // Where Zoom is strict, the third's token is in doubt until its lease has ended.
  await spread([second, third], 2, (person) => world.persistentToken(person, { attempts: world.size(1, 10), deadlineMs: world.size(1_000, 20_000) }));
}

/** The Zoom user is deactivated and comes back: the link needs a reconnect meanwhile. */
async function deactivate(world, person) {
  await world.simulator.changeUser(person.zoomUser.id, { status: 'inactive' });
  await world.expire([person]);
  await world.token(person);
  await world.simulator.changeUser(person.zoomUser.id, { status: 'active' });
  await world.connect(person, { purpose: 'RECONNECT' });
}

const spoolFiles = (directory) => (existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.spool')) : []);

/**
 * Zoom answers a refresh while PostgreSQL is gone, and the vault dies: a spool file is left. `look` sees it.
 * @returns {Promise<Buffer>} the secret of the refresh's intent
 */
async function leaveSpoolFile(world, person, look) {
  const { stack, simulator } = world;
  const [vault] = stack.tokenVault;
  const directory = JSON.parse(readFileSync(vault.configFile, 'utf8')).spool_directory;
  await world.expire([person]);
  await simulator.addFault({ endpoint: 'token', match: { user_id: person.zoomUser.id }, after: { hold: 'canaries' } });
  const asking = inBackground(() => world.token(person, { deadlineMs: 30_000 }));
  await simulator.waitHeld('canaries');
  const [{ secret }] = await stack.postgres.query('token_vault', `SELECT encode(intent_secret, 'hex') AS secret FROM grants WHERE user_id = '${person.userId}'`);
  const faults = [world.history.fault('postgres', 'postgresql'), world.history.fault('kill', vault.name)];
  // At once: while it writes everything down first, the vault would stop waiting for Zoom.
  await stack.postgres.process.kill('SIGQUIT');
  await simulator.release('canaries');
  await eventually('the tokens are in the spool', () => spoolFiles(directory).length > 0);
  await vault.kill();
  await asking;
  await stack.postgres.process.start();
  await look();
  await vault.start();
  for (const fault of faults) fault.to = Date.now();
  await eventually('the spool file is dealt with', () => spoolFiles(directory).length === 0);
  return Buffer.from(secret, 'hex');
}

/** Every service dies once; then the keys are rotated. */
async function killAndRotate(world, report) {
  const { tokenVault: [vault], accountLink, gateway, callLink } = world.stack;
  report('every service is killed once, the keys are rotated');
  for (const replica of [vault, ...accountLink, ...gateway, ...callLink]) await world.hurt(replica);
  await world.reconfigure(vault, { keys: keySettings });
  await world.keyAdministration().rotate(report);
  await world.reconfigure(vault, {});
}

/** Reports what was found, and makes it a bar that must be 0. */
class Search {
  constructor(world, seen) {
    Object.assign(this, { world, seen, findings: [] });
  }

  /** @param {object} [more] contents besides tokens, verifiers, states, and the stack's own secrets */
  async look(name, traces, more = {}) {
    const { contents, homes } = secretsOfStack(this.world.stack);
    const all = { ...(await secretsOfLedger(this.world.simulator)), ...this.seen, ...contents, ...more };
    const hits = await searchTraces(all, traces, { homes });
    this.#judge(`${name}: hits of ${Object.keys(all).length} contents in ${countShapes(all)} shapes`, hits);
  }

  /** Intent secrets may be in the database, and nowhere else. */
  async lookForIntent(secret, traces) {
    const hits = await searchTraces({ 'intent secret': secret }, traces);
    this.#judge('hits of an intent secret outside the database', hits.filter(({ kind }) => !ofDatabase.has(kind)));
  }

  #judge(name, hits) {
    this.world.bar(name, hits.length, hits.length === 0);
    if (hits.length > 0) this.world.bar('found', sentences(hits).slice(0, 20), false);
  }
}

export default {
  name: 'canaries',
  title: 'no token, secret or personal data in heap files, WAL, dumps, Redis, logs, metrics, spool, configuration',
  modes: ['strict'],
  stack: 'whole',
  quick: true,
  minutes: 1,

  async run(world, report) {
    const { stack } = world;
    const seen = {};
    const keep = remember(world.driver, seen);
    const search = new Search(world, seen);
    const gateway = new GatewayDriver(stack);
    const planted = `planted 鳥 ${world.prefix} ${Date.now()}`;
    // Nothing of the log is used again while somebody looks for what was in it.
    await stack.postgres.execute('postgres', 'ALTER SYSTEM SET wal_keep_size = \'64GB\'');
    await stack.postgres.query('postgres', 'SELECT pg_reload_conf()');
    try {
      report('people connect, call, refresh, reconnect');
      const people = await live(world, gateway, world.size(4, 40));
      report('Zoom fails and repeats what it was sent');
      await meetFailures(world, gateway, people, keep);
      await deactivate(world, people[3]);
      report('a spool file is left behind');
      let traces;
      const intent = await leaveSpoolFile(world, people[0], async () => {
        await plantInStores(stack, planted);
        traces = await collectTraces(stack);
      });
      await search.look('a spool file left by a kill', traces);
      await search.lookForIntent(intent, traces);
      if (!world.quick) await killAndRotate(world, report);
      const others = people.filter((person) => person !== people[2]);
      await world.expire(others);
      await spread(others, 8, (person) => world.persistentToken(person));
      traces = await collectTraces(stack);
      const { kinds, missed } = await provePlanted(planted, traces);
      await removeFromStores(stack);
      world.bar(`kinds of places where a planted canary was found: ${kinds.join(', ')}`, kinds.length - missed.length, missed.length === 0);
      const personal = personalDataOf(people.map(({ zoomUser }) => zoomUser));
      await search.look('connected', traces, personal);

      report('everybody disconnects');
      await spread(people, 4, (person) => world.disconnect(person));
      await world.rest();
      traces = await collectTraces(stack);
      await search.look('disconnected', traces, personal);
      await search.lookForIntent(intent, traces);
    } finally {
      gateway.close();
      // Where a step failed while PostgreSQL was down, its error is the one to show.
      if (stack.postgres.process.isAlive) {
        await stack.postgres.execute('postgres', 'ALTER SYSTEM RESET wal_keep_size');
        await stack.postgres.query('postgres', 'SELECT pg_reload_conf()');
      }
    }
  },
};
