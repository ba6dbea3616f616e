// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "services/zoom-api/domain/body_digest.h"
#include "services/zoom-api/sending/sender.h"

namespace shodan::zoomapi {

/// Bodies up to this length are kept, so that they can be sent again.
inline constexpr int64_t kKeptBodyBytesMax = 256 << 10;

/// A request's body on its way to Zoom: of the length that was announced, digested while it passes,
/// and kept when it is short. One coroutine at a time.
class OutgoingBody {
 public:
  /// `source` outlives it.
  OutgoingBody(BodySource& source, int64_t length) : source_(source), length_(length) {}

  int64_t length() const { return length_; }
  bool kept() const { return length_ <= kKeptBodyBytesMax; }
  /// True when every byte was read from the source.
  bool complete() const { return complete_; }

  /// Reads a short body whole; does nothing with a long one. INVALID_ARGUMENT/INVALID_FIELD for
  /// contentLength when the body has another length; else the source's errors.
  boost::asio::awaitable<absl::Status> Keep();
  /// Goes back to the beginning of a kept body.
  void Rewind() { position_ = 0; }
  /// The next bytes, at most 64 KiB; empty at the end. Errors as Keep().
  boost::asio::awaitable<absl::StatusOr<std::string>> Next();
  /// Reads what is left, for the digest alone.
  boost::asio::awaitable<absl::Status> Drain();
  /// Once complete(): 32 raw bytes.
  const std::string& digest() const { return digest_; }

 private:
  boost::asio::awaitable<absl::StatusOr<std::string>> Pull();

  BodySource& source_;
  const int64_t length_;
  int64_t read_ = 0;
  bool complete_ = false;
  BodyDigest running_digest_;
  std::string digest_;
  std::string kept_;
  size_t position_ = 0;
};

}  // namespace shodan::zoomapi
