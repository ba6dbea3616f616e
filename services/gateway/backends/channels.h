// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "libs/rpc/tls.h"

namespace grpc {
class Channel;
}

namespace shodan::gateway {

/// Channels to the services behind the gateway; they connect when they are first used. `target` is
/// "host:port".
std::shared_ptr<grpc::Channel> ChannelToTokenVault(const std::string& target,
                                                   const rpc::TlsFiles& tls);
std::shared_ptr<grpc::Channel> ChannelToCallLink(const std::string& target,
                                                 const rpc::TlsFiles& tls);
std::shared_ptr<grpc::Channel> ChannelToAccountLink(const std::string& target,
                                                    const rpc::TlsFiles& tls);
std::shared_ptr<grpc::Channel> ChannelToZoomApi(const std::string& target,
                                                const rpc::TlsFiles& tls);
std::shared_ptr<grpc::Channel> ChannelToAutomation(const std::string& target,
                                                   const rpc::TlsFiles& tls);

}  // namespace shodan::gateway
