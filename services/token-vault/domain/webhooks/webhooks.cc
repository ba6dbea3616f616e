// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/webhooks/webhooks.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "services/token-vault/domain/errors.h"

namespace shodan::tokenvault {
namespace {

constexpr size_t kKeySize = 32;
constexpr std::string_view kEndpointKeyPurpose = "webhook endpoint secrets";

}  // namespace

ZoomAppPtr Webhooks::FindApp(const WebhookAddressee& addressee) const {
  if (!addressee.project_id.empty()) return apps_.ForProject(addressee.project_id);
  return addressee.client_id.empty() ? apps_.OnlyOne() : apps_.ByClientId(addressee.client_id);
}

absl::StatusOr<InboxKey> Webhooks::KeyFor(InboxKeyUse use, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const InboxKeyRecord record,
                          keys_.FindOrCreate(
                              use,
                              [this](const std::string& inbox_key_id) {
                                return sealing_.SealInboxKey(inbox_key_id, RandomSecret(kKeySize));
                              },
                              deadline));
  SHODAN_ASSIGN_OR_RETURN(Secret key,
                          sealing_.OpenInboxKey(record.inbox_key_id, record.sealed_key));
  return InboxKey{record.inbox_key_id, std::move(key)};
}

absl::StatusOr<VerifiedWebhook> Webhooks::Verify(const WebhookAddressee& addressee,
                                                 const SignedWebhook& webhook, Deadline deadline) {
  const ZoomAppPtr app = FindApp(addressee);
  if (app == nullptr) return NotFound(kProjectNotFound, "There is no such project.");
  if (app->webhook_secret.empty()) {
    return FailedPrecondition(kWebhookSecretMissing,
                              "The project's Zoom app has no webhook secret. Set it to the secret "
                              "token of the app's webhooks at Zoom.");
  }
  // Both are tried always, so that the time tells nothing about which one it was.
  const bool by_present = SignatureFits(app->webhook_secret, webhook);
  const bool by_previous = SignatureFits(app->previous_webhook_secret, webhook);
  if (!by_present && !by_previous) {
    return Unauthenticated(kWebhookSignatureInvalid,
                           "The signature does not fit the project's webhook secret.");
  }
  VerifiedWebhook verified;
  verified.project_id = app->project_id;
  verified.by_previous_secret = !by_present;
  if (const std::optional<Challenge> challenge = ReadChallenge(webhook.body);
      challenge.has_value()) {
    if (challenge->plain_token.empty()) {
      return InvalidArgument(kWebhookChallengeInvalid,
                             "The plain token is not 1 to 64 letters, digits, _ or -.");
    }
    verified.challenge = AnswerChallenge(
        by_present ? app->webhook_secret : app->previous_webhook_secret, challenge->plain_token);
    return verified;
  }
  SHODAN_ASSIGN_OR_RETURN(const InboxKey tagging, KeyFor(InboxKeyUse::kTagging, deadline));
  verified.body_tag = HmacSha256(tagging.key, LengthPrefixed({app->project_id, webhook.body}));
  SHODAN_ASSIGN_OR_RETURN(verified.inbox_key, KeyFor(InboxKeyUse::kSealing, deadline));
  return verified;
}

absl::StatusOr<InboxKey> Webhooks::FindKey(const std::string& inbox_key_id, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::optional<InboxKeyRecord> record,
                          keys_.Find(inbox_key_id, deadline));
  if (!record.has_value()) {
    return NotFound(kInboxKeyNotFound, "The inbox key is destroyed: what it sealed is gone.");
  }
  SHODAN_ASSIGN_OR_RETURN(Secret key, sealing_.OpenInboxKey(inbox_key_id, record->sealed_key));
  return InboxKey{inbox_key_id, std::move(key)};
}

absl::StatusOr<Secret> Webhooks::EndpointKey(const std::string& project_id, Deadline deadline) {
  if (apps_.ForProject(project_id) == nullptr) {
    return NotFound(kProjectNotFound, "There is no such project.");
  }
  SHODAN_ASSIGN_OR_RETURN(const InboxKey tagging, KeyFor(InboxKeyUse::kTagging, deadline));
  return HkdfSha256(tagging.key, "", LengthPrefixed({kEndpointKeyPurpose, project_id}), kKeySize);
}

absl::Status Webhooks::Sweep(Deadline deadline) {
  return keys_.DestroyOld(lifetimes_.inbox_key, deadline);
}

}  // namespace shodan::tokenvault
