// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "services/gateway/backends/backend_call.h"

namespace shodan::gateway {

/// A webhook as it came. Has a constructor, so that it may be a temporary in a co_await expression
/// (rule CORO-1).
struct IncomingWebhook {
  IncomingWebhook() = default;

  std::string project_id;  ///< of the address; empty when it names none
  std::string client_id;   ///< header fields, as they came
  std::string timestamp;
  std::string signature;
  std::string body;
};

/// Port to automation; as AccountLinkClient.
class AutomationClient {
 public:
  template <typename T>
  using Result = boost::asio::awaitable<absl::StatusOr<T>>;

  virtual ~AutomationClient() = default;
  /// JSON to answer a challenge of Zoom's with; empty once an event is stored.
  virtual Result<std::string> IngestWebhook(BackendCall call, IncomingWebhook webhook) = 0;
};

}  // namespace shodan::gateway
