// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/connect_session_handler.h"

#include <string>
#include <utility>

#include "libs/base/status.h"
#include "libs/http/parameters.h"

namespace shodan::gateway {
namespace {

constexpr size_t kTokenBytesMax = 128;

absl::Status Ended() {
  return InvalidArgument("CONNECT_SESSION_ENDED",
                         "This link has ended. Ask for a new one where you got it.");
}

}  // namespace

HandlerResult ConnectSessionHandler::Open(const RequestContext& context) {
  http::Parameters parameters(context.request.head.target.query);
  std::string token = parameters.Text("token");
  const bool well_formed = parameters.FinishIgnoringUnknown().ok();
  if (!well_formed || token.empty() || token.size() > kTokenBytesMax) co_return Ended();
  auto reading = connections_.GetSession(context.backend_call(), std::move(token));
  const absl::StatusOr<ConnectSession> session = co_await std::move(reading);
  if (HasReason(session.status(), "CONNECT_SESSION_INVALID")) co_return Ended();
  if (!session.ok()) co_return session.status();
  auto beginning = links_.Begin(context, Person(session->project_id, session->user_id),
                                session->user_display_name, session->reconnect);
  const absl::StatusOr<StartedConnecting> started = co_await std::move(beginning);
  if (!started.ok()) co_return started.status();
  http::Response response = http::SeeOther(started->url);
  // Keeps a pop-up in its opener's group, as on the rest of the way to Zoom.
  response.fields.Set("Cross-Origin-Opener-Policy", "unsafe-none");
  co_return response;
}

}  // namespace shodan::gateway
