// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/key_ring_loop.h"

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::seconds kReportLimit{10};
constexpr std::chrono::seconds kLeaveLimit{2};
constexpr std::chrono::minutes kRewrapLimit{10};

}  // namespace

KeyRingLoop::KeyRingLoop(KeyRotation& rotation, TagRotation& tags, KeyRingFile& file,
                         std::chrono::milliseconds interval)
    : rotation_(rotation), tags_(tags), file_(file) {
  reporter_.emplace(interval, [this] { Report(); });
  rewrapper_.emplace(interval, [this] { Rewrap(); });
}

KeyRingLoop::~KeyRingLoop() {
  stopping_.store(true);
  rewrapper_.reset();
  reporter_.reset();
  rotation_.Leave(Deadline::After(kLeaveLimit));
}

void KeyRingLoop::Report() {
  const Deadline deadline = Deadline::After(kReportLimit);
  absl::StatusOr<std::optional<KeyRing>> read = file_.Poll();
  if (!read.ok()) {
    rotation_.Reject(read.status(), deadline);
    return;
  }
  if (!read->has_value()) {
    // A failure shows in the readiness and is tried again in the next round.
    static_cast<void>(rotation_.Refresh(deadline));
    return;
  }
  const absl::Status adopted = rotation_.Adopt(**read, deadline);
  if (adopted.ok()) return;
  // The ring in use fits, the file does not: it stays unread until it is taken over.
  file_.Forget();
  if (adopted.code() == absl::StatusCode::kFailedPrecondition) rotation_.Reject(adopted, deadline);
}

void KeyRingLoop::Rewrap() {
  const auto stop = [this] { return stopping_.load(); };
  static_cast<void>(rotation_.Rewrap(Deadline::After(kRewrapLimit), stop));
  static_cast<void>(tags_.Run(Deadline::After(kRewrapLimit), stop));
}

}  // namespace shodan::tokenvault
