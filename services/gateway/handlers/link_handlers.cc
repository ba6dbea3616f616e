// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/link_handlers.h"

#include <optional>
#include <tuple>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/http/json_body.h"
#include "libs/http/target.h"
#include "services/gateway/handlers/field_checks.h"
#include "services/gateway/handlers/json.h"

namespace shodan::gateway {
namespace {

using boost::asio::experimental::awaitable_operators::operator&&;
using std::chrono::system_clock;

struct DisconnectBody {
  std::string request_id;
};

absl::StatusOr<DisconnectBody> ReadDisconnect(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  DisconnectBody read{ReadRequestId(body)};
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return read;
}

absl::StatusOr<bool> ReadReconnect(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  const bool reconnect = body.Bool("reconnect", false);
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return reconnect;
}

http::Response AnswerOf(const Disconnection& result) {
  boost::json::value receipt = nullptr;
  if (result.receipt.has_value()) receipt = ToJson(*result.receipt);
  const boost::json::object body{
      {"link", ToJson(result.link, nullptr, nullptr, system_clock::now())},
      {"receipt", std::move(receipt)}};
  return JsonAnswer(result.link.state == LinkState::kDisconnecting ? 202 : 200, body);
}

}  // namespace

absl::Status CheckMayConnect(const Link& link, bool reconnect) {
  if (link.state == LinkState::kDisconnecting) {
    return FailedPrecondition("LINK_DISCONNECTING",
                              "The Zoom account is being disconnected. Try again in a minute.");
  }
  if (link.state == LinkState::kActive && !reconnect) {
    return FailedPrecondition("LINK_ALREADY_ACTIVE",
                              "A Zoom account is connected already. Disconnect it first, or send "
                              "reconnect true to renew the connection.");
  }
  return absl::OkStatus();
}

std::string ConnectUrl(std::string_view public_url, const StartedAuthorization& started,
                       std::string_view project_id, std::string_view default_project) {
  std::string url = Join(public_url, "/connect?ticket=", http::PercentEncode(started.ticket));
  if (project_id != default_project) url += Join("&project=", project_id);
  return url;
}

LinkHandlers::LinkHandlers(AccountLinkClient& accounts, TokenVaultClient& vault,
                           std::string public_url, std::string default_project)
    : accounts_(accounts),
      vault_(vault),
      public_url_(std::move(public_url)),
      default_project_(std::move(default_project)) {}

HandlerResult LinkHandlers::Get(const RequestContext& context) {
  auto both = accounts_.GetLink(context.backend_call(), context.person()) &&
              vault_.GetAttempt(context.backend_call(), context.person(), "");
  const std::tuple<absl::StatusOr<Link>, absl::StatusOr<Attempt>> answers =
      co_await std::move(both);
  const auto& [link, attempt] = answers;
  if (!link.ok()) co_return link.status();
  // What the vault adds is shown when it is there; the link itself is account-link's.
  absl::StatusOr<ZoomProfile> profile = absl::CancelledError();
  if (link->state == LinkState::kActive || link->state == LinkState::kReconnectRequired) {
    auto operation = vault_.GetProfile(context.backend_call(), context.person());
    profile = co_await std::move(operation);
  }
  co_return JsonAnswer(200, ToJson(*link, profile.ok() ? &*profile : nullptr,
                                   attempt.ok() ? &*attempt : nullptr, system_clock::now()));
}

HandlerResult LinkHandlers::Connect(const RequestContext& context) {
  const absl::StatusOr<bool> reconnect = ReadReconnect(context.request);
  if (!reconnect.ok()) co_return reconnect.status();
  auto beginning = Begin(context, context.person(), context.session->display_name, *reconnect);
  const absl::StatusOr<StartedConnecting> started = co_await std::move(beginning);
  if (!started.ok()) co_return started.status();
  co_return JsonAnswer(200, {{"attemptId", started->attempt.attempt_id},
                             {"connectUrl", started->url},
                             {"expireTime", JsonTime(started->attempt.expire_time)}});
}

boost::asio::awaitable<absl::StatusOr<StartedConnecting>> LinkHandlers::Begin(
    const RequestContext& context, Person person, std::string display_name, bool reconnect) {
  auto reading = accounts_.GetLink(context.backend_call(), person);
  const absl::StatusOr<Link> link = co_await std::move(reading);
  if (!link.ok()) co_return link.status();
  absl::Status allowed = CheckMayConnect(*link, reconnect);
  if (!allowed.ok()) co_return allowed;
  auto starting = vault_.StartAuthorization(context.backend_call(), person, std::move(display_name),
                                            reconnect && link->state != LinkState::kNone, "");
  absl::StatusOr<StartedAuthorization> started = co_await std::move(starting);
  if (!started.ok()) co_return started.status();
  StartedConnecting begun;
  begun.url = ConnectUrl(public_url_, *started, person.project_id(), default_project_);
  begun.attempt = std::move(started->attempt);
  co_return begun;
}

HandlerResult LinkHandlers::Disconnect(const RequestContext& context) {
  const absl::StatusOr<DisconnectBody> body = ReadDisconnect(context.request);
  if (!body.ok()) co_return body.status();
  auto operation = accounts_.Disconnect(context.backend_call(), context.person(), body->request_id);
  const absl::StatusOr<Disconnection> result = co_await std::move(operation);
  if (!result.ok()) co_return result.status();
  co_return AnswerOf(*result);
}

HandlerResult LinkHandlers::AdminDisconnect(const RequestContext& context) {
  const absl::StatusOr<DisconnectBody> body = ReadDisconnect(context.request);
  if (!body.ok()) co_return body.status();
  auto operation = accounts_.AdminDisconnect(context.backend_call(), context.person(),
                                             context.parameter("user"), body->request_id);
  const absl::StatusOr<Disconnection> result = co_await std::move(operation);
  if (!result.ok()) co_return result.status();
  co_return AnswerOf(*result);
}

}  // namespace shodan::gateway
