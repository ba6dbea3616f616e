// SPDX-License-Identifier: Apache-2.0
// The audit trail: what the services record is chained, sealed and joined, and every way of tampering with it shows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { findingLine, readSealKey, requestLines } from '../../deploy/local/audit.mjs';
import { verifyAudit } from '../../deploy/local/audit-verify.mjs';
import { startStack } from '../support-js/stack.mjs';
import { shapesOf } from './lib/canaries.mjs';
import { atOnce, eventually } from './lib/conditions.mjs';
import { literal } from './lib/databases.mjs';
import { LinkDriver } from './lib/linking.mjs';

const auditSettings = { seal_interval_ms: 50, read_count_interval_ms: 50 };
const readsEach = 7;

let stack;
let driver;
let keys;
const people = [];
const tokens = [];

const query = (database, sql) => stack.postgres.query(database, sql);
const names = { token_vault: 'token_vault', account_link: 'account_link' };
const verify = (options = {}) => verifyAudit({ access: stack.postgres, keys, names, graceSeconds: 0, ...options });

/** @returns {Promise<object>} the report, once no record waits for its seal any more */
const verifySealed = () => eventually('everything is sealed', async () => {
  const report = await verify();
  return Object.values(report.databases).every(({ unsealedChains }) => unsealedChains === 0) && report;
}, 30_000, 100);

before(async () => {
  stack = await startStack({
    services: ['tokenVault', 'accountLink'], replicas: { tokenVault: 2, accountLink: 2 }, durable: false,
    overrides: {
      tokenVault: { audit: auditSettings, lifetimes: { sweep_interval_ms: 100 } },
      accountLink: { audit: { seal_interval_ms: 50 }, reconciler: { interval_ms: 50, grace_ms: 100 } },
    },
  });
  driver = new LinkDriver(stack);
  keys = [readSealKey(stack.keys.auditSealKeyFile)];
  for (let i = 0; i < 4; ++i) people.push(await driver.newPerson());
  for (const { userId } of people) {
    const { values, errors } = await atOnce(readsEach, () => driver.accessToken(userId));
    assert.deepEqual(errors, []);
    tokens.push(...values.map(({ accessToken }) => accessToken));
  }
  // The second person's Zoom user goes over to somebody else; the first one leaves and comes back.
  const heir = { userId: driver.newUser(), zoomUser: people[1].zoomUser };
  people.push({ ...heir, link: await driver.connectThrough(heir.userId, heir.zoomUser) });
  await driver.disconnect(people[0].userId);
  await driver.connectThrough(people[0].userId, people[0].zoomUser);
  await eventually('links and grants are settled', () => driver.isSettled(...people.map(({ userId }) => userId)), 30_000);
});
after(async () => {
  driver?.close();
  await stack?.stop();
});

/** A slow machine leaves some connections to the reconciler, which has no request. */
const inRequests = "request_id NOT IN ('', 'background')";

