// SPDX-License-Identifier: Apache-2.0
// Key epochs are rotated while tokens are used, people come and go, and vaults die in the middle of sealing again: no field fails to open, none
// is left under an epoch that is gone.
import { readFileSync } from 'node:fs';
import { eventually } from '../../integration/lib/conditions.mjs';
import { countFields, epochKeysIn } from '../../integration/lib/sealed-fields.mjs';
import { BulkGrants } from '../bulk-grants.mjs';
import { inBackground, pause, spread } from '../world.mjs';

const keySettings = { report_interval_ms: 200, replica_stale_s: 2, retire_after_s: 0 };
/** Small batches with pauses, so that a few hundred rows take long enough for somebody to die in between. */
const slowly = { ...keySettings, rewrap_batch: 5, rewrap_pause_ms: 100 };
const workers = 6;
const quietly = () => {};

/** What a vault says when a field does not open, or a key is not there. */
const failure = /SEALED_FIELD_[A-Z]+|KEY_EPOCH_UNKNOWN|KEY_EPOCH_CHANGED/;

/** People of one worker: tokens above all, now and then somebody new, a disconnect, a reconnect. */
class Load {
  calls = 0;
  #running = true;

  constructor(world) {
    this.world = world;
    this.random = world.random.fork('load');
  }

  async #once(own) {
    const { world, random } = this;
    const person = random.pick(own);
    const chance = random.next();
    if (chance < 0.03) {
      const another = await world.newPerson();
      if ((await world.connect(another)).ok) own.push(another);
    } else if (chance < 0.05 && own.length > 4) {
      own.splice(own.indexOf(person), 1);
      await world.disconnect(person);
    } else if (chance < 0.08) {
      await world.connect(person, { purpose: 'RECONNECT' });
    } else {
      await world.expire([person]);
      await world.token(person, { deadlineMs: 3_000 });
    }
    this.calls += 1;
  }

  start(people) {
    const size = Math.ceil(people.length / workers);
    this.work = Array.from({ length: workers }, (_, worker) => {
      const own = people.slice(worker * size, (worker + 1) * size);
      return inBackground(async () => { while (this.#running) await this.#once(own); });
    });
    return this;
  }

  async stop() {
    this.#running = false;
    await Promise.all(this.work);
  }
}

/** Repeats a command of the operator until it was carried out: the vault that he talks to may die. */
async function persist(world, command) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await command(world.keyAdministration(await world.any('tokenVault')));
    } catch (error) {
      if (attempt === 40) throw error;
      await pause(250);
    }
  }
}

const primaryOf = (world) => epochKeysIn(world.stack.keys.keyRingFile).find(({ primary }) => primary);
/** Rows that have not been sealed again yet; 0 before a promotion. */
async function rowsLeft({ stack: { postgres } }) {
  const under = (table) => `(SELECT count(*) FROM ${table} WHERE key_epoch < (SELECT key_epoch FROM key_epochs WHERE state = 'primary'))`;
  const [{ rows }] = await postgres.query('token_vault', `SELECT ${under('grants')} + ${under('grant_profiles')} AS rows`);
  return Number(rows);
}

/**
 * Rotates, and kills vaults for as long as rows are left under the former epoch.
 * @returns {Promise<{kills: number, leftUnder: number, seconds: number}>}
 */
