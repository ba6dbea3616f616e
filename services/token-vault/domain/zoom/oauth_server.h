// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "libs/https_client/https_client.h"
#include "services/token-vault/domain/zoom/token_answer.h"
#include "services/token-vault/domain/zoom/zoom_app.h"

namespace shodan::tokenvault {

/// Time limits of requests to the OAuth server.
struct ZoomTimeouts {
  std::chrono::milliseconds token{10'000};
  std::chrono::milliseconds profile{5'000};
  std::chrono::milliseconds revoke{5'000};
};

/// What the profile document says, by the app's pointers.
struct ZoomProfile {
  std::string user_id;
  std::string account_id;
  std::string email;
  std::string display_name;
};

/// How a request to revoke ended.
enum class RevokeAnswer {
  kConfirmed,  ///< the server says that the token is dead
  kRefused,    ///< the server does not know the token, or does not take this kind
  kUnknown,    ///< no answer, or the server has trouble
};

/// Zoom's OAuth endpoints, or those of another server. Where the app's client secret is refused and
/// it has one from before, the request is repeated with that. Blocking; thread-safe.
class OAuthServer {
 public:
  using Clock = std::function<std::chrono::system_clock::time_point()>;

  /// `clock` is only used to turn a Retry-After date into a delay.
  OAuthServer(HttpsClient& https, ZoomTimeouts timeouts, Clock clock)
      : https_(https), timeouts_(timeouts), clock_(std::move(clock)) {}

  /// The authorization request (RFC 6749 section 4.1.1 with PKCE S256, RFC 7636). No scope
  /// parameter unless the app asks for scopes: Zoom refuses it.
  static std::string AuthorizationUrl(const ZoomApp& app, const Secret& state,
                                      const Secret& verifier);

  TokenAnswer ExchangeCode(const ZoomApp& app, const Secret& code, const Secret& verifier);
  /// `limit` shortens the time limit.
  TokenAnswer Refresh(const ZoomApp& app, const Secret& refresh_token,
                      std::chrono::milliseconds limit = std::chrono::milliseconds::max());
  /// Whether a client id and secret are right: a refresh with a token that cannot exist, without
  /// the app's own credentials. kRejected means that they are, kConfig that they are not.
  TokenAnswer TryCredentials(const ZoomApp& app, const std::string& client_id,
                             const Secret& client_secret, std::chrono::milliseconds limit);
  /// RFC 7009. kRefused when the app has no revocation URL.
  RevokeAnswer Revoke(const ZoomApp& app, const Secret& token, std::chrono::milliseconds limit);
  /// UNAVAILABLE/ZOOM_UNAVAILABLE; FAILED_PRECONDITION/ZOOM_TOKEN_REFUSED when the token is dead,
  /// or /ZOOM_ANSWER_INVALID when the document holds no user id. `limit` shortens the time limit.
  absl::StatusOr<ZoomProfile> ReadProfile(
      const ZoomApp& app, const Secret& access_token,
      std::chrono::milliseconds limit = std::chrono::milliseconds::max());

 private:
  TokenAnswer RequestTokens(const ZoomApp& app, std::string form, std::chrono::milliseconds limit);
  RevokeAnswer RevokeAs(const ZoomApp& app, const Secret& client_secret, const Secret& token,
                        std::chrono::milliseconds limit);

  HttpsClient& https_;
  ZoomTimeouts timeouts_;
  Clock clock_;
};

/// The profile as the vault seals it, and back.
Secret EncodeProfile(const ZoomProfile& profile);
absl::StatusOr<ZoomProfile> DecodeProfile(const Secret& encoded);

}  // namespace shodan::tokenvault
