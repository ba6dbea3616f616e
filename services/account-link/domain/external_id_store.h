// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// The names that callers chose for links: connection ids of programs with an API key, brought here
/// by an import or set by a connect session. Unique in a project; a link that has a name keeps it,
/// and one that has none goes by its id, which is no name for another one. Errors of the database
/// pass through. Thread-safe.
class ExternalIdStore {
 public:
  virtual ~ExternalIdStore() = default;

  /// True when no other link of the project has the name or goes by it, and the user's has no other
  /// name.
  virtual absl::StatusOr<bool> IsFree(const UserKey& owner, const std::string& external_id,
                                      Deadline deadline) = 0;
  /// Names the user's link; repeatable. False when IsFree() would be, or there is no link.
  virtual absl::StatusOr<bool> Give(const UserKey& owner, const std::string& external_id,
                                    Deadline deadline) = 0;
};

}  // namespace shodan::account_link
