// SPDX-License-Identifier: Apache-2.0
// The network between the vaults and PostgreSQL is slow, cut at any byte, and silent: acknowledgements of commits get
// lost, tokens do not.
import { inBackground, pause } from '../world.mjs';
import { TcpProxy } from '../tcp-proxy.mjs';

export default {
  name: 'store-network',
  title: 'the network to PostgreSQL: late, cut at any byte, silent',
  modes: ['strict'],
  stack: 'standard',
  quick: true,
  minutes: 3,

  async run(world, report) {
    const { stack } = world;
    const random = world.random.fork('network');
    const proxy = await new TcpProxy({ port: stack.postgres.port }, random).start();
    try {
      await Promise.all(stack.tokenVault.map((replica) => replica.restart({ overrides: { database: { port: proxy.port } } })));
      const people = await world.newPeople(world.size(20, 200));
      let running = true;
      const weather = inBackground(async () => {
        while (running) {
          const behaviour = random.pick([
            { toClient: { delayMs: 5, jitterMs: 20 } }, { toServer: { jitterMs: 20 } }, { toClient: { bytesPerSecond: 200_000 } }, { toClient: { silent: true } },
            { toClient: { cutAtByte: 1_000 + random.integer(20_000) } }, { toServer: { cutAtByte: 1_000 + random.integer(20_000) } }, {},
          ]);
          proxy.set(behaviour);
          world.history.fault('network', 'postgresql');
          await pause(200 + random.integer(300));
          // What was swallowed cannot come any more.
          if (behaviour.toClient?.silent || random.chance(0.3)) proxy.cutAll();
        }
      });
      try {
        await world.refreshAgain({ people, refreshes: world.size(100, 5_000), deadlineMs: 8_000, report: (done) => report(`${done} refreshes`) });
      } finally {
        running = false;
        await weather;
        proxy.set();
      }
    } finally {
      await Promise.all(stack.tokenVault.map((replica) => replica.restart()));
      await proxy.stop();
    }
  },
  bars: (found) => [{ name: 'lost by the network to PostgreSQL', value: found.windowLosses, ok: found.windowLosses === 0 }],
};
