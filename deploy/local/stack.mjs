// SPDX-License-Identifier: Apache-2.0
// A whole stack for a test: real PostgreSQL, Redis, simulator and services, as children of this process. They end with
// it, however it ends.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compose, bringUp } from './composition.mjs';
import { identityUri, identities } from './authority.mjs';
import { ensureDirectory } from './files.mjs';
import { binaryDirectory, localDirectory, serviceNames } from './layout.mjs';
import { freePort } from './ports.mjs';
import { startTimeOf } from './processes.mjs';
import { issuerOf, projectId } from './projects.mjs';
import { Replica } from './replica.mjs';
import { mintSession } from './sessions.mjs';
import { requirePrograms } from './specification.mjs';

/** What a stack is made of unless it is told otherwise: few tests need zoom-api or automation. */
const usualServices = serviceNames.filter((name) => name !== 'zoom-api' && name !== 'automation');

/** For `startStack`: all services. */
export const everyService = serviceNames.map((name) => name.replace(/-[a-z]/g, ([, letter]) => letter.toUpperCase()));

/** Below it: stacks/PROCESS-START-NUMBER, one a stack, and the cluster that is copied for each. */
export const testDirectory = join(localDirectory, 'test');

let stacksOfThisProcess = 0;

/** @returns {string} a new directory, removed by a later `deploy/dev test` if this process dies without doing so */
export function newStackDirectory() {
  stacksOfThisProcess += 1;
  return ensureDirectory(join(testDirectory, 'stacks', `${process.pid}-${startTimeOf(process.pid)}-${stacksOfThisProcess}`));
}

async function choosePorts(services, replicas) {
  const ports = { postgresql: await freePort(), redis: await freePort(), redisTls: await freePort(), simulator: await freePort() };
  for (const service of services) {
    ports[service] = [];
    for (let index = 0; index < (replicas[service] ?? 1); index += 1) {
      ports[service].push({ [service === 'gateway' ? 'https' : 'grpc']: await freePort(), admin: await freePort() });
    }
  }
  return ports;
}

const serviceOf = (key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const byService = (object) => Object.fromEntries(Object.entries(object ?? {}).map(([key, value]) => [serviceOf(key), value]));

/**
 * Starts a stack and waits until all of it is ready.
 *
 * Keys that name a service are in lowerCamelCase (`tokenVault`). Defaults: the asan build (or the one SHODAN_PRESET
 * names), one replica of each usual service, the simulator, plain connections to the stores, a PostgreSQL that flushes.
 *
 * @param {object} [options]
 * @param {string} [options.directory] where everything goes; default: a new one, removed by `stop`
 * @param {string} [options.binaries] where the programs are
 * @param {string[]} [options.services] e.g. ['tokenVault']; default: all but zoom-api and automation; `everyService` names all
 * @param {Record<string, number>} [options.replicas]
 * @param {object} [options.simulator] merged over the simulator's configuration
 * @param {boolean} [options.meetings] whether its app has the scopes of the meeting actions besides the profile's
 * @param {boolean} [options.webhooks] whether the simulator sends its app's webhooks to the gateway
 * @param {object} [options.zoomApp] another OAuth server instead (a project's "zoom_app" without redirect_url)
 * @param {Record<string, object>} [options.overrides] merged over the configurations; `all` is for every service
 * @param {boolean} [options.tls] reach PostgreSQL (verify-full) and Redis over TLS
 * @param {boolean} [options.durable] false: PostgreSQL does not flush
 * @param {string[]} [options.origins] of pages elsewhere that may use the project
 * @param {object[]} [options.demoUsers] users of the development issuer
 * @param {number} [options.deadlineMs] for each process to be ready
 * @param {(text: string) => void} [options.report]
 */
export async function startStack(options = {}) {
  const directory = options.directory ? ensureDirectory(options.directory) : newStackDirectory();
  const binaries = options.binaries ?? binaryDirectory(process.env.SHODAN_PRESET ?? 'asan');
  const services = serviceNames.filter((name) => (options.services?.map(serviceOf) ?? usualServices).includes(name));
  requirePrograms(binaries, services);

  const ports = await choosePorts(services, byService(options.replicas));
  const gatewayPort = ports.gateway?.[0].https ?? (await freePort());
  const publicUrl = `https://localhost:${gatewayPort}`;
  const stack = await compose({
    directory, binaries, services, ports, publicUrl,
    zoomApp: options.zoomApp ?? null,
    simulator: options.simulator,
    meetings: options.meetings,
    webhooks: options.webhooks,
    durable: options.durable ?? true,
    tls: options.tls,
    postgresTemplate: join(testDirectory, 'postgres-template'),
    overrides: byService(options.overrides),
    origins: options.origins,
    demoUsers: options.demoUsers,
  });

  const deadlineMs = options.deadlineMs ?? 30_000;
  const replicas = new Map();
  const launch = async (specification) => {
    const replica = new Replica(specification, { deadlineMs, reconfigure: stack.specificationOf });
    replicas.set(specification.name, replica);
    await replica.start();
  };
  const stopAll = async () => {
    const all = [...replicas.values()].reverse();
    const stores = new Set(stack.stores.map(({ name }) => name));
    await Promise.all(all.filter(({ name }) => !stores.has(name)).map((replica) => replica.stop()));
    await Promise.all(all.filter(({ name }) => stores.has(name)).map((replica) => replica.stop()));
    return all.flatMap((replica) => replica.defects());
  };
  try {
    await bringUp(stack, launch, options.report);
  } catch (error) {
    await stopAll();
    throw error;
  }

  const replicasOf = (service) => stack.services.filter((item) => item.service === service).map(({ name }) => replicas.get(name));
  return {
    directory,
    publicUrl,
    gatewayPort,
    projectId,
    /** The authority's certificate, for clients of the gateway and of the services. */
    caFile: stack.authority.caFile,
    ca: readFileSync(stack.authority.caFile, 'utf8'),
    /** Files of an identity's certificate: gateway, token-vault, …, zoom-api, automation, operator. */
    certificateOf: stack.authority.of,
    identities,
    identityUri,
    keys: stack.keys,
    projectsFile: stack.projectsFile,
    logDirectory: stack.layout.log,
    /** execute(database, sql), query(database, select), host, port, user, passwordFile, passFile */
    postgres: { ...stack.postgres, process: replicas.get('postgresql'), dataDirectory: join(stack.layout.postgres, 'data') },
    redis: { ...stack.redis, process: replicas.get('redis') },
    simulator: stack.simulator && { ...stack.simulator, process: replicas.get('zoom-simulator') },
    tokenVault: replicasOf('token-vault'),
    callLink: replicasOf('call-link'),
    accountLink: replicasOf('account-link'),
    zoomApi: replicasOf('zoom-api'),
    automation: replicasOf('automation'),
    gateway: replicasOf('gateway'),
    /**
     * A session token as the development issuer makes it.
     * @param {{userId: string, displayName?: string, roles?: string[], lifetimeSeconds?: number, claims?: object}} who
     */
    session: (who) => mintSession({ privateKeyFile: stack.keys.issuerPrivateKeyFile, issuer: issuerOf(publicUrl), ...who }),
    /**
     * Ends everything and removes the directory.
     * @throws when a process ended in a way the test did not ask for, or a sanitizer reported something; the directory
     *   stays then
     */
    async stop() {
      const defects = await stopAll();
      if (defects.length > 0) throw new Error(`processes of the stack misbehaved (logs in ${stack.layout.log}):\n${defects.join('\n')}`);
      if (!options.directory) rmSync(directory, { recursive: true, force: true });
    },
  };
}
