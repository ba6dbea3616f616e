// SPDX-License-Identifier: Apache-2.0
// The services' databases as their superuser sees them: what they hold, and rows made older.
import { run } from '../../../deploy/local/processes.mjs';

/** A line of pg_dump that differs between two dumps of the same rows. */
const incidental = /^(--|\\(un)?restrict |SELECT pg_catalog\.setval)/;

/** Written in the background: seals of the audit trail, how far each chain is sealed, which keys each replica holds. */
const background = ['audit_seals', 'audit_sealed_chains', 'audit_chains', 'key_replicas', 'ledger_writers'].map((table) => `--exclude-table=${table}`);

/**
 * Every row of a database as pg_dump writes it.
 * @param {object} stack see startStack
 * @param {string} database e.g. 'token_vault'
 * @returns {Promise<string>}
 */
export async function dumpOf({ postgres }, database) {
  const result = await run('pg_dump', ['--data-only', ...background, '-h', postgres.host, '-p', String(postgres.port), '-U', postgres.user, '-d', database],
    { environment: { PGPASSFILE: postgres.passFile } });
  if (result.status !== 0) throw new Error(`pg_dump failed: ${result.stderr}`);
  return result.stdout.split('\n').filter((line) => !incidental.test(line)).join('\n');
}

/** @returns {string} a SQL literal */
export const literal = (text) => `'${String(text).replaceAll('\'', '\'\'')}'`;

/** The grant's row of a user, its ciphertext as lengths. @returns {Promise<object|undefined>} */
export async function grantRow(stack, userId) {
  const [row] = await stack.postgres.query('token_vault', `
    SELECT link_id, generation, token_version, state, cause, scope, identity_tag IS NOT NULL AS identified,
      account_tag IS NOT NULL AS account_known, coalesce(length(access_token), 0) AS access_bytes,
      coalesce(length(refresh_token), 0) AS refresh_bytes, intent_id IS NOT NULL AS intent, suspect_since, access_expires_at,
      EXISTS (SELECT 1 FROM grant_profiles p WHERE p.link_id = grants.link_id) AS has_profile
    FROM grants WHERE user_id = ${literal(userId)}`);
  return row;
}

/** Makes a user's access token end so many seconds from now (negative: ago). */
export const setAccessExpiry = (stack, userId, seconds) => stack.postgres.execute('token_vault',
  `UPDATE grants SET access_expires_at = now() + interval '${seconds} seconds' WHERE user_id = ${literal(userId)}`);

/** Ends the pause that a failed refresh put before the next one, and the lease of a replica that died. */
export const endRefreshPause = (stack, userId) => stack.postgres.execute('token_vault',
  `UPDATE grants SET next_attempt_at = now() - interval '1 second', lease_until = now() - interval '1 second' WHERE user_id = ${literal(userId)}`);

/** Makes the times of a user's rows `seconds` older; `columns` name a table's. */
export const age = (stack, userId, table, columns, seconds) => stack.postgres.execute('token_vault',
  `UPDATE ${table} SET ${columns.map((column) => `${column} = ${column} - interval '${seconds} seconds'`).join(', ')} WHERE user_id = ${literal(userId)}`);

/** @returns {Promise<boolean>} whether account-link has followed every event of the vault */
export async function hasFollowedVault({ postgres }) {
  const [{ followed }] = await postgres.query('account_link', 'SELECT event_id AS followed FROM vault_cursor');
  const [{ last }] = await postgres.query('token_vault', 'SELECT coalesce(max(event_id), 0) AS last FROM grant_events');
  return Number(followed) === Number(last);
}
