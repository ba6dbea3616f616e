// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/grpc_webhook_inbox_client.h"

#include <utility>

#include <google/protobuf/util/time_util.h>

#include "shodan/automation/v1/automation_service.grpc.pb.h"

#include "services/gateway/backends/unary_call.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::automation::v1;
using Async = v1::AutomationService::StubInterface::async_interface;

// In the order of WebhookState.
constexpr v1::WebhookState kStates[] = {v1::WEBHOOK_STATE_UNSPECIFIED, v1::WEBHOOK_STATE_RECEIVED,
                                        v1::WEBHOOK_STATE_HELD,        v1::WEBHOOK_STATE_RELEASED,
                                        v1::WEBHOOK_STATE_SETTLED,     v1::WEBHOOK_STATE_PARKED};

v1::WebhookState ToProto(WebhookState state) { return kStates[static_cast<size_t>(state)]; }

WebhookState FromProto(v1::WebhookState state) {
  for (size_t i = 0; i < std::size(kStates); ++i) {
    if (kStates[i] == state) return static_cast<WebhookState>(i);
  }
  return WebhookState::kAny;
}

google::protobuf::Timestamp ToProto(Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count());
}

template <typename Request>
void SetTimes(Request& request, const std::optional<Time>& start, const std::optional<Time>& end) {
  if (start.has_value()) *request.mutable_start_time() = ToProto(*start);
  if (end.has_value()) *request.mutable_end_time() = ToProto(*end);
}

WebhookRecord FromProto(const v1::Webhook& proto) {
  WebhookRecord webhook;
  webhook.webhook_id = proto.webhook_id();
  webhook.state = FromProto(proto.state());
  webhook.event = proto.event();
  webhook.receive_time = TimeOf(proto.has_receive_time(), proto.receive_time());
  webhook.event_time = TimeOf(proto.has_event_time(), proto.event_time());
  webhook.user_id = proto.user_id();
  webhook.attempt_count = proto.attempt_count();
  webhook.reason = proto.reason();
  webhook.duplicate_count = proto.duplicate_count();
  webhook.replay_count = proto.replay_count();
  return webhook;
}

class GrpcWebhookInboxClient final : public WebhookInboxClient {
 public:
  GrpcWebhookInboxClient(const std::shared_ptr<grpc::Channel>& automation, AssertionSigner& signer)
      : stub_(v1::AutomationService::NewStub(automation)), signer_(signer) {}

  Result<WebhookPage> List(BackendCall call, Person admin, WebhookQuery query) override {
    auto request = RequestOf<v1::ListWebhooksRequest>(admin);
    request.set_state(ToProto(query.state));
    SetTimes(request, query.start_time, query.end_time);
    request.set_page_size(query.page_size);
    request.set_page_token(std::move(query.page_token));
    auto operation = CallUnary<Async, v1::ListWebhooksRequest, v1::ListWebhooksResponse>(
        stub_->async(), &Async::ListWebhooks, std::move(call), Assert(admin), std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    WebhookPage page;
    for (const v1::Webhook& webhook : response->webhooks()) {
      page.webhooks.push_back(FromProto(webhook));
    }
    page.next_page_token = response->next_page_token();
    co_return page;
  }

  Result<ReplayedWebhooks> Replay(BackendCall call, Person admin, WebhookReplay replay) override {
    auto request = RequestOf<v1::ReplayWebhooksRequest>(admin);
    for (std::string& id : replay.webhook_ids) request.add_webhook_ids(std::move(id));
    SetTimes(request, replay.start_time, replay.end_time);
    request.set_state(ToProto(replay.state));
    auto operation = CallUnary<Async, v1::ReplayWebhooksRequest, v1::ReplayWebhooksResponse>(
        stub_->async(), &Async::ReplayWebhooks, std::move(call), Assert(admin), std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    ReplayedWebhooks replayed;
    replayed.count = response->replayed_count();
    replayed.last_receive_time =
        TimeOf(response->has_last_receive_time(), response->last_receive_time());
    co_return replayed;
  }

 private:
  std::string Assert(const Person& admin) { return signer_.For("automation", admin); }

  std::unique_ptr<v1::AutomationService::Stub> stub_;
  AssertionSigner& signer_;
};

}  // namespace

std::unique_ptr<WebhookInboxClient> MakeGrpcWebhookInboxClient(
    std::shared_ptr<grpc::Channel> automation, AssertionSigner& signer) {
  return std::make_unique<GrpcWebhookInboxClient>(automation, signer);
}

}  // namespace shodan::gateway
