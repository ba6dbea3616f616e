// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <grpcpp/grpcpp.h>

#include "libs/base/deadline.h"
#include "libs/rpc/tls.h"

namespace google::protobuf {
class ServiceDescriptor;
}

namespace shodan::rpc {

/// A channel to one service. Methods marked idempotent in the proto are retried by gRPC on
/// UNAVAILABLE (at most 3 attempts, throttled); others never. Keep-alive pings every 30 s.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target, const TlsFiles& tls,
                                           const google::protobuf::ServiceDescriptor& service);

/// Sets deadline, request id and, when not empty, the assertion of an outgoing call.
void PrepareContext(grpc::ClientContext& context, Deadline deadline, std::string_view request_id,
                    std::string_view assertion);

}  // namespace shodan::rpc
