// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <grpcpp/grpcpp.h>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "libs/rpc/async_rpc.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status_mapping.h"

namespace shodan::rpc {

/// A unary method of a stub's callback interface.
template <typename Async, typename Request, typename Response>
using UnaryMethod = void (Async::*)(grpc::ClientContext*, const Request*, Response*,
                                    std::function<void(grpc::Status)>);

/// Makes one call. `assertion` is empty in mode service. The stub outlives the call.
template <typename Async, typename Request, typename Response>
boost::asio::awaitable<absl::StatusOr<Response>> CallUnary(
    Async* stub, UnaryMethod<Async, Request, Response> method, Deadline deadline,
    std::string request_id, std::string assertion, Request request) {
  auto context = std::make_shared<grpc::ClientContext>();
  PrepareContext(*context, deadline, request_id, assertion);
  Response response;
  auto start = [stub, method, c = context.get(), &request, &response](auto done) {
    (stub->*method)(c, &request, &response, std::move(done));
  };
  auto operation = AsyncRpc(context, start, boost::asio::use_awaitable);
  const grpc::Status status = co_await std::move(operation);
  if (!status.ok()) co_return FromGrpcStatus(status);
  co_return std::move(response);
}

}  // namespace shodan::rpc
