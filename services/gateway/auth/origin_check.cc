// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/auth/origin_check.h"

#include "libs/base/status.h"

namespace shodan::gateway {

absl::Status CheckOrigin(const http::RequestHead& head, std::string_view public_origin,
                         const KnownProject* project) {
  const std::string_view origin = head.fields.Get("Origin");
  if (origin.empty() || origin == "null") {
    if (head.fields.Count("Sec-Fetch-Site") == 1 &&
        head.fields.Get("Sec-Fetch-Site") == "same-origin") {
      return absl::OkStatus();
    }
  } else if (origin == public_origin || (project != nullptr && project->AllowsOrigin(origin))) {
    return absl::OkStatus();
  }
  return PermissionDenied("ORIGIN_NOT_ALLOWED",
                          "This request must come from a page of this project.");
}

}  // namespace shodan::gateway
