// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "libs/concurrency/periodic_task.h"
#include "libs/observability/log.h"
#include "services/automation/config.h"
#include "services/automation/domain/deliveries/delivery_sender.h"

namespace shodan::automation {

/// Sends deliveries and removes old ones, on threads of its own, until it is destroyed. Every
/// replica does; the store sees to it that each attempt is one process's.
class DeliveryLoops {
 public:
  /// Everything outlives it.
  struct Parts {
    DeliverySender& sender;
    DeliveryStore& store;
    Logger& log;
  };
  DeliveryLoops(Parts parts, const DeliveryConfig& config);
  /// Waits for the requests that are under way.
  ~DeliveryLoops();
  DeliveryLoops(const DeliveryLoops&) = delete;
  DeliveryLoops& operator=(const DeliveryLoops&) = delete;

  /// There is something to send. Thread-safe.
  void Wake();

 private:
  void Send();
  void Remove();
  void Report(const absl::Status& status);

  Parts parts_;
  const std::chrono::milliseconds retention_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<size_t> next_sender_{0};
  // Last: they are stopped before what their runs use goes.
  std::vector<std::unique_ptr<PeriodicTask>> senders_;
  std::unique_ptr<PeriodicTask> remover_;
};

}  // namespace shodan::automation
