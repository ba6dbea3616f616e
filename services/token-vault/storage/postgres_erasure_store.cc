// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_erasure_store.h"

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/token-vault/domain/errors.h"
#include "services/token-vault/domain/names.h"
#include "services/token-vault/storage/postgres_key_schedule.h"
#include "services/token-vault/storage/state_change.h"
#include "services/token-vault/storage/tag_state.h"
#include "services/token-vault/storage/user_lock.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

// Another grant or pending grant of the same Zoom user would die with the revoked one: revoking can
// uninstall the app for that user.
constexpr char kNoOtherGrant[] =
    "r.identity_tag IS NOT NULL AND NOT EXISTS (SELECT 1 FROM grants o WHERE o.zoom_app_id = "
    "r.zoom_app_id AND (o.identity_tag = r.identity_tag OR o.identity_key = r.identity_key)) AND "
    "NOT EXISTS (SELECT 1 FROM pending_grants o WHERE o.zoom_app_id = r.zoom_app_id AND "
    "(o.identity_tag = r.identity_tag OR o.identity_key = r.identity_key))";

// One statement: every part sees the same state, and nothing is usable in between.
constexpr char kBeginSql[] =
    "WITH old AS (SELECT * FROM grants WHERE link_id = $1 AND project_id = $2 AND user_id = $3 AND "
    "generation = $4 FOR UPDATE), "
    "ended AS (UPDATE grants SET state = 'disconnecting', cause = $6, generation = "
    "grants.generation + 1, access_token = NULL, refresh_token = NULL, key_epoch = NULL, scope = "
    "'', access_expires_at = NULL, identity_tag = NULL, account_tag = NULL, identity_tag_next = "
    "NULL, account_tag_next = NULL, tag_version = NULL, sent_at = NULL, stored_at = NULL, "
    "lease_owner = NULL, lease_until = NULL, intent_id = NULL, intent_token_version = NULL, "
    "intent_at = NULL, intent_secret = NULL, suspect_since = NULL, next_attempt_at = NULL, "
    "reconnect_required_at = NULL, erasure_decision_id = $5, updated_at = now() FROM old WHERE "
    "grants.link_id = old.link_id RETURNING grants.link_id, grants.generation), "
    "forgotten AS (DELETE FROM grant_profiles USING old WHERE grant_profiles.link_id = "
    "old.link_id), "
    "attempts_ended AS (UPDATE attempts SET state = 'ended', result = 'superseded', ended_at = "
    "now(), ticket_hash = NULL, code_verifier = NULL FROM old WHERE attempts.project_id = $2 AND "
    "attempts.user_id = $3 AND attempts.state IN ('pending', 'exchanging', 'exchanged')), "
    "discarded AS (DELETE FROM pending_grants USING old WHERE pending_grants.project_id = $2 AND "
    "pending_grants.user_id = $3 RETURNING pending_grants.*), "
    "outgoing AS (SELECT zoom_app_id, identity_tag, identity_tag_next, identity_key, tag_version, "
    "access_token, refresh_token, access_expires_at FROM old WHERE refresh_token IS NOT NULL UNION "
    "ALL SELECT zoom_app_id, identity_tag, identity_tag_next, identity_key, tag_version, "
    "access_token, refresh_token, access_expires_at FROM discarded), "
    "queued AS (INSERT INTO revocations (link_id, generation, project_id, user_id, zoom_app_id, "
    "identity_tag, identity_tag_next, tag_version, access_token, refresh_token, access_expires_at, "
    "permitted, deadline_at) SELECT $1, $4 + 1, $2, $3, r.zoom_app_id, r.identity_tag, "
    "r.identity_tag_next, r.tag_version, r.access_token, r.refresh_token, r.access_expires_at, "
    "r.identity_tag IS NOT NULL AND NOT EXISTS (SELECT 1 FROM grants o WHERE o.zoom_app_id = "
    "r.zoom_app_id AND (o.identity_tag = r.identity_tag OR o.identity_key = r.identity_key) AND "
    "o.link_id <> $1) AND NOT EXISTS (SELECT 1 FROM pending_grants o WHERE o.zoom_app_id = "
    "r.zoom_app_id AND (o.identity_tag = r.identity_tag OR o.identity_key = r.identity_key) AND "
    "NOT (o.project_id = $2 AND o.user_id = $3)), now() + $7::interval FROM outgoing r RETURNING "
    "revocation_id), "
    "noted AS (INSERT INTO erasure_ledger (link_id, generation, project_id, user_id, decision_id, "
    "cause) SELECT link_id, generation, $2, $3, $5, $6 FROM ended) "
    "SELECT generation, (SELECT count(*) FROM queued) AS queued FROM ended";

