// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/account-link/domain/project.h"

namespace shodan::account_link {

/// The projects of the installation. Errors of the database pass through. Thread-safe.
class ProjectStore {
 public:
  virtual ~ProjectStore() = default;

  /// nullopt when there is none with this id.
  virtual absl::StatusOr<std::optional<Project>> Find(const std::string& project_id,
                                                      Deadline deadline) = 0;
  /// Makes `projects`, the entries of the projects file, the projects of the installation, in one
  /// transaction. A project whose entry is the one applied last keeps what an administrator set.
  /// Links, calls and notes of a project that is no longer among them stay.
  virtual absl::Status Apply(const std::vector<Project>& projects, Deadline deadline) = 0;
};

}  // namespace shodan::account_link
