// SPDX-License-Identifier: Apache-2.0
// What a scenario works with: people, clients whose every call is kept, and processes to hurt.
import { randomUUID } from 'node:crypto';
import { KeyAdministration } from '../../deploy/local/keys-rotation.mjs';
import { eventually, inBatches } from '../integration/lib/conditions.mjs';
import { crashAt } from '../integration/lib/crashes.mjs';
import { LinkDriver } from '../integration/lib/linking.mjs';
import { check } from './checker.mjs';
import { collectEvidence, openWork, ownRows } from './evidence.mjs';
import { History, sha256 } from './history.mjs';

/** How long a stack may take to come to rest after the last fault: the bound of every promise about time. */
const restMs = 90_000;
const graceSeconds = 600;

export const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** Starts work that is awaited later: until then its failure is nobody's. */
export function inBackground(work) {
  const done = work();
  done.catch(() => {});
  return done;
}

/** @returns {string|null} RFC 3339 of a google.protobuf.Timestamp */
const timeText = (stamp) => (stamp ? new Date(Number(stamp.seconds) * 1000 + stamp.nanos / 1e6).toISOString() : null);

export class World {
  history = new History();
  people = [];
  bars = [];
  #down = new Set();
  #marks = { refreshes: 0 };

  /**
   * @param {object} stack see startStack
   * @param {{prefix: string, mode: 'grace'|'strict', random: import('./random.mjs').Random, quick: boolean, leaseMs: number}} run
   *   `leaseMs`: what the stack's vaults were configured with
   */
  constructor(stack, run) {
    Object.assign(this, { stack, simulator: stack.simulator, ...run });
    this.driver = new LinkDriver(stack);
  }

  /** Gives the simulator's app back its configuration and sets how it treats used refresh tokens. */
  async open() {
    await this.simulator.reset();
    [{ client_id: this.clientId }] = await this.simulator.apps();
    await this.simulator.changeApp(this.clientId, { rotation: this.mode, grace_s: graceSeconds });
  }

  /** One size for `--quick` and one for the full run. */
  size(quick, full) { return this.quick ? quick : full; }

  // ---- processes

