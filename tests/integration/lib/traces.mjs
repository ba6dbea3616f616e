// SPDX-License-Identifier: Apache-2.0
// Everything that a stack has written anywhere, by kinds of places, and the secrets that must not be in it.
import assert from 'node:assert/strict';
import { createPrivateKey, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../deploy/local/processes.mjs';
import { findContents } from './canaries.mjs';
import { literal } from './databases.mjs';
import { joinWal } from './wal.mjs';

const databases = ['token_vault', 'account_link', 'zoom_api', 'automation'];

const replicasOf = (stack) => [...stack.tokenVault, ...stack.callLink, ...stack.accountLink, ...stack.zoomApi, ...stack.automation, ...stack.gateway];

/** The directories of their own into which replicas write, as their configurations name them. */
function ownDirectories(stack, key) {
  const named = replicasOf(stack).map(({ configFile }) => JSON.parse(readFileSync(configFile, 'utf8'))[key]);
  return [...new Set(named)].filter((directory) => directory && existsSync(directory));
}

async function dump(stack, database, file) {
  const { host, port, user, passFile } = stack.postgres;
  const result = await run('pg_dump', ['-h', host, '-p', String(port), '-U', user, '-d', database, '-f', file], { environment: { PGPASSFILE: passFile } });
  assert.equal(result.status, 0, result.stderr);
}

/**
 * @typedef {object} Traces
 * @property {string} directory where this evidence is @property {{kind: string, path: string}[]} places `kind`: heap (every file of the
 *   cluster but its log), wal, dump, redis, logs, metrics, processes (what `ps` shows), spool, ledger, configuration, keys
 */

/**
 * Lets PostgreSQL write everything down, dumps it, and asks Redis and every process that is up for what they show.
 * @returns {Promise<Traces>}
 */
export async function collectTraces(stack) {
  const directory = join(stack.directory, `evidence-${randomUUID()}`);
  const part = (name) => {
    mkdirSync(join(directory, name), { recursive: true });
    return join(directory, name);
  };
  await stack.postgres.execute('postgres', 'CHECKPOINT');
  for (const database of databases) await dump(stack, database, join(part('dump'), `${database}.sql`));
  for (const replica of replicasOf(stack).filter(({ isAlive }) => isAlive)) {
    writeFileSync(join(part('metrics'), replica.name), await (await fetch(`${replica.adminUrl}/metrics`)).text());
    for (const file of ['cmdline', 'environ']) writeFileSync(join(part('processes'), `${replica.name}.${file}`), readFileSync(`/proc/${replica.pid}/${file}`));
  }
  const data = stack.postgres.dataDirectory;
  const joined = part('pg_wal');
  joinWal(join(data, 'pg_wal'), join(joined, 'joined'));
  return {
    directory,
    places: [
      { kind: 'heap', path: data }, { kind: 'wal', path: join(data, 'pg_wal') }, { kind: 'wal', path: joined }, { kind: 'dump', path: part('dump') },
      { kind: 'redis', path: await stack.redis.save() }, { kind: 'logs', path: stack.logDirectory },
      { kind: 'metrics', path: part('metrics') }, { kind: 'processes', path: part('processes') },
      ...ownDirectories(stack, 'spool_directory').map((path) => ({ kind: 'spool', path })),
      ...ownDirectories(stack, 'ledger_directory').map((path) => ({ kind: 'ledger', path })),
      { kind: 'configuration', path: join(stack.directory, 'config') }, { kind: 'keys', path: join(stack.directory, 'keys') },
    ],
  };
}

/** Which kind of place a file is in: the innermost one. */
function kindOf(places, file) {
  const around = places.filter(({ path }) => file === path || file.startsWith(`${path}/`));
  return around.sort((a, b) => b.path.length - a.path.length)[0].kind;
}

/**
 * @param {Record<string, string|Buffer>} contents see findContents
 * @param {Traces} traces
 * @param {{homes?: Record<string, string>}} [options] the one file in which a content belongs
 * @returns {Promise<{kind: string, file: string, what: string}[]>}
 */
export async function searchTraces(contents, { places }, { homes = {} } = {}) {
  const outermost = places.filter(({ path }) => !places.some((other) => other.path !== path && path.startsWith(`${other.path}/`)));
  const found = await findContents(contents, outermost.map(({ path }) => path));
  return found.filter(({ file, what }) => homes[what] !== file).map((hit) => ({ kind: kindOf(places, hit.file), ...hit }));
}

/** Hits as sentences. */
export const sentences = (hits) => hits.map(({ kind, file, what }) => `${kind} ${file}: ${what}`);

// ---- secrets

const ofLedger = ['access_token', 'refresh_token', 'presented_code', 'presented_code_verifier', 'presented_refresh_token', 'presented_token', 'presented_access_token', 'state'];
const ledgerTypes = ['tokens_issued', 'code_exchange', 'refresh', 'revocation', 'profile_read', 'authorization_requested'];

/** Every state, code, verifier and token that Zoom's ledger knows, by value. */
export async function secretsOfLedger(simulator) {
  const entries = await simulator.ledger({ type: ledgerTypes });
  return Object.fromEntries(entries.flatMap((entry) => ofLedger.filter((name) => entry[name]).map((name) => [`${name} ${entry.seq}`, entry[name]])));
}

const scalarOf = (file) => Buffer.from(createPrivateKey(readFileSync(file)).export({ format: 'jwk' }).d, 'base64url');

/**
 * The stack's own passwords and keys, the Zoom app's secret among them.
 * @returns {{contents: Record<string, string|Buffer>, homes: Record<string, string>}} `homes`: where each belongs
 */
export function secretsOfStack(stack) {
  const { keys } = stack;
  const contents = {};
  const homes = {};
  const add = (what, content, home) => {
    contents[what] = content;
    homes[what] = home;
  };
  const directory = join(stack.directory, 'keys');
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.secret'))) add(name, readFileSync(join(directory, name), 'utf8'), join(directory, name));
  add('audit seal key', readFileSync(keys.auditSealKeyFile, 'utf8'), keys.auditSealKeyFile);
  add('assertion key', scalarOf(keys.assertionPrivateKeyFile), keys.assertionPrivateKeyFile);
  add('issuer key', scalarOf(keys.issuerPrivateKeyFile), keys.issuerPrivateKeyFile);
  add('superuser password', readFileSync(stack.postgres.passwordFile, 'utf8'), stack.postgres.passwordFile);
  const ring = JSON.parse(readFileSync(keys.keyRingFile, 'utf8'));
  for (const entry of [...ring.epochs, ...ring.tag_keys].filter(({ key }) => key)) {
    const name = entry.key_epoch === undefined ? `tag key ${entry.tag_version}` : `key of epoch ${entry.key_epoch}`;
    add(name, Buffer.from(entry.key, 'base64'), keys.keyRingFile);
  }
  return { contents, homes };
}

// ---- the search itself

/** Brings a text by way of SQL and Redis to where their contents are kept; before the traces are collected. */
export async function plantInStores(stack, text) {
  await stack.postgres.execute('token_vault', `CREATE TABLE IF NOT EXISTS planted (content text); INSERT INTO planted VALUES (${literal(text)})`);
  await stack.redis.set('planted', text);
}

export const removeFromStores = (stack) => stack.postgres.execute('token_vault', 'DROP TABLE IF EXISTS planted');

/**
 * Looks for a text that plantInStores() planted, and puts it for the time of the search into a file of every other kind of place.
 * @returns {Promise<{kinds: string[], missed: string[]}>} the kinds of places there are, and those in which it was not found
 */
export async function provePlanted(text, traces) {
  const inStores = new Set(['heap', 'wal', 'dump', 'redis']);
  const files = traces.places.filter(({ kind }) => !inStores.has(kind)).map(({ path }) => join(path, 'planted.tmp'));
  try {
    for (const file of files) writeFileSync(file, `before ${text} after`);
    const found = new Set((await searchTraces({ planted: text }, traces)).map(({ kind }) => kind));
    const kinds = [...new Set(traces.places.map(({ kind }) => kind))];
    return { kinds, missed: kinds.filter((kind) => !found.has(kind)) };
  } finally {
    for (const file of files) rmSync(file, { force: true });
  }
}
