// SPDX-License-Identifier: Apache-2.0
// The verbs of deploy/dev that concern the local stack.
import { parseArgs } from 'node:util';
import { audit } from './audit.mjs';
import { down } from './down.mjs';
import { printError, UserError } from './errors.mjs';
import { importConnections } from './imports/command.mjs';
import { keys } from './keys-rotation.mjs';
import { ledger } from './ledger.mjs';
import { rpc } from './rpc/command.mjs';
import { status } from './status.mjs';
import { up } from './up.mjs';
import { loadZoomConfig } from './zoom-config.mjs';

function upOptions(args) {
  const { values } = parseArgs({ args, options: { detach: { type: 'boolean', default: false }, 'zoom-config': { type: 'string' } } });
  return { detach: values.detach, zoomConfigFile: values['zoom-config'] };
}

const verbs = {
  /** Only looks at the arguments, so that a mistake shows before the build. */
  check: (args) => {
    const { zoomConfigFile } = upOptions(args);
    if (zoomConfigFile !== undefined) loadZoomConfig(zoomConfigFile);
  },
  up: (args) => up(upOptions(args)),
  // Loaded when asked for: they need the tests' npm packages.
  'check-faults': async (args) => { (await import('./faults.mjs')).faultOptions(args); },
  faults: async (args) => {
    const { faults, faultOptions } = await import('./faults.mjs');
    // Left to itself Node.js can wait for ever for connections to servers that were killed.
    process.exit((await faults(faultOptions(args))) ? 0 : 1);
  },
  down: () => down(),
  audit: (args) => audit(args),
  keys: (args) => keys(args),
  ledger: (args) => ledger(args),
  import: async (args) => { process.exitCode = await importConnections(args); },
  rpc: async (args) => { if (!(await rpc(args))) process.exitCode = 1; },
  status: (args) => status({ json: args.includes('--json') }),
};

// A reader such as `head` may close the pipe early; that is no error.
process.stdout.on('error', (error) => { if (error.code !== 'EPIPE') throw error; });

try {
  const [verb, ...args] = process.argv.slice(2);
  if (!verbs[verb]) throw new UserError(`unknown verb ${verb}`);
  await verbs[verb](args);
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
