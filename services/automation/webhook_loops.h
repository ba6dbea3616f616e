// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/concurrency/periodic_task.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/automation/config.h"
#include "services/automation/domain/vault_port.h"
#include "services/automation/domain/webhooks/inbox_reader.h"
#include "services/automation/domain/webhooks/webhook_store.h"

namespace shodan::automation {

/// Works webhooks off, on threads of its own, until it is destroyed: reads them, tells events,
/// erases what ended links have left, removes what is old. Every replica does; the store sees to it
/// that each thing is done once.
class WebhookLoops {
 public:
  /// Everything outlives it.
  struct Parts {
    InboxReader& reader;
    WebhookStore& store;
    Vault& vault;
    Logger& log;
    Metrics& metrics;
  };
  WebhookLoops(Parts parts, const WebhookConfig& config);

  /// There is something to read. Thread-safe.
  void Wake();

 private:
  /// One kind of work; tells when it begins and ceases to fail.
  struct Work {
    std::string_view name;
    std::atomic<bool> failed{false};
  };

  void Read();
  void Tell();
  void Erase();
  void Remove();
  void Report(Work& work, const absl::Status& status);

  Parts parts_;
  const WebhookConfig config_;
  Work reading_{"read"};
  Work telling_{"tell"};
  Work erasing_{"erase"};
  Work removing_{"remove"};
  std::atomic<size_t> next_reader_{0};
  // Last: they are stopped before what their runs use goes.
  std::vector<std::unique_ptr<PeriodicTask>> readers_;
  std::unique_ptr<PeriodicTask> teller_;
  std::unique_ptr<PeriodicTask> eraser_;
  std::unique_ptr<PeriodicTask> remover_;
};

}  // namespace shodan::automation
