// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_tag_store.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/token-vault/storage/key_check.h"
#include "services/token-vault/storage/operator_audit.h"
#include "services/token-vault/storage/tag_state.h"
#include "services/token-vault/storage/tagged_rows.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

constexpr std::pair<std::string_view, TagVersionState> kStates[] = {
    {"added", TagVersionState::kAdded},
    {"next", TagVersionState::kNext},
    {"current", TagVersionState::kCurrent},
    {"former", TagVersionState::kFormer},
    {"retired", TagVersionState::kRetired}};

TagVersionState StateNamed(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kStates), std::end(kStates),
                                         [&](const auto& entry) { return entry.first == name; });
  return found == std::end(kStates) ? TagVersionState::kAdded : found->second;
}

absl::Status Refused(std::string_view reason, std::string_view message) {
  return FailedPrecondition(reason, message);
}

absl::Status NotOnAll(int64_t count, int64_t live) {
  return Refused("TAG_KEY_NOT_ON_ALL_REPLICAS",
                 Join(std::to_string(count), " of ", std::to_string(live),
                      " live replicas are ready for the tag key: wait until every one is."));
}

absl::Status RowsLeft(int64_t rows, std::string_view why) {
  return Refused("TAG_ROWS_LEFT", Join(std::to_string(rows), " rows ", why));
}

// Both locks: no replica reports, and nobody writes or compares tags, until the end.
absl::StatusOr<TagVersionState> FindState(Session& session, int32_t tag_version) {
  SHODAN_RETURN_IF_ERROR(LockKeyStates(session));
  SHODAN_RETURN_IF_ERROR(LockTagStateForChange(session));
  SHODAN_ASSIGN_OR_RETURN(const Result found,
                          session.Execute("SELECT state FROM tag_versions WHERE tag_version = $1",
                                          Params().Int(tag_version)));
  if (found.empty()) {
    return NotFound("TAG_VERSION_NOT_FOUND",
                    "No replica has reported this tag version: add its key to the key ring first.");
  }
  return StateNamed(found[0].Text("state"));
}

absl::Status WriteTagAudit(Session& session, int32_t tag_version, std::string_view action,
                           const Actor& actor) {
  return WriteOperatorAudit(session, action, "tagVersion", tag_version, actor);
}

absl::Status Execute(Session& session, std::string_view sql, int32_t tag_version) {
  return session.Execute(sql, Params().Int(tag_version)).status();
}

absl::Status CheckBegin(Session& session, int32_t tag_version, TagVersionState state,
                        std::chrono::milliseconds stale) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result facts,
      session.Execute(
          "SELECT count(*) AS live, count(t.tag_version) AS holders, (SELECT count(*) FROM "
          "tag_versions WHERE state IN ('next', 'former')) AS unfinished, coalesce((SELECT "
          "tag_version FROM tag_versions WHERE state = 'current'), 0) AS present FROM key_replicas "
          "r LEFT JOIN key_replica_tag_versions t ON t.replica = r.replica AND t.tag_version = $1 "
          "WHERE r.reported_at > now() - $2::interval",
          Params().Int(tag_version).Interval(stale)));
  const Row row = facts[0];
  if (state != TagVersionState::kAdded || tag_version < row.Int("present")) {
    return Refused("TAG_VERSION_STATE",
                   "Only a new tag version above the current one can come into use.");
  }
  if (row.Int("unfinished") > 0) {
    return Refused("TAG_VERSION_STATE",
                   "An earlier rotation of the tag key is not finished: retire its version first.");
  }
  if (row.Int("live") > 0 && row.Int("live") == row.Int("holders")) return absl::OkStatus();
  return NotOnAll(row.Int("holders"), row.Int("live"));
}

