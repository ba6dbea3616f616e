// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_pending_grant_store.h"

#include "libs/base/status.h"
#include "services/token-vault/domain/names.h"
#include "services/token-vault/storage/row_mapping.h"
#include "services/token-vault/storage/state_change.h"
#include "services/token-vault/storage/tag_state.h"
#include "services/token-vault/storage/user_lock.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

std::vector<PendingGrant> ReadAll(const Result& result) {
  std::vector<PendingGrant> grants;
  for (int i = 0; i < result.size(); ++i) grants.push_back(ReadPendingGrant(result[i]));
  return grants;
}

// The time of the insert is stored_at; the attempt leaves exchanging in the same transaction, so a
// user who disconnected meanwhile gets no pending grant.
absl::StatusOr<bool> MarkExchanged(Session& session, const std::string& attempt_id) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result marked,
      session.Execute("UPDATE attempts SET state = 'exchanged' WHERE attempt_id = $1 AND "
                      "state = 'exchanging'",
                      Params().Text(attempt_id)));
  return marked.affected_rows() == 1;
}

absl::StatusOr<bool> AlreadyStored(Session& session, const std::string& attempt_id) {
  SHODAN_ASSIGN_OR_RETURN(const Result found,
                          session.Execute("SELECT state FROM attempts WHERE attempt_id = $1 AND "
                                          "state IN ('exchanged', 'activated')",
                                          Params().Text(attempt_id)));
  return !found.empty();
}

absl::StatusOr<bool> DiscardedBefore(Session& session, const std::string& decision_id,
                                     const std::string& attempt_id) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute("SELECT 1 FROM decisions WHERE decision_id = $1 AND attempt_id = $2",
                      Params().Text(decision_id).Text(attempt_id)));
  return !found.empty();
}

}  // namespace

absl::StatusOr<bool> PostgresPendingGrantStore::Insert(const PendingGrant& grant,
                                                       const SealedTokens& tokens,
                                                       const Actor& actor, Deadline deadline) {
  bool stored = false;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockUserOfAttempt(session, grant.attempt_id));
    SHODAN_ASSIGN_OR_RETURN(stored, MarkExchanged(session, grant.attempt_id));
    if (!stored) {
      SHODAN_ASSIGN_OR_RETURN(stored, AlreadyStored(session, grant.attempt_id));
      return absl::OkStatus();
    }
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("INSERT INTO pending_grants (attempt_id, project_id, user_id, zoom_app_id, "
                     "token_version, access_token, refresh_token, key_epoch, scope, "
                     "access_expires_at, sent_at, stored_at) VALUES ($1, $2, $3, $4, $5, $6, $7, "
                     "$8, $9, $11::timestamptz + $10::interval, $11, now())",
                     Params()
                         .Text(grant.attempt_id)
                         .Text(grant.project_id)
                         .Text(grant.user_id)
                         .Text(grant.zoom_app_id)
                         .Int(grant.token_version)
                         .Bytes(tokens.sealed_access_token)
                         .Bytes(tokens.sealed_refresh_token)
                         .Int(tokens.key_epoch)
                         .Text(tokens.scope)
                         .Interval(tokens.expires_in)
                         .TimeOrNull(grant.live.sent_at))
            .status());
    StateChange change;
    change.project_id = grant.project_id;
    change.user_id = grant.user_id;
    change.action = "authorization.exchanged";
    return WriteAudit(session, change, actor);
  }));
  return stored;
}

absl::Status PostgresPendingGrantStore::SetIdentity(const std::string& attempt_id,
                                                    const std::string& sealed_profile,
                                                    const IdentityTags& tags, int32_t key_epoch,
                                                    Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(const IdentityTags present, PresentTags(session, tags));
    return session
        .Execute(
            "UPDATE pending_grants SET profile = $2, identity_tag = $3, account_tag = $4, "
            "identity_tag_next = $5, account_tag_next = $6, tag_version = $7, key_epoch = "
            "least(key_epoch, $8) WHERE attempt_id = $1",
            Params()
                .Text(attempt_id)
                .Bytes(sealed_profile)
                .Bytes(present.identity)
                .Bytes(present.account)
                .BytesOrNull(present.identity_next)
                .BytesOrNull(present.account_next)
                .Int(present.version)
                .Int(key_epoch))
        .status();
  });
}

