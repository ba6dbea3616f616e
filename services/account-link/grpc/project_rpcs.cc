// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "libs/base/status.h"
#include "services/account-link/grpc/account_link_service.h"
#include "services/account-link/grpc/conversion.h"
#include "services/account-link/grpc/method_name.h"

namespace shodan::account_link {
namespace {

v1::ProjectSettings ToProto(const ProjectSettings& settings) {
  v1::ProjectSettings out;
  *out.mutable_project() = account_link::ToProto(settings.project);
  *out.mutable_update_time() = account_link::ToProto(settings.updated_at);
  out.set_etag(settings.etag);
  return out;
}

TokenIssuer IssuerOf(const v1::TokenIssuer& issuer) {
  return {.issuer = issuer.issuer(),
          .audience = issuer.audience(),
          .jwks_url = issuer.jwks_url(),
          .jwks = issuer.jwks(),
          .user_claim = issuer.user_claim(),
          .name_claim = issuer.name_claim(),
          .role_claim = issuer.role_claim(),
          .admin_role = issuer.admin_role()};
}

// What the mask names; problems with the mask go to `check`.
ProjectChange ChangeOf(const v1::UpdateProjectSettingsRequest& request, RequestCheck& check) {
  const v1::Project& project = request.project();
  ProjectChange change;
  if (request.update_mask().paths().empty()) {
    check.Add("updateMask", "REQUIRED", "must name what to update");
  }
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "display_name") {
      change.display_name = project.display_name();
    } else if (path == "settings_url") {
      change.settings_url = project.settings_url();
    } else if (path == "origins") {
      change.origins.emplace(project.origins().begin(), project.origins().end());
    } else if (path == "token_issuers") {
      change.token_issuers.emplace();
      for (const v1::TokenIssuer& issuer : project.token_issuers()) {
        change.token_issuers->push_back(IssuerOf(issuer));
      }
    } else {
      check.Add("updateMask", "NOT_ALLOWED",
                "may name display_name, settings_url, origins and token_issuers only");
    }
  }
  return change;
}

}  // namespace

grpc::ServerUnaryReactor* AccountLinkService::GetProjectSettings(
    grpc::CallbackServerContext* context, const v1::GetProjectSettingsRequest* request,
    v1::GetProjectSettingsResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("GetProjectSettings"), request, response,
      [this](const rpc::CallContext& call, const v1::GetProjectSettingsRequest& got)
          -> absl::StatusOr<v1::GetProjectSettingsResponse> {
        RequestCheck check;
        check.Owner(OwnerOf(got));
        SHODAN_RETURN_IF_ERROR(check.Finish());
        SHODAN_ASSIGN_OR_RETURN(const ProjectSettings settings,
                                use_cases_.projects.Get(got.project_id(), ScopeOf(call)));
        v1::GetProjectSettingsResponse answer;
        *answer.mutable_settings() = ToProto(settings);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::UpdateProjectSettings(
    grpc::CallbackServerContext* context, const v1::UpdateProjectSettingsRequest* request,
    v1::UpdateProjectSettingsResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("UpdateProjectSettings"), request, response,
      [this](const rpc::CallContext& call, const v1::UpdateProjectSettingsRequest& got)
          -> absl::StatusOr<v1::UpdateProjectSettingsResponse> {
        RequestCheck check;
        check.Owner(OwnerOf(got));
        ProjectChange change = ChangeOf(got, check);
        SHODAN_ASSIGN_OR_RETURN(
            const ProjectSettings settings,
            use_cases_.projects.Update(got.project_id(), got.etag(), std::move(change),
                                       std::move(check), ScopeOf(call)));
        v1::UpdateProjectSettingsResponse answer;
        *answer.mutable_settings() = ToProto(settings);
        return answer;
      });
}

}  // namespace shodan::account_link
