// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/grpc_administration_client.h"

#include <utility>

#include "shodan/accountlink/v1/account_link_service.grpc.pb.h"
#include "shodan/tokenvault/v1/token_vault_service.grpc.pb.h"

#include "services/gateway/backends/account_link_conversion.h"
#include "services/gateway/backends/unary_call.h"

namespace shodan::gateway {
namespace {

namespace al = shodan::accountlink::v1;
namespace tv = shodan::tokenvault::v1;
using Accounts = al::AccountLinkService::StubInterface::async_interface;
using Vault = tv::TokenVaultService::StubInterface::async_interface;

ProjectSettings FromProto(const al::ProjectSettings& proto) {
  ProjectSettings settings;
  settings.project = gateway::FromProto(proto.project());
  settings.update_time = TimeOf(proto.has_update_time(), proto.update_time());
  settings.etag = proto.etag();
  return settings;
}

void ToProto(const TokenIssuer& issuer, al::TokenIssuer& proto) {
  proto.set_issuer(issuer.issuer);
  proto.set_audience(issuer.audience);
  proto.set_jwks_url(issuer.jwks_url);
  proto.set_jwks(issuer.jwks);
  proto.set_user_claim(issuer.user_claim);
  proto.set_name_claim(issuer.name_claim);
  proto.set_role_claim(issuer.role_claim);
  proto.set_admin_role(issuer.admin_role);
}

SecretStatus FromProto(const tv::SecretStatus& proto) {
  return {proto.present(), TimeOf(proto.has_set_time(), proto.set_time()),
          TimeOf(proto.has_previous_expire_time(), proto.previous_expire_time())};
}

std::string_view NameOf(tv::ScopeSource source) {
  switch (source) {
    case tv::SCOPE_SOURCE_OWN_LINK:
      return "own_link";
    case tv::SCOPE_SOURCE_NEWEST_LINK:
      return "newest_link";
    default:
      return {};
  }
}

std::string_view NameOf(tv::CredentialVerdict verdict) {
  switch (verdict) {
    case tv::CREDENTIAL_VERDICT_ACCEPTED:
      return "accepted";
    case tv::CREDENTIAL_VERDICT_PREVIOUS_ACCEPTED:
      return "previous_accepted";
    case tv::CREDENTIAL_VERDICT_REFUSED:
      return "refused";
    default:
      return "unknown";
  }
}

ZoomApp FromProto(const tv::ZoomApp& proto) {
  ZoomApp app;
  app.project_id = proto.project_id();
  app.client_id = proto.client_id();
  app.redirect_url = proto.redirect_url();
  app.request_scopes.assign(proto.request_scopes().begin(), proto.request_scopes().end());
  app.expected_scopes.assign(proto.expected_scopes().begin(), proto.expected_scopes().end());
  app.client_secret = FromProto(proto.client_secret_status());
  app.webhook_secret = FromProto(proto.webhook_secret_status());
  const tv::ScopeComparison& scopes = proto.scopes();
  app.scopes.source = NameOf(scopes.source());
  app.scopes.granted.assign(scopes.granted().begin(), scopes.granted().end());
  app.scopes.missing.assign(scopes.missing().begin(), scopes.missing().end());
  app.scopes.unexpected.assign(scopes.unexpected().begin(), scopes.unexpected().end());
  app.update_time = TimeOf(proto.has_update_time(), proto.update_time());
  app.etag = proto.etag();
  return app;
}

al::UpdateProjectSettingsRequest RequestFor(const Person& admin, const ProjectUpdate& update) {
  auto request = RequestOf<al::UpdateProjectSettingsRequest>(admin);
  request.set_etag(update.etag);
  al::Project& project = *request.mutable_project();
  auto& mask = *request.mutable_update_mask();
  if (update.display_name.has_value()) {
    project.set_display_name(*update.display_name);
    mask.add_paths("display_name");
  }
  if (update.settings_url.has_value()) {
    project.set_settings_url(*update.settings_url);
    mask.add_paths("settings_url");
  }
  if (update.origins.has_value()) {
    for (const std::string& origin : *update.origins) project.add_origins(origin);
    mask.add_paths("origins");
  }
  if (update.token_issuers.has_value()) {
    for (const TokenIssuer& issuer : *update.token_issuers) {
      ToProto(issuer, *project.add_token_issuers());
    }
    mask.add_paths("token_issuers");
  }
  return request;
}

tv::UpdateZoomAppRequest RequestFor(const Person& admin, ZoomAppUpdate update) {
  auto request = RequestOf<tv::UpdateZoomAppRequest>(admin);
  request.set_etag(update.etag);
  request.set_client_id(update.client_id);
  request.set_client_secret(std::move(update.client_secret));
  request.set_webhook_secret(std::move(update.webhook_secret));
  if (update.request_scopes.has_value()) {
    auto& list = *request.mutable_request_scopes();
    for (const std::string& scope : *update.request_scopes) list.add_scopes(scope);
  }
  if (update.expected_scopes.has_value()) {
    auto& list = *request.mutable_expected_scopes();
    for (const std::string& scope : *update.expected_scopes) list.add_scopes(scope);
  }
  request.set_remove_previous_client_secret(update.remove_previous_client_secret);
  request.set_remove_previous_webhook_secret(update.remove_previous_webhook_secret);
  request.set_validate_only(update.validate_only);
  return request;
}

class GrpcAdministrationClient final : public AdministrationClient {
 public:
  GrpcAdministrationClient(std::shared_ptr<grpc::Channel> account_link,
                           std::shared_ptr<grpc::Channel> token_vault, AssertionSigner& signer)
      : accounts_(al::AccountLinkService::NewStub(account_link)),
        vault_(tv::TokenVaultService::NewStub(token_vault)),
        signer_(signer) {}

