// SPDX-License-Identifier: Apache-2.0
// The state file: users, codes and grants survive a restart of the simulator.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

const FORMAT = 1;
const SHORTEST_PAUSE_MS = 100;

/** Replaces a file in one step, so that a reader never sees half of it; makes its folder. */
export function writeAtomically(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, 'w', 0o600);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path);
}

/** Writes are coalesced; the pause grows with the cost of a write, so that a big state stays cheap. */
export class StateFile {
  #timer = null;
  #writing = null;
  #dirty = false;
  #pauseMs = SHORTEST_PAUSE_MS;

  /** @param path null for no file. @param snapshot gives what to write */
  constructor(path, snapshot) {
    Object.assign(this, { path, snapshot });
    if (path) mkdirSync(dirname(path), { recursive: true });
  }

  /** Hands the stored state, if there is one, to `restore`. @throws {Error} naming the file when it does not fit */
  load(restore) {
    if (!this.path || !existsSync(this.path)) return;
    try {
      const state = JSON.parse(readFileSync(this.path, 'utf8'));
      if (state.format !== FORMAT) throw new Error(`format ${state.format} is not ${FORMAT}`);
      restore(state);
    } catch (error) {
      throw new Error(
        `${this.path}: not a state file of the simulator (${error.message}); move it away to start afresh`,
      );
    }
  }

  /** Says that the state has changed; it is written soon. */
  changed() {
    if (!this.path) return;
    this.#dirty = true;
    this.#schedule();
  }

  /** Writes what is not written yet; for the end of the process. */
  async flush() {
    clearTimeout(this.#timer);
    this.#timer = null;
    await this.#writing;
    if (!this.#dirty) return;
    this.#dirty = false;
    writeAtomically(this.path, this.#text());
  }

  #schedule() {
    if (this.#timer || this.#writing) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#writing = this.#write().finally(() => {
        this.#writing = null;
        if (this.#dirty) this.#schedule();
      });
    }, this.#pauseMs);
  }

  async #write() {
    const start = performance.now();
    this.#dirty = false;
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        await file.writeFile(this.#text());
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.path);
    } catch (error) {
      this.#dirty = true;
      process.stderr.write(`state file ${this.path}: ${error.message}\n`);
    }
    this.#pauseMs = Math.max(SHORTEST_PAUSE_MS, 10 * (performance.now() - start));
  }

  #text() {
    return `${JSON.stringify({ format: FORMAT, ...this.snapshot() })}\n`;
  }
}
