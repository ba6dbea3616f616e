// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// The metadata of users. Errors of the database pass through. Thread-safe.
class UserMetadataStore {
 public:
  /// From what is kept to what shall be kept; an error changes nothing.
  using Change = std::function<absl::StatusOr<std::string>(const std::string& kept)>;

  virtual ~UserMetadataStore() = default;

  /// kNoMetadata when nothing is kept.
  virtual absl::StatusOr<std::string> Get(const UserKey& owner, Deadline deadline) = 0;
  /// Changes of one user happen one after another. Answers what is kept afterwards.
  virtual absl::StatusOr<std::string> Update(const UserKey& owner, const Change& change,
                                             Deadline deadline) = 0;
};

}  // namespace shodan::account_link
