// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_ledger_store.h"

#include "libs/base/status.h"
#include "services/token-vault/domain/names.h"
#include "services/token-vault/storage/ended_life.h"
#include "services/token-vault/storage/operator_audit.h"
#include "services/token-vault/storage/state_change.h"
#include "services/token-vault/storage/user_lock.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

EndedLife ReadLife(const Row& row) {
  return {row.Text("link_id"),       row.Int("generation") - 1, row.Text("project_id"),
          row.Text("user_id"),       row.Text("decision_id"),   GrantCauseNamed(row.Text("cause")),
          row.Timestamp("wiped_at"), row.Int("event_id")};
}

/// The one row of ledger_state, locked: reports and ends of restores go one by one.
struct State {
  std::string incarnation;
  std::string present;  ///< the incarnation that this database is; "" when it does not tell
  int64_t restore_id = 0;
  bool open = false;
  bool lost = false;
};

absl::StatusOr<State> LockState(Session& session) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      session.Execute("SELECT *, database_incarnation() AS present FROM ledger_state FOR UPDATE"));
  const Row row = result[0];
  return State{row.Text("incarnation"), row.Text("present"), row.Int("restore_id"),
               row.Bool("open"), row.Bool("lost")};
}

absl::Status WriteLedgerAudit(Session& session, int64_t restore_id, std::string_view action,
                              const Actor& actor) {
  return WriteOperatorAudit(session, action, "restoreId", restore_id, actor);
}

// Opens a restore, or learns of losses in the open one.
absl::Status BeginRestore(Session& session, const LedgerReport& report, State& state) {
  const bool first_loss = report.lost && !(state.open && state.lost);
  const bool opens = !state.open;
  if (opens) ++state.restore_id;
  state.lost = report.lost || (state.open && state.lost);
  state.open = true;
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("UPDATE ledger_state SET restore_id = $1, open = true, lost = $2, opened_at = "
                   "CASE WHEN open THEN opened_at ELSE now() END, finished_at = NULL",
                   Params().Int(state.restore_id).Bool(state.lost))
          .status());
  if (opens) {
    SHODAN_RETURN_IF_ERROR(
        WriteLedgerAudit(session, state.restore_id, "ledger.restore_found", OwnActor()));
  }
  return first_loss ? MoveEventIdsPast(session, report.event_id) : absl::OkStatus();
}

absl::Status RecordIncarnation(Session& session, const State& state) {
  if (state.present.empty() || state.present == state.incarnation) return absl::OkStatus();
  return session.Execute("UPDATE ledger_state SET incarnation = $1", Params().Text(state.present))
      .status();
}

absl::Status EndRestore(Session& session, const State& state, const Actor& actor) {
  SHODAN_RETURN_IF_ERROR(
      session.Execute("UPDATE ledger_state SET open = false, lost = false, finished_at = now()")
          .status());
  SHODAN_RETURN_IF_ERROR(RecordIncarnation(session, state));
  return WriteLedgerAudit(session, state.restore_id, "ledger.restore_finished", actor);
}

absl::StatusOr<LedgerRestore> Standing(Session& session, const State& state,
                                       const std::string& writer) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      session.Execute(
          "SELECT coalesce(bool_or(writer = $1 AND confirmed_restore >= $2), false) AS confirmed, "
          "count(*) FILTER (WHERE confirmed_restore < $2 AND dismissed_at IS NULL AND ($3 OR "
          "left_at IS NULL)) AS waiting FROM ledger_writers",
          Params().Text(writer).Int(state.restore_id).Bool(state.lost)));
  return LedgerRestore{state.restore_id, state.open, result[0].Bool("confirmed"),
                       state.open ? result[0].Int("waiting") : 0};
}

}  // namespace

absl::StatusOr<std::vector<EndedLife>> PostgresLedgerStore::ListUnfiled(
    const std::string& link_id, std::chrono::milliseconds min_age, int limit, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(
          "SELECT l.*, (SELECT coalesce(max(event_id), 0) FROM grant_events) AS event_id FROM "
          "erasure_ledger l WHERE l.wiped_at IS NOT NULL AND l.filed_at IS NULL AND ($1::uuid IS "
          "NULL OR l.link_id = $1) AND l.wiped_at <= now() - $2::interval ORDER BY l.wiped_at "
          "LIMIT $3",
          Params().TextOrNullIfEmpty(link_id).Interval(min_age).Int(limit), deadline));
  std::vector<EndedLife> lives;
  for (int i = 0; i < result.size(); ++i) lives.push_back(ReadLife(result[i]));
  return lives;
}

absl::Status PostgresLedgerStore::MarkFiled(const EndedLife& life, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    const Params key = Params().Text(life.link_id).Int(life.generation + 1);
    SHODAN_ASSIGN_OR_RETURN(
        const Result filed,
        session.Execute("UPDATE erasure_ledger SET filed_at = now() WHERE link_id = $1 AND "
                        "generation = $2 AND filed_at IS NULL RETURNING 1",
                        key));
    if (filed.empty()) return absl::OkStatus();
    SHODAN_ASSIGN_OR_RETURN(
        const Result ended,
        session.Execute("UPDATE grants SET state = 'none', updated_at = now() WHERE link_id = $1 "
                        "AND generation = $2 AND state = 'disconnecting' RETURNING 1",
                        key));
    if (ended.empty()) return absl::OkStatus();
    return WriteStateChange(session,
                            {life.link_id, life.project_id, life.user_id, life.generation + 1,
                             GrantState::kNone, life.cause, "grant.erased"},
                            OwnActor());
  });
}

