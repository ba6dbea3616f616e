// SPDX-License-Identifier: Apache-2.0
// Reads the audit trail of a database as streams, so that its size does not matter.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { UserError } from './errors.mjs';

const rowJson = `json_build_object('kind', 'row', 'chain', chain_id, 'position', chain_position, 'auditId', audit_id::text,
  'occurredUs', (extract(epoch FROM occurred_at) * 1000000)::bigint::text, 'project', project_id, 'user', user_id, 'link', link_id,
  'actor', actor, 'caller', caller, 'request', request_id, 'action', action, 'details', details::text, 'hash', encode(hash, 'hex'))`;

const sealedJson = `json_build_object('kind', 'sealed', 'chain', chain_id, 'first', first_position, 'last', last_position,
  'hash', encode(hash, 'hex'), 'seal', seal_id)`;

const chainsSql = `SELECT line FROM (
    SELECT chain_id AS chain, 0 AS kind, 0 AS place, 0 AS tie, json_build_object('kind', 'head', 'chain', chain_id, 'last', last_position,
      'hash', encode(last_hash, 'hex'), 'sealed', sealed_position) AS line FROM audit_chains
    UNION ALL SELECT chain_id, 1, last_position, seal_id, ${sealedJson} FROM audit_sealed_chains
    UNION ALL SELECT chain_id, 2, chain_position, audit_id, ${rowJson} FROM audit
  ) AS lines ORDER BY chain COLLATE "C", kind, place, tie`;

const sealsSql = `SELECT line FROM (
    SELECT seal_id AS seal, '' AS chain, 0 AS kind, json_build_object('kind', 'seal', 'seal', seal_id,
      'sealedUs', (extract(epoch FROM sealed_at) * 1000000)::bigint::text, 'chainCount', chain_count, 'rowCount', row_count,
      'root', encode(root, 'hex'), 'previousMac', encode(previous_mac, 'hex'), 'keyId', key_id, 'mac', encode(mac, 'hex')) AS line
      FROM audit_seals
    UNION ALL SELECT seal_id, chain_id, 1, ${sealedJson} FROM audit_sealed_chains
  ) AS lines ORDER BY seal, kind, chain COLLATE "C"`;

const requestsSql = (requestId) => `SELECT ${rowJson} FROM audit
  WHERE ${requestId === undefined ? 'request_id NOT IN (\'\', \'background\')' : `request_id = '${requestId.replaceAll('\'', '\'\'')}'`}
  ORDER BY request_id COLLATE "C", occurred_at, audit_id`;

/** The lines of one SELECT, each a JSON value, in one snapshot. */
async function* stream({ host, port, user, passFile }, database, select) {
  const child = spawn('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', host, '-p', String(port), '-U', user, '-d', database, '-f', '-'],
    { env: { ...process.env, PGPASSFILE: passFile, PGCONNECT_TIMEOUT: '5' } });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { complaint += text; });
  const closed = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  closed.catch(() => {});
  child.stdin.on('error', () => {});
  // An order by bytes, and a cursor instead of one big answer.
  child.stdin.end(`\\set FETCH_COUNT 1000\nBEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n${select};\nCOMMIT;\n`);
  try {
    for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity })) yield JSON.parse(line);
    const status = await closed;
    if (status !== 0) throw new UserError(`the audit trail of ${database} cannot be read.`, complaint.trim());
  } finally {
    child.kill();
  }
}

/** Puts lines with the same key together. */
async function* grouped(lines, keyOf) {
  let group;
  for await (const line of lines) {
    const key = keyOf(line);
    if (group && group.key !== key) yield group;
    if (!group || group.key !== key) group = { key, lines: [] };
    group.lines.push(line);
  }
  if (group) yield group;
}

/**
 * @param {{host: string, port: number, user: string, passFile: string}} access
 * @param {string} database
 * @yields {{chain: string, head?: object, sealed: object[], rows: object[]}} each chain, in the order of the bytes of the ids
 */
export async function* chainsOf(access, database) {
  for await (const { key, lines } of grouped(stream(access, database, chainsSql), ({ chain }) => chain)) {
    const of = (kind) => lines.filter((line) => line.kind === kind);
    yield { chain: key, head: of('head')[0], sealed: of('sealed'), rows: of('row') };
  }
}

/** @yields {{seal?: object, id: number, chains: object[]}} each seal with what it vouches for, oldest first */
export async function* sealsOf(access, database) {
  for await (const { key, lines } of grouped(stream(access, database, sealsSql), ({ seal }) => seal)) {
    yield { id: key, seal: lines.find(({ kind }) => kind === 'seal'), chains: lines.filter(({ kind }) => kind === 'sealed') };
  }
}

/** @yields {{request: string, rows: object[]}} the records of each request, in the order of the bytes of the ids */
export async function* requestsOf(access, database, requestId) {
  for await (const { key, lines } of grouped(stream(access, database, requestsSql(requestId)), ({ request }) => request)) {
    yield { request: key, rows: lines };
  }
}

const compare = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * Walks several ordered streams together.
 * @param {Map<string, AsyncGenerator<object>>} streams by name
 * @param {(item: object) => string} keyOf what they are ordered by
 * @yields {{key: string, items: Map<string, object>}} each key once, with the item of each stream that has it
 */
export async function* joined(streams, keyOf) {
  const heads = new Map();
  const advance = async (name) => {
    const { value, done } = await streams.get(name).next();
    if (done) heads.delete(name);
    else heads.set(name, value);
  };
  try {
    for (const name of streams.keys()) await advance(name);
    while (heads.size > 0) {
      const key = [...heads.values()].map(keyOf).reduce((a, b) => (compare(a, b) <= 0 ? a : b));
      const items = new Map([...heads].filter(([, item]) => keyOf(item) === key));
      yield { key, items };
      for (const name of items.keys()) await advance(name);
    }
  } finally {
    for (const generator of streams.values()) await generator.return();
  }
}
