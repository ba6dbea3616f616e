// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/administration_handlers.h"

#include <optional>
#include <vector>

#include <boost/json/array.hpp>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/http/json_body.h"
#include "services/gateway/handlers/json.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;

constexpr size_t kListMax = 100;
constexpr size_t kIssuersMax = 10;

json::array Texts(const std::vector<std::string>& texts) {
  json::array list;
  for (const std::string& text : texts) list.emplace_back(json::string(text));
  return list;
}

json::object ToJson(const TokenIssuer& issuer) {
  return {{"issuer", issuer.issuer},
          {"audience", issuer.audience},
          {"jwksUrl", JsonOptional(issuer.jwks_url)},
          {"jwks", JsonOptional(issuer.jwks)},
          {"userClaim", issuer.user_claim},
          {"nameClaim", issuer.name_claim},
          {"roleClaim", issuer.role_claim},
          {"adminRole", JsonOptional(issuer.admin_role)}};
}

json::object ToJson(const ProjectSettings& settings) {
  json::array issuers;
  for (const TokenIssuer& issuer : settings.project.token_issuers) {
    issuers.emplace_back(ToJson(issuer));
  }
  return {{"projectId", settings.project.project_id},
          {"displayName", settings.project.display_name},
          {"settingsUrl", settings.project.settings_url},
          {"origins", Texts(settings.project.origins)},
          {"tokenIssuers", std::move(issuers)},
          {"updateTime", JsonTime(settings.update_time)},
          {"etag", settings.etag}};
}

json::object ToJson(const SecretStatus& status) {
  return {{"set", status.present},
          {"setTime", JsonTime(status.set_time)},
          {"previousExpireTime", JsonTime(status.previous_expire_time)}};
}

json::object ToJson(const ScopeComparison& scopes) {
  return {{"source", JsonOptional(scopes.source)},
          {"granted", Texts(scopes.granted)},
          {"missing", Texts(scopes.missing)},
          {"unexpected", Texts(scopes.unexpected)}};
}

TokenIssuer ReadIssuer(http::JsonBody& body) {
  TokenIssuer issuer;
  issuer.issuer = body.Text("issuer");
  issuer.audience = body.Text("audience");
  issuer.jwks_url = body.OptionalText("jwksUrl").value_or("");
  issuer.jwks = body.OptionalText("jwks").value_or("");
  issuer.user_claim = body.OptionalText("userClaim").value_or("sub");
  issuer.name_claim = body.OptionalText("nameClaim").value_or("name");
  issuer.role_claim = body.OptionalText("roleClaim").value_or("roles");
  issuer.admin_role = body.OptionalText("adminRole").value_or("");
  return issuer;
}

absl::StatusOr<ProjectUpdate> ReadSettings(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  ProjectUpdate update;
  update.etag = body.Text("etag");
  update.display_name = body.OptionalText("displayName");
  update.settings_url = body.OptionalText("settingsUrl");
  update.origins = body.OptionalTexts("origins", 1, kListMax);
  if (auto issuers = body.OptionalObjects("tokenIssuers", 1, kIssuersMax); issuers.has_value()) {
    update.token_issuers.emplace();
    for (size_t i = 0; i < issuers->size(); ++i) {
      update.token_issuers->push_back(ReadIssuer((*issuers)[i]));
      body.Merge(Join("tokenIssuers[", std::to_string(i), "]"), (*issuers)[i]);
    }
  }
  const bool names_nothing =
      !update.display_name && !update.settings_url && !update.origins && !update.token_issuers;
  SHODAN_RETURN_IF_ERROR(body.Finish());
  if (names_nothing) {
    return InvalidFields({{"body", "REQUIRED", "must name what to change"}});
  }
  return update;
}

absl::StatusOr<ZoomAppUpdate> ReadZoomApp(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  ZoomAppUpdate update;
  update.etag = body.Text("etag");
  update.client_id = body.OptionalText("clientId").value_or("");
  update.client_secret = body.OptionalText("clientSecret").value_or("");
  update.webhook_secret = body.OptionalText("webhookSecret").value_or("");
  update.request_scopes = body.OptionalTexts("requestScopes", 0, kListMax);
  update.expected_scopes = body.OptionalTexts("expectedScopes", 0, kListMax);
  update.remove_previous_client_secret = body.Bool("removePreviousClientSecret", false);
  update.remove_previous_webhook_secret = body.Bool("removePreviousWebhookSecret", false);
  update.validate_only = body.Bool("validateOnly", false);
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return update;
}

