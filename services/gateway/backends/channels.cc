// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/channels.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>

#include "shodan/accountlink/v1/account_link_service.pb.h"
#include "shodan/automation/v1/automation_service.pb.h"
#include "shodan/calllink/v1/call_link_service.pb.h"
#include "shodan/tokenvault/v1/token_vault_service.pb.h"
#include "shodan/zoomapi/v1/zoom_api_service.pb.h"

#include "libs/rpc/channel.h"

namespace shodan::gateway {
namespace {

// `Message` is any of the file that declares the service: its use links that file.
template <typename Message>
std::shared_ptr<grpc::Channel> ChannelTo(const std::string& target, const rpc::TlsFiles& tls) {
  return rpc::MakeChannel(target, tls, *Message::descriptor()->file()->service(0));
}

}  // namespace

std::shared_ptr<grpc::Channel> ChannelToTokenVault(const std::string& target,
                                                   const rpc::TlsFiles& tls) {
  return ChannelTo<tokenvault::v1::GetProfileRequest>(target, tls);
}

std::shared_ptr<grpc::Channel> ChannelToCallLink(const std::string& target,
                                                 const rpc::TlsFiles& tls) {
  return ChannelTo<calllink::v1::BuildCallLinkRequest>(target, tls);
}

std::shared_ptr<grpc::Channel> ChannelToAccountLink(const std::string& target,
                                                    const rpc::TlsFiles& tls) {
  return ChannelTo<accountlink::v1::GetLinkRequest>(target, tls);
}

std::shared_ptr<grpc::Channel> ChannelToZoomApi(const std::string& target,
                                                const rpc::TlsFiles& tls) {
  return ChannelTo<zoomapi::v1::GetMeetingRequest>(target, tls);
}

std::shared_ptr<grpc::Channel> ChannelToAutomation(const std::string& target,
                                                   const rpc::TlsFiles& tls) {
  return ChannelTo<automation::v1::IngestWebhookRequest>(target, tls);
}

}  // namespace shodan::gateway
