// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "services/gateway/backends/assertion_signer.h"
#include "services/gateway/backends/webhook_inbox_client.h"

namespace grpc {
class Channel;
}

namespace shodan::gateway {

/// The signer outlives the client.
std::unique_ptr<WebhookInboxClient> MakeGrpcWebhookInboxClient(
    std::shared_ptr<grpc::Channel> automation, AssertionSigner& signer);

}  // namespace shodan::gateway
