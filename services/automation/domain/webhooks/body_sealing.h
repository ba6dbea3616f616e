// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"

namespace shodan::automation {

/// One life of a link.
struct LinkLife {
  std::string project_id;
  std::string user_id;
  std::string link_id;
  int64_t generation = 0;

  bool operator==(const LinkLife&) const = default;
};

/// The body of a webhook under the inbox key of the day on which it came: its user is not known.
std::string SealInInbox(const Secret& inbox_key, const std::string& webhook_id,
                        const std::string& project_id, const Secret& body);
/// DATA_LOSS/SEALED_FIELD_MISPLACED, /SEALED_FIELD_CORRUPT.
absl::StatusOr<Secret> OpenFromInbox(const Secret& inbox_key, const std::string& webhook_id,
                                     const std::string& project_id, std::string_view sealed);

/// The same under the data key of the link whose event it is. Bound to the user and not to the
/// life: the key stays over a reconnect with the same Zoom user.
std::string SealForLink(const Secret& link_data_key, const std::string& webhook_id,
                        const LinkLife& link, const Secret& body);
absl::StatusOr<Secret> OpenForLink(const Secret& link_data_key, const std::string& webhook_id,
                                   const LinkLife& link, std::string_view sealed);

}  // namespace shodan::automation
