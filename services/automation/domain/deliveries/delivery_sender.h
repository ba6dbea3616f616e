// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/https_client/https_client.h"
#include "libs/observability/metrics.h"
#include "services/automation/domain/deliveries/delivery_store.h"
#include "services/automation/domain/vault_port.h"

namespace shodan::automation {

/// Sends what is due. Any number of senders may run at once, in any number of processes.
class DeliverySender {
 public:
  struct Settings {
    EndpointRules endpoints;
    std::chrono::milliseconds timeout{15'000};  ///< of a request
    std::chrono::milliseconds lease{60'000};    ///< longer than a request and what it takes beside
    std::string ca_file;                        ///< whom to trust; empty: the system's
    bool allow_private_addresses = false;       ///< in development only
  };
  /// Everything outlives the sender.
  struct Parts {
    DeliveryStore& store;
    Vault& vault;
    HttpsClient& https;
    Metrics& metrics;
    std::function<Time()> now;       ///< the time that is signed
    std::function<double()> random;  ///< 0 to 1, for the jitter; thread-safe
  };
  DeliverySender(Parts parts, Settings settings);

  /// Takes on one delivery and makes an attempt; false when none is due. Errors are the store's.
  absl::StatusOr<bool> RunOnce(Deadline deadline);

 private:
  AttemptEnd Attempt(const ClaimedDelivery& claimed, Deadline deadline);
  absl::StatusOr<std::vector<Secret>> OpenSecrets(const ClaimedDelivery& claimed,
                                                  Deadline deadline);
  AttemptEnd Send(const ClaimedDelivery& claimed, const std::vector<Secret>& secrets,
                  const std::string& body);

  Parts parts_;
  const Settings settings_;
};

}  // namespace shodan::automation
