// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace shodan::tokenvault {

using Time = std::chrono::system_clock::time_point;

enum class Purpose { kConnect, kReconnect, kImport };
enum class AttemptState { kPending, kExchanging, kExchanged, kActivated, kEnded };
enum class AttemptResult {
  kNone,
  kConnected,
  kCancelled,
  kOtherAccountConnected,
  kDifferentAccount,
  kExpired,
  kSystemError,
  kSuperseded,
  kConnectedElsewhere,  ///< imports only: another user holds the Zoom user, and keeps him
};

/// One try of a user to authorize a Zoom account, as others may know it.
struct Attempt {
  std::string attempt_id;
  std::string project_id;
  std::string user_id;
  std::string zoom_app_id;
  Purpose purpose = Purpose::kConnect;
  AttemptState state = AttemptState::kPending;
  AttemptResult result = AttemptResult::kNone;
  Time created_at;
  Time expires_at;
  std::optional<Time> ended_at;
};

/// How the Zoom user of an attempt compares with the one of the user's own link.
enum class IdentityMatch { kUnknown, kNoLinkIdentity, kSame, kDifferent };

/// Who causes a change; for the audit.
struct Actor {
  std::string actor;
  std::string caller;
  std::string request_id;
};

}  // namespace shodan::tokenvault
