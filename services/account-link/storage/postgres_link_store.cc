// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_link_store.h"

#include <string>
#include <utility>

#include "libs/base/status.h"
#include "services/account-link/domain/limits.h"
#include "services/account-link/storage/link_rows.h"
#include "services/account-link/storage/postgres_link_transaction.h"

namespace shodan::account_link {
namespace {

using postgres::Params;
using postgres::Result;

const std::string& FindLinkSql() {
  static const std::string sql =
      std::string("SELECT ") + kLinkColumns + " FROM links WHERE project_id = $1 AND user_id = $2";
  return sql;
}

// The lease is the next try: until then no other replica takes the decision up. The pauses differ
// by up to a fifth, so that many decisions which failed together do not come back together.
const std::string& LeaseSql() {
  static const std::string sql =
      std::string(
          "UPDATE link_decisions SET attempts = attempts + 1, next_attempt_at = now() + (0.8 + 0.4 "
          "*"
          "  random()) * least($3::interval, $2::interval * power(2, least(attempts, 16)))"
          " WHERE decision_id IN (SELECT decision_id FROM link_decisions WHERE done_at IS NULL"
          "  AND next_attempt_at <= now() AND created_at <= now() - $1::interval"
          "  ORDER BY next_attempt_at LIMIT $4 FOR UPDATE SKIP LOCKED)"
          " RETURNING ") +
      kDecisionColumns;
  return sql;
}

}  // namespace

absl::StatusOr<std::optional<Link>> PostgresLinkStore::Find(const UserKey& owner,
                                                            Deadline deadline) {
  Params params;
  params.Text(owner.project_id).Text(owner.user_id);
  SHODAN_ASSIGN_OR_RETURN(const Result found, pool_.Execute(FindLinkSql(), params, deadline));
  if (found.empty()) return std::optional<Link>();
  SHODAN_ASSIGN_OR_RETURN(Link link, ReadLink(found[0]));
  return std::optional<Link>(std::move(link));
}

absl::Status PostgresLinkStore::Transact(
    Deadline deadline, const std::function<absl::Status(LinkTransaction&)>& body) {
  return pool_.InTransaction(deadline, [&](postgres::Session& session) {
    PostgresLinkTransaction transaction(session);
    return body(transaction);
  });
}

absl::StatusOr<int64_t> PostgresLinkStore::Cursor(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const Result found,
                          pool_.Execute("SELECT event_id FROM vault_cursor", {}, deadline));
  if (found.empty()) return Internal("CURSOR_MISSING", "The vault cursor's row was removed.");
  return found[0].Int("event_id");
}

absl::StatusOr<std::vector<Decision>> PostgresLinkStore::LeaseUndoneDecisions(
    const LeasePolicy& policy, int limit, Deadline deadline) {
  Params params;
  params.Interval(policy.grace).Interval(policy.backoff).Interval(policy.max_backoff).Int(limit);
  SHODAN_ASSIGN_OR_RETURN(const Result leased, pool_.Execute(LeaseSql(), params, deadline));
  std::vector<Decision> decisions;
  for (int row = 0; row < leased.size(); ++row) {
    SHODAN_ASSIGN_OR_RETURN(Decision decision, ReadDecision(leased[row]));
    decisions.push_back(std::move(decision));
  }
  return decisions;
}

absl::Status PostgresLinkStore::PurgeExpired(int limit, Deadline deadline) {
  Params requests;
  requests.Int(limit);
  SHODAN_RETURN_IF_ERROR(
      pool_
          .Execute("DELETE FROM requests WHERE (project_id, caller, user_id, request_id) IN"
                   " (SELECT project_id, caller, user_id, request_id FROM requests"
                   "  WHERE expires_at <= now() ORDER BY expires_at LIMIT $1"
                   "  FOR UPDATE SKIP LOCKED)",
                   requests, deadline)
          .status());
  Params decisions;
  decisions.Int(limit).Interval(kDoneDecisionLifetime);
  return pool_
      .Execute(
          "DELETE FROM link_decisions WHERE decision_id IN"
          " (SELECT decision_id FROM link_decisions WHERE done_at <= now() - $2::interval"
          "  ORDER BY done_at LIMIT $1 FOR UPDATE SKIP LOCKED)",
          decisions, deadline)
      .status();
}

}  // namespace shodan::account_link
