// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>

#include "shodan/tokenvault/v1/token_vault_service.grpc.pb.h"

#include "services/zoom-api/sending/token_source.h"

namespace shodan::zoomapi {

/// Access tokens from the token vault over gRPC. Nothing is kept: each request asks anew.
class GrpcVault final : public TokenSource {
 public:
  explicit GrpcVault(std::shared_ptr<grpc::Channel> channel)
      : channel_(std::move(channel)), stub_(tokenvault::v1::TokenVaultService::NewStub(channel_)) {}

  /// For the channel's rules on retries.
  static const google::protobuf::ServiceDescriptor& ServiceDescriptor();

  boost::asio::awaitable<absl::StatusOr<AccessToken>> Get(Requester requester,
                                                          int64_t rejected_version,
                                                          Deadline deadline) override;

  /// False when the vault cannot be reached at present; asks for a connection when there is none.
  bool Reachable() const;

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<tokenvault::v1::TokenVaultService::Stub> stub_;
};

/// What an error of the vault's GetAccessToken means to this service's callers.
absl::Status FromVaultStatus(const absl::Status& error);

}  // namespace shodan::zoomapi
