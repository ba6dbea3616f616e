// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/gateway/auth/install_seal.h"
#include "services/gateway/auth/session_verifier.h"
#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/token_vault_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// installIntegration() of @useparagon/connect: the way into an ordinary attempt, from a page of
/// another origin and by way of a pop-up window (compatibility/paragon.md).
class ParagonInstallHandlers {
 public:
  struct Parts {
    SessionVerifier& sessions;
    AccountLinkClient& accounts;
    TokenVaultClient& vault;
    const InstallSeal& installs;
    std::string public_url;
    std::string public_origin;  ///< the same as browsers write it
    std::string default_project;
  };

  /// What both requests of an install say.
  struct InstallRequest {
    std::string origin;
    std::string install_key;
    std::string user_token;
  };

  explicit ParagonInstallHandlers(Parts parts) : parts_(std::move(parts)) {}

  /// Begins an attempt and tells where the window goes next.
  HandlerResult BuildOauth(const RequestContext& context);
  /// The page that the window shows first: it gets the window's cookie. The session token comes in
  /// the query, because a window's address is all that its opener can give it.
  HandlerResult OpenWindow(const RequestContext& context);
  /// What became of the attempt that the user's client began under its key.
  HandlerResult GetSession(const RequestContext& context);
  /// Nothing is kept for the key.
  HandlerResult EndSession(const RequestContext& context);
  /// The frame that the client makes for Paragon's portal: empty.
  HandlerResult Portal(const RequestContext& context);

 private:
  absl::StatusOr<InstallRequest> Read(const RequestContext& context) const;

  const Parts parts_;
};

}  // namespace shodan::gateway
