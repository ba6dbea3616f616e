// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>

#include "shodan/accountlink/v1/account_link_service.grpc.pb.h"

#include "services/automation/domain/account_links_port.h"

namespace shodan::automation {

/// account-link over gRPC. A call ends after 15 s at most: it ends the link at Zoom too.
class GrpcAccountLinks final : public AccountLinks {
 public:
  explicit GrpcAccountLinks(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(accountlink::v1::AccountLinkService::NewStub(channel)) {}

  /// For the channel's rules on retries.
  static const google::protobuf::ServiceDescriptor& ServiceDescriptor();

  absl::Status Deauthorize(const std::string& project_id, const Deauthorization& deauthorization,
                           Deadline deadline) override;
  std::unique_ptr<LinkStream> WatchLinks(const std::string& project_id,
                                         const std::string& resume_token) override;

 private:
  std::unique_ptr<accountlink::v1::AccountLinkService::Stub> stub_;
};

}  // namespace shodan::automation
