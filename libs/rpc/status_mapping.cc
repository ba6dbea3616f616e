// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/status_mapping.h"

#include <google/protobuf/util/time_util.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan::rpc {
namespace {

using google::protobuf::util::TimeUtil;

// absl and gRPC number their codes alike; the mapping below casts.
static_assert(static_cast<int>(absl::StatusCode::kUnauthenticated) == grpc::UNAUTHENTICATED);
static_assert(static_cast<int>(absl::StatusCode::kFailedPrecondition) == grpc::FAILED_PRECONDITION);
static_assert(static_cast<int>(absl::StatusCode::kUnavailable) == grpc::UNAVAILABLE);

bool IsInternal(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

void AddDetails(const absl::Status& status, std::string_view domain, google::rpc::Status& out) {
  google::rpc::ErrorInfo info;
  info.set_reason(ReasonOf(status));
  info.set_domain(std::string(domain));
  if (!IsInternal(status.code())) {
    for (const auto& [key, value] : MetadataOf(status)) (*info.mutable_metadata())[key] = value;
  }
  out.add_details()->PackFrom(info);
  const std::vector<FieldViolation> fields = FieldsOf(status);
  if (!fields.empty()) {
    google::rpc::BadRequest bad_request;
    for (const FieldViolation& field : fields) {
      auto* violation = bad_request.add_field_violations();
      violation->set_field(field.field);
      violation->set_reason(field.reason);
      violation->set_description(field.description);
    }
    out.add_details()->PackFrom(bad_request);
  }
  if (const auto delay = RetryAfterOf(status); delay.has_value()) {
    google::rpc::RetryInfo retry;
    *retry.mutable_retry_delay() = TimeUtil::MillisecondsToDuration(delay->count());
    out.add_details()->PackFrom(retry);
  }
}

void ReadDetail(const google::protobuf::Any& detail, absl::Status& status) {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::RetryInfo retry;
  if (detail.UnpackTo(&info)) {
    SetReason(status, info.reason());
    ErrorMetadata metadata(info.metadata().begin(), info.metadata().end());
    if (!metadata.empty()) SetMetadata(status, metadata);
  } else if (detail.UnpackTo(&bad_request)) {
    std::vector<FieldViolation> fields;
    for (const auto& violation : bad_request.field_violations()) {
      fields.push_back({violation.field(), violation.reason(), violation.description()});
    }
    SetFields(status, fields);
  } else if (detail.UnpackTo(&retry)) {
    status = WithRetryAfter(
        std::move(status),
        std::chrono::milliseconds(TimeUtil::DurationToMilliseconds(retry.retry_delay())));
  }
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view domain) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message = IsInternal(status.code())
                                  ? "The service failed; its log holds the details."
                                  : std::string(ToStd(status.message()));
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(message);
  AddDetails(status, domain, details);
  return {static_cast<grpc::StatusCode>(status.code()), message, details.SerializeAsString()};
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status details;
  const bool ours =
      !status.error_details().empty() && details.ParseFromString(status.error_details());
  // gRPC's own messages name hosts and addresses.
  const std::string message =
      ours ? status.error_message() : "A service behind this one did not answer.";
  absl::Status out(static_cast<absl::StatusCode>(status.error_code()), message);
  SetReason(out, Join("UPSTREAM_", absl::StatusCodeToString(out.code())));
  for (const google::protobuf::Any& detail : details.details()) ReadDetail(detail, out);
  return out;
}

}  // namespace shodan::rpc
