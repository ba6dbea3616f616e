// SPDX-License-Identifier: Apache-2.0
// A private PostgreSQL 15: its own cluster, port, passwords and roles.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, existsSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from './errors.mjs';
import { ensureDirectory, tail, writeAtomically } from './files.mjs';
import { run, start } from './processes.mjs';
import { databaseName, databaseServices } from './layout.mjs';

const superuser = 'postgres';
const passwordName = 'superuser.secret';

/** The newest packaged server's programs. */
function programDirectory() {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).filter((name) => existsSync(join(base, name, 'bin/initdb'))) : [];
  if (versions.length === 0) throw new UserError('PostgreSQL is not installed.', 'Run: apt-get install postgresql');
  return join(base, versions.sort((a, b) => Number(b) - Number(a))[0], 'bin');
}

/** PostgreSQL refuses to run as root; the packaged user takes its place then. @returns null when not root */
function serverUser() {
  if (process.getuid() !== 0) return null;
  const entry = (file, name) => readFileSync(file, 'utf8').split('\n').find((line) => line.startsWith(`${name}:`))?.split(':');
  const user = entry('/etc/passwd', 'postgres');
  if (!user) throw new UserError('there is no user "postgres" to run PostgreSQL as.', 'Run: apt-get install postgresql');
  return { name: 'postgres', uid: Number(user[2]), gid: Number(user[3]) };
}

const setOwner = (path, user) => user && chownSync(path, user.uid, user.gid);

/**
 * Makes an empty cluster in `directory`/data and its superuser's password beside it. The server reaches its files
 * through an inherited descriptor of the directory, so it needs no right to walk the path there: a checkout below a
 * closed /root is as good as any.
 */
async function initialise(directory, logFile) {
  const user = serverUser();
  ensureDirectory(directory);
  writeAtomically(join(directory, passwordName), randomBytes(32).toString('base64url'));
  for (const path of [directory, join(directory, passwordName)]) setOwner(path, user);
  const child = start({
    command: join(programDirectory(), 'initdb'),
    args: ['-D', '/proc/self/fd/3/data', `--pwfile=/proc/self/fd/3/${passwordName}`, '--auth=scram-sha-256', '--no-sync',
      '--no-instructions', '--encoding=UTF8', '--locale=C.UTF-8', `--username=${superuser}`],
    logFile, lifetime: 'parent', user: user?.name, directoryHandle: directory, workingDirectory: '/',
  });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new UserError('initdb could not make the database cluster.', tail(logFile));
}

/**
 * Built aside and renamed, so that an interrupted attempt leaves no half cluster behind. Of two processes that build at one
 * time the first wins.
 */
async function makeClusterOnce(directory, logFile) {
  const isComplete = () => existsSync(join(directory, 'data', 'PG_VERSION'));
  if (isComplete()) return;
  const aside = `${directory}.${process.pid}`;
  rmSync(aside, { recursive: true, force: true });
  await initialise(aside, logFile);
  if (isComplete()) {
    rmSync(aside, { recursive: true, force: true });
    return;
  }
  rmSync(directory, { recursive: true, force: true });
  renameSync(aside, directory);
}

async function copyCluster(template, directory) {
  rmSync(directory, { recursive: true, force: true });
  const result = await run('cp', ['-a', '--reflink=auto', '--', template, directory]);
  if (result.status !== 0) throw new UserError('the database cluster could not be copied.', result.stderr);
}

/** Settings that hold for every start; `durable: false` trades safety against power loss for speed. */
const settings = (durable) => [
  'listen_addresses = \'127.0.0.1\'',
  'unix_socket_directories = \'\'',
  'ssl = on',
  'ssl_cert_file = \'server.pem\'',
  'ssl_key_file = \'server.key\'',
  'password_encryption = scram-sha-256',
  'max_connections = 200',
  'shared_buffers = 64MB',
  'log_min_messages = warning',
  // A failing statement may hold personal data; its text stays out of the log.
  'log_min_error_statement = panic',
  'log_parameter_max_length_on_error = 0',
  ...(durable ? [] : ['fsync = off', 'synchronous_commit = off', 'full_page_writes = off']),
  '',
].join('\n');

const accessRules = 'host all all 127.0.0.1/32 scram-sha-256\n';

