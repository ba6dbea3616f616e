// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/validation.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::account_link {
namespace {

using testing::IsError;
using testing::IsOk;

// "field REASON" of each problem.
std::vector<std::string> ProblemsOf(const std::function<void(RequestCheck&)>& run) {
  RequestCheck check;
  run(check);
  std::vector<std::string> problems;
  for (const FieldViolation& field : FieldsOf(check.Finish())) {
    problems.push_back(field.field + " " + field.reason);
  }
  return problems;
}

using Problems = std::vector<std::string>;

}  // namespace

TEST_CASE("a request without problems passes", "[account-link][validation]") {
  RequestCheck check;
  check.Owner({"demo-1", std::string(255, 'u')});
  check.Uuid("requestId", "6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e");
  check.OptionalUuid("callId", "");
  check.OptionalText("companyId", "", 255);
  check.RequiredText("text", "x", 1);
  check.PhoneNumber("number", "+81312345678");
  check.RegionCode("region", "JP");
  check.RegionCode("region", "");
  check.Etag("7");
  CHECK_THAT(check.Finish(), IsOk());
}

TEST_CASE("every bad field is named at once", "[account-link][validation]") {
  RequestCheck check;
  check.Owner({"", ""});
  check.Uuid("requestId", "1");
  check.PhoneNumber("number", "03-1234-5678");

  CHECK_THAT(check.Finish(), IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK(FieldsOf(check.Finish()).size() == 4);
}

TEST_CASE("project ids are 1 to 63 of a-z, 0-9 and hyphen", "[account-link][validation]") {
  const auto problems = [](std::string_view text) {
    return ProblemsOf([&](RequestCheck& check) { check.ProjectId(text); });
  };
  CHECK(problems(std::string(63, 'a')).empty());
  CHECK(problems(std::string(64, 'a')) == Problems{"projectId MALFORMED"});
  CHECK(problems("") == Problems{"projectId REQUIRED"});
  CHECK(problems("Demo") == Problems{"projectId MALFORMED"});
  CHECK(problems("a_b") == Problems{"projectId MALFORMED"});
  CHECK(problems("a/b") == Problems{"projectId MALFORMED"});
}

TEST_CASE("user ids are 1 to 255 bytes of text", "[account-link][validation]") {
  const auto problems = [](const std::string& user_id) {
    return ProblemsOf([&](RequestCheck& check) { check.Owner({"demo", user_id}); });
  };
  CHECK(problems("佐藤@example.jp").empty());
  CHECK(problems("") == Problems{"userId REQUIRED"});
  CHECK(problems(std::string(256, 'u')) == Problems{"userId TOO_LONG"});
  CHECK(problems(std::string("a\0b", 3)) == Problems{"userId MALFORMED"});
}

TEST_CASE("UUIDs are canonical and lower case", "[account-link][validation]") {
  const auto problems = [](std::string_view text) {
    return ProblemsOf([&](RequestCheck& check) { check.Uuid("callId", text); });
  };
  CHECK(problems("6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e").empty());
  CHECK(problems("") == Problems{"callId REQUIRED"});
  CHECK(problems("6F1F0B5E-8A47-4F2E-9C53-0D5D6A4B1C2E") == Problems{"callId MALFORMED"});
  CHECK(problems("6f1f0b5e8a474f2e9c530d5d6a4b1c2e") == Problems{"callId MALFORMED"});
  CHECK(problems("' OR 1=1 --") == Problems{"callId MALFORMED"});
}

TEST_CASE("numbers are E.164", "[account-link][validation]") {
  const auto problems = [](std::string_view text) {
    return ProblemsOf([&](RequestCheck& check) { check.PhoneNumber("number", text); });
  };
  CHECK(problems("+81312345678").empty());
  CHECK(problems("+12").empty());
  CHECK(problems("+123456789012345").empty());
  CHECK(problems("+1234567890123456") == Problems{"number MALFORMED"});
  CHECK(problems("") == Problems{"number REQUIRED"});
  CHECK(problems("81312345678") == Problems{"number MALFORMED"});
  CHECK(problems("+0312345678") == Problems{"number MALFORMED"});
  CHECK(problems("+81 3 1234 5678") == Problems{"number MALFORMED"});
  CHECK(problems("+8131234567x") == Problems{"number MALFORMED"});
  CHECK(problems("+") == Problems{"number MALFORMED"});
}

TEST_CASE("regions are two capital letters", "[account-link][validation]") {
  const auto problems = [](std::string_view text) {
    return ProblemsOf([&](RequestCheck& check) { check.RegionCode("region", text); });
  };
  CHECK(problems("jp") == Problems{"region MALFORMED"});
  CHECK(problems("JPN") == Problems{"region MALFORMED"});
  CHECK(problems("J1") == Problems{"region MALFORMED"});
}

TEST_CASE("names for links fit into addresses and header fields", "[account-link][validation]") {
  const auto problems = [](const std::string& text) {
    return ProblemsOf([&](RequestCheck& check) { check.OptionalExternalId("externalId", text); });
  };
  for (const std::string& good : {std::string(), std::string("crm-7"), std::string("a b/c?d#e%f"),
                                  std::string("..."), std::string(255, 'x')}) {
    CHECK(problems(good).empty());
  }
  CHECK(problems(std::string(256, 'x')) == Problems{"externalId TOO_LONG"});
  for (const std::string& bad :
       {std::string("."), std::string(".."), std::string(" a"), std::string("a "),
        std::string("a\nb"), std::string("a\x7F"), std::string("a\0b", 3), std::string("日本")}) {
    CHECK(problems(bad) == Problems{"externalId MALFORMED"});
  }
}

TEST_CASE("texts are bounded in characters, not bytes", "[account-link][validation]") {
  const auto problems = [](const std::string& text) {
    return ProblemsOf([&](RequestCheck& check) { check.RequiredText("text", text, 3); });
  };
  CHECK(problems("日本語").empty());
  CHECK(problems("😀😀😀").empty());
  CHECK(problems("日本語!") == Problems{"text TOO_LONG"});
  CHECK(problems("") == Problems{"text REQUIRED"});
  CHECK(problems(std::string("a\0", 2)) == Problems{"text MALFORMED"});
  CHECK(problems("\xFF") == Problems{"text MALFORMED"});
}

TEST_CASE("a description never repeats the value", "[account-link][validation]") {
  RequestCheck check;
  check.PhoneNumber("number", "secret-looking-value");
  CHECK(std::string(check.Finish().message()).find("secret-looking-value") == std::string::npos);
}

}  // namespace shodan::account_link