// Answers the current version.
absl::StatusOr<int32_t> CheckSwitch(Session& session, int32_t tag_version, TagVersionState state,
                                    std::chrono::milliseconds stale) {
  if (state != TagVersionState::kNext) {
    return Refused("TAG_VERSION_STATE", "Only the next tag version can become current: begin.");
  }
  SHODAN_ASSIGN_OR_RETURN(
      const Result facts,
      session.Execute(
          "SELECT count(*) AS live, count(*) FILTER (WHERE next_tag_version = $1) AS users, "
          "(SELECT tag_version FROM tag_versions WHERE state = 'current') AS present FROM "
          "key_replicas WHERE reported_at > now() - $2::interval",
          Params().Int(tag_version).Interval(stale)));
  const Row row = facts[0];
  if (row.Int("live") == 0 || row.Int("live") != row.Int("users")) {
    return NotOnAll(row.Int("users"), row.Int("live"));
  }
  const auto present = static_cast<int32_t>(row.Int("present"));
  SHODAN_ASSIGN_OR_RETURN(const int64_t rows, CountWithoutNext(session, present));
  if (rows > 0) return RowsLeft(rows, "lack a tag under the next version: wait for the pass.");
  return present;
}

absl::Status CheckRetirement(Session& session, int32_t tag_version,
                             std::chrono::milliseconds stale) {
  SHODAN_ASSIGN_OR_RETURN(const int64_t rows, CountTagged(session, tag_version));
  if (rows > 0) return RowsLeft(rows, "have a tag under the former version: wait for the pass.");
  SHODAN_ASSIGN_OR_RETURN(
      const Result users,
      session.Execute("SELECT 1 FROM key_replicas WHERE tag_version = $1 AND reported_at > now() - "
                      "$2::interval",
                      Params().Int(tag_version).Interval(stale)));
  if (users.empty()) return absl::OkStatus();
  return RowsLeft(0, "are left, but a replica still makes tags under the version: wait for it.");
}

TagVersionStatus ReadVersion(const Row& row) {
  TagVersionStatus version;
  version.tag_version = static_cast<int32_t>(row.Int("tag_version"));
  version.state = StateNamed(row.Text("state"));
  version.fingerprint = row.Text("fingerprint");
  version.first_seen_at = row.Timestamp("first_seen_at");
  version.begun_at = row.OptionalTimestamp("begun_at");
  version.promoted_at = row.OptionalTimestamp("promoted_at");
  version.replaced_at = row.OptionalTimestamp("replaced_at");
  version.retired_at = row.OptionalTimestamp("retired_at");
  version.replicas = row.Int("replicas");
  return version;
}

absl::StatusOr<std::vector<TagWork>> ReadWork(Session& session) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute("SELECT tag_version, state, coalesce((SELECT tag_version FROM tag_versions "
                      "WHERE state = 'current'), 0) AS present FROM tag_versions WHERE state IN "
                      "('next', 'former') ORDER BY tag_version"));
  std::vector<TagWork> work;
  for (int i = 0; i < found.size(); ++i) {
    TagWork version;
    version.tag_version = static_cast<int32_t>(found[i].Int("tag_version"));
    version.state = StateNamed(found[i].Text("state"));
    if (version.state == TagVersionState::kNext) {
      const auto present = static_cast<int32_t>(found[i].Int("present"));
      SHODAN_ASSIGN_OR_RETURN(version.rows_left, CountWithoutNext(session, present));
    } else {
      SHODAN_ASSIGN_OR_RETURN(version.rows_left, CountTagged(session, version.tag_version));
    }
    work.push_back(version);
  }
  return work;
}

}  // namespace

absl::StatusOr<std::vector<TagVersionStatus>> PostgresTagStore::Status(
    std::chrono::milliseconds stale, Deadline deadline) {
  std::vector<TagVersionStatus> versions;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    versions.clear();
    SHODAN_ASSIGN_OR_RETURN(
        const Result found,
        session.Execute("SELECT v.*, (SELECT count(*) FROM key_replica_tag_versions t JOIN "
                        "key_replicas r USING (replica) WHERE t.tag_version = v.tag_version AND "
                        "r.reported_at > now() - $1::interval) AS replicas FROM tag_versions v "
                        "ORDER BY v.tag_version",
                        Params().Interval(stale)));
    SHODAN_ASSIGN_OR_RETURN(const std::vector<TagWork> work, ReadWork(session));
    for (int i = 0; i < found.size(); ++i) {
      versions.push_back(ReadVersion(found[i]));
      for (const TagWork& open : work) {
        if (open.tag_version == versions.back().tag_version) {
          versions.back().rows_left = open.rows_left;
        }
      }
    }
    return absl::OkStatus();
  }));
  return versions;
}

