// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/connect_handlers.h"

#include <optional>
#include <utility>
#include <variant>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/http/cookies.h"
#include "libs/http/media_type.h"
#include "libs/http/parameters.h"
#include "services/gateway/auth/session_reader.h"
#include "services/gateway/pages/html.h"

namespace shodan::gateway {
namespace {

constexpr size_t kTicketBytesMax = 128;
constexpr size_t kProjectBytesMax = 63;

http::Response ToZoom(const TicketRedirect& redirect, const std::string& install) {
  http::Response response = http::SeeOther(redirect.authorization_url);
  response.fields.Add("Set-Cookie", http::HostCookie(redirect.cookie_name, redirect.cookie_value,
                                                     redirect.max_age));
  if (!install.empty()) {
    response.fields.Add("Set-Cookie", http::HostCookie(InstallCookieName(redirect.cookie_name),
                                                       install, redirect.max_age));
  }
  // Keeps the pop-up of the settings page in its opener's group on its way to Zoom.
  response.fields.Set("Cross-Origin-Opener-Policy", "unsafe-none");
  return response;
}

http::Response AskFirst(const TicketConfirmation& confirmation, const std::string& product,
                        const std::string& ticket, const std::string& install, bool loopback_http) {
  http::Response response =
      http::HtmlResponse(200, ConfirmationPage(product, confirmation.user_display_name, ticket,
                                               confirmation.project_id, install));
  // The form's answer redirects to the authorization server, and browsers apply form-action to
  // redirects too. Which server that is only the vault knows.
  response.fields.Set("Content-Security-Policy",
                      Join("default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
                           "frame-ancestors 'none'; form-action 'self' https:",
                           loopback_http ? " http://localhost:* http://127.0.0.1:*" : ""));
  // With no-referrer the form would be sent with Origin: null.
  response.fields.Set("Referrer-Policy", "same-origin");
  response.fields.Set("Cross-Origin-Opener-Policy", "unsafe-none");
  return response;
}

absl::Status Explained(const absl::Status& status) {
  if (HasReason(status, "TICKET_OTHER_USER")) {
    return PermissionDenied("TICKET_OTHER_USER",
                            "This link was made for another Shodan Pro user than the one signed in "
                            "here. Start the connection in your own Settings, Integrations.");
  }
  if (HasReason(status, "TICKET_INVALID")) {
    return FailedPrecondition("TICKET_INVALID",
                              "This link was used already or is older than a minute. Start the "
                              "connection again in Shodan Pro, Settings, Integrations.");
  }
  return status;
}

}  // namespace

absl::StatusOr<ConnectHandlers::Presented> ConnectHandlers::Read(
    const std::vector<std::pair<std::string, std::string>>& list,
    const std::string& default_project) {
  http::Parameters parameters(list);
  Presented presented{parameters.Text("ticket"), parameters.Text("project"),
                      parameters.Text("install")};
  SHODAN_RETURN_IF_ERROR(parameters.FinishIgnoringUnknown());
  if (presented.ticket.empty() || presented.ticket.size() > kTicketBytesMax ||
      presented.project_id.size() > kProjectBytesMax) {
    return FailedPrecondition("TICKET_INVALID",
                              "This link is not complete. Start the connection again in Shodan "
                              "Pro, Settings, Integrations.");
  }
  if (presented.project_id.empty()) presented.project_id = default_project;
  return presented;
}

// The window that a page of others opened for one of its users is the only one that may go on for
// him: its cookie says so.
absl::Status ConnectHandlers::CheckWindow(const RequestContext& context,
                                          const Presented& shown) const {
  if (shown.install.empty()) return absl::OkStatus();
  const std::optional<InstallWindow> install = parts_.installs.Open(shown.install);
  const std::optional<InstallWindow> window = parts_.installs.Open(
      http::FindCookie(context.request.head.fields.Get("Cookie"), kInstallCookie).value_or(""));
  if (install.has_value() && window.has_value() && !install->attempt_id.empty() &&
      install->project_id == shown.project_id && install->project_id == window->project_id &&
      install->subject == window->subject && install->origin == window->origin) {
    return absl::OkStatus();
  }
  return PermissionDenied("INSTALL_OTHER_WINDOW",
                          "This window was opened by another page or for another user, or too long "
                          "ago. Close it and start the connection again.");
}

HandlerResult ConnectHandlers::Open(const RequestContext& context) {
  absl::StatusOr<Presented> shown = Read(context.request.head.target.query, parts_.default_project);
  if (!shown.ok()) co_return shown.status();
  auto redeeming = Redeem(context, *std::move(shown), false);
  co_return co_await std::move(redeeming);
}

HandlerResult ConnectHandlers::Confirm(const RequestContext& context) {
  if (!http::IsMediaType(context.request.head.fields.Get("Content-Type"),
                         "application/x-www-form-urlencoded")) {
    co_return InvalidArgument("UNSUPPORTED_MEDIA_TYPE", "Content-Type: must be a form.");
  }
  const auto form = http::ParseParameters(context.request.body);
  if (!form.ok()) co_return form.status();
  absl::StatusOr<Presented> shown = Read(*form, parts_.default_project);
  if (!shown.ok()) co_return shown.status();
  auto redeeming = Redeem(context, *std::move(shown), true);
  co_return co_await std::move(redeeming);
}

HandlerResult ConnectHandlers::Redeem(const RequestContext& context, Presented shown,
                                      bool confirmed) {
  absl::Status window = CheckWindow(context, shown);
  if (!window.ok()) co_return window;
  auto finding = parts_.projects.Get(shown.project_id, context.backend_call());
  const absl::StatusOr<KnownProjectPtr> project = co_await std::move(finding);
  if (!project.ok()) co_return project.status();
  TicketPresentation presentation;
  presentation.ticket = shown.ticket;
  presentation.confirmed = confirmed;
  SessionToken token = FindSessionToken(context.request.head);
  if (!token.bearer && !token.text.empty()) {
    auto reading = ReadSession(parts_.sessions, std::move(token), *project);
    const absl::StatusOr<Session> session = co_await std::move(reading);
    if (session.ok()) {
      presentation.session_project_id = session->project_id;
      presentation.session_user_id = session->user_id;
    }
  }
  auto redeeming = parts_.vault.RedeemTicket(context.backend_call(), std::move(presentation));
  const absl::StatusOr<RedeemedTicket> redeemed = co_await std::move(redeeming);
  if (!redeemed.ok()) co_return Explained(redeemed.status());
  if (const auto* redirect = std::get_if<TicketRedirect>(&*redeemed)) {
    co_return ToZoom(*redirect, shown.install);
  }
  co_return AskFirst(std::get<TicketConfirmation>(*redeemed), (*project)->project.display_name,
                     shown.ticket, shown.install, parts_.loopback_http);
}

}  // namespace shodan::gateway
