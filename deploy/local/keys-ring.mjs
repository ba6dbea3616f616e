// SPDX-License-Identifier: Apache-2.0
// The key-ring file of a local stack: one step a write, each by rename, so that a replica reads the old ring or the new.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeJson } from './files.mjs';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** @returns {number[]} the epochs whose keys a file holds */
export const epochsIn = (file) => read(file).epochs.map(({ key_epoch: epoch }) => epoch);

/** Adds a random key; leaves an epoch that is there alone. */
export function addKey(file, epoch) {
  const ring = read(file);
  if (ring.epochs.some(({ key_epoch: known }) => known === epoch)) return;
  const key = { key_epoch: epoch, state: 'readable', key: randomBytes(32).toString('base64') };
  writeJson(file, { ...ring, epochs: [...ring.epochs, key] });
}

/** Notes which epoch is primary; the services ask the database, a new database would ask the file. */
export function notePrimary(file, epoch) {
  const ring = read(file);
  if (!ring.epochs.some(({ key_epoch: known }) => known === epoch)) return;
  writeJson(file, { ...ring, epochs: ring.epochs.map((entry) => ({ ...entry, state: entry.key_epoch === epoch ? 'primary' : 'readable' })) });
}

/** @returns {number[]} the tag versions whose keys a file holds */
export const tagVersionsIn = (file) => read(file).tag_keys.map(({ tag_version: version }) => version);

/** Adds a random tag key as the next one; leaves a version that is there alone. */
export function addTagKey(file, version) {
  const ring = read(file);
  if (ring.tag_keys.some(({ tag_version: known }) => known === version)) return;
  const key = { tag_version: version, state: 'next', key: randomBytes(32).toString('base64') };
  writeJson(file, { ...ring, tag_keys: [...ring.tag_keys, key] });
}

/** Removes every tag key but one for ever; that one becomes the file's current. */
export function keepTagKey(file, version) {
  const ring = read(file);
  const kept = ring.tag_keys.filter(({ tag_version: known }) => known === version);
  if (kept.length === 1) writeJson(file, { ...ring, tag_keys: [{ ...kept[0], state: 'current' }] });
}

/** Removes a key for ever. */
export function removeKey(file, epoch) {
  const ring = read(file);
  const epochs = ring.epochs.filter(({ key_epoch: known }) => known !== epoch);
  if (epochs.length < ring.epochs.length) writeJson(file, { ...ring, epochs });
}
