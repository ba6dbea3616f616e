// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <grpcpp/grpcpp.h>

#include "services/gateway/backends/assertion_signer.h"
#include "services/gateway/backends/webhook_endpoint_client.h"

namespace shodan::gateway {

/// Webhook endpoints over gRPC. The signer outlives the client.
std::unique_ptr<WebhookEndpointClient> MakeGrpcWebhookEndpointClient(
    std::shared_ptr<grpc::Channel> automation, AssertionSigner& signer);

}  // namespace shodan::gateway
