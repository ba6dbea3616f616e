// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <google/protobuf/timestamp.pb.h>
#include <grpcpp/grpcpp.h>

#include "absl/status/statusor.h"
#include "libs/rpc/async_rpc.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status_mapping.h"
#include "services/gateway/backends/backend_call.h"

namespace shodan::gateway {

/// A unary method of a stub's callback interface.
template <typename Async, typename Request, typename Response>
using UnaryMethod = void (Async::*)(grpc::ClientContext*, const Request*, Response*,
                                    std::function<void(grpc::Status)>);

/// Makes one call. `assertion` is empty in mode service.
template <typename Async, typename Request, typename Response>
boost::asio::awaitable<absl::StatusOr<Response>> CallUnary(
    Async* stub, UnaryMethod<Async, Request, Response> method, BackendCall call,
    std::string assertion, Request request) {
  auto context = std::make_shared<grpc::ClientContext>();
  rpc::PrepareContext(*context, call.deadline(), call.request_id(), assertion);
  Response response;
  auto start = [stub, method, c = context.get(), &request, &response](auto done) {
    (stub->*method)(c, &request, &response, std::move(done));
  };
  auto operation = rpc::AsyncRpc(context, start, boost::asio::use_awaitable);
  const grpc::Status status = co_await std::move(operation);
  if (!status.ok()) co_return rpc::FromGrpcStatus(status);
  co_return std::move(response);
}

/// An absent timestamp is nullopt.
inline std::optional<std::chrono::system_clock::time_point> TimeOf(
    bool present, const google::protobuf::Timestamp& time) {
  if (!present) return std::nullopt;
  return std::chrono::system_clock::time_point(std::chrono::seconds(time.seconds()) +
                                               std::chrono::nanoseconds(time.nanos()));
}

}  // namespace shodan::gateway