  /** The replicas of a kind that are up, e.g. 'tokenVault'. */
  up(kind) { return this.stack[kind].filter((replica) => !this.#down.has(replica) && replica.isAlive); }

  /** One replica that is up, by chance; waits for one. */
  async any(kind) {
    return eventually(`a ${kind} is up`, () => this.random.pick(this.up(kind)), 30_000, 10);
  }

  /** Ends a replica with a signal and starts it again. Resolves when it is ready. */
  async hurt(replica, signal = 'SIGKILL') {
    this.#down.add(replica);
    const fault = this.history.fault(signal === 'SIGKILL' ? 'kill' : 'terminate', replica.name);
    const { status } = await replica.kill(signal);
    fault.to = Date.now();
    if (signal === 'SIGTERM' && status !== 0) throw new Error(`${replica.name} ended with status ${status} on SIGTERM`);
    await replica.start();
    this.#down.delete(replica);
  }

  /** Ends a replica as a deployment does and starts it with changes to the configuration that the stack began with. */
  async reconfigure(replica, overrides) {
    this.#down.add(replica);
    const fault = this.history.fault('terminate', replica.name);
    await replica.stop();
    fault.to = Date.now();
    await replica.restart({ overrides });
    this.#down.delete(replica);
  }

  /** What an operator does with the keys, at one vault. */
  keyAdministration(replica = this.stack.tokenVault[0]) {
    const { caFile, keys } = this.stack;
    return new KeyAdministration({ target: replica.target, caFile, keyRingFile: keys.keyRingFile, ...this.stack.certificateOf('operator') });
  }

  /**
   * Hurts replicas one after the other until it is stopped.
   * @param {{replicas: object[], everyMs: number, signal?: string}} options
   * @returns {{hold: () => Promise<void>, go: () => void, stop: () => Promise<number>}} `hold` lets all come up and waits for
   *   `go`; `stop` waits until all are up again and answers how many were hurt
   */
  killer({ replicas, everyMs, signal = 'SIGKILL' }) {
    const random = this.random.fork('killer');
    const revivals = [];
    let running = true;
    let held = false;
    const loop = inBackground(async () => {
      for (;;) {
        await pause(everyMs);
        if (!running) return;
        if (held) continue;
        const victim = random.pick(replicas.filter((replica) => !this.#down.has(replica)));
        if (victim) revivals.push(inBackground(() => this.hurt(victim, signal)));
      }
    });
    return {
      hold: async () => {
        held = true;
        await Promise.all(revivals);
      },
      go: () => { held = false; },
      stop: async () => {
        running = false;
        await loop;
        await Promise.all(revivals);
        return revivals.length;
      },
    };
  }

  /** Lets a replica die at a named crash point while `act` runs, and starts it again. */
  async crashAt(replica, point, act) {
    const fault = this.history.fault('kill', replica.name);
    await crashAt(replica, point, async () => {
      fault.from = Date.now();
      const acted = act();
      await replica.exited;
      fault.to = Date.now();
      await acted;
    });
  }

  /**
   * Stops PostgreSQL at once, without a checkpoint (SIGQUIT, "immediate"), and starts it again after a while.
   * @returns {Promise<{from: number, to: number}>} while it was certainly not there
   */
  async restartPostgres({ absentMs = 400 } = {}) {
    const fault = this.history.fault('postgres', 'postgresql');
    await this.stack.postgres.process.kill('SIGQUIT');
    const from = Date.now();
    await pause(absentMs);
    const to = Date.now();
    await this.stack.postgres.process.start();
    fault.to = Date.now();
    return { from, to };
  }

  // ---- people

  /** Somebody new, at Shodan Pro and at Zoom; not connected. */
  async newPerson({ zoomUser } = {}) {
    const userId = `${this.prefix}-${this.people.length + 1}`;
    const person = { userId, zoomUser: null, tokenVersion: 0 };
    this.people.push(person);
    person.zoomUser = zoomUser ?? (await this.simulator.addUser({ first_name: 'Canary', last_name: userId, email: `${userId}@zoom.example` }));
    return person;
  }

  /** @returns {Promise<object[]>} people who are connected @throws when one of them could not be */
  async newPeople(count) {
    return inBatches(Array.from({ length: count }), async () => {
      const person = await this.newPerson();
      let call = await this.connect(person);
      for (let attempt = 0; !call.ok && attempt < 10; attempt += 1) {
        await pause(300);
        call = call.attemptId ? await this.#completeAgain(call) : await this.connect(person);
      }
      if (!call.ok) throw new Error(`${person.userId} could not connect before the faults: ${call.message}`);
      return person;
    }, 8);
  }

  /** The decision alone, once more: it has its effect once. */
  #completeAgain({ userId, codeSha, attemptId }) {
    return this.history.call({ kind: 'connect', userId, codeSha, attemptId }, async () =>
      linkAnswer(await this.driver.complete(userId, attemptId, { replica: await this.any('accountLink') })));
  }

  /** Goes to Zoom and allows the app. @returns {Promise<object>} what the browser brings back, for `finish` */
  authorize({ userId, zoomUser }, { purpose } = {}) { return this.driver.authorize(userId, zoomUser, { purpose }); }

  /** The callback: exchange, decide. */
  finish({ userId }, answer, { replica } = {}) {
    return this.history.call({ kind: 'connect', userId, codeSha: sha256(answer.code) }, () => this.#finish(userId, answer, replica));
  }

  async #finish(userId, answer, replica) {
    await this.driver.exchange(answer);
    return linkAnswer(await this.driver.complete(userId, answer.attemptId, { replica: replica ?? (await this.any('accountLink')) }));
  }

  /** The whole way; every step's failure is this call's. */
  connect(person, { purpose, replica } = {}) {
    const { userId } = person;
    return this.history.call({ kind: 'connect', userId }, async (entry) => {
      const answer = await this.authorize(person, { purpose });
      Object.assign(entry, { codeSha: sha256(answer.code), attemptId: answer.attemptId });
      return this.#finish(userId, answer, replica);
    });
  }

  /** @param {{requestId?: string, deadlineMs?: number}} [options] the same request id repeats a request */
  disconnect({ userId }, { requestId = randomUUID(), replica, deadlineMs } = {}) {
    return this.history.call({ kind: 'disconnect', userId, requestId }, async () => {
      const options = { requestId, replica: replica ?? (await this.any('accountLink')), ...(deadlineMs ? { deadlineMs } : {}) };
      const { link, receipt } = await this.driver.disconnect(userId, options);
      return {
        state: link.state, generation: Number(link.generation),
        receipt: receipt && { startTime: timeText(receipt.startTime), endTime: timeText(receipt.endTime), revokedAtZoom: receipt.revokedAtZoom },
      };
    });
  }

  /** A client that repeats its disconnect under the same request id, as long as it is not told what became of it. */
  async persistentDisconnect(person, { attempts = 5 } = {}) {
    const requestId = randomUUID();
    let call;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      call = await this.disconnect(person, { requestId });
      if (call.ok || !['UNAVAILABLE', 'DEADLINE_EXCEEDED'].includes(call.code)) break;
    }
    return call;
  }

  /** One request for an access token at one replica. */
  async token(person, { replica, rejected = 0, deadlineMs = 5_000 } = {}) {
    const asked = replica ?? (await this.any('tokenVault'));
    const call = await this.history.call({ kind: 'token', userId: person.userId, replica: asked.name }, async () =>
      tokenAnswer(await this.driver.accessToken(person.userId, { replica: asked, rejectedTokenVersion: rejected, deadlineMs })));
    if (call.ok && call.answer.tokenVersion > person.tokenVersion) {
      if (person.tokenVersion > 0) this.#marks.refreshes += call.answer.tokenVersion - person.tokenVersion;
      person.tokenVersion = call.answer.tokenVersion;
    }
    return call;
  }

  /** A client that repeats: up to `attempts` replicas, until one hands a token out or says that there is none. */
  async persistentToken(person, { attempts = 3, ...options } = {}) {
    let call;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      call = await this.token(person, options);
      if (call.ok || call.reason === 'RECONNECT_REQUIRED' || call.reason === 'GRANT_NOT_FOUND') return call;
      await pause(20);
    }
    return call;
  }

  /** How many refreshes clients have seen, by the versions they were handed. */
  get refreshesSeen() { return this.#marks.refreshes; }

  /** Makes the access tokens of people old, so that the next call has to refresh. */
  async expire(people = this.people) {
    const users = people.map(({ userId }) => `'${userId}'`).join(', ');
    await eventually('the access tokens are aged', async () => {
      await this.stack.postgres.execute('token_vault', `UPDATE grants SET access_expires_at = now() - interval '1 second' WHERE user_id IN (${users}) AND state = 'active'`);
      return true;
    }, 30_000, 50);
  }

  /**
   * Ages and refreshes everybody again and again until so many refreshes were seen.
   * @param {{people: object[], refreshes: number, concurrency?: number, deadlineMs?: number, replenish?: (count: number) =>
   *   Promise<object[]>, least?: number, report?: (done: number) => void}} options `replenish` brings people in place of those
   *   who lost their link to a strict Zoom. A quick run ends after 12 s with however few refreshes there were, from `least` on
   */
  async refreshAgain({ people, refreshes, least = 0, concurrency = 16, deadlineMs = 3_000, replenish, report = () => {} }) {
    let working = people;
    await spread(working, concurrency, (person) => this.persistentToken(person, { deadlineMs }));
    const wanted = this.refreshesSeen + refreshes;
    const enough = this.refreshesSeen + least;
    const end = Date.now() + this.size(12_000, Infinity);
    const finished = () => this.refreshesSeen >= wanted || (Date.now() > end && this.refreshesSeen >= enough);
    for (let idle = 0; !finished();) {
      const before = this.refreshesSeen;
      working = working.filter(({ lost }) => !lost);
      if (replenish && working.length < people.length * 0.7) working.push(...(await replenish(people.length - working.length)));
      if (working.length === 0) throw new Error('nobody is connected any more');
      await this.expire(working);
      await spread(working, concurrency, async (person) => {
        if (finished()) return;
        const call = await this.persistentToken(person, { deadlineMs, attempts: 2 });
        if (call.reason === 'RECONNECT_REQUIRED') person.lost = true;
      });
      report(this.refreshesSeen - wanted + refreshes);
      idle = this.refreshesSeen === before ? idle + 1 : 0;
      if (idle > 20) throw new Error(`nothing is refreshed any more (${this.refreshesSeen - wanted + refreshes} of ${refreshes})`);
    }
  }

  // ---- coming to rest, and judgement

  /** A bar of the scenario's own. */
  bar(name, value, ok) { this.bars.push({ name, value, ok }); }

  /**
   * Waits until nothing is under way any more. A quick run ages leases instead of waiting for them; a full run waits, so
   * that its times are real.
   */
  async rest() {
    await this.simulator.clearFaults();
    let nextAgeing = Date.now() + 1_500;
    let open;
    await eventually('the stack comes to rest', async () => {
      if (this.quick && Date.now() > nextAgeing) {
        await this.#ageLeases();
        nextAgeing = Date.now() + 1_000;
      }
      open = await openWork(this.stack, this.prefix);
      return Object.values(open).every((count) => count === 0);
    }, restMs, 200).catch((error) => {
      if (!open) throw error;
      this.restless = open;
    });
  }

  async #ageLeases() {
    this.history.fault('lease_ended', 'token-vault');
    const own = ownRows(this.prefix);
    await this.stack.postgres.execute('token_vault', `
      UPDATE grants SET lease_until = now() - interval '1 second', next_attempt_at = now() - interval '1 second'
        WHERE ${own} AND (intent_id IS NOT NULL OR suspect_since IS NOT NULL);
      UPDATE attempts SET exchanging_at = exchanging_at - interval '60 seconds' WHERE ${own} AND state = 'exchanging';
      UPDATE pending_grants SET next_identify_at = now() WHERE ${own};
      UPDATE revocations SET created_at = created_at - interval '15 seconds', lease_until = NULL WHERE ${own} AND wiped_at IS NULL;`);
  }

  /** Repeats the requests of disconnects whose receipt was not complete yet. */
  async #fetchReceipts() {
    const open = new Map();
    for (const call of this.history.calls.filter(({ kind }) => kind === 'disconnect')) open.set(call.userId, call);
    const incomplete = [...open.values()].filter(({ ok, answer }) => ok && !answer.receipt?.endTime);
    await inBatches(incomplete, ({ userId, requestId }) => this.disconnect({ userId }, { requestId }));
  }

