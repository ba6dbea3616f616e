// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_activation_store.h"

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "services/token-vault/domain/errors.h"
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

absl::StatusOr<std::optional<Activation>> RecordedAnswer(Session& session,
                                                         const std::string& decision_id) {
  SHODAN_ASSIGN_OR_RETURN(const Result result,
                          session.Execute("SELECT * FROM decisions WHERE decision_id = $1",
                                          Params().Text(decision_id)));
  if (result.empty()) return std::nullopt;
  const Row row = result[0];
  if (row.IsNull("generation")) {
    return FailedPrecondition(kPendingGrantDead, "The pending grant was found dead and dropped.");
  }
  Activation activation;
  activation.generation = row.Int("generation");
  if (!row.IsNull("superseded_link_id")) {
    activation.superseded =
        SupersededLink{row.Text("superseded_link_id"), row.Text("superseded_project_id"),
                       row.Text("superseded_user_id"), row.Int("superseded_generation")};
  }
  return activation;
}

absl::Status LockTag(Session& session, const std::string& zoom_app_id, const std::string& tag) {
  return session
      .Execute("SELECT pg_advisory_xact_lock(hashtextextended($1 || encode($2, 'hex'), 0))",
               Params().Text(zoom_app_id).Bytes(tag))
      .status();
}

// Everyone who decides about one Zoom user queues here first; row locks alone would let two links
// wait for each other. During a rotation two candidates have one of the two tags in common; the
// older one is locked first by all.
absl::Status LockIdentity(Session& session, const PendingGrant& pending) {
  SHODAN_RETURN_IF_ERROR(LockTag(session, pending.zoom_app_id, pending.tags->identity));
  if (!pending.tags->identity_next.has_value()) return absl::OkStatus();
  return LockTag(session, pending.zoom_app_id, *pending.tags->identity_next);
}

absl::Status ReadOwn(Session& session, const ActivationRequest& request, ActivationFacts& facts) {
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("INSERT INTO grants (link_id, project_id, user_id, zoom_app_id, generation, "
                   "token_version, state) VALUES ($1, $2, $3, $4, 0, 0, 'none') "
                   "ON CONFLICT DO NOTHING",
                   Params()
                       .Text(request.link_id)
                       .Text(request.project_id)
                       .Text(request.user_id)
                       .Text(facts.pending->zoom_app_id))
          .status());
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      session.Execute(
          "SELECT g.*, p.link_data_key, p.generation AS profile_generation FROM grants "
          "g LEFT JOIN grant_profiles p USING (link_id) WHERE g.link_id = $1 AND "
          "g.project_id = $2 AND g.user_id = $3 FOR UPDATE OF g",
          Params().Text(request.link_id).Text(request.project_id).Text(request.user_id)));
  if (result.empty()) {
    return FailedPrecondition("LINK_MISMATCH", "The user's grant belongs to another link.");
  }
  const Row row = result[0];
  facts.own = ReadGrant(row);
  facts.own_identity = ReadTags(row);
  facts.own_live = ReadLive(row);
  facts.own_sealed_link_data_key = row.OptionalBytes("link_data_key");
  facts.own_profile_generation = row.OptionalInt("profile_generation").value_or(0);
  return absl::OkStatus();
}

absl::Status ReadOthers(Session& session, const ActivationRequest& request,
                        ActivationFacts& facts) {
  const PendingGrant& pending = *facts.pending;
  Params params;
  params.Text(pending.zoom_app_id)
      .Bytes(pending.tags->identity)
      .Bytes(pending.tags->identity_key());
  SHODAN_ASSIGN_OR_RETURN(
      const Result other,
      session.Execute("SELECT * FROM grants WHERE zoom_app_id = $1 AND (identity_tag = $2 OR "
                      "identity_key = $3) AND link_id <> $4 FOR UPDATE",
                      Params(params).Text(request.link_id)));
  if (!other.empty()) {
    facts.other = ReadGrant(other[0]);
    // A link that waits for a reconnect holds no live tokens: nothing to compare with.
    if (facts.other->state == GrantState::kActive) facts.other_live = ReadLive(other[0]);
  }
  SHODAN_ASSIGN_OR_RETURN(
      const Result revocation,
      session.Execute("SELECT max(wiped_at) AS ended_at, coalesce(bool_or(wiped_at IS NULL), "
                      "false) AS under_way FROM revocations WHERE zoom_app_id = $1 AND "
                      "(identity_tag = $2 OR identity_key = $3) AND sent_at IS NOT NULL",
                      params));
  facts.revocation_ended_at = revocation[0].OptionalTimestamp("ended_at");
  facts.revocation_under_way = revocation[0].Bool("under_way");
  return absl::OkStatus();
}

