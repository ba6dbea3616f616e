// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// Why an authorization was started.
enum class Purpose { kConnect, kReconnect, kImport };

/// How far an authorization attempt has come.
enum class AttemptState { kPending, kExchanging, kExchanged, kActivated, kEnded };

/// How an ended attempt ended; kUnspecified while it has not.
enum class AttemptResult {
  kUnspecified,
  kConnected,
  kCancelled,
  kOtherAccountConnected,
  kDifferentAccount,
  kExpired,
  kSystemError,
  kSuperseded,
  kConnectedElsewhere,  ///< imports only: another user holds the Zoom user, and keeps him
};

/// How an attempt's Zoom user compares with the one of the user's own link; kUnknown while the
/// vault could not read who came back.
enum class IdentityMatch { kUnknown, kNoLinkIdentity, kSame, kDifferent };

/// One try of a user to authorize a Zoom account, as the vault tells it.
struct Attempt {
  std::string attempt_id;
  UserKey owner;
  Purpose purpose = Purpose::kConnect;
  AttemptState state = AttemptState::kPending;
  AttemptResult result = AttemptResult::kUnspecified;
  IdentityMatch identity_match = IdentityMatch::kUnknown;  ///< of exchanged attempts
  bool held_elsewhere = false;  ///< of exchanged attempts: another link has this Zoom user
};

/// The name under which a result is stored: lower_snake_case, empty for kUnspecified.
std::string_view ToText(AttemptResult result);
std::optional<AttemptResult> ParseAttemptResult(std::string_view text);

}  // namespace shodan::account_link
