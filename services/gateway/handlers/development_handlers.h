// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "services/gateway/auth/development_issuer.h"
#include "services/gateway/auth/project_directory.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// A path below /app/ that a browser may be sent to; "/app/" for everything else. Browsers read
/// backslashes as slashes and skip tabs and line ends, so such a path is never taken.
std::string SafeReturnTo(std::string_view wanted);

/// Sign-in as a demo user. Exists only with a development issuer.
class DevelopmentHandlers {
 public:
  /// Both outlive the handlers.
  DevelopmentHandlers(const DevelopmentIssuer& issuer, ProjectDirectory& projects,
                      std::string default_project);

  HandlerResult LoginPage(const RequestContext& context);
  HandlerResult CreateSession(const RequestContext& context);
  HandlerResult EndSession(const RequestContext& context);

 private:
  const DevelopmentIssuer& issuer_;
  ProjectDirectory& projects_;
  const std::string default_project_;
};

}  // namespace shodan::gateway
