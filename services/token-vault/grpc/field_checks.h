// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"

namespace shodan::tokenvault {

/// Checks a request's fields and names every bad one at once. Field names are the proto's.
class FieldChecks {
 public:
  FieldChecks& Project(std::string_view field, const std::string& value);
  FieldChecks& User(std::string_view field, const std::string& value);
  FieldChecks& Uuid(std::string_view field, const std::string& value, bool required = true);
  /// Bytes, without NUL.
  FieldChecks& Text(std::string_view field, const std::string& value, size_t min, size_t max);
  FieldChecks& Range(std::string_view field, int64_t value, int64_t min, int64_t max);
  FieldChecks& That(bool good, std::string_view field, std::string_view what);

  /// INVALID_ARGUMENT/INVALID_FIELD unless all is well.
  absl::Status Result() const;

 private:
  std::vector<FieldViolation> violations_;
};

}  // namespace shodan::tokenvault
