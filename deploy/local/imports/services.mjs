// SPDX-License-Identifier: Apache-2.0
// The vault and account-link as an operator calls them, by what they say about themselves.
import { randomUUID } from 'node:crypto';
import { UserError } from '../errors.mjs';
import { callMethod } from '../rpc/call.mjs';
import { decodeMessage, encodeMessage } from '../rpc/json.mjs';
import { reflect } from '../rpc/schema.mjs';

/** A service and its methods. */
export class OperatorClient {
  #schema;

  /** @param {import('../rpc/call.mjs').Access} access with the operator's certificate */
  constructor(access) {
    this.access = access;
  }

  /**
   * Asks the service what it offers.
   * @param {string} name of a method that has to be there
   * @throws {UserError} when it cannot be reached or is another service
   */
  async prepare(name) {
    await this.#method(name);
  }

  async #method(name) {
    this.#schema ??= await reflect(this.access);
    const method = [...this.#schema.methods.values()].find((one) => one.name === name);
    if (!method) throw new UserError(`${this.access.title ?? this.access.target} has no method ${name}.`, 'Is it another service, or an older one?');
    return method;
  }

  /**
   * @param {string} name of a method
   * @param {object} request as proto3 JSON
   * @param {number} [deadlineMs]
   * @returns {Promise<object>} the answer as JSON
   * @throws {import('../rpc/call.mjs').CallRefused} with the service's own words
   */
  async call(name, request, deadlineMs = 10_000) {
    const method = await this.#method(name);
    const [answer] = await callMethod(this.access, method.path, [encodeMessage(this.#schema, method.input, request)],
      { deadlineMs, metadata: { 'x-request-id': randomUUID() } });
    return decodeMessage(this.#schema, method.output, answer);
  }
}