  /** Proves both tokens of everybody whose grant is active, at a Zoom that takes the newest refresh token only. */
  async #probeAll() {
    await this.simulator.changeApp(this.clientId, { rotation: 'strict' });
    const own = ownRows(this.prefix);
    await this.stack.postgres.execute('token_vault', `UPDATE grants SET next_attempt_at = NULL WHERE ${own} AND state = 'active'`);
    const rows = await this.stack.postgres.query('token_vault', `SELECT user_id FROM grants WHERE ${own} AND state = 'active'`);
    const active = new Set(rows.map(({ user_id: userId }) => userId));
    await spread(this.people.filter(({ userId }) => active.has(userId)), 16, (person) => this.#probe(person));
  }

  async #probe(person) {
    // A breaker or a pause after refused credentials ends within a minute.
    for (const deadline = Date.now() + 70_000; ;) {
      const replica = await this.any('tokenVault');
      const call = await this.history.call({ kind: 'probe', userId: person.userId, replica: replica.name }, async () => {
        const first = await this.driver.accessToken(person.userId, { replica });
        const second = await this.driver.accessToken(person.userId, { replica, rejectedTokenVersion: first.tokenVersion });
        const { status, id } = await this.driver.whoIs(second);
        if (Number(second.tokenVersion) <= Number(first.tokenVersion)) throw new Error('the token was not refreshed');
        if (status !== 200 || id !== person.zoomUser.id) throw new Error(`Zoom answers ${status} for ${id}`);
        return tokenAnswer(second);
      });
      if (call.ok || call.code !== 'UNAVAILABLE' || Date.now() > deadline) return;
      await pause(500);
    }
  }

  /** Comes to rest, proves what works, and lets the checker judge. @returns {Promise<object>} see checker.mjs */
  async judge() {
    await this.rest();
    await this.#fetchReceipts();
    await this.#probeAll();
    await this.rest();
    const evidence = await collectEvidence(this.stack, this);
    const found = check(evidence);
    if (this.restless) found.unexplained.push(`not at rest after ${restMs / 1000} s: ${JSON.stringify(this.restless)}`);
    return { ...found, evidence };
  }

  close() { this.driver.close(); }
}

const linkAnswer = ({ state, generation, linkId }) => ({ state, generation: Number(generation), linkId });

const tokenAnswer = ({ accessToken, tokenVersion, generation }) =>
  ({ accessSha: sha256(accessToken), tokenVersion: Number(tokenVersion), generation: Number(generation) });

/** Does the work for every item, `width` at a time; a free hand takes the next item. */
export async function spread(items, width, work) {
  let next = 0;
  const hand = async () => {
    while (next < items.length) {
      const item = items[next];
      next += 1;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, hand));
}
