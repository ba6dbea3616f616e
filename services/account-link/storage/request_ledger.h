// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/account-link/domain/idempotency.h"

namespace shodan::account_link {

/// Records a request in the transaction of its effect and returns `resource_id`. For a repetition
/// it returns what was recorded the first time, and the caller must do nothing more; a request of
/// the same id that is still running is waited for. ALREADY_EXISTS/REQUEST_ID_REUSED when method or
/// content differ.
absl::StatusOr<std::string> ClaimRequest(postgres::Session& session,
                                         const IdempotentRequest& request,
                                         const std::string& resource_id);

}  // namespace shodan::account_link