struct CredentialsBody {
  std::string client_id;
  std::string client_secret;
};

absl::StatusOr<CredentialsBody> ReadCredentials(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  CredentialsBody read;
  read.client_id = body.OptionalText("clientId").value_or("");
  read.client_secret = body.OptionalText("clientSecret").value_or("");
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return read;
}

// What a verdict says and what it cannot say.
std::string_view DetailOf(std::string_view verdict) {
  if (verdict == "accepted") {
    return "Zoom accepts the client ID and the client secret. Scopes, redirect URL and webhooks "
           "are "
           "not tested by this.";
  }
  if (verdict == "previous_accepted") {
    return "Zoom refuses the present client secret and accepts the one before it. Store the right "
           "one before the old one ends.";
  }
  if (verdict == "refused") {
    return "Zoom refuses the client ID or the client secret. Compare both with the app's page at "
           "Zoom.";
  }
  return "Zoom did not answer so that it can be told. Try again in a minute.";
}

}  // namespace

json::object AdministrationHandlers::Shown(const ZoomApp& app) const {
  return {{"projectId", app.project_id},
          {"clientId", app.client_id},
          {"redirectUrl", app.redirect_url},
          // Zoom compares the whole URL when the app is strict, so the list holds the whole one.
          {"allowListUrl", app.redirect_url},
          {"webhookUrl", Join(public_url_, "/webhooks/zoom/", app.project_id)},
          {"requestScopes", Texts(app.request_scopes)},
          {"expectedScopes", Texts(app.expected_scopes)},
          {"clientSecret", ToJson(app.client_secret)},
          {"webhookSecret", ToJson(app.webhook_secret)},
          {"scopes", ToJson(app.scopes)},
          {"updateTime", JsonTime(app.update_time)},
          {"etag", app.etag}};
}

HandlerResult AdministrationHandlers::GetSettings(const RequestContext& context) {
  auto operation = client_.GetSettings(context.backend_call(), context.person());
  const absl::StatusOr<ProjectSettings> settings = co_await std::move(operation);
  if (!settings.ok()) co_return settings.status();
  co_return JsonAnswer(200, ToJson(*settings));
}

HandlerResult AdministrationHandlers::UpdateSettings(const RequestContext& context) {
  const absl::StatusOr<ProjectUpdate> update = ReadSettings(context.request);
  if (!update.ok()) co_return update.status();
  auto operation = client_.UpdateSettings(context.backend_call(), context.person(), *update);
  const absl::StatusOr<ProjectSettings> settings = co_await std::move(operation);
  if (!settings.ok()) co_return settings.status();
  co_return JsonAnswer(200, ToJson(*settings));
}

HandlerResult AdministrationHandlers::GetZoomApp(const RequestContext& context) {
  auto operation = client_.GetZoomApp(context.backend_call(), context.person());
  const absl::StatusOr<ZoomApp> app = co_await std::move(operation);
  if (!app.ok()) co_return app.status();
  co_return JsonAnswer(200, Shown(*app));
}

HandlerResult AdministrationHandlers::UpdateZoomApp(const RequestContext& context) {
  absl::StatusOr<ZoomAppUpdate> update = ReadZoomApp(context.request);
  if (!update.ok()) co_return update.status();
  auto operation =
      client_.UpdateZoomApp(context.backend_call(), context.person(), *std::move(update));
  const absl::StatusOr<UpdatedZoomApp> updated = co_await std::move(operation);
  if (!updated.ok()) co_return updated.status();
  const json::object body{{"zoomApp", Shown(updated->app)},
                          {"linksToReconnect", updated->links_to_reconnect}};
  co_return JsonAnswer(200, body);
}

HandlerResult AdministrationHandlers::TestCredentials(const RequestContext& context) {
  const absl::StatusOr<CredentialsBody> read = ReadCredentials(context.request);
  if (!read.ok()) co_return read.status();
  auto operation = client_.TestZoomApp(context.backend_call(), context.person(), read->client_id,
                                       read->client_secret);
  const absl::StatusOr<std::string_view> verdict = co_await std::move(operation);
  if (!verdict.ok()) co_return verdict.status();
  const json::object body{
      {"result", json::string(verdict->data(), verdict->size())},
      {"detail", json::string(DetailOf(*verdict).data(), DetailOf(*verdict).size())}};
  co_return JsonAnswer(200, body);
}

}  // namespace shodan::gateway
