// SPDX-License-Identifier: Apache-2.0
// What `deploy/dev faults` tells about itself is what there is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { faultOptions } from '../../deploy/local/faults.mjs';
import { root } from '../../deploy/local/layout.mjs';
import { scenarios } from './catalogue.mjs';
import { selectionOf } from './run.mjs';

const help = spawnSync(join(root, 'deploy/dev'), ['faults', '--help'], { encoding: 'utf8' }).stdout;
const readme = readFileSync(join(root, 'tests/faults/README.md'), 'utf8');

test('the help names each scenario with its minutes', () => {
  const told = Object.fromEntries([...help.matchAll(/([a-z]+(?:-[a-z]+)*) +(\d+)(?= {4}|\n)/g)].map(([, name, minutes]) => [name, Number(minutes)]));
  assert.deepEqual(told, Object.fromEntries(scenarios.map(({ name, minutes }) => [name, minutes])));
});

test('the README has a row for each scenario', () => {
  for (const { name } of scenarios) assert.ok(readme.includes(`\n| ${name} |`), name);
});

test('a scenario that does not exist is refused, and those that do are listed', () => {
  assert.throws(() => faultOptions(['--scenario', 'flood']), ({ message, advice }) =>
    message === 'there is no scenario "flood".' && scenarios.every(({ name }) => advice.join().includes(name)));
});

test('a quick run is never resumed', () => {
  assert.throws(() => faultOptions(['--quick', '--resume']), /--quick/);
});

test('a run has every mode of the chosen scenarios, a quick one only those that are quick', () => {
  assert.deepEqual(selectionOf({ names: ['token-answers'], quick: true }).map(({ mode }) => mode), ['grace', 'strict']);
  assert.equal(selectionOf({ quick: false }).length, scenarios.flatMap(({ modes }) => modes).length);
  assert.ok(selectionOf({ quick: true }).every(({ scenario: { quick } }) => quick));
});