async function rotateAndKill(world, { everyMs, most, all = false, report = quietly }) {
  const { keyEpoch: former } = primaryOf(world);
  const began = performance.now();
  let rotating = true;
  let kills = 0;
  const random = world.random.fork(`kills ${former}`);
  const killer = inBackground(async () => {
    for (; rotating && kills < most; await pause(everyMs)) {
      if ((await rowsLeft(world)) === 0 || !rotating) continue;
      const victims = all && kills === 0 ? world.stack.tokenVault : [random.pick(world.stack.tokenVault)];
      kills += victims.length;
      await Promise.all(victims.map((replica) => world.hurt(replica)));
    }
  });
  try {
    await persist(world, (administration) => administration.rotate(report));
  } finally {
    rotating = false;
    await killer;
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  const fields = () => countFields(world.stack.postgres, `= ${former}`);
  // A vault that had not heard of the promotion may have sealed something meanwhile; that is sealed again as well.
  const leftUnder = await eventually('nothing is left', async () => (await fields()) === 0, 30_000, 200).then(() => 0, fields);
  await persist(world, (administration) => administration.retireUnused(quietly));
  return { kills, leftUnder, seconds };
}

/** The lines of the vaults' logs, since a mark, that tell of a field which does not open. */
const failuresInLogs = (marks) => [...marks].flatMap(([{ log }, length]) => log.slice(length).split('\n').filter((line) => failure.test(line)));

async function rotateMany(world, count, load, report) {
  const { stack } = world;
  const bulk = new BulkGrants(stack, `bulk-${world.prefix}`);
  await bulk.insert(count, primaryOf(world), (done) => report(`${done} of ${count} grants are inserted`));
  const callsBefore = load.calls;
  const { kills, leftUnder, seconds } = await rotateAndKill(world, { everyMs: 3_000, most: 9, all: true, report: (text) => report(`${count} grants are sealed again: ${text}`) });
  world.bar(`${count} grants sealed again online in s`, seconds, true);
  world.bar('calls meanwhile', load.calls - callsBefore, load.calls > callsBefore);
  world.bar('kills meanwhile, all three at once first', kills, kills >= 3);
  world.bar('fields left under the former epoch', leftUnder, leftUnder === 0);
  const { fields, wrong } = await bulk.verify(primaryOf(world));
  world.bar(`of ${fields} fields not what was sealed`, wrong, wrong === 0 && fields === 4 * count);
  let other = 0;
  const asked = Array.from({ length: 500 }, (_, index) => Math.floor((index * count) / 500));
  await spread(asked, 16, async (index) => {
    const token = await world.driver.accessToken(bulk.userId(index), { replica: await world.any('tokenVault') }).then((answer) => answer.accessToken, () => undefined);
    if (token !== bulk.plaintext('access_token', index)) other += 1;
  });
  world.bar(`of ${asked.length} tokens handed out afterwards wrong`, other, other === 0);
}

export default {
  name: 'key-rotation',
  title: 'key epochs are rotated under load while vaults die; 100,000 grants are sealed again online',
  modes: ['grace'],
  stack: 'standard',
  quick: false,
  minutes: 12,
  spoilsStack: true,

  async run(world, report) {
    const vaults = world.stack.tokenVault;
    const marks = new Map(vaults.map((replica) => [replica, readFileSync(replica.logFile, 'utf8').length]));
    await Promise.all(vaults.map((replica) => replica.restart({ overrides: { keys: slowly } })));
    const people = await world.newPeople(world.size(30, 120));
    const load = new Load(world).start(people);
    const rounds = world.size(2, 5);
    let [kills, left] = [0, 0];
    try {
      for (let round = 1; round <= rounds; round += 1) {
        report(`rotation ${round} of ${rounds}`);
        const result = await rotateAndKill(world, { everyMs: 300, most: 6 });
        kills += result.kills;
        left += result.leftUnder;
      }
      for (const replica of vaults) await world.reconfigure(replica, { keys: keySettings });
      await rotateMany(world, world.size(2_000, 100_000), load, report);
    } finally {
      await load.stop();
    }
    world.bar('rotations with kills in the middle', rounds, true);
    world.bar('kills while rows were left', kills, kills > 0);
    world.bar('fields left under former epochs', left, left === 0);
    world.bar('calls during the rotations', load.calls, load.calls > 0);
    const refused = world.history.calls.filter(({ code, reason }) => code === 'DATA_LOSS' || failure.test(reason ?? '')).length;
    const logged = failuresInLogs(marks);
    world.bar('failed decryptions', refused + logged.length, refused + logged.length === 0);
    world.bar('key epochs in the ring', epochKeysIn(world.stack.keys.keyRingFile).length, epochKeysIn(world.stack.keys.keyRingFile).length === 1);
  },
};
