// SPDX-License-Identifier: Apache-2.0
// Checks one audit chain and the seals, from their columns alone: nothing that the database computes is relied on. What
// is checked is made by libs/audit/chain_schema.h (chains) and libs/audit/sealer.h (seals).
import { createHash, createHmac } from 'node:crypto';

/** The hash before a chain's first record. */
const genesis = Buffer.alloc(32);

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** Each part with its length in four bytes before it; null as ff ff ff ff. */
function lengthPrefixed(parts) {
  return Buffer.concat(parts.flatMap((part) => {
    if (part === null) return [Buffer.from('ffffffff', 'hex')];
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  }));
}

/**
 * A record, as audit-reader.mjs reads it.
 * @typedef {{chain: string, position: number, auditId: string, occurredUs: string, project: string, user: string,
 *   link: string|null, actor: string, caller: string, request: string, action: string, details: string,
 *   hash: string}} Row `hash` in hex, `details` as PostgreSQL writes jsonb
 */

/** @param {Buffer} previous @param {Row} row @returns {string} the hash that the row should have, in hex */
export function hashOf(previous, row) {
  return sha256(previous, lengthPrefixed(['shodan.audit.1', row.chain, row.position, row.auditId, row.occurredUs, row.project, row.user,
    row.link, row.actor, row.caller, row.request, row.action, row.details])).toString('hex');
}

/** @param {Row} row @returns {string} the chain it belongs to */
export function chainOf({ link, user, project }) {
  if (link !== null) return `link:${link}`;
  return user === '' ? `project:${project}` : `user:${project}/${user}`;
}

const span = (from, to) => (from === to ? `record ${from}` : `records ${from} to ${to}`);

/** The rows of each position: one, where nobody inserted another. */
function byPosition(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.position, [...(groups.get(row.position) ?? []), row]);
  return groups;
}

/** Checks one row after another. @returns {{findings: object[], accepted: Row[], last: number}} `accepted`: one a position */
function checkRows(rows, chain, finding) {
  const findings = [];
  const accepted = [];
  let expected = 1;
  let previous = genesis;
  for (const [position, candidates] of byPosition(rows)) {
    if (position > expected) {
      findings.push(finding('row_missing', { position: expected, toPosition: position - 1 }, `${span(expected, position - 1)} missing`));
      previous = null;
    }
    const fits = (row) => previous === null || hashOf(previous, { ...row, chain }) === row.hash;
    const row = candidates.find(fits) ?? candidates[0];
    for (const other of candidates.filter((item) => item !== row)) {
      findings.push(finding('row_inserted', other, 'a second record has this place'));
    }
    if (chainOf(row) !== chain) {
      findings.push(finding('row_misplaced', row, `belongs into the chain ${chainOf(row)}`));
    } else if (!fits(row)) {
      findings.push(finding('row_changed', row, 'the record does not fit its hash and the record before it'));
    }
    accepted.push(row);
    previous = Buffer.from(row.hash, 'hex');
    expected = position + 1;
  }
  return { findings, accepted, last: expected - 1 };
}

/** Compares a chain with what seals vouched for. */
function checkSealed(sealed, rows, finding) {
  const findings = [];
  const hashes = new Map(rows.map(({ position, hash }) => [position, hash]));
  const auditIds = new Map(rows.map(({ position, auditId }) => [position, auditId]));
  let reached = 0;
  let agreed = 0;
  for (const { first, last, hash, seal } of sealed) {
    if (first > reached + 1) {
      findings.push(finding('seal_missing', { position: reached + 1, toPosition: first - 1 }, `${span(reached + 1, first - 1)} sealed by a seal that is gone`));
    }
    if (hashes.has(last) && hashes.get(last) !== hash) {
      findings.push(finding('row_changed', { position: agreed + 1, toPosition: last, auditId: auditIds.get(last) },
        `${span(agreed + 1, last)} not as seal ${seal} vouches for`));
    } else {
      agreed = Math.max(agreed, last);
    }
    reached = Math.max(reached, last);
  }
  return { findings, reached };
}

/**
 * Checks one chain.
 * @param {{chain: string, head?: {last: number, hash: string, sealed: number}, sealed: {first: number, last: number,
 *   hash: string, seal: number}[], rows: Row[]}} group `sealed` and `rows` in the order of their positions
 * @returns {object[]} findings: kind, chain, position, toPosition, auditId, detail
 */
