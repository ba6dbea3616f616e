// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/grpcpp.h>

#include "shodan/tokenvault/v1/token_vault_service.grpc.pb.h"

#include "services/account-link/domain/vault_port.h"

namespace shodan::account_link::testing {

/// Serves any Vault as the part of shodan.tokenvault.v1.TokenVaultService that account-link calls.
/// The vault outlives it.
class FakeVaultService final : public tokenvault::v1::TokenVaultService::Service {
 public:
  explicit FakeVaultService(Vault& vault) : vault_(vault) {}

  grpc::Status GetAttempt(grpc::ServerContext* context,
                          const tokenvault::v1::GetAttemptRequest* request,
                          tokenvault::v1::GetAttemptResponse* response) override;
  grpc::Status ActivateGrant(grpc::ServerContext* context,
                             const tokenvault::v1::ActivateGrantRequest* request,
                             tokenvault::v1::ActivateGrantResponse* response) override;
  grpc::Status DiscardPendingGrant(grpc::ServerContext* context,
                                   const tokenvault::v1::DiscardPendingGrantRequest* request,
                                   tokenvault::v1::DiscardPendingGrantResponse* response) override;
  grpc::Status EraseGrant(grpc::ServerContext* context,
                          const tokenvault::v1::EraseGrantRequest* request,
                          tokenvault::v1::EraseGrantResponse* response) override;
  grpc::Status ResolveIdentity(grpc::ServerContext* context,
                               const tokenvault::v1::ResolveIdentityRequest* request,
                               tokenvault::v1::ResolveIdentityResponse* response) override;
  grpc::Status ListPendingGrants(grpc::ServerContext* context,
                                 const tokenvault::v1::ListPendingGrantsRequest* request,
                                 tokenvault::v1::ListPendingGrantsResponse* response) override;
  grpc::Status ListGrantEvents(grpc::ServerContext* context,
                               const tokenvault::v1::ListGrantEventsRequest* request,
                               tokenvault::v1::ListGrantEventsResponse* response) override;

 private:
  Vault& vault_;
};

}  // namespace shodan::account_link::testing