absl::StatusOr<std::optional<PendingGrant>> PostgresPendingGrantStore::Find(
    const std::string& attempt_id, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const Result result,
                          pool_.Execute("SELECT * FROM pending_grants WHERE attempt_id = $1",
                                        Params().Text(attempt_id), deadline));
  if (result.empty()) return std::nullopt;
  return ReadPendingGrant(result[0]);
}

absl::StatusOr<IdentityStanding> PostgresPendingGrantStore::Standing(const PendingGrant& grant,
                                                                     Deadline deadline) {
  IdentityStanding standing;
  if (!grant.tags.has_value()) return standing;
  // Rows with rows: the tags that were read before may have been replaced since.
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(
          "SELECT (SELECT link_id FROM grants g WHERE g.zoom_app_id = p.zoom_app_id AND "
          "(g.identity_tag = p.identity_tag OR g.identity_key = p.identity_key)) AS existing, "
          "own.identity_tag IS NOT NULL AS known, coalesce(own.identity_tag = p.identity_tag OR "
          "own.identity_key = p.identity_key, false) AS same FROM pending_grants p LEFT JOIN "
          "grants own ON own.project_id = p.project_id AND own.user_id = p.user_id AND "
          "own.zoom_app_id = p.zoom_app_id WHERE p.attempt_id = $1",
          Params().Text(grant.attempt_id), deadline));
  if (result.empty()) return standing;
  standing.existing_link_id = result[0].TextOrEmpty("existing");
  standing.match = !result[0].Bool("known") ? IdentityMatch::kNoLinkIdentity
                   : result[0].Bool("same") ? IdentityMatch::kSame
                                            : IdentityMatch::kDifferent;
  return standing;
}

absl::StatusOr<std::vector<PendingGrant>> PostgresPendingGrantStore::List(
    std::chrono::milliseconds min_age, const std::string& after_attempt_id, int limit,
    Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(
          "SELECT * FROM pending_grants WHERE stored_at <= now() - $1::interval AND "
          "($2::uuid IS NULL OR (stored_at, attempt_id) > (SELECT stored_at, attempt_id FROM "
          "pending_grants WHERE attempt_id = $2)) ORDER BY stored_at, attempt_id LIMIT $3",
          Params().Interval(min_age).TextOrNullIfEmpty(after_attempt_id).Int(limit), deadline));
  return ReadAll(result);
}

absl::StatusOr<std::vector<PendingGrant>> PostgresPendingGrantStore::TakeUnidentified(
    int limit, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("UPDATE pending_grants SET identify_failures = identify_failures + 1, "
                    "next_identify_at = now() + least(60, 2 ^ least(identify_failures, 6)) * "
                    "interval '1 second' WHERE attempt_id IN (SELECT attempt_id FROM "
                    "pending_grants WHERE identity_tag IS NULL AND next_identify_at <= now() AND "
                    "stored_at < now() - interval '5 seconds' ORDER BY next_identify_at LIMIT $1 "
                    "FOR UPDATE SKIP LOCKED) RETURNING *",
                    Params().Int(limit), deadline));
  return ReadAll(result);
}

absl::Status PostgresPendingGrantStore::DropUnidentified(std::chrono::milliseconds limit,
                                                         Deadline deadline) {
  return pool_
      .Execute(
          "WITH dropped AS (DELETE FROM pending_grants WHERE identity_tag IS NULL AND "
          "stored_at < now() - $1::interval RETURNING attempt_id) UPDATE attempts SET "
          "state = 'ended', result = 'system_error', ended_at = now() FROM dropped WHERE "
          "attempts.attempt_id = dropped.attempt_id",
          Params().Interval(limit), deadline)
      .status();
}

