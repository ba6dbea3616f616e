// SPDX-License-Identifier: Apache-2.0
// The examples of a document, run as a reader would: each in a file of its own, beside the packages it names.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * @param {string} document a Markdown file
 * @returns {Map<string, string>} the JavaScript examples by the file name in their first line
 */
export function examplesOf(document) {
  const blocks = readFileSync(document, 'utf8').matchAll(/^```js\n(\/\/ ([\w-]+\.mjs)\n[\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, code, name]) => [name, code]));
}

/** Runs examples in a directory of their own. */
export class ExampleRunner {
  #directory = mkdtempSync(join(tmpdir(), 'shodan-examples-'));

  /** @param {Record<string, string>} packages directories by the package's name @param {Record<string, string>} environment */
  constructor(packages, environment) {
    this.environment = environment;
    for (const [name, directory] of Object.entries(packages)) {
      const place = join(this.#directory, 'node_modules', name);
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(directory, place, 'dir');
    }
  }

  /**
   * @param {string} name @param {string} code
   * @param {{environment?: Record<string, string>, onLine?: (line: string) => void}} [options] `onLine`: told each line of output
   * @returns {Promise<{status: number, lines: string[], errors: string}>}
   */
  async run(name, code, { environment = {}, onLine = () => {} } = {}) {
    const file = join(this.#directory, name);
    writeFileSync(file, code);
    const child = spawn(process.execPath, [file], { env: { PATH: process.env.PATH, ...this.environment, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines = [];
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text) => { errors += text; });
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      onLine(line);
    });
    const status = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { status, lines, errors };
  }

  remove() {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
