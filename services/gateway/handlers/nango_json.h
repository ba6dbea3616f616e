// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "services/gateway/backends/connection_client.h"

namespace shodan::gateway {

/// The one integration, under the name that its clients know it by.
inline constexpr std::string_view kNangoIntegration = "zoom";

/// The representations of the compatibility surface of @nangohq/node.
///
/// `id` is made of the link's id: stable, and unique enough for programs that compare it.
boost::json::object NangoConnection(const Connection& connection);
/// The same with credentials, never with a refresh token.
boost::json::object NangoConnection(const Connection& connection, const AccessToken& token,
                                    std::chrono::system_clock::time_point now);
boost::json::object NangoIntegration(std::string_view public_url);
boost::json::object NangoSession(const ConnectSession& session);

}  // namespace shodan::gateway
