// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "libs/http/request.h"
#include "services/gateway/auth/session_verifier.h"

namespace shodan::gateway {

/// The token that a request carries.
struct SessionToken {
  std::string text;  ///< empty when there is none
  bool bearer = false;
};

/// `Authorization: Bearer` before the cookie; another scheme counts as no token.
SessionToken FindSessionToken(const http::RequestHead& head);

/// UNAUTHENTICATED/SESSION_REQUIRED without a token, else as SessionVerifier.
boost::asio::awaitable<absl::StatusOr<Session>> ReadSession(SessionVerifier& verifier,
                                                            SessionToken token,
                                                            KnownProjectPtr project);

}  // namespace shodan::gateway