absl::StatusOr<LedgerStanding> PostgresLedgerStore::Look(const std::string& writer,
                                                         Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT last_sequence, beat FROM ledger_writers WHERE writer = $1",
                    Params().Text(writer), deadline));
  if (result.empty()) return LedgerStanding();
  return LedgerStanding{result[0].Int("last_sequence"), result[0].Int("beat")};
}

absl::StatusOr<LedgerRestore> PostgresLedgerStore::CheckIn(const LedgerReport& report,
                                                           Deadline deadline) {
  LedgerRestore restore;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(State state, LockState(session));
    const bool known = !state.incarnation.empty() && !state.present.empty();
    const bool moved = known && state.incarnation != state.present;
    if (report.lost || (moved && report.starting && !state.open)) {
      SHODAN_RETURN_IF_ERROR(BeginRestore(session, report, state));
    } else if (!state.open) {
      // Seen while running, with nothing lost: a standby was promoted.
      SHODAN_RETURN_IF_ERROR(RecordIncarnation(session, state));
    }
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("INSERT INTO ledger_writers (writer, last_sequence, beat) VALUES ($1, $2, $3) "
                     "ON CONFLICT (writer) DO UPDATE SET last_sequence = "
                     "greatest(ledger_writers.last_sequence, excluded.last_sequence), beat = "
                     "greatest(ledger_writers.beat, excluded.beat), reported_at = now(), left_at = "
                     "NULL, dismissed_at = NULL, confirmed_restore = CASE WHEN $4 THEN "
                     "least(ledger_writers.confirmed_restore, $5 - 1) ELSE "
                     "ledger_writers.confirmed_restore END",
                     Params()
                         .Text(report.writer)
                         .Int(report.last_sequence)
                         .Int(report.beat)
                         .Bool(report.lost)
                         .Int(state.restore_id))
            .status());
    SHODAN_ASSIGN_OR_RETURN(restore, Standing(session, state, report.writer));
    return absl::OkStatus();
  }));
  return restore;
}

absl::StatusOr<LedgerRestore> PostgresLedgerStore::Confirm(const std::string& writer,
                                                           int64_t restore_id,
                                                           int64_t last_sequence,
                                                           Deadline deadline) {
  LedgerRestore restore;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(State state, LockState(session));
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("UPDATE ledger_writers SET confirmed_restore = greatest(confirmed_restore, "
                     "$2), last_sequence = greatest(last_sequence, $3) WHERE writer = $1",
                     Params().Text(writer).Int(restore_id).Int(last_sequence))
            .status());
    SHODAN_ASSIGN_OR_RETURN(restore, Standing(session, state, writer));
    if (!restore.open || restore.waiting > 0) return absl::OkStatus();
    restore.open = false;
    return EndRestore(session, state, OwnActor());
  }));
  return restore;
}

absl::StatusOr<LedgerDeclaration> PostgresLedgerStore::Declare(const Actor& actor,
                                                               Deadline deadline) {
  LedgerDeclaration declaration;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(const State state, LockState(session));
    declaration = {state.restore_id, 0};
    if (!state.open) return RecordIncarnation(session, state);
    SHODAN_ASSIGN_OR_RETURN(
        const Result dismissed,
        session.Execute("UPDATE ledger_writers SET dismissed_at = now() WHERE confirmed_restore < "
                        "$1 AND dismissed_at IS NULL RETURNING 1",
                        Params().Int(state.restore_id)));
    declaration.dismissed = dismissed.size();
    return EndRestore(session, state, actor);
  }));
  return declaration;
}

absl::Status PostgresLedgerStore::Leave(const std::string& writer, int64_t last_sequence,
                                        Deadline deadline) {
  return pool_
      .Execute(
          "UPDATE ledger_writers SET left_at = now(), last_sequence = "
          "greatest(last_sequence, $2) WHERE writer = $1",
          Params().Text(writer).Int(last_sequence), deadline)
      .status();
}

absl::StatusOr<std::vector<EndedLife>> PostgresLedgerStore::ListMissing(
    const std::vector<EndedLife>& lives, Deadline deadline) {
  // As the text form of two arrays.
  std::string link_ids = "{";
  std::string generations = "{";
  for (const EndedLife& life : lives) {
    const char* comma = link_ids.size() > 1 ? "," : "";
    link_ids += comma + life.link_id;
    generations += comma + std::to_string(life.generation + 1);
  }
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT given.place FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS "
                    "given (link_id, generation, place) LEFT JOIN erasure_ledger l USING (link_id, "
                    "generation) WHERE l.wiped_at IS NULL ORDER BY given.place",
                    Params().Text(link_ids + "}").Text(generations + "}"), deadline));
  std::vector<EndedLife> missing;
  for (int i = 0; i < result.size(); ++i) {
    missing.push_back(lives.at(static_cast<size_t>(result[i].Int("place")) - 1));
  }
  return missing;
}

absl::Status PostgresLedgerStore::EndAgain(const EndedLife& life, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockUser(session, life.project_id, life.user_id));
    SHODAN_RETURN_IF_ERROR(NoteEnded(session, life));
    SHODAN_RETURN_IF_ERROR(WipeBefore(session, life));
    SHODAN_ASSIGN_OR_RETURN(const bool ended, EndGrant(session, life));
    if (!ended) return absl::OkStatus();
    Actor actor = OwnActor();
    actor.request_id = "ledger-replay";
    return WriteStateChange(
        session,
        {life.link_id, life.project_id, life.user_id, life.generation + 1, GrantState::kNone,
         life.cause, life.cause == GrantCause::kTakenOver ? "grant.taken_over" : "grant.erased"},
        actor);
  });
}

}  // namespace shodan::tokenvault
