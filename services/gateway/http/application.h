// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "absl/status/status.h"
#include "libs/http/request.h"
#include "libs/http/response.h"
#include "libs/http/route_table.h"

namespace shodan::gateway {

/// What a connection needs from the rest of the gateway. Thread-safe.
class Application {
 public:
  virtual ~Application() = default;

  /// The route of a request, before its body is read. When the match has an error, the body is not
  /// read and Handle() makes the answer from it.
  virtual http::RouteMatch Match(const http::RequestHead& head) const = 0;
  virtual const http::Route& RouteOf(const http::RouteMatch& match) const = 0;
  /// The answer, complete with every header. Never fails.
  virtual boost::asio::awaitable<http::Response> Handle(http::Request request,
                                                        http::RouteMatch match) = 0;
  /// The answer to bytes that are no acceptable request.
  virtual http::Response Refuse(const absl::Status& status) = 0;
};

}  // namespace shodan::gateway
