// SPDX-License-Identifier: Apache-2.0
// `deploy/dev import`: brings connections of another system here.
import { createReadStream, openSync, readFileSync, statSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../errors.mjs';
import { localDirectory, stackLayout } from '../layout.mjs';
import { projectId as demoProject } from '../projects.mjs';
import { CallRefused } from '../rpc/call.mjs';
import { refusalLines } from '../rpc/command.mjs';
import { readState } from '../state.mjs';
import { sealConnection } from './envelope.mjs';
import { linesOf } from './lines.mjs';
import { runImport } from './run.mjs';
import { OperatorClient } from './services.mjs';

const help = 'deploy/dev import --help tells more.';
const progressMs = 5_000;
const callDeadlineMs = 60_000;
const secondsPerDay = 86_400;
const remoteFiles = ['ca', 'cert', 'key'];

const text = { type: 'string' };
const flag = { type: 'boolean', default: false };
const remoteOptions = { project: text, address: text, 'server-name': text, ca: text, cert: text, key: text };

function parse(args, options, positionals) {
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UserError(error.message, help);
  }
  if (parsed.positionals.length !== positionals.length) {
    throw new UserError(positionals.length === 0 ? `'${parsed.positionals[0]}' is too much.` : `import needs ${positionals.join(' and ')}.`, help);
  }
  return parsed;
}

/** A service of the local stack, or one elsewhere. */
function clientOf(service, values, fileOf) {
  const given = remoteFiles.filter((name) => values[name] !== undefined);
  if (values.address !== undefined) {
    if (given.length < remoteFiles.length) throw new UserError('--address needs --ca, --cert and --key.', help);
    if (values.project === undefined) throw new UserError('--address needs --project.', help);
    return new OperatorClient({
      title: service, target: values.address, serverName: values['server-name'],
      caFile: fileOf(values.ca), certificateFile: fileOf(values.cert), privateKeyFile: fileOf(values.key),
    });
  }
  if (given.length > 0 || values['server-name'] !== undefined) throw new UserError(`--${given[0] ?? 'server-name'} belongs to --address.`, help);
  const running = readState().processes.find(({ name }) => name === service);
  if (!running) throw new UserError(`${service} does not run.`, 'Run: deploy/dev up --detach', 'or name one elsewhere with --address.');
  const { certificates } = stackLayout(localDirectory);
  return new OperatorClient({
    title: service, target: `127.0.0.1:${running.ports.grpc ?? running.ports.main}`, serverName: 'localhost',
    caFile: join(certificates, 'ca.pem'), certificateFile: join(certificates, 'operator.pem'), privateKeyFile: join(certificates, 'operator.key'),
  });
}

async function makeKey(args, { fileOf, write }) {
  const { values } = parse(args, { ...remoteOptions, days: text, out: text }, []);
  const days = Number(values.days ?? 7);
  if (!(days >= 1 / 24 && days <= 30)) throw new UserError('--days needs a number from 0.05 (an hour and some) to 30.', help);
  const vault = clientOf('token-vault', values, fileOf);
  const { importKey } = await vault.call('CreateImportKey', { projectId: values.project ?? demoProject, lifetime: `${Math.ceil(days * secondsPerDay)}s` });
  if (values.out === undefined) {
    write(importKey.publicJwk);
    return;
  }
  writeFileSync(fileOf(values.out), `${importKey.publicJwk}\n`);
  write(`import key ${importKey.importKeyId}, until ${importKey.expireTime}: ${values.out}`);
}

async function listKeys(args, { fileOf, write }) {
  const { values } = parse(args, { ...remoteOptions, json: flag }, []);
  const { importKeys = [] } = await clientOf('token-vault', values, fileOf).call('GetImportKeys', { projectId: values.project ?? demoProject });
  if (values.json) {
    write(JSON.stringify(importKeys));
    return;
  }
  if (importKeys.length === 0) write('there is no import key');
  for (const { importKeyId, createTime, expireTime, storedCount } of importKeys) {
    write(`${importKeyId}  since ${createTime}  until ${expireTime}  ${storedCount} imported`);
  }
}

