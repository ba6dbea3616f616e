// SPDX-License-Identifier: Apache-2.0
// What holds for every screen: axe finds nothing, and a narrow telephone needs no horizontal scrolling.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const narrow = { width: 360, height: 740 };

/** Set to a folder, it receives a picture of every inspected screen, wide and narrow. */
const pictureFolder = process.env.SHODAN_E2E_SCREENSHOTS;

async function violations(page) {
  // Evaluated through the debugging protocol: the page's Content-Security-Policy stays in force.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource);
  return page.evaluate(async (tags) => {
    const options = { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] };
    const result = await globalThis.axe.run(document, options);
    return result.violations.map(({ id, help, nodes }) => {
      const places = nodes.map(({ target, failureSummary }) => `${target.flat().join(' ')}: ${failureSummary}`);
      return `${id} (${help}):\n    ${places.join('\n    ')}`;
    });
  }, rules);
}

/** Elements wider than the screen, outermost first; those that scroll by themselves may hold wide content. */
function overflow(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const all = (scope) => [...scope.querySelectorAll('*')]
      .flatMap((element) => [element, ...(element.shadowRoot ? all(element.shadowRoot) : [])]);
    const wide = all(document).filter((element) => element.getBoundingClientRect().right > root.clientWidth + 0.5);
    const names = wide.slice(0, 5).map((element) => `${element.localName}.${element.className}`);
    return [`${root.scrollWidth} px wide on ${root.clientWidth} px`, ...names];
  });
}

/** Waits for animations to end, but for those that never do. */
async function settled(page) {
  await page.evaluate(() => {
    const trees = (scope) => [scope, ...[...scope.querySelectorAll('*')]
      .flatMap(({ shadowRoot }) => (shadowRoot ? trees(shadowRoot) : []))];
    const ending = trees(document).flatMap((tree) => tree.getAnimations())
      .filter(({ effect }) => effect.getTiming().iterations !== Infinity);
    return Promise.all(ending.map(({ finished }) => finished.catch(() => undefined)));
  });
}

async function picture(page, name, suffix) {
  if (!pictureFolder) return;
  mkdirSync(pictureFolder, { recursive: true });
  await page.screenshot({ path: join(pictureFolder, `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}${suffix}.png`), fullPage: true });
}

/**
 * Inspects the present state of a page, at its own width and at 360 px.
 * @param {import('playwright-core').Page} page
 * @param {string} name of the screen, for the failure
 */
export async function inspect(page, name) {
  const size = page.viewportSize();
  await settled(page);
  await picture(page, name, '');
  assert.deepEqual(await violations(page), [], `axe on "${name}"`);
  await page.setViewportSize(narrow);
  await settled(page);
  await picture(page, name, '-360');
  assert.deepEqual(await overflow(page), [], `"${name}" needs horizontal scrolling at ${narrow.width} px`);
  assert.deepEqual(await violations(page), [], `axe on "${name}" at ${narrow.width} px`);
  await page.setViewportSize(size);
}
