// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_link_change_store.h"

#include <optional>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan::account_link {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;

// Behind everything there is: the last change, or the one removed last when none is left.
constexpr std::string_view kNewestSql =
    "SELECT change_id AS newest_id, changed_at AS newest_at FROM"
    " ((SELECT change_id, changed_at FROM link_changes ORDER BY change_id DESC LIMIT 1)"
    "  UNION ALL SELECT change_id, changed_at FROM link_changes_removed) AS ends"
    " ORDER BY change_id DESC LIMIT 1";

// One statement, so that the answer about the position, the changes and the end belong together.
std::string ListChangesSql(std::string_view of_project) {
  return Join(
      "SELECT f.*, c.* FROM (SELECT n.*,"
      "  EXISTS (SELECT 1 FROM link_changes WHERE change_id = $1 AND changed_at = $2::timestamptz)"
      "  OR EXISTS (SELECT 1 FROM link_changes_removed WHERE change_id = $1"
      "   AND changed_at = $2::timestamptz) AS known FROM (",
      kNewestSql, ") AS n) AS f LEFT JOIN LATERAL (SELECT * FROM link_changes WHERE change_id > $1",
      of_project, " ORDER BY change_id LIMIT $3) AS c ON f.known ORDER BY c.change_id");
}

const std::string& ListOneProjectSql() {
  static const std::string sql = ListChangesSql(" AND project_id = $4");
  return sql;
}

const std::string& ListAllProjectsSql() {
  static const std::string sql = ListChangesSql("");
  return sql;
}

const std::string& ListConnectedSql() {
  static const std::string sql =
      Join("SELECT n.*, l.*, l.updated_at AS changed_at FROM (", kNewestSql,
           ") AS n LEFT JOIN LATERAL (SELECT project_id, user_id, link_id, generation, state,"
           " cause, updated_at FROM links WHERE project_id = $1 AND user_id > $2"
           " AND state <> 'none' ORDER BY user_id LIMIT $3) AS l ON true ORDER BY l.user_id");
  return sql;
}

absl::StatusOr<LinkChange> ReadChange(const Row& row) {
  const std::optional<LinkState> state = ParseLinkState(row.Text("state"));
  const std::optional<LinkCause> cause = ParseLinkCause(row.TextOrEmpty("cause"));
  if (!state.has_value() || !cause.has_value()) {
    return Internal("STORED_VALUE_UNKNOWN",
                    "A stored state or cause is none that this program knows.");
  }
  LinkChange change;
  change.change_time = row.Timestamp("changed_at");
  change.owner = {row.Text("project_id"), row.Text("user_id")};
  change.link_id = row.Text("link_id");
  change.generation = row.Int("generation");
  change.state = *state;
  change.cause = *cause;
  return change;
}

absl::StatusOr<ChangePosition> ReadNewest(const Result& result) {
  if (result.empty()) {
    return Internal("FEED_START_MISSING", "The row about removed changes was removed.");
  }
  return ChangePosition{result[0].Int("newest_id"), result[0].Timestamp("newest_at")};
}

}  // namespace

absl::StatusOr<ChangePosition> PostgresLinkChangeStore::Newest(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const Result result, pool_.Execute(kNewestSql, {}, deadline));
  return ReadNewest(result);
}

absl::StatusOr<LinkChangePage> PostgresLinkChangeStore::ListChanges(const ChangePosition& after,
                                                                    const std::string& project_id,
                                                                    int limit, Deadline deadline) {
  Params params;
  params.Int(after.change_id).TimeOrNull(after.change_time).Int(limit);
  if (!project_id.empty()) params.Text(project_id);
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(project_id.empty() ? ListAllProjectsSql() : ListOneProjectSql(), params,
                    deadline));
  LinkChangePage page;
  SHODAN_ASSIGN_OR_RETURN(page.next, ReadNewest(result));
  page.known = result[0].Bool("known");
  if (!page.known || result[0].IsNull("change_id")) return page;
  for (int i = 0; i < result.size(); ++i) {
    SHODAN_ASSIGN_OR_RETURN(LinkChange change, ReadChange(result[i]));
    change.change_id = result[i].Int("change_id");
    page.changes.push_back(std::move(change));
  }
  if (result.size() == limit) {
    page.next = {page.changes.back().change_id, page.changes.back().change_time};
  }
  return page;
}

absl::StatusOr<LinkSnapshotPage> PostgresLinkChangeStore::ListConnectedLinks(
    const std::string& project_id, const std::string& after_user_id, int limit, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(ListConnectedSql(), Params().Text(project_id).Text(after_user_id).Int(limit),
                    deadline));
  LinkSnapshotPage page;
  SHODAN_ASSIGN_OR_RETURN(page.position, ReadNewest(result));
  if (result[0].IsNull("user_id")) return page;
  for (int i = 0; i < result.size(); ++i) {
    SHODAN_ASSIGN_OR_RETURN(LinkChange link, ReadChange(result[i]));
    page.links.push_back(std::move(link));
  }
  return page;
}

absl::StatusOr<int> PostgresLinkChangeStore::RemoveOld(std::chrono::milliseconds retention,
                                                       int limit, Deadline deadline) {
  // The first changes only, so that looking costs the same however many are kept. Of two replicas
  // that remove at once, the later one finds the mark moved.
  SHODAN_ASSIGN_OR_RETURN(
      const Result removed,
      pool_.Execute(
          "WITH last AS (SELECT change_id, changed_at FROM (SELECT change_id, changed_at"
          "  FROM link_changes ORDER BY change_id LIMIT $2) AS first"
          "  WHERE changed_at <= now() - $1::interval ORDER BY change_id DESC LIMIT 1),"
          " gone AS (DELETE FROM link_changes WHERE change_id <= (SELECT change_id FROM last)"
          "  RETURNING 1),"
          " marked AS (UPDATE link_changes_removed AS r SET change_id = last.change_id,"
          "  changed_at = last.changed_at FROM last WHERE r.change_id < last.change_id)"
          " SELECT count(*) AS removed FROM gone",
          Params().Interval(retention).Int(limit), deadline));
  return static_cast<int>(removed[0].Int("removed"));
}

}  // namespace shodan::account_link