describe('what the services record', () => {
  test('verifies, with every record sealed and each link the same in both databases', async () => {
    const { findings, ok, databases } = await verifySealed();

    assert.deepEqual(findings.map(findingLine), []);
    assert.equal(ok, true);
    assert.ok(databases.token_vault.records > 20 && databases.account_link.records >= 9, JSON.stringify(databases));
    assert.ok(databases.token_vault.seals > 0 && databases.account_link.seals > 0);
  });

  test('tells for a request id what each service did', async () => {
    const [{ link_id: link, request_id: requestId }] = await query('account_link',
      `SELECT link_id, request_id FROM audit WHERE action = 'link.connected' AND ${inRequests} ORDER BY user_id = ${literal(people[2].userId)} DESC LIMIT 1`);
    const found = [];

    await verify({ requestId, onRequest: (request) => found.push(request) });

    assert.equal(found.length, 1);
    assert.equal(found[0].request, requestId);
    const actions = (database) => found[0].databases[database].map(({ action, link: of }) => [action, of]);
    assert.deepEqual(actions('account_link'), [['link.connected', link]]);
    assert.deepEqual(actions('token_vault'), [['grant.activated', link]]);
    const lines = requestLines(found[0]);
    assert.equal(lines[0], `request ${requestId}`);
    assert.match(lines[1], /token_vault {3}grant\.activated/);
    assert.match(lines[2], /account_link {2}link\.connected/);
  });

  test('names every request id once', async () => {
    const listed = [];
    const { requests } = await verify({ onRequest: ({ request }) => listed.push(request) });

    const ids = await Promise.all(['token_vault', 'account_link'].map((database) =>
      query(database, `SELECT DISTINCT request_id FROM audit WHERE ${inRequests}`)));
    const expected = new Set(ids.flat().map(({ request_id: id }) => id));
    assert.deepEqual([...listed].sort(), [...expected].sort());
    assert.equal(requests, expected.size);
  });

  test('counts token reads per link and calling service, in fewer records than reads', async () => {
    const reads = () => query('token_vault', `SELECT user_id, caller, actor, (details->>'count')::int AS count,
      (details->>'lastAtMs')::bigint >= (details->>'firstAtMs')::bigint AS ordered FROM audit WHERE action = 'token.read'`);
    const sum = (rows) => rows.reduce((total, { count }) => total + count, 0);
    await eventually('all reads are recorded', async () => sum(await reads()) === 4 * readsEach);

    const recorded = await reads();
    for (const { userId } of people.slice(0, 4)) {
      assert.equal(sum(recorded.filter(({ user_id: user }) => user === userId)), readsEach);
    }
    assert.ok(recorded.length < 4 * readsEach, `${recorded.length} records`);
    for (const { caller, actor, ordered } of recorded) {
      assert.equal(caller, stack.identityUri('zoom-api'));
      assert.equal(actor, 'service:zoom-api');
      assert.equal(ordered, true);
    }
  });

  test('loses no read when a replica drains', async () => {
    const [replica] = stack.tokenVault.slice(1);
    await replica.restart({ overrides: { audit: { read_count_interval_ms: 600_000 } } });
    await driver.accessToken(people[3].userId, { replica });
    const counted = () => query('token_vault', `SELECT coalesce(sum((details->>'count')::int), 0) AS reads FROM audit
      WHERE action = 'token.read' AND user_id = ${literal(people[3].userId)}`);
    const [before] = await counted();

    await replica.stop();

    assert.equal((await counted())[0].reads, before.reads + 1);
    await replica.start();
  });

  test('holds no token and nothing of Zoom\'s', async () => {
    const text = JSON.stringify(await Promise.all(['token_vault', 'account_link'].map((database) => query(database, 'SELECT * FROM audit'))));

    for (const { zoomUser } of people) {
      for (const secret of [zoomUser.id, zoomUser.email, zoomUser.account_id].filter(Boolean)) {
        for (const shape of shapesOf(secret)) assert.ok(!text.includes(shape), shape);
      }
    }
    for (const token of tokens) assert.ok(!text.includes(token));
  });

  test('is announced by the log: each seal with its MAC', async () => {
    const [{ seal_id: seal, mac }] = await query('token_vault', 'SELECT seal_id, encode(mac, \'hex\') AS mac FROM audit_seals ORDER BY seal_id LIMIT 1');
    const logged = stack.tokenVault.flatMap(({ logFile }) => readFileSync(logFile, 'utf8').split('\n'))
      .filter((line) => line.includes('"audit sealed"')).map((line) => JSON.parse(line));

    assert.ok(logged.some((line) => line.seal_id === seal && line.mac === mac));
  });
});

