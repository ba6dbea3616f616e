// SPDX-License-Identifier: Apache-2.0
// gRPC clients over mutual TLS, built from the repository's proto files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import { root } from '../../deploy/local/layout.mjs';

const protoDirectory = join(root, 'proto');

/** The services by the name of the process that answers: the file of each and the full name. */
const services = {
  'token-vault': { file: 'shodan/tokenvault/v1/token_vault_service.proto', name: 'shodan.tokenvault.v1.TokenVaultService' },
  'call-link': { file: 'shodan/calllink/v1/call_link_service.proto', name: 'shodan.calllink.v1.CallLinkService' },
  'account-link': { file: 'shodan/accountlink/v1/account_link_service.proto', name: 'shodan.accountlink.v1.AccountLinkService' },
  automation: { file: 'shodan/automation/v1/automation_service.proto', name: 'shodan.automation.v1.AutomationService' },
  'zoom-api': { file: 'shodan/zoomapi/v1/zoom_api_service.proto', name: 'shodan.zoomapi.v1.ZoomApiService' },
};

const loaderOptions = { includeDirs: [protoDirectory], longs: String, enums: String, bytes: Buffer, defaults: true, oneofs: true };
const definitions = new Map();

function definitionOf(service) {
  const { file, name } = services[service];
  if (!definitions.has(service)) {
    const loaded = grpc.loadPackageDefinition(protoLoader.loadSync(file, loaderOptions));
    definitions.set(service, name.split('.').reduce((scope, part) => scope[part], loaded));
  }
  return definitions.get(service);
}

/** @returns {object[]} every method: {service, name, path, requestStream, responseStream} */
export function methodsOf(service) {
  return Object.values(definitionOf(service).service).map(({ path, originalName, requestStream, responseStream }) => ({
    service, name: path.split('/')[2], call: originalName, path, requestStream, responseStream,
  }));
}

/** An answer that is not OK, with what its google.rpc details say. */
export class RpcError extends Error {
  /** `reason` and `info` are those of ErrorInfo, `fields` the names of BadRequest, `retryAfterMs` that of RetryInfo. */
  constructor(method, cause) {
    const { reason, info, fields, retryAfterMs } = detailsOf(cause);
    super(`${method}: ${grpc.status[cause.code] ?? cause.code}${reason ? ` ${reason}` : ''}: ${cause.details}`);
    Object.assign(this, {
      code: grpc.status[cause.code] ?? String(cause.code), reason, info, fields, retryAfterMs, details: cause.details, metadata: cause.metadata,
    });
  }
}

const errorTypes = protoLoader.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto'], { ...loaderOptions, keepCase: true });

/** What "grpc-status-details-bin" holds. */
function detailsOf(error) {
  const result = { reason: null, info: {}, fields: [], retryAfterMs: null };
  const binary = error.metadata?.get('grpc-status-details-bin')[0];
  if (!binary) return result;
  for (const { type_url: type, value } of errorTypes['google.rpc.Status'].deserialize(binary).details) {
    const detail = errorTypes[type.slice(type.indexOf('/') + 1)]?.deserialize(value);
    if (type.endsWith('.ErrorInfo')) Object.assign(result, { reason: detail.reason, info: detail.metadata });
    if (type.endsWith('.BadRequest')) result.fields = detail.field_violations.map(({ field }) => field);
    if (type.endsWith('.RetryInfo')) result.retryAfterMs = Number(detail.retry_delay.seconds) * 1000 + detail.retry_delay.nanos / 1e6;
  }
  return result;
}

/** The messages of a server's stream, read one by one; what is not read is left to the flow control. */
export class MessageStream {
  #method;
  #call;
  #messages;
  #ended = null;

