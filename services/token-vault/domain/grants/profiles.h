// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/token-vault/domain/grants/grant_store.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/zoom/zoom_app.h"

namespace shodan::tokenvault {

/// What the connected user is shown about the Zoom account.
struct ShownProfile {
  std::string display_name;
  std::string email;
  std::vector<std::string> granted_scopes;
  std::vector<std::string> missing_scopes;
  GrantState state = GrantState::kNone;
  int64_t generation = 0;
};

/// The key under which a link's Zoom data lies outside the vault; wiped with the link.
struct LinkDataKey {
  std::string link_id;
  int64_t generation = 0;
  Secret key;
};

/// Knows which Zoom user stands behind a link, and which link belongs to a Zoom user. Thread-safe.
class Profiles {
 public:
  Profiles(GrantStore& grants, const ZoomApps& apps, const Sealing& sealing)
      : grants_(grants), apps_(apps), sealing_(sealing) {}

  /// NOT_FOUND/GRANT_NOT_FOUND when nothing is held.
  absl::StatusOr<ShownProfile> Get(const std::string& project_id, const std::string& user_id,
                                   Deadline deadline);

  /// NOT_FOUND/GRANT_NOT_FOUND when nothing is held.
  absl::StatusOr<LinkDataKey> GetLinkDataKey(const std::string& project_id,
                                             const std::string& user_id, Deadline deadline);

  /// The link that a Zoom user is connected to, or waits to reconnect. NOT_FOUND/PROJECT_NOT_FOUND,
  /// /GRANT_NOT_FOUND, UNAVAILABLE/TAG_VERSION_STALE.
  absl::StatusOr<IdentifiedLink> Resolve(const std::string& project_id,
                                         const std::string& zoom_account_id,
                                         const std::string& zoom_user_id, Deadline deadline);

 private:
  GrantStore& grants_;
  const ZoomApps& apps_;
  const Sealing& sealing_;
};

/// The grant's scopes, sorted; none when the server named none.
std::vector<std::string> GrantedScopes(const Grant& grant);

/// Expected scopes that are not among the granted ones, sorted. A granted scope counts for its
/// admin form and the other way round, as Zoom grants either.
std::vector<std::string> MissingScopes(const std::vector<std::string>& expected,
                                       const std::vector<std::string>& granted);

}  // namespace shodan::tokenvault
