// SPDX-License-Identifier: Apache-2.0
// The search for canaries finds each shape, and nothing where nothing is.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { canaryUser, findContents, findTexts, personalDataOf, shapesOf } from '../integration/lib/canaries.mjs';

let directory;
let file;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'canaries-'));
  file = join(directory, 'planted');
});
after(() => rmSync(directory, { recursive: true }));

const text = 'kä"na/rie vogel@example';
const key = Buffer.from('0001f0ff0a0d9f8e7d6c5b4a39281706f5e4d3c2b1a0918273645546372819aa', 'hex');

describe('a text', () => {
  const written = {
    'as it is': Buffer.from(text),
    'as a part of a base64, at each alignment': Buffer.from(['', '.', '..'].map((before) => Buffer.from(`${before}${text}...`).toString('base64')).join(' ')),
    'in base64url': Buffer.from(Buffer.from(`?>${text}`).toString('base64url')),
    'in hex, as PostgreSQL dumps it': Buffer.from(`\\\\x${Buffer.from(text).toString('hex')}`),
    'in upper-case hex': Buffer.from(Buffer.from(text).toString('hex').toUpperCase()),
    'in a query': Buffer.from(`email=${encodeURIComponent(text)}&`),
    'in a form': Buffer.from(new URLSearchParams({ text }).toString()),
    'in JSON': Buffer.from(JSON.stringify({ text })),
    'in JSON within JSON': Buffer.from(JSON.stringify(JSON.stringify({ text }))),
    'in JSON with everything escaped': Buffer.from('"k\\u00e4\\"na/rie vogel@example"'),
    'in UTF-16': Buffer.from(text, 'utf16le'),
  };
  for (const [title, bytes] of Object.entries(written)) {
    test(`is found ${title}`, async () => {
      writeFileSync(file, Buffer.concat([Buffer.from([0, 255, 10]), bytes, Buffer.from([0, 254])]));
      assert.deepEqual(await findContents({ canary: text }, [directory]), [{ file, what: 'canary' }]);
    });
  }

  test('is found in each of its shapes', async () => {
    for (const shape of shapesOf(text)) {
      writeFileSync(file, Buffer.concat([Buffer.from('before '), shape, Buffer.from(' after')]));
      assert.equal((await findTexts({ canary: text }, [file])).length, 1, shape.toString());
    }
  });
});

describe('a key', () => {
  for (const [title, content] of Object.entries({
    'as it is': key, 'in base64': key.toString('base64'), 'within base64': Buffer.concat([Buffer.from('x'), key, key]).toString('base64'), 'in hex': key.toString('hex'),
  })) {
    test(`is found ${title}`, async () => {
      writeFileSync(file, content);
      assert.deepEqual(await findTexts({ key }, [directory]), [`${file}: key`]);
    });
  }
});

test('nothing is found where nothing is', async () => {
  writeFileSync(file, 'nothing of the kind, kanarie');
  assert.deepEqual(await findTexts({ text, key, ...personalDataOf([canaryUser('Azur')]) }, [directory]), []);
});

test('several are told apart', async () => {
  writeFileSync(file, `${text}\n${key.toString('hex')}`);
  assert.deepEqual(await findTexts({ text, key }, [file]), [`${file}: key`, `${file}: text`]);
});
