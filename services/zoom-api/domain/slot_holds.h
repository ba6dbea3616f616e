// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

namespace shodan::zoomapi {

/// Until when each request must be reckoned with in Zoom's window. When Zoom counts a request is
/// not known: some time between its slot and its answer, whatever held it up on the way. So a slot
/// is held for one window from the answer on, less the time that every answer takes: of a steady
/// way to Zoom it costs nothing, of one that stalls as much as it stalls. Times are of Redis'
/// clock, in microseconds. Pure; not thread-safe.
class SlotHolds {
 public:
  /// A slot whose request was not answered for so long after the time that every answer takes is
  /// held no longer.
  static constexpr std::chrono::microseconds kAnswerMax{1'000'000};

  struct Report {
    int64_t slot = 0;
    int64_t held_until = 0;  ///< 0: not used, Zoom counts nothing

    bool operator==(const Report&) const = default;
  };

  explicit SlotHolds(std::chrono::microseconds window) : window_(window.count()) {}

  /// The request of `slot` has its answer, or will get none.
  void Answered(int64_t slot, int64_t now);
  /// No request went at `slot`.
  void Unused(int64_t slot) { reports_.push_back({slot, 0}); }

  /// How long a slot is held of which nothing is reported.
  std::chrono::microseconds unreported() const {
    return std::chrono::microseconds(window_) + kAnswerMax;
  }
  /// What the other replicas have to know; each once.
  std::vector<Report> TakeReports();

 private:
  // The shortest time of an answer is that of these and of as many before them.
  static constexpr int kAnswersKept = 256;
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::max();

  const int64_t window_;
  int64_t shortest_before_ = kNone;
  int64_t shortest_ = kNone;
  int answers_ = 0;
  std::vector<Report> reports_;
};

}  // namespace shodan::zoomapi
