// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

namespace shodan::tokenvault {

/// Every duration of the vault's protocols. Tests shorten them or age rows.
struct Lifetimes {
  std::chrono::milliseconds ticket{60'000};
  std::chrono::milliseconds attempt{600'000};
  std::chrono::milliseconds exchange{30'000};        ///< an exchange without an end is a crash
  std::chrono::milliseconds pending_grant{600'000};  ///< to learn whose grant it is
  std::chrono::milliseconds refresh_margin{300'000};
  /// Of one refresh: what another replica waits before it asks Zoom again when this one dies.
  std::chrono::milliseconds lease{15'000};
  std::chrono::milliseconds token_request{
      10'000};  ///< the longest that Zoom's answer is waited for
  std::chrono::milliseconds suspect{60'000};
  /// How long Zoom may take to confirm a revocation; the wipe follows within seconds.
  std::chrono::milliseconds erasure{50'000};
  std::chrono::milliseconds revocation_in_request{5'000};
  std::chrono::milliseconds reconnect_required_profile{7LL * 24 * 3600 * 1000};
  std::chrono::milliseconds record_retention{24LL * 3600 * 1000};
  std::chrono::milliseconds persist{300'000};  ///< how long a write is repeated
  /// A refreshed token that is not stored by then also goes to the spool.
  std::chrono::milliseconds spool_after{1'000};
  /// What Zoom gives an unused refresh token, and after which time we use it ourselves.
  std::chrono::milliseconds refresh_token{90LL * 24 * 3600 * 1000};
  std::chrono::milliseconds keep_alive{60LL * 24 * 3600 * 1000};
  /// How long a file of the erasure ledger is kept: longer than the oldest backup that anyone may
  /// restore.
  std::chrono::milliseconds ledger{35LL * 24 * 3600 * 1000};
  /// How long the secret before a new one is taken too.
  std::chrono::milliseconds previous_secret{7LL * 24 * 3600 * 1000};
  /// How long after its day a key of the webhook inbox can open what it sealed.
  std::chrono::milliseconds inbox_key{7LL * 24 * 3600 * 1000};
  /// Between two comparisons of the database with the erasure ledger.
  std::chrono::milliseconds ledger_check{2'000};
};

/// When Zoom is left alone.
struct ZoomPauses {
  std::chrono::milliseconds failing{1'000};        ///< after failures in a row, until a probe
  std::chrono::milliseconds app_rejected{60'000};  ///< after it refused the app's own credentials
};

/// Waits; injected so that domain code has no clock of its own.
using Pause = std::function<void(std::chrono::milliseconds)>;

}  // namespace shodan::tokenvault
