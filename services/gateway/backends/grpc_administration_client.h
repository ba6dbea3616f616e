// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "services/gateway/backends/administration_client.h"
#include "services/gateway/backends/assertion_signer.h"

namespace grpc {
class Channel;
}

namespace shodan::gateway {

/// AdministrationClient over gRPC. The signer outlives it.
std::unique_ptr<AdministrationClient> MakeGrpcAdministrationClient(
    std::shared_ptr<grpc::Channel> account_link, std::shared_ptr<grpc::Channel> token_vault,
    AssertionSigner& signer);

}  // namespace shodan::gateway
