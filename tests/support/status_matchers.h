// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <catch2/catch.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/status.h"

namespace shodan::testing {

/// The status of either kind of return value.
inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

/// CHECK_THAT(result, IsOk()); for absl::Status and absl::StatusOr, shows the error otherwise.
class IsOk {
 public:
  template <typename T>
  bool match(const T& result) const {
    return StatusOf(result).ok();
  }
  static std::string toString() { return "is OK"; }
};

/// CHECK_THAT(result, IsError(absl::StatusCode::kNotFound, "LINK_NOT_FOUND"));
class IsError {
 public:
  IsError(absl::StatusCode code, std::string_view reason) : code_(code), reason_(reason) {}

  template <typename T>
  bool match(const T& result) const {
    return StatusOf(result).code() == code_ && ReasonOf(StatusOf(result)) == reason_;
  }
  std::string toString() const { return "is " + absl::StatusCodeToString(code_) + "/" + reason_; }

 private:
  absl::StatusCode code_;
  std::string reason_;
};

}  // namespace shodan::testing

template <typename T>
struct Catch::StringMaker<absl::StatusOr<T>> {
  static std::string convert(const absl::StatusOr<T>& result) { return result.status().ToString(); }
};
