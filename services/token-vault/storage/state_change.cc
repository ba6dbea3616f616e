// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/state_change.h"

#include "libs/base/status.h"
#include "services/token-vault/domain/names.h"

namespace shodan::tokenvault {
namespace {

// Any constant of our own; the database holds nothing but the vault.
constexpr int64_t kEventOrderLock = 7'001;

absl::Status LockEventOrder(postgres::Session& session) {
  return session
      .Execute("SELECT pg_advisory_xact_lock($1)", postgres::Params().Int(kEventOrderLock))
      .status();
}

}  // namespace

Actor OwnActor() { return {"service:token-vault", "service:token-vault", "background"}; }

absl::Status WriteAudit(postgres::Session& session, const StateChange& change, const Actor& actor) {
  audit::AuditRecord record;
  record.project_id = change.project_id;
  record.user_id = change.user_id;
  if (!change.link_id.empty()) record.link_id = change.link_id;
  record.actor = actor.actor;
  record.caller = actor.caller;
  record.request_id = actor.request_id;
  record.action = change.action;
  record.details.emplace_back("generation", change.generation);
  record.details.emplace_back("state", std::string(NameOf(change.state)));
  if (change.cause != GrantCause::kNone) {
    record.details.emplace_back("cause", std::string(NameOf(change.cause)));
  }
  return audit::Append(session, record);
}

absl::Status WriteStateChange(postgres::Session& session, const StateChange& change,
                              const Actor& actor) {
  SHODAN_RETURN_IF_ERROR(WriteAudit(session, change, actor));
  SHODAN_RETURN_IF_ERROR(LockEventOrder(session));
  return session
      .Execute(
          "INSERT INTO grant_events (link_id, project_id, user_id, generation, state, cause) "
          "VALUES ($1, $2, $3, $4, $5, $6)",
          postgres::Params()
              .Text(change.link_id)
              .Text(change.project_id)
              .Text(change.user_id)
              .Int(change.generation)
              .Text(NameOf(change.state))
              .Text(NameOf(change.cause)))
      .status();
}

absl::Status MoveEventIdsPast(postgres::Session& session, int64_t event_id) {
  SHODAN_RETURN_IF_ERROR(LockEventOrder(session));
  return session.Execute("SELECT move_event_ids_past($1)", postgres::Params().Int(event_id))
      .status();
}

}  // namespace shodan::tokenvault
