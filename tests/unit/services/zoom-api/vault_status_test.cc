// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/zoom-api/grpc/vault_client.h"
#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {

using shodan::testing::IsError;

TEST_CASE("a user without a grant is not connected", "[zoom-api]") {
  for (const char* reason : {"GRANT_NOT_FOUND", "PROJECT_NOT_FOUND"}) {
    CHECK_THAT(FromVaultStatus(NotFound(reason, "")),
               IsError(absl::StatusCode::kNotFound, "NOT_CONNECTED"));
  }
}

TEST_CASE("why a user must reconnect is told", "[zoom-api]") {
  const absl::Status error =
      FromVaultStatus(MakeError(absl::StatusCode::kFailedPrecondition, "RECONNECT_REQUIRED",
                                "Connect again.", {{"cause", "revoked"}}));
  CHECK_THAT(error, IsError(absl::StatusCode::kFailedPrecondition, "RECONNECT_REQUIRED"));
  CHECK(MetadataOf(error) == ErrorMetadata{{"cause", "revoked"}});
}

TEST_CASE("troubles of Zoom and of the vault are told apart, with the time to wait", "[zoom-api]") {
  const absl::Status zoom =
      FromVaultStatus(WithRetryAfter(Unavailable("ZOOM_UNAVAILABLE", ""), std::chrono::seconds(7)));
  CHECK_THAT(zoom, IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
  CHECK(RetryAfterOf(zoom) == std::chrono::seconds(7));
  CHECK_THAT(FromVaultStatus(Unavailable("ZOOM_APP_REJECTED", "")),
             IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
  for (const absl::Status& error :
       {Unavailable("REFRESH_IN_PROGRESS", ""), Unavailable("DATABASE_UNAVAILABLE", ""),
        DeadlineExceeded("UPSTREAM_DEADLINE_EXCEEDED", ""), Internal("UPSTREAM_INTERNAL", ""),
        PermissionDenied("CALLER_NOT_ALLOWED", "")}) {
    const absl::Status vault = FromVaultStatus(error);
    CHECK_THAT(vault, IsError(absl::StatusCode::kUnavailable, "VAULT_UNAVAILABLE"));
    CHECK(RetryAfterOf(vault) == std::chrono::seconds(1));
  }
}

}  // namespace shodan::zoomapi
