// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "services/gateway/auth/install_seal.h"
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
    const InstallSeal& installs;
    std::string default_project;
    bool loopback_http = false;  ///< the authorization server may be http on this machine
  };

  explicit ConnectHandlers(Parts parts) : parts_(std::move(parts)) {}

  HandlerResult Open(const RequestContext& context);     ///< GET /connect?ticket=…
  HandlerResult Confirm(const RequestContext& context);  ///< POST /connect

 private:
  struct Presented {
    std::string ticket;
    std::string project_id;
    std::string install;  ///< sealed; only for windows that pages of others opened
  };

  static absl::StatusOr<Presented> Read(
      const std::vector<std::pair<std::string, std::string>>& parameters,
      const std::string& default_project);
  absl::Status CheckWindow(const RequestContext& context, const Presented& shown) const;
  HandlerResult Redeem(const RequestContext& context, Presented shown, bool confirmed);

  const Parts parts_;
};

}  // namespace shodan::gateway
