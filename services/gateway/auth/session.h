// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "services/gateway/backends/backend_call.h"

namespace shodan::gateway {

inline constexpr std::string_view kSessionCookie = "__Host-shodan-session";

/// A signed-in person, as a verified token says.
struct Session {
  std::string project_id;
  std::string user_id;
  std::string display_name;  ///< the user id when the token has no name
  std::vector<std::string> roles;
  bool admin = false;
  std::chrono::system_clock::time_point expire_time;

  Person person() const { return Person(project_id, user_id, admin); }
};

}  // namespace shodan::gateway