absl::StatusOr<std::optional<ErasureProgress>> FindProgress(Session& session,
                                                            const std::string& decision_id) {
  SHODAN_ASSIGN_OR_RETURN(const Result result,
                          session.Execute("SELECT * FROM erasure_ledger WHERE decision_id = $1",
                                          Params().Text(decision_id)));
  if (result.empty()) return std::nullopt;
  const Row row = result[0];
  return ErasureProgress{row.Text("link_id"),
                         row.Int("generation"),
                         row.Timestamp("started_at"),
                         row.IsNull("filed_at") ? std::nullopt : row.OptionalTimestamp("wiped_at"),
                         row.Bool("revoked_at_zoom"),
                         row.OptionalTimestamp("backups_unreadable_at")};
}

absl::Status WhyNot(Session& session, const ErasureRequest& request) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute(
          "SELECT 1 FROM grants WHERE link_id = $1 AND project_id = $2 AND user_id = "
          "$3",
          Params().Text(request.link_id).Text(request.project_id).Text(request.user_id)));
  if (found.empty()) return NotFound(kGrantNotFound, "The link has no grant.");
  return Aborted(kGenerationMismatch, "The link changed; read it and decide again.");
}

// Whose late tokens are. A tag from before the last rotation is not worth waiting for: the eraser
// asks Zoom instead.
absl::StatusOr<std::optional<IdentityTags>> KnownTags(Session& session, const LateTokens& late) {
  if (!late.tags.has_value()) return std::optional<IdentityTags>();
  absl::StatusOr<IdentityTags> present = PresentTags(session, *late.tags);
  if (HasReason(present.status(), kTagVersionStale)) return std::optional<IdentityTags>();
  SHODAN_RETURN_IF_ERROR(present.status());
  return std::optional<IdentityTags>(*std::move(present));
}

// Notes that an erasure is wiped when none of its revocations is open any more. It is over once it
// is filed.
absl::Status NoteWiped(Session& session, const KeySchedule& schedule, const std::string& link_id,
                       int64_t generation) {
  // Two last revocations that end at the same time must not each take the other for open.
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("SELECT 1 FROM erasure_ledger WHERE link_id = $1 AND generation = $2 FOR UPDATE",
                   Params().Text(link_id).Int(generation))
          .status());
  // Everything that was wiped is sealed under the present primary epoch or an older one.
  SHODAN_ASSIGN_OR_RETURN(const KeyScheduleState keys, ReadKeySchedule(session, schedule));
  return session
      .Execute(
          "UPDATE erasure_ledger l SET wiped_at = now(), backups_unreadable_at = $3::timestamptz, "
          "revoked_at_zoom = EXISTS (SELECT 1 FROM "
          "revocations r WHERE r.link_id = $1 AND r.generation = $2) AND NOT EXISTS (SELECT 1 FROM "
          "revocations r WHERE r.link_id = $1 AND r.generation = $2 AND r.confirmed_at IS NULL) "
          "WHERE l.link_id = $1 AND l.generation = $2 AND l.wiped_at IS NULL AND NOT EXISTS "
          "(SELECT 1 FROM revocations r WHERE r.link_id = $1 AND r.generation = $2 AND r.wiped_at "
          "IS NULL)",
          Params().Text(link_id).Int(generation).TimeOrNull(keys.unreadable_at))
      .status();
}

}  // namespace

