// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/automation/domain/deliveries/attempt_end.h"
#include "services/automation/domain/deliveries/delivery.h"
#include "services/automation/domain/webhooks/webhook.h"

namespace shodan::automation {

/// What is made of an endpoint's failures, in all replicas together.
struct EndpointRules {
  /// Attempts at one time at one endpoint.
  int attempts_at_once = 4;
  /// After so many failures in a row nothing is sent for a while, twice as long each time; then one
  /// delivery is tried at a time until one succeeds.
  int failures_to_pause = 5;
  std::chrono::milliseconds first_pause{30'000};
  std::chrono::milliseconds longest_pause{600'000};
  /// An endpoint that failed for so long without a success is disabled.
  std::chrono::milliseconds disable_after = std::chrono::hours(120);
};

/// Deliveries, on their way and ended. Every time is the database's. Thread-safe; errors of the
/// database pass through. Whatever is done with a claim whose lease ran out, and that somebody else
/// took on, has no effect.
class DeliveryStore {
 public:
  virtual ~DeliveryStore() = default;

  /// Takes on one delivery that is due, of the enabled endpoint that waits longest for its turn;
  /// nullopt when there is none.
  virtual absl::StatusOr<std::optional<ClaimedDelivery>> Claim(const EndpointRules& rules,
                                                               std::chrono::milliseconds lease,
                                                               Deadline deadline) = 0;
  /// An endpoint that is disabled by this is audited, and told of to the project's others.
  virtual absl::Status Finish(const ClaimedDelivery& claimed, const AttemptEnd& end,
                              const EndpointRules& rules, Deadline deadline) = 0;

  /// Newest first. NOT_FOUND/WEBHOOK_ENDPOINT_NOT_FOUND.
  virtual absl::StatusOr<std::vector<DeliveryRecord>> List(const DeliveryQuery& query,
                                                           Deadline deadline) = 0;
  /// How many, at most `limit`; audited. NOT_FOUND/WEBHOOK_ENDPOINT_NOT_FOUND.
  virtual absl::StatusOr<int> Replay(const DeliveryReplay& replay, int limit, const Actor& actor,
                                     Deadline deadline) = 0;
  /// Deletes deliveries that were made `retention` ago; how many.
  virtual absl::StatusOr<int> RemoveOldDeliveries(std::chrono::milliseconds retention, int limit,
                                                  Deadline deadline) = 0;
};

}  // namespace shodan::automation
