// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_grant_store.h"

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/token-vault/domain/names.h"
#include "services/token-vault/storage/row_mapping.h"
#include "services/token-vault/storage/state_change.h"
#include "services/token-vault/storage/tag_state.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

Params TokenParams(const TokenKey& token) {
  Params params;
  params.Text(token.link_id).Int(token.generation).Int(token.token_version);
  return params;
}

absl::StatusOr<bool> WroteBefore(Session& session, const TokenKey& token,
                                 const std::string& write_id) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      session.Execute("SELECT 1 FROM grants WHERE link_id = $1 AND last_write_id = $2",
                      Params().Text(token.link_id).Text(write_id)));
  return !result.empty();
}

}  // namespace

absl::StatusOr<std::optional<Grant>> PostgresGrantStore::Find(
    const std::string& project_id, const std::string& user_id,
    std::chrono::milliseconds refresh_margin, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(
          "SELECT link_id, project_id, user_id, zoom_app_id, generation, token_version, "
          "grants.state, cause, access_token, refresh_token, scope, access_expires_at, "
          // All rows of an account change to the next tag at the moment of the switch.
          "CASE WHEN v.state = 'former' THEN coalesce(account_tag_next, account_tag) ELSE "
          "account_tag END AS present_account_tag, "
          "coalesce(access_expires_at > now() + $3::interval AND suspect_since IS NULL, false) AS "
          "fresh, coalesce(access_expires_at > now(), false) AS usable, "
          "coalesce(lease_until > now(), false) AS leased, "
          "coalesce(next_attempt_at > now(), false) AS waiting "
          "FROM grants LEFT JOIN tag_versions v USING (tag_version) WHERE project_id = $1 AND "
          "user_id = $2",
          Params().Text(project_id).Text(user_id).Interval(refresh_margin), deadline));
  if (result.empty()) return std::nullopt;
  Grant grant = ReadGrant(result[0]);
  grant.account_tag = result[0].OptionalBytes("present_account_tag").value_or("");
  grant.fresh = result[0].Bool("fresh");
  grant.usable = result[0].Bool("usable");
  grant.leased = result[0].Bool("leased");
  grant.waiting = result[0].Bool("waiting");
  return grant;
}

absl::StatusOr<std::optional<ProfileRecord>> PostgresGrantStore::FindProfile(
    const std::string& project_id, const std::string& user_id, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT g.link_id, g.project_id, g.user_id, g.zoom_app_id, g.generation, "
                    "g.token_version, g.state, g.cause, NULL::bytea AS access_token, NULL::bytea "
                    "AS refresh_token, g.scope, g.access_expires_at, p.profile, p.link_data_key, "
                    "p.generation AS "
                    "profile_generation FROM grants g LEFT JOIN grant_profiles p USING (link_id) "
                    "WHERE g.project_id = $1 AND g.user_id = $2",
                    Params().Text(project_id).Text(user_id), deadline));
  if (result.empty()) return std::nullopt;
  return ProfileRecord{ReadGrant(result[0]), result[0].OptionalBytes("profile"),
                       result[0].OptionalBytes("link_data_key"),
                       result[0].OptionalInt("profile_generation").value_or(0)};
}

absl::StatusOr<std::optional<IdentifiedLink>> PostgresGrantStore::FindByIdentity(
    const std::string& zoom_app_id, const IdentityTags& tags, Deadline deadline) {
  // One statement, which sees the versions' states and the rows at the same moment: with a tag
  // under the current version every row is found, whether it has a next one or not.
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT v.tag_version, g.link_id, g.user_id, g.generation FROM tag_versions v "
                    "LEFT JOIN grants g ON g.zoom_app_id = $1 AND (g.identity_tag IN ($2, $3) OR "
                    "g.identity_key IN ($2, $3)) WHERE v.state = 'current'",
                    Params().Text(zoom_app_id).Bytes(tags.identity).Bytes(tags.identity_key()),
                    deadline));
  if (result.empty()) return StaleTags();
  const int64_t current = result[0].Int("tag_version");
  if (current != tags.version && current != tags.next_version.value_or(0)) return StaleTags();
  if (result[0].IsNull("link_id")) return std::nullopt;
  return IdentifiedLink{result[0].Text("link_id"), result[0].Text("user_id"),
                        result[0].Int("generation")};
}

