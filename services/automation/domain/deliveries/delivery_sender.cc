// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/deliveries/delivery_sender.h"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "services/automation/domain/deliveries/payload.h"
#include "services/automation/domain/deliveries/secret_sealing.h"
#include "services/automation/domain/deliveries/signature.h"
#include "services/automation/domain/errors.h"

namespace shodan::automation {
namespace {

// Nobody reads the answer; so much of it is taken in that a server can end it in its own time.
constexpr size_t kAnswerBytesMax = 16 << 10;

std::string_view NameOf(AttemptEnd::Kind kind) {
  switch (kind) {
    case AttemptEnd::Kind::kDelivered:
      return "delivered";
    case AttemptEnd::Kind::kRetry:
      return "retried";
    case AttemptEnd::Kind::kDead:
      return "dead";
    case AttemptEnd::Kind::kGone:
      return "gone";
    case AttemptEnd::Kind::kPutBack:
      return "put_back";
    case AttemptEnd::Kind::kUntellable:
      return "untellable";
    case AttemptEnd::Kind::kErased:
      return "erased";
  }
  return "";
}

}  // namespace

DeliverySender::DeliverySender(Parts parts, Settings settings)
    : parts_(std::move(parts)), settings_(std::move(settings)) {}

absl::StatusOr<std::vector<Secret>> DeliverySender::OpenSecrets(const ClaimedDelivery& claimed,
                                                                Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::shared_ptr<const Secret> key,
                          parts_.vault.FindEndpointKey(claimed.project_id, deadline));
  std::vector<Secret> secrets;
  for (const SealedSecret& sealed : claimed.secrets) {
    SHODAN_ASSIGN_OR_RETURN(Secret secret, OpenEndpointSecret(*key, claimed.project_id, sealed));
    secrets.push_back(std::move(secret));
  }
  if (secrets.empty()) return Internal(reason::kStoredValueUnknown, "An endpoint has no secret.");
  return secrets;
}

AttemptEnd DeliverySender::Send(const ClaimedDelivery& claimed, const std::vector<Secret>& secrets,
                                const std::string& body) {
  HttpsRequest request;
  request.method = "POST";
  request.url = claimed.url;
  request.headers = SignedHeaders(secrets, {claimed.message_id, parts_.now(), body});
  request.body = Secret(body);
  request.ca_file = settings_.ca_file;
  request.timeout = settings_.timeout;
  request.answer_bytes_max = kAnswerBytesMax;
  request.public_addresses_only = !settings_.allow_private_addresses;
  const HttpsOutcome outcome = parts_.https.Send(request);
  return DecideAfterAttempt(outcome, claimed.attempts, parts_.now(), parts_.random());
}

AttemptEnd DeliverySender::Attempt(const ClaimedDelivery& claimed, Deadline deadline) {
  if (claimed.attempts > kDeliveryAttempts) {
    return Ended(AttemptEnd::Kind::kUntellable, ending::kAttemptsExhausted);
  }
  const absl::StatusOr<std::vector<Secret>> secrets = OpenSecrets(claimed, deadline);
  if (!secrets.ok()) return PutBack(ReasonOf(secrets.status()));
  if (claimed.payload.has_value()) return Send(claimed, *secrets, *claimed.payload);
  if (!claimed.event.has_value()) return PutBack(ending::kEventNotReadable);
  const absl::StatusOr<std::shared_ptr<const LinkDataKey>> key = parts_.vault.FindLinkDataKey(
      claimed.project_id, claimed.event->link.user_id, claimed.event->link.generation, deadline);
  if (!key.ok()) return PutBack(ReasonOf(key.status()));
  if (*key == nullptr) return Ended(AttemptEnd::Kind::kErased, "");
  absl::StatusOr<std::string> payload = TriggerPayload(claimed.event_type, *claimed.event, **key);
  if (!payload.ok()) return Ended(AttemptEnd::Kind::kUntellable, ReasonOf(payload.status()));
  const AttemptEnd end = Send(claimed, *secrets, *payload);
  WipeString(*payload);
  return end;
}

absl::StatusOr<bool> DeliverySender::RunOnce(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::optional<ClaimedDelivery> claimed,
                          parts_.store.Claim(settings_.endpoints, settings_.lease, deadline));
  if (!claimed.has_value()) return false;
  CrashPoint("automation.deliver.before");
  const AttemptEnd end = Attempt(*claimed, deadline);
  CrashPoint("automation.deliver.after");
  parts_.metrics.Count("shodan_automation_delivery_attempts_total",
                       "Attempts to send an event to an endpoint by what they came to.",
                       {{"result", NameOf(end.kind)}});
  SHODAN_RETURN_IF_ERROR(parts_.store.Finish(*claimed, end, settings_.endpoints, deadline));
  return true;
}

}  // namespace shodan::automation
