// SPDX-License-Identifier: Apache-2.0
// Somebody changed the app's secret at Zoom: everything pauses, and no user is marked.
import { readFileSync } from 'node:fs';
import { pause, spread } from '../world.mjs';

export default {
  name: 'invalid-client',
  title: 'Zoom refuses the app\'s credentials for a while',
  modes: ['strict'],
  stack: 'standard',
  quick: true,
  minutes: 2,

  async run(world) {
    const people = await world.newPeople(world.size(10, 200));
    await world.expire(people);
    const secret = readFileSync(world.stack.keys.secretFile('zoom-client'), 'utf8');
    await world.simulator.changeApp(world.clientId, { client_secret: 'changed-at-zoom' });
    await spread(people, 16, (person) => world.token(person));
    await pause(world.size(500, 5_000));
    const rows = await world.stack.postgres.query('token_vault', `SELECT count(*) AS marked FROM grants WHERE user_id LIKE '${world.prefix}-%' AND state <> 'active'`);
    world.bar('users marked', Number(rows[0].marked), Number(rows[0].marked) === 0);
    await world.simulator.changeApp(world.clientId, { client_secret: secret });
    // A quick run does not wait for the vaults to try again on their own.
    if (world.quick) await Promise.all(world.stack.tokenVault.map((replica) => world.hurt(replica, 'SIGTERM')));
  },
};
