// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's data is on a small file system that is full again and again.
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../deploy/local/processes.mjs';
import { pause, spread } from '../world.mjs';

// Beside what is there: scenarios that ran before on the same stack leave data of any size.
const roomMegabytes = 96;

async function must(command, args) {
  const { status, stdout, stderr } = await run(command, args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

const mount = (directory, megabytes = roomMegabytes) => run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'shodan-faults', directory]);

async function moveToSmallDisk({ postgres }) {
  const data = postgres.dataDirectory;
  await postgres.process.stop();
  renameSync(data, `${data}.before`);
  mkdirSync(data, { mode: 0o700 });
  const present = Number.parseInt(await must('du', ['-sm', `${data}.before`]), 10);
  const { status, stderr } = await mount(data, present + roomMegabytes);
  if (status !== 0) throw new Error(`mount: ${stderr.trim()}`);
  await must('cp', ['-a', `${data}.before/.`, data]);
  await must('chown', ['--reference', `${data}.before`, data]);
  await postgres.process.start();
}

/**
 * Uses up the segments of its log that PostgreSQL keeps in reserve, and all but `left` bytes of the one it writes to:
 * else it would need no room on the disk for a long time.
 */
async function useUpTheLog(postgres, left = 131_072) {
  const write = (bytes) => postgres.query('token_vault', `SELECT pg_logical_emit_message(true, 'ballast', repeat('x', ${bytes}))`);
  const position = async () => (await postgres.query('token_vault', 'SELECT file_name, file_offset FROM pg_walfile_name_offset(pg_current_wal_insert_lsn())'))[0];
  const last = () => readdirSync(join(postgres.dataDirectory, 'pg_wal')).filter((name) => /^[0-9A-F]{24}$/.test(name)).sort().at(-1);
  for (let { file_name: current } = await position(); current < last(); { file_name: current } = await position()) {
    await write(1);
    await postgres.query('token_vault', 'SELECT pg_switch_wal()');
  }
  const [{ size }] = await postgres.query('token_vault', "SELECT pg_size_bytes(current_setting('wal_segment_size')) AS size");
  const room = Number(size) - Number((await position()).file_offset) - left;
  if (room > 0) await write(room);
}

export default {
  name: 'postgres-disk-full',
  title: 'PostgreSQL\'s disk is full while tokens are refreshed',
  modes: ['strict'],
  stack: 'standard',
  quick: false,
  minutes: 2,
  spoilsStack: true,

  async unavailable() {
    const directory = mkdtempSync(join(tmpdir(), 'shodan-mount-'));
    const { status, stderr } = await mount(directory);
    if (status === 0) await run('umount', [directory]);
    rmdirSync(directory);
    return status === 0 ? undefined : `a small file system cannot be mounted here: ${stderr.trim()}`;
  },

  async run(world, report) {
    const { postgres } = world.stack;
    await moveToSmallDisk(world.stack);
    const ballast = join(postgres.dataDirectory, 'ballast');
    const people = await world.newPeople(200);
    let refused = 0;
    let asked = 0;
    for (let round = 1; round <= 5; round += 1) {
      await world.expire(people);
      const fault = world.history.fault('postgres', 'postgresql');
      postgres.process.willCrash(); // Not waited for: without room for its log it gives up, sooner or later.
      // It ends with an error when the disk is full, which is what is wanted.
      await run('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M']);
      await useUpTheLog(postgres).catch(() => {}); // PostgreSQL has given up already; the bars tell.
      const mark = await world.simulator.position();
      await spread(people, 16, async (person) => { if (!(await world.token(person, { deadlineMs: 2_000 })).ok) refused += 1; });
      asked += (await world.simulator.ledger({ type: 'refresh' }, mark)).length;
      rmSync(ballast, { force: true });
      if (!postgres.process.isAlive) {
        await postgres.process.kill();
        await postgres.process.start();
      }
      fault.to = Date.now();
      await pause(1_000);
      report(`round ${round}: ${refused} calls were refused so far`);
    }
    world.bar('calls refused while the disk was full', refused, refused > 0);
    // A call that got no token had no intent, or its tokens wait to be stored: none may be asked for without one.
    world.bar('requests to Zoom while the disk was full', asked, asked <= 5 * people.length - refused);
  },
  bars: (found) => [{ name: 'lost by a full disk', value: found.windowLosses, ok: found.windowLosses === 0 }],

  async cleanUp({ stack: { postgres } }) {
    await postgres.process.stop();
    await run('umount', [postgres.dataDirectory]);
  },
};
