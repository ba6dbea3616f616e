// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "libs/http/response.h"
#include "services/gateway/auth/session.h"
#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/call_link_client.h"
#include "services/gateway/backends/token_vault_client.h"

namespace shodan::gateway {

/// The representations of the browser API (openapi.json).
std::string FormatTime(
    std::chrono::system_clock::time_point time);  ///< RFC 3339, UTC, milliseconds
boost::json::value JsonTime(const std::optional<std::chrono::system_clock::time_point>& time);
/// null for an empty text.
boost::json::value JsonOptional(std::string_view text);

boost::json::object ToJson(const Session& session);
/// `profile` and `attempt` may be null.
boost::json::object ToJson(const Link& link, const ZoomProfile* profile, const Attempt* attempt,
                           std::chrono::system_clock::time_point now);
boost::json::object ToJson(const Receipt& receipt);
boost::json::object ToJson(const Call& call);
boost::json::object ToJson(const Note& note);
boost::json::object ToJson(const Explanation& explanation);
boost::json::object ToJson(const CallLinkEntry& entry, std::string_view input);

/// Why an attempt brought no connection, from the closed list of results; empty while it may still.
std::string_view FailureOf(const Attempt& attempt, std::chrono::system_clock::time_point now);

http::Response JsonAnswer(int status, const boost::json::object& body);
/// 204.
http::Response NoContent();

}  // namespace shodan::gateway
