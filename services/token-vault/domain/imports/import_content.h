// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"

namespace shodan::tokenvault {

/// Reads what was encrypted: a JSON object with "userId", which must be `user_id`, and
/// "refreshToken"; "accessToken" and "expireTime" may be there and are dropped. The refresh token.
/// INVALID_ARGUMENT/IMPORT_CONTENT_INVALID with the metadata "field"; "envelope" when it is no such
/// object or has other members. Nothing of the content is repeated.
absl::StatusOr<Secret> ReadImportContent(const Secret& content, const std::string& user_id);

}  // namespace shodan::tokenvault