absl::StatusOr<std::optional<RefreshIntent>> PostgresGrantStore::BeginRefresh(
    const TokenKey& token, const std::string& owner, std::chrono::milliseconds lease,
    Deadline deadline) {
  RefreshIntent intent;
  intent.intent_id = RandomUuid();
  // Lock, intent and proof that the store can be written, in one statement. An intent still in the
  // row is one whose end was never recorded; after an outage those who hold answers in memory get
  // the time to store them before the same token is used again.
  Params params = TokenParams(token);
  params.Text(owner).Interval(lease).Text(intent.intent_id).Bytes(RandomBytes(32));
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(
          "WITH old AS (SELECT link_id, intent_id, intent_secret, suspect_since, failure_count, "
          "project_id, user_id, zoom_app_id, identity_tag, identity_key, stored_at FROM grants "
          "WHERE link_id = $1 AND generation = $2 "
          "AND token_version = $3 AND state = 'active' AND (lease_until IS NULL OR lease_until < "
          "now()) AND (next_attempt_at IS NULL OR next_attempt_at <= now()) AND (intent_id IS NULL "
          "OR "
          "pg_postmaster_start_time() < now() - interval '4 seconds') FOR UPDATE) "
          "UPDATE grants SET lease_owner = $4, lease_until = now() + $5::interval, intent_id = $6, "
          "intent_token_version = $3, intent_at = now(), intent_secret = coalesce("
          "old.intent_secret, $7) FROM old WHERE grants.link_id = old.link_id RETURNING "
          "grants.intent_at AS begun_at, grants.intent_secret, old.intent_id IS NOT NULL AS "
          "unresolved, (extract(epoch FROM now() - old.stored_at) * 1000)::bigint AS age_ms, "
          "coalesce((extract(epoch FROM now() - old.suspect_since) * 1000)::bigint, 0) AS "
          "suspect_ms, old.failure_count > 0 AND old.suspect_since IS NOT NULL AS refused, "
          "EXISTS (SELECT 1 FROM attempts a WHERE a.project_id = old.project_id AND a.user_id = "
          "old.user_id AND ((a.state = 'pending' AND a.expires_at > now() AND a.state_hash IS NOT "
          "NULL) OR a.state IN ('exchanging', 'exchanged'))) OR EXISTS (SELECT 1 FROM "
          "pending_grants p WHERE p.zoom_app_id = old.zoom_app_id AND (p.identity_tag = "
          "old.identity_tag OR p.identity_key = old.identity_key)) AS authorizing",
          params, deadline));
  if (result.empty()) return std::nullopt;
  const Row row = result[0];
  intent.begun_at = row.Timestamp("begun_at");
  intent.secret = Secret::Take(row.Bytes("intent_secret"));
  intent.token_age = std::chrono::milliseconds(row.Int("age_ms"));
  intent.earlier_unresolved = row.Bool("unresolved");
  intent.suspect_for = std::chrono::milliseconds(row.Int("suspect_ms"));
  intent.refused_before = row.Bool("refused");
  intent.authorization_under_way = row.Bool("authorizing");
  return intent;
}

