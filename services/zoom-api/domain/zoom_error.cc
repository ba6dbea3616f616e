// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/zoom_error.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/https_client/retry_after.h"
#include "services/zoom-api/domain/errors.h"
#include "services/zoom-api/domain/scopes.h"

namespace shodan::zoomapi {
namespace {

namespace json = boost::json;
using std::chrono::system_clock;

constexpr size_t kMessageBytesMax = 300;
constexpr size_t kFieldBytesMax = 64;
constexpr size_t kFieldsMax = 20;
constexpr size_t kScopesMax = 20;

constexpr int kMeetingDoesNotExist = 3001;
constexpr int kValidation = 300;

// Zoom's names of fields that have another one here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kFieldNames = {{
    {"start_time", "startTime"},
    {"duration", "durationMinutes"},
    {"first_name", "firstName"},
    {"last_name", "lastName"},
    {"job_title", "jobTitle"},
    {"custom_questions", "customQuestions"},
}};

struct BadField {
  std::string name;
  std::string message;
};

// Zoom's {"code","message","errors"}. Empty for bodies that are something else, a page say.
struct Refusal {
  std::optional<int64_t> code;
  std::string message;
  std::vector<BadField> fields;
};

// One line of at most `bytes_max` bytes, cut between characters.
std::string OneLine(std::string_view text, size_t bytes_max) {
  size_t size = std::min(text.size(), bytes_max);
  while (size > 0 && size < text.size() && (static_cast<uint8_t>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  std::string line(text.substr(0, size));
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == '\x7f'; }, ' ');
  return line;
}

std::string TextOf(const json::object& object, std::string_view name, size_t bytes_max) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return "";
  const json::string& text = value->get_string();
  return OneLine({text.data(), text.size()}, bytes_max);
}

Refusal ReadRefusal(std::string_view body) {
  Refusal refusal;
  json::error_code error;
  const json::value document = json::parse({body.data(), body.size()}, error);
  const json::object* object = error ? nullptr : document.if_object();
  if (object == nullptr) return refusal;
  if (const json::value* code = object->if_contains("code"); code != nullptr && code->is_int64()) {
    refusal.code = code->get_int64();
  }
  refusal.message = TextOf(*object, "message", kMessageBytesMax);
  const json::value* errors = object->if_contains("errors");
  if (errors == nullptr || !errors->is_array()) return refusal;
  for (const json::value& one : errors->get_array()) {
    if (!one.is_object() || refusal.fields.size() == kFieldsMax) continue;
    refusal.fields.push_back({TextOf(one.get_object(), "field", kFieldBytesMax),
                              TextOf(one.get_object(), "message", kMessageBytesMax)});
  }
  return refusal;
}

std::string OurName(const std::string& zooms) {
  for (const auto& [name, ours] : kFieldNames) {
    if (name == zooms) return std::string(ours);
  }
  return zooms;
}

ErrorMetadata MetadataFor(int status, const Refusal& refusal) {
  ErrorMetadata metadata = {{"zoom_status", std::to_string(status)}};
  if (refusal.code.has_value()) metadata.emplace_back("zoom_code", std::to_string(*refusal.code));
  if (!refusal.message.empty()) metadata.emplace_back("zoom_message", refusal.message);
  return metadata;
}

absl::Status With(absl::Status status, const ErrorMetadata& more) {
  ErrorMetadata metadata = MetadataOf(status);
  metadata.insert(metadata.end(), more.begin(), more.end());
  SetMetadata(status, metadata);
  return status;
}

bool SaysScopeMissing(const Refusal& refusal) {
  const bool code = refusal.code == 4711 || refusal.code == 4700 || refusal.code == 104;
  return code && refusal.message.find("does not contain scopes") != std::string::npos;
}

