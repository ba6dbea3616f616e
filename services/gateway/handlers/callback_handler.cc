// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/callback_handler.h"

#include <optional>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "libs/http/cookies.h"
#include "libs/http/parameters.h"
#include "libs/http/problem_details.h"
#include "libs/net/wait.h"
#include "services/gateway/auth/session_reader.h"
#include "services/gateway/handlers/paragon_json.h"
#include "services/gateway/pages/html.h"

namespace shodan::gateway {
namespace {

constexpr size_t kStateBytesMax = 128;
constexpr size_t kCodeBytesMax = 2048;
constexpr size_t kErrorBytesMax = 128;
constexpr std::string_view kSettingsFallback = "/app/settings/integrations";
constexpr std::string_view kWrongBrowser = "wrong_browser";
constexpr std::string_view kSystemError = "system_error";
constexpr std::string_view kConnected = "connected";
constexpr std::string_view kCancelled = "cancelled";

std::string WithResult(const std::string& settings_url, std::string_view result) {
  const char* separator = settings_url.find('?') == std::string::npos ? "?" : "&";
  return Join(settings_url, separator, "zoom_result=", result);
}

// Keeps a pop-up in its opener's group, as on the way to Zoom.
http::Response WithoutIsolation(http::Response response) {
  response.fields.Set("Cross-Origin-Opener-Policy", "unsafe-none");
  return response;
}

http::Response Redirect(const std::string& settings_url, std::string_view result) {
  return WithoutIsolation(http::SeeOther(WithResult(settings_url, result)));
}

http::Response PlainPage(int status, std::string_view title, std::string_view text,
                         const std::string& settings_url) {
  return WithoutIsolation(http::HtmlResponse(
      status, MessagePage(title, {std::string(text)}, {"Open the settings", settings_url})));
}

// To the page that opened the window: how it went, and nothing that could be used anywhere.
http::Response InstallPage(const std::string& origin, const std::string& project_id,
                           std::string_view result) {
  namespace json = boost::json;
  const std::string integration_id = IntegrationIdOf(project_id);
  OpenerMessage message;
  message.origin = origin;
  if (result == kConnected) {
    message.close = true;
    message.if_open =
        json::serialize(json::object{{"type", "oauth_success_callback"},
                                     {"credential", json::object{{"integrationId", integration_id},
                                                                 {"payload", json::object()}}}});
    return WithoutIsolation(http::HtmlResponse(
        200, OpenerPage("Zoom is connected", "You can close this window.", message)));
  }
  const absl::Status error = InstallError(result);
  const std::string text = http::DetailOf(error);
  message.close = result == kCancelled;
  message.message = json::serialize(
      json::object{{"type", "oauth_error_callback"},
                   {"integrationId", integration_id},
                   {"error", text},
                   {"errorResponse", json::object{{"code", ReasonOf(error)}, {"message", text}}}});
  return WithoutIsolation(
      http::HtmlResponse(200, OpenerPage("Zoom was not connected", text, message)));
}

bool EndsConnecting(const absl::Status& status) {
  return status.code() == absl::StatusCode::kFailedPrecondition ||
         status.code() == absl::StatusCode::kNotFound;
}

}  // namespace

std::string AttemptCookieName(std::string_view state) {
  return Join("__Host-shodan-attempt-", HexEncode(Sha256(state)).substr(0, 16));
}

HandlerResult CallbackHandler::Handle(const RequestContext& context) {
  http::Parameters parameters(context.request.head.target.query);
  CallbackPresentation shown;
  shown.state = parameters.Text("state");
  shown.code = parameters.Text("code");
  shown.error = parameters.Text("error");
  const bool well_formed =
      parameters.FinishIgnoringUnknown().ok() && shown.state.size() <= kStateBytesMax &&
      shown.code.size() <= kCodeBytesMax && shown.error.size() <= kErrorBytesMax;
  if (shown.state.empty() && well_formed) {
    auto restarting = Restart(context);
    co_return co_await std::move(restarting);
  }
  const std::string cookie_name = AttemptCookieName(shown.state);
  shown.cookie_value =
      http::FindCookie(context.request.head.fields.Get("Cookie"), cookie_name).value_or("");
  if (!well_formed || shown.cookie_value.empty() || (shown.code.empty() && shown.error.empty())) {
    auto refusing = NotThisBrowser(context);
    co_return co_await std::move(refusing);
  }
  auto exchanging = parts_.vault.ExchangeCode(context.backend_call(), std::move(shown));
  const absl::StatusOr<Attempt> attempt = co_await std::move(exchanging);
  if (!attempt.ok()) {
    auto failing = Failed(context, attempt.status());
    co_return co_await std::move(failing);
  }
  auto settling = Settle(context, *attempt);
  const Outcome outcome = co_await std::move(settling);
  auto finding = parts_.projects.Get(attempt->project_id, context.backend_call());
  const absl::StatusOr<KnownProjectPtr> project = co_await std::move(finding);
  const std::string install_cookie = InstallCookieName(cookie_name);
  const std::optional<std::string> install =
      http::FindCookie(context.request.head.fields.Get("Cookie"), install_cookie);
  http::Response response =
      Conclude(project.ok() ? *project : nullptr, *attempt, install.value_or(""), outcome.result);
  if (outcome.final) {
    response.fields.Add("Set-Cookie", http::ExpiredHostCookie(cookie_name));
    if (install.has_value()) {
      response.fields.Add("Set-Cookie", http::ExpiredHostCookie(install_cookie));
    }
  }
  co_return response;
}

http::Response CallbackHandler::Conclude(const KnownProjectPtr& project, const Attempt& attempt,
                                         const std::string& sealed_install,
                                         std::string_view result) const {
  if (project == nullptr) return Redirect(std::string(kSettingsFallback), result);
  const std::optional<InstallWindow> install = parts_.installs.Open(sealed_install);
  // The origin was one of the project's when the window was opened; it still has to be.
  if (install.has_value() && install->attempt_id == attempt.attempt_id &&
      install->project_id == attempt.project_id &&
      (install->origin == parts_.public_origin || project->AllowsOrigin(install->origin))) {
    return InstallPage(install->origin, attempt.project_id, result);
  }
  return Redirect(project->project.settings_url, result);
}

boost::asio::awaitable<CallbackHandler::Outcome> CallbackHandler::Settle(
    const RequestContext& context, Attempt attempt) {
  while (attempt.state == AttemptState::kPending || attempt.state == AttemptState::kExchanging) {
    const Deadline deadline = context.backend_call().deadline();
    if (deadline.Remaining() <= parts_.poll_interval) co_return Outcome{kSystemError, false};
    auto pause = net::WaitFor(parts_.poll_interval);
    co_await std::move(pause);
    auto reading = parts_.vault.GetAttempt(
        context.backend_call(), Person(attempt.project_id, attempt.user_id), attempt.attempt_id);
    absl::StatusOr<Attempt> read = co_await std::move(reading);
    if (!read.ok()) co_return Outcome{kSystemError, false};
    attempt = *std::move(read);
  }
  if (attempt.state != AttemptState::kExchanged) co_return Outcome{attempt.result, true};
  auto completing = Complete(context, attempt);
  co_return co_await std::move(completing);
}

boost::asio::awaitable<CallbackHandler::Outcome> CallbackHandler::Complete(
    const RequestContext& context, const Attempt& attempt) {
  const Person person(attempt.project_id, attempt.user_id);
  auto completing =
      parts_.accounts.CompleteLink(context.backend_call(), person, attempt.attempt_id);
  const absl::StatusOr<Link> link = co_await std::move(completing);
  if (link.ok()) co_return Outcome{kConnected, true};
  // The attempt itself says best how it ended; account-link's reconciler may still be at work.
  auto reading = parts_.vault.GetAttempt(context.backend_call(), person, attempt.attempt_id);
  const absl::StatusOr<Attempt> read = co_await std::move(reading);
  if (read.ok() && !read->result.empty()) co_return Outcome{read->result, true};
  if (HasReason(link.status(), "OTHER_ACCOUNT_CONNECTED")) {
    co_return Outcome{"other_account_connected", true};
  }
  if (HasReason(link.status(), "DIFFERENT_ACCOUNT")) co_return Outcome{"different_account", true};
  co_return Outcome{kSystemError, EndsConnecting(link.status())};
}

boost::asio::awaitable<std::string> CallbackHandler::SettingsOfSession(
    const RequestContext& context) {
  auto finding = parts_.projects.Get(parts_.default_project, context.backend_call());
  const absl::StatusOr<KnownProjectPtr> project = co_await std::move(finding);
  if (!project.ok()) co_return std::string();
  auto reading = ReadSession(parts_.sessions, FindSessionToken(context.request.head), *project);
  const absl::StatusOr<Session> session = co_await std::move(reading);
  co_return session.ok() ? (*project)->project.settings_url : std::string();
}

HandlerResult CallbackHandler::Restart(const RequestContext& context) {
  auto finding = SettingsOfSession(context);
  const std::string settings = co_await std::move(finding);
  co_return PlainPage(200, "Start the connection in Shodan Pro",
                      "Zoom sent you here without a connection begun in Shodan Pro, for example "
                      "from the Zoom App Marketplace. Nothing was connected. Open Settings, "
                      "Integrations in Shodan Pro and choose Zoom Phone Integration.",
                      settings.empty() ? std::string(kSettingsFallback) : settings);
}

HandlerResult CallbackHandler::NotThisBrowser(const RequestContext& context) {
  auto finding = SettingsOfSession(context);
  const std::string settings = co_await std::move(finding);
  if (!settings.empty()) co_return Redirect(settings, kWrongBrowser);
  co_return PlainPage(400, "This is not the browser you started in",
                      "The connection was begun in another browser or window, or it has ended "
                      "already. Open Settings, Integrations in Shodan Pro to see how it stands, "
                      "and start again there if needed.",
                      std::string(kSettingsFallback));
}

HandlerResult CallbackHandler::Failed(const RequestContext& context, absl::Status status) {
  if (HasReason(status, "ATTEMPT_MISMATCH") ||
      status.code() == absl::StatusCode::kInvalidArgument) {
    auto refusing = NotThisBrowser(context);
    co_return co_await std::move(refusing);
  }
  auto finding = SettingsOfSession(context);
  const std::string settings = co_await std::move(finding);
  if (!settings.empty()) co_return Redirect(settings, kSystemError);
  co_return PlainPage(503, "System Error Occurred",
                      "The connection could not be finished. Reload this page in a moment, or "
                      "open Settings, Integrations in Shodan Pro and start again.",
                      std::string(kSettingsFallback));
}

}  // namespace shodan::gateway
