// SPDX-License-Identifier: Apache-2.0
// Free TCP ports on loopback, and who holds a taken one.
import { randomInt } from 'node:crypto';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { UserError } from './errors.mjs';

// Below the kernel's ephemeral range, so that no outgoing connection takes a port between its choice and its use.
const lowest = 15000;
const highest = 32000;
// Processes that start stacks at one time choose from different parts, mostly: else one could take the port of what another
// has just killed and is about to start again.
const parts = 16;
const partSize = Math.floor((highest - lowest) / parts);
const ownLowest = lowest + (process.pid % parts) * partSize;
const handedOut = new Set();

/** @returns {Promise<boolean>} whether a server could listen on 127.0.0.1:port now */
export function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** @returns {Promise<number>} a free port that this process has not been given before */
export async function freePort() {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(ownLowest, ownLowest + partSize);
    if (handedOut.has(port) || !(await isFree(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new UserError(`no free TCP port between ${ownLowest} and ${ownLowest + partSize}`);
}

/** @returns {Promise<number>} the first free port from `first` on */
export async function freePortFrom(first) {
  for (let port = first; port < Math.min(first + 200, 65536); port += 1) {
    if (await isFree(port)) return port;
  }
  throw new UserError(`no free TCP port from ${first} to ${first + 199}`);
}

/** The inodes of the sockets that listen on a port, as /proc/net/tcp shows them. */
function listeningInodes(port) {
  const inodes = new Set();
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let text = '';
    try {
      text = readFileSync(table, 'utf8');
    } catch {
      continue;
    }
    for (const line of text.split('\n').slice(1)) {
      const columns = line.trim().split(/\s+/);
      if (columns[1]?.endsWith(wanted) && columns[3] === '0A') inodes.add(`socket:[${columns[9]}]`);
    }
  }
  return inodes;
}

function holdsSocket(pid, inodes) {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

/** @returns {string} "process 123 (nginx)", or "another program" when it cannot be told */
export function holderOf(port) {
  const inodes = listeningInodes(port);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!holdsSocket(pid, inodes)) continue;
    return `process ${pid} (${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`;
  }
  return 'another program';
}
