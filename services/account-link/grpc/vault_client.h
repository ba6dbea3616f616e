// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>

#include "shodan/tokenvault/v1/token_vault_service.grpc.pb.h"

#include "services/account-link/domain/import_vault.h"
#include "services/account-link/domain/vault_port.h"

namespace shodan::account_link {

/// The token vault over gRPC. Calls end after 5 s at most, EraseGrant after 8 s, ImportGrant
/// after 30 s; without a
/// connection after 2 s, or a third of the caller's time.
class GrpcVault final : public Vault, public ImportVault {
 public:
  explicit GrpcVault(std::shared_ptr<grpc::Channel> channel)
      : channel_(std::move(channel)), stub_(tokenvault::v1::TokenVaultService::NewStub(channel_)) {}

  /// For the channel's rules on retries.
  static const google::protobuf::ServiceDescriptor& ServiceDescriptor();

  absl::StatusOr<Attempt> GetAttempt(const UserKey& owner, const std::string& attempt_id,
                                     const CallScope& scope) override;
  absl::StatusOr<ActivatedGrant> ActivateGrant(const Activation& wish,
                                               const CallScope& scope) override;
  absl::Status DiscardPendingGrant(const Discarding& wish, const CallScope& scope) override;
  absl::StatusOr<Erasure> EraseGrant(const Erasing& wish, const CallScope& scope) override;
  absl::StatusOr<IdentifiedLink> ResolveIdentity(const ZoomIdentity& identity,
                                                 const CallScope& scope) override;
  absl::StatusOr<ImportedGrant> ImportGrant(const GrantToImport& wish,
                                            const CallScope& scope) override;
  absl::StatusOr<PendingGrantPage> ListPendingGrants(std::chrono::milliseconds min_age,
                                                     const std::string& page,
                                                     const CallScope& scope) override;
  absl::StatusOr<std::vector<GrantEvent>> ListGrantEvents(int64_t after_event_id, int limit,
                                                          const CallScope& scope) override;

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<tokenvault::v1::TokenVaultService::Stub> stub_;
};

/// What an error of the vault means here: reasons that decide what happens next keep their code and
/// reason, everything else is UNAVAILABLE/VAULT_UNAVAILABLE, with the vault's code as metadata.
absl::Status FromVaultStatus(const grpc::Status& status);

}  // namespace shodan::account_link