absl::StatusOr<ActivationFacts> ReadFacts(Session& session, const ActivationRequest& request) {
  ActivationFacts facts;
  SHODAN_ASSIGN_OR_RETURN(
      const Result pending,
      session.Execute("SELECT p.*, coalesce(p.lease_until > now(), false) AS being_proved, "
                      "a.purpose = 'import' AS imported FROM pending_grants p JOIN attempts a "
                      "USING (attempt_id) WHERE attempt_id = $1 "
                      "AND a.state = 'exchanged' FOR UPDATE OF p",
                      Params().Text(request.attempt_id)));
  if (pending.empty()) return facts;
  facts.pending = ReadPendingGrant(pending[0]);
  facts.pending->being_proved = pending[0].Bool("being_proved");
  facts.may_take_over = !pending[0].Bool("imported");
  if (!facts.pending->tags.has_value()) return facts;
  SHODAN_RETURN_IF_ERROR(LockIdentity(session, *facts.pending));
  SHODAN_RETURN_IF_ERROR(ReadOwn(session, request, facts));
  SHODAN_RETURN_IF_ERROR(ReadOthers(session, request, facts));
  return facts;
}

absl::Status EndOther(Session& session, const Grant& other) {
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("UPDATE grants SET state = 'none', cause = 'taken_over', generation = "
                   "generation + 1, access_token = NULL, refresh_token = NULL, key_epoch = NULL, "
                   "scope = '', access_expires_at = NULL, identity_tag = NULL, account_tag = NULL, "
                   "identity_tag_next = NULL, account_tag_next = NULL, tag_version = NULL, "
                   "sent_at = NULL, stored_at = NULL, lease_owner = NULL, lease_until = NULL, "
                   "intent_id = NULL, intent_token_version = NULL, intent_at = NULL, "
                   "intent_secret = NULL, suspect_since = NULL, next_attempt_at = NULL, "
                   "reconnect_required_at = NULL, updated_at = now() WHERE link_id = $1",
                   Params().Text(other.link_id))
          .status());
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("INSERT INTO erasure_ledger (link_id, generation, project_id, user_id, "
                   "decision_id, cause, wiped_at) SELECT link_id, generation, project_id, user_id, "
                   "gen_random_uuid(), cause, now() FROM grants WHERE link_id = $1",
                   Params().Text(other.link_id))
          .status());
  return session
      .Execute("DELETE FROM grant_profiles WHERE link_id = $1", Params().Text(other.link_id))
      .status();
}

absl::Status WriteGrant(Session& session, const ActivationRequest& request,
                        const ActivationFacts& facts, const ActivationPlan& plan) {
  return session
      .Execute(
          "UPDATE grants SET zoom_app_id = p.zoom_app_id, generation = $2, token_version = $3, "
          "state = 'active', cause = '', access_token = $4, refresh_token = $5, key_epoch = $6, "
          "scope = p.scope, access_expires_at = p.access_expires_at, identity_tag = "
          "p.identity_tag, account_tag = p.account_tag, identity_tag_next = p.identity_tag_next, "
          "account_tag_next = p.account_tag_next, tag_version = p.tag_version, sent_at = "
          "p.sent_at, "
          "stored_at = p.stored_at, lease_owner = NULL, lease_until = NULL, intent_id = NULL, "
          "intent_token_version = NULL, intent_at = NULL, intent_secret = NULL, last_write_id = "
          "NULL, suspect_since = NULL, failure_count = 0, next_attempt_at = NULL, "
          "activation_decision_id = $7, reconnect_required_at = NULL, updated_at = now() "
          "FROM pending_grants p WHERE grants.link_id = $1 AND p.attempt_id = $8",
          Params()
              .Text(request.link_id)
              .Int(plan.generation)
              .Int(plan.token_version)
              .Bytes(plan.sealed_access_token)
              .Bytes(plan.sealed_refresh_token)
              .Int(plan.key_epoch)
              .Text(request.decision_id)
              .Text(facts.pending->attempt_id))
      .status();
}

