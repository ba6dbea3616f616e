// SPDX-License-Identifier: Apache-2.0
// A stand-in for AWS KMS: its JSON protocol over HTTP, with verified signatures, for Encrypt, Decrypt, GenerateDataKey
// and DescribeKey. Ciphertexts are AES-256-GCM under a key made for each run, with key id and encryption context as
// associated data. Keys can be disabled, and the next answers replaced by errors.
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { verifySigV4 } from './sigv4.mjs';

const bodySizeMax = 64 * 1024;

class Refusal extends Error {
  constructor(type, message = type, status = 400) {
    super(message);
    Object.assign(this, { type, status });
  }
}

/** Sorted, so that the order in which a client lists the context does not matter. */
const associatedData = (keyId, context) => Buffer.from(JSON.stringify([keyId, Object.entries(context ?? {}).sort()]));

function bytesOf(field, name, max) {
  if (typeof field !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(field)) throw new Refusal('ValidationException', `${name} is not base64`);
  const bytes = Buffer.from(field, 'base64');
  if (bytes.length > max) throw new Refusal('ValidationException', `${name} is too long`);
  return bytes;
}

export class KmsStandIn {
  #server = createServer((request, response) => this.#answer(request, response));
  #keys = new Map();
  #faults = [];
  /** What was asked, in order: {operation, keyId, context, error}. */
  calls = [];

  /**
   * @param {{region?: string, credentials?: Record<string, {secret: string, sessionToken?: string}>, now?: () => number}} [options]
   */
  constructor({ region = 'eu-central-1', credentials = { AKIDSTANDIN: { secret: 'stand-in secret' } }, now = Date.now } = {}) {
    Object.assign(this, { region, credentials, now });
  }

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get endpoint() { return `http://127.0.0.1:${this.#server.address().port}`; }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** @param {string} [alias] e.g. 'alias/shodan' @returns {string} the new key's ARN */
  createKey(alias) {
    const arn = `arn:aws:kms:${this.region}:111122223333:key/${randomUUID()}`;
    const key = { arn, material: randomBytes(32), enabled: true };
    for (const name of [arn, arn.split('/')[1], alias].filter(Boolean)) this.#keys.set(name, key);
    return arn;
  }

  setEnabled(keyId, enabled) { this.#key(keyId).enabled = enabled; }

  /** The next call is answered with this error. */
  failNext(type, status = 400) { this.#faults.push(new Refusal(type, 'as told', status)); }

  #key(keyId) {
    const key = this.#keys.get(keyId);
    if (!key) throw new Refusal('NotFoundException', 'no such key');
    return key;
  }

  #usable(keyId) {
    const key = this.#key(keyId);
    if (!key.enabled) throw new Refusal('DisabledException', 'the key is disabled');
    return key;
  }

  #seal(key, plaintext, context) {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key.material, nonce).setAAD(associatedData(key.arn, context));
    const arn = Buffer.from(key.arn);
    const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([Buffer.from([1, arn.length]), arn, nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  #open(blob, keyId, context) {
    const bytes = bytesOf(blob, 'CiphertextBlob', 6144);
    const end = 2 + bytes[1];
    const key = this.#usable(bytes.subarray(2, end).toString());
    if (keyId !== undefined && this.#key(keyId) !== key) throw new Refusal('IncorrectKeyException', 'another key');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key.material, bytes.subarray(end, end + 12)).setAAD(associatedData(key.arn, context));
      decipher.setAuthTag(bytes.subarray(end + 12, end + 28));
      return { key, plaintext: Buffer.concat([decipher.update(bytes.subarray(end + 28)), decipher.final()]) };
    } catch {
      throw new Refusal('InvalidCiphertextException');
    }
  }

  #operations = {
    Encrypt: ({ KeyId, Plaintext, EncryptionContext }) => {
      const key = this.#usable(KeyId);
      return { KeyId: key.arn, CiphertextBlob: this.#seal(key, bytesOf(Plaintext, 'Plaintext', 4096), EncryptionContext), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
    Decrypt: ({ KeyId, CiphertextBlob, EncryptionContext }) => {
      const { key, plaintext } = this.#open(CiphertextBlob, KeyId, EncryptionContext);
      return { KeyId: key.arn, Plaintext: plaintext.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
    GenerateDataKey: ({ KeyId, KeySpec, NumberOfBytes, EncryptionContext }) => {
      const size = KeySpec === undefined ? NumberOfBytes : { AES_256: 32, AES_128: 16 }[KeySpec];
      if (!Number.isInteger(size) || size < 1 || size > 1024) throw new Refusal('ValidationException', 'KeySpec or NumberOfBytes');
      const key = this.#usable(KeyId);
      const plaintext = randomBytes(size);
      return { KeyId: key.arn, Plaintext: plaintext.toString('base64'), CiphertextBlob: this.#seal(key, plaintext, EncryptionContext) };
    },
    DescribeKey: ({ KeyId }) => {
      const key = this.#key(KeyId);
      return { KeyMetadata: { KeyId: key.arn.split('/')[1], Arn: key.arn, Enabled: key.enabled, KeyState: key.enabled ? 'Enabled' : 'Disabled', KeyUsage: 'ENCRYPT_DECRYPT' } };
    },
  };

  #perform(request, body) {
    const operation = /^TrentService\.([A-Za-z]+)$/.exec(request.headers['x-amz-target'] ?? '')?.[1];
    const call = { operation, keyId: null, context: null, error: null };
    this.calls.push(call);
    try {
      const wrong = verifySigV4({ method: request.method, url: request.url, headers: request.headers, body },
        { region: this.region, service: 'kms', now: this.now(), credentials: this.credentials });
      if (wrong) throw new Refusal(wrong, wrong, wrong === 'IncompleteSignatureException' ? 400 : 403);
      if (this.#faults.length > 0) throw this.#faults.shift();
      if (request.method !== 'POST' || !this.#operations[operation]) throw new Refusal('UnknownOperationException');
      let parameters;
      try {
        parameters = JSON.parse(body.toString('utf8'));
      } catch {
        throw new Refusal('SerializationException');
      }
      Object.assign(call, { keyId: parameters.KeyId ?? null, context: parameters.EncryptionContext ?? null });
      return this.#operations[operation](parameters);
    } catch (error) {
      call.error = error.type ?? 'KMSInternalException';
      throw error;
    }
  }

  async #answer(request, response) {
    const chunks = [];
    let size = 0;
    for await (const chunk of request) {
      size += chunk.length;
      if (size <= bodySizeMax) chunks.push(chunk);
    }
    let status = 200;
    let answer;
    try {
      if (size > bodySizeMax) throw new Refusal('ValidationException', 'the request is too long', 413);
      answer = this.#perform(request, Buffer.concat(chunks));
    } catch (error) {
      status = error.status ?? 500;
      answer = { __type: error.type ?? 'KMSInternalException', message: error.message };
    }
    const text = JSON.stringify(answer);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID(), 'content-length': Buffer.byteLength(text) });
    response.end(text);
  }
}
