// SPDX-License-Identifier: Apache-2.0
// Watching links: every change once its transaction is committed, in order, on any replica, over the end of any stream.
// Two replicas of account-link.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inTheNameOf } from '../support-js/assertions.mjs';
import { clientOf } from '../support-js/grpc.mjs';
import { startStack } from '../support-js/stack.mjs';
import { atOnce, eventually, failureOf, inBatches } from './lib/conditions.mjs';
import { setAccessExpiry } from './lib/databases.mjs';
import { LinkDriver } from './lib/linking.mjs';

const projectId = 'demo';
const maxStreams = 8;
const watch = { poll_interval_ms: 50, heartbeat_ms: 500, max_streams: maxStreams };
let stack;
let driver;
let clients;

const replica = (index) => stack.accountLink[index % 2];
const isAlive = ({ kind }) => kind === 'LINK_EVENT_KIND_HEARTBEAT';

/** A watcher that keeps what it was told, as its users would: the state by user and where to go on. */
class Watcher {
  #stream;
  resumeToken = '';
  events = [];
  known = new Map();

  /** Opens the next stream, behind the last event kept. */
  open(index = 0, request = {}) {
    this.#stream = clients[index % 2].watchLinks({ projectId, resumeToken: this.resumeToken, ...request });
    return this;
  }

  async next() {
    const message = await this.#stream.next();
    if (!message) return null;
    const { event } = message;
    if (event.resumeToken) this.resumeToken = event.resumeToken;
    if (event.linkId) {
      this.events.push(event);
      this.known.set(event.userId, event);
    }
    return event;
  }

  /** Reads until an event fulfils a condition. @returns {Promise<object>} it */
  async until(condition) {
    for (;;) {
      const event = await this.next();
      assert.ok(event, 'the stream ended');
      if (condition(event)) return event;
    }
  }

  /** Reads to the end of the snapshot. */
  snapshot() { return this.until(({ kind }) => kind === 'LINK_EVENT_KIND_SNAPSHOT_END'); }

  untilState(userId, state, generation) {
    return this.until((event) => event.userId === userId && event.state === `LINK_STATE_${state}`
      && (generation === undefined || Number(event.generation) === generation));
  }

  close() { this.#stream.cancel(); }
}

const opened = [];
const watcher = (...args) => {
  const made = new Watcher().open(...args);
  opened.push(made);
  return made;
};

/** Changes a row as a transaction of the service would: the triggers do not know who it is. */
const change = (sql) => stack.postgres.execute('account_link', sql);
const insertLinks = (prefix, count, project = projectId) => change(`INSERT INTO links (project_id, user_id, link_id, generation, state)
  SELECT '${project}', '${prefix}' || lpad(i::text, 6, '0'), gen_random_uuid(), 1, 'active' FROM generate_series(1, ${count}) AS i`);
const openStreams = async (index) =>
  Number(/^shodan_rpc_streams_open\{[^}]*\} (\d+)$/m.exec(await (await fetch(`${replica(index).adminUrl}/metrics`)).text())?.[1] ?? 0);

before(async () => {
  stack = await startStack({
    services: ['tokenVault', 'accountLink'], replicas: { accountLink: 2 }, durable: false,
    overrides: { accountLink: { reconciler: { interval_ms: 50, grace_ms: 100 }, watch }, tokenVault: { lifetimes: { sweep_interval_ms: 200 } } },
  });
  driver = new LinkDriver(stack);
  clients = [clientOf(stack, replica(0), 'automation'), clientOf(stack, replica(1), 'zoom-api')];
});
after(async () => {
  for (const client of clients) client.close();
  driver.close();
  await stack.stop();
});

/** Restarts a replica and waits until the watchers' client has found it again. */
async function restart(index, options) {
  await replica(index).restart(options);
  await eventually('the client is connected again', () => clients[index].getLink({ projectId, userId: 'anybody' }));
}

/** Every test leaves no stream behind. */
async function closing(body) {
  try {
    await body();
  } finally {
    for (const made of opened.splice(0)) made.close();
    for (const index of [0, 1]) await eventually('no stream is left', async () => (await openStreams(index)) === 0);
  }
}

