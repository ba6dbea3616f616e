// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/secrets/secret.h"

namespace shodan {

/// One request to a server outside. Header values and the body may hold secrets.
struct HttpsRequest {
  std::string method = "GET";  ///< GET, or POST or PUT, which alone send the body
  std::string url;  ///< https, or http where the configuration allowed it; holds no secret
  std::vector<std::pair<std::string, Secret>> headers;
  Secret body;
  std::string ca_file;  ///< PEM bundle to trust instead of the system's; empty for the system's
  std::chrono::milliseconds timeout{10'000};  ///< for all of it, from the look-up of the name on
  size_t answer_bytes_max = 256 << 10;
  /// Refuses a host whose name leads to an address that is not of the open Internet
  /// (IsPublicAddress()), whatever it led to a moment before. For URLs that others chose.
  bool public_addresses_only = false;
};

/// What came of it.
struct HttpsOutcome {
  /// Not OK when no complete answer arrived: UNAVAILABLE/HTTPS_UNREACHABLE, /HTTPS_TIMEOUT,
  /// /HTTPS_TLS_FAILED, /HTTPS_TRUNCATED, /HTTPS_ANSWER_TOO_LARGE; PERMISSION_DENIED/
  /// HTTPS_ADDRESS_REFUSED; or INVALID_ARGUMENT/HTTPS_REQUEST_INVALID for another method, or a
  /// header that is empty or would break the head.
  /// An answer without a length, which ends with its connection, counts as complete: curl does not
  /// tell an end from a cut there, so its reader must.
  absl::Status error;
  /// False only when the server cannot have seen the request.
  bool may_have_been_sent = false;
  int status = 0;                              ///< 0 when not even a status line arrived
  std::map<std::string, std::string> headers;  ///< names in lower case, last value wins
  Secret body;                                 ///< what arrived, even when truncated
};

/// Sends requests over TLS 1.2 or newer. Follows no redirect, uses no proxy, repeats nothing, and
/// opens a connection of its own for each request, so no request is lost in a dying one.
class HttpsClient {
 public:
  virtual ~HttpsClient() = default;
  /// Blocks the calling thread until the answer or the time limit. Thread-safe.
  virtual HttpsOutcome Send(const HttpsRequest& request) = 0;
};

}  // namespace shodan
