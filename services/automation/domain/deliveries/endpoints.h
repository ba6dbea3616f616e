// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/automation/domain/deliveries/endpoint.h"
#include "services/automation/domain/deliveries/endpoint_store.h"
#include "services/automation/domain/vault_port.h"

namespace shodan::automation {

inline constexpr int kEndpointsMax = 20;

/// Makes endpoints and gives them their secrets. What it is given is checked. Thread-safe; errors
/// of the store and the vault pass through.
class Endpoints {
 public:
  Endpoints(EndpointStore& store, Vault& vault) : store_(store), vault_(vault) {}

  /// NOT_FOUND/PROJECT_NOT_FOUND.
  absl::StatusOr<IssuedEndpoint> Create(const std::string& project_id, const std::string& url,
                                        std::vector<std::string> event_types, const Actor& actor,
                                        Deadline deadline);
  absl::StatusOr<Endpoint> Update(EndpointChange change, const Actor& actor, Deadline deadline);
  /// As EndpointStore::Rotate().
  absl::StatusOr<IssuedEndpoint> Rotate(const std::string& project_id,
                                        const std::string& endpoint_id,
                                        std::chrono::seconds overlap, const Actor& actor,
                                        Deadline deadline);

 private:
  EndpointStore& store_;
  Vault& vault_;
};

/// Why events cannot be sent to a URL; empty when they can.
std::string EndpointUrlProblem(std::string_view url);

}  // namespace shodan::automation
