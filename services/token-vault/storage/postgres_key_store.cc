// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_key_store.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/token-vault/storage/key_check.h"
#include "services/token-vault/storage/operator_audit.h"
#include "services/token-vault/storage/replica_report.h"
#include "services/token-vault/storage/sealed_rows.h"
#include "services/token-vault/storage/tag_state.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

constexpr std::pair<std::string_view, KeyEpochState> kStates[] = {
    {"added", KeyEpochState::kAdded},
    {"primary", KeyEpochState::kPrimary},
    {"readable", KeyEpochState::kReadable},
    {"retired", KeyEpochState::kRetired},
    {"destroyed", KeyEpochState::kDestroyed}};

KeyEpochState StateNamed(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kStates), std::end(kStates),
                                         [&](const auto& entry) { return entry.first == name; });
  return found == std::end(kStates) ? KeyEpochState::kAdded : found->second;
}

absl::Status WriteKeyAudit(Session& session, int32_t key_epoch, std::string_view action,
                           const Actor& actor) {
  return WriteOperatorAudit(session, action, "keyEpoch", key_epoch, actor);
}

absl::Status Refused(std::string_view reason, std::string_view message) {
  return FailedPrecondition(reason, message);
}

// The state of an epoch that somebody wants to change.
absl::StatusOr<KeyEpochState> FindState(Session& session, int32_t key_epoch) {
  SHODAN_ASSIGN_OR_RETURN(const Result found,
                          session.Execute("SELECT state FROM key_epochs WHERE key_epoch = $1",
                                          Params().Int(key_epoch)));
  if (found.empty()) {
    return NotFound("KEY_EPOCH_NOT_FOUND",
                    "No replica has reported this key epoch: add it to the key ring first.");
  }
  return StateNamed(found[0].Text("state"));
}

absl::Status CheckPromotion(Session& session, int32_t key_epoch, KeyEpochState state,
                            std::chrono::milliseconds stale) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result facts,
      session.Execute(
          "SELECT count(*) AS live, count(e.key_epoch) AS holders, coalesce((SELECT key_epoch FROM "
          "key_epochs WHERE state = 'primary'), 0) AS present FROM key_replicas r LEFT JOIN "
          "key_replica_epochs e ON e.replica = r.replica AND e.key_epoch = $1 WHERE r.reported_at "
          "> now() - $2::interval",
          Params().Int(key_epoch).Interval(stale)));
  const Row row = facts[0];
  if (state != KeyEpochState::kAdded || key_epoch < row.Int("present")) {
    return Refused("KEY_EPOCH_STATE",
                   "Only a new key epoch above the primary one can become primary.");
  }
  if (row.Int("live") > 0 && row.Int("live") == row.Int("holders")) return absl::OkStatus();
  return Refused("KEY_NOT_ON_ALL_REPLICAS",
                 Join(std::to_string(row.Int("holders")), " of ", std::to_string(row.Int("live")),
                      " live replicas have the key: wait until every one reports it."));
}

absl::Status SetState(Session& session, int32_t key_epoch, std::string_view sql,
                      std::string_view action, const Actor& actor) {
  SHODAN_RETURN_IF_ERROR(session.Execute(sql, Params().Int(key_epoch)).status());
  return WriteKeyAudit(session, key_epoch, action, actor);
}

absl::Status CheckRetirement(Session& session, int32_t key_epoch,
                             std::chrono::milliseconds retire_after,
                             std::chrono::milliseconds stale) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result facts,
      session.Execute(
          "SELECT replaced_at IS NULL OR replaced_at <= now() - $2::interval AS old_enough, "
          "EXISTS (SELECT 1 FROM key_replicas WHERE primary_epoch = $1 AND reported_at > now() - "
          "$3::interval) AS sealed_under FROM key_epochs WHERE key_epoch = $1",
          Params().Int(key_epoch).Interval(retire_after).Interval(stale)));
  if (!facts[0].Bool("old_enough")) {
    return Refused("KEY_EPOCH_TOO_YOUNG",
                   "The key epoch was replaced too short a time ago: see keys.retire_after_s.");
  }
  SHODAN_ASSIGN_OR_RETURN(const int64_t rows, CountSealed(session, key_epoch));
  if (rows == 0 && !facts[0].Bool("sealed_under")) return absl::OkStatus();
  return Refused("KEY_EPOCH_IN_USE", Join(std::to_string(rows),
                                          " rows still have fields under the key epoch, or a "
                                          "replica still seals under it: wait for the re-wrap."));
}

