// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"
#include "services/account-link/domain/api_key.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/page.h"

namespace shodan::account_link {

/// What a new key is to be.
struct ApiKeyContent {
  std::string project_id;
  std::string name;
  std::vector<std::string> scopes;
  std::optional<Time> expire_time;
};

/// A key with its text, which nobody can read again.
struct IssuedApiKey {
  ApiKey api_key;
  Secret text;
};

/// A stored key with the hashes of the texts that are accepted for it at present.
struct StoredApiKey {
  ApiKey api_key;
  std::string hash;
  std::optional<std::string> previous_hash;
  bool touch_due = false;  ///< no use was noted in the present hour
};

/// Keys of programs. Every change writes its audit record in its transaction; times are the store's
/// clock. Errors of the database pass through. Thread-safe.
class ApiKeyStore {
 public:
  virtual ~ApiKeyStore() = default;

  /// NOT_FOUND/PROJECT_NOT_FOUND; FAILED_PRECONDITION/TOO_MANY_API_KEYS above `keys_max`;
  /// INVALID_ARGUMENT/INVALID_FIELD when the expiry is not within `lifetime_max` from now.
  virtual absl::StatusOr<ApiKey> Insert(const ApiKeyContent& content, const std::string& api_key_id,
                                        const std::string& hash, size_t keys_max,
                                        std::chrono::seconds lifetime_max, const Actor& actor,
                                        Deadline deadline) = 0;
  /// One more than asked for when there are more. Newest first.
  virtual absl::StatusOr<std::vector<ApiKey>> List(const std::string& project_id,
                                                   const PageQuery& query, Deadline deadline) = 0;
  /// Puts another hash in; the one before stays accepted for `overlap`, if that is above 0.
  /// NOT_FOUND/API_KEY_NOT_FOUND; FAILED_PRECONDITION/API_KEY_ROTATING.
  virtual absl::StatusOr<ApiKey> Rotate(const std::string& project_id,
                                        const std::string& api_key_id, const std::string& hash,
                                        std::chrono::seconds overlap, const Actor& actor,
                                        Deadline deadline) = 0;
  /// NOT_FOUND/API_KEY_NOT_FOUND.
  virtual absl::Status Delete(const std::string& project_id, const std::string& api_key_id,
                              const Actor& actor, Deadline deadline) = 0;
  /// A key that has not expired, of a project that exists; nullopt when there is none.
  virtual absl::StatusOr<std::optional<StoredApiKey>> Find(const std::string& api_key_id,
                                                           Deadline deadline) = 0;
  /// Notes that the key was used in this hour.
  virtual absl::Status Touch(const std::string& api_key_id, Deadline deadline) = 0;
};

/// What administrators do with their project's API keys, and the gateway with a key it was shown.
/// Thread-safe.
class ApiKeys {
 public:
  explicit ApiKeys(ApiKeyStore& store) : store_(store) {}

  /// INVALID_ARGUMENT/INVALID_FIELD, and as the store.
  absl::StatusOr<IssuedApiKey> Create(ApiKeyContent content, const CallScope& scope);
  absl::StatusOr<Page<ApiKey>> List(const UserKey& admin, const PageRequest& page,
                                    const CallScope& scope);
  absl::StatusOr<IssuedApiKey> Rotate(const std::string& project_id, const std::string& api_key_id,
                                      std::chrono::seconds overlap, const CallScope& scope);
  absl::Status Delete(const std::string& project_id, const std::string& api_key_id,
                      const CallScope& scope);
  /// UNAUTHENTICATED/API_KEY_INVALID, whatever is wrong with the text.
  absl::StatusOr<ApiKey> Authenticate(const Secret& text, const CallScope& scope);

 private:
  ApiKeyStore& store_;
};

}  // namespace shodan::account_link
