// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/token_vault_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// Whether an authorization may begin, as far as the gateway can tell; account-link decides.
absl::Status CheckMayConnect(const Link& link, bool reconnect);

/// Where a browser takes the ticket of a started authorization.
std::string ConnectUrl(std::string_view public_url, const StartedAuthorization& started,
                       std::string_view project_id, std::string_view default_project);

/// An authorization that has begun.
struct StartedConnecting {
  Attempt attempt;
  std::string url;  ///< of the gateway, with the one-time ticket
};

/// A user's link: status, begin of an authorization, disconnect.
class LinkHandlers {
 public:
  /// The clients outlive the handlers. `public_url` has no slash at its end.
  LinkHandlers(AccountLinkClient& accounts, TokenVaultClient& vault, std::string public_url,
               std::string default_project);

  HandlerResult Get(const RequestContext& context);
  HandlerResult Connect(const RequestContext& context);
  HandlerResult Disconnect(const RequestContext& context);
  HandlerResult AdminDisconnect(const RequestContext& context);

  /// Begins an authorization for `person`. FAILED_PRECONDITION/LINK_ALREADY_ACTIVE, unless
  /// `reconnect`, or /LINK_DISCONNECTING.
  boost::asio::awaitable<absl::StatusOr<StartedConnecting>> Begin(const RequestContext& context,
                                                                  Person person,
                                                                  std::string display_name,
                                                                  bool reconnect);

 private:
  AccountLinkClient& accounts_;
  TokenVaultClient& vault_;
  const std::string public_url_;
  const std::string default_project_;
};

}  // namespace shodan::gateway
