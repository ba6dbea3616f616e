// SPDX-License-Identifier: Apache-2.0
// PostgreSQL dies for good and its synchronous standby takes over.
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory } from '../../../deploy/local/files.mjs';
import { freePort } from '../../../deploy/local/ports.mjs';
import { postgresAccess, preparePostgres } from '../../../deploy/local/postgres.mjs';
import { run } from '../../../deploy/local/processes.mjs';
import { Replica } from '../../../deploy/local/replica.mjs';
import { eventually } from '../../integration/lib/conditions.mjs';
import { TcpProxy } from '../tcp-proxy.mjs';
import { inBackground, pause } from '../world.mjs';

async function must(command, args, options) {
  const { status, stderr } = await run(command, args, options);
  if (status !== 0) throw new Error(`${command}: ${stderr.trim()}`);
}

/** Copies the running cluster and starts the copy as its standby, to which every commit goes first. */
async function startStandby(stack) {
  const { postgres } = stack;
  const directory = ensureDirectory(join(stack.directory, 'standby'));
  const data = join(directory, 'data');
  const password = readFileSync(postgres.passwordFile, 'utf8');
  appendFileSync(join(postgres.dataDirectory, 'pg_hba.conf'), 'host replication all 127.0.0.1/32 scram-sha-256\n');
  await postgres.query('postgres', 'SELECT pg_reload_conf()');
  await must('pg_basebackup', ['-h', postgres.host, '-p', String(postgres.port), '-U', postgres.user, '-D', data, '-X', 'stream', '-c', 'fast'],
    { environment: { PGPASSWORD: password } });
  copyFileSync(postgres.passwordFile, join(directory, 'superuser.secret'));
  const port = await freePort();
  const specification = await preparePostgres({
    directory, logFile: join(stack.logDirectory, 'standby.log'), port, durable: true, certificate: stack.certificateOf('postgresql'),
  });
  appendFileSync(join(data, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=${postgres.host} port=${postgres.port} user=${postgres.user} password=${password} application_name=standby'\n`);
  writeFileSync(join(data, 'standby.signal'), '');
  await must('chown', ['-R', '--reference', postgres.dataDirectory, data]);
  const access = postgresAccess({ port, directory, caFile: postgres.caFile });
  const replica = new Replica({ ...specification, name: 'standby', isReady: access.isReady }, { deadlineMs: 60_000 });
  await replica.start();
  await postgres.execute('postgres', 'ALTER SYSTEM SET synchronous_standby_names = \'standby\'');
  await postgres.query('postgres', 'SELECT pg_reload_conf()');
  await eventually('the standby is synchronous', async () =>
    (await postgres.query('postgres', 'SELECT sync_state FROM pg_stat_replication')).some(({ sync_state: state }) => state === 'sync'), 30_000);
  return { ...access, process: replica, dataDirectory: data };
}

export default {
  name: 'postgres-failover',
  title: 'PostgreSQL dies and its synchronous standby takes over during refreshes',
  modes: ['strict'],
  stack: 'standard',
  quick: false,
  spoilsStack: true,

  async run(world, report) {
    const { stack } = world;
    const proxy = await new TcpProxy({ port: stack.postgres.port }, world.random.fork('proxy')).start();
    world.cleanUps = [() => proxy.stop()];
    report('a synchronous standby comes up');
    const standby = await startStandby(stack);
    world.cleanUps.push(() => standby.process.stop());
    const overrides = { database: { port: proxy.port } };
    await Promise.all([...stack.tokenVault, ...stack.accountLink].map((replica) => replica.restart({ overrides })));
    const people = await world.newPeople(100);
    const failover = inBackground(async () => {
      await pause(3_000);
      const fault = world.history.fault('postgres', 'postgresql');
      await stack.postgres.process.kill('SIGKILL');
      await standby.query('postgres', 'SELECT pg_promote()');
      proxy.target = { host: standby.host, port: standby.port };
      proxy.cutAll();
      world.stack = { ...stack, postgres: standby };
      fault.to = Date.now();
    });
    await world.refreshAgain({ people, refreshes: 3_000, deadlineMs: 8_000, report: (done) => report(`${done} refreshes`) });
    await failover;
    await world.refreshAgain({ people, refreshes: 500, deadlineMs: 8_000 });
  },
  bars: (found) => [{ name: 'lost by the failover', value: found.windowLosses, ok: found.windowLosses === 0 }],

  async cleanUp(world) {
    for (const cleanUp of (world.cleanUps ?? []).reverse()) await cleanUp();
  },
};
