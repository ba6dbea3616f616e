// SPDX-License-Identifier: Apache-2.0
// A whole stack, described: data stores, simulator, services, and the order in which they come up. Who keeps the
// processes (`deploy/dev up`, or a test) is up to the caller.
import { join } from 'node:path';
import { prepareAuthority } from './authority.mjs';
import { ensureDirectory, merge, writeJson } from './files.mjs';
import { prepareKeys } from './keys.mjs';
import { databaseServices, stackLayout } from './layout.mjs';
import { postgresAccess, prepareDatabases, preparePostgres } from './postgres.mjs';
import { projectsFile } from './projects.mjs';
import { prepareRedis, redisAccess } from './redis.mjs';
import { prepareSimulator } from './simulator.mjs';
import { configurationOf, migrate, serviceSpecification } from './specification.mjs';

/**
 * @typedef {object} StackPlan
 * @property {string} directory absolute
 * @property {string} binaries where the services' programs are
 * @property {string[]} services which services to run
 * @property {object} ports postgresql, redis, redisTls, simulator: numbers; by service: a list, one entry a replica
 * @property {string} publicUrl the gateway's origin
 * @property {object|null} zoomApp another OAuth server (zoom-config.mjs); null: the simulator
 * @property {object} [simulator] settings for the simulator
 * @property {boolean} [meetings] whether the simulator's app has the scopes of the meeting actions
 * @property {boolean} [webhooks] whether the simulator sends its app's webhooks to the gateway
 * @property {boolean} keepState whether the simulator remembers its people and grants over a restart
 * @property {boolean} durable whether PostgreSQL's data has to survive a power loss
 * @property {boolean} [tls] whether the services reach PostgreSQL and Redis over TLS
 * @property {string} [postgresTemplate] see postgres.mjs
 * @property {object} [overrides] by service, and "all": merged into the configurations
 * @property {string[]} [origins] of pages elsewhere that may use the project
 * @property {object[]} [demoUsers] who can sign in at the development issuer
 */

/** Certificates, keys and data stores only. */
export async function prepareStores(plan) {
  const layout = stackLayout(plan.directory);
  Object.values(layout).forEach(ensureDirectory);
  const authority = await prepareAuthority(layout.certificates);
  const keys = prepareKeys(layout.keys);
  const { ports } = plan;

  const postgresProcess = await preparePostgres({
    directory: layout.postgres,
    logFile: join(layout.log, 'postgresql.log'),
    port: ports.postgresql,
    durable: plan.durable,
    certificate: authority.of('postgresql'),
    template: plan.postgresTemplate,
  });
  const postgres = postgresAccess({ port: ports.postgresql, directory: layout.postgres, caFile: authority.caFile });
  const redisOptions = {
    port: ports.redis, tlsPort: ports.redisTls, passwordFile: keys.secretFile('redis'), caFile: authority.caFile, directory: layout.redis,
  };
  const redisProcess = prepareRedis({
    ...redisOptions, logFile: join(layout.log, 'redis.log'), certificate: authority.of('redis'),
  });
  const redis = redisAccess(redisOptions);
  return {
    layout, authority, keys, postgres, redis,
    processes: [
      { ...postgresProcess, isReady: postgres.isReady },
      { ...redisProcess, isReady: redis.isReady },
    ],
  };
}

/**
 * Prepares everything on disk; starts nothing.
 * @param {StackPlan} plan
 */
export async function compose(plan) {
  const stores = await prepareStores(plan);
  const { layout, keys } = stores;
  const simulator = plan.zoomApp ? null : prepareSimulator({
    layout,
    port: plan.ports.simulator,
    publicUrl: plan.publicUrl,
    secretFile: keys.secretFile('zoom-client'),
    keepState: plan.keepState ?? false,
    meetings: plan.meetings ?? false,
    webhook: plan.webhooks ? { secretFile: keys.secretFile('zoom-webhook'), caFile: stores.authority.caFile } : null,
    settings: plan.simulator,
  });
  const projects = projectsFile({
    publicUrl: plan.publicUrl,
    issuerKeysFile: keys.issuerKeysFile,
    zoomApp: plan.zoomApp ?? simulator.zoomApp,
    origins: plan.origins,
  });
  const context = {
    ...stores,
    binaries: plan.binaries,
    ports: plan.ports,
    publicUrl: plan.publicUrl,
    zoomCaFile: plan.zoomApp?.ca_file ?? null,
    tls: plan.tls ?? false,
    demoUsers: plan.demoUsers,
    projectsFile: writeJson(join(layout.config, 'projects.json'), projects),
  };
  const specificationOf = (service, index, ...changes) => serviceSpecification(context, service, index,
    merge(configurationOf(context, service, index), plan.overrides?.all, plan.overrides?.[service], ...changes));
  const services = plan.services.flatMap((service) => plan.ports[service].map((_, index) => specificationOf(service, index)));
  return {
    ...context,
    simulator,
    stores: [...stores.processes, ...(simulator ? [simulator.process] : [])],
    services,
    /** The specification of a replica with changes to its configuration. */
    specificationOf,
  };
}

/**
 * Brings a composed stack up.
 * @param {Awaited<ReturnType<typeof compose>>} stack
 * @param {(specification: import('./specification.mjs').Specification) => Promise<void>} launch starts a process and
 *   waits until it is ready; may find that it runs already
 * @param {(text: string) => void} [report] told about each step
 */
export async function bringUp(stack, launch, report = () => {}) {
  report('data stores');
  await Promise.all(stack.stores.map(launch));
  const migrated = stack.services.filter(({ service, index }) => databaseServices.includes(service) && index === 0);
  if (migrated.length > 0) {
    report('migrations');
    await prepareDatabases(stack.postgres, stack.keys.secretFile);
    await Promise.all(migrated.map(migrate));
  }
  report('services');
  await Promise.all(stack.services.map(launch));
}

