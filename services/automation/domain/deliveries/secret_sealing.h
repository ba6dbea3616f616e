// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"
#include "services/automation/domain/deliveries/endpoint.h"

namespace shodan::automation {

/// A secret of an endpoint, sealed under its project's key.
SealedSecret SealEndpointSecret(const Secret& project_key, const std::string& project_id,
                                const Secret& secret);
/// DATA_LOSS/SEALED_FIELD_MISPLACED, /SEALED_FIELD_CORRUPT.
absl::StatusOr<Secret> OpenEndpointSecret(const Secret& project_key, const std::string& project_id,
                                          const SealedSecret& sealed);

}  // namespace shodan::automation
