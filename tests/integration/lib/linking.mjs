// SPDX-License-Identifier: Apache-2.0
// Connecting and disconnecting through account-link, as the gateway does it.
import { randomUUID } from 'node:crypto';
import { inTheNameOf } from '../../support-js/assertions.mjs';
import { hasFollowedVault, literal } from './databases.mjs';
import { VaultDriver } from './vault.mjs';

const projectId = 'demo';

export class LinkDriver extends VaultDriver {
  /** Calls account-link as the gateway in a user's name. */
  call(method, userId, request = {}, { replica = this.stack.accountLink[0], deadlineMs = 30_000, ...assertion } = {}) {
    const metadata = inTheNameOf(this.stack, { audience: 'account-link', userId, ...assertion });
    return this.as('gateway', replica)[method]({ projectId, userId, ...request }, { metadata, deadlineMs });
  }

  /** @returns {Promise<object>} the link after the decision */
  async complete(userId, attemptId, options) {
    return (await this.call('completeLink', userId, { attemptId }, options)).link;
  }

  async link(userId, options) {
    return (await this.call('getLink', userId, {}, options)).link;
  }

  disconnect(userId, { requestId = randomUUID(), ...options } = {}) {
    return this.call('disconnect', userId, { requestId }, options);
  }

  /** The whole way: authorize, exchange, decide. @returns {Promise<object>} the link */
  async connectThrough(userId, zoomUser, { purpose, ...options } = {}) {
    const { attemptId } = await this.pend(userId, zoomUser, { purpose });
    return this.complete(userId, attemptId, options);
  }

  /** @returns {Promise<{userId: string, zoomUser: object, link: object}>} a connected user */
  async newPerson() {
    const userId = this.newUser();
    const zoomUser = await this.newZoomUser();
    return { userId, zoomUser, link: await this.connectThrough(userId, zoomUser) };
  }

  /** @returns {Promise<boolean>} whether nothing of these users still waits for account-link or the vault */
  async isSettled(...userIds) {
    const users = userIds.map(literal).join(', ');
    const [vault] = await this.stack.postgres.query('token_vault', `SELECT
      (SELECT count(*) FROM pending_grants WHERE user_id IN (${users})) + (SELECT count(*) FROM revocations WHERE user_id IN (${users}) AND wiped_at IS NULL) AS open`);
    const [links] = await this.stack.postgres.query('account_link',
      `SELECT count(*) AS open FROM link_decisions WHERE user_id IN (${users}) AND done_at IS NULL`);
    return Number(vault.open) === 0 && Number(links.open) === 0 && hasFollowedVault(this.stack);
  }
}
