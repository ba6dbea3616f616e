// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "libs/https_client/https_client.h"
#include "libs/secrets/secret.h"

namespace shodan::tokenvault {

/// What a token endpoint issued (RFC 6749 section 5.1).
struct TokenSet {
  Secret access_token;   ///< empty when the answer broke off before it
  Secret refresh_token;  ///< empty when the server keeps the old one valid
  std::chrono::seconds expires_in{0};
  std::string scope;  ///< space-separated; empty when the server does not tell
};

/// What an answer of the token endpoint means for the grant.
enum class TokenVerdict {
  kIssued,     ///< tokens arrived; store them before anything else
  kRejected,   ///< the code or refresh token is dead
  kAmbiguous,  ///< the server may have issued tokens that never arrived
  kTransient,  ///< nothing was consumed; repeat later
  kConfig,     ///< our app's registration was refused: no user's fault
};

struct TokenAnswer {
  TokenVerdict verdict = TokenVerdict::kTransient;
  TokenSet tokens;
  std::optional<std::chrono::seconds> retry_after;
  int status = 0;
  std::string tracking_id;        ///< Zoom's x-zm-trackingid, for the log
  bool account_inactive = false;  ///< the rejection says that the user is gone
};

/// Reads an answer of the token endpoint. Errors are recognised by Zoom's {"reason","error"} as
/// well as by RFC 6749 codes; statuses 400 and 401 mean the same, an error under 200 is transient.
/// A truncated answer counts as issued when its refresh token is readable, and is ambiguous when it
/// is not. A lifetime that is absent or makes no sense counts as five minutes. Never fails.
TokenAnswer ReadTokenAnswer(const HttpsOutcome& outcome, std::chrono::system_clock::time_point now);

}  // namespace shodan::tokenvault
