// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/automation/domain/time.h"
#include "services/automation/domain/webhooks/body_sealing.h"

namespace shodan::automation {

/// How far a webhook has come.
///
///   received ─┬─> held ──> released ──(replay)──> held
///             ├─> settled
///             └─> parked ──(replay)──> received
enum class WebhookState { kReceived, kHeld, kReleased, kSettled, kParked };

/// The names under which states are stored.
std::string_view ToText(WebhookState state);
std::optional<WebhookState> ParseWebhookState(std::string_view text);

/// What is stored before Zoom gets its answer.
struct NewWebhook {
  std::string webhook_id;  ///< UUID
  std::string project_id;
  std::string inbox_key_id;
  std::string sealed_body;
  std::string body_tag;
};

/// A webhook that this process has taken on, for as long as its lease lasts.
struct ClaimedWebhook {
  std::string webhook_id;
  std::string claim_id;
  std::string project_id;
  std::string inbox_key_id;
  std::string sealed_body;
  Time received_at;
  int attempts = 0;  ///< this one included
};

/// What reading made of it: an event of a link, sealed under the link's data key.
struct ReadWebhook {
  std::string event;
  Time event_time;
  LinkLife link;
  std::string sealed_body;
};

/// An event that was told.
struct ReleasedEvent {
  std::string webhook_id;
  std::string event;
  Time event_time;
  Time received_at;
  LinkLife link;
  int64_t sequence = 0;
  bool late = false;
  int replays = 0;
  std::string sealed_body;
};

/// A webhook without what it says.
struct WebhookRecord {
  int64_t receive_id = 0;
  std::string webhook_id;
  std::string project_id;
  WebhookState state = WebhookState::kReceived;
  std::string event;
  Time received_at;
  std::optional<Time> event_time;
  std::string user_id;
  int attempts = 0;
  std::string reason;
  int duplicates = 0;
  int replays = 0;
};

/// Which webhooks of a project.
struct WebhookQuery {
  std::string project_id;
  std::optional<WebhookState> state;
  std::optional<Time> start;  ///< came at or after
  std::optional<Time> end;    ///< came before
  int64_t after_receive_id = 0;
  int limit = 0;
};

/// What to replay: by ids, or by time.
struct ReplayRequest {
  std::string project_id;
  std::vector<std::string> webhook_ids;
  std::optional<Time> start;
  std::optional<Time> end;
  bool parked = true;
  bool released = true;
};

struct ReplayResult {
  int count = 0;
  std::optional<Time> last_received_at;
};

/// Who asked for something, for the audit.
struct Actor {
  std::string actor;
  std::string caller;
  std::string request_id;
};

}  // namespace shodan::automation
