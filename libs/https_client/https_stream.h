// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"

namespace shodan {

/// The head of a request whose body and answer are streamed. Header values may hold secrets.
struct HttpsStreamRequest {
  HttpsStreamRequest() = default;

  std::string method = "GET";  ///< GET, HEAD, POST, PUT, PATCH or DELETE
  std::string url;  ///< https, or http where the configuration allowed it; no secret in it
  std::vector<std::pair<std::string, Secret>> headers;
  std::optional<int64_t> content_length;            ///< bytes of the body; none: no body is sent
  std::string ca_file;                              ///< PEM bundle to trust instead of the system's
  std::chrono::milliseconds timeout{30'000};        ///< for all of it
  std::chrono::milliseconds stall_timeout{15'000};  ///< without a byte in either direction
  /// A connection of its own. False lets an idle connection be used again; the library then sends
  /// a request a second time, unasked, when that connection turns out to be dead, so it is for
  /// requests that may be repeated only.
  bool fresh_connection = true;
  bool allow_private_addresses = false;  ///< of the host, once its name is looked up
};

/// Status line and fields of the answer.
struct HttpsStreamHead {
  HttpsStreamHead() = default;

  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case, as they came
  int64_t content_length = -1;                               ///< -1: not told
};

/// One request under way. Its functions are awaited one at a time, apart from Cancel(); dropping it
/// cancels it.
class HttpsStream {
 public:
  virtual ~HttpsStream() = default;

  /// Takes the next bytes of the body; completes when there is room for more. Fails as ReadHead()
  /// when the transfer has ended; the answer may be there all the same.
  virtual boost::asio::awaitable<absl::Status> Write(std::string chunk) = 0;
  /// The body is complete.
  virtual boost::asio::awaitable<absl::Status> FinishWriting() = 0;
  /// The answer's head. UNAVAILABLE/HTTPS_UNREACHABLE, /HTTPS_TIMEOUT, /HTTPS_TLS_FAILED,
  /// /HTTPS_TRUNCATED; PERMISSION_DENIED/HTTPS_ADDRESS_REFUSED; CANCELLED/HTTPS_CANCELLED;
  /// INVALID_ARGUMENT/HTTPS_REQUEST_INVALID.
  virtual boost::asio::awaitable<absl::StatusOr<HttpsStreamHead>> ReadHead() = 0;
  /// The next bytes of the answer, at most 64 KiB; empty at its end. Errors as ReadHead().
  virtual boost::asio::awaitable<absl::StatusOr<std::string>> Read() = 0;
  /// False only when the server cannot have seen the request.
  virtual bool may_have_been_sent() const = 0;
  /// From any thread.
  virtual void Cancel() = 0;
};

/// Sends requests over TLS 1.2 or newer, many at a time on one thread of its own. Follows no
/// redirect, uses no proxy. Keeps at most 256 KiB of each body. Thread-safe.
class HttpsStreamClient {
 public:
  virtual ~HttpsStreamClient() = default;
  virtual std::unique_ptr<HttpsStream> Start(HttpsStreamRequest request) = 0;
};

}  // namespace shodan