absl::StatusOr<StoreResult> PostgresGrantStore::StoreRefresh(const TokenKey& token,
                                                             const SealedTokens& tokens,
                                                             Time asked_at,
                                                             const std::string& write_id,
                                                             Deadline deadline) {
  StoreResult outcome = StoreResult::kStored;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    outcome = StoreResult::kStored;
    Params params = TokenParams(token);
    params.Bytes(tokens.sealed_access_token)
        .Bytes(tokens.sealed_refresh_token)
        .Int(tokens.key_epoch)
        .Text(tokens.scope)
        .Interval(tokens.expires_in)
        .TimeOrNull(asked_at)
        .Text(write_id);
    SHODAN_ASSIGN_OR_RETURN(
        const Result updated,
        session.Execute(
            "WITH old AS (SELECT link_id, state FROM grants WHERE link_id = $1 AND generation = $2 "
            "AND token_version = $3 AND state IN ('active', 'reconnect_required') AND identity_tag "
            "IS NOT NULL FOR UPDATE) UPDATE grants SET token_version = $3 + 1, access_token = $4, "
            "refresh_token = $5, key_epoch = $6, scope = CASE WHEN $7 = '' THEN scope ELSE $7 END, "
            "access_expires_at = $9::timestamptz + $8::interval, sent_at = $9::timestamptz, "
            "stored_at = now(), state = 'active', cause = '', "
            "lease_owner = NULL, lease_until = NULL, intent_id = NULL, intent_token_version = "
            "NULL, "
            "intent_at = NULL, intent_secret = NULL, last_write_id = $10, suspect_since = NULL, "
            "failure_count = 0, next_attempt_at = NULL, reconnect_required_at = NULL, updated_at = "
            "now() FROM old WHERE grants.link_id = old.link_id RETURNING old.state AS old_state, "
            "project_id, user_id, generation",
            params));
    if (!updated.empty()) {
      CrashPoint("vault.refresh.inside_transaction");
      if (updated[0].Text("old_state") == "active") return absl::OkStatus();
      return WriteStateChange(
          session,
          {token.link_id, updated[0].Text("project_id"), updated[0].Text("user_id"),
           token.generation, GrantState::kActive, GrantCause::kNone, "grant.recovered"},
          OwnActor());
    }
    SHODAN_ASSIGN_OR_RETURN(const bool before, WroteBefore(session, token, write_id));
    if (before) return absl::OkStatus();
    SHODAN_ASSIGN_OR_RETURN(
        const Result same_life,
        session.Execute("SELECT 1 FROM grants WHERE link_id = $1 AND generation = $2 AND state IN "
                        "('active', 'reconnect_required')",
                        Params().Text(token.link_id).Int(token.generation)));
    outcome = same_life.empty() ? StoreResult::kLifeEnded : StoreResult::kVersionChanged;
    return absl::OkStatus();
  }));
  return outcome;
}

absl::StatusOr<std::optional<Secret>> PostgresGrantStore::FindIntentSecret(const TokenKey& token,
                                                                           Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT intent_secret FROM grants WHERE link_id = $1 AND generation = $2 AND "
                    "token_version = $3 AND intent_secret IS NOT NULL",
                    TokenParams(token), deadline));
  if (result.empty()) return std::nullopt;
  return std::optional<Secret>(Secret::Take(result[0].Bytes("intent_secret")));
}

absl::Status PostgresGrantStore::EndRefresh(const TokenKey& token, const std::string& intent_id,
                                            const RefreshEnd& end, Deadline deadline) {
  Params params = TokenParams(token);
  params.Text(intent_id).Bool(end.resolved).Bool(end.refused).Interval(end.delay);
  return pool_
      .Execute(
          "UPDATE grants SET lease_owner = NULL, lease_until = NULL, intent_id = CASE WHEN $5 THEN "
          "NULL ELSE intent_id END, intent_secret = CASE WHEN $5 THEN NULL ELSE intent_secret END, "
          "failure_count = failure_count + 1, "
          "suspect_since = CASE WHEN $6 THEN coalesce(suspect_since, now()) ELSE suspect_since "
          "END, next_attempt_at = now() + $7::interval WHERE link_id = $1 AND generation = $2 AND "
          "token_version = $3 AND intent_id = $4",
          params, deadline)
      .status();
}

