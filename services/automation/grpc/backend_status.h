// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"

namespace shodan::automation {

/// What an error of the vault means here: reasons that decide what happens next keep their code and
/// reason, everything else is UNAVAILABLE/VAULT_UNAVAILABLE.
absl::Status FromVaultStatus(const grpc::Status& status);
/// The same of account-link: UNAVAILABLE/ACCOUNT_LINK_UNAVAILABLE, except NOT_FOUND/
/// PROJECT_NOT_FOUND.
absl::Status FromAccountLinkStatus(const grpc::Status& status);

}  // namespace shodan::automation
