// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace shodan::http {

/// Finds the end of a request's head in the raw bytes, and refuses on the way what a parser would
/// forgive: bare CR or LF, control characters, folded lines (RFC 9112 section 5.2), an empty line
/// before the request, too many fields, too many bytes. Feed the same growing buffer again and
/// again; each byte is looked at once.
class HeadScanner {
 public:
  HeadScanner(size_t bytes_max, size_t fields_max)
      : bytes_max_(bytes_max), fields_max_(fields_max) {}

  /// INVALID_ARGUMENT/HEAD_MALFORMED, RESOURCE_EXHAUSTED/HEAD_TOO_LARGE. OK otherwise; `size()` is
  /// then the length of the head with its empty line, 0 while more bytes are needed.
  absl::Status Scan(std::string_view buffer);
  size_t size() const { return size_; }

 private:
  size_t bytes_max_;
  size_t fields_max_;
  size_t position_ = 0;
  size_t line_start_ = 0;
  size_t lines_ = 0;
  size_t size_ = 0;
};

}  // namespace shodan::http
