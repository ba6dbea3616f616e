// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/auth/origin_check.h"

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::gateway {
namespace {

using testing::IsError;
using testing::IsOk;

constexpr std::string_view kPublic = "https://gateway.example";

absl::Status Check(std::initializer_list<std::pair<const char*, const char*>> fields,
                   const KnownProject* project = nullptr) {
  http::RequestHead head;
  for (const auto& [name, value] : fields) head.fields.Add(name, value);
  return CheckOrigin(head, kPublic, project);
}

TEST_CASE("The gateway's own pages and the project's may send unsafe requests") {
  KnownProject project;
  project.project.origins = {"https://crm.example"};
  CHECK_THAT(Check({{"Origin", "https://gateway.example"}}), IsOk());
  CHECK_THAT(Check({{"Origin", "https://crm.example"}}, &project), IsOk());
}

TEST_CASE("Every other origin is refused, also one that looks alike") {
  KnownProject project;
  project.project.origins = {"https://crm.example"};
  for (const char* origin :
       {"https://evil.example", "http://crm.example", "https://crm.example:444",
        "https://crm.example.evil", "https://CRM.example", "https://crm.example/", "null", ""}) {
    CHECK_THAT(Check({{"Origin", origin}}, &project),
               IsError(absl::StatusCode::kPermissionDenied, "ORIGIN_NOT_ALLOWED"));
  }
  CHECK_THAT(Check({{"Origin", "https://crm.example"}}),
             IsError(absl::StatusCode::kPermissionDenied, "ORIGIN_NOT_ALLOWED"));
}

TEST_CASE("Without an origin only the browser's word for the same origin counts") {
  CHECK_THAT(Check({{"Origin", "null"}, {"Sec-Fetch-Site", "same-origin"}}), IsOk());
  CHECK_THAT(Check({{"Sec-Fetch-Site", "same-origin"}}), IsOk());
  for (const char* site : {"same-site", "cross-site", "none", ""}) {
    CHECK_FALSE(Check({{"Origin", "null"}, {"Sec-Fetch-Site", site}}).ok());
  }
  CHECK_FALSE(Check({{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "same-origin"}}).ok());
  CHECK_FALSE(Check({}).ok());
}

}  // namespace
}  // namespace shodan::gateway
