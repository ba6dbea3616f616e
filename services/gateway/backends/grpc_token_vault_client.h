// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "services/gateway/backends/assertion_signer.h"
#include "services/gateway/backends/token_vault_client.h"

namespace grpc {
class Channel;
}

namespace shodan::gateway {

/// TokenVaultClient over gRPC: mode service, GetProfile in mode user. The signer outlives it.
std::unique_ptr<TokenVaultClient> MakeGrpcTokenVaultClient(std::shared_ptr<grpc::Channel> channel,
                                                           AssertionSigner& signer);

}  // namespace shodan::gateway
