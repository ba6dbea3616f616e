// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/auth/session_reader.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/http/cookies.h"
#include "libs/http/fields.h"

namespace shodan::gateway {

SessionToken FindSessionToken(const http::RequestHead& head) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view authorization = head.fields.Get("Authorization");
  if (authorization.size() > kScheme.size() &&
      http::EqualsIgnoringCase(authorization.substr(0, kScheme.size()), kScheme)) {
    return {std::string(http::TrimOws(authorization.substr(kScheme.size()))), true};
  }
  return {http::FindCookie(head.fields.Get("Cookie"), kSessionCookie).value_or(""), false};
}

boost::asio::awaitable<absl::StatusOr<Session>> ReadSession(SessionVerifier& verifier,
                                                            SessionToken token,
                                                            KnownProjectPtr project) {
  if (token.text.empty()) {
    co_return Unauthenticated("SESSION_REQUIRED", "There is no session. Sign in.");
  }
  auto operation = verifier.Verify(std::move(token.text), std::move(project));
  co_return co_await std::move(operation);
}

}  // namespace shodan::gateway
