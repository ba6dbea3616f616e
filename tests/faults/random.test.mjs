// SPDX-License-Identifier: Apache-2.0
// The seed decides everything random.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from './random.mjs';

const first = (random, count = 50) => Array.from({ length: count }, () => random.next());

test('the same seed gives the same numbers, another seed others', () => {
  assert.deepEqual(first(new Random('7')), first(new Random(7)));
  assert.notDeepEqual(first(new Random('7')), first(new Random('8')));
});

test('numbers lie in [0, 1) and are spread evenly', () => {
  const numbers = first(new Random('spread'), 10_000);
  assert.ok(numbers.every((number) => number >= 0 && number < 1));
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
    assert.ok(share > 850 && share < 1150, `${share} of 10000 in tenth ${tenth}`);
  }
});

test('a fork does not depend on how much its origin has given', () => {
  const [used, fresh] = [new Random('origin'), new Random('origin')];
  first(used);
  assert.deepEqual(first(used.fork('part')), first(fresh.fork('part')));
});

test('a sample has different items of the list, in an order of the seed', () => {
  const list = Array.from({ length: 30 }, (_, index) => index);
  const sample = new Random('s').sample(list, 10);
  assert.equal(new Set(sample).size, 10);
  assert.deepEqual(sample, new Random('s').sample(list, 10));
  assert.deepEqual([...new Random('t').sample(list)].sort((a, b) => a - b), list);
});
