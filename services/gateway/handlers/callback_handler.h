// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "services/gateway/auth/install_seal.h"
#include "services/gateway/auth/project_directory.h"
#include "services/gateway/auth/session_verifier.h"
#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/token_vault_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// The attempt cookie that belongs to a state parameter: one per attempt, so that two tabs do not
/// disturb each other.
std::string AttemptCookieName(std::string_view state);

/// The way back from Zoom. Authenticated by state and attempt cookie; the user is the attempt's.
/// Ends with a 303 to the project's settings page and a result from a closed list; in a window that
/// a page of others opened (compatibility/paragon.md), with a page that tells that page's origin.
/// Nothing of the request is ever repeated in an answer.
class CallbackHandler {
 public:
  struct Parts {
    ProjectDirectory& projects;
    SessionVerifier& sessions;
    AccountLinkClient& accounts;
    TokenVaultClient& vault;
    const InstallSeal& installs;
    std::string default_project;
    std::string public_origin;
    std::chrono::milliseconds poll_interval{200};  ///< while another request exchanges the code
  };

  explicit CallbackHandler(Parts parts) : parts_(std::move(parts)) {}

  HandlerResult Handle(const RequestContext& context);

 private:
  /// The result of an attempt, and whether it can still change.
  struct Outcome {
    std::string_view result;
    bool final = true;
  };

  HandlerResult Restart(const RequestContext& context);
  HandlerResult NotThisBrowser(const RequestContext& context);
  HandlerResult Failed(const RequestContext& context, absl::Status status);
  boost::asio::awaitable<Outcome> Settle(const RequestContext& context, Attempt attempt);
  boost::asio::awaitable<Outcome> Complete(const RequestContext& context, const Attempt& attempt);
  /// The answer of a settled attempt.
  http::Response Conclude(const KnownProjectPtr& project, const Attempt& attempt,
                          const std::string& sealed_install, std::string_view result) const;
  /// Where the signed-in user of this browser has the settings; empty when nobody is signed in.
  boost::asio::awaitable<std::string> SettingsOfSession(const RequestContext& context);

  const Parts parts_;
};

}  // namespace shodan::gateway
