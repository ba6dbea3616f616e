// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/automation/domain/deliveries/endpoint.h"
#include "services/automation/domain/time.h"
#include "services/automation/domain/webhooks/webhook.h"

namespace shodan::automation {

/// How far an event has come on its way to one endpoint.
///
///   pending ─┬─> delivered ──(replay)──> pending
///            └─> dead ──(replay)──> pending
enum class DeliveryState { kPending, kDelivered, kDead };

/// The names under which states are stored.
std::string_view ToText(DeliveryState state);
std::optional<DeliveryState> ParseDeliveryState(std::string_view text);

/// What of Zoom's is to be told: the webhook that holds it, sealed.
struct StoredEvent {
  std::string webhook_id;
  Time event_time;
  Time received_at;
  LinkLife link;
  std::string sealed_body;
};

/// A delivery that this process has taken on, for as long as its lease lasts.
struct ClaimedDelivery {
  std::string delivery_id;
  std::string claim_id;
  std::string endpoint_id;
  std::string project_id;
  std::string url;
  std::vector<SealedSecret> secrets;  ///< the present one first
  std::string message_id;
  std::string event_type;
  std::optional<std::string> payload;  ///< of our own events
  std::optional<StoredEvent> event;    ///< of Zoom's; absent too while it is not readable
  int attempts = 0;                    ///< this one included
};

/// A delivery without what it says.
struct DeliveryRecord {
  std::string delivery_id;
  int64_t number = 0;
  std::string message_id;
  std::string event_type;
  DeliveryState state = DeliveryState::kPending;
  int attempts = 0;
  std::string last_answer;
  Time created_at;
  std::optional<Time> next_attempt_at;
  std::optional<Time> ended_at;
  int replays = 0;
};

/// Which deliveries of an endpoint.
struct DeliveryQuery {
  std::string project_id;
  std::string endpoint_id;
  std::optional<DeliveryState> state;
  int64_t before_number = 0;  ///< 0: from the newest
  int limit = 0;
};

/// What to send again: those named, or all dead ones.
struct DeliveryReplay {
  std::string project_id;
  std::string endpoint_id;
  std::vector<std::string> delivery_ids;
};

}  // namespace shodan::automation
