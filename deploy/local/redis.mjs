// SPDX-License-Identifier: Apache-2.0
// A private Redis: password, TLS beside the plain port, nothing ever written to disk.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ensureDirectory, writeAtomically } from './files.mjs';

/**
 * @param {{directory: string, logFile: string, port: number, tlsPort: number, passwordFile: string, caFile: string,
 *   certificate: {certificateFile: string, privateKeyFile: string}}} options
 * @returns a process specification (see specification.mjs)
 */
export function prepareRedis({ directory, logFile, port, tlsPort, passwordFile, caFile, certificate }) {
  ensureDirectory(directory);
  const configFile = join(directory, 'redis.conf');
  const quoted = (text) => JSON.stringify(text);
  writeAtomically(configFile, [
    'bind 127.0.0.1',
    `port ${port}`,
    `tls-port ${tlsPort}`,
    `tls-ca-cert-file ${quoted(caFile)}`,
    `tls-cert-file ${quoted(certificate.certificateFile)}`,
    `tls-key-file ${quoted(certificate.privateKeyFile)}`,
    'tls-auth-clients no',
    `requirepass ${quoted(readFileSync(passwordFile, 'utf8'))}`,
    `dir ${quoted(directory)}`,
    'save ""',
    'appendonly no',
    // A file that is saved on demand is for looking into it.
    'rdbcompression no',
    'dbfilename dump.rdb',
    'daemonize no',
    'maxmemory 256mb',
    'maxmemory-policy allkeys-lru',
    '',
  ].join('\n'));
  return {
    name: 'redis',
    command: 'redis-server',
    args: [configFile],
    workingDirectory: directory,
    stopSignal: 'SIGTERM',
    logFile,
    ports: { main: port, tls: tlsPort },
    inputs: [configFile, certificate.certificateFile],
  };
}

/**
 * @param {{port: number, tlsPort: number, passwordFile: string, caFile: string, directory?: string}} options
 */
export function redisAccess({ port, tlsPort, passwordFile, caFile, directory }) {
  const host = '127.0.0.1';

  /** Sends commands (arrays of words) after AUTH and answers Redis's raw reply text. */
  function send(commands, expectedReplies) {
    const encode = (words) => `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      let text = '';
      socket.setEncoding('utf8');
      socket.setTimeout(2000, () => socket.destroy(new Error('Redis did not answer within 2 s')));
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        text += chunk;
        if (text.split('\r\n').length > expectedReplies) socket.end();
      });
      socket.on('close', () => resolve(text));
      socket.write([['AUTH', readFileSync(passwordFile, 'utf8')], ...commands].map(encode).join(''));
    });
  }

  return {
    host, port, tlsPort, username: 'default', passwordFile, caFile,
    /** Whether the server answers an authenticated PING. */
    isReady: () => send([['PING']], 2).then((text) => text === '+OK\r\n+PONG\r\n', () => false),
    /** Sets a key to a text. */
    set: (key, text) => send([['SET', key, text]], 2),
    /** Forgets everything, as a restart of Redis would. */
    flush: () => send([['FLUSHALL']], 2),
    /** @returns {Promise<string[]>} a line for each connection, as CLIENT LIST writes it */
    clients: async () => (await send([['CLIENT', 'LIST']], 3)).split('\n').filter((line) => line.startsWith('id=')),
    /** Writes everything it holds to a file. @returns {Promise<string>} the file */
    async save() {
      const reply = await send([['SAVE']], 2);
      if (reply !== '+OK\r\n+OK\r\n') throw new Error(`Redis did not save: ${reply}`);
      return join(directory, 'dump.rdb');
    },
  };
}
