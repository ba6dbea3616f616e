// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "services/gateway/backends/backend_call.h"

namespace shodan::gateway {

enum class AttemptState { kPending, kExchanging, kExchanged, kActivated, kEnded };

/// One try of a user to authorize a Zoom account.
struct Attempt {
  std::string attempt_id;
  std::string project_id;
  std::string user_id;
  AttemptState state = AttemptState::kPending;
  /// Of an ended attempt, from the closed list of the browser API; empty while it has not ended.
  std::string_view result;
  std::optional<std::chrono::system_clock::time_point> create_time;
  std::optional<std::chrono::system_clock::time_point> end_time;
  std::optional<std::chrono::system_clock::time_point> expire_time;
};

struct StartedAuthorization {
  Attempt attempt;
  std::string ticket;  ///< one-time; never logged
};

/// Where a redeemed ticket leads.
struct TicketRedirect {
  std::string authorization_url;
  std::string cookie_name;
  std::string cookie_value;
  std::chrono::seconds max_age{0};
};

/// The ticket waits until a person confirms.
struct TicketConfirmation {
  std::string user_display_name;
  std::string project_id;
};

using RedeemedTicket = std::variant<TicketRedirect, TicketConfirmation>;

/// Who is signed in where the ticket is opened; empty ids for nobody.
struct TicketPresentation {
  std::string ticket;
  std::string session_project_id;
  std::string session_user_id;
  bool confirmed = false;
};

/// What Zoom's redirect brought.
struct CallbackPresentation {
  std::string state;
  std::string cookie_value;
  std::string code;
  std::string error;
};

/// What is shown to a user about the connected Zoom account.
struct ZoomProfile {
  std::string display_name;
  std::string email;
  std::vector<std::string> missing_scopes;
};

/// Port to token-vault; as AccountLinkClient.
class TokenVaultClient {
 public:
  template <typename T>
  using Result = boost::asio::awaitable<absl::StatusOr<T>>;

  virtual ~TokenVaultClient() = default;
  /// An empty `attempt_id` leaves the choice to the vault.
  virtual Result<StartedAuthorization> StartAuthorization(BackendCall call, Person person,
                                                          std::string user_display_name,
                                                          bool reconnect,
                                                          std::string attempt_id) = 0;
  virtual Result<RedeemedTicket> RedeemTicket(BackendCall call, TicketPresentation shown) = 0;
  virtual Result<Attempt> ExchangeCode(BackendCall call, CallbackPresentation shown) = 0;
  /// The named attempt; the user's latest when attempt_id is empty.
  virtual Result<Attempt> GetAttempt(BackendCall call, Person person, std::string attempt_id) = 0;
  virtual Result<ZoomProfile> GetProfile(BackendCall call, Person person) = 0;
};

}  // namespace shodan::gateway
