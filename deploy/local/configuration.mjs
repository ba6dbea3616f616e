// SPDX-License-Identifier: Apache-2.0
// The configuration files of the six services.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { databaseName, root } from './layout.mjs';
import { demoUsers, projectId } from './projects.mjs';

const loopback = (port) => `127.0.0.1:${port}`;

function common(context, service, ports, portFile) {
  return {
    environment: 'development',
    admin: { listen: loopback(ports.admin) },
    port_file: portFile,
    crash_points: [],
    log_level: 'info',
    ...(service === 'gateway' ? {} : {
      grpc: {
        listen: loopback(ports.grpc),
        certificate_file: context.authority.of(service).certificateFile,
        private_key_file: context.authority.of(service).privateKeyFile,
        ca_file: context.authority.caFile,
      },
      policy_file: join(root, 'services/policy.json'),
      assertion_keys_file: context.keys.assertionKeysFile,
    }),
  };
}

function database(context, service) {
  const role = databaseName(service);
  return {
    host: context.tls ? 'localhost' : context.postgres.host,
    port: context.postgres.port,
    name: role,
    user: role,
    password_file: context.keys.secretFile(`database-${role}`),
    owner_user: `${role}_owner`,
    owner_password_file: context.keys.secretFile(`database-${role}_owner`),
    ...(context.tls ? { sslmode: 'verify-full', ca_file: context.authority.caFile } : { sslmode: 'disable' }),
    max_connections: 8,
  };
}

/** Nobody listens there: the address of a service that a stack leaves out. */
const nowhere = 'localhost:1';

function redis(context) {
  return {
    host: context.tls ? 'localhost' : context.redis.host,
    port: context.tls ? context.redis.tlsPort : context.redis.port,
    username: context.redis.username,
    password_file: context.redis.passwordFile,
    tls: context.tls ? { ca_file: context.authority.caFile } : null,
  };
}

/**
 * The replica a caller talks to: caller i uses replica i, round robin, so that several replicas of both sides are all
 * in use and a test knows which one answered.
 */
const target = (context, service, index) => {
  const replicas = context.ports[service];
  if (replicas === undefined) return nowhere;
  // A name: gRPC takes no address where the certificate is checked against what was dialled.
  return `localhost:${replicas[index % replicas.length].grpc}`;
};

function privateDirectory(path) {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

const builders = {
  'token-vault': (context, index, _, portFile) => ({
    database: database(context, 'token-vault'),
    audit: { seal_key_file: context.keys.auditSealKeyFile },
    projects_file: context.projectsFile,
    key_ring_file: context.keys.keyRingFile,
    // Backups of a local stack need no time to grow old.
    keys: { report_interval_ms: 1000, retire_after_s: 0 },
    spool_directory: privateDirectory(`${dirname(portFile)}/spool-${index}`),
    ledger_directory: privateDirectory(`${dirname(portFile)}/ledger-${index}`),
  }),
  'call-link': () => ({}),
  'account-link': (context, index) => ({
    database: database(context, 'account-link'),
    audit: { seal_key_file: context.keys.auditSealKeyFile },
    projects_file: context.projectsFile,
    vault: { target: target(context, 'token-vault', index), ca_file: context.authority.caFile },
  }),
  'zoom-api': (context, index) => ({
    database: database(context, 'zoom-api'),
    audit: { seal_key_file: context.keys.auditSealKeyFile },
    vault: { target: target(context, 'token-vault', index), ca_file: context.authority.caFile },
    redis: redis(context),
    zoom: { allow_loopback_http: true, ...(context.zoomCaFile ? { ca_file: context.zoomCaFile } : {}) },
  }),
  automation: (context, index) => ({
    database: database(context, 'automation'),
    audit: { seal_key_file: context.keys.auditSealKeyFile },
    vault: { target: target(context, 'token-vault', index), ca_file: context.authority.caFile },
    account_link: { target: target(context, 'account-link', index), ca_file: context.authority.caFile },
    // Receivers of webhooks are on this machine too.
    deliveries: { ca_file: context.authority.caFile, allow_private_addresses: true },
  }),
  gateway: (context, index, ports) => ({
    https: {
      listen: loopback(ports.https),
      certificate_file: context.authority.of('localhost').certificateFile,
      private_key_file: context.authority.of('localhost').privateKeyFile,
    },
    public_url: context.publicUrl,
    backends: {
      certificate_file: context.authority.of('gateway').certificateFile,
      private_key_file: context.authority.of('gateway').privateKeyFile,
      ca_file: context.authority.caFile,
      token_vault: target(context, 'token-vault', index),
      call_link: target(context, 'call-link', index),
      account_link: target(context, 'account-link', index),
      zoom_api: target(context, 'zoom-api', index),
      automation: target(context, 'automation', index),
    },
    assertion_private_key_file: context.keys.assertionPrivateKeyFile,
    redis: redis(context),
    static_directory: join(root, 'services/gateway/static'),
    default_project: projectId,
    development_issuer: { private_key_file: context.keys.issuerPrivateKeyFile, users: context.demoUsers ?? demoUsers },
  }),
};

/**
 * @param {object} context authority, keys, postgres, redis (access objects), ports (by service: one entry a replica),
 *   projectsFile, publicUrl, zoomCaFile (whom to trust as Zoom, or null), tls (encrypted connections to PostgreSQL and Redis), demoUsers
 * @param {string} service
 * @param {number} index which replica
 * @param {string} portFile where the service reports its bound ports
 * @returns {object} its configuration
 */
export function serviceConfiguration(context, service, index, portFile) {
  const ports = context.ports[service][index];
  return { ...common(context, service, ports, portFile), ...builders[service](context, index, ports, portFile) };
}
