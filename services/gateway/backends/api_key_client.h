// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"
#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/backend_call.h"

namespace shodan::gateway {

/// A key of a program, without its text.
struct ApiKey {
  ApiKeyIdentity identity;
  std::string name;
  std::optional<Time> create_time;
  std::optional<Time> rotate_time;
  std::optional<Time> expire_time;
  std::optional<Time> last_use_time;
  std::optional<Time> previous_expire_time;
};

struct IssuedApiKey {
  ApiKey api_key;
  Secret text;
};

/// What a new key is to be.
struct NewApiKey {
  std::string name;
  std::vector<std::string> scopes;
  std::optional<Time> expire_time;
};

/// API keys, as account-link keeps them. Errors are those of
/// shodan.accountlink.v1.AccountLinkService, and UNAVAILABLE or DEADLINE_EXCEEDED of the way there.
/// Thread-safe.
class ApiKeyClient {
 public:
  template <typename T>
  using Result = boost::asio::awaitable<absl::StatusOr<T>>;

  virtual ~ApiKeyClient() = default;
  /// UNAUTHENTICATED/API_KEY_INVALID.
  virtual Result<ApiKey> Authenticate(BackendCall call, std::string text) = 0;
  virtual Result<IssuedApiKey> Create(BackendCall call, Person admin, NewApiKey content) = 0;
  /// All of the project's, newest first.
  virtual Result<std::vector<ApiKey>> List(BackendCall call, Person admin) = 0;
  virtual Result<IssuedApiKey> Rotate(BackendCall call, Person admin, std::string api_key_id,
                                      std::chrono::seconds overlap) = 0;
  virtual Result<bool> Delete(BackendCall call, Person admin, std::string api_key_id) = 0;
};

}  // namespace shodan::gateway
