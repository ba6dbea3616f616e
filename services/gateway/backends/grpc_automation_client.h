// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "services/gateway/backends/automation_client.h"

namespace grpc {
class Channel;
}

namespace shodan::gateway {

/// AutomationClient over gRPC, in mode service.
std::unique_ptr<AutomationClient> MakeGrpcAutomationClient(std::shared_ptr<grpc::Channel> channel);

}  // namespace shodan::gateway
