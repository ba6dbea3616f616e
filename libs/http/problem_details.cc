// SPDX-License-Identifier: Apache-2.0
#include "libs/http/problem_details.h"

#include <algorithm>
#include <chrono>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "absl/strings/numbers.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/http/target.h"

namespace shodan::http {
namespace {

struct ReasonStatus {
  std::string_view reason;
  int http_status;
};

// Errors that HTTP has a code of its own for.
constexpr ReasonStatus kByReason[] = {
    {"METHOD_NOT_ALLOWED", 405}, {"REQUEST_TIMEOUT", 408},        {"BODY_TOO_LARGE", 413},
    {"TARGET_TOO_LONG", 414},    {"UNSUPPORTED_MEDIA_TYPE", 415}, {"EXPECTATION_FAILED", 417},
    {"HEAD_TOO_LARGE", 431},     {"TICKET_INVALID", 400},         {"ATTEMPT_MISMATCH", 400},
    {"ATTEMPT_EXPIRED", 400},    {"LENGTH_REQUIRED", 411},        {"ANSWER_TOO_LARGE", 502},
    {"ANSWER_INVALID", 502},     {"ZOOM_ANSWER_UNREADABLE", 502},
};

enum class MemberType { kText, kNumber, kTexts };

struct ExtensionMember {
  std::string_view key;
  std::string_view name;
  MemberType type;
};

// What an error's metadata adds to its document (RFC 9457 section 3.2).
constexpr ExtensionMember kExtensionMembers[] = {
    {"zoom_status", "zoomStatus", MemberType::kNumber},
    {"zoom_code", "zoomCode", MemberType::kNumber},
    {"zoom_message", "zoomMessage", MemberType::kText},
    {"scopes", "scopes", MemberType::kTexts},
    {"cause", "cause", MemberType::kText},
};

constexpr int kRetryAfterDefaultSeconds = 5;

std::string CodeName(absl::StatusCode code) {
  return absl::StatusCodeToString(code);  // "INVALID_ARGUMENT"
}

std::string EffectiveReason(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason.empty() ? CodeName(status.code()) : reason;
}

bool IsInternal(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

boost::json::string Text(std::string_view text) {
  // Every text here is ours or was checked, but an answer must be valid JSON whatever comes.
  if (!IsUtf8(text)) return boost::json::string("(not UTF-8)");
  return boost::json::string(text.data(), text.size());
}

boost::json::value ExtensionValue(MemberType type, std::string_view text) {
  if (type == MemberType::kTexts) {
    boost::json::array list;
    while (!text.empty()) {
      const size_t end = text.find_first_of(" ,");
      if (end != 0) list.emplace_back(Text(text.substr(0, end)));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return list;
  }
  int64_t number = 0;
  if (type == MemberType::kNumber && absl::SimpleAtoi(ToAbsl(text), &number)) return number;
  return Text(text);
}

void AddExtensionMembers(const absl::Status& status, boost::json::object& problem) {
  for (const auto& [key, value] : MetadataOf(status)) {
    for (const ExtensionMember& member : kExtensionMembers) {
      if (member.key != key) continue;
      problem.insert_or_assign({member.name.data(), member.name.size()},
                               ExtensionValue(member.type, value));
    }
  }
}

}  // namespace

int HttpStatusOf(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  for (const ReasonStatus& entry : kByReason) {
    if (entry.reason == reason) return entry.http_status;
  }
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kFailedPrecondition:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

std::string TitleOf(std::string_view reason) {
  std::string title(reason);
  for (size_t i = 0; i < title.size(); ++i) {
    if (title[i] == '_') title[i] = ' ';
    if (i > 0 && title[i] >= 'A' && title[i] <= 'Z') title[i] = static_cast<char>(title[i] + 32);
  }
  return title;
}

std::string DetailOf(const absl::Status& status) {
  if (IsInternal(status.code())) {
    return "Something went wrong on our side. Try again; if it stays, give the request id to "
           "support.";
  }
  return std::string(ToStd(status.message()));
}

Response ProblemResponse(const absl::Status& status, std::string_view instance,
                         std::string_view request_id) {
  const int http_status = HttpStatusOf(status);
  const std::string reason =
      IsInternal(status.code()) ? std::string("INTERNAL") : EffectiveReason(status);
  boost::json::array errors;
  for (const FieldViolation& field : FieldsOf(status)) {
    errors.push_back(boost::json::object{{"field", Text(field.field)},
                                         {"reason", Text(field.reason)},
                                         {"detail", Text(field.description)}});
  }
  boost::json::object problem{{"type", Text(Join("https://shodan.example/problems/", reason))},
                              {"title", Text(TitleOf(reason))},
                              {"status", http_status},
                              {"detail", Text(DetailOf(status))},
                              {"instance", Text(instance)},
                              {"reason", Text(reason)},
                              {"requestId", Text(request_id)},
                              {"errors", std::move(errors)}};
  if (!IsInternal(status.code())) AddExtensionMembers(status, problem);
  Response response = JsonResponse(http_status, boost::json::serialize(problem));
  response.fields.Set("Content-Type", "application/problem+json");
  response.fields.Set("Cache-Control", "no-store");
  if (http_status == 401) response.fields.Set("WWW-Authenticate", "Bearer");
  if (http_status == 429 || http_status == 503) {
    const auto delay = RetryAfterOf(status);
    const int64_t seconds =
        delay.has_value()
            ? std::max<int64_t>(1, std::chrono::ceil<std::chrono::seconds>(*delay).count())
            : kRetryAfterDefaultSeconds;
    response.fields.Set("Retry-After", std::to_string(seconds));
  }
  return response;
}

}  // namespace shodan::http