async function destroyKey(args, { fileOf, write }) {
  const { values, positionals: [importKeyId] } = parse(args, remoteOptions, ['the id of a key']);
  await clientOf('token-vault', { ...values, project: values.project ?? demoProject }, fileOf).call('DestroyImportKey', { importKeyId });
  write(`destroyed: ${importKeyId}`);
}

/** Aborted by the first Ctrl-C, so that what is under way is finished; the second ends the process. */
function interruption(complain) {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    complain('finishing what is under way');
    controller.abort();
  });
  return controller.signal;
}

/** Standard input to standard output, line by line: the tokens are on no disk of this machine. */
async function encryptLines(args, { fileOf, write, input }) {
  const { values } = parse(args, { 'import-key': text }, []);
  if (values['import-key'] === undefined) throw new UserError('import encrypt needs --import-key.', help);
  let jwk;
  try {
    jwk = JSON.parse(readFileSync(fileOf(values['import-key']), 'utf8'));
  } catch (error) {
    throw new UserError(`the import key cannot be read: ${error.message}`, 'Make one: deploy/dev import key --out FILE');
  }
  for await (const { number, text: line } of linesOf(input)) {
    let connection = null;
    try {
      connection = JSON.parse(line ?? '');
    } catch {
      // Told below; the parser's own message would repeat a part of the line.
    }
    if (typeof connection?.userId !== 'string' || typeof connection.refreshToken !== 'string') {
      throw new UserError(`line ${number} is no JSON object with userId and refreshToken.`, help);
    }
    write(JSON.stringify(sealConnection(jwk, connection)));
  }
}

function summaryOf(totals) {
  const { lines, ...outcomes } = totals;
  const parts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  return `${lines} ${lines === 1 ? 'line' : 'lines'}: ${parts.join(', ') || 'nothing'}`;
}

async function importFile(args, { fileOf, write, complain }) {
  const { values, positionals: [name] } = parse(args, { ...remoteOptions, report: text, 'dry-run': flag }, ['a file']);
  const file = fileOf(name);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UserError(`${name} is no file.`, help);
  const accountLink = clientOf('account-link', values, fileOf);
  const projectId = values.project ?? demoProject;
  await accountLink.prepare('ImportConnections');
  const report = values.report === undefined ? null : openSync(fileOf(values.report), 'w', 0o600);
  const tell = (record) => (report === null ? write(JSON.stringify(record)) : writeSync(report, `${JSON.stringify(record)}\n`));
  const counts = {};
  const signal = interruption(complain);
  const progress = setInterval(() => complain(`so far ${summaryOf({ lines: Object.values(counts).reduce((sum, count) => sum + count, 0), ...counts })}`), progressMs);
  try {
    const { totals, complete, failed } = await runImport({
      input: createReadStream(file),
      signal,
      send: async (connections) => (await accountLink.call('ImportConnections', { projectId, connections, validateOnly: values['dry-run'] }, callDeadlineMs)).results,
      report: (record) => {
        counts[record.outcome] = (counts[record.outcome] ?? 0) + 1;
        tell(record);
      },
    });
    tell({ totals, complete });
    complain(`${summaryOf(totals)}${complete ? '' : '; not finished: run it again to go on'}`);
    if (signal.aborted) return 130;
    return complete && failed === 0 ? 0 : 1;
  } finally {
    clearInterval(progress);
    if (report !== null) closeSync(report);
  }
}

const parts = { key: makeKey, keys: listKeys, destroy: destroyKey, encrypt: encryptLines };

/**
 * @param {string[]} args the directory of the caller, then the command line after "import"
 * @param {{write?: (line: string) => void, complain?: (line: string) => void, input?: AsyncIterable<Buffer>}} [surroundings]
 * @returns {Promise<number>} the exit status; refusals of a service are told
 */
export async function importConnections([directory, ...args], surroundings = {}) {
  const context = {
    write: (line) => process.stdout.write(`${line}\n`), complain: (line) => process.stderr.write(`${line}\n`), input: process.stdin,
    fileOf: (name) => resolve(directory, name), ...surroundings,
  };
  const [part, ...rest] = args;
  try {
    if (Object.hasOwn(parts, part ?? '')) {
      await parts[part](rest, context);
      return 0;
    }
    return await importFile(args, context);
  } catch (error) {
    if (!(error instanceof CallRefused)) throw error;
    refusalLines(error).forEach(context.complain);
    return 1;
  }
}
