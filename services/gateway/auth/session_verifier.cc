// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/auth/session_verifier.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/jwt/claims.h"

namespace shodan::gateway {
namespace {

constexpr size_t kUserIdBytesMax = 255;

absl::Status SessionInvalid() {
  return Unauthenticated("SESSION_INVALID", "The session is not valid here. Sign in again.");
}

absl::StatusOr<Session> SessionOf(const std::string& payload, const TokenIssuer& issuer,
                                  const std::string& project_id,
                                  std::chrono::system_clock::time_point now) {
  jwt::ClaimRules rules;
  rules.issuer = issuer.issuer;
  rules.audience = issuer.audience;
  const absl::StatusOr<jwt::Claims> claims = jwt::Claims::Check(payload, rules, now);
  if (HasReason(claims.status(), "TOKEN_EXPIRED")) {
    return Unauthenticated("SESSION_EXPIRED", "The session has ended. Sign in again.");
  }
  if (!claims.ok()) return SessionInvalid();
  Session session;
  session.project_id = project_id;
  session.user_id = claims->String(issuer.user_claim);
  if (session.user_id.empty() || session.user_id.size() > kUserIdBytesMax) return SessionInvalid();
  session.display_name = claims->String(issuer.name_claim);
  if (session.display_name.empty()) session.display_name = session.user_id;
  session.roles = claims->Strings(issuer.role_claim);
  session.admin = !issuer.admin_role.empty() &&
                  std::find(session.roles.begin(), session.roles.end(), issuer.admin_role) !=
                      session.roles.end();
  session.expire_time = claims->expire_time();
  return session;
}

}  // namespace

SessionVerifier::SessionVerifier(KeySetDirectory& published_keys, Clock clock)
    : published_keys_(published_keys), clock_(std::move(clock)) {}

boost::asio::awaitable<absl::StatusOr<Session>> SessionVerifier::Verify(std::string token,
                                                                        KnownProjectPtr project) {
  const std::string name = jwt::PeekUnverifiedIssuer(token);
  const auto& issuers = project->project.token_issuers;
  for (size_t i = 0; i < issuers.size(); ++i) {
    if (issuers[i].issuer != name) continue;
    absl::StatusOr<std::string> payload = SessionInvalid();
    if (project->inline_keys[i].has_value()) {
      payload = jwt::VerifyJws(token, *project->inline_keys[i]);
    } else if (!issuers[i].jwks_url.empty()) {
      for (const bool unknown_key : {false, true}) {
        auto operation = published_keys_.Get(issuers[i].jwks_url, unknown_key);
        const absl::StatusOr<jwt::KeySet> keys = co_await std::move(operation);
        if (!keys.ok()) co_return keys.status();
        payload = jwt::VerifyJws(token, *keys);
        if (!HasReason(payload.status(), "TOKEN_KEY_UNKNOWN")) break;
      }
    }
    if (!payload.ok()) continue;
    co_return SessionOf(*payload, issuers[i], project->project.project_id, clock_());
  }
  co_return SessionInvalid();
}

}  // namespace shodan::gateway
