// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/ingestion.h"

#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/automation/domain/errors.h"
#include "services/automation/domain/webhooks/signed_time.h"

namespace shodan::automation {

Ingestion::Ingestion(Vault& vault, WebhookStore& store, const Settings& settings, Clock clock)
    : vault_(vault), store_(store), settings_(settings), clock_(std::move(clock)) {}

absl::StatusOr<IngestionResult> Ingestion::Take(IncomingWebhook webhook,
                                                const std::string& request_id, Deadline deadline) {
  if (webhook.signature.empty() || webhook.timestamp.empty()) {
    return Unauthenticated(reason::kSignatureRequired,
                           "The headers x-zm-signature and x-zm-request-timestamp are required.");
  }
  SHODAN_RETURN_IF_ERROR(CheckSignedTime(webhook.timestamp, clock_(), settings_.window));
  SHODAN_ASSIGN_OR_RETURN(const VerifiedWebhook verified,
                          vault_.Verify(webhook, request_id, deadline));
  IngestionResult result;
  if (verified.challenge.has_value()) {
    result.challenge = verified.challenge;
    return result;
  }
  NewWebhook stored;
  stored.webhook_id = RandomUuid();
  stored.project_id = verified.project_id;
  stored.inbox_key_id = verified.inbox_key_id;
  stored.sealed_body = SealInInbox(verified.inbox_key, stored.webhook_id, stored.project_id,
                                   Secret::Take(std::move(webhook.body)));
  stored.body_tag = verified.body_tag;
  CrashPoint("automation.ingest.before_insert");
  SHODAN_ASSIGN_OR_RETURN(const bool is_new,
                          store_.Insert(stored, settings_.duplicates_for, deadline));
  CrashPoint("automation.ingest.after_insert");
  result.duplicate = !is_new;
  return result;
}

std::string ToJson(const ChallengeAnswer& answer) {
  return boost::json::serialize(boost::json::object{{"plainToken", answer.plain_token},
                                                    {"encryptedToken", answer.encrypted_token}});
}

}  // namespace shodan::automation
