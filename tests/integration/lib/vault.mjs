// SPDX-License-Identifier: Apache-2.0
// The vault as its callers use it: gateway, account-link and zoom-api, each with its own certificate.
import { randomUUID } from 'node:crypto';
import { inTheNameOf } from '../../support-js/assertions.mjs';
import { clientOf } from '../../support-js/grpc.mjs';
import { authorizeHeadlessly } from '../../support-js/stack.mjs';

const projectId = 'demo';
let people = 0;

export class VaultDriver {
  #clients = new Map();

  /** @param {object} stack see startStack; at least one token-vault and a simulator */
  constructor(stack) {
    this.stack = stack;
    this.simulator = stack.simulator;
  }

  /** A client in an identity's name; a new one after the replica was restarted. */
  as(identity, replica = this.stack.tokenVault[0]) {
    const key = `${identity} ${replica.name}`;
    const known = this.#clients.get(key);
    if (known?.pid === replica.pid) return known.client;
    known?.client.close();
    const client = clientOf(this.stack, replica, identity);
    this.#clients.set(key, { pid: replica.pid, client });
    return client;
  }

  close() {
    for (const { client } of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  /** @returns {string} a Shodan Pro user nobody has used yet */
  newUser() {
    people += 1;
    return `seller-${people}`;
  }

  /** @returns {Promise<object>} a new person at Zoom */
  newZoomUser(overrides = {}) {
    people += 1;
    return this.simulator.addUser({ first_name: 'Canary', last_name: `No${people}`, email: `canary-${people}@zoom.example`, ...overrides });
  }

  startAuthorization(userId, { purpose = 'CONNECT', displayName = '' } = {}) {
    return this.as('gateway').startAuthorization({ projectId, userId, userDisplayName: displayName, purpose: `AUTHORIZATION_PURPOSE_${purpose}` });
  }

  redeem(ticket, userId) {
    return this.as('gateway').redeemTicket({ ticket, ...(userId ? { sessionProjectId: projectId, sessionUserId: userId } : {}) });
  }

  /**
   * Goes to Zoom and comes back: everything up to the callback.
   * @param {string} userId
   * @param {object} zoomUser
   * @param {{purpose?: string, allow?: boolean, pages?: boolean}} [options] `pages`: through Zoom's pages
   * @returns {Promise<{attemptId: string, state: string, cookieValue: string, code: string, error: string}>}
   */
  async authorize(userId, zoomUser, { purpose, allow = true, pages = false } = {}) {
    const { attempt, ticket } = await this.startAuthorization(userId, { purpose });
    const { redirect } = await this.redeem(ticket, userId);
    const location = pages
      ? await authorizeHeadlessly(redirect.authorizationUrl, zoomUser, { allow })
      : await this.simulator.authorizeDirectly(redirect.authorizationUrl, zoomUser.id, { allow });
    const answer = new URL(location).searchParams;
    return {
      attemptId: attempt.attemptId, state: answer.get('state'), cookieValue: redirect.cookieValue,
      code: answer.get('code') ?? '', error: answer.get('error') ?? '',
    };
  }

  exchange({ state, cookieValue, code, error }, options) {
    return this.as('gateway').exchangeCode({ state, cookieValue, code, error }, { deadlineMs: 30_000, ...options });
  }

  activate({ attemptId, linkId, userId, expectedGeneration = 0, decisionId = randomUUID() }, options) {
    return this.as('account-link').activateGrant({ attemptId, linkId, projectId, userId, expectedGeneration, decisionId }, { deadlineMs: 30_000, ...options });
  }

  /** A pending grant: the code is exchanged, nothing decided. */
  async pend(userId, zoomUser, options) {
    const answer = await this.authorize(userId, zoomUser, options);
    const exchanged = await this.exchange(answer);
    return { ...answer, exchanged };
  }

  /** @returns {Promise<{userId: string, zoomUser: object, linkId: string, generation: number}>} a connected user */
  async connect({ userId = this.newUser(), zoomUser, linkId = randomUUID(), expectedGeneration = 0, purpose } = {}) {
    const person = zoomUser ?? (await this.newZoomUser());
    const { attemptId } = await this.pend(userId, person, { purpose });
    const { generation } = await this.activate({ attemptId, linkId, userId, expectedGeneration });
    return { userId, zoomUser: person, linkId, generation: Number(generation) };
  }

  accessToken(userId, { rejectedTokenVersion = 0, replica, deadlineMs = 30_000 } = {}) {
    return this.as('zoom-api', replica).getAccessToken({ projectId, userId, rejectedTokenVersion }, { deadlineMs });
  }

  profile(userId) {
    return this.as('gateway').getProfile({ projectId, userId }, { metadata: inTheNameOf(this.stack, { audience: 'token-vault', userId }) });
  }

  erase({ linkId, userId, generation, decisionId = randomUUID(), cause = 'GRANT_CAUSE_DISCONNECTED' }, options) {
    return this.as('account-link').eraseGrant({ linkId, projectId, userId, expectedGeneration: generation, decisionId, cause }, { deadlineMs: 30_000, ...options });
  }

  /** @returns {Promise<object[]>} the events of a link, in the order of the feed */
  async events(linkId) {
    const found = [];
    for (let afterEventId = 0; ;) {
      const { events } = await this.as('account-link').listGrantEvents({ afterEventId, pageSize: 1000 });
      if (events.length === 0) return found;
      found.push(...events.filter((event) => event.linkId === linkId));
      afterEventId = events.at(-1).eventId;
    }
  }

  /** Asks Zoom who a token belongs to. @returns {Promise<{status: number, id?: string}>} */
  async whoIs({ accessToken, apiBaseUrl }) {
    const response = await fetch(`${apiBaseUrl}/users/me`, { headers: { authorization: `Bearer ${accessToken}` } });
    const body = await response.json();
    return { status: response.status, id: body.id };
  }

  /** Whether both tokens of a connection work: the access token now, and the refresh token for another one. */
  async isHealthy({ userId, zoomUser }) {
    const first = await this.accessToken(userId);
    const second = await this.accessToken(userId, { rejectedTokenVersion: first.tokenVersion });
    const answer = await this.whoIs(second);
    return Number(second.tokenVersion) > Number(first.tokenVersion) && answer.status === 200 && answer.id === zoomUser.id;
  }
}

/** The ledger's view of harm: revocations that ended a grant other than the one whose token was presented. */
export const revocationsThatHarmed = async (simulator, after = 0) =>
  (await simulator.ledger({ type: 'revocation' }, after)).filter(({ other_grants_ended: others }) => others > 0);
