// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/erasure/ledger.h"

#include <algorithm>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "services/token-vault/domain/errors.h"

namespace shodan::tokenvault {
namespace {

constexpr int kFileBatch = 200;
constexpr int kReadBatch = 500;
constexpr std::chrono::milliseconds kReplayBatchTime{10'000};

std::vector<EndedLife> LivesOf(const std::vector<LedgerLine>& lines) {
  std::vector<EndedLife> lives;
  lives.reserve(lines.size());
  for (const LedgerLine& line : lines) lives.push_back(line.life);
  return lives;
}

/// What the lines after a position say about the database.
struct Comparison {
  int64_t last_sequence = 0;
  int64_t event_id = 0;
  bool missing = false;
};

absl::StatusOr<Comparison> Compare(LedgerFiles& files, LedgerStore& store, int64_t after,
                                   Deadline deadline) {
  Comparison comparison;
  comparison.last_sequence = after;
  SHODAN_RETURN_IF_ERROR(
      files.Read(after, kReadBatch, [&](const std::vector<LedgerLine>& lines) -> absl::Status {
        if (!comparison.missing) {
          SHODAN_ASSIGN_OR_RETURN(const std::vector<EndedLife> missing,
                                  store.ListMissing(LivesOf(lines), deadline));
          comparison.missing = !missing.empty();
        }
        comparison.last_sequence = lines.back().sequence;
        for (const LedgerLine& line : lines) {
          comparison.event_id = std::max(comparison.event_id, line.life.event_id);
        }
        return absl::OkStatus();
      }));
  return comparison;
}

}  // namespace

absl::Status Ledger::File(const std::string& link_id, std::chrono::milliseconds min_age,
                          Deadline deadline) {
  SHODAN_RETURN_IF_ERROR(Admit());
  SHODAN_ASSIGN_OR_RETURN(const std::vector<EndedLife> lives,
                          parts_.store.ListUnfiled(link_id, min_age, kFileBatch, deadline));
  if (lives.empty()) {
    // Another replica may have filed what this one could not.
    if (link_id.empty()) SetWritable(appended_, absl::OkStatus());
    return absl::OkStatus();
  }
  CrashPoint("vault.erase.before_file");
  const absl::Status filed = parts_.files.Append(lives);
  SetWritable(appended_, filed);
  SHODAN_RETURN_IF_ERROR(filed);
  parts_.metrics.Count("shodan_vault_ledger_lines_total", "Lines written to the erasure ledger.",
                       {}, static_cast<double>(lives.size()));
  CrashPoint("vault.erase.after_file");
  for (const EndedLife& life : lives) {
    SHODAN_RETURN_IF_ERROR(parts_.store.MarkFiled(life, deadline));
  }
  return absl::OkStatus();
}

absl::Status Ledger::Start(Deadline deadline) {
  const std::scoped_lock lock(checking_);
  SHODAN_ASSIGN_OR_RETURN(const LedgerRestore restore, Report(/*starting=*/true, deadline));
  SetRestore(restore);
  return absl::OkStatus();
}

absl::Status Ledger::CheckIn(Deadline deadline) {
  const std::scoped_lock lock(checking_);
  SHODAN_ASSIGN_OR_RETURN(LedgerRestore restore, Report(/*starting=*/false, deadline));
  SetRestore(restore);
  if (!restore.open || restore.confirmed) return absl::OkStatus();
  SHODAN_ASSIGN_OR_RETURN(const LedgerReplay replay,
                          ReplayLedger(parts_.files, parts_.store, kReplayBatchTime));
  parts_.log.Warning("erasure ledger replayed into a restored database",
                     {{"lines", replay.lines}, {"lives_ended", replay.lives_ended}});
  parts_.metrics.Count("shodan_vault_ledger_replayed_total",
                       "Lives that a restored database had brought back and that were ended again.",
                       {}, static_cast<double>(replay.lives_ended));
  SHODAN_ASSIGN_OR_RETURN(restore, parts_.store.Confirm(parts_.files.writer(), restore.restore_id,
                                                        parts_.files.last_sequence(),
                                                        Deadline::After(kReplayBatchTime)));
  SetRestore(restore);
  return absl::OkStatus();
}

absl::StatusOr<LedgerRestore> Ledger::Report(bool starting, Deadline deadline) {
  LedgerReport report;
  report.writer = parts_.files.writer();
  if (report.writer.empty()) return LedgerRestore();
  SHODAN_ASSIGN_OR_RETURN(const LedgerStanding standing,
                          parts_.store.Look(report.writer, deadline));
  if (standing.last_sequence > parts_.files.last_sequence()) {
    return FailedPrecondition(
        "LEDGER_OUTDATED",
        "The ledger directory is older than what was written to it: put the newest one back, or an "
        "empty one and file everything again (see the runbook for restores).");
  }
  SHODAN_ASSIGN_OR_RETURN(const Comparison comparison,
                          Compare(parts_.files, parts_.store, standing.last_sequence, deadline));
  report.lost = comparison.missing || parts_.files.beat() > standing.beat;
  report.last_sequence = report.lost ? standing.last_sequence : comparison.last_sequence;
  report.event_id = comparison.event_id;
  report.beat = std::max(parts_.files.beat(), standing.beat) + 1;
  report.starting = starting;
  SHODAN_ASSIGN_OR_RETURN(const LedgerRestore restore, parts_.store.CheckIn(report, deadline));
  // After the commit: the file never knows a beat that the database does not.
  SetWritable(beaten_, parts_.files.SaveBeat(report.beat));
  return restore;
}

absl::Status Ledger::DropOldFiles() { return parts_.files.Drop(parts_.keep); }

void Ledger::Leave(Deadline deadline) {
  const std::scoped_lock lock(checking_);
  if (halted() || parts_.files.writer().empty()) return;
  const absl::Status left =
      parts_.store.Leave(parts_.files.writer(), parts_.files.last_sequence(), deadline);
  if (!left.ok()) parts_.log.Warning("goodbye not recorded", {{"reason", ReasonOf(left)}});
}

absl::Status Ledger::Admit() const {
  if (!halted()) return absl::OkStatus();
  return Unavailable(kRestoreUnfinished,
                     "The database was restored and the erasures since its backup are not replayed "
                     "yet: start every replica, or replay their ledger directories by hand.");
}

std::string Ledger::Problem() const {
  if (halted()) return kRestoreUnfinished;
  return appended_.load() && beaten_.load() ? "" : "LEDGER_UNWRITABLE";
}

void Ledger::SetWritable(std::atomic<bool>& flag, const absl::Status& status) {
  if (flag.exchange(status.ok()) == status.ok()) return;
  if (status.ok()) {
    parts_.log.Info("erasure ledger can be written again");
  } else {
    parts_.log.Error("erasure ledger cannot be written, not ready", {{"reason", ReasonOf(status)}});
  }
}

void Ledger::SetRestore(const LedgerRestore& restore) {
  halted_.store(restore.open);
  parts_.metrics.Set("shodan_vault_restore_unfinished",
                     "1 while the vault waits for erasure ledgers to be replayed.", {},
                     restore.open ? 1 : 0);
  if (restore.open && restore_shown_ != restore.restore_id) {
    restore_shown_ = restore.restore_id;
    parts_.log.Error("the database was restored, not ready",
                     {{"restore_id", restore.restore_id}, {"writers_awaited", restore.waiting}});
  } else if (!restore.open && restore_shown_ != 0) {
    restore_shown_ = 0;
    parts_.log.Warning("the restore is complete", {{"restore_id", restore.restore_id}});
  }
}

absl::StatusOr<LedgerReplay> ReplayLedger(LedgerFiles& files, LedgerStore& store,
                                          std::chrono::milliseconds batch_time) {
  LedgerReplay replay;
  SHODAN_RETURN_IF_ERROR(
      files.Read(0, kReadBatch, [&](const std::vector<LedgerLine>& lines) -> absl::Status {
        replay.lines += static_cast<int64_t>(lines.size());
        SHODAN_ASSIGN_OR_RETURN(const std::vector<EndedLife> missing,
                                store.ListMissing(LivesOf(lines), Deadline::After(batch_time)));
        for (const EndedLife& life : missing) {
          SHODAN_RETURN_IF_ERROR(store.EndAgain(life, Deadline::After(batch_time)));
          ++replay.lives_ended;
        }
        return absl::OkStatus();
      }));
  return replay;
}

absl::StatusOr<LedgerMerge> MergeLedgers(const std::vector<LedgerFiles*>& writers,
                                         LedgerStore& store, const Actor& actor,
                                         std::chrono::milliseconds batch_time) {
  LedgerMerge merge;
  // First of all: what is lost moves the ids of events, before the replay writes any.
  for (LedgerFiles* files : writers) {
    const Deadline deadline = Deadline::After(batch_time);
    SHODAN_ASSIGN_OR_RETURN(const Comparison comparison, Compare(*files, store, 0, deadline));
    SHODAN_ASSIGN_OR_RETURN(const LedgerStanding standing, store.Look(files->writer(), deadline));
    LedgerReport report;
    report.writer = files->writer();
    report.last_sequence = standing.last_sequence;
    report.beat = files->beat();
    report.lost = comparison.missing || files->beat() > standing.beat;
    report.event_id = comparison.event_id;
    SHODAN_RETURN_IF_ERROR(store.CheckIn(report, deadline).status());
  }
  for (LedgerFiles* files : writers) {
    SHODAN_ASSIGN_OR_RETURN(const LedgerReplay replay, ReplayLedger(*files, store, batch_time));
    merge.writers.emplace_back(files->writer(), replay);
    SHODAN_ASSIGN_OR_RETURN(
        const LedgerRestore restore,
        store.CheckIn({.writer = files->writer()}, Deadline::After(batch_time)));
    SHODAN_RETURN_IF_ERROR(store
                               .Confirm(files->writer(), restore.restore_id, files->last_sequence(),
                                        Deadline::After(batch_time))
                               .status());
  }
  SHODAN_ASSIGN_OR_RETURN(merge.declaration, store.Declare(actor, Deadline::After(batch_time)));
  return merge;
}

}  // namespace shodan::tokenvault