KeyEpochStatus ReadEpoch(const Row& row) {
  KeyEpochStatus epoch;
  epoch.key_epoch = static_cast<int32_t>(row.Int("key_epoch"));
  epoch.state = StateNamed(row.Text("state"));
  epoch.fingerprint = row.Text("fingerprint");
  epoch.first_seen_at = row.Timestamp("first_seen_at");
  epoch.promoted_at = row.OptionalTimestamp("promoted_at");
  epoch.replaced_at = row.OptionalTimestamp("replaced_at");
  epoch.retired_at = row.OptionalTimestamp("retired_at");
  epoch.destroyed_at = row.OptionalTimestamp("destroyed_at");
  epoch.replicas = row.Int("replicas");
  return epoch;
}

}  // namespace

absl::StatusOr<KeyUse> PostgresKeyStore::Agree(const std::string& replica, const KeyRing& ring,
                                               Deadline deadline) {
  KeyUse use;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockKeyStates(session));
    SHODAN_ASSIGN_OR_RETURN(use.primary_epoch, CheckKeys(session, ring));
    SHODAN_ASSIGN_OR_RETURN(use.tags, CheckTagKeys(session, ring));
    return ReportReplica(session, replica, ring);
  }));
  return use;
}

absl::Status PostgresKeyStore::ReportProblem(const std::string& replica, std::string_view reason,
                                             Deadline deadline) {
  return pool_
      .Execute("UPDATE key_replicas SET problem = $2, reported_at = now() WHERE replica = $1",
               Params().Text(replica).Text(reason), deadline)
      .status();
}

absl::Status PostgresKeyStore::Leave(const std::string& replica, Deadline deadline) {
  return pool_
      .Execute("DELETE FROM key_replicas WHERE replica = $1", Params().Text(replica), deadline)
      .status();
}

absl::StatusOr<KeyStatus> PostgresKeyStore::Status(std::chrono::milliseconds stale,
                                                   Deadline deadline) {
  KeyStatus status;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    status = {};
    SHODAN_ASSIGN_OR_RETURN(
        const Result epochs,
        session.Execute(
            "SELECT k.*, now() AS present, (SELECT count(*) FROM key_replica_epochs e JOIN "
            "key_replicas r USING "
            "(replica) WHERE e.key_epoch = k.key_epoch AND r.reported_at > now() - $1::interval) "
            "AS replicas FROM key_epochs k ORDER BY key_epoch",
            Params().Interval(stale)));
    for (int i = 0; i < epochs.size(); ++i) {
      KeyEpochStatus epoch = ReadEpoch(epochs[i]);
      status.now = epochs[i].Timestamp("present");
      SHODAN_ASSIGN_OR_RETURN(epoch.rows, CountSealed(session, epoch.key_epoch));
      status.epochs.push_back(std::move(epoch));
    }
    SHODAN_ASSIGN_OR_RETURN(status.replicas, ReadReplicas(session, stale));
    return absl::OkStatus();
  }));
  return status;
}

absl::Status PostgresKeyStore::Promote(int32_t key_epoch, std::chrono::milliseconds stale,
                                       const Actor& actor, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockKeyStates(session));
    SHODAN_ASSIGN_OR_RETURN(const KeyEpochState state, FindState(session, key_epoch));
    if (state == KeyEpochState::kPrimary) return absl::OkStatus();
    SHODAN_RETURN_IF_ERROR(CheckPromotion(session, key_epoch, state, stale));
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("UPDATE key_epochs SET state = 'readable', replaced_at = now() WHERE state = "
                     "'primary'")
            .status());
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("INSERT INTO open_key_epochs (key_epoch) VALUES ($1) ON CONFLICT DO NOTHING",
                     Params().Int(key_epoch))
            .status());
    return SetState(session, key_epoch,
                    "UPDATE key_epochs SET state = 'primary', promoted_at = now() WHERE key_epoch "
                    "= $1",
                    "key_epoch.promoted", actor);
  });
}

