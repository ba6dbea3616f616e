// SPDX-License-Identifier: Apache-2.0
#include "libs/base/status.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "libs/base/strings.h"

namespace shodan {
namespace {

constexpr char kReasonKey[] = "shodan/reason";
constexpr char kMetadataKey[] = "shodan/metadata";
constexpr char kFieldsKey[] = "shodan/fields";
constexpr char kRetryKey[] = "shodan/retry_after_ms";

// Lists travel inside a payload as length-prefixed strings, so any byte may occur in them.
void AppendText(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

std::vector<std::string> SplitTexts(std::string_view data) {
  std::vector<std::string> texts;
  while (!data.empty()) {
    const size_t colon = data.find(':');
    size_t size = 0;
    if (colon == std::string_view::npos ||
        !absl::SimpleAtoi(ToAbsl(data.substr(0, colon)), &size) || size > data.size() - colon - 1) {
      break;
    }
    texts.emplace_back(data.substr(colon + 1, size));
    data.remove_prefix(colon + 1 + size);
  }
  return texts;
}

std::string Payload(const absl::Status& status, const char* key) {
  const auto payload = status.GetPayload(key);
  return payload.has_value() ? std::string(*payload) : std::string();
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, ErrorReason reason, std::string_view message,
                       ErrorMetadata metadata) {
  absl::Status status(code, ToAbsl(message));
  SetReason(status, reason);
  if (!metadata.empty()) SetMetadata(status, metadata);
  return status;
}

absl::Status InvalidArgument(ErrorReason reason, std::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason, message);
}
absl::Status Unauthenticated(ErrorReason reason, std::string_view message) {
  return MakeError(absl::StatusCode::kUnauthenticated, reason, message);
}
absl::Status PermissionDenied(ErrorReason reason, std::string_view message) {
  return MakeError(absl::StatusCode::kPermissionDenied, reason, message);
}
absl::Status NotFound(ErrorReason reason, std::string_view message) {
  return MakeError(absl::StatusCode::kNotFound, reason, message);
}
absl::Status AlreadyExists(ErrorReason reason, std::string_view message) {
  return MakeError(absl::StatusCode::kAlreadyExists, reason, message);
}
absl::Status Aborted(ErrorReason reason, std::string_view message) {
  return MakeError(absl::StatusCode::kAborted, reason, message);
}
absl::Status FailedPrecondition(ErrorReason reason, std::string_view message) {
  return MakeError(absl::StatusCode::kFailedPrecondition, reason, message);
}
absl::Status ResourceExhausted(ErrorReason reason, std::string_view message) {
  return MakeError(absl::StatusCode::kResourceExhausted, reason, message);
}
absl::Status DeadlineExceeded(ErrorReason reason, std::string_view message) {
  return MakeError(absl::StatusCode::kDeadlineExceeded, reason, message);
}
absl::Status Unavailable(ErrorReason reason, std::string_view message) {
  return MakeError(absl::StatusCode::kUnavailable, reason, message);
}
absl::Status Internal(ErrorReason reason, std::string_view message) {
  return MakeError(absl::StatusCode::kInternal, reason, message);
}

absl::Status InvalidField(std::string_view field, std::string_view reason,
                          std::string_view description) {
  return InvalidFields({{std::string(field), std::string(reason), std::string(description)}});
}

absl::Status InvalidFields(const std::vector<FieldViolation>& fields) {
  std::string message;
  for (const FieldViolation& field : fields) {
    if (!message.empty()) message += "; ";
    message += Join(field.field, ": ", field.description);
  }
  absl::Status status = InvalidArgument("INVALID_FIELD", message);
  SetFields(status, fields);
  return status;
}

absl::Status WithRetryAfter(absl::Status status, std::chrono::milliseconds delay) {
  status.SetPayload(kRetryKey, absl::Cord(ToAbsl(std::to_string(delay.count()))));
  return status;
}

std::string ReasonOf(const absl::Status& status) { return Payload(status, kReasonKey); }

ErrorMetadata MetadataOf(const absl::Status& status) {
  const std::vector<std::string> texts = SplitTexts(Payload(status, kMetadataKey));
  ErrorMetadata metadata;
  for (size_t i = 0; i + 1 < texts.size(); i += 2) metadata.emplace_back(texts[i], texts[i + 1]);
  return metadata;
}

std::vector<FieldViolation> FieldsOf(const absl::Status& status) {
  const std::vector<std::string> texts = SplitTexts(Payload(status, kFieldsKey));
  std::vector<FieldViolation> fields;
  for (size_t i = 0; i + 2 < texts.size(); i += 3) {
    fields.push_back({texts[i], texts[i + 1], texts[i + 2]});
  }
  return fields;
}

std::optional<std::chrono::milliseconds> RetryAfterOf(const absl::Status& status) {
  int64_t milliseconds = 0;
  if (!absl::SimpleAtoi(Payload(status, kRetryKey), &milliseconds)) return std::nullopt;
  return std::chrono::milliseconds(milliseconds);
}

void SetMetadata(absl::Status& status, const ErrorMetadata& metadata) {
  std::string data;
  for (const auto& [key, value] : metadata) {
    AppendText(data, key);
    AppendText(data, value);
  }
  status.SetPayload(kMetadataKey, absl::Cord(data));
}

void SetFields(absl::Status& status, const std::vector<FieldViolation>& fields) {
  std::string data;
  for (const FieldViolation& field : fields) {
    AppendText(data, field.field);
    AppendText(data, field.reason);
    AppendText(data, field.description);
  }
  status.SetPayload(kFieldsKey, absl::Cord(data));
}

void SetReason(absl::Status& status, std::string_view reason) {
  status.SetPayload(kReasonKey, absl::Cord(ToAbsl(reason)));
}

bool HasReason(const absl::Status& status, ErrorReason reason) {
  return !status.ok() && ReasonOf(status) == reason;
}

}  // namespace shodan
