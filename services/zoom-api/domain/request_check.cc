// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/request_check.h"

#include <algorithm>
#include <optional>

#include "libs/base/strings.h"
#include "libs/base/utf8.h"
#include "libs/crypto/random.h"

namespace shodan::zoomapi {
namespace {

constexpr std::string_view kRequired = "REQUIRED";
constexpr std::string_view kTooLong = "TOO_LONG";
constexpr std::string_view kMalformed = "MALFORMED";

constexpr size_t kProjectIdBytesMax = 63;
constexpr size_t kUserIdBytesMax = 255;
constexpr size_t kMeetingIdDigitsMax = 19;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsProjectCharacter(char c) { return IsDigit(c) || (c >= 'a' && c <= 'z') || c == '-'; }
bool IsVisible(char c) { return c > ' ' && c < '\x7f'; }

}  // namespace

void RequestCheck::Add(std::string_view field, std::string_view reason,
                       std::string_view description) {
  const bool told = std::any_of(violations_.begin(), violations_.end(),
                                [&](const FieldViolation& one) { return one.field == field; });
  if (!told) {
    violations_.push_back({std::string(field), std::string(reason), std::string(description)});
  }
}

void RequestCheck::ProjectId(std::string_view text) {
  if (text.empty()) {
    Add("projectId", kRequired, "must not be empty");
  } else if (text.size() > kProjectIdBytesMax ||
             !std::all_of(text.begin(), text.end(), IsProjectCharacter)) {
    Add("projectId", kMalformed, "must be 1 to 63 characters of a-z, 0-9 and -");
  }
}

void RequestCheck::UserId(std::string_view text) {
  if (text.size() > kUserIdBytesMax) {
    Add("userId", kTooLong, "must be at most 255 bytes");
  } else {
    RequiredText("userId", text, kUserIdBytesMax);
  }
}

void RequestCheck::RequestId(const std::string& text) {
  if (text.empty()) {
    Add("requestId", kRequired, "must not be empty");
  } else if (!IsUuid(text)) {
    Add("requestId", kMalformed,
        "must be a UUID in lower case, for example 6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e");
  }
}

void RequestCheck::Text(std::string_view field, std::string_view text, size_t max_characters) {
  const std::optional<size_t> characters = CountCharacters(text);
  if (!characters.has_value() || text.find('\0') != std::string_view::npos) {
    Add(field, kMalformed, "must be UTF-8 text without NUL characters");
  } else if (*characters > max_characters) {
    Add(field, kTooLong, Join("must be at most ", std::to_string(max_characters), " characters"));
  }
}

void RequestCheck::RequiredText(std::string_view field, std::string_view text,
                                size_t max_characters) {
  if (text.empty()) {
    Add(field, kRequired, "must not be empty");
  } else {
    Text(field, text, max_characters);
  }
}

void RequestCheck::Token(std::string_view field, std::string_view text, size_t max_bytes) {
  if (text.size() > max_bytes) {
    Add(field, kTooLong, Join("must be at most ", std::to_string(max_bytes), " bytes"));
  } else if (!std::all_of(text.begin(), text.end(), IsVisible)) {
    Add(field, kMalformed, "must be printable ASCII without spaces");
  }
}

void RequestCheck::MeetingId(std::string_view text) {
  if (text.empty()) {
    Add("meetingId", kRequired, "must not be empty");
  } else if (text.size() > kMeetingIdDigitsMax || !std::all_of(text.begin(), text.end(), IsDigit)) {
    Add("meetingId", kMalformed, "must be 1 to 19 digits: Zoom's number of the meeting");
  }
}

void RequestCheck::Range(std::string_view field, int64_t value, int64_t min, int64_t max) {
  if (value < min || value > max) {
    Add(field, "OUT_OF_RANGE", Join("must be ", std::to_string(min), " to ", std::to_string(max)));
  }
}

void RequestCheck::OneOf(std::string_view field, std::string_view text,
                         std::initializer_list<std::string_view> allowed) {
  if (text.empty() || std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return;
  std::string list;
  for (const std::string_view one : allowed) list += Join(list.empty() ? "" : ", ", one);
  Add(field, "NOT_ALLOWED", Join("must be one of ", list));
}

absl::Status RequestCheck::Finish() const {
  return violations_.empty() ? absl::OkStatus() : InvalidFields(violations_);
}

}  // namespace shodan::zoomapi