export function checkChain({ chain, head, sealed, rows }) {
  const finding = (kind, { position, toPosition = position, auditId = null }, detail) => ({ kind, chain, position, toPosition, auditId, detail });
  const { findings, accepted, last } = checkRows(rows, chain, finding);
  const seals = checkSealed(sealed, accepted, finding);
  findings.push(...seals.findings);
  const promised = Math.max(head?.last ?? 0, seals.reached);
  if (promised > last) {
    const seal = sealed.find((item) => item.last > last);
    findings.push(finding('row_missing', { position: last + 1, toPosition: promised },
      `${span(last + 1, promised)} missing at the end${seal ? `, sealed by seal ${seal.seal}` : ''}`));
  }
  if (!head) {
    findings.push(finding('chain_end_missing', { position: last }, 'nothing says where the chain ends'));
  } else if (head.last < last) {
    for (const row of accepted.filter(({ position }) => position > head.last)) {
      findings.push(finding('row_inserted', row, `the chain ends at record ${head.last}`));
    }
  } else if (head.last === last && head.hash !== accepted.at(-1)?.hash) {
    findings.push(finding('chain_end_changed', accepted.at(-1) ?? { position: last }, 'the end of the chain has another hash than its last record'));
  }
  if (head && head.sealed > seals.reached) {
    findings.push(finding('seal_missing', { position: seals.reached + 1, toPosition: head.sealed },
      `${span(seals.reached + 1, head.sealed)} sealed by a seal that is gone`));
  }
  return findings;
}

/** @param {Buffer} key @returns {string} the name of a seal key in the seals */
export const keyIdOf = (key) => createHmac('sha256', key).update('shodan.audit.seal.key').digest().subarray(0, 8).toString('hex');

const rootOf = (chains) => sha256(...chains.map(({ chain, first, last, hash }) => lengthPrefixed([chain, first, last, Buffer.from(hash, 'hex')])));

/** The HMAC that a seal should have. */
function macOf(key, seal, root) {
  const parts = ['shodan.audit.seal.1', seal.seal, seal.sealedUs, seal.keyId, seal.chainCount, seal.rowCount, Buffer.from(seal.previousMac, 'hex'), root];
  return createHmac('sha256', key).update(lengthPrefixed(parts)).digest('hex');
}

/** Checks the seals of a database, one after another. */
export class SealChecker {
  findings = [];
  /** How many were checked. */
  count = 0;
  /** The newest one: its id and MAC. */
  newest = { seal: 0, mac: '' };

  /**
   * @param {Buffer[]} keys seal keys, present and former
   * @param {{seal: number, mac: string}} [anchor] a seal that was seen before, and must still be there
   */
  constructor(keys, anchor) {
    this.keys = new Map(keys.map((key) => [keyIdOf(key), key]));
    this.anchor = anchor;
  }

  #complain(kind, seal, detail) {
    this.findings.push({ kind, seal, detail });
  }

  /** @param {object} seal @param {object[]} chains what it vouches for, in the order of the bytes of their ids */
  check(seal, chains) {
    this.count += 1;
    const expected = this.newest.seal + 1;
    if (seal.seal > expected) {
      this.#complain('seal_missing', expected, `seal${seal.seal - 1 === expected ? ` ${expected} is` : `s ${expected} to ${seal.seal - 1} are`} missing`);
    } else if (seal.previousMac !== this.newest.mac) {
      this.#complain('seal_changed', seal.seal, 'does not follow the seal before it');
    }
    const rows = chains.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    const root = rootOf(chains);
    const key = this.keys.get(seal.keyId);
    if (seal.chainCount !== chains.length || seal.rowCount !== rows || seal.root !== root.toString('hex')) {
      this.#complain('seal_changed', seal.seal, 'the list of chains that it vouches for is not the one that was sealed');
    } else if (!key) {
      this.#complain('seal_key_unknown', seal.seal, `made with the key ${seal.keyId}, which was not given`);
    } else if (macOf(key, seal, root) !== seal.mac) {
      this.#complain('seal_changed', seal.seal, 'not made with the key');
    }
    if (seal.seal === this.anchor?.seal && seal.mac !== this.anchor.mac) {
      this.#complain('seal_changed', seal.seal, 'another seal was seen under this number before');
    }
    this.newest = { seal: seal.seal, mac: seal.mac };
  }

  /** After the last seal. */
  finish() {
    if (this.anchor && this.anchor.seal > this.newest.seal) {
      this.#complain('seal_missing', this.newest.seal + 1, `seals up to ${this.anchor.seal} were seen before; the last one is ${this.newest.seal}`);
    }
  }
}
