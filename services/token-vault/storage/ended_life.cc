// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/ended_life.h"

#include "libs/base/status.h"
#include "services/token-vault/domain/names.h"

namespace shodan::tokenvault {

using postgres::Params;
using postgres::Result;
using postgres::Session;

absl::Status NoteEnded(Session& session, const EndedLife& life) {
  // The decision may stand in another row: the restored database carried it out at another
  // generation, or began to.
  return session
      .Execute(
          "INSERT INTO erasure_ledger (link_id, generation, project_id, user_id, decision_id, "
          "cause, started_at, wiped_at, filed_at) VALUES ($1, $2, $3, $4, CASE WHEN EXISTS (SELECT "
          "1 FROM erasure_ledger WHERE decision_id = $5) THEN gen_random_uuid() ELSE $5 END, $6, "
          "$7, $7, now()) ON CONFLICT (link_id, generation) DO UPDATE SET wiped_at = "
          "coalesce(erasure_ledger.wiped_at, excluded.wiped_at), filed_at = "
          "coalesce(erasure_ledger.filed_at, excluded.filed_at)",
          Params()
              .Text(life.link_id)
              .Int(life.generation + 1)
              .Text(life.project_id)
              .Text(life.user_id)
              .Text(life.decision_id)
              .Text(NameOf(life.cause))
              .TimeOrNull(life.erased_at))
      .status();
}

absl::Status WipeBefore(Session& session, const EndedLife& life) {
  const Params owner = Params().Text(life.project_id).Text(life.user_id).TimeOrNull(life.erased_at);
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("UPDATE attempts SET state = 'ended', result = 'superseded', ended_at = now(), "
                   "ticket_hash = NULL, code_verifier = NULL WHERE project_id = $1 AND user_id = "
                   "$2 AND created_at <= $3 AND state IN ('pending', 'exchanging', 'exchanged')",
                   owner)
          .status());
  SHODAN_RETURN_IF_ERROR(session
                             .Execute("DELETE FROM pending_grants WHERE project_id = $1 AND "
                                      "user_id = $2 AND stored_at <= $3",
                                      owner)
                             .status());
  return session
      .Execute(
          "UPDATE revocations SET access_token = NULL, refresh_token = NULL, wiped_at = "
          "now(), lease_until = NULL WHERE wiped_at IS NULL AND project_id = $1 AND user_id = "
          "$2 AND ((link_id = $4 AND generation <= $5) OR (link_id IS NULL AND created_at <= "
          "$3))",
          Params(owner).Text(life.link_id).Int(life.generation + 1))
      .status();
}

absl::StatusOr<bool> EndGrant(Session& session, const EndedLife& life) {
  const Params key = Params()
                         .Text(life.link_id)
                         .Text(life.project_id)
                         .Text(life.user_id)
                         .Int(life.generation)
                         .Text(NameOf(life.cause));
  SHODAN_ASSIGN_OR_RETURN(
      const Result ended,
      session.Execute(
          "UPDATE grants SET state = 'none', cause = $5, generation = $4 + 1, access_token = NULL, "
          "refresh_token = NULL, key_epoch = NULL, scope = '', access_expires_at = NULL, "
          "identity_tag = NULL, account_tag = NULL, identity_tag_next = NULL, account_tag_next = "
          "NULL, tag_version = NULL, sent_at = NULL, stored_at = NULL, lease_owner = NULL, "
          "lease_until = NULL, intent_id = NULL, intent_token_version = NULL, intent_at = NULL, "
          "intent_secret = NULL, suspect_since = NULL, next_attempt_at = NULL, "
          "reconnect_required_at = NULL, updated_at = now() WHERE link_id = $1 AND project_id = $2 "
          "AND user_id = $3 AND (generation <= $4 OR (generation = $4 + 1 AND state = "
          "'disconnecting')) RETURNING 1",
          key));
  if (!ended.empty()) {
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("DELETE FROM grant_profiles WHERE link_id = $1", Params().Text(life.link_id))
            .status());
    return true;
  }
  // Connected after the backup. Without its tombstone the link's later lives would begin anew.
  SHODAN_ASSIGN_OR_RETURN(
      const Result made,
      session.Execute("INSERT INTO grants (link_id, project_id, user_id, zoom_app_id, generation, "
                      "token_version, state, cause) SELECT $1, $2, $3, zoom_app_id, $4 + 1, 0, "
                      "'none', $5 FROM zoom_apps WHERE project_id = $2 ORDER BY is_current DESC, "
                      "updated_at DESC LIMIT 1 ON CONFLICT DO NOTHING RETURNING 1",
                      key));
  return !made.empty();
}

}  // namespace shodan::tokenvault
