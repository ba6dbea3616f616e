// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "libs/concurrency/circuit_breaker.h"
#include "libs/observability/metrics.h"
#include "services/token-vault/domain/grants/refresh_decision.h"
#include "services/token-vault/domain/settings.h"
#include "services/token-vault/domain/zoom/token_answer.h"

namespace shodan::tokenvault {

/// Whether Zoom may be asked to refresh just now, for each Zoom app: not while Zoom fails, and not
/// while it refuses the app's own credentials. (A time that Zoom names is kept by each grant.)
/// `app` names an app with its present credentials: others are tried at once. Thread-safe.
class ZoomGate {
 public:
  /// `pauses` outlives the gate.
  ZoomGate(Metrics& metrics, const ZoomPauses& pauses,
           CircuitBreaker::Clock clock = &std::chrono::steady_clock::now)
      : metrics_(metrics), pauses_(pauses), clock_(std::move(clock)) {}

 private:
  struct Door {
    Door(const ZoomPauses& pauses, CircuitBreaker::Clock clock)
        : breaker({.pause = pauses.failing}, std::move(clock)) {}
    CircuitBreaker breaker;
    bool app_rejected = false;  ///< guarded by ZoomGate::mutex_
  };

 public:
  /// Leave to ask Zoom once. Given back unused when it goes without Ended().
  class Pass {
   public:
    Pass(ZoomGate& gate, std::shared_ptr<Door> door) : gate_(&gate), door_(std::move(door)) {}
    Pass(Pass&&) noexcept = default;
    Pass& operator=(Pass&&) = delete;
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass();
    /// What Zoom answered.
    void Ended(const TokenAnswer& answer);

   private:
    ZoomGate* gate_;
    std::shared_ptr<Door> door_;
  };

  /// nullopt when Zoom must not be asked; then WhyClosed() tells as what that counts.
  std::optional<Pass> Enter(const std::string& app);
  /// kConfig while Zoom refuses the app, else kTransient.
  RefreshOutcome WhyClosed(const std::string& app);

 private:
  std::shared_ptr<Door> DoorOf(const std::string& app);

  Metrics& metrics_;
  const ZoomPauses& pauses_;
  const CircuitBreaker::Clock clock_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Door>> doors_;  ///< one per app: as few as projects
};

}  // namespace shodan::tokenvault
