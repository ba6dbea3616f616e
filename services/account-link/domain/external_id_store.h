// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// The names that other systems know links by, unique in a project. Errors of the database pass
/// through. Thread-safe.
class ExternalIdStore {
 public:
  virtual ~ExternalIdStore() = default;

  /// True when no other link of the project has the name, and the user's has no other name.
  virtual absl::StatusOr<bool> IsFree(const UserKey& owner, const std::string& external_id,
                                      Deadline deadline) = 0;
  /// Names the user's link; repeatable. False when IsFree() would be, or there is no link.
  virtual absl::StatusOr<bool> Give(const UserKey& owner, const std::string& external_id,
                                    Deadline deadline) = 0;
};

}  // namespace shodan::account_link
