// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/gateway/auth/project_directory.h"
#include "services/gateway/auth/session_verifier.h"
#include "services/gateway/backends/token_vault_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// The way to Zoom: a one-time ticket becomes a redirect and the attempt cookie. The browser must
/// be the same user's, shown by the session cookie or by a person on the confirmation page.
class ConnectHandlers {
 public:
  struct Parts {
    ProjectDirectory& projects;
    SessionVerifier& sessions;
    TokenVaultClient& vault;
    std::string default_project;
    bool loopback_http = false;  ///< the authorization server may be http on this machine
  };

  explicit ConnectHandlers(Parts parts) : parts_(std::move(parts)) {}

  HandlerResult Open(const RequestContext& context);     ///< GET /connect?ticket=…
  HandlerResult Confirm(const RequestContext& context);  ///< POST /connect

 private:
  HandlerResult Redeem(const RequestContext& context, std::string ticket, std::string project_id,
                       bool confirmed);

  const Parts parts_;
};

}  // namespace shodan::gateway
