// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/link_store.h"
#include "services/account-link/domain/project_store.h"

namespace shodan::account_link {

/// Looks up projects and links. Needs the database alone. Thread-safe.
class Directory {
 public:
  Directory(ProjectStore& projects, LinkStore& links) : projects_(projects), links_(links) {}

  /// NOT_FOUND/PROJECT_NOT_FOUND.
  absl::StatusOr<Project> GetProject(const std::string& project_id, const CallScope& scope);

  /// The user's link; one without an id, in state kNone, when the user never connected.
  /// NOT_FOUND/PROJECT_NOT_FOUND.
  absl::StatusOr<Link> GetLink(const UserKey& owner, const CallScope& scope);

 private:
  ProjectStore& projects_;
  LinkStore& links_;
};

}  // namespace shodan::account_link
