// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { joinWal } from '../integration/lib/wal.mjs';

/** A page as PostgreSQL writes them: the first one of a segment has the longer header. */
function page(first, content) {
  const bytes = Buffer.alloc(8192);
  bytes.writeUInt16LE(first ? 2 : 0, 2);
  bytes.write(content, first ? 40 : 24);
  return bytes;
}

describe('a joined write-ahead log', () => {
  test('holds whole what a page or a segment cut in two', () => {
    const directory = mkdtempSync(join(tmpdir(), 'wal-'));
    try {
      const fill = (first, text) => text.padStart(8192 - (first ? 40 : 24), '.');
      writeFileSync(join(directory, '000000010000000000000002'), page(true, 'ment'));
      writeFileSync(join(directory, '000000010000000000000001'), Buffer.concat([page(true, fill(true, 'a pa')), page(false, fill(false, 'ge and a seg')).fill('ge and', 24, 30)]));
      writeFileSync(join(directory, 'archive_status'), 'not a segment');
      joinWal(directory, join(directory, 'joined'));
      const text = readFileSync(join(directory, 'joined'), 'latin1');
      assert.ok(text.includes('a page and'), 'across pages');
      assert.ok(text.includes('a segment'), 'across segments');
      assert.ok(!text.includes('not a segment'));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
