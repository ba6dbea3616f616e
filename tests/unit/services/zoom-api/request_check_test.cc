// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/request_check.h"

#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {
namespace {

using testing::IsError;
using testing::IsOk;
using Problems = std::vector<std::string>;

// "field REASON" of each problem.
Problems ProblemsOf(const std::function<void(RequestCheck&)>& run) {
  RequestCheck check;
  run(check);
  Problems problems;
  for (const FieldViolation& field : FieldsOf(check.Finish())) {
    problems.push_back(field.field + " " + field.reason);
  }
  return problems;
}

}  // namespace

TEST_CASE("a project is 1 to 63 characters of a-z, 0-9 and the hyphen", "[zoom-api]") {
  const auto problems = [](const std::string& text) {
    return ProblemsOf([&](RequestCheck& check) { check.ProjectId(text); });
  };
  CHECK(problems("demo-1").empty());
  CHECK(problems(std::string(63, 'a')).empty());
  CHECK(problems("") == Problems{"projectId REQUIRED"});
  CHECK(problems(std::string(64, 'a')) == Problems{"projectId MALFORMED"});
  CHECK(problems("Demo") == Problems{"projectId MALFORMED"});
}

TEST_CASE("a user is 1 to 255 bytes of UTF-8 without NUL", "[zoom-api]") {
  const auto problems = [](const std::string& text) {
    return ProblemsOf([&](RequestCheck& check) { check.UserId(text); });
  };
  CHECK(problems("aiko").empty());
  CHECK(problems(std::string(255, 'a')).empty());
  CHECK(problems("") == Problems{"userId REQUIRED"});
  CHECK(problems(std::string(256, 'a')) == Problems{"userId TOO_LONG"});
  CHECK(problems(std::string("a\0b", 3)) == Problems{"userId MALFORMED"});
  CHECK(problems("\xFF") == Problems{"userId MALFORMED"});
}

TEST_CASE("a request id is a UUID in lower case", "[zoom-api]") {
  const auto problems = [](const std::string& text) {
    return ProblemsOf([&](RequestCheck& check) { check.RequestId(text); });
  };
  CHECK(problems("6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e").empty());
  CHECK(problems("") == Problems{"requestId REQUIRED"});
  CHECK(problems("6F1F0B5E-8A47-4F2E-9C53-0D5D6A4B1C2E") == Problems{"requestId MALFORMED"});
}

TEST_CASE("texts are counted in characters, tokens in bytes", "[zoom-api]") {
  CHECK(ProblemsOf([](RequestCheck& check) { check.Text("topic", "\u65E5\u672C", 2); }).empty());
  CHECK(ProblemsOf([](RequestCheck& check) { check.Text("topic", "\u65E5\u672C\u8A9E", 2); }) ==
        Problems{"topic TOO_LONG"});
  CHECK(ProblemsOf([](RequestCheck& check) { check.Token("pageToken", "w7587w_-=", 9); }).empty());
  CHECK(ProblemsOf([](RequestCheck& check) { check.Token("pageToken", "1234567890", 9); }) ==
        Problems{"pageToken TOO_LONG"});
  CHECK(ProblemsOf([](RequestCheck& check) { check.Token("pageToken", "a b", 9); }) ==
        Problems{"pageToken MALFORMED"});
  CHECK(ProblemsOf([](RequestCheck& check) { check.Token("pageToken", "a\r\n", 9); }) ==
        Problems{"pageToken MALFORMED"});
}

TEST_CASE("a meeting is named by 1 to 19 digits", "[zoom-api]") {
  const auto problems = [](const std::string& text) {
    return ProblemsOf([&](RequestCheck& check) { check.MeetingId(text); });
  };
  CHECK(problems("92674392836").empty());
  CHECK(problems(std::string(19, '9')).empty());
  CHECK(problems("") == Problems{"meetingId REQUIRED"});
  for (const char* bad : {"12345678901234567890", "-1", "1 2", "12a", "1/2", "%31"}) {
    INFO(bad);
    CHECK(problems(bad) == Problems{"meetingId MALFORMED"});
  }
}

TEST_CASE("one answer names every bad field, each once, and repeats no value", "[zoom-api]") {
  RequestCheck check;
  CHECK_THAT(check.Finish(), IsOk());
  check.Add("type", "NOT_ALLOWED", "first");
  check.Add("type", "NOT_ALLOWED", "second");
  check.OneOf("status", "private-looking", {"pending", "approved"});
  check.Range("pageSize", 301, 1, 300);

  const absl::Status status = check.Finish();

  CHECK_THAT(status, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  REQUIRE(FieldsOf(status).size() == 3);
  CHECK(FieldsOf(status)[0].description == "first");
  CHECK(FieldsOf(status)[1].description == "must be one of pending, approved");
  CHECK(FieldsOf(status)[2].description == "must be 1 to 300");
}

}  // namespace shodan::zoomapi
