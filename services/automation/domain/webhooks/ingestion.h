// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/automation/domain/vault_port.h"
#include "services/automation/domain/webhooks/webhook_store.h"

namespace shodan::automation {

/// What Zoom is answered.
struct IngestionResult {
  std::optional<ChallengeAnswer> challenge;
  bool duplicate = false;
};

/// Takes webhooks in. Thread-safe.
class Ingestion {
 public:
  struct Settings {
    std::chrono::milliseconds window{300'000};  ///< between Zoom's signature and now
    std::chrono::milliseconds duplicates_for = std::chrono::hours(72);
  };
  using Clock = std::function<Time()>;

  /// `vault` and `store` outlive it. `clock` is this machine's: the signature was made by another.
  Ingestion(Vault& vault, WebhookStore& store, const Settings& settings, Clock clock);

  /// Returns once the webhook is stored, sealed, or was stored before.
  /// UNAUTHENTICATED/WEBHOOK_SIGNATURE_REQUIRED, and as CheckSignedTime() and Vault::Verify().
  absl::StatusOr<IngestionResult> Take(IncomingWebhook webhook, const std::string& request_id,
                                       Deadline deadline);

 private:
  Vault& vault_;
  WebhookStore& store_;
  const Settings settings_;
  const Clock clock_;
};

/// The JSON with which a challenge is answered.
std::string ToJson(const ChallengeAnswer& answer);

}  // namespace shodan::automation
