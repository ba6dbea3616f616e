// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/backend_call.h"

namespace shodan::gateway {

/// How far a webhook has come, as the browser API names it; kAny in questions only.
enum class WebhookState { kAny, kReceived, kHeld, kReleased, kSettled, kParked };

/// A webhook of Zoom's, without what it says.
struct WebhookRecord {
  std::string webhook_id;
  WebhookState state = WebhookState::kAny;
  std::string event;
  std::optional<Time> receive_time;
  std::optional<Time> event_time;
  std::string user_id;
  int attempt_count = 0;
  std::string reason;
  int duplicate_count = 0;
  int replay_count = 0;
};

struct WebhookPage {
  std::vector<WebhookRecord> webhooks;
  std::string next_page_token;
};

/// Which webhooks: those that came in [start_time, end_time).
struct WebhookQuery {
  WebhookState state = WebhookState::kAny;
  std::optional<Time> start_time;
  std::optional<Time> end_time;
  int page_size = 0;
  std::string page_token;
};

/// What to replay: by ids, or by both times.
struct WebhookReplay {
  std::vector<std::string> webhook_ids;
  std::optional<Time> start_time;
  std::optional<Time> end_time;
  WebhookState state = WebhookState::kAny;
};

struct ReplayedWebhooks {
  int count = 0;
  std::optional<Time> last_receive_time;
};

/// automation's inbox, as administrators see it. Errors are those of
/// shodan.automation.v1.AutomationService, and UNAVAILABLE or DEADLINE_EXCEEDED of the way there.
/// Thread-safe.
class WebhookInboxClient {
 public:
  template <typename T>
  using Result = boost::asio::awaitable<absl::StatusOr<T>>;

  virtual ~WebhookInboxClient() = default;
  /// Oldest first.
  virtual Result<WebhookPage> List(BackendCall call, Person admin, WebhookQuery query) = 0;
  /// At most 10,000 of them, the oldest first.
  virtual Result<ReplayedWebhooks> Replay(BackendCall call, Person admin, WebhookReplay replay) = 0;
};

}  // namespace shodan::gateway
