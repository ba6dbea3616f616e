// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/status.h"

namespace shodan::http {

/// Reads query or form parameters one by one and collects every problem, as JsonBody does for
/// bodies. The list outlives the reader.
class Parameters {
 public:
  explicit Parameters(const std::vector<std::pair<std::string, std::string>>& parameters)
      : parameters_(parameters) {}

  /// Empty when absent. A repeated parameter is a problem.
  std::string Text(std::string_view name);
  /// `default_value` when absent or empty.
  int64_t Integer(std::string_view name, int64_t min, int64_t max, int64_t default_value);
  /// "true" or "false"; `default_value` when absent or empty.
  bool Bool(std::string_view name, bool default_value);
  /// INVALID_ARGUMENT/INVALID_FIELD with every problem and every unknown parameter.
  absl::Status Finish();
  /// The same, but foreign parameters are welcome.
  absl::Status FinishIgnoringUnknown() const;

 private:
  const std::vector<std::pair<std::string, std::string>>& parameters_;
  std::vector<std::string> known_;
  std::vector<FieldViolation> problems_;
};

}  // namespace shodan::http
