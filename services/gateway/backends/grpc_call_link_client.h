// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "services/gateway/backends/call_link_client.h"

namespace grpc {
class Channel;
}

namespace shodan::gateway {

/// CallLinkClient over gRPC, in mode service.
std::unique_ptr<CallLinkClient> MakeGrpcCallLinkClient(std::shared_ptr<grpc::Channel> channel);

}  // namespace shodan::gateway
