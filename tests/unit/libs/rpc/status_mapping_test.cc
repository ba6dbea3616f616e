// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/status_mapping.h"

#include <string>

#include <catch2/catch.hpp>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

#include "libs/base/status.h"

namespace shodan::rpc {
namespace {

struct Code {
  absl::StatusCode absl_code;
  grpc::StatusCode grpc_code;
  const char* upstream_reason;
  bool message_kept;
};

// All 17 codes of gRPC.
constexpr Code kCodes[] = {
    {absl::StatusCode::kOk, grpc::OK, "", true},
    {absl::StatusCode::kCancelled, grpc::CANCELLED, "UPSTREAM_CANCELLED", true},
    {absl::StatusCode::kUnknown, grpc::UNKNOWN, "UPSTREAM_UNKNOWN", false},
    {absl::StatusCode::kInvalidArgument, grpc::INVALID_ARGUMENT, "UPSTREAM_INVALID_ARGUMENT", true},
    {absl::StatusCode::kDeadlineExceeded, grpc::DEADLINE_EXCEEDED, "UPSTREAM_DEADLINE_EXCEEDED",
     true},
    {absl::StatusCode::kNotFound, grpc::NOT_FOUND, "UPSTREAM_NOT_FOUND", true},
    {absl::StatusCode::kAlreadyExists, grpc::ALREADY_EXISTS, "UPSTREAM_ALREADY_EXISTS", true},
    {absl::StatusCode::kPermissionDenied, grpc::PERMISSION_DENIED, "UPSTREAM_PERMISSION_DENIED",
     true},
    {absl::StatusCode::kResourceExhausted, grpc::RESOURCE_EXHAUSTED, "UPSTREAM_RESOURCE_EXHAUSTED",
     true},
    {absl::StatusCode::kFailedPrecondition, grpc::FAILED_PRECONDITION,
     "UPSTREAM_FAILED_PRECONDITION", true},
    {absl::StatusCode::kAborted, grpc::ABORTED, "UPSTREAM_ABORTED", true},
    {absl::StatusCode::kOutOfRange, grpc::OUT_OF_RANGE, "UPSTREAM_OUT_OF_RANGE", true},
    {absl::StatusCode::kUnimplemented, grpc::UNIMPLEMENTED, "UPSTREAM_UNIMPLEMENTED", true},
    {absl::StatusCode::kInternal, grpc::INTERNAL, "UPSTREAM_INTERNAL", false},
    {absl::StatusCode::kUnavailable, grpc::UNAVAILABLE, "UPSTREAM_UNAVAILABLE", true},
    {absl::StatusCode::kDataLoss, grpc::DATA_LOSS, "UPSTREAM_DATA_LOSS", false},
    {absl::StatusCode::kUnauthenticated, grpc::UNAUTHENTICATED, "UPSTREAM_UNAUTHENTICATED", true},
};

constexpr char kFixedMessage[] = "The service failed; its log holds the details.";

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  REQUIRE(details.ParseFromString(status.error_details()));
  return details;
}

TEST_CASE("Each of the 17 codes has its counterpart on the wire") {
  CHECK(std::size(kCodes) == 17);
  for (const Code& code : kCodes) {
    CAPTURE(code.upstream_reason);
    const absl::Status ours =
        code.absl_code == absl::StatusCode::kOk
            ? absl::OkStatus()
            : MakeError(code.absl_code, "SOME_REASON", "What to do.", {{"cause", "x"}});

    const grpc::Status wire = ToGrpcStatus(ours, "tokenvault.shodan");

    CHECK(wire.error_code() == code.grpc_code);
    if (wire.ok()) continue;
    CHECK(wire.error_message() == (code.message_kept ? "What to do." : kFixedMessage));
    const google::rpc::Status details = DetailsOf(wire);
    CHECK(details.code() == static_cast<int>(code.grpc_code));
    CHECK(details.message() == wire.error_message());
    google::rpc::ErrorInfo info;
    REQUIRE(details.details_size() == 1);
    REQUIRE(details.details(0).UnpackTo(&info));
    CHECK(info.reason() == "SOME_REASON");
    CHECK(info.domain() == "tokenvault.shodan");
    CHECK(info.metadata_size() == (code.message_kept ? 1 : 0));
  }
}

TEST_CASE("Each of the 17 codes comes back from the wire with reason, message and metadata") {
  for (const Code& code : kCodes) {
    CAPTURE(code.upstream_reason);
    if (code.absl_code == absl::StatusCode::kOk) {
      CHECK(FromGrpcStatus(grpc::Status::OK).ok());
      continue;
    }
    const absl::Status ours =
        MakeError(code.absl_code, "SOME_REASON", "What to do.", {{"cause", "x"}});

    const absl::Status back = FromGrpcStatus(ToGrpcStatus(ours, "tokenvault.shodan"));

    CHECK(back.code() == code.absl_code);
    CHECK(ReasonOf(back) == "SOME_REASON");
    CHECK(back.message() == (code.message_kept ? "What to do." : kFixedMessage));
    CHECK(MetadataOf(back) ==
          (code.message_kept ? ErrorMetadata{{"cause", "x"}} : ErrorMetadata{}));
  }
}

TEST_CASE("A status of gRPC's own keeps its code and loses its message, which names hosts") {
  for (const Code& code : kCodes) {
    if (code.absl_code == absl::StatusCode::kOk) continue;
    CAPTURE(code.upstream_reason);
    const absl::Status status = FromGrpcStatus(
        grpc::Status(code.grpc_code, "failed to connect to all addresses: ipv4:10.0.0.7:8443"));

    CHECK(status.code() == code.absl_code);
    CHECK(ReasonOf(status) == code.upstream_reason);
    CHECK(status.message() == "A service behind this one did not answer.");
  }
}

TEST_CASE("Bad fields and the time to wait travel with an error") {
  const absl::Status fields = InvalidFields(
      {{"userId", "OUT_OF_RANGE", "must be 1 to 255 bytes"}, {"linkId", "BAD", "must be a UUID"}});
  const absl::Status busy = WithRetryAfter(ResourceExhausted("SERVER_BUSY", "Repeat the call."),
                                           std::chrono::milliseconds(1'500));

  const absl::Status fields_back = FromGrpcStatus(ToGrpcStatus(fields, "d"));
  const absl::Status busy_back = FromGrpcStatus(ToGrpcStatus(busy, "d"));

  REQUIRE(FieldsOf(fields_back).size() == 2);
  CHECK(FieldsOf(fields_back)[0].field == "userId");
  CHECK(FieldsOf(fields_back)[0].reason == "OUT_OF_RANGE");
  CHECK(FieldsOf(fields_back)[1].description == "must be a UUID");
  CHECK(HasReason(fields_back, "INVALID_FIELD"));
  CHECK(RetryAfterOf(busy_back) == std::chrono::milliseconds(1'500));
  CHECK_FALSE(RetryAfterOf(fields_back).has_value());
}

TEST_CASE("Details that are no google.rpc.Status count as none") {
  const absl::Status status =
      FromGrpcStatus(grpc::Status(grpc::NOT_FOUND, "said by a proxy", "\xff\xff\xff"));

  CHECK(status.code() == absl::StatusCode::kNotFound);
  CHECK(ReasonOf(status) == "UPSTREAM_NOT_FOUND");
  CHECK(status.message() == "A service behind this one did not answer.");
}

TEST_CASE("The text of an internal error stays inside") {
  const grpc::Status wire =
      ToGrpcStatus(Internal("DATABASE_ERROR", "relation grants of host db-1 does not exist"), "d");

  CHECK(wire.error_message() == kFixedMessage);
  CHECK(wire.error_details().find("db-1") == std::string::npos);
}

}  // namespace
}  // namespace shodan::rpc
