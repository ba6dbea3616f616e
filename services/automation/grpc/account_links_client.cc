// SPDX-License-Identifier: Apache-2.0
#include "services/automation/grpc/account_links_client.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <string_view>

#include "libs/crypto/random.h"
#include "libs/rpc/channel.h"
#include "services/automation/grpc/backend_status.h"
#include "services/automation/grpc/conversion.h"

namespace shodan::automation {
namespace {

namespace backend = ::shodan::accountlink::v1;

constexpr std::chrono::milliseconds kCallCap = std::chrono::seconds(15);
// account-link ends a stream long before.
constexpr std::chrono::milliseconds kStreamCap = std::chrono::hours(25);

LinkState StateOf(backend::LinkState state) {
  switch (state) {
    case backend::LINK_STATE_ACTIVE:
      return LinkState::kActive;
    case backend::LINK_STATE_RECONNECT_REQUIRED:
      return LinkState::kReconnectRequired;
    case backend::LINK_STATE_DISCONNECTING:
      return LinkState::kDisconnecting;
    default:
      return LinkState::kNone;
  }
}

// "LINK_CAUSE_TAKEN_OVER" as "taken_over".
std::string CauseOf(backend::LinkCause cause) {
  if (cause == backend::LINK_CAUSE_UNSPECIFIED) return "";
  constexpr std::string_view kPrefix = "LINK_CAUSE_";
  std::string name = backend::LinkCause_Name(cause);
  if (!name.starts_with(kPrefix)) return "";
  name.erase(0, kPrefix.size());
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

LinkEvent EventOf(const backend::LinkEvent& got) {
  LinkEvent event;
  switch (got.kind()) {
    case backend::LINK_EVENT_KIND_SNAPSHOT:
      event.kind = LinkEvent::Kind::kSnapshot;
      break;
    case backend::LINK_EVENT_KIND_SNAPSHOT_END:
      event.kind = LinkEvent::Kind::kSnapshotEnd;
      break;
    case backend::LINK_EVENT_KIND_CHANGE:
      event.kind = LinkEvent::Kind::kChange;
      break;
    default:
      event.kind = LinkEvent::Kind::kHeartbeat;
  }
  event.resume_token = got.resume_token();
  event.link = {.project_id = got.project_id(),
                .user_id = got.user_id(),
                .link_id = got.link_id(),
                .generation = got.generation(),
                .state = StateOf(got.state()),
                .cause = CauseOf(got.cause()),
                .time = FromProto(got.event_time())};
  return event;
}

class GrpcLinkStream final : public LinkStream {
 public:
  GrpcLinkStream(backend::AccountLinkService::Stub& stub,
                 const backend::WatchLinksRequest& request) {
    rpc::PrepareContext(context_, Deadline::After(kStreamCap), RandomUuid(), "");
    reader_ = stub.WatchLinks(&context_, request);
  }

  std::optional<LinkEvent> Read() override {
    backend::WatchLinksResponse message;
    if (!reader_->Read(&message)) return std::nullopt;
    return EventOf(message.event());
  }
  absl::Status Finish() override {
    const grpc::Status status = reader_->Finish();
    return status.ok() ? absl::OkStatus() : FromAccountLinkStatus(status);
  }
  void Cancel() override { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<backend::WatchLinksResponse>> reader_;
};

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

std::unique_ptr<LinkStream> GrpcAccountLinks::WatchLinks(const std::string& project_id,
                                                         const std::string& resume_token) {
  backend::WatchLinksRequest request;
  request.set_project_id(project_id);
  request.set_resume_token(resume_token);
  return std::make_unique<GrpcLinkStream>(*stub_, request);
}

}  // namespace shodan::automation
