// SPDX-License-Identifier: Apache-2.0
// A base backup of the running PostgreSQL, and a cluster started from it: a standby, or a restore beside the original.
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory } from '../../deploy/local/files.mjs';
import { freePort } from '../../deploy/local/ports.mjs';
import { postgresAccess, preparePostgres } from '../../deploy/local/postgres.mjs';
import { run } from '../../deploy/local/processes.mjs';
import { Replica } from '../../deploy/local/replica.mjs';

const replicationRule = 'host replication all 127.0.0.1/32 scram-sha-256\n';

async function must(command, args, options) {
  const { status, stderr } = await run(command, args, options);
  if (status !== 0) throw new Error(`${command}: ${stderr.trim()}`);
}

/**
 * Takes a base backup with the log that it needs.
 * @param {object} stack see startStack
 * @param {string} directory gets the backup as "data" and the superuser's password beside it
 */
export async function takeBackup({ postgres }, directory) {
  ensureDirectory(directory);
  const rules = join(postgres.dataDirectory, 'pg_hba.conf');
  if (!readFileSync(rules, 'utf8').includes(replicationRule)) appendFileSync(rules, replicationRule);
  await postgres.query('postgres', 'SELECT pg_reload_conf()');
  await must('pg_basebackup', ['-h', postgres.host, '-p', String(postgres.port), '-U', postgres.user, '-D', join(directory, 'data'), '-X', 'stream', '-c', 'fast'],
    { environment: { PGPASSWORD: readFileSync(postgres.passwordFile, 'utf8') } });
  copyFileSync(postgres.passwordFile, join(directory, 'superuser.secret'));
}

/**
 * Starts a cluster from a backup on a port of its own.
 * @param {object} stack whose cluster it is a copy of
 * @param {string} directory see takeBackup
 * @param {{name: string, standby?: boolean}} options `standby`: it follows the original, under this name
 * @returns {Promise<object>} as stack.postgres
 */
export async function startCopy(stack, directory, { name, standby = false }) {
  const { postgres } = stack;
  const data = join(directory, 'data');
  const port = await freePort();
  const specification = await preparePostgres({
    directory, logFile: join(stack.logDirectory, `${name}.log`), port, durable: true, certificate: stack.certificateOf('postgresql'),
  });
  if (standby) {
    const password = readFileSync(postgres.passwordFile, 'utf8');
    appendFileSync(join(data, 'postgresql.auto.conf'),
      `primary_conninfo = 'host=${postgres.host} port=${postgres.port} user=${postgres.user} password=${password} application_name=${name}'\n`);
    writeFileSync(join(data, 'standby.signal'), '');
  }
  await must('chown', ['-R', '--reference', postgres.dataDirectory, data]);
  const access = postgresAccess({ port, directory, caFile: postgres.caFile });
  const replica = new Replica({ ...specification, name, isReady: access.isReady }, { deadlineMs: 60_000 });
  await replica.start();
  return { ...access, process: replica, dataDirectory: data };
}
