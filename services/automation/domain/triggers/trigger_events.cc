// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/triggers/trigger_events.h"

#include <memory>
#include <optional>
#include <utility>

#include "libs/base/status.h"

namespace shodan::automation {
namespace {

// Of the bodies of one page; what is shown of them is less, and a message has at most 1 MiB.
constexpr size_t kPageBytesMax = 524'288;

std::optional<TriggerEvent> Open(const ReleasedEvent& released, const LinkDataKey& key) {
  const absl::StatusOr<Secret> body =
      OpenForLink(key.key, released.webhook_id, released.link, released.sealed_body);
  const std::optional<Trigger> trigger = TriggerOf(released.event);
  if (!body.ok() || !trigger.has_value()) return std::nullopt;
  const absl::StatusOr<Envelope> envelope =
      ReadEnvelope(body->Expose(SecretAccess::ForEncryption()));
  if (!envelope.ok()) return std::nullopt;
  absl::StatusOr<TriggerContent> content = ReadTriggerContent(*trigger, *envelope);
  if (!content.ok()) return std::nullopt;
  return TriggerEvent{.event_id = released.webhook_id,
                      .trigger = *trigger,
                      .sequence = released.sequence,
                      .event_time = released.event_time,
                      .received_at = released.received_at,
                      .late = released.late,
                      .replays = released.replays,
                      .content = *std::move(content)};
}

}  // namespace

absl::StatusOr<TriggerEventPage> TriggerEvents::List(const std::string& project_id,
                                                     const std::string& user_id, int64_t after,
                                                     int limit, Deadline deadline) {
  TriggerEventPage page;
  page.position = after;
  SHODAN_ASSIGN_OR_RETURN(const std::vector<ReleasedEvent> told,
                          store_.ListReleased(project_id, user_id, after, limit, deadline));
  if (told.empty()) return page;
  SHODAN_ASSIGN_OR_RETURN(
      const std::shared_ptr<const LinkDataKey> key,
      vault_.FindLinkDataKey(project_id, user_id, told.back().link.generation, deadline));
  if (key == nullptr) return page;
  size_t bytes = 0;
  for (const ReleasedEvent& released : told) {
    bytes += released.sealed_body.size();
    if (bytes > kPageBytesMax && page.position != after) break;
    page.position = released.sequence;
    std::optional<TriggerEvent> event = Open(released, *key);
    if (event.has_value()) page.events.push_back(*std::move(event));
  }
  return page;
}

}  // namespace shodan::automation
