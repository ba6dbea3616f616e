// SPDX-License-Identifier: Apache-2.0
#include "libs/http/body_decoder.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/http/percent_encoding.h"

namespace shodan::http {
namespace {

constexpr int kSizeDigitsMax = 8;
constexpr uint64_t kFramingBytesFree = 1024;

absl::Status BadFraming(std::string_view what) { return InvalidArgument("FRAMING_INVALID", what); }

absl::Status TooLarge() {
  return InvalidArgument("BODY_TOO_LARGE", "The body is larger than this route accepts.");
}

}  // namespace

BodyDecoder::BodyDecoder(const RequestHead& head, size_t bytes_max)
    : state_(head.chunked ? State::kSize : State::kLength), bytes_max_(bytes_max) {
  if (!head.chunked) {
    remaining_ = head.content_length.value_or(0);
    if (remaining_ == 0) state_ = State::kDone;
  }
}

absl::Status BodyDecoder::Feed(std::string_view bytes, size_t& used) {
  used = 0;
  if (state_ == State::kLength && remaining_ + decoded_bytes_ > bytes_max_) return TooLarge();
  while (used < bytes.size() && state_ != State::kDone) {
    if (state_ == State::kLength || state_ == State::kData) {
      const size_t count = static_cast<size_t>(std::min<uint64_t>(remaining_, bytes.size() - used));
      body_.append(bytes.substr(used, count));
      used += count;
      decoded_bytes_ += count;
      remaining_ -= count;
      if (remaining_ == 0) state_ = state_ == State::kData ? State::kDataCr : State::kDone;
      continue;
    }
    if (++wire_bytes_ > 2 * decoded_bytes_ + kFramingBytesFree) {
      return BadFraming("The chunks are too small.");
    }
    SHODAN_RETURN_IF_ERROR(FeedChunkByte(bytes[used]));
    ++used;
  }
  return absl::OkStatus();
}

absl::Status BodyDecoder::FeedChunkByte(char c) {
  const auto expect = [&](char wanted, State next) {
    if (c != wanted) return BadFraming("A chunk must end with CR LF; trailers are not accepted.");
    state_ = next;
    return absl::OkStatus();
  };
  switch (state_) {
    case State::kSize: {
      if (c == '\r' && size_digits_ > 0) {
        state_ = State::kSizeLf;
        return absl::OkStatus();
      }
      const int digit = HexValue(c);
      if (digit < 0 || ++size_digits_ > kSizeDigitsMax) {
        return BadFraming("A chunk's size must be hexadecimal, without extensions.");
      }
      remaining_ = remaining_ * 16 + static_cast<uint64_t>(digit);
      return absl::OkStatus();
    }
    case State::kSizeLf:
      if (remaining_ + decoded_bytes_ > bytes_max_) return TooLarge();
      size_digits_ = 0;
      return expect('\n', remaining_ == 0 ? State::kEndCr : State::kData);
    case State::kDataCr:
      return expect('\r', State::kDataLf);
    case State::kDataLf:
      return expect('\n', State::kSize);
    case State::kEndCr:
      return expect('\r', State::kEndLf);
    case State::kEndLf:
      return expect('\n', State::kDone);
    case State::kLength:
    case State::kData:
    case State::kDone:
      break;
  }
  return BadFraming("The body has ended.");
}

}  // namespace shodan::http
