// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "services/gateway/backends/assertion_signer.h"
#include "services/gateway/backends/connection_client.h"

namespace grpc {
class Channel;
}

namespace shodan::gateway {

/// The signer outlives the client.
std::unique_ptr<ConnectionClient> MakeGrpcConnectionClient(
    std::shared_ptr<grpc::Channel> account_link, std::shared_ptr<grpc::Channel> token_vault,
    AssertionSigner& signer);

}  // namespace shodan::gateway
