// SPDX-License-Identifier: Apache-2.0
// zoom-api as its callers use it: requests to Zoom in the name of connected users.
import { randomUUID } from 'node:crypto';
import { inTheNameOf } from '../../support-js/assertions.mjs';
import { VaultDriver } from './vault.mjs';

/** Everything that the meeting actions ask for. */
export const meetingScopes = [
  'user:read:user', 'meeting:write:meeting', 'meeting:read:meeting', 'meeting:read:list_meetings', 'meeting:update:meeting',
  'meeting:delete:meeting', 'meeting:write:registrant', 'meeting:read:list_registrants', 'meeting:delete:registrant',
];

/** So much that no test waits for a slot. */
export const plentyOfRequests = {
  waiting_per_user: 1_000,
  overrides: { light: { per_second: 5_000 }, medium: { per_second: 5_000 }, heavy: { per_second: 5_000 } },
};

const chunkBytes = 65_536;
let accounts = 0;

/** @returns {object} a google.protobuf.Struct as the proto loader wants it */
export function toStruct(object) {
  const valueOf = (value) => {
    if (value === null) return { nullValue: 'NULL_VALUE' };
    if (typeof value === 'boolean') return { boolValue: value };
    if (typeof value === 'number') return { numberValue: value };
    if (typeof value === 'string') return { stringValue: value };
    if (Array.isArray(value)) return { listValue: { values: value.map(valueOf) } };
    return { structValue: toStruct(value) };
  };
  return { fields: Object.fromEntries(Object.entries(object).map(([name, value]) => [name, valueOf(value)])) };
}

/** @returns {object} what a google.protobuf.Struct holds */
export function fromStruct(struct) {
  const plain = ({ kind, ...value }) => {
    if (kind === 'listValue') return value.listValue.values.map(plain);
    if (kind === 'structValue') return fromStruct(value.structValue);
    return kind === 'nullValue' ? null : value[kind];
  };
  return Object.fromEntries(Object.entries(struct?.fields ?? {}).map(([name, value]) => [name, plain(value)]));
}

export class ZoomApiDriver extends VaultDriver {
  /** @returns {Promise<object>} a new person at Zoom, with an account of their own: nobody shares its limits */
  newZoomUser(overrides = {}) {
    accounts += 1;
    return super.newZoomUser({ account_id: `account-${process.pid}-${accounts}`, ...overrides });
  }

  #metadata(userId, { identity, assertion = {} }) {
    if (identity !== 'gateway' || assertion === null) return {};
    return inTheNameOf(this.stack, { audience: 'zoom-api', userId, ...assertion });
  }

  /**
   * A meeting action, as the gateway in a user's name unless told.
   * @param {string} method e.g. 'createMeeting'
   * @param {string} userId
   * @param {object} [request] without project and user
   * @param {{replica?: object, deadlineMs?: number, identity?: string, assertion?: object|null}} [options] `assertion`:
   *   other options of mintAssertion; null: none
   */
  act(method, userId, request = {}, { replica = this.stack.zoomApi[0], deadlineMs = 20_000, identity = 'gateway', assertion } = {}) {
    const metadata = this.#metadata(userId, { identity, assertion });
    return this.as(identity, replica)[method]({ projectId: this.stack.projectId, userId, ...request }, { metadata, deadlineMs });
  }

  /**
   * Opens a request to any path; the caller writes the chunks and reads the answer.
   * @returns {import('../../support-js/grpc.mjs').DuplexStream}
   */
  open(userId, head, { replica = this.stack.zoomApi[0], deadlineMs = 20_000, identity = 'gateway', assertion } = {}) {
    const metadata = this.#metadata(userId, { identity, assertion });
    const whole = { projectId: this.stack.projectId, userId, method: 'GET', ...head };
    return this.as(identity, replica).sendRequest({ head: whole }, { metadata, deadlineMs });
  }

  /**
   * A request to any path, and its whole answer.
   * @param {string} userId
   * @param {{method?: string, path: string, query?: string, body?: Buffer|string|object, contentType?: string, accept?:
   *   string, requestId?: string}} request an object is sent as JSON; an unsafe method gets a request id of its own
   * @returns {Promise<{status: number, contentType: string, contentLength: number, headers: Record<string, string>, body:
   *   Buffer, json: any}>} rejects with RpcError
   */
  async send(userId, { method = 'GET', path, query = '', body, contentType, accept = '', requestId }, options) {
    const isJson = body !== undefined && typeof body === 'object' && !Buffer.isBuffer(body);
    const bytes = Buffer.from(isJson ? JSON.stringify(body) : (body ?? ''));
    const id = requestId ?? (method === 'GET' || method === 'HEAD' ? '' : randomUUID());
    const type = contentType ?? (isJson ? 'application/json' : '');
    const stream = this.open(userId, { method, path, query, contentType: type, contentLength: bytes.length, accept, requestId: id }, options);
    const written = writeAll(stream, bytes);
    try {
      return await readAll(stream);
    } finally {
      stream.cancel();
      await written;
    }
  }

  /** Makes a user's access token stale at Zoom, while the vault takes it for good. */
  makeStale({ zoomUser }) {
    return this.simulator.expire({ user_id: zoomUser.id, kind: 'access_token' });
  }

  /** What Zoom saw of a user since a position in the ledger. */
  async seen(position, filter = {}) {
    return this.simulator.ledger({ type: 'request_seen', ...filter }, position);
  }
}

/** Writes a body in chunks and ends the writing. */
export async function writeAll(stream, bytes) {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    if (!(await stream.write({ chunk: bytes.subarray(at, at + chunkBytes) }))) return;
  }
  stream.end();
}

/** Reads an answer to its end. */
export async function readAll(stream) {
  const first = await stream.next();
  if (!first?.head) throw new Error(`the answer begins without a head: ${JSON.stringify(first)}`);
  const chunks = [];
  for (let part = await stream.next(); part !== null; part = await stream.next()) chunks.push(part.chunk);
  const { status, contentType, contentLength, headers } = first.head;
  const body = Buffer.concat(chunks);
  const named = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
  return {
    status, contentType, contentLength: Number(contentLength), headers: named, body,
    get json() { return JSON.parse(body.toString('utf8')); },
  };
}