describe('a watcher', () => {
  test('is told who is connected, then each change, with nothing of Zoom\'s', () => closing(async () => {
    const person = await driver.newPerson();
    const live = watcher();
    await live.snapshot();
    assert.deepEqual([live.known.get(person.userId).state, live.known.get(person.userId).linkId], ['LINK_STATE_ACTIVE', person.link.linkId]);

    await driver.disconnect(person.userId);
    const ended = await live.untilState(person.userId, 'NONE');
    assert.deepEqual([ended.kind, ended.generation, ended.cause], ['LINK_EVENT_KIND_CHANGE', '2', 'LINK_CAUSE_DISCONNECTED']);
    const told = live.events.filter(({ userId }) => userId === person.userId);
    assert.deepEqual([...new Set(told.map(({ state }) => state))], ['LINK_STATE_ACTIVE', 'LINK_STATE_DISCONNECTING', 'LINK_STATE_NONE']);
    assert.deepEqual(Object.keys(ended).sort(),
      ['cause', 'eventTime', 'generation', 'kind', 'linkId', 'projectId', 'resumeToken', 'state', 'userId']);
    assert.ok(!JSON.stringify(live.events).includes(person.zoomUser.id));
  }));

  test('hears of a connection that Zoom ended, with its cause', () => closing(async () => {
    const person = await driver.newPerson();
    const live = watcher(1);
    await live.snapshot();
    await setAccessExpiry(stack, person.userId, -1);
    await stack.simulator.removeApp(person.zoomUser.id);
    assert.equal((await failureOf(driver.accessToken(person.userId))).reason, 'RECONNECT_REQUIRED');

    const event = await live.untilState(person.userId, 'RECONNECT_REQUIRED');
    assert.deepEqual([event.cause, event.generation], ['LINK_CAUSE_REVOKED', '1']);
  }));

  test('hears heartbeats while nothing happens, each with a position to go on from', () => closing(async () => {
    const live = watcher();
    await live.snapshot();
    const first = await live.until(isAlive);
    assert.ok(first.resumeToken);
    assert.deepEqual([first.linkId, first.userId, first.eventTime], ['', '', null]);
    await live.until(isAlive);
    const later = watcher(1, { resumeToken: first.resumeToken });
    assert.ok(isAlive(await later.next()), 'nothing was missed');
  }));

  test('is told of its own project alone', () => closing(async () => {
    const live = watcher();
    await live.snapshot();
    await insertLinks('stranger-', 3, 'elsewhere');
    await insertLinks('own-', 1);

    await live.untilState('own-000001', 'ACTIVE');

    assert.ok(live.events.every((event) => event.projectId === projectId));
  }));
});

