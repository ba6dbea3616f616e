// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/grpc/field_checks.h"

#include <algorithm>

#include "libs/base/strings.h"
#include "libs/crypto/random.h"

namespace shodan::tokenvault {
namespace {

constexpr size_t kProjectSizeMax = 63;
constexpr size_t kUserSizeMax = 255;

}  // namespace

FieldChecks& FieldChecks::Project(std::string_view field, const std::string& value) {
  const bool good = !value.empty() && value.size() <= kProjectSizeMax &&
                    std::all_of(value.begin(), value.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                    });
  return That(good, field, "1 to 63 characters of a-z, 0-9 and the hyphen");
}

FieldChecks& FieldChecks::User(std::string_view field, const std::string& value) {
  return Text(field, value, 1, kUserSizeMax);
}

FieldChecks& FieldChecks::Uuid(std::string_view field, const std::string& value, bool required) {
  const bool good = value.empty() ? !required : IsUuid(value);
  return That(good, field, "a UUID in lower case");
}

FieldChecks& FieldChecks::Text(std::string_view field, const std::string& value, size_t min,
                               size_t max) {
  const bool good =
      value.size() >= min && value.size() <= max && value.find('\0') == std::string::npos;
  return That(good, field,
              Join(std::to_string(min), " to ", std::to_string(max), " bytes without NUL"));
}

FieldChecks& FieldChecks::Range(std::string_view field, int64_t value, int64_t min, int64_t max) {
  return That(value >= min && value <= max, field,
              Join("from ", std::to_string(min), " to ", std::to_string(max)));
}

FieldChecks& FieldChecks::That(bool good, std::string_view field, std::string_view what) {
  if (!good) violations_.push_back({std::string(field), "OUT_OF_RANGE", Join("must be ", what)});
  return *this;
}

absl::Status FieldChecks::Result() const {
  return violations_.empty() ? absl::OkStatus() : InvalidFields(violations_);
}

}  // namespace shodan::tokenvault
