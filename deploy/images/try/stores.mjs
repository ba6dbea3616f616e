// SPDX-License-Identifier: Apache-2.0
// PostgreSQL and Redis of this machine in place of their images, with the arguments and files of their manifests.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fillVolumes } from './volumes.mjs';

const serverPrograms = () => {
  const base = '/usr/lib/postgresql';
  const [version] = (existsSync(base) ? readdirSync(base) : []).filter((name) => existsSync(join(base, name, 'bin/initdb'))).sort().reverse();
  if (!version) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  return join(base, version, 'bin');
};

const idOf = (option) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));

/** Replaces the mount paths of a container in one of its words by where the volumes really are. */
const relocate = (word, container, volumes) => container.volumeMounts.reduce((text, { name, mountPath }) => {
  const source = volumes.get(name);
  return source ? text.replaceAll(`${mountPath}/`, `${source}/`) : text;
}, word);

const asPostgres = (group, command, args, log) => spawn('setpriv', [
  '--reuid', 'postgres', '--regid', 'postgres', '--groups', String(group), '--no-new-privs', '--pdeathsig', 'KILL', '--', command, ...args,
], { stdio: ['ignore', log, log], cwd: '/' });

const ended = (child) => new Promise((resolve) => { child.once('exit', (code) => resolve(code)); });

async function untilConnected(port, child, logFile) {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const connected = await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port }, () => { socket.destroy(); resolve(true); });
      socket.on('error', () => resolve(false));
    });
    if (connected) return;
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`nothing listens at port ${port}: see ${logFile}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

/**
 * @param {object[]} objects the rendered overlay
 * @param {object} pod of PostgreSQL
 * @param {{directory: string, secretsDirectory: string}} places
 */
export async function startPostgres(objects, pod, { directory, secretsDirectory }) {
  const [container] = pod.spec.containers;
  const { fsGroup } = pod.spec.securityContext;
  const data = join(directory, 'data');
  const logFile = join(directory, 'log');
  mkdirSync(data, { recursive: true });
  chownSync(data, idOf('-u'), idOf('-g'));
  chmodSync(data, 0o700);
  const volumes = fillVolumes(objects, { ...pod.spec, volumes: pod.spec.volumes.filter(({ emptyDir }) => !emptyDir) },
    { directory: join(directory, 'volumes'), secretsDirectory });
  const log = openSync(logFile, 'a', 0o600);
  const programs = serverPrograms();
  const superuserFile = relocate('/etc/shodan/superuser/password', container, volumes);
  const options = container.env.find(({ name }) => name === 'POSTGRES_INITDB_ARGS').value.split(' ');
  const made = await ended(asPostgres(fsGroup, join(programs, 'initdb'), ['-D', data, '--no-sync', '--username=postgres', `--pwfile=${superuserFile}`, ...options], log));
  if (made !== 0) throw new Error(`initdb failed: ${readFileSync(logFile, 'utf8')}`);
  // The image adds the same rule to the server's defaults.
  writeFileSync(join(data, 'pg_hba.conf'), 'host all all all scram-sha-256\n');
  const child = asPostgres(fsGroup, join(programs, 'postgres'), ['-D', data, '-k', '', '-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1',
    ...container.args.map((word) => relocate(word, container, volumes))], log);
  await untilConnected(5432, child, logFile);

  const sql = readFileSync(join(volumes.get('databases'), 'databases.sql'), 'utf8');
  const passFile = join(directory, 'passwords');
  writeFileSync(passFile, `127.0.0.1:5432:*:postgres:${readFileSync(superuserFile, 'utf8')}\n`, { mode: 0o600 });
  execFileSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-U', 'postgres', '-f', '-'], {
    input: relocate(sql, container, volumes), env: { ...process.env, PGPASSFILE: passFile, PGSSLMODE: 'require' }, stdio: ['pipe', 'pipe', 'inherit'],
  });
  return child;
}

/** The same for Redis, whose manifest gives the whole command. */
export async function startRedis(objects, pod, { directory, secretsDirectory }) {
  const [container] = pod.spec.containers;
  mkdirSync(directory, { recursive: true });
  const volumes = fillVolumes(objects, pod.spec, { directory: join(directory, 'volumes'), secretsDirectory });
  const logFile = join(directory, 'log');
  const log = openSync(logFile, 'a', 0o600);
  const { runAsUser: user, fsGroup } = pod.spec.securityContext;
  const child = spawn('setpriv', ['--reuid', String(user), '--regid', String(fsGroup), '--clear-groups', '--no-new-privs', '--pdeathsig', 'KILL', '--',
    ...container.command.map((word) => relocate(word, container, volumes))], { stdio: ['ignore', log, log], cwd: '/' });
  await untilConnected(6379, child, logFile);
  return child;
}
