// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/paragon_install_handlers.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/http/cookies.h"
#include "libs/http/parameters.h"
#include "services/gateway/auth/session_reader.h"
#include "services/gateway/handlers/json.h"
#include "services/gateway/handlers/link_handlers.h"
#include "services/gateway/handlers/paragon_json.h"
#include "services/gateway/pages/html.h"

namespace shodan::gateway {
namespace {

constexpr size_t kInstallKeyBytesMax = 64;

bool IsInstallKey(std::string_view text) {
  return !text.empty() && text.size() <= kInstallKeyBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

InstallWindow WindowOf(const Session& session, const std::string& origin, std::string attempt_id) {
  return {session.project_id, SubjectOf(session.project_id, session.user_id), origin,
          std::move(attempt_id)};
}

}  // namespace

// The rest of the parameters is about things that this installation has no choice in.
absl::StatusOr<ParagonInstallHandlers::InstallRequest> ParagonInstallHandlers::Read(
    const RequestContext& context) const {
  http::Parameters parameters(context.request.head.target.query);
  const std::string action = parameters.Text("action");
  const std::string integration = parameters.Text("integrationId");
  const std::string redirect_url = parameters.Text("redirectUrl");
  InstallRequest request{parameters.Text("originForPostMessage"), parameters.Text("oauthMetaKeyId"),
                         parameters.Text("userToken")};
  SHODAN_RETURN_IF_ERROR(parameters.FinishIgnoringUnknown());
  std::vector<FieldViolation> problems;
  const std::string& project_id = context.project->project.project_id;
  if (action != "zoom") problems.push_back({"action", "NOT_ALLOWED", "must be zoom."});
  if (integration != IntegrationIdOf(project_id)) {
    problems.push_back({"integrationId", "NOT_ALLOWED", "must be the id of zoom here."});
  }
  if (!redirect_url.empty()) {
    problems.push_back({"redirectUrl", "NOT_ALLOWED",
                        "must not be given: Zoom sends people back to this installation."});
  }
  if (!problems.empty()) return InvalidFields(problems);
  const std::string_view sender = context.request.head.fields.Get("Origin");
  const bool known =
      request.origin == parts_.public_origin || context.project->AllowsOrigin(request.origin);
  if (!known || (!sender.empty() && sender != request.origin)) {
    return PermissionDenied("ORIGIN_NOT_ALLOWED",
                            "originForPostMessage: must be the page's own origin and one of the "
                            "project's.");
  }
  return request;
}

HandlerResult ParagonInstallHandlers::BuildOauth(const RequestContext& context) {
  const absl::StatusOr<InstallRequest> request = Read(context);
  if (!request.ok()) co_return request.status();
  if (!IsInstallKey(request->install_key)) {
    co_return InvalidField("oauthMetaKeyId", "MALFORMED", "must be 1 to 64 letters and digits.");
  }
  auto reading = parts_.accounts.GetLink(context.backend_call(), context.person());
  const absl::StatusOr<Link> link = co_await std::move(reading);
  if (!link.ok()) co_return link.status();
  absl::Status allowed = CheckMayConnect(*link, false);
  if (!allowed.ok()) co_return allowed;
  auto starting = parts_.vault.StartAuthorization(
      context.backend_call(), context.person(), context.session->display_name, false,
      AttemptIdOf(context.person(), request->install_key));
  const absl::StatusOr<StartedAuthorization> started = co_await std::move(starting);
  if (!started.ok()) co_return started.status();
  const InstallWindow window =
      WindowOf(*context.session, request->origin, started->attempt.attempt_id);
  const std::string url = Join(
      ConnectUrl(parts_.public_url, *started, context.session->project_id, parts_.default_project),
      "&install=", parts_.installs.Seal(window));
  co_return JsonAnswer(200, {{"redirectUrl", url}});
}

HandlerResult ParagonInstallHandlers::OpenWindow(const RequestContext& context) {
  absl::StatusOr<InstallRequest> request = Read(context);
  if (!request.ok()) co_return request.status();
  auto reading =
      ReadSession(parts_.sessions, {std::move(request->user_token), true}, context.project);
  const absl::StatusOr<Session> session = co_await std::move(reading);
  if (!session.ok()) co_return session.status();
  OpenerMessage message;
  message.origin = request->origin;
  message.message = R"({"type":"oauth-nonce-loaded"})";
  http::Response response = http::HtmlResponse(
      200, OpenerPage("Connect Zoom",
                      "You will go on to Zoom in a moment. If nothing happens, close this window "
                      "and start again.",
                      message));
  response.fields.Add(
      "Set-Cookie", http::HostCookie(kInstallCookie,
                                     parts_.installs.Seal(WindowOf(*session, request->origin, "")),
                                     kInstallLifetime));
  // The opener must stay reachable, here and on the way to Zoom and back.
  response.fields.Set("Cross-Origin-Opener-Policy", "unsafe-none");
  co_return response;
}

HandlerResult ParagonInstallHandlers::GetSession(const RequestContext& context) {
  auto asking =
      parts_.vault.GetAttempt(context.backend_call(), context.person(),
                              AttemptIdOf(context.person(), context.parameter("installKey")));
  const absl::StatusOr<Attempt> attempt = co_await std::move(asking);
  if (HasReason(attempt.status(), "ATTEMPT_NOT_FOUND")) co_return JsonAnswer(200, {});
  if (!attempt.ok()) co_return attempt.status();
  // The client asks for the credential next, and is told there what went wrong.
  if (!FailureOf(*attempt, std::chrono::system_clock::now()).empty()) {
    co_return JsonAnswer(200, {{"connectCredentialId", attempt->attempt_id}});
  }
  if (attempt->state != AttemptState::kActivated) co_return JsonAnswer(200, {});
  auto reading = parts_.accounts.GetLink(context.backend_call(), context.person());
  const absl::StatusOr<Link> link = co_await std::move(reading);
  if (!link.ok()) co_return link.status();
  if (!HasCredential(*link)) co_return JsonAnswer(200, {});
  co_return JsonAnswer(200, {{"connectCredentialId", link->link_id}});
}

HandlerResult ParagonInstallHandlers::EndSession(const RequestContext&) { co_return NoContent(); }

HandlerResult ParagonInstallHandlers::Portal(const RequestContext&) {
  http::Response response = http::HtmlResponse(
      200,
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Empty</title>"
      "</head><body></body></html>\n");
  // There is nothing in it to click on, so it may be in anybody's frame.
  response.fields.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors *");
  response.fields.Set("Cross-Origin-Resource-Policy", "cross-origin");
  co_return response;
}

}  // namespace shodan::gateway
