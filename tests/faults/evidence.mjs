// SPDX-License-Identifier: Apache-2.0
// Collects the checker's inputs from a stack that has come to rest.
import { literal } from '../integration/lib/databases.mjs';

const ledgerTypes = ['answered', 'fault_applied', 'tokens_issued', 'grant_ended', 'revocation', 'code_exchange', 'refresh', 'rate_limited'];
const tokenFields = ['refresh_token', 'access_token', 'presented_refresh_token', 'presented_token', 'presented_code', 'presented_code_verifier'];

/** The users of a run are those whose ids begin with its prefix. */
export const ownRows = (prefix) => `user_id LIKE ${literal(`${prefix.replaceAll('_', '\\_')}-%`)}`;

/** What is still under way in the vault and between it and account-link; all zero when a run has come to rest. */
export async function openWork(stack, prefix) {
  const own = ownRows(prefix);
  const [vault] = await stack.postgres.query('token_vault', `SELECT
    (SELECT count(*) FROM grants WHERE ${own} AND state = 'active' AND (intent_id IS NOT NULL OR suspect_since IS NOT NULL)) AS doubtful,
    (SELECT count(*) FROM pending_grants WHERE ${own}) AS pending,
    (SELECT count(*) FROM attempts WHERE ${own} AND state = 'exchanging') AS exchanging,
    (SELECT count(*) FROM revocations WHERE ${own} AND wiped_at IS NULL) AS revocations,
    (SELECT coalesce(max(event_id), 0) FROM grant_events) AS last_event`);
  const [links] = await stack.postgres.query('account_link', `SELECT
    (SELECT count(*) FROM link_decisions WHERE ${own} AND done_at IS NULL) AS decisions,
    (SELECT count(*) FROM links WHERE ${own} AND state = 'disconnecting') AS disconnecting,
    (SELECT event_id FROM vault_cursor) AS followed`);
  return {
    doubtful: Number(vault.doubtful), pending: Number(vault.pending), exchanging: Number(vault.exchanging), revocations: Number(vault.revocations), decisions: Number(links.decisions),
    disconnecting: Number(links.disconnecting), unread_events: Number(vault.last_event) - Number(links.followed),
  };
}

/** The ledger without the tokens themselves: their SHA-256 are all that is compared. */
async function ledgerOf(simulator) {
  const entries = await simulator.ledger({ type: ledgerTypes });
  for (const entry of entries) for (const field of tokenFields) delete entry[field];
  return entries;
}

async function liveTokens(simulator) {
  const grants = await simulator.grants({ state: 'alive' });
  return grants.flatMap(({ grant_id: grantId, live_refresh_token_ids: refresh, live_access_token_ids: access }) => [
    ...refresh.map(() => ({ grantId, kind: 'refresh_token' })), ...access.map(() => ({ grantId, kind: 'access_token' })),
  ]);
}

/**
 * @param {object} stack see startStack
 * @param {{prefix: string, mode: string, leaseMs: number, people: object[], history: import('./history.mjs').History}} run
 * @returns {Promise<import('./checker.mjs').Evidence>}
 */
export async function collectEvidence(stack, { prefix, mode, leaseMs, people, history }) {
  const own = ownRows(prefix);
  const vault = (select) => stack.postgres.query('token_vault', select);
  const grants = await vault(`SELECT user_id, link_id, generation, token_version, state, cause,
      coalesce(length(access_token), 0) + coalesce(length(refresh_token), 0) AS secret_bytes, identity_tag IS NOT NULL AS identified,
      account_tag IS NOT NULL AS account_known, intent_id IS NOT NULL AS intent, suspect_since IS NOT NULL AS suspect,
      EXISTS (SELECT 1 FROM grant_profiles p WHERE p.link_id = grants.link_id) AS has_profile FROM grants WHERE ${own}`);
  return {
    mode, leaseMs, people, grants,
    calls: history.calls,
    faults: history.faults,
    ledger: await ledgerOf(stack.simulator),
    live: await liveTokens(stack.simulator),
    links: await stack.postgres.query('account_link', `SELECT user_id, link_id, generation, state, cause FROM links WHERE ${own}`),
    events: await vault(`SELECT event_id, link_id, generation, state, cause, created_at FROM grant_events WHERE ${own} ORDER BY event_id`),
    audit: await vault(`SELECT user_id, action, details FROM audit WHERE ${own}`),
    pending: await vault(`SELECT user_id, attempt_id FROM pending_grants WHERE ${own}`),
    revocations: await vault(`SELECT user_id, wiped_at, coalesce(length(access_token), 0) + coalesce(length(refresh_token), 0) AS secret_bytes
      FROM revocations WHERE ${own}`),
  };
}