// The scopes in "... does not contain scopes:[a, b]." that this service knows; the request's own
// when there is none.
std::vector<std::string> MissingScopes(const ApiRequest& request, const std::string& message) {
  std::vector<std::string> scopes;
  const size_t open = message.find('[');
  if (open != std::string::npos) {
    const std::string list = message.substr(open + 1, message.find(']', open) - open - 1);
    for (const auto& part : absl::StrSplit(list, ',')) {
      const std::string scope(absl::StripAsciiWhitespace(part));
      if (scopes.size() < kScopesMax && IsKnownScope(scope)) scopes.push_back(scope);
    }
  }
  return scopes.empty() ? request.any_of_scopes : scopes;
}

bool NamesRegistrant(const RequestTarget& target) {
  return target.segments().size() == 4 && target.segments()[2] == "registrants";
}

// Zoom has no code of its own for it: 300 under 400, or some code under 404.
bool SaysRegistrantMissing(const ApiRequest& request, int status, const Refusal& refusal) {
  if (!NamesRegistrant(request.target)) return false;
  const bool named = refusal.message.starts_with("Registrant ") ||
                     refusal.message.find("Registrant ID") != std::string::npos;
  return named && (status == 404 || (status == 400 && refusal.code == kValidation));
}

absl::Status RateLimited(const AnswerHead& head, const Refusal& refusal,
                         system_clock::time_point now) {
  std::optional<std::chrono::milliseconds> delay;
  for (const auto& [name, value] : head.headers) {
    if (name == "retry-after") delay = ParseRetryAfter(value, now);
  }
  if (!delay.has_value() && refusal.message.find("GMT 00:00:00") != std::string::npos) {
    // The daily limit of one user's meeting changes, which comes without a header.
    const auto midnight = std::chrono::ceil<std::chrono::days>(now);
    delay = std::chrono::ceil<std::chrono::milliseconds>(midnight - now);
  }
  ErrorMetadata metadata = MetadataFor(head.status, refusal);
  if (delay.has_value()) metadata.emplace_back("retry_after_ms", std::to_string(delay->count()));
  absl::Status status = MakeError(absl::StatusCode::kResourceExhausted, reason::kZoomRateLimited,
                                  "Zoom's rate limit is reached. Nothing was done; repeat the "
                                  "request later.",
                                  std::move(metadata));
  return delay.has_value() ? WithRetryAfter(std::move(status), *delay) : status;
}

absl::Status BadFields(const Refusal& refusal, ErrorMetadata metadata) {
  absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, reason::kZoomRejected,
                                  "Zoom found fields that it does not take. Nothing was done; "
                                  "correct them.",
                                  std::move(metadata));
  std::vector<FieldViolation> fields;
  fields.reserve(refusal.fields.size());
  for (const BadField& field : refusal.fields) {
    fields.push_back({OurName(field.name), std::string(reason::kZoomRejected), field.message});
  }
  SetFields(status, fields);
  return status;
}

}  // namespace

absl::Status ErrorOf(const ApiRequest& request, const AnswerHead& head, std::string_view body,
                     system_clock::time_point now) {
  const Refusal refusal = ReadRefusal(body);
  if (head.status == 429) return RateLimited(head, refusal, now);
  ErrorMetadata metadata = MetadataFor(head.status, refusal);
  if (head.status >= 500) {
    return With(IsUnsafe(request.method) ? OutcomeUnknown() : ZoomUnavailable(), metadata);
  }
  if (SaysScopeMissing(refusal)) {
    return With(ScopeMissing(MissingScopes(request, refusal.message)), metadata);
  }
  if (refusal.code == kMeetingDoesNotExist) return With(MeetingNotFound(), metadata);
  if (SaysRegistrantMissing(request, head.status, refusal)) {
    return With(RegistrantNotFound(), metadata);
  }
  if (head.status == 400 && !refusal.fields.empty()) {
    return BadFields(refusal, std::move(metadata));
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, reason::kZoomRejected,
                   "Zoom refused the request. Nothing was done; zoom_message tells why.",
                   std::move(metadata));
}

absl::Status UnreadableAnswer(const ApiRequest& request, const AnswerHead& head,
                              absl::Status unreadable) {
  if (!IsUnsafe(request.method)) return unreadable;
  return With(OutcomeUnknown(), {{"zoom_status", std::to_string(head.status)}});
}

}  // namespace shodan::zoomapi
