// SPDX-License-Identifier: Apache-2.0
#include "services/automation/storage/postgres_link_watch_store.h"

#include <optional>
#include <utility>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "services/automation/domain/deliveries/payload.h"
#include "services/automation/domain/errors.h"
#include "services/automation/storage/endpoint_rows.h"

namespace shodan::automation {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

// Two databases have two clocks: what was changed so long before the first endpoint was made counts
// as changed after it.
constexpr std::chrono::milliseconds kClockMargin = std::chrono::seconds(10);

// What a transaction knows of the watch it has locked.
struct LockedWatch {
  bool settled = false;
  Time told_from;  // of the first snapshot: what is older was so before
};

absl::StatusOr<std::optional<LockedWatch>> LockWatch(Session& session,
                                                     const std::string& project_id,
                                                     const std::string& holder) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result locked,
      session.Execute("SELECT settled, created_at - $3::interval AS told_from FROM link_watches "
                      "WHERE project_id = $1 AND holder = $2 FOR NO KEY UPDATE",
                      Params().Text(project_id).Text(holder).Interval(kClockMargin)));
  if (locked.empty()) return std::optional<LockedWatch>();
  return std::optional<LockedWatch>(
      LockedWatch{locked[0].Bool("settled"), locked[0].Timestamp("told_from")});
}

absl::StatusOr<LinkState> ReadState(const Row& row) {
  const std::optional<LinkState> state = ParseLinkState(row.Text("state"));
  if (!state.has_value()) {
    return Internal(reason::kStoredValueUnknown, "A stored state is none that this program knows.");
  }
  return *state;
}

absl::StatusOr<ToldLink> FindTold(Session& session, const LinkChange& change) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute(
          "SELECT generation, state FROM told_links WHERE project_id = $1 AND link_id = $2",
          Params().Text(change.project_id).Text(change.link_id)));
  if (found.empty()) return ToldLink();
  SHODAN_ASSIGN_OR_RETURN(const LinkState state, ReadState(found[0]));
  return ToldLink{found[0].Int("generation"), state};
}

absl::Status Remember(Session& session, const LinkChange& change, const std::string& snapshot_id) {
  if (change.state == LinkState::kNone) {
    return session
        .Execute("DELETE FROM told_links WHERE project_id = $1 AND link_id = $2",
                 Params().Text(change.project_id).Text(change.link_id))
        .status();
  }
  return session
      .Execute(
          "INSERT INTO told_links (project_id, link_id, user_id, generation, state, "
          "snapshot_id) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (project_id, link_id) DO "
          "UPDATE SET generation = excluded.generation, state = excluded.state, snapshot_id = "
          "excluded.snapshot_id",
          Params()
              .Text(change.project_id)
              .Text(change.link_id)
              .Text(change.user_id)
              .Int(change.generation)
              .Text(ToText(change.state))
              .TextOrNullIfEmpty(snapshot_id))
      .status();
}

absl::Status ApplyChange(Session& session, const LockedWatch& watch, const LinkChange& change,
                         const std::string& snapshot_id) {
  SHODAN_ASSIGN_OR_RETURN(const ToldLink before, FindTold(session, change));
  SHODAN_RETURN_IF_ERROR(Remember(session, change, snapshot_id));
  const std::string_view event = LinkEventOf(before, change);
  if (event.empty() || (!watch.settled && change.time < watch.told_from)) return absl::OkStatus();
  return EnqueueEvent(session, change.project_id, event, LinkEventPayload(event, change)).status();
}

// Links that the snapshot does not know are gone since they were told of.
absl::Status EndSnapshot(Session& session, const LockedWatch& watch, const std::string& project_id,
                         const std::string& snapshot_id) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result gone,
      session.Execute("SELECT link_id, user_id, generation, now() AS noticed_at FROM told_links "
                      "WHERE project_id = $1 AND snapshot_id IS DISTINCT FROM $2::uuid",
                      Params().Text(project_id).Text(snapshot_id)));
  for (int i = 0; i < gone.size(); ++i) {
    LinkChange change;
    change.project_id = project_id;
    change.user_id = gone[i].Text("user_id");
    change.link_id = gone[i].Text("link_id");
    change.generation = gone[i].Int("generation");
    change.time = gone[i].Timestamp("noticed_at");
    SHODAN_RETURN_IF_ERROR(ApplyChange(session, watch, change, ""));
  }
  return session
      .Execute("UPDATE link_watches SET settled = true WHERE project_id = $1",
               Params().Text(project_id))
      .status();
}

}  // namespace

absl::StatusOr<std::vector<HeldWatch>> PostgresLinkWatchStore::Hold(const std::string& holder,
                                                                    int limit,
                                                                    std::chrono::milliseconds lease,
                                                                    Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result held,
      pool_.Execute(
          "WITH mine AS MATERIALIZED (SELECT project_id FROM link_watches WHERE holder = $1 OR "
          "holder IS NULL OR held_until <= now() ORDER BY (holder = $1) DESC NULLS LAST LIMIT $2 "
          "FOR NO KEY UPDATE SKIP LOCKED) UPDATE link_watches w SET holder = $1, held_until = "
          "now() + $3::interval FROM mine WHERE w.project_id = mine.project_id RETURNING "
          "w.project_id, w.resume_token",
          Params().Text(holder).Int(limit).Interval(lease), deadline));
  std::vector<HeldWatch> watches;
  for (int i = 0; i < held.size(); ++i) {
    watches.push_back({held[i].Text("project_id"), held[i].Text("resume_token")});
  }
  return watches;
}

absl::StatusOr<bool> PostgresLinkWatchStore::Apply(const std::string& project_id,
                                                   const std::string& holder, const LinkNews& news,
                                                   Deadline deadline) {
  bool applied = false;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    applied = false;
    SHODAN_ASSIGN_OR_RETURN(const std::optional<LockedWatch> watch,
                            LockWatch(session, project_id, holder));
    if (!watch.has_value()) return absl::OkStatus();
    for (const LinkChange& change : news.changes) {
      SHODAN_RETURN_IF_ERROR(ApplyChange(session, *watch, change, news.snapshot_id));
    }
    if (news.snapshot_end) {
      SHODAN_RETURN_IF_ERROR(EndSnapshot(session, *watch, project_id, news.snapshot_id));
    }
    CrashPoint("automation.follow.inside_transaction");
    applied = true;
    if (news.resume_token.empty()) return absl::OkStatus();
    return session
        .Execute("UPDATE link_watches SET resume_token = $2 WHERE project_id = $1",
                 Params().Text(project_id).Text(news.resume_token))
        .status();
  }));
  return applied;
}

absl::Status PostgresLinkWatchStore::Restart(const std::string& project_id,
                                             const std::string& holder, Deadline deadline) {
  return pool_
      .Execute("UPDATE link_watches SET resume_token = '' WHERE project_id = $1 AND holder = $2",
               Params().Text(project_id).Text(holder), deadline)
      .status();
}

}  // namespace shodan::automation
