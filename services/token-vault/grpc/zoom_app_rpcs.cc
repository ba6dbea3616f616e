// SPDX-License-Identifier: Apache-2.0
// Administration of a project's Zoom app.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "services/token-vault/grpc/convert.h"
#include "services/token-vault/grpc/field_checks.h"
#include "services/token-vault/grpc/token_vault_service.h"

namespace shodan::tokenvault {
namespace {

using rpc::CallContext;

constexpr size_t kClientIdBytesMax = 255;
constexpr size_t kSecretBytesMax = 512;
constexpr size_t kEtagBytesMax = 128;
constexpr int kScopesMax = 100;
constexpr size_t kScopeBytesMax = 128;

static_assert(static_cast<int>(ScopeSource::kNewestLink) == v1::SCOPE_SOURCE_NEWEST_LINK);
static_assert(static_cast<int>(CredentialVerdict::kUnknown) + 1 == v1::CREDENTIAL_VERDICT_UNKNOWN);

void ToProto(const SecretStatus& status, v1::SecretStatus& message) {
  message.set_present(status.present);
  if (status.set_at) *message.mutable_set_time() = tokenvault::ToProto(*status.set_at);
  if (status.previous_until) {
    *message.mutable_previous_expire_time() = tokenvault::ToProto(*status.previous_until);
  }
}

v1::ZoomApp ToProto(const ShownZoomApp& app) {
  const ZoomAppRecord& record = app.record;
  v1::ZoomApp message;
  message.set_project_id(record.project_id);
  message.set_client_id(record.client_id);
  message.set_redirect_url(record.redirect_url);
  for (const std::string& scope : record.request_scopes) message.add_request_scopes(scope);
  for (const std::string& scope : record.expected_scopes) message.add_expected_scopes(scope);
  ToProto(record.client_secret, *message.mutable_client_secret_status());
  ToProto(record.webhook_secret, *message.mutable_webhook_secret_status());
  v1::ScopeComparison& scopes = *message.mutable_scopes();
  scopes.set_source(static_cast<v1::ScopeSource>(app.scopes.source));
  for (const std::string& scope : app.scopes.granted) scopes.add_granted(scope);
  for (const std::string& scope : app.scopes.missing) scopes.add_missing(scope);
  for (const std::string& scope : app.scopes.unexpected) scopes.add_unexpected(scope);
  *message.mutable_update_time() = tokenvault::ToProto(record.updated_at);
  message.set_etag(record.etag);
  return message;
}

bool IsPrintable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// RFC 6749 section 3.3: scope-token.
bool IsScope(const std::string& text) {
  return !text.empty() && text.size() <= kScopeBytesMax && IsPrintable(text) &&
         text.find_first_of("\"\\") == std::string::npos;
}

void CheckScopes(FieldChecks& checks, const std::string& field, const v1::ScopeList& list) {
  checks.Range(field, list.scopes_size(), 0, kScopesMax);
  for (int i = 0; i < list.scopes_size(); ++i) {
    checks.That(IsScope(list.scopes(i)), field + "[" + std::to_string(i) + "]",
                "one scope of 1 to 128 characters without spaces, quotes or backslashes");
  }
}

// What can be checked without knowing the app. Empty texts stand for what is stored.
FieldChecks& CheckCredentials(FieldChecks& checks, const std::string& client_id,
                              const std::string& client_secret) {
  return checks
      .That(client_id.size() <= kClientIdBytesMax && IsPrintable(client_id), "clientId",
            "1 to 255 printable ASCII characters without spaces")
      .That(client_secret.size() <= kSecretBytesMax && IsPrintable(client_secret), "clientSecret",
            "1 to 512 printable ASCII characters without spaces");
}

std::vector<std::string> Listed(const v1::ScopeList& list) {
  std::vector<std::string> scopes(list.scopes().begin(), list.scopes().end());
  std::sort(scopes.begin(), scopes.end());
  scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
  return scopes;
}

absl::Status Check(const v1::UpdateZoomAppRequest& in) {
  FieldChecks checks;
  checks.Project("projectId", in.project_id())
      .User("userId", in.user_id())
      .Text("etag", in.etag(), 1, kEtagBytesMax);
  CheckCredentials(checks, in.client_id(), in.client_secret())
      .That(in.webhook_secret().size() <= kSecretBytesMax && IsPrintable(in.webhook_secret()),
            "webhookSecret", "1 to 512 printable ASCII characters without spaces");
  CheckScopes(checks, "requestScopes", in.request_scopes());
  CheckScopes(checks, "expectedScopes", in.expected_scopes());
  return checks.Result();
}

ZoomAppChange ChangeOf(const v1::UpdateZoomAppRequest& in) {
  ZoomAppChange change;
  change.project_id = in.project_id();
  change.etag = in.etag();
  change.client_id = in.client_id();
  change.client_secret = Secret(in.client_secret());
  change.webhook_secret = Secret(in.webhook_secret());
  if (in.has_request_scopes()) change.request_scopes = Listed(in.request_scopes());
  if (in.has_expected_scopes()) change.expected_scopes = Listed(in.expected_scopes());
  change.remove_previous_client_secret = in.remove_previous_client_secret();
  change.remove_previous_webhook_secret = in.remove_previous_webhook_secret();
  change.validate_only = in.validate_only();
  return change;
}

}  // namespace

grpc::ServerUnaryReactor* TokenVaultServiceImpl::GetZoomApp(grpc::CallbackServerContext* context,
                                                            const v1::GetZoomAppRequest* request,
                                                            v1::GetZoomAppResponse* response) {
  auto handler = [this](const CallContext& call,
                        const v1::GetZoomAppRequest& in) -> absl::StatusOr<v1::GetZoomAppResponse> {
    FieldChecks checks;
    checks.Project("projectId", in.project_id()).User("userId", in.user_id());
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_ASSIGN_OR_RETURN(
        const ShownZoomApp app,
        vault_.zoom_apps.Get(in.project_id(), call.assertion->user_id, call.deadline));
    v1::GetZoomAppResponse out;
    *out.mutable_zoom_app() = ToProto(app);
    return out;
  };
  return Run(context, "GetZoomApp", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::UpdateZoomApp(
    grpc::CallbackServerContext* context, const v1::UpdateZoomAppRequest* request,
    v1::UpdateZoomAppResponse* response) {
  auto handler =
      [this](const CallContext& call,
             const v1::UpdateZoomAppRequest& in) -> absl::StatusOr<v1::UpdateZoomAppResponse> {
    SHODAN_RETURN_IF_ERROR(Check(in));
    SHODAN_ASSIGN_OR_RETURN(const UpdatedZoomApp updated,
                            vault_.zoom_apps.Update(ChangeOf(in), call.assertion->user_id,
                                                    ActorFrom(call), call.deadline));
    v1::UpdateZoomAppResponse out;
    *out.mutable_zoom_app() = ToProto(updated.app);
    out.set_link_count(updated.links);
    return out;
  };
  return Run(context, "UpdateZoomApp", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::TestZoomApp(grpc::CallbackServerContext* context,
                                                             const v1::TestZoomAppRequest* request,
                                                             v1::TestZoomAppResponse* response) {
  auto handler = [this](
                     const CallContext& call,
                     const v1::TestZoomAppRequest& in) -> absl::StatusOr<v1::TestZoomAppResponse> {
    FieldChecks checks;
    checks.Project("projectId", in.project_id()).User("userId", in.user_id());
    CheckCredentials(checks, in.client_id(), in.client_secret());
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_ASSIGN_OR_RETURN(const CredentialVerdict verdict,
                            vault_.zoom_apps.Test(in.project_id(), in.client_id(),
                                                  Secret(in.client_secret()), call.deadline));
    v1::TestZoomAppResponse out;
    out.set_verdict(static_cast<v1::CredentialVerdict>(static_cast<int>(verdict) + 1));
    return out;
  };
  return Run(context, "TestZoomApp", request, response, std::move(handler));
}

}  // namespace shodan::tokenvault
