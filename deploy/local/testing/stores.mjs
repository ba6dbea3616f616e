// SPDX-License-Identifier: Apache-2.0
// One PostgreSQL and one Redis for the C++ tests, which make a database of their own for each test.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepareStores } from '../composition.mjs';
import { writeJson } from '../files.mjs';
import { freePort } from '../ports.mjs';
import { Replica } from '../replica.mjs';
import { newStackDirectory, testDirectory } from '../stack.mjs';

/**
 * @returns {Promise<{servicesFile: string, stop: () => Promise<void>}>} `servicesFile` is what SHODAN_TEST_SERVICES
 *   names: how to reach both, the passwords by path
 */
export async function startTestStores() {
  const directory = newStackDirectory();
  const stores = await prepareStores({
    directory,
    ports: { postgresql: await freePort(), redis: await freePort(), redisTls: await freePort() },
    durable: false,
    postgresTemplate: join(testDirectory, 'postgres-template'),
  });
  const replicas = stores.processes.map((specification) => new Replica(specification, { deadlineMs: 30_000 }));
  const stop = async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await Promise.all(replicas.map((replica) => replica.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  const { postgres, redis } = stores;
  const servicesFile = writeJson(join(directory, 'services.json'), {
    postgres: { host: postgres.host, port: postgres.port, user: postgres.user, password_file: postgres.passwordFile, ca_file: postgres.caFile },
    redis: { host: redis.host, port: redis.port, password_file: redis.passwordFile, tls_port: redis.tlsPort, ca_file: redis.caFile },
  });
  return { servicesFile, stop };
}
