// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/grpcpp.h>

#include "shodan/calllink/v1/call_link_service.grpc.pb.h"

#include "absl/status/statusor.h"
#include "libs/rpc/run_unary.h"
#include "services/call-link/domain/call_link_builder.h"

namespace shodan::calllink {

/// shodan.calllink.v1.CallLinkService over the domain. The builder and the runtime outlive it.
class CallLinkService final : public v1::CallLinkService::CallbackService {
 public:
  CallLinkService(const CallLinkBuilder& builder, const rpc::ServiceRuntime& runtime)
      : builder_(builder), runtime_(runtime) {}

  grpc::ServerUnaryReactor* BuildCallLink(grpc::CallbackServerContext* context,
                                          const v1::BuildCallLinkRequest* request,
                                          v1::BuildCallLinkResponse* response) override;
  grpc::ServerUnaryReactor* BuildCallLinks(grpc::CallbackServerContext* context,
                                           const v1::BuildCallLinksRequest* request,
                                           v1::BuildCallLinksResponse* response) override;

 private:
  absl::StatusOr<v1::BuildCallLinkResponse> BuildOne(const v1::BuildCallLinkRequest& request) const;
  absl::StatusOr<v1::BuildCallLinksResponse> BuildMany(
      const v1::BuildCallLinksRequest& request) const;
  absl::StatusOr<CallLink> Build(const std::string& number, const std::string& region) const;

  const CallLinkBuilder& builder_;
  const rpc::ServiceRuntime& runtime_;
};

}  // namespace shodan::calllink