describe('changes made by many at once', () => {
  const users = Array.from({ length: 12 }, (_, index) => `racer-${String(index + 1).padStart(6, '0')}`);
  const rounds = 30;

  /** Raises generations from several sessions, each transaction over two links. */
  const churn = () => atOnce(6, async (session) => {
    for (let round = 0; round < rounds; round += 1) {
      await change(`BEGIN; UPDATE links SET generation = generation + 1 WHERE user_id = '${users[session]}';
        UPDATE links SET generation = generation + 1 WHERE user_id = '${users[6 + Math.floor(session / 2)]}'; COMMIT`);
    }
  });
  const generationsOf = (events, userId) => events.filter((event) => event.userId === userId).map(({ generation }) => Number(generation));
  const settled = () => stack.postgres.query('account_link', 'SELECT user_id, generation FROM links WHERE user_id LIKE \'racer-%\' ORDER BY user_id');

  test('reach every watcher of both replicas, none left out, each link in its order', () => closing(async () => {
    await insertLinks('racer-', users.length);
    const watchers = [0, 1, 0, 1].map((index) => watcher(index));
    for (const each of watchers) await each.snapshot();
    const churned = churn();
    const before = watchers.map(({ events }) => events.length);
    assert.deepEqual((await churned).errors, []);
    await change(`UPDATE links SET state = 'none' WHERE user_id = '${users[11]}'`);

    for (const [index, each] of watchers.entries()) {
      await each.untilState(users[11], 'NONE');
      const told = each.events.slice(before[index]);
      for (const { user_id: userId, generation } of await settled()) {
        const expected = Array.from({ length: Number(generation) - 1 }, (_, step) => step + 2);
        assert.deepEqual(generationsOf(told, userId).filter((value, at, all) => at === 0 || value !== all[at - 1]), userId === users[11] ? [1] : expected, userId);
      }
    }
  }));

  test('are told once more from any event on, exactly as they were the first time', () => closing(async () => {
    const first = watcher();
    await first.snapshot();
    const position = first.events.length;
    assert.deepEqual((await churn()).errors, []);
    await change(`UPDATE links SET state = 'active' WHERE user_id = '${users[11]}'`);
    await first.untilState(users[11], 'ACTIVE');
    const told = first.events.slice(position);

    for (const at of [0, 1, Math.floor(told.length / 2), told.length - 2]) {
      const again = watcher(at, { resumeToken: told[at].resumeToken });
      await again.untilState(users[11], 'ACTIVE');
      assert.deepEqual(again.events, told.slice(at + 1));
      again.close();
    }
  }));

  test('are missed by nobody who goes on with the other replica after a kill -9', () => closing(async () => {
    const live = watcher(0);
    await live.snapshot();
    const from = new Map((await settled()).map(({ user_id: userId, generation }) => [userId, Number(generation)]));
    const churned = churn();
    await live.until(({ kind }) => kind === 'LINK_EVENT_KIND_CHANGE');
    await replica(0).kill();
    const lost = await failureOf((async () => { for (;;) if (!(await live.next())) return; })());
    assert.equal(lost.code, 'UNAVAILABLE');

    live.open(1);
    assert.deepEqual((await churned).errors, []);
    await change(`UPDATE links SET state = 'none' WHERE user_id = '${users[11]}'`);
    await live.untilState(users[11], 'NONE');

    for (const { user_id: userId, generation } of await settled()) {
      const steps = generationsOf(live.events, userId).filter((value) => value > from.get(userId));
      const inOrder = [...new Set(steps)];
      assert.deepEqual(inOrder, Array.from({ length: Number(generation) - from.get(userId) }, (_, step) => from.get(userId) + 1 + step), userId);
      assert.deepEqual(steps, [...steps].sort((a, b) => a - b), `${userId} never goes back`);
    }
    await restart(0);
    live.close();
    live.open(0);
    assert.ok(isAlive(await live.next()), 'the restarted replica goes on from the same position');
  }));
});

describe('a watcher who reads slowly', () => {
  const count = 6_000;

  test('holds up neither the others nor the service, and misses nothing', () => closing(async () => {
    const slow = watcher(0);
    await slow.snapshot();
    const quick = watcher(0);
    await quick.snapshot();
    await insertLinks('crowd-', count);
    await quick.untilState(`crowd-${String(count).padStart(6, '0')}`, 'ACTIVE');

    const metadata = inTheNameOf(stack, { audience: 'account-link', userId: 'crowd-000001' });
    const calls = await inBatches(Array.from({ length: 50 }), () =>
      driver.as('gateway', replica(0)).getLink({ projectId, userId: 'crowd-000001' }, { metadata }), 10);
    assert.equal(calls.length, 50);

    await slow.untilState(`crowd-${String(count).padStart(6, '0')}`, 'ACTIVE');
    assert.equal(slow.events.filter(({ userId, kind }) => userId.startsWith('crowd-') && kind === 'LINK_EVENT_KIND_CHANGE').length, count);
  }));

  test('gets a snapshot of many pages whole', () => closing(async () => {
    const live = watcher(1);
    await live.snapshot();
    const users = live.events.filter(({ userId }) => userId.startsWith('crowd-')).map(({ userId }) => userId);
    assert.equal(new Set(users).size, count);
    assert.ok(live.events.every(({ kind, resumeToken }) => kind === 'LINK_EVENT_KIND_SNAPSHOT' && resumeToken === ''));
    await change('UPDATE links SET state = \'none\', generation = 2 WHERE user_id LIKE \'crowd-%\'');
    await live.untilState(`crowd-${String(count).padStart(6, '0')}`, 'NONE');
    assert.equal(live.events.filter(({ state }) => state === 'LINK_STATE_NONE').length, count);
  }));
});