  Result<ProjectSettings> GetSettings(BackendCall call, Person admin) override {
    auto request = RequestOf<al::GetProjectSettingsRequest>(admin);
    auto operation = AskAccounts(admin).Send<al::GetProjectSettingsResponse>(
        &Accounts::GetProjectSettings, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->settings());
  }

  Result<ProjectSettings> UpdateSettings(BackendCall call, Person admin,
                                         ProjectUpdate update) override {
    auto request = RequestFor(admin, update);
    auto operation = AskAccounts(admin).Send<al::UpdateProjectSettingsResponse>(
        &Accounts::UpdateProjectSettings, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->settings());
  }

  Result<ZoomApp> GetZoomApp(BackendCall call, Person admin) override {
    auto request = RequestOf<tv::GetZoomAppRequest>(admin);
    auto operation =
        AskVault(admin).Send<tv::GetZoomAppResponse>(&Vault::GetZoomApp, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->zoom_app());
  }

  Result<UpdatedZoomApp> UpdateZoomApp(BackendCall call, Person admin,
                                       ZoomAppUpdate update) override {
    auto request = RequestFor(admin, std::move(update));
    auto operation =
        AskVault(admin).Send<tv::UpdateZoomAppResponse>(&Vault::UpdateZoomApp, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    UpdatedZoomApp updated;
    updated.app = FromProto(response->zoom_app());
    updated.links_to_reconnect = response->link_count();
    co_return updated;
  }

  Result<std::string_view> TestZoomApp(BackendCall call, Person admin, std::string client_id,
                                       std::string client_secret) override {
    auto request = RequestOf<tv::TestZoomAppRequest>(admin);
    request.set_client_id(std::move(client_id));
    request.set_client_secret(std::move(client_secret));
    auto operation =
        AskVault(admin).Send<tv::TestZoomAppResponse>(&Vault::TestZoomApp, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return NameOf(response->verdict());
  }

 private:
  AssertedCall<Accounts> AskAccounts(const Person& admin) {
    return {accounts_->async(), signer_.For("account-link", admin)};
  }
  AssertedCall<Vault> AskVault(const Person& admin) {
    return {vault_->async(), signer_.For("token-vault", admin)};
  }

  std::unique_ptr<al::AccountLinkService::Stub> accounts_;
  std::unique_ptr<tv::TokenVaultService::Stub> vault_;
  AssertionSigner& signer_;
};

}  // namespace

std::unique_ptr<AdministrationClient> MakeGrpcAdministrationClient(
    std::shared_ptr<grpc::Channel> account_link, std::shared_ptr<grpc::Channel> token_vault,
    AssertionSigner& signer) {
  return std::make_unique<GrpcAdministrationClient>(std::move(account_link), std::move(token_vault),
                                                    signer);
}

}  // namespace shodan::gateway
