// SPDX-License-Identifier: Apache-2.0
// The simulator's parts put together, and the actions that concern several of them.
import { Apps } from './apps.mjs';
import { Barriers, Faults } from './faults.mjs';
import { Grants } from './grants.mjs';
import { Ledger } from './ledger.mjs';
import { Meetings } from './meetings.mjs';
import { RateLimits } from './rate-limits.mjs';
import { Sessions } from './sessions.mjs';
import { StateFile } from './state.mjs';
import { Users } from './users.mjs';
import { Webhooks } from './webhooks.mjs';

export class Simulator {
  /** @param config as readConfig() returns it. @throws {Error} when the state file is unreadable */
  constructor(config) {
    this.config = config;
    this.controlToken = config.control_token ?? null;
    this.url = config.public_url ?? null;
    this.switches = { ...config.switches };
    this.ledger = new Ledger();
    this.apps = new Apps(config.apps);
    this.users = new Users(config.users);
    this.state = new StateFile(config.state_file ?? null, () => ({
      ledger_last: this.ledger.last,
      users: this.users.snapshot(),
      grants: this.grants.snapshot(),
      meetings: this.meetings.snapshot(),
    }));
    this.grants = this.#newGrants();
    this.meetings = new Meetings({ changed: () => this.state.changed() });
    this.sessions = new Sessions({ users: this.users, secureCookie: Boolean(config.tls) });
    this.faults = new Faults(this);
    this.barriers = new Barriers();
    this.limits = new RateLimits(this);
    this.webhooks = new Webhooks(this);
    this.state.load((stored) => {
      this.users.restore(stored.users);
      this.grants.restore(stored.grants);
      this.meetings.restore(stored.meetings ?? []);
      this.ledger.continueAfter(stored.ledger_last);
    });
  }

  #newGrants() {
    return new Grants({ ...this, changed: () => this.state.changed() });
  }

  /** Changes a user. A new password ends the sign-in sessions, not the grants. @throws {InvalidInput} */
  changeUser(user, changes) {
    const before = { password: user.password, status: user.status };
    this.users.change(user, changes);
    const passwordChanged = user.password !== before.password;
    if (passwordChanged || user.status !== 'active') this.sessions.endAllOf(user);
    this.ledger.append('user_changed', {
      user_id: user.id,
      account_id: user.account_id,
      changed: Object.keys(changes),
      status: user.status,
      password_changed: passwordChanged,
    });
    this.state.changed();
    return user;
  }

  /** Deletes a user with all grants. */
  deleteUser(user) {
    for (const app of this.apps.list()) this.grants.endAll(app.client_id, user.id, 'user_deleted');
    this.sessions.endAllOf(user);
    this.users.remove(user);
    this.ledger.append('user_changed', {
      user_id: user.id,
      account_id: user.account_id,
      changed: [],
      status: 'deleted',
    });
    this.state.changed();
  }

  /** The user removes the app: grants and codes die, app_deauthorized is sent or lost. @returns ids of the ended grants */
  removeApp(app, user, { webhookLost = false } = {}) {
    const ended = this.grants.endAll(app.client_id, user.id, 'app_removed').map(({ id }) => id);
    this.ledger.append('app_removed', {
      client_id: app.client_id,
      user_id: user.id,
      account_id: user.account_id,
      ended_grant_ids: ended,
    });
    if (!webhookLost) this.webhooks.sendDeauthorized(app, { user_id: user.id, account_id: user.account_id });
    return ended;
  }

  /** Back to the configuration; numbering of the ledger goes on. */
  reset() {
    this.barriers.releaseAll();
    this.faults.remove();
    this.webhooks.cancel();
    this.limits.reset();
    this.meetings.clear();
    this.sessions.clear();
    this.ledger.clear();
    for (const name of Object.keys(this.switches)) this.switches[name] = this.config.switches[name];
    for (const user of this.users.list()) this.users.remove(user);
    for (const definition of new Users(this.config.users).list()) {
      const { created_at: _, ...rest } = definition;
      this.users.add(rest);
    }
    for (const app of this.apps.list()) this.apps.remove(app.client_id);
    for (const definition of this.config.apps) this.apps.add(definition);
    this.grants = this.#newGrants();
    this.state.changed();
  }

  /** Lets go of everything that waits. */
  release() {
    this.barriers.releaseAll();
    this.ledger.abandonWaits();
    this.webhooks.cancel();
  }
}
