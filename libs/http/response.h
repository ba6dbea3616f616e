// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/http/body_stream.h"
#include "libs/http/fields.h"

namespace shodan::http {

/// An answer. `Content-Length` and `Connection` are the connection's business.
struct Response {
  int status = 200;
  Fields fields;
  std::string body;
  /// When set, sent instead of `body` without being copied (static files).
  std::shared_ptr<const std::string> shared_body;
  /// When set, sent instead of `body` as it comes. An error of the stream breaks the connection, so
  /// that the client does not take what it got for the whole.
  std::shared_ptr<BodyStream> stream;
  std::optional<uint64_t> stream_bytes;  ///< how many the stream will give, when that is known

  const std::string& payload() const { return shared_body != nullptr ? *shared_body : body; }
};

Response JsonResponse(int status, std::string json);
Response HtmlResponse(int status, std::string html);
/// 303 (RFC 9110 section 15.4.4): the browser goes on with GET.
Response SeeOther(std::string_view location);

}  // namespace shodan::http
