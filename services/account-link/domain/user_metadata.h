// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/link.h"
#include "services/account-link/domain/user_metadata_store.h"

namespace shodan::account_link {

/// What stands for no metadata.
inline constexpr std::string_view kNoMetadata = "{}";

/// `kept` with the members of `patch`; a null removes its member (RFC 7396, on the first level
/// only). Both are JSON objects. INVALID_ARGUMENT/INVALID_FIELD names `metadata` when the patch is
/// none, and when the outcome were larger than kMaxMetadataBytes.
absl::StatusOr<std::string> PatchMetadata(const std::string& kept, const std::string& patch);

/// A JSON object for each user, of which nothing here knows the meaning. Thread-safe.
class UserMetadata {
 public:
  explicit UserMetadata(UserMetadataStore& store) : store_(store) {}

  absl::StatusOr<std::string> Get(const UserKey& owner, const CallScope& scope);
  /// What is kept afterwards; errors of PatchMetadata() change nothing.
  absl::StatusOr<std::string> Update(const UserKey& owner, const std::string& patch,
                                     const CallScope& scope);

 private:
  UserMetadataStore& store_;
};

}  // namespace shodan::account_link
