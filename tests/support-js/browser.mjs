// SPDX-License-Identifier: Apache-2.0
// Chromium that trusts a stack's certificate authority the way a person's would: through its certificate store.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { run } from '../../deploy/local/processes.mjs';

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--lang=en-US',
];

async function certutil(...args) {
  const result = await run('certutil', args).catch((error) => {
    throw error.code === 'ENOENT' ? new Error('certutil is missing; install libnss3-tools (deploy/dev test does)') : error;
  });
  if (result.status !== 0) throw new Error(`certutil ${args[0]} failed: ${result.stderr}`);
}

/** Makes a home directory whose NSS database trusts the authority for servers. */
async function makeHome(caFile) {
  const home = mkdtempSync(join(tmpdir(), 'shodan-browser-'));
  const database = join(home, '.pki', 'nssdb');
  mkdirSync(database, { recursive: true, mode: 0o700 });
  await certutil('-N', '-d', `sql:${database}`, '--empty-password');
  if (caFile) await certutil('-A', '-d', `sql:${database}`, '-n', 'Shodan Pro local authority', '-t', 'C,,', '-i', caFile);
  return home;
}

/**
 * Starts a headless Chromium; no certificate error is ever ignored.
 * @param {{caFile?: string}} [options] the authority to trust, e.g. `stack.caFile`
 * @returns {Promise<{browser: import('playwright-core').Browser, newContext: Function, close: () => Promise<void>}>}
 *   `newContext(options)` makes an empty profile with playwright's options
 */
export async function launchBrowser({ caFile } = {}) {
  const executablePath = programs.find(existsSync);
  if (!executablePath) throw new Error('Chromium is missing; install chromium (deploy/dev test does)');
  const home = await makeHome(caFile);
  const remove = () => rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  try {
    const browser = await chromium.launch({
      executablePath,
      args: flags,
      env: { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_CACHE_HOME: join(home, '.cache'), XDG_DATA_HOME: join(home, '.local/share') },
      timeout: 60_000,
    });
    return {
      browser,
      newContext: (options) => browser.newContext(options),
      close: async () => {
        await browser.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
