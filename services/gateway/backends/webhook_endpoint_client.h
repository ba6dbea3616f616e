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

/// Where a project's events are sent to, without its secret.
struct WebhookEndpoint {
  std::string webhook_endpoint_id;
  std::string url;
  std::vector<std::string> event_types;
  bool enabled = false;
  std::string disabled_reason;
  std::optional<Time> create_time;
  std::optional<Time> update_time;
  std::optional<Time> rotate_time;
  std::optional<Time> previous_expire_time;
  std::optional<Time> failing_since_time;
};

struct IssuedWebhookEndpoint {
  WebhookEndpoint webhook_endpoint;
  Secret secret;
};

/// What an endpoint is to be; what is absent stays.
struct WebhookEndpointContent {
  std::optional<std::string> url;
  std::optional<std::vector<std::string>> event_types;
  std::optional<bool> enabled;
};

/// An event on its way to an endpoint, without what it says.
struct WebhookDelivery {
  std::string webhook_delivery_id;
  std::string message_id;
  std::string event_type;
  std::string state;  ///< "pending", "delivered" or "dead"
  int attempts = 0;
  std::string last_answer;
  std::optional<Time> create_time;
  std::optional<Time> next_attempt_time;
  std::optional<Time> end_time;
  int replays = 0;
};

/// Which deliveries of an endpoint.
struct WebhookDeliveryQuery {
  std::string webhook_endpoint_id;
  std::string state;  ///< as WebhookDelivery::state; empty for any
  int page_size = 0;
  std::string page_token;
};

/// Webhook endpoints, as automation keeps them. Errors are those of
/// shodan.automation.v1.AutomationService, and UNAVAILABLE or DEADLINE_EXCEEDED of the way there.
/// Thread-safe.
class WebhookEndpointClient {
 public:
  template <typename T>
  using Result = boost::asio::awaitable<absl::StatusOr<T>>;

  virtual ~WebhookEndpointClient() = default;
  virtual Result<IssuedWebhookEndpoint> Create(BackendCall call, Person admin,
                                               WebhookEndpointContent content) = 0;
  /// All of the project's, oldest first.
  virtual Result<std::vector<WebhookEndpoint>> List(BackendCall call, Person admin) = 0;
  virtual Result<WebhookEndpoint> Get(BackendCall call, Person admin,
                                      std::string webhook_endpoint_id) = 0;
  virtual Result<WebhookEndpoint> Update(BackendCall call, Person admin,
                                         std::string webhook_endpoint_id,
                                         WebhookEndpointContent content) = 0;
  virtual Result<bool> Delete(BackendCall call, Person admin, std::string webhook_endpoint_id) = 0;
  virtual Result<IssuedWebhookEndpoint> RotateSecret(BackendCall call, Person admin,
                                                     std::string webhook_endpoint_id,
                                                     std::chrono::seconds overlap) = 0;
  virtual Result<Page<WebhookDelivery>> ListDeliveries(BackendCall call, Person admin,
                                                       WebhookDeliveryQuery query) = 0;
  /// How many are sent again: those named, or all dead ones.
  virtual Result<int> ReplayDeliveries(BackendCall call, Person admin,
                                       std::string webhook_endpoint_id,
                                       std::vector<std::string> webhook_delivery_ids) = 0;
};

}  // namespace shodan::gateway
