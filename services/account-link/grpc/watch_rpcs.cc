// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "libs/base/status.h"
#include "libs/rpc/run_stream.h"
#include "services/account-link/grpc/account_link_service.h"
#include "services/account-link/grpc/conversion.h"
#include "services/account-link/grpc/method_name.h"

namespace shodan::account_link {
namespace {

// The messages of a watch.
class WatchSource final : public rpc::StreamSource<v1::WatchLinksResponse> {
 public:
  WatchSource(LinkWatch::Sources sources, std::string project_id,
              std::optional<ChangePosition> resume)
      : project_id_(project_id), watch_(sources, std::move(project_id), resume) {}

  Next Take(v1::WatchLinksResponse& message) override {
    LinkEvent event;
    switch (watch_.Take(event)) {
      case LinkWatch::Next::kEvent:
        *message.mutable_event() = ToProto(event, project_id_);
        return Next::kMessage;
      case LinkWatch::Next::kLoad:
        return Next::kWork;
      case LinkWatch::Next::kWait:
        return Next::kWait;
    }
    return Next::kWait;
  }
  absl::Status Work(Deadline deadline) override { return watch_.Load(deadline); }
  void Heartbeat(v1::WatchLinksResponse& message) override {
    *message.mutable_event() = ToProto(watch_.Heartbeat(), project_id_);
  }

 private:
  const std::string project_id_;
  LinkWatch watch_;
};

absl::StatusOr<std::optional<ChangePosition>> ReadResumeToken(const v1::WatchLinksRequest& got) {
  RequestCheck check;
  check.ProjectId(got.project_id());
  std::optional<ChangePosition> resume;
  if (!got.resume_token().empty()) {
    resume = DecodeResumeToken(got.resume_token(), got.project_id());
    if (!resume.has_value()) {
      check.Add("resumeToken", "MALFORMED", "must come from an event of the same project");
    }
  }
  SHODAN_RETURN_IF_ERROR(check.Finish());
  return resume;
}

}  // namespace

grpc::ServerWriteReactor<v1::WatchLinksResponse>* AccountLinkService::WatchLinks(
    grpc::CallbackServerContext* context, const v1::WatchLinksRequest* request) {
  using Source = std::unique_ptr<rpc::StreamSource<v1::WatchLinksResponse>>;
  return rpc::RunStream<v1::WatchLinksResponse>(
      context, watch_, watchers_, MethodName("WatchLinks"), request,
      [this](const rpc::CallContext&, const v1::WatchLinksRequest& got) -> absl::StatusOr<Source> {
        SHODAN_ASSIGN_OR_RETURN(const std::optional<ChangePosition> resume, ReadResumeToken(got));
        return Source(std::make_unique<WatchSource>(use_cases_.watch, got.project_id(), resume));
      });
}

}  // namespace shodan::account_link
