// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"

namespace shodan::http {

/// A body that is handed on piece by piece instead of being kept. Whoever is slow to ask for the
/// next piece slows its origin down.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  /// The next bytes, at most 64 KiB; empty at the end. An error ends the body early. To be awaited
  /// once at a time.
  virtual boost::asio::awaitable<absl::StatusOr<std::string>> Next() = 0;
};

/// The body of a request whose handler reads it from the connection.
class RequestStream : public BodyStream {
 public:
  /// Completes when the client has left; then nobody waits for the answer. May be awaited beside
  /// Next(), and abandoned by cancelling it.
  virtual boost::asio::awaitable<void> ClientLeft() = 0;
};

}  // namespace shodan::http
