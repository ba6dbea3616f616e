// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <google/protobuf/timestamp.pb.h>

#include "absl/status/statusor.h"
#include "libs/rpc/unary_call.h"
#include "services/gateway/backends/backend_call.h"

namespace shodan::gateway {

using rpc::UnaryMethod;

/// Makes one call. `assertion` is empty in mode service.
template <typename Async, typename Request, typename Response>
boost::asio::awaitable<absl::StatusOr<Response>> CallUnary(
    Async* stub, UnaryMethod<Async, Request, Response> method, BackendCall call,
    std::string assertion, Request request) {
  const Deadline deadline = call.deadline();
  return rpc::CallUnary<Async, Request, Response>(stub, method, deadline,
                                                  std::move(call).request_id(),
                                                  std::move(assertion), std::move(request));
}

/// A call in mode user: for one person, with the assertion that says so. Send() is no coroutine; it
/// copies what the call needs into the frame of the one it starts.
template <typename Async>
struct AssertedCall {
  Async* stub;
  std::string assertion;

  template <typename Response, typename Request>
  boost::asio::awaitable<absl::StatusOr<Response>> Send(
      UnaryMethod<Async, Request, Response> method, const BackendCall& call,
      const Request& request) const {
    return CallUnary<Async, Request, Response>(stub, method, call, assertion, request);
  }
};

/// A request that begins with the person's project and user.
template <typename Request>
Request RequestOf(const Person& person) {
  Request request;
  request.set_project_id(person.project_id());
  request.set_user_id(person.user_id());
  return request;
}

/// An absent timestamp is nullopt.
inline std::optional<std::chrono::system_clock::time_point> TimeOf(
    bool present, const google::protobuf::Timestamp& time) {
  if (!present) return std::nullopt;
  return std::chrono::system_clock::time_point(std::chrono::seconds(time.seconds()) +
                                               std::chrono::nanoseconds(time.nanos()));
}

}  // namespace shodan::gateway