absl::StatusOr<std::optional<Time>> PostgresPendingGrantStore::LeaseForProof(
    const std::string& attempt_id, std::chrono::milliseconds lease, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("UPDATE pending_grants SET lease_until = now() + $2::interval WHERE "
                    "attempt_id = $1 AND (lease_until IS NULL OR lease_until < now()) RETURNING "
                    "now() AS begun_at",
                    Params().Text(attempt_id).Interval(lease), deadline));
  if (result.empty()) return std::nullopt;
  return result[0].Timestamp("begun_at");
}

absl::StatusOr<bool> PostgresPendingGrantStore::StoreProof(const std::string& attempt_id,
                                                           int64_t token_version,
                                                           const SealedTokens& tokens,
                                                           Time asked_at, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(
          "UPDATE pending_grants SET token_version = $2 + 1, access_token = $3, "
          "refresh_token = $4, key_epoch = least(key_epoch, $5), access_expires_at = "
          "$8::timestamptz + $6::interval, scope = CASE WHEN $7 = '' THEN scope ELSE $7 END, "
          "proved_at = $8, sent_at = $8, stored_at = now(), lease_until = NULL "
          "WHERE attempt_id = $1 AND token_version = $2",
          Params()
              .Text(attempt_id)
              .Int(token_version)
              .Bytes(tokens.sealed_access_token)
              .Bytes(tokens.sealed_refresh_token)
              .Int(tokens.key_epoch)
              .Interval(tokens.expires_in)
              .Text(tokens.scope)
              .TimeOrNull(asked_at),
          deadline));
  return result.affected_rows() == 1;
}

absl::Status PostgresPendingGrantStore::ReleaseProof(const std::string& attempt_id,
                                                     Deadline deadline) {
  return pool_
      .Execute("UPDATE pending_grants SET lease_until = NULL WHERE attempt_id = $1",
               Params().Text(attempt_id), deadline)
      .status();
}

absl::StatusOr<bool> PostgresPendingGrantStore::Discard(const std::string& attempt_id,
                                                        const std::string& decision_id,
                                                        AttemptResult result, const Actor& actor,
                                                        Deadline deadline) {
  bool known = true;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockTagState(session));
    SHODAN_RETURN_IF_ERROR(LockUserOfAttempt(session, attempt_id));
    SHODAN_ASSIGN_OR_RETURN(
        const Result deleted,
        session.Execute("DELETE FROM pending_grants WHERE attempt_id = $1 RETURNING project_id, "
                        "user_id, zoom_app_id, identity_tag, identity_key",
                        Params().Text(attempt_id)));
    if (deleted.empty()) {
      SHODAN_ASSIGN_OR_RETURN(known, DiscardedBefore(session, decision_id, attempt_id));
      return absl::OkStatus();
    }
    known = true;
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("UPDATE attempts SET state = 'ended', result = $2, ended_at = now() WHERE "
                     "attempt_id = $1 AND state = 'exchanged'",
                     Params().Text(attempt_id).Text(NameOf(result)))
            .status());
    // Zoom keeps one grant per user and app: the discarded one may have killed the live one.
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("UPDATE grants SET suspect_since = coalesce(suspect_since, now()), "
                     "next_attempt_at = NULL WHERE zoom_app_id = $1 AND (identity_tag = $2 OR "
                     "identity_key = $3) AND state = 'active'",
                     Params()
                         .Text(deleted[0].Text("zoom_app_id"))
                         .BytesOrNull(deleted[0].OptionalBytes("identity_tag"))
                         .BytesOrNull(deleted[0].OptionalBytes("identity_key")))
            .status());
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("INSERT INTO decisions (decision_id, attempt_id) VALUES ($1, $2)",
                     Params().Text(decision_id).Text(attempt_id))
            .status());
    StateChange change;
    change.project_id = deleted[0].Text("project_id");
    change.user_id = deleted[0].Text("user_id");
    change.action = "authorization.discarded";
    return WriteAudit(session, change, actor);
  }));
  return known;
}

}  // namespace shodan::tokenvault
