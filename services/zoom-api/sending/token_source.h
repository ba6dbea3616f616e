// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "libs/secrets/secret.h"
#include "services/zoom-api/domain/api_request.h"

namespace shodan::zoomapi {

/// A connected user's access token, for one request, and what goes with it.
struct AccessToken {
  AccessToken() = default;
  Secret token;
  int64_t version = 0;
  std::string api_base_url;         ///< without a slash at the end
  std::string account_tag;          ///< stands for the Zoom account; empty when it is not known
  std::vector<std::string> scopes;  ///< granted ones; empty when they are not known
};

/// Where access tokens come from. Thread-safe.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  /// `rejected_version`: of a token that Zoom just refused, 0 for none. NOT_FOUND/NOT_CONNECTED,
  /// FAILED_PRECONDITION/RECONNECT_REQUIRED with the cause, UNAVAILABLE/ZOOM_UNAVAILABLE,
  /// UNAVAILABLE/VAULT_UNAVAILABLE.
  virtual boost::asio::awaitable<absl::StatusOr<AccessToken>> Get(Requester requester,
                                                                  int64_t rejected_version,
                                                                  Deadline deadline) = 0;
};

}  // namespace shodan::zoomapi
