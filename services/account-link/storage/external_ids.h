// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// What became of a wish to name a link.
enum class Naming {
  kDone,    ///< it goes by the name, now or already
  kTaken,   ///< another link of the project has the name, or goes by it as its id
  kFixed,   ///< it has another name
  kNoLink,  ///< the user has no link
};

/// Names the user's link in the session's transaction, which holds the link's row from then on.
/// When another transaction gives the same name at the same moment, the later one fails with
/// DATABASE_CONFLICT.
absl::StatusOr<Naming> NameLink(postgres::Session& session, const UserKey& owner,
                                const std::string& name);

}  // namespace shodan::account_link
