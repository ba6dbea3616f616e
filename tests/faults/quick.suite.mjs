// SPDX-License-Identifier: Apache-2.0
// The quick fault run as a part of `deploy/dev test`: one test for each scenario and mode.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FaultRun, selectionOf } from './run.mjs';

const seed = process.env.SHODAN_FAULT_SEED ?? String(Date.now());
const run = new FaultRun({ seed, quick: true });

for (const item of selectionOf({ quick: true })) {
  test(`${item.scenario.title} (${item.mode}, seed ${seed})`, async (context) => {
    const row = await run.run(item);
    if (row.skipped) {
      context.skip(row.skipped);
      return;
    }
    if (row.error) assert.fail(row.error);
    assert.deepEqual(row.findings, [], `the whole evidence is in ${row.evidence}`);
    assert.deepEqual(row.bars.filter(({ ok }) => !ok), []);
  });
}

after(() => run.close());
