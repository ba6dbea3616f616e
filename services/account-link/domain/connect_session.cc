// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/connect_session.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/limits.h"
#include "services/account-link/domain/validation.h"

namespace shodan::account_link {
namespace {

constexpr std::string_view kTokenPrefix = "shodan_connect_session_";

Secret MakeToken() {
  const Secret random = RandomToken();
  std::string text;
  text.reserve(kTokenPrefix.size() + random.size());
  text += kTokenPrefix;
  text += random.Expose(SecretAccess::ForAnswer());
  return Secret::Take(std::move(text));
}

}  // namespace

absl::StatusOr<IssuedConnectSession> ConnectSessions::Create(ConnectSessionContent content,
                                                             const CallScope& scope) {
  RequestCheck check;
  if (content.reconnect) {
    check.ProjectId(content.owner.project_id);
    if (content.connection_id.empty()) check.Add("connectionId", "REQUIRED", "must not be empty");
  } else {
    check.Owner(content.owner);
  }
  check.OptionalExternalId("connectionId", content.connection_id);
  if (!content.user_display_name.empty()) {
    check.RequiredText("userDisplayName", content.user_display_name, kMaxDisplayNameCharacters);
  }
  SHODAN_RETURN_IF_ERROR(check.Finish());
  Secret token = MakeToken();
  SHODAN_ASSIGN_OR_RETURN(ConnectSession session,
                          store_.Insert(content, Sha256(token), scope.actor, scope.deadline));
  return IssuedConnectSession{std::move(session), std::move(token)};
}

absl::StatusOr<ConnectSession> ConnectSessions::Get(const Secret& token, const CallScope& scope) {
  SHODAN_ASSIGN_OR_RETURN(std::optional<ConnectSession> session,
                          store_.Find(Sha256(token), scope.deadline));
  if (!session.has_value()) return ConnectSessionInvalid();
  return *std::move(session);
}

absl::Status ConnectSessions::Delete(const Secret& token, const CallScope& scope) {
  SHODAN_ASSIGN_OR_RETURN(const bool found, store_.Delete(Sha256(token), scope.deadline));
  return found ? absl::OkStatus() : ConnectSessionInvalid();
}

}  // namespace shodan::account_link