absl::StatusOr<bool> PostgresGrantStore::RequireReconnect(const TokenKey& token, GrantCause cause,
                                                          Deadline deadline) {
  bool changed = false;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    Params params = TokenParams(token);
    params.Text(NameOf(cause));
    // intent_secret stays: tokens that were issued and wait in a spool still repair the link.
    SHODAN_ASSIGN_OR_RETURN(
        const Result updated,
        session.Execute(
            "UPDATE grants SET state = 'reconnect_required', cause = $4, access_token = NULL, "
            "refresh_token = NULL, key_epoch = NULL, access_expires_at = NULL, lease_owner = NULL, "
            "lease_until = NULL, intent_id = NULL, intent_token_version = NULL, intent_at = NULL, "
            "suspect_since = NULL, next_attempt_at = NULL, "
            "reconnect_required_at = now(), updated_at = now() WHERE link_id = $1 AND generation = "
            "$2 AND token_version = $3 AND state = 'active' RETURNING project_id, user_id",
            params));
    changed = !updated.empty();
    if (!changed) return absl::OkStatus();
    return WriteStateChange(
        session,
        {token.link_id, updated[0].Text("project_id"), updated[0].Text("user_id"), token.generation,
         GrantState::kReconnectRequired, cause, "grant.reconnect_required"},
        OwnActor());
  }));
  return changed;
}

absl::StatusOr<std::vector<Grant>> PostgresGrantStore::ListDoubtful(int limit, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT link_id, project_id, user_id, zoom_app_id, generation, token_version, "
                    "state, cause, access_token, refresh_token, scope, access_expires_at FROM "
                    "grants WHERE state = 'active' AND (suspect_since IS NOT NULL OR intent_id IS "
                    "NOT NULL) AND (lease_until IS NULL OR lease_until < now()) AND "
                    "(next_attempt_at IS NULL OR next_attempt_at <= now()) LIMIT $1",
                    Params().Int(limit), deadline));
  std::vector<Grant> grants;
  for (int i = 0; i < result.size(); ++i) grants.push_back(ReadGrant(result[i]));
  return grants;
}

absl::StatusOr<std::vector<Grant>> PostgresGrantStore::ListIdle(std::chrono::milliseconds age,
                                                                int limit, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT link_id, project_id, user_id, zoom_app_id, generation, token_version, "
                    "state, cause, access_token, refresh_token, scope, access_expires_at FROM "
                    "grants WHERE state = 'active' AND stored_at < now() - $1::interval * 0.8 AND "
                    "stored_at < now() - $1::interval * (0.8 + 0.2 * abs(hashtext(link_id::text)) "
                    "/ 2147483648.0) AND (lease_until IS NULL OR lease_until < now()) AND "
                    "(next_attempt_at IS NULL OR next_attempt_at <= now()) ORDER BY stored_at "
                    "LIMIT $2",
                    Params().Interval(age).Int(limit), deadline));
  std::vector<Grant> grants;
  for (int i = 0; i < result.size(); ++i) grants.push_back(ReadGrant(result[i]));
  return grants;
}

absl::StatusOr<std::vector<GrantEvent>> PostgresGrantStore::ListEvents(int64_t after_event_id,
                                                                       int limit,
                                                                       Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT * FROM grant_events WHERE event_id > $1 ORDER BY event_id LIMIT $2",
                    Params().Int(after_event_id).Int(limit), deadline));
  std::vector<GrantEvent> events;
  for (int i = 0; i < result.size(); ++i) events.push_back(ReadEvent(result[i]));
  return events;
}

absl::Status PostgresGrantStore::WipeOldProfiles(std::chrono::milliseconds age, Deadline deadline) {
  return pool_
      .Execute(
          "WITH wiped AS (UPDATE grants SET identity_tag = NULL, account_tag = NULL, "
          "identity_tag_next = NULL, account_tag_next = NULL, tag_version = NULL, intent_secret = "
          "NULL WHERE state = "
          "'reconnect_required' AND identity_tag IS NOT NULL AND reconnect_required_at < "
          "now() - $1::interval RETURNING link_id) DELETE FROM grant_profiles USING wiped "
          "WHERE grant_profiles.link_id = wiped.link_id",
          Params().Interval(age), deadline)
      .status();
}

}  // namespace shodan::tokenvault
