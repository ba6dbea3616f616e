// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/paragon_user_handlers.h"

#include <chrono>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "libs/http/json_body.h"
#include "libs/http/parameters.h"
#include "services/gateway/handlers/json.h"
#include "services/gateway/handlers/paragon_json.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;
using boost::asio::experimental::awaitable_operators::operator&&;

absl::Status CredentialNotFound() {
  return NotFound("CREDENTIAL_NOT_FOUND", "There is no credential of this id.");
}

absl::Status NotConnected() {
  return FailedPrecondition("NOT_CONNECTED", "No Zoom account is connected. Connect one first.");
}

absl::StatusOr<std::string> ReadMetadata(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  const std::optional<json::object> meta = body.OptionalObject("meta");
  if (!body.Has("meta")) body.AddProblem("meta", "REQUIRED", "must be an object.");
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return json::serialize(*meta);
}

// account-link calls the field by another name.
absl::Status InTermsOfMeta(const absl::Status& status) {
  std::vector<FieldViolation> fields = FieldsOf(status);
  if (fields.empty()) return status;
  for (FieldViolation& field : fields) field.field = "meta";
  return InvalidFields(fields);
}

// The body of POST /sdk/credentials: nothing of it is used, and a code is not even taken.
absl::Status RefuseCode(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(const http::JsonBody body, http::JsonBody::Parse(request));
  if (!body.Has("code")) return absl::OkStatus();
  return InvalidField("code", "NOT_ALLOWED",
                      "must not be sent: authorization codes of Zoom are taken at the redirect "
                      "address of this installation only. Use installIntegration().");
}

}  // namespace

absl::Status CheckSelectedCredential(const http::RequestHead& head, const Link& link) {
  const std::string_view selected = head.fields.Get("X-Paragon-Credential");
  if (selected.empty() || (HasCredential(link) && selected == link.link_id)) {
    return absl::OkStatus();
  }
  return CredentialNotFound();
}

HandlerResult ParagonUserHandlers::GetUser(const RequestContext& context) {
  auto both = accounts_.GetLink(context.backend_call(), context.person()) &&
              accounts_.GetUserMetadata(context.backend_call(), context.person());
  const std::tuple<absl::StatusOr<Link>, absl::StatusOr<std::string>> answers =
      co_await std::move(both);
  const auto& [link, metadata] = answers;
  if (!link.ok()) co_return link.status();
  if (!metadata.ok()) co_return metadata.status();
  co_return JsonAnswer(200, UserJson(*link, *metadata));
}

HandlerResult ParagonUserHandlers::UpdateUser(const RequestContext& context) {
  absl::StatusOr<std::string> patch = ReadMetadata(context.request);
  if (!patch.ok()) co_return patch.status();
  auto updating =
      accounts_.UpdateUserMetadata(context.backend_call(), context.person(), *std::move(patch));
  const absl::StatusOr<std::string> kept = co_await std::move(updating);
  if (!kept.ok()) co_return InTermsOfMeta(kept.status());
  json::error_code error;
  json::value meta = json::parse(*kept, error);
  if (error) co_return Internal("UNEXPECTED", "The metadata is no JSON.");
  co_return JsonAnswer(200, {{"meta", std::move(meta)}});
}

HandlerResult ParagonUserHandlers::ListIntegrations(const RequestContext& context) {
  const json::array list{IntegrationJson(context.session->project_id)};
  co_return http::JsonResponse(200, json::serialize(list));
}

HandlerResult ParagonUserHandlers::Uninstall(const RequestContext& context) {
  if (context.parameter("integration") != IntegrationIdOf(context.session->project_id)) {
    co_return NotFound("INTEGRATION_NOT_FOUND", "There is no integration of this id.");
  }
  if (context.request.head.fields.Has("X-Paragon-Credential")) {
    auto reading = accounts_.GetLink(context.backend_call(), context.person());
    const absl::StatusOr<Link> link = co_await std::move(reading);
    if (!link.ok()) co_return link.status();
    absl::Status selected = CheckSelectedCredential(context.request.head, *link);
    if (!selected.ok()) co_return selected;
  }
  auto ending = accounts_.Disconnect(context.backend_call(), context.person(), RandomUuid());
  const absl::StatusOr<Disconnection> ended = co_await std::move(ending);
  if (!ended.ok()) co_return ended.status();
  json::value receipt = nullptr;
  if (ended->receipt.has_value()) receipt = ToJson(*ended->receipt);
  const json::object body{{"receipt", std::move(receipt)}};
  co_return JsonAnswer(ended->link.state == LinkState::kDisconnecting ? 202 : 200, body);
}

HandlerResult ParagonUserHandlers::AnswerCredential(const RequestContext& context,
                                                    bool with_profile) {
  auto reading = accounts_.GetLink(context.backend_call(), context.person());
  const absl::StatusOr<Link> link = co_await std::move(reading);
  if (!link.ok()) co_return link.status();
  if (!HasCredential(*link)) co_return NotConnected();
  absl::Status selected = CheckSelectedCredential(context.request.head, *link);
  if (!selected.ok()) co_return selected;
  absl::StatusOr<ZoomProfile> profile = absl::CancelledError();
  if (with_profile) {
    auto asking = vault_.GetProfile(context.backend_call(), context.person());
    profile = co_await std::move(asking);
    if (!profile.ok()) co_return profile.status();
  }
  co_return JsonAnswer(200, CredentialJson(*link, profile.ok() ? &*profile : nullptr));
}

HandlerResult ParagonUserHandlers::GetAccount(const RequestContext& context) {
  http::Parameters parameters(context.request.head.target.query);
  const bool zoom = parameters.Text("integration") == "zoom";
  absl::Status read = parameters.FinishIgnoringUnknown();
  if (!read.ok()) co_return read;
  if (!zoom) co_return NotFound("INTEGRATION_NOT_FOUND", "The one integration here is zoom.");
  auto answering = AnswerCredential(context, true);
  co_return co_await std::move(answering);
}

HandlerResult ParagonUserHandlers::ConfirmCredential(const RequestContext& context) {
  absl::Status refused = RefuseCode(context.request);
  if (!refused.ok()) co_return refused;
  auto answering = AnswerCredential(context, false);
  co_return co_await std::move(answering);
}

HandlerResult ParagonUserHandlers::GetCredential(const RequestContext& context) {
  const std::string& id = context.parameter("credential");
  auto both = accounts_.GetLink(context.backend_call(), context.person()) &&
              vault_.GetAttempt(context.backend_call(), context.person(), id);
  const std::tuple<absl::StatusOr<Link>, absl::StatusOr<Attempt>> answers =
      co_await std::move(both);
  const auto& [link, attempt] = answers;
  if (!link.ok()) co_return link.status();
  if (HasCredential(*link) && link->link_id == id) {
    co_return JsonAnswer(200, CredentialJson(*link, nullptr));
  }
  if (attempt.ok()) {
    const std::string_view failure = FailureOf(*attempt, std::chrono::system_clock::now());
    if (!failure.empty()) co_return InstallError(failure);
  }
  co_return CredentialNotFound();
}

HandlerResult ParagonUserHandlers::RefuseWorkflow(const RequestContext&) {
  co_return MakeError(absl::StatusCode::kUnimplemented, "WORKFLOWS_NOT_OFFERED",
                      "This installation runs no workflows and takes no events.");
}

HandlerResult ParagonUserHandlers::RefuseSettings(const RequestContext&) {
  co_return MakeError(absl::StatusCode::kUnimplemented, "SETTINGS_NOT_OFFERED",
                      "Credentials have no settings or configurations of their own here.");
}

}  // namespace shodan::gateway