absl::Status WriteProfile(Session& session, const ActivationRequest& request,
                          const ActivationPlan& plan) {
  return session
      .Execute(
          "INSERT INTO grant_profiles (link_id, generation, profile, link_data_key, key_epoch) "
          "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (link_id) DO UPDATE SET generation = "
          "excluded.generation, profile = excluded.profile, link_data_key = "
          "excluded.link_data_key, key_epoch = excluded.key_epoch",
          Params()
              .Text(request.link_id)
              .Int(plan.generation)
              .Bytes(plan.sealed_profile)
              .Bytes(plan.sealed_link_data_key)
              .Int(plan.key_epoch))
      .status();
}

absl::Status CloseAttempt(Session& session, const ActivationRequest& request) {
  SHODAN_RETURN_IF_ERROR(session
                             .Execute("DELETE FROM pending_grants WHERE attempt_id = $1",
                                      Params().Text(request.attempt_id))
                             .status());
  return session
      .Execute(
          "UPDATE attempts SET state = 'activated', result = 'connected', ended_at = now() "
          "WHERE attempt_id = $1",
          Params().Text(request.attempt_id))
      .status();
}

absl::Status RecordAnswer(Session& session, const ActivationRequest& request,
                          const Activation& activation) {
  Params params;
  params.Text(request.decision_id)
      .Text(request.attempt_id)
      .Text(request.link_id)
      .Int(activation.generation);
  if (activation.superseded.has_value()) {
    params.Text(activation.superseded->link_id)
        .Text(activation.superseded->project_id)
        .Text(activation.superseded->user_id)
        .Int(activation.superseded->generation);
  } else {
    params.Null().Null().Null().Null();
  }
  return session
      .Execute(
          "INSERT INTO decisions (decision_id, attempt_id, link_id, generation, "
          "superseded_link_id, superseded_project_id, superseded_user_id, "
          "superseded_generation) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
          params)
      .status();
}

absl::Status Write(Session& session, const ActivationRequest& request, const ActivationFacts& facts,
                   const ActivationPlan& plan, const Actor& actor, Activation& activation) {
  activation.generation = plan.generation;
  activation.superseded.reset();
  if (facts.other.has_value()) {
    SHODAN_RETURN_IF_ERROR(EndOther(session, *facts.other));
    activation.superseded = SupersededLink{facts.other->link_id, facts.other->project_id,
                                           facts.other->user_id, facts.other->generation + 1};
  }
  SHODAN_RETURN_IF_ERROR(WriteGrant(session, request, facts, plan));
  SHODAN_RETURN_IF_ERROR(WriteProfile(session, request, plan));
  SHODAN_RETURN_IF_ERROR(CloseAttempt(session, request));
  SHODAN_RETURN_IF_ERROR(RecordAnswer(session, request, activation));
  if (activation.superseded.has_value()) {
    const SupersededLink& ended = *activation.superseded;
    SHODAN_RETURN_IF_ERROR(
        WriteStateChange(session,
                         {ended.link_id, ended.project_id, ended.user_id, ended.generation,
                          GrantState::kNone, GrantCause::kTakenOver, "grant.taken_over"},
                         actor));
  }
  return WriteStateChange(session,
                          {request.link_id, request.project_id, request.user_id, plan.generation,
                           GrantState::kActive, GrantCause::kNone, "grant.activated"},
                          actor);
}

}  // namespace

absl::StatusOr<Activation> PostgresActivationStore::Activate(const ActivationRequest& request,
                                                             const Plan& plan, const Actor& actor,
                                                             Deadline deadline) {
  Activation activation;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockTagState(session));
    // Before anything is read: a parallel call with the same decision has committed when the lock
    // is ours.
    SHODAN_RETURN_IF_ERROR(LockUserOfAttempt(session, request.attempt_id));
    SHODAN_ASSIGN_OR_RETURN(const std::optional<Activation> recorded,
                            RecordedAnswer(session, request.decision_id));
    if (recorded.has_value()) {
      activation = *recorded;
      return absl::OkStatus();
    }
    SHODAN_ASSIGN_OR_RETURN(const ActivationFacts facts, ReadFacts(session, request));
    SHODAN_ASSIGN_OR_RETURN(const ActivationPlan decided, plan(facts));
    SHODAN_RETURN_IF_ERROR(Write(session, request, facts, decided, actor, activation));
    CrashPoint("vault.activate.inside_transaction");
    return absl::OkStatus();
  }));
  return activation;
}

}  // namespace shodan::tokenvault
