// SPDX-License-Identifier: Apache-2.0
// Small file operations; what is written here may hold secrets, so it is readable by its owner only.
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes a directory (and its parents) with mode 0700. */
export function ensureDirectory(path) {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

/**
 * Replaces a file in one step: a reader sees the old content or the new.
 * @param {string} path
 * @param {string|Buffer} content
 * @param {number} [mode]
 */
export function writeAtomically(path, content, mode = 0o600) {
  ensureDirectory(dirname(path));
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(temporary, content, { mode });
    chmodSync(temporary, mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** @returns {string} the path, for chaining */
export function writeJson(path, value, mode = 0o600) {
  writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`, mode);
  return path;
}

/** @returns {any} the parsed file, or undefined when there is none (or only half of one) */
export function readJsonIfPresent(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** @returns {string} the last lines of a text file, or '' when there is none */
export function tail(path, lines = 20) {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

/** @returns {string} SHA-256 over the contents of files, in order; a missing one counts as empty */
export function digestOfFiles(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    hash.update(`${path}\0`);
    try {
      hash.update(readFileSync(path));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  return hash.digest('hex');
}

/** Merges plain objects deeply; arrays and scalars of the later ones win, `undefined` leaves a value as it is. */
export function merge(base, ...overrides) {
  const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
  const result = { ...base };
  for (const override of overrides) {
    for (const [key, value] of Object.entries(override ?? {})) {
      if (value === undefined) continue;
      result[key] = isObject(value) && isObject(result[key]) ? merge(result[key], value) : value;
    }
  }
  return result;
}
