// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "libs/http/body_stream.h"
#include "libs/http/fields.h"
#include "libs/http/method.h"
#include "libs/http/target.h"

namespace shodan::http {

/// A request line and header fields as a parser found them, not judged yet.
struct ParsedHead {
  std::string method;
  std::string target;
  unsigned version = 11;  ///< 10 or 11
  Fields fields;
};

/// The head of a request that passed the strict gate.
struct RequestHead {
  Method method = Method::kGet;
  Target target;
  Fields fields;
  unsigned version = 11;   ///< 10 or 11
  bool keep_alive = true;  ///< the connection may be used again
  bool chunked = false;    ///< the body comes in chunks
  std::optional<uint64_t> content_length;
  bool expects_continue = false;  ///< waits for 100 before it sends the body

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// A whole request, or on streamed routes one whose body is still to be read.
struct Request {
  RequestHead head;
  std::string body;
  /// On streamed routes only: the body, instead of `body`. Lives until the handler has returned.
  RequestStream* stream = nullptr;
  std::string peer_address;  ///< of the TCP connection, without port
};

}  // namespace shodan::http
