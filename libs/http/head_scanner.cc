// SPDX-License-Identifier: Apache-2.0
#include "libs/http/head_scanner.h"

#include "libs/base/status.h"

namespace shodan::http {
namespace {

absl::Status Malformed(std::string_view what) { return InvalidArgument("HEAD_MALFORMED", what); }

}  // namespace

absl::Status HeadScanner::Scan(std::string_view buffer) {
  for (; position_ < buffer.size() && size_ == 0; ++position_) {
    if (position_ >= bytes_max_) {
      return ResourceExhausted("HEAD_TOO_LARGE", "The request's head is too large.");
    }
    const char c = buffer[position_];
    const bool after_cr = position_ > line_start_ && buffer[position_ - 1] == '\r';
    if (after_cr != (c == '\n')) return Malformed("A line must end with CR LF.");
    if (c == '\n') {
      const bool empty = position_ - line_start_ == 1;
      if (empty && lines_ == 0) return Malformed("The request begins with an empty line.");
      if (empty) size_ = position_ + 1;
      ++lines_;
      if (lines_ > fields_max_ + 2) {
        return ResourceExhausted("HEAD_TOO_LARGE", "The request has too many header fields.");
      }
      line_start_ = position_ + 1;
      continue;
    }
    if (c == '\r') continue;
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7F) {
      return Malformed("The request's head holds a control character.");
    }
    if (byte > 0x7F && lines_ == 0) return Malformed("The request line must be ASCII.");
    if (position_ == line_start_ && (c == ' ' || c == '\t')) {
      return Malformed("Folded header lines are not accepted.");
    }
  }
  return absl::OkStatus();
}

}  // namespace shodan::http
