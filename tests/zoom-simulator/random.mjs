// SPDX-License-Identifier: Apache-2.0
// Random identifiers. One call of the system's generator serves many, because a call for each would
// be a fifth of the cost of a token exchange.
import { randomFillSync } from 'node:crypto';

const pool = Buffer.allocUnsafe(16_384);
let used = pool.length;

/** `bytes` random bytes (at most 16384) as text. @param encoding `base64url` or `hex` */
export function randomText(bytes, encoding = 'base64url') {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString(encoding, used - bytes, used);
}
