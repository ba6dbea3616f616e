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

/** Removes a key for ever. */
export function removeKey(file, epoch) {
  const ring = read(file);
  const epochs = ring.epochs.filter(({ key_epoch: known }) => known !== epoch);
  if (epochs.length < ring.epochs.length) writeJson(file, { ...ring, epochs });
}
