// SPDX-License-Identifier: Apache-2.0
// The test layers: which runner runs what, and what it needs.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../layout.mjs';

/** @returns {string[]} the test files below folders of the checkout, sorted */
function testFiles(...folders) {
  const below = (directory) => (existsSync(directory) ? readdirSync(directory, { withFileTypes: true }) : []).flatMap((entry) => {
    if (entry.name === 'node_modules') return [];
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return below(path);
    return entry.name.endsWith('.test.mjs') ? [relative(root, path)] : [];
  });
  return folders.flatMap((folder) => below(join(root, folder))).sort();
}

/**
 * @typedef {{layer: string, title: string, kind: 'ctest', label: string}
 *   | {layer: string, title: string, kind: 'node', files: string[], concurrency: number, report?: string}} Phase
 */

/** Layers whose C++ tests use PostgreSQL and Redis. */
const withStores = new Set(['contract', 'integration']);

const nodeFolders = {
  unit: ['tests/zoom-simulator', 'tests/frontend', 'tests/support-js', 'tests/manifests', 'tests/faults'],
  contract: ['tests/contract'],
  integration: ['tests/integration'],
  e2e: ['tests/e2e'],
};

/** Files at a time. Whole stacks wait more than they work, so two of them share two cores; a browser wants both. */
const concurrency = { unit: 2, contract: 1, integration: 2, e2e: 1 };

/** @param {string[]} layers @param {string} preset @returns {Phase[]} in the order in which they run */
export function phasesOf(layers, preset) {
  const phases = allPhasesOf(layers);
  // Whole stacks are too slow under the thread sanitizer to keep their deadlines.
  return preset === 'tsan' ? phases.filter(({ kind }) => kind === 'ctest') : phases;
}

function allPhasesOf(layers) {
  return ['unit', 'contract', 'integration', 'e2e'].filter((layer) => layers.includes(layer)).flatMap((layer) => [
    ...(layer === 'e2e' ? [] : [{ layer, title: `${layer} (C++)`, kind: 'ctest', label: layer }]),
    ...(nodeFolders[layer]
      ? [{ layer, title: `${layer} (JavaScript)`, kind: 'node', files: testFiles(...nodeFolders[layer]), concurrency: concurrency[layer] }]
      : []),
    // The quick fault run: one test for each scenario and mode.
    ...(layer === 'integration' ? [{ layer, title: 'integration (faults)', kind: 'node', report: 'faults', files: ['tests/faults/quick.suite.mjs'], concurrency: 1 }] : []),
  ]);
}

/** @param {Phase[]} phases @returns {boolean} whether any of them needs the shared data stores */
export const needsStores = (phases) => phases.some(({ kind, layer }) => kind === 'ctest' && withStores.has(layer));
