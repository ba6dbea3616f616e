// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_call_store.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/storage/list_sql.h"
#include "services/account-link/storage/request_ledger.h"

namespace shodan::account_link {
namespace {

using postgres::Params;
using postgres::Result;

constexpr std::string_view kColumns =
    "project_id, user_id, call_id, number, input_number, region_code, company_id, person_id,"
    " outcome, started_at, duration_s, created_at, updated_at, revision";

const std::string& InsertSql() {
  static const std::string sql = Join(
      "INSERT INTO calls (project_id, user_id, call_id, number, input_number, region_code,"
      "  company_id, person_id) VALUES ($1, $2, $3::uuid, $4, $5, $6, $7, $8) RETURNING ",
      kColumns);
  return sql;
}

const std::string& GetSql() {
  static const std::string sql =
      Join("SELECT ", kColumns,
           " FROM calls WHERE project_id = $1 AND user_id = $2 AND call_id = $3::uuid");
  return sql;
}

const std::string& UpdateSql() {
  static const std::string sql = Join(
      "UPDATE calls SET outcome = coalesce($4, outcome),"
      "  duration_s = CASE WHEN $5::boolean THEN $6::bigint ELSE duration_s END,"
      "  updated_at = now(), revision = revision + 1"
      " WHERE project_id = $1 AND user_id = $2 AND call_id = $3::uuid"
      "  AND ($7::text IS NULL OR revision::text = $7) RETURNING ",
      kColumns);
  return sql;
}

// One statement for each set of filters: bit 0 company, bit 1 person.
const std::string& ListCallsSql(size_t filters) {
  static const std::array<std::string, 4> statements = {
      ListSql("calls", kColumns, "call_id", {}),
      ListSql("calls", kColumns, "call_id", {"company_id"}),
      ListSql("calls", kColumns, "call_id", {"person_id"}),
      ListSql("calls", kColumns, "call_id", {"company_id", "person_id"}),
  };
  return statements[filters];
}

absl::StatusOr<Call> ReadCall(const postgres::Row& row) {
  const std::optional<CallOutcome> outcome = ParseCallOutcome(row.Text("outcome"));
  if (!outcome.has_value()) {
    return Internal("STORED_VALUE_UNKNOWN", "A stored outcome is none that this program knows.");
  }
  Call call;
  call.owner = {row.Text("project_id"), row.Text("user_id")};
  call.call_id = row.Text("call_id");
  call.content = {.number = row.Text("number"),
                  .input_number = row.Text("input_number"),
                  .region_code = row.Text("region_code"),
                  .company_id = row.TextOrEmpty("company_id"),
                  .person_id = row.TextOrEmpty("person_id")};
  call.outcome = *outcome;
  call.start_time = row.Timestamp("started_at");
  if (const std::optional<int64_t> seconds = row.OptionalInt("duration_s"); seconds.has_value()) {
    call.duration = std::chrono::seconds(*seconds);
  }
  call.create_time = row.Timestamp("created_at");
  call.update_time = row.Timestamp("updated_at");
  call.etag = row.Text("revision");
  return call;
}

absl::StatusOr<Call> OneCall(const absl::StatusOr<Result>& found) {
  if (!found.ok()) return found.status();
  if (found->empty()) return CallNotFound();
  return ReadCall((*found)[0]);
}

Params NameParams(const UserKey& owner, const std::string& call_id) {
  Params params;
  params.Text(owner.project_id).Text(owner.user_id).Text(call_id);
  return params;
}

}  // namespace

absl::StatusOr<Call> PostgresCallStore::Create(const CallContent& content,
                                               const IdempotentRequest& request,
                                               Deadline deadline) {
  absl::StatusOr<Call> call = CallNotFound();
  const absl::Status status =
      pool_.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
        const std::string new_id = RandomUuid();
        SHODAN_ASSIGN_OR_RETURN(const std::string call_id, ClaimRequest(session, request, new_id));
        Params params = NameParams(request.owner, call_id);
        if (call_id != new_id) {
          call = OneCall(session.Execute(GetSql(), params));
          return call.status();
        }
        params.Text(content.number)
            .Text(content.input_number)
            .Text(content.region_code)
            .TextOrNullIfEmpty(content.company_id)
            .TextOrNullIfEmpty(content.person_id);
        call = OneCall(session.Execute(InsertSql(), params));
        return call.status();
      });
  if (!status.ok()) return status;
  return call;
}

absl::StatusOr<Call> PostgresCallStore::Get(const UserKey& owner, const std::string& call_id,
                                            Deadline deadline) {
  return OneCall(pool_.Execute(GetSql(), NameParams(owner, call_id), deadline));
}

absl::StatusOr<std::vector<Call>> PostgresCallStore::List(const UserKey& owner,
                                                          const CallFilter& filter,
                                                          const PageQuery& query,
                                                          Deadline deadline) {
  Params params = ListParams(owner, query);
  size_t filters = 0;
  if (!filter.company_id.empty()) {
    params.Text(filter.company_id);
    filters |= 1U;
  }
  if (!filter.person_id.empty()) {
    params.Text(filter.person_id);
    filters |= 2U;
  }
  SHODAN_ASSIGN_OR_RETURN(const Result found,
                          pool_.Execute(ListCallsSql(filters), params, deadline));
  std::vector<Call> calls;
  for (int row = 0; row < found.size(); ++row) {
    SHODAN_ASSIGN_OR_RETURN(Call call, ReadCall(found[row]));
    calls.push_back(std::move(call));
  }
  return calls;
}

absl::StatusOr<Call> PostgresCallStore::Update(const UserKey& owner, const std::string& call_id,
                                               const CallChange& change, const std::string& etag,
                                               Deadline deadline) {
  Params params = NameParams(owner, call_id);
  params.TextOrNullIfEmpty(change.outcome.has_value() ? ToText(*change.outcome)
                                                      : std::string_view());
  params.Bool(change.duration.has_value());
  if (change.duration.has_value() && change.duration->has_value()) {
    params.Int((*change.duration)->count());
  } else {
    params.Null();
  }
  params.TextOrNullIfEmpty(etag);
  absl::StatusOr<Call> updated = OneCall(pool_.Execute(UpdateSql(), params, deadline));
  if (updated.ok() || !HasReason(updated.status(), reason::kCallNotFound)) return updated;
  SHODAN_RETURN_IF_ERROR(Get(owner, call_id, deadline).status());
  return EtagMismatch();
}

absl::Status PostgresCallStore::Delete(const UserKey& owner, const std::string& call_id,
                                       Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result deleted,
      pool_.Execute("DELETE FROM calls"
                    " WHERE project_id = $1 AND user_id = $2 AND call_id = $3::uuid",
                    NameParams(owner, call_id), deadline));
  return deleted.affected_rows() == 0 ? CallNotFound() : absl::OkStatus();
}

}  // namespace shodan::account_link
