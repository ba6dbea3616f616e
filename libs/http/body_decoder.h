// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "libs/http/request.h"

namespace shodan::http {

/// Takes the body of one request from the bytes after its head. Chunked bodies are read
/// strictly: no chunk extensions, no trailer fields, no other line ends, and no more framing than
/// twice the body plus 1 KiB.
class BodyDecoder {
 public:
  /// `bytes_max` bounds the whole decoded body.
  BodyDecoder(const RequestHead& head, size_t bytes_max);

  /// Answers how many of the bytes belong to this request through `used`; the rest is the next one.
  /// INVALID_ARGUMENT/FRAMING_INVALID; BODY_TOO_LARGE as soon as it is known.
  absl::Status Feed(std::string_view bytes, size_t& used);
  bool done() const { return state_ == State::kDone; }
  /// Whether TakeBody() has something to give.
  bool has_bytes() const { return !body_.empty(); }
  /// What was decoded since it was last called.
  std::string TakeBody() { return std::exchange(body_, {}); }

 private:
  enum class State { kLength, kSize, kSizeLf, kData, kDataCr, kDataLf, kEndCr, kEndLf, kDone };

  absl::Status FeedChunkByte(char c);

  State state_;
  size_t bytes_max_;
  uint64_t remaining_ = 0;  // of the body or of the present chunk
  int size_digits_ = 0;
  uint64_t wire_bytes_ = 0;
  uint64_t decoded_bytes_ = 0;
  std::string body_;
};

}  // namespace shodan::http
