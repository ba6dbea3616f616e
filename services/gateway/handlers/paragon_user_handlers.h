// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/token_vault_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// A user as @useparagon/connect sees him: his metadata, the one integration there is, and his
/// connection as its credential (compatibility/paragon.md).
class ParagonUserHandlers {
 public:
  /// The clients outlive the handlers.
  ParagonUserHandlers(AccountLinkClient& accounts, TokenVaultClient& vault)
      : accounts_(accounts), vault_(vault) {}

  HandlerResult GetUser(const RequestContext& context);
  HandlerResult UpdateUser(const RequestContext& context);
  HandlerResult ListIntegrations(const RequestContext& context);
  HandlerResult Uninstall(const RequestContext& context);
  /// GET /sdk/credentials?integration=zoom.
  HandlerResult GetAccount(const RequestContext& context);
  /// A credential by its id; by the id of a failed attempt, why there is none.
  HandlerResult GetCredential(const RequestContext& context);
  /// Answers what is connected, whatever the body brings: connections are made nowhere but in the
  /// callback of Zoom.
  HandlerResult ConfirmCredential(const RequestContext& context);
  /// What belongs to workflows.
  HandlerResult RefuseWorkflow(const RequestContext& context);
  /// What belongs to settings of credentials, of which there are none.
  HandlerResult RefuseSettings(const RequestContext& context);

 private:
  HandlerResult AnswerCredential(const RequestContext& context, bool with_profile);

  AccountLinkClient& accounts_;
  TokenVaultClient& vault_;
};

/// Whether X-Paragon-Credential, when the request has it, names the link's credential.
/// NOT_FOUND/CREDENTIAL_NOT_FOUND.
absl::Status CheckSelectedCredential(const http::RequestHead& head, const Link& link);

}  // namespace shodan::gateway
