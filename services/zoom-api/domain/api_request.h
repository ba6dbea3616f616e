// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/zoom-api/domain/request_target.h"

namespace shodan::zoomapi {

/// For whom a request is sent, and on whose word.
struct Requester {
  std::string project_id;
  std::string user_id;
  std::string actor;    ///< "user:<id>" or "service:<name>", for the record of unsafe requests
  std::string caller;   ///< SPIFFE id of the service that asks: request ids are unique within it
  std::string call_id;  ///< of the gateway's request, for the logs and the record
};

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete };

/// Whether sending it twice could do something twice (RFC 9110 section 9.2.1).
constexpr bool IsUnsafe(Method method) { return method != Method::kGet && method != Method::kHead; }

constexpr std::string_view ToText(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
  }
  return "";
}

/// One request to Zoom's API, without its body.
struct ApiRequest {
  Requester requester;
  std::string request_id;  ///< UUID; empty for safe methods
  Method method = Method::kGet;
  RequestTarget target;
  std::string content_type;    ///< empty without a body
  int64_t content_length = 0;  ///< 0: no body
  std::string accept;          ///< empty: JSON
  /// Each of them alone would do. When the user's scopes are known and none of these is among them,
  /// the request ends in SCOPE_MISSING before anything is sent. Empty: Zoom decides.
  std::vector<std::string> any_of_scopes;
};

/// Zoom's answer, without its body.
struct AnswerHead {
  int status = 0;
  std::string content_type;
  int64_t content_length = -1;                               ///< -1: not told
  std::vector<std::pair<std::string, std::string>> headers;  ///< those that are passed on
};

}  // namespace shodan::zoomapi