describe('tampering', () => {
  let clones = 0;
  let anchors;
  let rows;

  before(async () => {
    const report = await verifySealed();
    anchors = Object.fromEntries(Object.entries(report.databases).map(([database, { newest }]) => [database, newest]));
    await Promise.all([...stack.tokenVault, ...stack.accountLink].map((replica) => replica.stop()));
    rows = await query('token_vault', `SELECT audit_id::text AS id, chain_id AS chain, chain_position AS position,
      (SELECT last_position FROM audit_chains c WHERE c.chain_id = audit.chain_id) AS last FROM audit ORDER BY audit_id`);
    // Connections that end leave the database a moment later.
    await eventually('nobody is connected', async () =>
      (await query('postgres', 'SELECT 1 FROM pg_stat_activity WHERE datname IN (\'token_vault\', \'account_link\')')).length === 0);
  });

  /** A copy of the vault's database in which somebody with all rights did something. */
  async function tamper(sql, { database = 'token_vault' } = {}) {
    clones += 1;
    const name = `clone_${clones}`;
    await stack.postgres.execute('postgres', `CREATE DATABASE ${name} TEMPLATE ${database};`);
    await stack.postgres.execute(name, `SET session_replication_role = replica;
      ALTER TABLE audit DROP CONSTRAINT audit_one_record_a_position; ${sql}`);
    return name;
  }
  const check = async (sql, options) => (await verify({ names: { token_vault: await tamper(sql) }, ...options })).findings;
  const at = ({ chain, position }) => `chain_id = ${literal(chain)} AND chain_position = ${position}`;
  const named = (findings) => findings.map(({ kind, chain, position, toPosition, seal }) => (chain === undefined
    ? `${kind} seal ${seal}` : `${kind} ${chain} ${position}${toPosition > position ? `-${toPosition}` : ''}`));
  /** One seed decides everything random. */
  const random = (seed) => {
    let state = seed;
    return (below) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  };
  const pick = (next, from) => from[next(from.length)];
  const long = (least = 3) => rows.filter(({ last }) => last >= least);
  const rehash = (chain, from) => `DO $$ DECLARE r audit; previous bytea; BEGIN
    previous := coalesce((SELECT hash FROM audit WHERE chain_id = ${literal(chain)} AND chain_position = ${from} - 1), decode(repeat('00', 32), 'hex'));
    FOR r IN SELECT * FROM audit WHERE chain_id = ${literal(chain)} AND chain_position >= ${from} ORDER BY chain_position LOOP
      previous := audit_hash(previous, r, r.chain_position);
      UPDATE audit SET hash = previous WHERE audit_id = r.audit_id;
    END LOOP;
    UPDATE audit_chains SET last_hash = previous WHERE chain_id = ${literal(chain)};
    END $$;`;

  test('a copy that nobody touched verifies', async () => {
    assert.deepEqual(await check('SELECT 1;'), []);
  });

  const changes = {
    audit_id: 'audit_id + 100000', occurred_at: 'occurred_at + interval \'1 microsecond\'', actor: 'actor || \'x\'', caller: '\'\'',
    request_id: '\'other\'', action: '\'link.other\'', details: 'details || \'{"generation": 99}\'', hash: 'sha256(hash)',
  };
  for (const [column, value] of Object.entries(changes)) {
    test(`a changed ${column} shows, at its record`, async () => {
      const next = random(column.length * 7919 + column.charCodeAt(0));
      for (let round = 0; round < 2; ++round) {
        const row = pick(next, rows.filter(({ position, last }) => column !== 'hash' || position < last));
        // An identity column takes no new value while it generates its own.
        const sql = `ALTER TABLE audit ALTER COLUMN audit_id DROP IDENTITY; UPDATE audit SET ${column} = ${value} WHERE ${at(row)};`;
        const findings = (await check(sql)).filter(({ chain }) => chain === row.chain);
        assert.ok(named(findings).includes(`row_changed ${row.chain} ${row.position}`), `${JSON.stringify(row)}: ${named(findings)}`);
      }
    });
  }

  test('only the changed record is named, with its id', async () => {
    const row = pick(random(3), rows);
    const findings = await check(`UPDATE audit SET actor = 'user:nobody' WHERE ${at(row)};`);
    assert.deepEqual(named(findings), [`row_changed ${row.chain} ${row.position}`]);
    assert.equal(findings[0].auditId, row.id);
    assert.match(findingLine(findings[0]), new RegExp(`^token_vault: row_changed: .*record ${row.position} \\(audit_id ${row.id}\\)`));
  });

  for (const column of ['project_id', 'user_id', 'link_id']) {
    test(`a record given to another ${column.slice(0, -3)} shows`, async () => {
      const row = pick(random(column.length), rows.filter(({ chain }) => chain.startsWith('link:')));
      const findings = await check(`UPDATE audit SET ${column} = 'elsewhere' WHERE ${at(row)};`);
      assert.deepEqual(named(findings), [`${column === 'link_id' ? 'row_misplaced' : 'row_changed'} ${row.chain} ${row.position}`]);
    });
  }

  test('a change whose chain was hashed anew shows by the seals, in the range that they vouch for', async () => {
    const next = random(11);
    for (let round = 0; round < 3; ++round) {
      const row = pick(next, rows);
      const findings = await check(`UPDATE audit SET actor = 'user:nobody' WHERE ${at(row)}; ${rehash(row.chain, row.position)}`);
      const covering = findings.filter(({ kind, chain, position, toPosition }) =>
        kind === 'row_changed' && chain === row.chain && position <= row.position && row.position <= toPosition);
      assert.ok(covering.length > 0, named(findings).join(', '));
    }
  });

  test('a removed record shows: within a chain, at its end, and with the end set back', async () => {
    const middle = pick(random(5), long().filter(({ position, last }) => position < last));
    assert.deepEqual(named(await check(`DELETE FROM audit WHERE ${at(middle)};`)), [`row_missing ${middle.chain} ${middle.position}`]);

    const end = pick(random(6), long().filter(({ position, last }) => position === last));
    const missing = [`row_missing ${end.chain} ${end.position}`];
    assert.deepEqual(named(await check(`DELETE FROM audit WHERE ${at(end)};`)), missing);
    const setBack = `DELETE FROM audit WHERE ${at(end)}; UPDATE audit_chains SET last_position = ${end.position - 1}, sealed_position = least(sealed_position, ${end.position - 1}),
      last_hash = (SELECT hash FROM audit WHERE ${at({ ...end, position: end.position - 1 })}) WHERE chain_id = ${literal(end.chain)};`;
    assert.deepEqual(named(await check(setBack)), missing);
    // With what the seal says about it, too.
    const findings = await check(`${setBack} DELETE FROM audit_sealed_chains WHERE chain_id = ${literal(end.chain)} AND last_position = ${end.position};`);
    assert.ok(findings.some(({ kind }) => kind === 'seal_changed'), named(findings).join(', '));
  });

  test('a removed chain shows', async () => {
    const { chain, last } = pick(random(7), long());
    const rest = `DELETE FROM audit WHERE chain_id = ${literal(chain)}; DELETE FROM audit_chains WHERE chain_id = ${literal(chain)};`;
    assert.deepEqual(named(await check(rest)), [`row_missing ${chain} 1-${last}`, `chain_end_missing ${chain} 0`]);
    const findings = await check(`${rest} DELETE FROM audit_sealed_chains WHERE chain_id = ${literal(chain)};`);
    assert.ok(findings.length > 0 && findings.every(({ kind }) => kind === 'seal_changed'), named(findings).join(', '));
  });

  const copyOf = (row, position) => `INSERT INTO audit (occurred_at, project_id, user_id, link_id, actor, caller, request_id, action, details, chain_id, chain_position, hash)
    SELECT occurred_at, project_id, user_id, link_id, actor, caller, request_id, action, details, chain_id, ${position}, sha256(hash) FROM audit WHERE ${at(row)};`;
  test('an inserted record shows: at the end of a chain, and in another\'s place', async () => {
    const row = pick(random(8), long());
    const atEnd = await check(copyOf(row, row.last + 1));
    assert.deepEqual(named(atEnd).sort(), [`row_changed ${row.chain} ${row.last + 1}`, `row_inserted ${row.chain} ${row.last + 1}`]);
    assert.ok(atEnd.every(({ auditId }) => Number(auditId) > Number(rows.at(-1).id)));
    assert.deepEqual(named(await check(copyOf(row, row.position))), [`row_inserted ${row.chain} ${row.position}`]);
  });

  test('a record pushed in between, with the later ones moved up, shows', async () => {
    const row = pick(random(9), long().filter(({ position, last }) => position < last));
    const findings = await check(`UPDATE audit SET chain_position = chain_position + 1 WHERE chain_id = ${literal(row.chain)} AND chain_position > ${row.position};
      ${copyOf(row, row.position + 1)} UPDATE audit_chains SET last_position = last_position + 1 WHERE chain_id = ${literal(row.chain)};`);
    assert.ok(named(findings).includes(`row_changed ${row.chain} ${row.position + 1}`), named(findings).join(', '));
  });

  test('records in another order show', async () => {
    const row = pick(random(10), long().filter(({ position, last }) => position < last));
    const findings = await check(`UPDATE audit SET chain_position = CASE chain_position WHEN ${row.position} THEN ${row.position + 1} ELSE ${row.position} END
      WHERE chain_id = ${literal(row.chain)} AND chain_position IN (${row.position}, ${row.position + 1});`);
    for (const position of [row.position, row.position + 1]) {
      assert.ok(named(findings).includes(`row_changed ${row.chain} ${position}`), named(findings).join(', '));
    }
  });

  test('swapped chains show, with and without their ends and owners', async () => {
    const chains = [...new Set(long().filter(({ chain }) => chain.startsWith('link:')).map(({ chain }) => chain))].slice(0, 2);
    assert.equal(chains.length, 2);
    const [a, b] = chains.map(literal);
    const swap = (table, column, from, to) => `UPDATE ${table} SET ${column} = CASE ${column} WHEN ${from} THEN ${to} ELSE ${from} END WHERE ${column} IN (${from}, ${to});`;
    const ends = `UPDATE audit_chains SET chain_id = 'x' WHERE chain_id = ${a}; UPDATE audit_chains SET chain_id = ${a} WHERE chain_id = ${b};
      UPDATE audit_chains SET chain_id = ${b} WHERE chain_id = 'x';`;
    const owners = swap('audit', 'link_id', ...chains.map((chain) => literal(chain.slice('link:'.length))));

    const misplaced = named(await check(swap('audit', 'chain_id', a, b)));
    const whole = named(await check(swap('audit', 'chain_id', a, b) + ends + owners));

    for (const chain of chains) {
      assert.ok(misplaced.includes(`row_misplaced ${chain} 1`), misplaced.join(', '));
      assert.ok(whole.includes(`row_changed ${chain} 1`), whole.join(', '));
    }
  });

  test('a removed seal shows: one of several, the last one, and all of them', async () => {
    const last = anchors.token_vault.seal;
    assert.ok(last >= 3, `${last} seals`);
    const middle = 1 + random(12)(last - 1);
    const remove = (where) => `DELETE FROM audit_sealed_chains WHERE ${where}; DELETE FROM audit_seals WHERE ${where};`;
    assert.ok(named(await check(remove(`seal_id = ${middle}`))).includes(`seal_missing seal ${middle}`));
    const withoutLast = await check(remove(`seal_id = ${last}`));
    assert.ok(withoutLast.length > 0 && withoutLast.every(({ kind }) => kind === 'seal_missing'), named(withoutLast).join(', '));

    const covered = `${remove('true')} UPDATE audit_chains SET sealed_position = 0;`;
    assert.deepEqual(named(await check(covered, { anchors })), ['seal_missing seal 1']);
    const unsealed = await check(covered, { unsealedSeconds: 0 });
    assert.ok(unsealed.length > 0 && unsealed.every(({ kind }) => kind === 'unsealed'), named(unsealed).join(', '));
  });

  test('a changed or forged seal shows', async () => {
    const seal = 1 + random(13)(anchors.token_vault.seal);
    const where = `WHERE seal_id = ${seal}`;
    for (const change of ['mac = sha256(mac)', 'root = sha256(root)', 'row_count = row_count + 1', 'sealed_at = sealed_at - interval \'1 hour\'']) {
      assert.ok(named(await check(`UPDATE audit_seals SET ${change} ${where};`)).includes(`seal_changed seal ${seal}`), change);
    }
    assert.ok(named(await check(`UPDATE audit_sealed_chains SET hash = sha256(hash) ${where};`)).includes(`seal_changed seal ${seal}`));
    assert.deepEqual(named(await check(`UPDATE audit_seals SET key_id = 'mine' ${where};`)), [`seal_key_unknown seal ${seal}`]);
  });

  test('a seal made with another key is not believed', async () => {
    const findings = await check('SELECT 1;', { keys: [Buffer.alloc(32, 7)] });
    assert.ok(findings.length > 0 && findings.every(({ kind }) => kind === 'seal_key_unknown'));
  });

  test('a database set back to an earlier seal shows against the seals seen before', async () => {
    const { seal, mac } = anchors.token_vault;
    assert.deepEqual(named(await check('SELECT 1;', { anchors: { token_vault: { seal: seal + 5, mac } } })), [`seal_missing seal ${seal + 1}`]);
    assert.deepEqual(named(await check('SELECT 1;', { anchors: { token_vault: { seal, mac: '00' } } })), [`seal_changed seal ${seal}`]);
  });

  test('what one database has and the other should have shows, with the request', async () => {
    const [row] = await query('account_link', `SELECT link_id, request_id FROM audit WHERE action = 'link.connected' AND user_id = ${literal(people[3].userId)}`);
    const vault = await tamper(`DELETE FROM audit WHERE link_id = ${literal(row.link_id)} AND action = 'grant.activated';`);
    const { findings } = await verify({ names: { token_vault: vault, account_link: 'account_link' } });

    const missing = findings.filter(({ kind }) => kind === 'counterpart_missing');
    assert.deepEqual(missing.map(({ database, request, chain }) => [database, request, chain]), [['account_link', row.request_id, `link:${row.link_id}`]]);
    assert.match(missing[0].detail, /token_vault has no grant\.activated or grant\.recovered of that generation/);

    const links = await tamper(`DELETE FROM audit WHERE link_id = ${literal(row.link_id)};`, { database: 'account_link' });
    const { findings: other } = await verify({ names: { token_vault: 'token_vault', account_link: links } });
    assert.ok(other.some(({ kind, database, detail }) => kind === 'counterpart_missing' && database === 'token_vault' && /account_link has nothing about the link/.test(detail)));
  });
});
