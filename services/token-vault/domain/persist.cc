// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/persist.h"

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::milliseconds kOneTry{5'000};
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{2'000};

bool FateUnknown(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsAborted(status);
}

}  // namespace

absl::Status PersistUntilKnown(const std::function<absl::Status(Deadline)>& write,
                               std::chrono::milliseconds limit, const Pause& pause) {
  const Deadline end = Deadline::After(limit);
  std::chrono::milliseconds delay = kFirstPause;
  while (true) {
    absl::Status status = write(Deadline::After(kOneTry));
    if (!FateUnknown(status) || end.Expired()) return status;
    pause(delay);
    delay = std::min(delay * 2, kLongestPause);
  }
}

}  // namespace shodan::tokenvault
