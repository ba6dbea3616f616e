// SPDX-License-Identifier: Apache-2.0
// Processes that kill themselves (SIGKILL) at a named place, and come back.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../deploy/local/layout.mjs';
import { filesBelow } from '../../../deploy/local/specification.mjs';
import { eventually } from './conditions.mjs';

/** @returns {string[]} the names of all crash points in a service's sources, sorted */
export function crashPointsOf(service) {
  const sources = filesBelow(join(root, 'services', service)).filter((file) => file.endsWith('.cc'));
  return sources.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/CrashPoint\("([^"]+)"\)/g)].map(([, name]) => name)).sort();
}

/**
 * Restarts a replica so that it dies at a crash point, lets it come to that, and starts it again as it was.
 * @param {import('../../../deploy/local/replica.mjs').Replica} replica
 * @param {string} point
 * @param {() => Promise<any>} act what leads there; its outcome does not matter
 * @throws when the process does not die there
 */
export async function crashAt(replica, point, act) {
  await replica.restart({ crashPoints: [point], wait: false });
  try {
    // Its own background work may lead there before it is ready.
    await replica.ready().catch((error) => { if (replica.isAlive) throw error; });
    const acted = act().catch(() => {});
    await eventually(`${replica.name} dies at ${point}`, () => !replica.isAlive);
    assert.equal((await replica.willCrash()).signal, 'SIGKILL');
    await acted;
  } finally {
    await replica.restart();
  }
}
