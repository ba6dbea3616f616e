// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/automation/domain/triggers/trigger_content.h"
#include "services/automation/domain/vault_port.h"
#include "services/automation/domain/webhooks/webhook_store.h"

namespace shodan::automation {

/// An event of a connected user, opened.
struct TriggerEvent {
  std::string event_id;
  Trigger trigger = Trigger::kNewMeeting;
  int64_t sequence = 0;
  Time event_time;
  Time received_at;
  bool late = false;
  int replays = 0;
  TriggerContent content;
};

/// Some events and the position behind the last one.
struct TriggerEventPage {
  std::vector<TriggerEvent> events;
  int64_t position = 0;
};

/// Reads the events that were told to a user. Thread-safe.
class TriggerEvents {
 public:
  TriggerEvents(Vault& vault, WebhookStore& store) : vault_(vault), store_(store) {}

  /// Those with a sequence above `after`. Fewer than `limit` when they are large. What is left of
  /// an earlier Zoom user of the link cannot be opened and is left out.
  absl::StatusOr<TriggerEventPage> List(const std::string& project_id, const std::string& user_id,
                                        int64_t after, int limit, Deadline deadline);

 private:
  Vault& vault_;
  WebhookStore& store_;
};

}  // namespace shodan::automation