  constructor(method, call) {
    this.#method = method;
    this.#call = call;
    // A stream that fails while nobody reads must not end the test run.
    call.on('error', (error) => { this.#ended ??= error; });
    this.#messages = call[Symbol.asyncIterator]();
  }

  /** @returns {Promise<object|null>} the next message; null when the stream ended with OK; rejects with RpcError */
  async next() {
    try {
      const { value, done } = await this.#messages.next();
      if (!done) return value;
    } catch (error) {
      throw new RpcError(this.#method, this.#ended ?? error);
    }
    if (this.#ended) throw new RpcError(this.#method, this.#ended);
    return null;
  }

  /** @returns {Promise<object|null>} the first message; then the stream is cancelled */
  first() {
    return this.next().finally(() => this.cancel());
  }

  cancel() {
    this.#call.cancel();
  }
}

/** A call with messages in both directions; nothing is written faster than the peer takes it. */
export class DuplexStream extends MessageStream {
  #call;
  #over;

  constructor(method, call) {
    super(method, call);
    this.#call = call;
    this.#over = new Promise((resolve) => { call.once('status', () => resolve(false)); });
  }

  /** @returns {Promise<boolean>} when the peer takes more; false when the call has ended */
  write(message) {
    const written = new Promise((resolve) => { this.#call.write(message, (error) => resolve(!error)); });
    return Promise.race([written, this.#over]);
  }

  /** Says that nothing more is written. */
  end() {
    this.#call.end();
  }
}

/**
 * A client with an identity's certificate. Each method takes a request and options and answers a promise:
 * `await vault.getProfile({linkId})`. Names are those of the proto in lowerCamelCase.
 *
 * @param {string} service 'token-vault', 'call-link', 'account-link', 'zoom-api' or 'automation'
 * @param {string} target e.g. `stack.tokenVault[0].target`
 * @param {{ca: string, certificate?: {certificateFile: string, privateKeyFile: string}|null}} tls without a certificate,
 *   the client presents none
 * @returns {Record<string, (request: object, options?: {deadlineMs?: number|null, metadata?: Record<string,string>}) =>
 *   Promise<object>> & {close: () => void}} rejects with RpcError; `deadlineMs` null sends no deadline. A method whose
 *   answer is a stream returns a MessageStream instead and sends no deadline unless told; one with streams in both
 *   directions a DuplexStream, to which the request was written as the first message.
 */
export function grpcClient(service, target, { ca, certificate = null }) {
  const credentials = grpc.credentials.createSsl(Buffer.from(ca),
    certificate && readFileSync(certificate.privateKeyFile), certificate && readFileSync(certificate.certificateFile));
  const Client = definitionOf(service);
  const client = new Client(target, credentials, { 'grpc.enable_retries': 0 });
  const call = (method) => (request, { deadlineMs = 10_000, metadata = {} } = {}) => new Promise((resolve, reject) => {
    const headers = new grpc.Metadata();
    for (const [key, value] of Object.entries(metadata)) headers.set(key, value);
    const options = deadlineMs === null ? {} : { deadline: Date.now() + deadlineMs };
    client[method.call](request, headers, options, (error, response) => (error ? reject(new RpcError(method.name, error)) : resolve(response)));
  });
  const open = (method) => (request, { deadlineMs = null, metadata = {} } = {}) => {
    const headers = new grpc.Metadata();
    for (const [key, value] of Object.entries(metadata)) headers.set(key, value);
    const options = deadlineMs === null ? {} : { deadline: Date.now() + deadlineMs };
    return new MessageStream(method.name, client[method.call](request, headers, options));
  };
  const openBoth = (method) => (request, { deadlineMs = null, metadata = {} } = {}) => {
    const headers = new grpc.Metadata();
    for (const [key, value] of Object.entries(metadata)) headers.set(key, value);
    const options = deadlineMs === null ? {} : { deadline: Date.now() + deadlineMs };
    const opened = client[method.call](headers, options);
    opened.write(request);
    return new DuplexStream(method.name, opened);
  };
  const methods = methodsOf(service).filter(({ requestStream, responseStream }) => !requestStream || responseStream);
  const callOf = (method) => (method.requestStream ? openBoth(method) : method.responseStream ? open(method) : call(method));
  return { ...Object.fromEntries(methods.map((method) => [method.call, callOf(method)])), close: () => client.close() };
}

/**
 * A client of a stack's replica in an identity's name.
 * @param {object} stack see startStack
 * @param {{ports: object, target: string, service: string}} replica e.g. `stack.tokenVault[0]`
 * @param {string|null} identity e.g. 'gateway'; null: no client certificate
 */
export function clientOf(stack, replica, identity) {
  return grpcClient(replica.service, replica.target, { ca: stack.ca, certificate: identity && stack.certificateOf(identity) });
}
