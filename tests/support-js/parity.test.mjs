// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../../services/zoom-api/PARITY.md', import.meta.url));
const rows = readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith('| ') && !/^\| ?(---|the connector's document|here) /.test(line));
const cellsOf = (row) => row.split(' |').map((cell) => cell.replace(/^ ?\|? /, '').trim());

/** The tests that a cell names: `[name](path): "title"; "title"; [name](path)`. */
function testsOf(cell) {
  return cell.split(/;?\s*\[/).slice(1).map((part) => {
    const [, path, titles] = /^[^\]]+\]\(([^)]+)\)(?:: (.*))?$/.exec(part);
    return { path: join(dirname(file), path), titles: titles === undefined ? [] : titles.replace(/^"|"$/g, '').split('"; "') };
  });
}

describe('the parity table', () => {
  test('says of each feature what shows it, or that it is not there', () => {
    assert.ok(rows.length > 20);
    for (const row of rows) {
      const cells = cellsOf(row);
      const shown = cells.filter((cell) => cell !== '').at(-1);
      assert.ok(shown === 'not yet' || testsOf(shown).length > 0, row);
    }
  });

  test('names tests that exist, by their titles', () => {
    for (const { path, titles } of rows.flatMap((row) => cellsOf(row).flatMap(testsOf))) {
      assert.ok(existsSync(path), path);
      const text = readFileSync(path, 'utf8').replaceAll("\\'", "'");
      for (const title of titles) assert.ok(text.includes(title), `${path}: ${title}`);
    }
  });
});
