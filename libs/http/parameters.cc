// SPDX-License-Identifier: Apache-2.0
#include "libs/http/parameters.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "libs/base/strings.h"

namespace shodan::http {
namespace {

constexpr size_t kUnknownNameBytesMax = 64;

}  // namespace

std::string Parameters::Text(std::string_view name) {
  known_.emplace_back(name);
  std::string value;
  int count = 0;
  for (const auto& [key, text] : parameters_) {
    if (key != name) continue;
    value = text;
    ++count;
  }
  if (count > 1) problems_.push_back({std::string(name), "REPEATED", "must be given once."});
  return value;
}

int64_t Parameters::Integer(std::string_view name, int64_t min, int64_t max,
                            int64_t default_value) {
  const std::string text = Text(name);
  if (text.empty()) return default_value;
  int64_t number = 0;
  if (absl::SimpleAtoi(text, &number) && number >= min && number <= max) return number;
  problems_.push_back({std::string(name), "OUT_OF_RANGE",
                       Join("must be ", std::to_string(min), " to ", std::to_string(max), ".")});
  return default_value;
}

bool Parameters::Bool(std::string_view name, bool default_value) {
  const std::string text = Text(name);
  if (text.empty() || text == "true" || text == "false") {
    return text.empty() ? default_value : text == "true";
  }
  problems_.push_back({std::string(name), "MALFORMED", "must be true or false."});
  return default_value;
}

absl::Status Parameters::FinishIgnoringUnknown() const {
  return problems_.empty() ? absl::OkStatus() : InvalidFields(problems_);
}

absl::Status Parameters::Finish() {
  for (const auto& [key, text] : parameters_) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    known_.push_back(key);
    problems_.push_back({key.substr(0, kUnknownNameBytesMax), "UNKNOWN", "is not known here."});
  }
  return FinishIgnoringUnknown();
}

}  // namespace shodan::http
