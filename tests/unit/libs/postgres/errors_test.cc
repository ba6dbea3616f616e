// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/errors.h"

#include <string_view>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/support/status_matchers.h"

namespace shodan::postgres {
namespace {

using absl::StatusCode;
using testing::IsError;

TEST_CASE("Each SQLSTATE has one code and reason") {
  struct Case {
    std::string_view sqlstate;
    StatusCode code;
    std::string_view reason;
  };
  const Case cases[] = {
      {"23505", StatusCode::kAlreadyExists, "DATABASE_CONFLICT"},
      {"40001", StatusCode::kAborted, "DATABASE_SERIALIZATION"},
      {"40P01", StatusCode::kAborted, "DATABASE_SERIALIZATION"},
      {"57014", StatusCode::kDeadlineExceeded, "DATABASE_TIMEOUT"},
      {"08006", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
      {"53300", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
      {"53100", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
      {"57P01", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
      {"57P03", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
      {"23503", StatusCode::kInternal, "DATABASE_ERROR"},
      {"40002", StatusCode::kInternal, "DATABASE_ERROR"},
      {"42601", StatusCode::kInternal, "DATABASE_ERROR"},
      {"42P01", StatusCode::kInternal, "DATABASE_ERROR"},
      {"57000", StatusCode::kInternal, "DATABASE_ERROR"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.sqlstate);
    const absl::Status status = ErrorFromServer({one.sqlstate, {}});

    CHECK_THAT(status, IsError(one.code, one.reason));
    CHECK(MetadataOf(status) == ErrorMetadata{{"sqlstate", std::string(one.sqlstate)}});
  }
}

TEST_CASE("An error that closes the connection means unavailable, whatever its class") {
  // Idle-in-transaction timeout.
  CHECK_THAT(ErrorFromServer({"25P03", {}, true}),
             IsError(StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
}

TEST_CASE("A violated constraint is named") {
  const absl::Status status = ErrorFromServer({"23505", "links_external_id_key"});

  CHECK(MetadataOf(status) ==
        ErrorMetadata{{"sqlstate", "23505"}, {"constraint", "links_external_id_key"}});
}

}  // namespace
}  // namespace shodan::postgres
