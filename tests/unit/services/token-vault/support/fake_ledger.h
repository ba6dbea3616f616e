// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/token-vault/domain/erasure/ledger_files.h"
#include "services/token-vault/domain/erasure/ledger_store.h"

namespace shodan::testing {

/// LedgerFiles in memory, with a disk that may be full. Not thread-safe.
class FakeLedgerFiles final : public tokenvault::LedgerFiles {
 public:
  using Lines = std::vector<tokenvault::LedgerLine>;

  std::string writer() const override { return writer_; }
  int64_t last_sequence() const override { return dropped_ + static_cast<int64_t>(lines_.size()); }
  absl::Status Append(const std::vector<tokenvault::EndedLife>& lives) override {
    if (full) return Unavailable("LEDGER_UNWRITABLE", "The disk is full.");
    for (const auto& life : lives) lines_.push_back({last_sequence() + 1, life});
    return absl::OkStatus();
  }
  absl::Status Read(int64_t after, int batch,
                    const std::function<absl::Status(const Lines&)>& use) override {
    Lines lines;
    for (const auto& line : lines_) {
      if (line.sequence <= after) continue;
      lines.push_back(line);
      if (static_cast<int>(lines.size()) < batch) continue;
      SHODAN_RETURN_IF_ERROR(use(lines));
      lines.clear();
    }
    return lines.empty() ? absl::OkStatus() : use(lines);
  }
  int64_t beat() const override { return beat_; }
  absl::Status SaveBeat(int64_t beat) override {
    if (full) return Unavailable("LEDGER_UNWRITABLE", "The disk is full.");
    beat_ = beat;
    return absl::OkStatus();
  }
  /// Each line is a file of its own.
  absl::Status Drop(std::chrono::milliseconds age) override {
    while (lines_.size() > 1 && lines_.front().life.erased_at < now - age) {
      lines_.erase(lines_.begin());
      ++dropped_;
    }
    return absl::OkStatus();
  }

  bool full = false;
  tokenvault::Time now;

 private:
  const std::string writer_ = RandomUuid();
  Lines lines_;
  int64_t dropped_ = 0;
  int64_t beat_ = 0;
};

/// The database's side in memory. A copy of `data` is a backup. Not thread-safe.
class FakeLedgerStore final : public tokenvault::LedgerStore {
 public:
  struct Writer {
    tokenvault::LedgerStanding standing;
    int64_t confirmed = 0;
    bool left = false;
    bool dismissed = false;
  };
  struct Data {
    std::vector<tokenvault::EndedLife> wiped;
    std::vector<std::pair<std::string, int64_t>> filed;
    std::map<std::string, Writer> writers;
    tokenvault::LedgerRestore restore;
    bool lost = false;
    std::string remembered;  ///< incarnation
  };
  using Key = std::pair<std::string, int64_t>;

  Data data;
  std::string incarnation = "1";
  std::vector<Key> ended_again;
  int moves = 0;  ///< of event ids

  bool IsFiled(const tokenvault::EndedLife& life) const {
    return std::find(data.filed.begin(), data.filed.end(), KeyOf(life)) != data.filed.end();
  }

