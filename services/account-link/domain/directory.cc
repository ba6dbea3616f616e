// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/directory.h"

#include <optional>
#include <utility>

#include "libs/base/status.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/validation.h"

namespace shodan::account_link {

absl::StatusOr<Project> Directory::GetProject(const std::string& project_id,
                                              const CallScope& scope) {
  RequestCheck check;
  check.ProjectId(project_id);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  SHODAN_ASSIGN_OR_RETURN(std::optional<Project> project,
                          projects_.Find(project_id, scope.deadline));
  if (!project.has_value()) return ProjectNotFound();
  return *std::move(project);
}

absl::StatusOr<Link> Directory::GetLink(const UserKey& owner, const CallScope& scope) {
  RequestCheck check;
  check.Owner(owner);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  SHODAN_ASSIGN_OR_RETURN(std::optional<Link> link, links_.Find(owner, scope.deadline));
  // A first authorization under way has a row already, and was not connected yet.
  if (link.has_value() && link->generation > 0) return *std::move(link);
  SHODAN_RETURN_IF_ERROR(GetProject(owner.project_id, scope).status());
  Link none;
  none.owner = owner;
  return none;
}

}  // namespace shodan::account_link
