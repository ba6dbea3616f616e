// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "services/gateway/backends/api_key_client.h"
#include "services/gateway/backends/assertion_signer.h"

namespace grpc {
class Channel;
}

namespace shodan::gateway {

/// The signer outlives the client.
std::unique_ptr<ApiKeyClient> MakeGrpcApiKeyClient(std::shared_ptr<grpc::Channel> account_link,
                                                   AssertionSigner& signer);

}  // namespace shodan::gateway