  absl::StatusOr<std::vector<tokenvault::EndedLife>> ListUnfiled(const std::string& link_id,
                                                                 std::chrono::milliseconds, int,
                                                                 Deadline) override {
    std::vector<tokenvault::EndedLife> lives;
    for (const auto& life : data.wiped) {
      if (!IsFiled(life) && (link_id.empty() || link_id == life.link_id)) lives.push_back(life);
    }
    return lives;
  }
  absl::Status MarkFiled(const tokenvault::EndedLife& life, Deadline) override {
    data.filed.push_back(KeyOf(life));
    return absl::OkStatus();
  }
  absl::StatusOr<tokenvault::LedgerStanding> Look(const std::string& writer, Deadline) override {
    const auto found = data.writers.find(writer);
    return found == data.writers.end() ? tokenvault::LedgerStanding() : found->second.standing;
  }
  absl::StatusOr<tokenvault::LedgerRestore> CheckIn(const tokenvault::LedgerReport& report,
                                                    Deadline) override {
    const bool moved = !data.remembered.empty() && data.remembered != incarnation;
    if (report.lost || (moved && report.starting && !data.restore.open)) {
      if (!data.restore.open) ++data.restore.restore_id;
      if (report.lost && !(data.restore.open && data.lost)) ++moves;
      data.lost = report.lost || (data.restore.open && data.lost);
      data.restore.open = true;
    } else if (!data.restore.open) {
      data.remembered = incarnation;
    }
    Writer& writer = data.writers[report.writer];
    writer.standing.last_sequence = std::max(writer.standing.last_sequence, report.last_sequence);
    writer.standing.beat = std::max(writer.standing.beat, report.beat);
    writer.left = writer.dismissed = false;
    if (report.lost) writer.confirmed = std::min(writer.confirmed, data.restore.restore_id - 1);
    return Standing(report.writer);
  }
  absl::StatusOr<tokenvault::LedgerRestore> Confirm(const std::string& writer, int64_t restore_id,
                                                    int64_t last_sequence, Deadline) override {
    Writer& found = data.writers[writer];
    found.confirmed = restore_id;
    found.standing.last_sequence = std::max(found.standing.last_sequence, last_sequence);
    if (Standing(writer).waiting == 0) Finish();
    return Standing(writer);
  }
  absl::StatusOr<tokenvault::LedgerDeclaration> Declare(const tokenvault::Actor&,
                                                        Deadline) override {
    tokenvault::LedgerDeclaration declaration{data.restore.restore_id, 0};
    if (!data.restore.open) return declaration;
    for (auto& [name, writer] : data.writers) {
      if (writer.confirmed >= data.restore.restore_id) continue;
      writer.dismissed = true;
      ++declaration.dismissed;
    }
    Finish();
    return declaration;
  }
  absl::Status Leave(const std::string& writer, int64_t last_sequence, Deadline) override {
    data.writers[writer].left = true;
    data.writers[writer].standing.last_sequence = last_sequence;
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<tokenvault::EndedLife>> ListMissing(
      const std::vector<tokenvault::EndedLife>& lives, Deadline) override {
    std::vector<tokenvault::EndedLife> missing;
    for (const auto& life : lives) {
      const bool known = std::any_of(data.wiped.begin(), data.wiped.end(), [&](const auto& wiped) {
        return KeyOf(wiped) == KeyOf(life);
      });
      if (!known) missing.push_back(life);
    }
    return missing;
  }
  absl::Status EndAgain(const tokenvault::EndedLife& life, Deadline) override {
    data.wiped.push_back(life);
    data.filed.push_back(KeyOf(life));
    ended_again.push_back(KeyOf(life));
    return absl::OkStatus();
  }

 private:
  static Key KeyOf(const tokenvault::EndedLife& life) { return {life.link_id, life.generation}; }
  void Finish() {
    data.restore.open = data.lost = false;
    data.remembered = incarnation;
  }
  tokenvault::LedgerRestore Standing(const std::string& asking) const {
    tokenvault::LedgerRestore restore = data.restore;
    restore.waiting = 0;
    for (const auto& [name, writer] : data.writers) {
      const bool confirmed = writer.confirmed >= restore.restore_id;
      if (name == asking) restore.confirmed = confirmed;
      if (restore.open && !confirmed && !writer.dismissed && (data.lost || !writer.left)) {
        ++restore.waiting;
      }
    }
    return restore;
  }
};

/// A life that ended, of a link of its own.
inline tokenvault::EndedLife SomeEndedLife(const std::string& user_id = "user") {
  tokenvault::EndedLife life;
  life.link_id = RandomUuid();
  life.generation = 1;
  life.project_id = "demo";
  life.user_id = user_id;
  life.decision_id = RandomUuid();
  life.cause = tokenvault::GrantCause::kDisconnected;
  life.erased_at = tokenvault::Time(std::chrono::microseconds(1'800'000'000'123'456));
  life.event_id = 7;
  return life;
}

}  // namespace shodan::testing
