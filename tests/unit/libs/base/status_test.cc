// SPDX-License-Identifier: Apache-2.0
#include "libs/base/status.h"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

using testing::IsError;
using testing::IsOk;

TEST_CASE("Each factory makes an error of its code with the reason it was given") {
  struct Case {
    absl::Status (*make)(ErrorReason, std::string_view);
    absl::StatusCode code;
  };
  const Case cases[] = {
      {&InvalidArgument, absl::StatusCode::kInvalidArgument},
      {&Unauthenticated, absl::StatusCode::kUnauthenticated},
      {&PermissionDenied, absl::StatusCode::kPermissionDenied},
      {&NotFound, absl::StatusCode::kNotFound},
      {&AlreadyExists, absl::StatusCode::kAlreadyExists},
      {&Aborted, absl::StatusCode::kAborted},
      {&FailedPrecondition, absl::StatusCode::kFailedPrecondition},
      {&ResourceExhausted, absl::StatusCode::kResourceExhausted},
      {&DeadlineExceeded, absl::StatusCode::kDeadlineExceeded},
      {&Unavailable, absl::StatusCode::kUnavailable},
      {&Internal, absl::StatusCode::kInternal},
  };

  for (const Case& one : cases) {
    const absl::Status status = one.make("LINK_IN_USE", "The link is in use.");

    CHECK_THAT(status, IsError(one.code, "LINK_IN_USE"));
    CHECK(status.message() == "The link is in use.");
  }
}

TEST_CASE("An error keeps its metadata in order and byte for byte") {
  const ErrorMetadata metadata = {{"constraint", "links:key"}, {"empty", ""}, {"5:x", "a\nb\"c"}};

  const absl::Status status = MakeError(absl::StatusCode::kInternal, "ANY", "text", metadata);

  CHECK(MetadataOf(status) == metadata);
}

TEST_CASE("An error about fields lists each field with its reason and description") {
  const absl::Status status = InvalidFields(
      {{"number", "NUMBER_EMPTY", "must not be empty"}, {"text", "TOO_LONG", "at most 10: bytes"}});

  CHECK_THAT(status, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK(status.message() == "number: must not be empty; text: at most 10: bytes");
  const std::vector<FieldViolation> fields = FieldsOf(status);
  REQUIRE(fields.size() == 2);
  CHECK(fields[0].field == "number");
  CHECK(fields[0].reason == "NUMBER_EMPTY");
  CHECK(fields[1].description == "at most 10: bytes");
}

TEST_CASE("InvalidField is InvalidFields with one field") {
  CHECK(InvalidField("text", "EMPTY", "must not be empty") ==
        InvalidFields({{"text", "EMPTY", "must not be empty"}}));
}

TEST_CASE("A retry delay survives on the error and does not change its reason") {
  const absl::Status status = WithRetryAfter(Unavailable("BUSY", "Busy."), std::chrono::seconds(7));

  CHECK(RetryAfterOf(status) == std::chrono::milliseconds(7000));
  CHECK(ReasonOf(status) == "BUSY");
}

TEST_CASE("An error made elsewhere has no reason, metadata, fields or delay") {
  const absl::Status foreign = absl::UnknownError("?");

  CHECK(ReasonOf(foreign).empty());
  CHECK(MetadataOf(foreign).empty());
  CHECK(FieldsOf(foreign).empty());
  CHECK_FALSE(RetryAfterOf(foreign).has_value());
}

TEST_CASE("HasReason compares the whole reason and is false for success") {
  CHECK(HasReason(NotFound("LINK_NOT_FOUND", ""), "LINK_NOT_FOUND"));
  CHECK_FALSE(HasReason(NotFound("LINK_NOT_FOUND", ""), "LINK"));
  CHECK_FALSE(HasReason(absl::OkStatus(), ""));
}

TEST_CASE("A damaged payload reads as far as it is sound") {
  absl::Status status = Internal("ANY", "");
  status.SetPayload("shodan/metadata", absl::Cord("3:key5:value9:cut"));

  CHECK(MetadataOf(status) == ErrorMetadata{{"key", "value"}});
}

absl::StatusOr<int> Half(int number) {
  if (number % 2 != 0) return InvalidArgument("ODD", "odd");
  return number / 2;
}

absl::StatusOr<int> Quarter(int number) {
  SHODAN_ASSIGN_OR_RETURN(const int half, Half(number));
  SHODAN_ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

absl::Status CheckEven(int number) {
  SHODAN_RETURN_IF_ERROR(Half(number).status());
  return absl::OkStatus();
}

TEST_CASE("The return macros pass values on and hand errors up") {
  CHECK(*Quarter(12) == 3);
  CHECK_THAT(Quarter(6), IsError(absl::StatusCode::kInvalidArgument, "ODD"));
  CHECK_THAT(CheckEven(2), IsOk());
  CHECK_THAT(CheckEven(3), IsError(absl::StatusCode::kInvalidArgument, "ODD"));
}

}  // namespace
}  // namespace shodan
