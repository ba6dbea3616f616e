// SPDX-License-Identifier: Apache-2.0
// The judge of paths that arrive at Zoom sees each kind of escape, and the grammar makes all of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../faults/random.mjs';
import { faultOf, hostileText } from '../integration/lib/request-targets.mjs';

const host = '127.0.0.1:9443';
const judged = (path, query = null, given = host) => faultOf({ path, query, host: given }, host);

test('paths of the allowed form pass', () => {
  for (const path of ['/v2/users/me', '/v2/x%20y/%E4%BC%9A', '/v2/meetings/AbCdEfGhIjKlMnOpQrStUv%3D%3D', '/v2/meetings/AbCdEf%2FhIjKlMnOpQrStUv%3D%3D',
    '/v2/meetings/%252FbCdEfGhIjKlMnOpQrStUv%253D%253D', '/v2/meetings/AbCD%252F%252FGhIjKlMnOpQrStUv%253D%253D', '/v2/a..b']) {
    assert.equal(judged(path), null, path);
  }
  for (const query of ['a=1', 'a=&b=%26', 'next_page_token=x%3D']) assert.equal(judged('/v2/x', query), null, query);
});

test('every kind of escape is named', () => {
  const escapes = [
    '/oauth/token', '/v2', '/v2/', '/v2//x', '/v2/x/', '/v2/../x', '/v2/x/%2E%2E', '/v2/%252e%252e', '/v2/x%2Fy', '/v2/x%252Fy', '/v2/x%25252fy', '/v2/x\\y', '/v2/x%5Cy',
    '/v2/x;y', '/v2/x%3By', '/v2/x%00', '/v2/x%0D%0Ay', '/v2/x%7F', '/v2/x%2fy', '/v2/x y', '/v2/ä', '/v2/x%zz', '/v2/%2FbCdEfGhIjKlMnOpQrStUv%3D%3D',
    '/v2/AbCD%2F%2FGhIjKlMnOpQrStUv%3D%3D', '/v2/AbCD//GhIjKlMnOpQrStUv==', '/v2/x%3Fy', '/v2/x%23y', 'http://evil.example/v2/x', '//evil.example/v2/x',
  ];
  for (const path of escapes) assert.notEqual(judged(path), null, path);
  for (const query of ['', 'a', 'a=b#c', 'a=b c', 'a=b?c', 'a=b&', '=b', 'a=%2f', 'a=%']) assert.notEqual(judged('/v2/x', query), null, query);
  assert.match(judged('/v2/x', null, 'evil.example'), /host/);
});

test('the grammar makes the same texts for a seed, of every kind', () => {
  const textsOf = (seed) => {
    const random = new Random(seed);
    return Array.from({ length: 5_000 }, () => hostileText(random));
  };
  const texts = textsOf('one');
  assert.deepEqual(texts, textsOf('one'));
  assert.notDeepEqual(texts, textsOf('two'));
  for (const kind of ['..', '%2e', '%252e', '\\', '%5c', '//', '@', '://', '#', '?', '%00', '\r\n', '%0d%0a', '%c0%ae', '==', '%253D', ';']) {
    assert.ok(texts.some((text) => text.includes(kind)), kind);
  }
});
