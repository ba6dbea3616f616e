// SPDX-License-Identifier: Apache-2.0
#include "services/automation/grpc/account_links_client.h"

#include <chrono>

#include "libs/crypto/random.h"
#include "libs/rpc/channel.h"
#include "services/automation/grpc/backend_status.h"
#include "services/automation/grpc/conversion.h"

namespace shodan::automation {
namespace {

namespace backend = ::shodan::accountlink::v1;

constexpr std::chrono::milliseconds kCallCap = std::chrono::seconds(15);

}  // namespace

const google::protobuf::ServiceDescriptor& GrpcAccountLinks::ServiceDescriptor() {
  return *backend::DeauthorizeRequest::descriptor()->file()->FindServiceByName(
      "AccountLinkService");
}

absl::Status GrpcAccountLinks::Deauthorize(const std::string& project_id,
                                           const Deauthorization& deauthorization,
                                           Deadline deadline) {
  backend::DeauthorizeRequest request;
  request.set_project_id(project_id);
  request.set_zoom_account_id(deauthorization.zoom_account_id);
  request.set_zoom_user_id(deauthorization.zoom_user_id);
  *request.mutable_deauthorize_time() = ToProto(deauthorization.time);
  grpc::ClientContext context;
  rpc::PrepareContext(context, deadline.Cap(kCallCap), RandomUuid(), "");
  backend::DeauthorizeResponse response;
  const grpc::Status status = stub_->Deauthorize(&context, request, &response);
  return status.ok() ? absl::OkStatus() : FromAccountLinkStatus(status);
}

}  // namespace shodan::automation
