// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/automation/domain/deliveries/endpoint.h"
#include "services/automation/domain/webhooks/webhook.h"

namespace shodan::automation {

/// The endpoints of all projects. Every change is audited. Times are the database's. Thread-safe;
/// errors of the database pass through. An id that the project has no endpoint of is
/// NOT_FOUND/WEBHOOK_ENDPOINT_NOT_FOUND.
class EndpointStore {
 public:
  virtual ~EndpointStore() = default;

  /// From then on the project's links are followed.
  /// FAILED_PRECONDITION/TOO_MANY_WEBHOOK_ENDPOINTS beyond `endpoints_max`.
  virtual absl::StatusOr<Endpoint> Insert(const NewEndpoint& endpoint, int endpoints_max,
                                          const Actor& actor, Deadline deadline) = 0;
  virtual absl::StatusOr<Endpoint> Find(const std::string& project_id,
                                        const std::string& endpoint_id, Deadline deadline) = 0;
  /// In the order in which they were made.
  virtual absl::StatusOr<std::vector<Endpoint>> List(const std::string& project_id,
                                                     int64_t after_number, int limit,
                                                     Deadline deadline) = 0;
  virtual absl::StatusOr<Endpoint> Update(const EndpointChange& change, const Actor& actor,
                                          Deadline deadline) = 0;
  /// With its secrets and deliveries. After the last one the project's links are no longer
  /// followed.
  virtual absl::Status Delete(const std::string& project_id, const std::string& endpoint_id,
                              const Actor& actor, Deadline deadline) = 0;
  /// The present secret signs too for `overlap`; with none every earlier one is gone.
  /// FAILED_PRECONDITION/WEBHOOK_ENDPOINT_ROTATING when an earlier one still signs and there is to
  /// be an overlap.
  virtual absl::StatusOr<Endpoint> Rotate(const std::string& project_id,
                                          const std::string& endpoint_id,
                                          const SealedSecret& secret, std::chrono::seconds overlap,
                                          const Actor& actor, Deadline deadline) = 0;
};

}  // namespace shodan::automation
