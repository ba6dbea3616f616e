// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/settings.h"
#include "services/token-vault/domain/webhooks/inbox_key_store.h"
#include "services/token-vault/domain/webhooks/webhook_signature.h"
#include "services/token-vault/domain/zoom/zoom_app.h"

namespace shodan::tokenvault {

/// Whose secret a webhook is to be checked with: the project's, or that of the app with this client
/// id, or with neither that of the one project there is.
struct WebhookAddressee {
  std::string project_id;
  std::string client_id;
};

/// A key with which a holder outside the vault seals webhooks.
struct InboxKey {
  std::string inbox_key_id;
  Secret key;
};

/// A webhook that Zoom signed.
struct VerifiedWebhook {
  std::string project_id;
  bool by_previous_secret = false;
  std::optional<ChallengeAnswer> challenge;  ///< then nothing else is to be done
  std::string body_tag;                      ///< the same for the same project and body; 32 bytes
  InboxKey inbox_key;                        ///< of today
};

/// Knows whether Zoom sent a webhook, without giving the secret away that tells. Thread-safe.
class Webhooks {
 public:
  Webhooks(const ZoomApps& apps, InboxKeyStore& keys, const Sealing& sealing,
           const Lifetimes& lifetimes)
      : apps_(apps), keys_(keys), sealing_(sealing), lifetimes_(lifetimes) {}

  /// NOT_FOUND/PROJECT_NOT_FOUND, FAILED_PRECONDITION/WEBHOOK_SECRET_MISSING,
  /// UNAUTHENTICATED/WEBHOOK_SIGNATURE_INVALID; of a signed challenge
  /// INVALID_ARGUMENT/WEBHOOK_CHALLENGE_INVALID.
  absl::StatusOr<VerifiedWebhook> Verify(const WebhookAddressee& addressee,
                                         const SignedWebhook& webhook, Deadline deadline);
  /// NOT_FOUND/INBOX_KEY_NOT_FOUND once it is destroyed.
  absl::StatusOr<InboxKey> FindKey(const std::string& inbox_key_id, Deadline deadline);
  /// The key under which the secrets of a project's webhook endpoints lie outside the vault; always
  /// the same. NOT_FOUND/PROJECT_NOT_FOUND.
  absl::StatusOr<Secret> EndpointKey(const std::string& project_id, Deadline deadline);
  /// Destroys the keys that no webhook may be opened with any more.
  absl::Status Sweep(Deadline deadline);

 private:
  ZoomAppPtr FindApp(const WebhookAddressee& addressee) const;
  absl::StatusOr<InboxKey> KeyFor(InboxKeyUse use, Deadline deadline);

  const ZoomApps& apps_;
  InboxKeyStore& keys_;
  const Sealing& sealing_;
  const Lifetimes& lifetimes_;
};

}  // namespace shodan::tokenvault