absl::StatusOr<ErasureProgress> PostgresErasureStore::Begin(
    const ErasureRequest& request, std::chrono::milliseconds revocation_deadline,
    const Actor& actor, Deadline deadline) {
  ErasureProgress progress;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockTagState(session));
    // Before anything is read: a parallel call with the same decision has committed when the lock
    // is ours.
    SHODAN_RETURN_IF_ERROR(LockUser(session, request.project_id, request.user_id));
    SHODAN_ASSIGN_OR_RETURN(const std::optional<ErasureProgress> known,
                            FindProgress(session, request.decision_id));
    if (known.has_value()) {
      progress = *known;
      return absl::OkStatus();
    }
    SHODAN_ASSIGN_OR_RETURN(const Result begun,
                            session.Execute(kBeginSql, Params()
                                                           .Text(request.link_id)
                                                           .Text(request.project_id)
                                                           .Text(request.user_id)
                                                           .Int(request.expected_generation)
                                                           .Text(request.decision_id)
                                                           .Text(NameOf(request.cause))
                                                           .Interval(revocation_deadline)));
    if (begun.empty()) return WhyNot(session, request);
    const int64_t generation = begun[0].Int("generation");
    SHODAN_RETURN_IF_ERROR(
        WriteStateChange(session,
                         {request.link_id, request.project_id, request.user_id, generation,
                          GrantState::kDisconnecting, request.cause, "grant.erasure_started"},
                         actor));
    if (begun[0].Int("queued") == 0) {
      SHODAN_RETURN_IF_ERROR(NoteWiped(session, schedule_, request.link_id, generation));
    }
    SHODAN_ASSIGN_OR_RETURN(const std::optional<ErasureProgress> now,
                            FindProgress(session, request.decision_id));
    progress = *now;
    CrashPoint("vault.erase.inside_transaction");
    return absl::OkStatus();
  }));
  return progress;
}

absl::StatusOr<std::vector<Revocation>> PostgresErasureStore::Lease(
    const std::string& link_id, std::chrono::milliseconds min_age, std::chrono::milliseconds lease,
    int limit, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(
          "UPDATE revocations r SET lease_until = now() + $3::interval, attempts = r.attempts + 1 "
          "WHERE r.revocation_id IN (SELECT revocation_id FROM revocations WHERE wiped_at IS NULL "
          "AND ($1::uuid IS NULL OR link_id = $1) AND (link_id IS NULL OR created_at <= now() - "
          "$2::interval) AND "
          "(lease_until IS NULL OR lease_until < now()) ORDER BY deadline_at > now(), attempts, "
          "created_at LIMIT $4 FOR UPDATE SKIP LOCKED) RETURNING r.*, coalesce(r.access_expires_at "
          "> now(), false) AS access_usable, r.deadline_at <= now() AS overdue",
          Params().TextOrNullIfEmpty(link_id).Interval(min_age).Interval(lease).Int(limit),
          deadline));
  std::vector<Revocation> revocations;
  for (int i = 0; i < result.size(); ++i) {
    const Row row = result[i];
    revocations.push_back({row.Text("revocation_id"), row.Text("project_id"), row.Text("user_id"),
                           row.Text("zoom_app_id"), row.OptionalBytes("access_token"),
                           row.OptionalBytes("refresh_token"), !row.IsNull("identity_tag"),
                           row.Bool("access_usable"), row.Bool("overdue")});
  }
  return revocations;
}

absl::StatusOr<bool> PostgresErasureStore::Permit(const std::string& revocation_id,
                                                  Deadline deadline) {
  static const std::string sql = Join(
      "UPDATE revocations r SET permitted = checked.free, sent_at = CASE WHEN checked.free THEN "
      "now() ELSE r.sent_at END FROM (SELECT revocation_id, ",
      kNoOtherGrant,
      " AS free FROM revocations r WHERE revocation_id = $1 AND wiped_at IS NULL) checked "
      "WHERE r.revocation_id = checked.revocation_id RETURNING r.permitted");
  SHODAN_ASSIGN_OR_RETURN(const Result result,
                          pool_.Execute(sql, Params().Text(revocation_id), deadline));
  return !result.empty() && result[0].Bool("permitted");
}

absl::Status PostgresErasureStore::Identify(const std::string& revocation_id,
                                            const IdentityTags& tags, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(const IdentityTags present, PresentTags(session, tags));
    return session
        .Execute(
            "UPDATE revocations SET identity_tag = $2, identity_tag_next = $3, tag_version = $4 "
            "WHERE revocation_id = $1 AND identity_tag IS NULL AND wiped_at IS NULL",
            Params()
                .Text(revocation_id)
                .Bytes(present.identity)
                .BytesOrNull(present.identity_next)
                .Int(present.version))
        .status();
  });
}