absl::Status PostgresKeyStore::Retire(int32_t key_epoch, std::chrono::milliseconds retire_after,
                                      std::chrono::milliseconds stale, const Actor& actor,
                                      Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockKeyStates(session));
    SHODAN_ASSIGN_OR_RETURN(const KeyEpochState state, FindState(session, key_epoch));
    if (state == KeyEpochState::kRetired || state == KeyEpochState::kDestroyed) {
      return absl::OkStatus();
    }
    if (state == KeyEpochState::kPrimary) {
      return Refused("KEY_EPOCH_STATE", "The primary key epoch cannot be retired: rotate first.");
    }
    SHODAN_RETURN_IF_ERROR(CheckRetirement(session, key_epoch, retire_after, stale));
    // The rows' references to the epoch decide, whatever was counted before.
    if (const absl::Status closed = session
                                        .Execute("DELETE FROM open_key_epochs WHERE key_epoch = $1",
                                                 Params().Int(key_epoch))
                                        .status();
        !closed.ok()) {
      return closed.code() == absl::StatusCode::kInternal
                 ? Refused("KEY_EPOCH_IN_USE", "Rows still have fields under the key epoch.")
                 : closed;
    }
    return SetState(session, key_epoch,
                    "UPDATE key_epochs SET state = 'retired', retired_at = now() WHERE key_epoch = "
                    "$1",
                    "key_epoch.retired", actor);
  });
}

absl::Status PostgresKeyStore::Destroy(int32_t key_epoch, std::chrono::milliseconds stale,
                                       const Actor& actor, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockKeyStates(session));
    SHODAN_ASSIGN_OR_RETURN(const KeyEpochState state, FindState(session, key_epoch));
    if (state == KeyEpochState::kDestroyed) return absl::OkStatus();
    if (state != KeyEpochState::kRetired) {
      return Refused("KEY_EPOCH_STATE", "Only a retired key epoch can be destroyed.");
    }
    SHODAN_ASSIGN_OR_RETURN(
        const Result holders,
        session.Execute("SELECT 1 FROM key_replica_epochs JOIN key_replicas USING (replica) WHERE "
                        "key_epoch = $1 AND reported_at > now() - $2::interval",
                        Params().Int(key_epoch).Interval(stale)));
    if (!holders.empty()) {
      return Refused("KEY_EPOCH_ON_REPLICAS",
                     "Replicas still have the key: remove it from every key-ring file.");
    }
    return SetState(session, key_epoch,
                    "UPDATE key_epochs SET state = 'destroyed', destroyed_at = now() WHERE "
                    "key_epoch = $1",
                    "key_epoch.destroyed", actor);
  });
}

absl::StatusOr<std::map<int32_t, int64_t>> PostgresKeyStore::RowsLeft(Deadline deadline) {
  std::map<int32_t, int64_t> left;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    left.clear();
    SHODAN_ASSIGN_OR_RETURN(
        const Result epochs,
        session.Execute(
            "SELECT key_epoch FROM key_epochs WHERE state = 'readable' ORDER BY key_epoch"));
    for (int i = 0; i < epochs.size(); ++i) {
      const auto key_epoch = static_cast<int32_t>(epochs[i].Int("key_epoch"));
      SHODAN_ASSIGN_OR_RETURN(left[key_epoch], CountRewrappable(session, key_epoch));
    }
    return absl::OkStatus();
  }));
  return left;
}

absl::StatusOr<std::vector<SealedRow>> PostgresKeyStore::ListSealed(SealedTable table,
                                                                    int32_t key_epoch,
                                                                    const std::string& after,
                                                                    int limit, Deadline deadline) {
  return ListSealedRows(pool_, table, key_epoch, after, limit, deadline);
}

absl::StatusOr<int> PostgresKeyStore::ReplaceSealed(SealedTable table, int32_t key_epoch,
                                                    const std::vector<SealedRow>& before,
                                                    const std::vector<SealedRow>& after,
                                                    Deadline deadline) {
  return ReplaceSealedRows(pool_, table, key_epoch, before, after, deadline);
}

}  // namespace shodan::tokenvault
