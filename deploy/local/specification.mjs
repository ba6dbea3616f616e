// SPDX-License-Identifier: Apache-2.0
// What a process of a stack is: how it is started, which files it depends on, when it is ready.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { UserError } from './errors.mjs';
import { digestOfFiles, readJsonIfPresent, tail, writeJson } from './files.mjs';
import { binaryDirectory, root } from './layout.mjs';
import { serviceConfiguration } from './configuration.mjs';
import { isAlive, run, waitFor } from './processes.mjs';

/**
 * @typedef {object} Specification
 * @property {string} name unique in its stack
 * @property {string} command @property {string[]} args @property {string} workingDirectory
 * @property {string} [user] @property {string} [directoryHandle] see processes.mjs
 * @property {string} stopSignal how it is asked to end @property {string} [deathSignal] when its parent dies
 * @property {string} logFile
 * @property {{main: number}} ports `main` is the one people are told
 * @property {string[]} inputs files that it reads at start
 * @property {string} [portFile] written by the process once its listeners are bound
 * @property {() => Promise<boolean>} isReady
 * @property {() => Promise<string>} [whyNotReady] in its own words
 */

/** @returns {string} changes when the process would behave differently after a restart */
export function fingerprint(specification) {
  const { command, args, ports, inputs } = specification;
  const program = isAbsolute(command) ? [command] : [];
  return createHash('sha256').update(JSON.stringify([command, args, ports])).update(digestOfFiles([...program, ...inputs])).digest('hex');
}

/** All files below a directory, sorted. */
export function filesBelow(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(directory, entry.name)) : [join(directory, entry.name)]))
    .sort();
}

/** @returns {Promise<boolean>} whether a GET of a plain HTTP URL answers 200 */
export const answersOk = (url) => fetch(url, { signal: AbortSignal.timeout(2000) }).then(
  async (response) => {
    await response.arrayBuffer();
    return response.status === 200;
  },
  () => false,
);

/**
 * The specification of one replica of a service; writes its configuration file.
 * @param {object} context see configuration.mjs, and layout, binaries
 * @param {string} service
 * @param {number} index
 * @param {object} configuration the effective one
 * @returns {Specification}
 */
export function serviceSpecification(context, service, index, configuration) {
  const name = context.ports[service].length > 1 ? `${service}-${index}` : service;
  const configFile = join(context.layout.config, `${name}.json`);
  const portFile = configuration.port_file;
  const ports = context.ports[service][index];
  writeJson(configFile, configuration);
  return {
    name,
    service,
    index,
    configFile,
    portFile,
    command: join(context.binaries, service),
    args: ['--config', configFile],
    workingDirectory: root,
    stopSignal: 'SIGTERM',
    logFile: join(context.layout.log, `${name}.log`),
    ports: { main: ports.https ?? ports.grpc, ...ports },
    inputs: [configFile, ...filesNamedIn(configuration), ...(service === 'gateway' ? filesBelow(configuration.static_directory) : [])],
    isReady: async () => existsSync(portFile) && answersOk(readinessUrl(portFile)),
    whyNotReady: () => fetch(readinessUrl(portFile), { signal: AbortSignal.timeout(2000) }).then((response) => response.text(), () => ''),
  };
}

const readinessUrl = (portFile) => `http://127.0.0.1:${readJsonIfPresent(portFile)?.admin}/readyz`;

/** The values of every "…_file" key, at any depth, but the port file. */
function filesNamedIn(value) {
  return Object.entries(value ?? {}).flatMap(([key, inner]) => {
    if (inner !== null && typeof inner === 'object') return filesNamedIn(inner);
    return key.endsWith('_file') && key !== 'port_file' && typeof inner === 'string' ? [inner] : [];
  });
}

/** @returns {object} the configuration of a replica with its port file below the stack's directory */
export function configurationOf(context, service, index) {
  const portFile = join(context.layout.run, `${service}-${index}.ports.json`);
  return serviceConfiguration(context, service, index, portFile);
}

/** Removes what a former run of the process left. */
export function forget(specification) {
  if (specification.portFile) rmSync(specification.portFile, { force: true });
}

/**
 * Waits for readiness.
 * @param {Specification} specification
 * @param {import('./processes.mjs').ProcessIdentity} identity
 * @param {number} deadlineMs
 * @throws {UserError} with the end of the log when the process died or the deadline passed
 */
export async function waitUntilReady(specification, identity, deadlineMs) {
  const { name, logFile, whyNotReady } = specification;
  const outcome = await waitFor(async () => {
    if (await specification.isReady()) return 'ready';
    return isAlive(identity) ? undefined : 'dead';
  }, deadlineMs);
  if (outcome === 'ready') return;
  const reason = (outcome !== 'dead' && (await whyNotReady?.())) || '';
  const what = outcome === 'dead' ? `${name} ended before it was ready` : `${name} was not ready after ${deadlineMs / 1000} s (${reason.trim() || 'it does not say why'})`;
  throw new UserError(`${what}; the end of ${logFile}:`, tail(logFile) || '(the log is empty)');
}

/** @throws {UserError} when a program has not been built */
export function requirePrograms(binaries, services) {
  const absent = services.filter((service) => !existsSync(join(binaries, service)));
  if (absent.length === 0) return;
  const preset = ['release', 'asan', 'dev', 'tsan'].find((name) => binaryDirectory(name) === binaries) ?? 'PRESET';
  throw new UserError(`${absent.join(', ')} not found in ${binaries}.`, `Run: deploy/dev build ${preset}`);
}

/** Applies the migrations of one service. */
export async function migrate(specification) {
  const result = await run(specification.command, [...specification.args, '--migrate'], { workingDirectory: root });
  if (result.status === 0) return;
  throw new UserError(`the migrations of ${specification.service} failed:`, (result.stderr + result.stdout).trim().split('\n').slice(-20).join('\n'));
}

