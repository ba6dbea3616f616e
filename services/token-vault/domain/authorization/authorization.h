// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/token-vault/domain/authorization/attempt_store.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/settings.h"
#include "services/token-vault/domain/zoom/zoom_app.h"

namespace shodan::tokenvault {

/// An attempt just begun.
struct StartedAuthorization {
  Attempt attempt;
  Secret ticket;
  Time ticket_expires_at;
};

/// What the browser gets for its ticket.
struct RedeemedTicket {
  /// Set when the ticket waits for a person's confirmation; nothing else is set then.
  std::optional<std::string> confirm_user_name;
  std::string project_id;
  Secret authorization_url;
  std::string cookie_name;
  Secret cookie_value;
  std::chrono::milliseconds max_age{0};
};

/// Sends a browser to Zoom: from the user's wish to the authorization request. Thread-safe.
class Authorization {
 public:
  Authorization(AttemptStore& attempts, const ZoomApps& apps, const Sealing& sealing,
                const Lifetimes& lifetimes, Pause pause);

  /// Waits a short while for an open revocation of the user: Zoom's answer to it could kill the new
  /// grant. An empty `attempt_id` becomes a random one. NOT_FOUND/PROJECT_NOT_FOUND,
  /// UNAVAILABLE/REVOCATION_IN_PROGRESS, ALREADY_EXISTS/ATTEMPT_EXISTS.
  absl::StatusOr<StartedAuthorization> Start(const std::string& project_id,
                                             const std::string& user_id,
                                             const std::string& user_display_name, Purpose purpose,
                                             const std::string& attempt_id, const Actor& actor,
                                             Deadline deadline);

  /// `session_user` is the browser's signed-in user, if any. FAILED_PRECONDITION/TICKET_INVALID,
  /// PERMISSION_DENIED/TICKET_OTHER_USER.
  absl::StatusOr<RedeemedTicket> Redeem(const Secret& ticket,
                                        const std::optional<Owner>& session_user, bool confirmed,
                                        Deadline deadline);

 private:
  AttemptStore& attempts_;
  const ZoomApps& apps_;
  const Sealing& sealing_;
  const Lifetimes& lifetimes_;
  Pause pause_;
};

/// Waits until no revocation of the user is open; UNAVAILABLE/REVOCATION_IN_PROGRESS when that
/// takes longer than a few seconds or the deadline.
absl::Status AwaitRevocations(AttemptStore& attempts, const Owner& owner, const Pause& pause,
                              Deadline deadline);

/// Name of the attempt cookie; differs between attempts, so that tabs do not disturb each other.
std::string AttemptCookieName(const Secret& state);

}  // namespace shodan::tokenvault
