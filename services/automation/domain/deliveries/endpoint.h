// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/secrets/secret.h"
#include "services/automation/domain/time.h"

namespace shodan::automation {

enum class EndpointState { kEnabled, kDisabled };

/// Why an endpoint is disabled.
namespace disabled {

inline constexpr std::string_view kAdministrator = "ADMINISTRATOR";
inline constexpr std::string_view kFailing = "FAILING";
inline constexpr std::string_view kGone = "GONE";  ///< it answered 410

}  // namespace disabled

/// Where a project's events are sent to, without its secrets.
struct Endpoint {
  std::string endpoint_id;
  int64_t number = 0;  ///< in the order in which they were made
  std::string project_id;
  std::string url;
  std::vector<std::string> event_types;  ///< sorted
  EndpointState state = EndpointState::kEnabled;
  std::string disabled_reason;
  Time created_at;
  Time updated_at;
  Time rotated_at;
  std::optional<Time> previous_expires_at;  ///< until when the secret before signs too
  std::optional<Time> failing_since;
};

/// A secret as it is stored.
struct SealedSecret {
  std::string secret_id;
  std::string sealed;
};

struct NewEndpoint {
  std::string project_id;
  std::string endpoint_id;
  std::string url;
  std::vector<std::string> event_types;
  SealedSecret secret;
};

/// What is to be changed; what is absent stays.
struct EndpointChange {
  std::string project_id;
  std::string endpoint_id;
  std::optional<std::string> url;
  std::optional<std::vector<std::string>> event_types;
  std::optional<EndpointState> state;
};

struct IssuedEndpoint {
  Endpoint endpoint;
  Secret secret;
};

}  // namespace shodan::automation
