// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>

#include "shodan/tokenvault/v1/token_vault_service.grpc.pb.h"

#include "services/automation/domain/vault_port.h"
#include "services/automation/grpc/key_cache.h"

namespace shodan::automation {

/// The token vault over gRPC. Calls end after 5 s at most. Keys are kept for 30 s.
class GrpcVault final : public Vault {
 public:
  explicit GrpcVault(std::shared_ptr<grpc::Channel> channel)
      : channel_(std::move(channel)), stub_(tokenvault::v1::TokenVaultService::NewStub(channel_)) {}

  /// For the channel's rules on retries.
  static const google::protobuf::ServiceDescriptor& ServiceDescriptor();

  absl::StatusOr<VerifiedWebhook> Verify(const IncomingWebhook& webhook,
                                         const std::string& request_id, Deadline deadline) override;
  absl::StatusOr<std::shared_ptr<const Secret>> FindInboxKey(const std::string& inbox_key_id,
                                                             Deadline deadline) override;
  absl::StatusOr<std::optional<LinkLife>> FindLink(const std::string& project_id,
                                                   const std::string& zoom_account_id,
                                                   const std::string& zoom_user_id,
                                                   Deadline deadline) override;
  absl::StatusOr<std::shared_ptr<const LinkDataKey>> FindLinkDataKey(const std::string& project_id,
                                                                     const std::string& user_id,
                                                                     int64_t generation,
                                                                     Deadline deadline) override;
  absl::StatusOr<std::shared_ptr<const Secret>> FindEndpointKey(const std::string& project_id,
                                                                Deadline deadline) override;
  absl::StatusOr<std::vector<GrantEvent>> ListGrantEvents(int64_t after_event_id, int limit,
                                                          Deadline deadline) override;

  /// False when the vault cannot be reached at present; asks for a connection when there is none.
  bool Reachable() const;

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<tokenvault::v1::TokenVaultService::Stub> stub_;
  KeyCache<Secret> inbox_keys_;
  KeyCache<LinkDataKey> link_keys_;
  KeyCache<Secret> endpoint_keys_;
};

}  // namespace shodan::automation
