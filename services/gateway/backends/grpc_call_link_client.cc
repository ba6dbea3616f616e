// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/grpc_call_link_client.h"

#include "shodan/calllink/v1/call_link_service.grpc.pb.h"

#include "libs/base/status.h"
#include "services/gateway/backends/unary_call.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::calllink::v1;
using Async = v1::CallLinkService::StubInterface::async_interface;

CallLink FromProto(const v1::CallLink& proto) {
  CallLink link;
  link.call_uri = proto.call_uri();
  link.tel_uri = proto.tel_uri();
  link.e164 = proto.e164();
  link.national = proto.national_format();
  link.international = proto.international_format();
  link.region = proto.region_code();
  if (proto.notices_size() > 0) {
    link.notice = Explanation{proto.notices(0).reason(), proto.notices(0).detail()};
  }
  return link;
}

class GrpcCallLinkClient final : public CallLinkClient {
 public:
  explicit GrpcCallLinkClient(std::shared_ptr<grpc::Channel> channel)
      : stub_(v1::CallLinkService::NewStub(channel)) {}

  Result<CallLink> BuildCallLink(BackendCall call, std::string number,
                                 std::string default_region) override {
    v1::BuildCallLinkRequest request;
    request.set_number(std::move(number));
    request.set_default_region(std::move(default_region));
    auto operation = CallUnary<Async, v1::BuildCallLinkRequest, v1::BuildCallLinkResponse>(
        stub_->async(), &Async::BuildCallLink, std::move(call), "", std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->call_link());
  }

  Result<std::vector<CallLinkEntry>> BuildCallLinks(BackendCall call,
                                                    std::vector<std::string> numbers,
                                                    std::string default_region) override {
    v1::BuildCallLinksRequest request;
    for (std::string& number : numbers) request.add_numbers(std::move(number));
    request.set_default_region(std::move(default_region));
    auto operation = CallUnary<Async, v1::BuildCallLinksRequest, v1::BuildCallLinksResponse>(
        stub_->async(), &Async::BuildCallLinks, std::move(call), "", std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    if (static_cast<size_t>(response->entries_size()) != numbers.size()) {
      co_return Internal("CALL_LINK_ANSWER_INVALID", "call-link answered another batch.");
    }
    std::vector<CallLinkEntry> entries;
    for (const auto& proto : response->entries()) {
      CallLinkEntry entry;
      if (proto.has_call_link()) {
        entry.link = FromProto(proto.call_link());
      } else {
        entry.problem = Explanation{proto.problem().reason(), proto.problem().detail()};
      }
      entries.push_back(std::move(entry));
    }
    co_return entries;
  }

 private:
  std::unique_ptr<v1::CallLinkService::Stub> stub_;
};

}  // namespace

std::unique_ptr<CallLinkClient> MakeGrpcCallLinkClient(std::shared_ptr<grpc::Channel> channel) {
  return std::make_unique<GrpcCallLinkClient>(std::move(channel));
}

}  // namespace shodan::gateway
