// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/assertion_signer.h"

namespace grpc {
class Channel;
}

namespace shodan::gateway {

/// AccountLinkClient over gRPC: GetProject in mode service, AdminDisconnect in mode admin, the rest
/// in mode user. The signer outlives it.
std::unique_ptr<AccountLinkClient> MakeGrpcAccountLinkClient(std::shared_ptr<grpc::Channel> channel,
                                                             AssertionSigner& signer);

}  // namespace shodan::gateway
