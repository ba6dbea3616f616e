// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/keys/key_rotation.h"

#include <memory>
#include <vector>

#include "libs/base/status.h"

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::milliseconds kBatchLimit{10'000};

// The same row with every field sealed under the ring's primary epoch.
absl::StatusOr<SealedRow> SealAgain(const KeyRing& keys, const SealedRow& row) {
  SealedRow out = row;
  for (SealedColumn& column : out.columns) {
    if (!column.sealed.has_value()) continue;
    SHODAN_ASSIGN_OR_RETURN(column.sealed, RewrapField(keys, column.coordinates, *column.sealed));
  }
  return out;
}

}  // namespace

absl::Status KeyRotation::Adopt(const KeyRing& ring, Deadline deadline) {
  const std::scoped_lock lock(replacing_);
  // What is reported as in use is what this replica uses, not what a file says.
  const std::shared_ptr<const KeyRing> old = parts_.keys.Get();
  const int32_t primary = old->primary_epoch();
  const KeyRing sealing =
      ring.WithPrimary(ring.EpochKey(primary) == nullptr ? ring.primary_epoch() : primary);
  const auto holds = [&](int32_t version) { return ring.tag_keys().contains(version); };
  const std::optional<int32_t> next = old->next_tag_version();
  if (!holds(old->current_tag_version()) || (next.has_value() && !holds(*next))) {
    return Use(sealing.WithTags(ring.current_tag_version(), std::nullopt), deadline);
  }
  return Use(sealing.WithTags(old->current_tag_version(), next), deadline);
}

absl::Status KeyRotation::Refresh(Deadline deadline) {
  const std::scoped_lock lock(replacing_);
  const std::shared_ptr<const KeyRing> ring = parts_.keys.Get();
  return Use(*ring, deadline);
}

absl::Status KeyRotation::Use(const KeyRing& ring, Deadline deadline) {
  const absl::StatusOr<KeyUse> use = parts_.store.Agree(parts_.replica, ring, deadline);
  if (!use.ok()) {
    // The database being away says nothing about the keys; readiness has a check of its own.
    if (use.status().code() == absl::StatusCode::kFailedPrecondition) {
      SetProblem(ReasonOf(use.status()));
    }
    return use.status();
  }
  if (const std::shared_ptr<const KeyRing> old = parts_.keys.Get();
      old.get() != &ring || old->primary_epoch() != use->primary_epoch ||
      TagUse{old->current_tag_version(), old->next_tag_version()} != use->tags) {
    parts_.keys.Replace(
        ring.WithPrimary(use->primary_epoch).WithTags(use->tags.current, use->tags.next));
  }
  SetProblem("");
  return absl::OkStatus();
}

void KeyRotation::Reject(const absl::Status& why, Deadline deadline) {
  const std::string reason = ReasonOf(why);
  SetProblem(reason);
  const absl::Status reported = parts_.store.ReportProblem(parts_.replica, reason, deadline);
  if (!reported.ok()) {
    parts_.log.Warning("key ring problem not reported", {{"reason", ReasonOf(reported)}});
  }
}

void KeyRotation::SetProblem(std::string reason) {
  const std::scoped_lock lock(mutex_);
  if (reason == problem_) return;
  if (reason.empty()) {
    parts_.log.Info("key ring in use", {{"key_epoch", parts_.keys.Get()->primary_epoch()}});
  } else {
    parts_.log.Error("key ring not usable, not ready", {{"reason", reason}});
  }
  problem_ = std::move(reason);
}

std::string KeyRotation::Problem() const {
  const std::scoped_lock lock(mutex_);
  return problem_;
}

void KeyRotation::Leave(Deadline deadline) {
  const absl::Status left = parts_.store.Leave(parts_.replica, deadline);
  if (!left.ok()) parts_.log.Warning("goodbye not recorded", {{"reason", ReasonOf(left)}});
}

absl::StatusOr<int64_t> KeyRotation::Rewrap(Deadline deadline, const std::function<bool()>& stop) {
  absl::StatusOr<int64_t> total = RewrapAll(deadline, stop);
  if (!total.ok()) {
    parts_.log.Warning("sealing again was interrupted", {{"reason", ReasonOf(total.status())}});
  }
  return total;
}

