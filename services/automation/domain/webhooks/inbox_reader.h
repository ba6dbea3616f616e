// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/automation/domain/account_links_port.h"
#include "services/automation/domain/vault_port.h"
#include "services/automation/domain/webhooks/attempts.h"
#include "services/automation/domain/webhooks/webhook_store.h"

namespace shodan::automation {

/// Reads what is in the inbox: finds whose event it is, and seals it for that link. Any number of
/// readers may run at once, in any number of processes.
class InboxReader {
 public:
  struct Settings {
    AttemptLimits attempts;
    /// Between the reading of an event and its telling, for earlier ones that come later.
    std::chrono::milliseconds hold{2'000};
    std::chrono::milliseconds lease{30'000};
    int batch = 32;
  };
  /// Everything outlives the reader.
  struct Parts {
    WebhookStore& store;
    Vault& vault;
    AccountLinks& account_links;
    Logger& log;
    Metrics& metrics;
  };
  InboxReader(Parts parts, const Settings& settings) : parts_(parts), settings_(settings) {}

  /// Takes on one batch; how many that were. Errors are the store's.
  absl::StatusOr<int> RunOnce(Deadline deadline);

 private:
  /// What an attempt knows by the time it ends, however it ends.
  struct Attempt {
    std::string event;
    std::string settled;  ///< why nothing is left to do; empty when it is an event of a link
    ReadWebhook read;
  };

  absl::Status Read(const ClaimedWebhook& claimed, Attempt& attempt, Deadline deadline);
  absl::Status ReadTrigger(const ClaimedWebhook& claimed, const Envelope& envelope,
                           const Secret& body, Attempt& attempt, Deadline deadline);
  absl::Status Finish(const ClaimedWebhook& claimed, const absl::Status& outcome,
                      const Attempt& attempt, Deadline deadline);

  Parts parts_;
  const Settings settings_;
};

}  // namespace shodan::automation
