// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/slot_holds.h"

#include <algorithm>
#include <utility>

namespace shodan::zoomapi {

void SlotHolds::Answered(int64_t slot, int64_t now) {
  const int64_t took = std::max<int64_t>(0, now - slot);
  if (++answers_ > kAnswersKept) {
    shortest_before_ = std::exchange(shortest_, kNone);
    answers_ = 1;
  }
  shortest_ = std::min(shortest_, took);
  const int64_t late = took - std::min(shortest_, shortest_before_);
  reports_.push_back({slot, slot + window_ + std::min<int64_t>(late, kAnswerMax.count())});
}

std::vector<SlotHolds::Report> SlotHolds::TakeReports() { return std::exchange(reports_, {}); }

}  // namespace shodan::zoomapi