absl::Status PostgresErasureStore::QueueLate(const LateTokens& late, const SealedTokens& tokens,
                                             std::chrono::milliseconds revocation_deadline,
                                             Deadline deadline) {
  // A refresh that outlived its link is revoked only when an erasure ended the link: the revocation
  // of that erasure knows whose the tokens are.
  static constexpr char kSql[] =
      "INSERT INTO revocations (revocation_id, project_id, user_id, zoom_app_id, identity_tag, "
      "identity_tag_next, tag_version, access_token, refresh_token, access_expires_at, permitted, "
      "deadline_at) SELECT $1, $2, $3, $4, tag, tag_next, tag_version, $5, $6, now() + "
      "$7::interval, tag IS NOT NULL, now() + $8::interval FROM (SELECT $9::bytea AS tag, "
      "$10::bytea AS tag_next, $11::integer AS tag_version WHERE $12::uuid IS NULL UNION ALL "
      "(SELECT identity_tag, identity_tag_next, tag_version FROM revocations WHERE link_id = "
      "$12::uuid AND generation = $13 + 1 ORDER BY created_at LIMIT 1)) tags ON CONFLICT DO "
      "NOTHING";
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockTagState(session));
    SHODAN_ASSIGN_OR_RETURN(const std::optional<IdentityTags> known, KnownTags(session, late));
    Params params;
    params.Text(late.revocation_id)
        .Text(late.project_id)
        .Text(late.user_id)
        .Text(late.zoom_app_id)
        .Bytes(tokens.sealed_access_token)
        .Bytes(tokens.sealed_refresh_token)
        .Interval(tokens.expires_in)
        .Interval(revocation_deadline);
    if (known.has_value()) {
      params.Bytes(known->identity).BytesOrNull(known->identity_next).Int(known->version);
    } else {
      params.Null().Null().Null();
    }
    params.TextOrNullIfEmpty(late.link_id).Int(late.generation);
    return session.Execute(kSql, params).status();
  });
}

absl::Status PostgresErasureStore::ReplaceTokens(const std::string& revocation_id,
                                                 const SealedTokens& tokens, Deadline deadline) {
  return pool_
      .Execute(
          "UPDATE revocations SET access_token = $2, refresh_token = $3, access_expires_at = "
          "now() + $4::interval WHERE revocation_id = $1 AND wiped_at IS NULL",
          Params()
              .Text(revocation_id)
              .Bytes(tokens.sealed_access_token)
              .Bytes(tokens.sealed_refresh_token)
              .Interval(tokens.expires_in),
          deadline)
      .status();
}

absl::Status PostgresErasureStore::Postpone(const std::string& revocation_id,
                                            std::chrono::milliseconds delay, Deadline deadline) {
  return pool_
      .Execute("UPDATE revocations SET lease_until = now() + $2::interval WHERE revocation_id = $1",
               Params().Text(revocation_id).Interval(delay), deadline)
      .status();
}

absl::Status PostgresErasureStore::Wipe(const std::string& revocation_id, bool confirmed,
                                        Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(
        const Result wiped,
        session.Execute("UPDATE revocations SET access_token = NULL, refresh_token = NULL, "
                        "wiped_at = now(), confirmed_at = CASE WHEN $2 THEN now() END, lease_until "
                        "= NULL WHERE revocation_id = $1 AND wiped_at IS NULL RETURNING link_id, "
                        "generation",
                        Params().Text(revocation_id).Bool(confirmed)));
    CrashPoint("vault.erase.inside_wipe");
    if (wiped.empty() || wiped[0].IsNull("link_id")) return absl::OkStatus();
    return NoteWiped(session, schedule_, wiped[0].Text("link_id"), wiped[0].Int("generation"));
  });
}

absl::StatusOr<ErasureProgress> PostgresErasureStore::Progress(const std::string& decision_id,
                                                               Deadline deadline) {
  std::optional<ErasureProgress> progress;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(progress, FindProgress(session, decision_id));
    return absl::OkStatus();
  }));
  if (!progress.has_value()) return NotFound(kGrantNotFound, "There is no such erasure.");
  return *progress;
}

absl::Status PostgresErasureStore::Sweep(std::chrono::milliseconds retention, Deadline deadline) {
  SHODAN_RETURN_IF_ERROR(
      pool_
          .Execute("DELETE FROM revocations WHERE wiped_at < now() - $1::interval",
                   Params().Interval(retention), deadline)
          .status());
  return pool_
      .Execute("DELETE FROM decisions WHERE decided_at < now() - $1::interval",
               Params().Interval(retention), deadline)
      .status();
}

}  // namespace shodan::tokenvault
