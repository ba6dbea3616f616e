// SPDX-License-Identifier: Apache-2.0
// Command line of the Zoom simulator.
import { parseArgs } from 'node:util';
import { readConfigFile } from './config.mjs';
import { serve } from './server.mjs';
import { Simulator } from './simulator.mjs';
import { writeAtomically } from './state.mjs';

const HELP = `Usage: node tests/zoom-simulator/main.mjs --config FILE [--end-with-stdin]

Stands in for Zoom: sign-in and permission pages, OAuth token and revoke endpoints, the profile API,
webhooks, faults, a ledger and a control API. README.md beside this file lists the configuration keys;
config.example.json is a complete example.

  --config FILE      configuration (JSON)
  --check-config     check the configuration and exit
  --end-with-stdin   end when standard input is closed, so that it never outlives its parent
  --help             this text

Prints {"event":"listening","url":...,"port":...,"control_url":...} once it listens. SIGTERM and SIGINT end
it cleanly with exit status 0; a bad configuration exits with 2, an address in use with 1.
`;

function readArguments() {
  try {
    return parseArgs({
      options: {
        config: { type: 'string' },
        'check-config': { type: 'boolean' },
        'end-with-stdin': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    return fail(2, error.message);
  }
}

function fail(status, message) {
  process.stderr.write(`zoom-simulator: ${message}\n`);
  process.exit(status);
}

function prepare(file) {
  try {
    return new Simulator(readConfigFile(file));
  } catch (error) {
    return fail(2, error.message);
  }
}

async function main() {
  const options = readArguments();
  if (options.help) return void process.stdout.write(HELP);
  if (!options.config) fail(2, 'set --config FILE (see --help)');
  const sim = prepare(options.config);
  if (options['check-config']) return;
  const server = await serve(sim).catch((error) => fail(1, error.message));
  let ending = false;
  const end = async () => {
    if (ending) return;
    ending = true;
    await server.close();
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  if (options['end-with-stdin']) process.stdin.resume().on('end', end).on('error', end);
  const line = { event: 'listening', url: server.url, port: server.port, control_url: `${server.url}/_control/` };
  if (sim.config.port_file) writeAtomically(sim.config.port_file, `${JSON.stringify(line)}\n`);
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await main();
