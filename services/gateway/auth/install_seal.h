// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "libs/secrets/secret.h"

namespace shodan::gateway {

/// How long a pop-up window that connects a user remembers what it was opened for; as long as an
/// attempt lives.
inline constexpr std::chrono::minutes kInstallLifetime{10};

/// The cookie of the window itself, and the one that goes with an attempt cookie.
inline constexpr std::string_view kInstallCookie = "__Host-shodan-install";
std::string InstallCookieName(std::string_view attempt_cookie_name);

/// What a pop-up window of somebody's page was opened for.
struct InstallWindow {
  std::string project_id;
  std::string subject;     ///< SubjectOf() the user: the user's id itself is in no URL
  std::string origin;      ///< of the page that opened the window
  std::string attempt_id;  ///< empty before there is an attempt

  friend bool operator==(const InstallWindow&, const InstallWindow&) = default;
};

/// A name for a user that tells nothing about him: base64url, 43 characters.
std::string SubjectOf(std::string_view project_id, std::string_view user_id);

/// Lets browsers keep the gateway's notes about their windows, in cookies and addresses, without
/// being able to write any: HMAC-SHA-256 over the content and its end of life. All replicas share
/// the key. Immutable; thread-safe.
class InstallSeal {
 public:
  using Clock = std::function<std::chrono::system_clock::time_point()>;

  /// Derives its own key from `key_material`.
  explicit InstallSeal(
      const Secret& key_material, Clock clock = [] { return std::chrono::system_clock::now(); });

  /// Characters of cookies and of queries only.
  std::string Seal(const InstallWindow& window) const;
  /// nullopt when it was not sealed here, or more than kInstallLifetime ago.
  std::optional<InstallWindow> Open(std::string_view sealed) const;

 private:
  const Secret key_;
  const Clock clock_;
};

}  // namespace shodan::gateway