describe('a stream', () => {
  const reasonOf = async (request, client = clients[0]) => {
    const { code, reason, fields } = await failureOf(client.watchLinks({ projectId, ...request }).first());
    return [code, reason, ...fields].join(' ');
  };

  test('begins behind no token that is another project\'s, or none', () => closing(async () => {
    const live = watcher();
    const { resumeToken } = await live.snapshot();
    assert.equal(await reasonOf({ projectId: 'elsewhere' }), 'NOT_FOUND PROJECT_NOT_FOUND');
    assert.equal(await reasonOf({ projectId: 'elsewhere', resumeToken }), 'INVALID_ARGUMENT INVALID_FIELD resumeToken');
    for (const bad of ['x', resumeToken.slice(1), `${resumeToken}A`, 'A'.repeat(257), '\0']) {
      assert.equal(await reasonOf({ resumeToken: bad }), 'INVALID_ARGUMENT INVALID_FIELD resumeToken', bad);
    }
    assert.equal(await reasonOf({ projectId: '' }), 'INVALID_ARGUMENT INVALID_FIELD projectId');
  }));

  test('begins behind no token whose changes are no longer kept', () => closing(async () => {
    const live = watcher();
    await live.snapshot();
    const early = live.resumeToken;
    await insertLinks('aged-', 2);
    await live.untilState('aged-000002', 'ACTIVE');
    await change('UPDATE link_changes SET changed_at = changed_at - interval \'31 days\'');
    live.close();
    // The service looks at its start, and then every minute.
    await restart(1);
    await eventually('old changes are removed', async () =>
      Number((await stack.postgres.query('account_link', 'SELECT count(*) AS left FROM link_changes'))[0].left) === 0);

    assert.equal(await reasonOf({ resumeToken: early }, clients[1]), 'FAILED_PRECONDITION RESUME_TOKEN_EXPIRED');
    const anew = watcher(1);
    await anew.snapshot();
    assert.equal(anew.known.get('aged-000002').state, 'LINK_STATE_ACTIVE');
  }));

  test('is one of a bounded number', () => closing(async () => {
    const streams = Array.from({ length: maxStreams }, () => watcher(1));
    for (const each of streams) await each.snapshot();
    const refused = await failureOf(clients[1].watchLinks({ projectId }).first());
    assert.deepEqual([refused.code, refused.reason, refused.retryAfterMs], ['RESOURCE_EXHAUSTED', 'TOO_MANY_STREAMS', 1000]);
    const elsewhere = watcher(0);
    await elsewhere.snapshot();
    streams[0].close();
    await eventually('a place is free', async () => (await openStreams(1)) < maxStreams);
    const late = watcher(1);
    await late.snapshot();
  }));

  test('costs no connection to the database while nothing happens', () => closing(async () => {
    const streams = Array.from({ length: maxStreams }, () => watcher(0));
    for (const each of streams) await each.snapshot();
    await eventually('nothing waits in the database', async () => {
      const [{ busy }] = await stack.postgres.query('account_link',
        'SELECT count(*) AS busy FROM pg_stat_activity WHERE datname = \'account_link\' AND state LIKE \'idle in transaction%\'');
      return Number(busy) === 0;
    });
    const [{ connections }] = await stack.postgres.query('account_link',
      'SELECT count(*) AS connections FROM pg_stat_activity WHERE application_name = \'account-link\'');
    assert.ok(Number(connections) <= 2 * 8, `${connections} connections of two replicas`);
  }));

  test('ends with OK at its maximum age, and the next goes on', () => closing(async () => {
    await restart(0, { overrides: { watch: { ...watch, max_age_s: 1 } } });
    const live = watcher(0);
    await live.snapshot();
    while (await live.next()) assert.ok(true);
    live.open(0);
    assert.ok(isAlive(await live.next()));
    await restart(0);
  }));

  test('ends at once, and clearly, when its replica is told to stop', () => closing(async () => {
    const live = watcher(0);
    await live.snapshot();
    const stopped = replica(0).kill('SIGTERM');
    const { code, reason } = await failureOf((async () => { for (;;) if (!(await live.next())) return; })());
    assert.deepEqual([code, reason], ['UNAVAILABLE', 'SERVER_DRAINING']);
    assert.equal((await stopped).status, 0);
    live.open(1);
    assert.ok(isAlive(await live.next()));
    await restart(0);
  }));
});
