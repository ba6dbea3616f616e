// SPDX-License-Identifier: Apache-2.0
// Readiness of the data stores and the simulator of `deploy/dev up`, from what it left on disk.
import { connect } from 'node:net';
import { join } from 'node:path';
import { prepareKeys } from './keys.mjs';
import { localDirectory, stackLayout } from './layout.mjs';
import { postgresAccess } from './postgres.mjs';
import { redisAccess } from './redis.mjs';

const layout = stackLayout(localDirectory);

/** The certificate of the local authority. */
export const authorityFile = join(layout.certificates, 'ca.pem');

/** @returns {Promise<boolean>} whether something accepts connections there */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

/** @returns {Record<string, (running: {ports: object}) => Promise<boolean>>} by process name */
export function storeProbes() {
  return {
    postgresql: ({ ports }) => postgresAccess({ port: ports.main, directory: layout.postgres, caFile: authorityFile }).isReady(),
    redis: ({ ports }) => redisAccess({
      port: ports.main, tlsPort: ports.tls, passwordFile: prepareKeys(layout.keys).secretFile('redis'), caFile: authorityFile,
    }).isReady(),
    'zoom-simulator': ({ ports }) => accepts(ports.main),
  };
}
