// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "libs/secrets/secret.h"
#include "services/automation/domain/webhooks/body_sealing.h"

namespace shodan::automation {

/// A webhook as it came, before anything about it is believed.
struct IncomingWebhook {
  std::string project_id;  ///< of the address; empty when it names none
  std::string client_id;   ///< of the header
  std::string timestamp;   ///< of the header
  std::string signature;   ///< of the header
  std::string body;
};

/// The answer to a check of Zoom's that the address is the app's.
struct ChallengeAnswer {
  std::string plain_token;
  std::string encrypted_token;
};

/// A webhook that Zoom signed.
struct VerifiedWebhook {
  std::string project_id;
  bool by_previous_secret = false;
  std::optional<ChallengeAnswer> challenge;  ///< then the rest is empty
  std::string body_tag;                      ///< the same whenever this body comes; 32 bytes
  std::string inbox_key_id;
  Secret inbox_key;
};

/// The key of a link's present life.
struct LinkDataKey {
  int64_t generation = 0;
  Secret key;
};

/// A change of a grant, as far as it matters here.
struct GrantEvent {
  int64_t event_id = 0;
  std::string project_id;
  std::string user_id;
  std::string link_id;
  int64_t generation = 0;
  bool ended = false;  ///< the life before this generation is over, and what it left is to go
};

/// Port to the token vault. Thread-safe.
///
/// Errors that decide what happens next keep code and reason; every other one is
/// UNAVAILABLE/VAULT_UNAVAILABLE.
class Vault {
 public:
  virtual ~Vault() = default;

  /// UNAUTHENTICATED/WEBHOOK_SIGNATURE_INVALID, NOT_FOUND/PROJECT_NOT_FOUND,
  /// FAILED_PRECONDITION/WEBHOOK_SECRET_MISSING, INVALID_ARGUMENT/WEBHOOK_CHALLENGE_INVALID.
  virtual absl::StatusOr<VerifiedWebhook> Verify(const IncomingWebhook& webhook,
                                                 const std::string& request_id,
                                                 Deadline deadline) = 0;
  /// nullptr once it is destroyed.
  virtual absl::StatusOr<std::shared_ptr<const Secret>> FindInboxKey(
      const std::string& inbox_key_id, Deadline deadline) = 0;
  /// The link of a Zoom user; nullopt when there is none.
  virtual absl::StatusOr<std::optional<LinkLife>> FindLink(const std::string& project_id,
                                                           const std::string& zoom_account_id,
                                                           const std::string& zoom_user_id,
                                                           Deadline deadline) = 0;
  /// The key of the user's link in this life or a later one; nullptr when nothing of it is held any
  /// more.
  virtual absl::StatusOr<std::shared_ptr<const LinkDataKey>> FindLinkDataKey(
      const std::string& project_id, const std::string& user_id, int64_t generation,
      Deadline deadline) = 0;
  /// The key under which the secrets of a project's endpoints lie. NOT_FOUND/PROJECT_NOT_FOUND.
  virtual absl::StatusOr<std::shared_ptr<const Secret>> FindEndpointKey(
      const std::string& project_id, Deadline deadline) = 0;
  /// In the order of commit.
  virtual absl::StatusOr<std::vector<GrantEvent>> ListGrantEvents(int64_t after_event_id, int limit,
                                                                  Deadline deadline) = 0;
};

}  // namespace shodan::automation