/**
 * Prepares a cluster without starting it.
 * @param {{directory: string, logFile: string, port: number, durable: boolean,
 *   certificate: {certificateFile: string, privateKeyFile: string}, template?: string}} options `template`: a directory
 *   with an empty cluster to copy, made on first use
 * @returns {Promise<object>} a process specification (see specification.mjs)
 */
export async function preparePostgres({ directory, logFile, port, durable, certificate, template }) {
  const user = serverUser();
  const data = join(directory, 'data');
  if (!existsSync(join(data, 'PG_VERSION'))) {
    await makeClusterOnce(template ?? directory, logFile);
    if (template) await copyCluster(template, directory);
  }
  writeAtomically(join(data, 'postgresql.auto.conf'), settings(durable));
  writeAtomically(join(data, 'pg_hba.conf'), accessRules);
  copyFileSync(certificate.certificateFile, join(data, 'server.pem'));
  copyFileSync(certificate.privateKeyFile, join(data, 'server.key'));
  chmodSync(join(data, 'server.key'), 0o600);
  for (const name of ['postgresql.auto.conf', 'pg_hba.conf', 'server.pem', 'server.key']) setOwner(join(data, name), user);
  return {
    name: 'postgresql',
    command: join(programDirectory(), 'postgres'),
    args: ['-D', '/proc/self/fd/3', '-p', String(port)],
    user: user?.name,
    directoryHandle: data,
    workingDirectory: '/',
    stopSignal: 'SIGINT',
    deathSignal: 'SIGQUIT',
    logFile,
    ports: { main: port },
    inputs: [join(data, 'postgresql.auto.conf'), join(data, 'pg_hba.conf'), join(data, 'server.pem')],
  };
}

/**
 * How to reach a cluster as its superuser.
 * @param {{port: number, directory: string, caFile: string}} options
 */
export function postgresAccess({ port, directory, caFile }) {
  const passwordFile = join(directory, passwordName);
  const passFile = join(directory, 'passwords');
  const host = '127.0.0.1';
  writeAtomically(passFile, `${host}:${port}:*:${superuser}:${readFileSync(passwordFile, 'utf8')}\n`);

  async function psql(database, sql, extra = []) {
    return run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...extra, '-h', host, '-p', String(port), '-U', superuser, '-d', database, '-f', '-'],
      { input: sql, environment: { PGPASSFILE: passFile, PGCONNECT_TIMEOUT: '5' } });
  }

  return {
    host, port, user: superuser, passwordFile, caFile, passFile,
    /** Whether the server answers queries. */
    isReady: async () => (await psql('postgres', 'SELECT 1', ['-At'])).status === 0,
    /** Runs SQL (several statements allowed) as the superuser; throws with the server's message. */
    async execute(database, sql) {
      const result = await psql(database, sql);
      if (result.status !== 0) throw new Error(`PostgreSQL refused a statement: ${result.stderr.trim()}`);
    },
    /** @returns {Promise<object[]>} the rows of one SELECT, as objects */
    async query(database, select) {
      const result = await psql(database, `SELECT coalesce(json_agg(rows), '[]') FROM (${select.replace(/;\s*$/, '')}) AS rows`, ['-At']);
      if (result.status !== 0) throw new Error(`PostgreSQL refused a query: ${result.stderr.trim()}`);
      return JSON.parse(result.stdout);
    },
  };
}

/**
 * Gives every service that has one its database: owned by ROLE_owner, which runs migrations; used by ROLE, which can
 * change rows and nothing else. No service can connect to another's database. Safe to repeat.
 * @param {ReturnType<typeof postgresAccess>} access
 * @param {(name: string) => string} secretFile
 */
export async function prepareDatabases(access, secretFile) {
  const password = (role) => readFileSync(secretFile(`database-${role}`), 'utf8');
  const roles = databaseServices.map(databaseName);
  const present = new Set((await access.query('postgres', 'SELECT datname FROM pg_database')).map((row) => row.datname));
  const login = (role) => `
    DO $$ BEGIN CREATE ROLE ${role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
    ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '${password(role)}';`;
  await access.execute('postgres', roles.map((role) => `
    ${login(role)} ${login(`${role}_owner`)}
    ${present.has(role) ? '' : `CREATE DATABASE ${role} OWNER ${role}_owner;`}
    REVOKE ALL ON DATABASE ${role} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${role} TO ${role};`).join('\n').concat('REVOKE ALL ON DATABASE postgres FROM PUBLIC;'));
  await Promise.all(roles.map((role) => access.execute(role, `
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO ${role};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${role}_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${role}_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ${role};`)));
}
