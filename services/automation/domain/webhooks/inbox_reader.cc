// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/inbox_reader.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "services/automation/domain/errors.h"
#include "services/automation/domain/triggers/trigger_content.h"

namespace shodan::automation {

absl::Status InboxReader::ReadTrigger(const ClaimedWebhook& claimed, const Envelope& envelope,
                                      const Secret& body, Attempt& attempt, Deadline deadline) {
  const std::optional<Trigger> trigger = TriggerOf(envelope.event);
  if (!trigger.has_value()) {
    attempt.settled = ending::kNotATrigger;
    return absl::OkStatus();
  }
  SHODAN_ASSIGN_OR_RETURN(const TriggerContent content, ReadTriggerContent(*trigger, envelope));
  SHODAN_ASSIGN_OR_RETURN(
      std::optional<LinkLife> link,
      parts_.vault.FindLink(claimed.project_id, envelope.account_id, content.owner_id, deadline));
  if (!link.has_value()) {
    attempt.settled = ending::kNotConnected;
    return absl::OkStatus();
  }
  SHODAN_ASSIGN_OR_RETURN(
      const std::shared_ptr<const LinkDataKey> key,
      parts_.vault.FindLinkDataKey(link->project_id, link->user_id, link->generation, deadline));
  if (key == nullptr) {
    attempt.settled = ending::kNotConnected;
    return absl::OkStatus();
  }
  if (key->generation != link->generation) {
    return Unavailable(reason::kVaultUnavailable, "The link is changing: try again.");
  }
  attempt.read.event = envelope.event;
  attempt.read.event_time = envelope.event_time.value_or(claimed.received_at);
  attempt.read.sealed_body = SealForLink(key->key, claimed.webhook_id, *link, body);
  attempt.read.link = *std::move(link);
  return absl::OkStatus();
}

absl::Status InboxReader::Read(const ClaimedWebhook& claimed, Attempt& attempt, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::shared_ptr<const Secret> key,
                          parts_.vault.FindInboxKey(claimed.inbox_key_id, deadline));
  if (key == nullptr) {
    attempt.settled = ending::kKeyDestroyed;
    return absl::OkStatus();
  }
  SHODAN_ASSIGN_OR_RETURN(
      const Secret body,
      OpenFromInbox(*key, claimed.webhook_id, claimed.project_id, claimed.sealed_body));
  SHODAN_ASSIGN_OR_RETURN(const Envelope envelope,
                          ReadEnvelope(body.Expose(SecretAccess::ForEncryption())));
  attempt.event = envelope.event;
  if (envelope.event != kDeauthorizationEvent) {
    return ReadTrigger(claimed, envelope, body, attempt, deadline);
  }
  SHODAN_ASSIGN_OR_RETURN(const Deauthorization deauthorization, ReadDeauthorization(envelope));
  attempt.settled = ending::kDeauthorization;
  return parts_.account_links.Deauthorize(claimed.project_id, deauthorization, deadline);
}

absl::Status InboxReader::Finish(const ClaimedWebhook& claimed, const absl::Status& outcome,
                                 const Attempt& attempt, Deadline deadline) {
  const auto count = [&](std::string_view result) {
    parts_.metrics.Count("shodan_automation_webhooks_read_total",
                         "Webhooks by what reading them led to.", {{"result", result}});
  };
  if (outcome.ok()) {
    if (attempt.settled.empty()) {
      count("held");
      return parts_.store.Hold(claimed, attempt.read, settings_.hold, deadline);
    }
    count("settled");
    return parts_.store.Settle(claimed, attempt.event, attempt.settled, deadline);
  }
  const NextStep next = DecideAfterFailure(outcome, claimed.attempts, settings_.attempts);
  if (next.kind == NextStep::Kind::kRetry) {
    count("retried");
    return parts_.store.Retry(claimed, next.delay, next.counts, deadline);
  }
  count("parked");
  parts_.log.Warning("a webhook is parked: it cannot be read",
                     {{"webhook_id", claimed.webhook_id}, {"reason", next.reason}});
  return parts_.store.Park(claimed, attempt.event, next.reason, deadline);
}

absl::StatusOr<int> InboxReader::RunOnce(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::vector<ClaimedWebhook> batch,
                          parts_.store.Claim(settings_.batch, settings_.lease, deadline));
  for (const ClaimedWebhook& claimed : batch) {
    Attempt attempt;
    absl::Status outcome;
    if (IsExhausted(claimed.attempts, settings_.attempts)) {
      outcome = Internal(ending::kAttemptsExhausted, "Every attempt ended its process.");
    } else {
      CrashPoint("automation.read.before");
      outcome = Read(claimed, attempt, deadline);
      CrashPoint("automation.read.after");
    }
    SHODAN_RETURN_IF_ERROR(Finish(claimed, outcome, attempt, deadline));
    CrashPoint("automation.read.finished");
  }
  return static_cast<int>(batch.size());
}

}  // namespace shodan::automation
