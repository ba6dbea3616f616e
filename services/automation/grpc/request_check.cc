// SPDX-License-Identifier: Apache-2.0
#include "services/automation/grpc/request_check.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"
#include "services/automation/grpc/conversion.h"

namespace shodan::automation {
namespace {

constexpr size_t kProjectIdBytesMax = 63;
constexpr size_t kUserIdBytesMax = 255;
constexpr size_t kPageTokenBytesMax = 256;
constexpr int kPageSizeDefault = 25;
constexpr int kPageSizeMax = 100;
constexpr int64_t kSecondsMax = 7'258'118'400;  // 2200-01-01
constexpr int32_t kNanosMax = 999'999'999;

bool IsProjectId(std::string_view text) {
  return !text.empty() && text.size() <= kProjectIdBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace

void RequestCheck::Add(std::string_view field, std::string_view reason,
                       std::string_view description) {
  violations_.push_back({std::string(field), std::string(reason), std::string(description)});
}

void RequestCheck::ProjectId(std::string_view text) {
  if (!IsProjectId(text)) Add("projectId", "MALFORMED", "must be 1 to 63 characters of [a-z0-9-]");
}

void RequestCheck::UserId(std::string_view text, bool required) {
  if (text.empty() && required) Add("userId", "REQUIRED", "is required");
  Text("userId", text, kUserIdBytesMax);
}

void RequestCheck::Uuid(std::string_view field, const std::string& text) {
  if (!IsUuid(text)) Add(field, "MALFORMED", "must be a UUID in lower case");
}

void RequestCheck::Text(std::string_view field, std::string_view text, size_t max) {
  if (text.size() > max) {
    Add(field, "TOO_LONG", Join("must be at most ", std::to_string(max), " bytes"));
  } else if (text.find('\0') != std::string_view::npos) {
    Add(field, "MALFORMED", "must hold no zero byte");
  }
}

void RequestCheck::That(bool good, std::string_view field, std::string_view description) {
  if (!good) Add(field, "MALFORMED", description);
}

int RequestCheck::PageSize(int32_t size) {
  if (size < 0 || size > kPageSizeMax) Add("pageSize", "OUT_OF_RANGE", "must be from 1 to 100");
  return size == 0 ? kPageSizeDefault : size;
}

int64_t RequestCheck::PageToken(std::string_view token) {
  if (token.empty()) return 0;
  int64_t position = 0;
  const bool good =
      token.size() <= kPageTokenBytesMax &&
      std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
      absl::SimpleAtoi(ToAbsl(token), &position) && position > 0;
  if (!good) Add("pageToken", "MALFORMED", "must come from an earlier page");
  return position;
}

std::optional<Time> RequestCheck::When(std::string_view field, bool present,
                                       const google::protobuf::Timestamp& time) {
  if (!present) return std::nullopt;
  if (time.seconds() < 0 || time.seconds() > kSecondsMax || time.nanos() < 0 ||
      time.nanos() > kNanosMax) {
    Add(field, "OUT_OF_RANGE", "must be a time between 1970 and 2200");
    return std::nullopt;
  }
  return FromProto(time);
}

absl::Status RequestCheck::Finish() const {
  return violations_.empty() ? absl::OkStatus() : InvalidFields(violations_);
}

}  // namespace shodan::automation