absl::Status KeyRotation::ShowRowsLeft(std::map<int32_t, int64_t>& left, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(left, parts_.store.RowsLeft(deadline));
  for (const auto& [key_epoch, rows] : left) {
    parts_.metrics.Set("shodan_vault_rewrap_rows_left",
                       "Rows with fields under a key epoch that is no longer primary.",
                       {{"key_epoch", std::to_string(key_epoch)}}, static_cast<double>(rows));
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> KeyRotation::RewrapAll(Deadline deadline,
                                               const std::function<bool()>& stop) {
  int64_t total = 0;
  std::map<int32_t, int64_t> left;
  SHODAN_RETURN_IF_ERROR(ShowRowsLeft(left, deadline));
  for (const auto& [key_epoch, rows] : left) {
    // This replica may not have heard of the promotion yet.
    if (rows == 0 || parts_.keys.Get()->primary_epoch() == key_epoch) continue;
    for (const SealedTable table : kSealedTables) {
      SHODAN_ASSIGN_OR_RETURN(const int64_t stored, RewrapTable(table, key_epoch, deadline, stop));
      total += stored;
    }
  }
  if (total == 0) return total;
  SHODAN_RETURN_IF_ERROR(ShowRowsLeft(left, deadline));
  parts_.log.Info("fields sealed again", {{"rows", total}});
  return total;
}

absl::StatusOr<int64_t> KeyRotation::RewrapTable(SealedTable table, int32_t key_epoch,
                                                 Deadline deadline,
                                                 const std::function<bool()>& stop) {
  int64_t total = 0;
  std::string after;
  while (!deadline.Expired() && !(stop && stop())) {
    const Deadline batch = deadline.Cap(kBatchLimit);
    SHODAN_ASSIGN_OR_RETURN(
        const std::vector<SealedRow> listed,
        parts_.store.ListSealed(table, key_epoch, after, parts_.settings.rewrap_batch, batch));
    if (listed.empty()) break;
    after = listed.back().row_id;
    // One ring for the batch: a promotion meanwhile leaves its rows to the next run.
    const std::shared_ptr<const KeyRing> keys = parts_.keys.Get();
    std::vector<SealedRow> before;
    std::vector<SealedRow> sealed;
    for (const SealedRow& row : listed) {
      absl::StatusOr<SealedRow> again = SealAgain(*keys, row);
      if (again.ok()) {
        before.push_back(row);
        sealed.push_back(*std::move(again));
        continue;
      }
      parts_.metrics.Count("shodan_vault_rewrap_failures_total",
                           "Rows whose fields could not be opened for a new key epoch.");
      parts_.log.Error("a field cannot be sealed again",
                       {{"table", row.columns[0].coordinates.table},
                        {"row_id", row.row_id},
                        {"reason", ReasonOf(again.status())}});
    }
    SHODAN_ASSIGN_OR_RETURN(
        const int stored,
        parts_.store.ReplaceSealed(table, keys->primary_epoch(), before, sealed, batch));
    total += stored;
    if (static_cast<int>(listed.size()) < parts_.settings.rewrap_batch) break;
    parts_.pause(parts_.settings.rewrap_pause);
  }
  return total;
}

absl::StatusOr<KeyStatus> KeyRotation::Status(Deadline deadline) {
  return parts_.store.Status(parts_.settings.replica_stale, deadline);
}

KeyScheduleState KeyRotation::Schedule(const KeyStatus& status) const {
  return JudgeSchedule(status.epochs, ScheduleOf(parts_.settings), status.now);
}

absl::Status KeyRotation::Promote(int32_t key_epoch, const Actor& actor, Deadline deadline) {
  SHODAN_RETURN_IF_ERROR(
      parts_.store.Promote(key_epoch, parts_.settings.replica_stale, actor, deadline));
  return Refresh(deadline);
}

absl::Status KeyRotation::Retire(int32_t key_epoch, const Actor& actor, Deadline deadline) {
  return parts_.store.Retire(key_epoch, parts_.settings.retire_after, parts_.settings.replica_stale,
                             actor, deadline);
}

absl::Status KeyRotation::Destroy(int32_t key_epoch, const Actor& actor, Deadline deadline) {
  return parts_.store.Destroy(key_epoch, parts_.settings.replica_stale, actor, deadline);
}

}  // namespace shodan::tokenvault