absl::Status PostgresTagStore::Begin(int32_t tag_version, std::chrono::milliseconds stale,
                                     const Actor& actor, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(const TagVersionState state, FindState(session, tag_version));
    if (state == TagVersionState::kNext || state == TagVersionState::kCurrent) {
      return absl::OkStatus();
    }
    SHODAN_RETURN_IF_ERROR(CheckBegin(session, tag_version, state, stale));
    SHODAN_RETURN_IF_ERROR(Execute(
        session, "UPDATE tag_versions SET state = 'next', begun_at = now() WHERE tag_version = $1",
        tag_version));
    SHODAN_RETURN_IF_ERROR(
        Execute(session, "INSERT INTO open_tag_versions (tag_version) VALUES ($1)", tag_version));
    return WriteTagAudit(session, tag_version, "tag_version.begun", actor);
  });
}

absl::Status PostgresTagStore::Switch(int32_t tag_version, std::chrono::milliseconds stale,
                                      const Actor& actor, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(const TagVersionState state, FindState(session, tag_version));
    if (state == TagVersionState::kCurrent) return absl::OkStatus();
    SHODAN_ASSIGN_OR_RETURN(const int32_t former, CheckSwitch(session, tag_version, state, stale));
    SHODAN_RETURN_IF_ERROR(ForgetOldRevocations(session, former));
    SHODAN_RETURN_IF_ERROR(Execute(
        session,
        "UPDATE tag_versions SET state = 'former', replaced_at = now() WHERE tag_version = $1",
        former));
    SHODAN_RETURN_IF_ERROR(Execute(
        session,
        "UPDATE tag_versions SET state = 'current', promoted_at = now() WHERE tag_version = $1",
        tag_version));
    return WriteTagAudit(session, tag_version, "tag_version.switched", actor);
  });
}

absl::Status PostgresTagStore::Retire(int32_t tag_version, std::chrono::milliseconds stale,
                                      const Actor& actor, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(const TagVersionState state, FindState(session, tag_version));
    if (state == TagVersionState::kRetired) return absl::OkStatus();
    if (state != TagVersionState::kFormer) {
      return Refused("TAG_VERSION_STATE", "Only a former tag version can be retired.");
    }
    SHODAN_RETURN_IF_ERROR(CheckRetirement(session, tag_version, stale));
    // The rows' references to the version decide, whatever was counted before.
    const absl::Status closed =
        Execute(session, "DELETE FROM open_tag_versions WHERE tag_version = $1", tag_version);
    if (closed.code() == absl::StatusCode::kInternal) {
      return Refused("TAG_ROWS_LEFT", "Rows have a tag under the former version.");
    }
    SHODAN_RETURN_IF_ERROR(closed);
    SHODAN_RETURN_IF_ERROR(Execute(
        session,
        "UPDATE tag_versions SET state = 'retired', retired_at = now() WHERE tag_version = $1",
        tag_version));
    return WriteTagAudit(session, tag_version, "tag_version.retired", actor);
  });
}

absl::StatusOr<std::vector<TagWork>> PostgresTagStore::Work(Deadline deadline) {
  std::vector<TagWork> work;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(work, ReadWork(session));
    return absl::OkStatus();
  }));
  return work;
}

absl::StatusOr<std::vector<TaggedRow>> PostgresTagStore::ListWithoutNext(
    TaggedTable table, int32_t current, const std::string& after, int limit, Deadline deadline) {
  return ListRowsWithoutNext(pool_, table, current, after, limit, deadline);
}

absl::StatusOr<int> PostgresTagStore::StoreNext(TaggedTable table,
                                                const std::vector<TaggedRow>& rows,
                                                const std::vector<IdentityTags>& tags,
                                                Deadline deadline) {
  return StoreNextTags(pool_, table, rows, tags, deadline);
}

absl::StatusOr<int> PostgresTagStore::Settle(int limit, Deadline deadline) {
  return SettleTags(pool_, limit, deadline);
}

}  // namespace shodan::tokenvault
