// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>

namespace shodan::service {

/// What /readyz answers over a program's life: "starting", then what `check` says, then "draining".
/// Thread-safe.
class Readiness {
 public:
  /// `check` answers an empty text when the program's dependencies allow work, else what is missing
  /// (no host, no secret). It is called from any thread, only while serving. Empty: nothing to
  /// check.
  explicit Readiness(std::function<std::string()> check = {}) : check_(std::move(check)) {}
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  void SetServing() { phase_.store(Phase::kServing); }
  void SetDraining() { phase_.store(Phase::kDraining); }
  /// Empty when ready.
  std::string WhyNotReady() const;

 private:
  enum class Phase { kStarting, kServing, kDraining };
  std::atomic<Phase> phase_{Phase::kStarting};
  std::function<std::string()> check_;
};

}  // namespace shodan::service
