// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace shodan {

/// Machine-readable cause of an error (AIP-193 ErrorInfo.reason): UPPER_SNAKE_CASE, at most 63
/// characters, never reused for another meaning. Each service lists its own in domain/errors.h.
using ErrorReason = std::string_view;

/// One bad field of a request. `field` is its path in the request, lowerCamelCase.
struct FieldViolation {
  std::string field;
  std::string reason;
  std::string description;
};

/// Variable parts of an error's message; keys are lowerCamelCase. Never a secret, never Zoom's
/// data.
using ErrorMetadata = std::vector<std::pair<std::string, std::string>>;

/// Builds an error. `message` is for people and tells what to do; it holds no secret, SQL or host.
absl::Status MakeError(absl::StatusCode code, ErrorReason reason, std::string_view message,
                       ErrorMetadata metadata = {});

absl::Status InvalidArgument(ErrorReason reason, std::string_view message);
absl::Status Unauthenticated(ErrorReason reason, std::string_view message);
absl::Status PermissionDenied(ErrorReason reason, std::string_view message);
absl::Status NotFound(ErrorReason reason, std::string_view message);
absl::Status AlreadyExists(ErrorReason reason, std::string_view message);
absl::Status Aborted(ErrorReason reason, std::string_view message);
absl::Status FailedPrecondition(ErrorReason reason, std::string_view message);
absl::Status ResourceExhausted(ErrorReason reason, std::string_view message);
absl::Status DeadlineExceeded(ErrorReason reason, std::string_view message);
absl::Status Unavailable(ErrorReason reason, std::string_view message);
absl::Status Internal(ErrorReason reason, std::string_view message);

/// INVALID_ARGUMENT/INVALID_FIELD that names the field.
absl::Status InvalidField(std::string_view field, std::string_view reason,
                          std::string_view description);
/// INVALID_ARGUMENT/INVALID_FIELD that names every bad field at once; `fields` must not be empty.
absl::Status InvalidFields(const std::vector<FieldViolation>& fields);

/// Adds how long the caller should wait before it repeats the call.
absl::Status WithRetryAfter(absl::Status status, std::chrono::milliseconds delay);

/// Reads back what the functions above put in. An error made elsewhere has an empty reason.
std::string ReasonOf(const absl::Status& status);
ErrorMetadata MetadataOf(const absl::Status& status);
std::vector<FieldViolation> FieldsOf(const absl::Status& status);
std::optional<std::chrono::milliseconds> RetryAfterOf(const absl::Status& status);
void SetMetadata(absl::Status& status, const ErrorMetadata& metadata);
void SetFields(absl::Status& status, const std::vector<FieldViolation>& fields);
/// Sets the reason of an error that came from elsewhere (the wire).
void SetReason(absl::Status& status, std::string_view reason);

/// True when `status` carries exactly this reason.
bool HasReason(const absl::Status& status, ErrorReason reason);

}  // namespace shodan

/// Returns from the enclosing function when `expression` is an error. Not for coroutines.
#define SHODAN_RETURN_IF_ERROR(expression)                                                       \
  do {                                                                                           \
    if (absl::Status shodan_status_ = (expression); !shodan_status_.ok()) return shodan_status_; \
  } while (false)

#define SHODAN_CONCAT_INNER(a, b) a##b
#define SHODAN_CONCAT(a, b) SHODAN_CONCAT_INNER(a, b)
#define SHODAN_ASSIGN_OR_RETURN_IMPL(result, target, expression) \
  auto result = (expression);                                    \
  if (!result.ok()) return std::move(result).status();           \
  target = *std::move(result)
/// Assigns the value of a StatusOr or returns its error. Not for coroutines.
#define SHODAN_ASSIGN_OR_RETURN(target, expression) \
  SHODAN_ASSIGN_OR_RETURN_IMPL(SHODAN_CONCAT(shodan_result_, __LINE__), target, expression)
