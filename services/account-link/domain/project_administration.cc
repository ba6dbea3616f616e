// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/project_administration.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/jwt/jws.h"
#include "libs/projects/url_rules.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {
namespace {

std::string At(std::string_view list, size_t index) {
  return Join(list, "[", std::to_string(index), "]");
}

// Puts a member of the change in; what was done, as an audit action, unless it was so before.
template <typename Value>
void Put(std::optional<Value>& from, Value& to, const char* action,
         std::vector<std::string>& actions) {
  if (!from.has_value() || *from == to) return;
  to = *std::move(from);
  actions.emplace_back(action);
}

}  // namespace

absl::StatusOr<ProjectSettings> ProjectAdministration::Get(const std::string& project_id,
                                                           const CallScope& scope) {
  RequestCheck check;
  check.ProjectId(project_id);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  SHODAN_ASSIGN_OR_RETURN(std::optional<ProjectSettings> settings,
                          store_.FindSettings(project_id, scope.deadline));
  if (!settings.has_value()) return ProjectNotFound();
  return *std::move(settings);
}

void ProjectAdministration::CheckUrl(RequestCheck& check, const std::string& field,
                                     const std::string& url) const {
  const std::string problem = projects::UrlProblem(url, allow_http_on_loopback_);
  if (!problem.empty()) check.Add(field, "MALFORMED", problem);
}

void ProjectAdministration::CheckOrigins(RequestCheck& check,
                                         const std::vector<std::string>& origins) const {
  if (origins.empty()) check.Add("origins", "REQUIRED", "must list at least one origin");
  if (origins.size() > kMaxOrigins) check.Add("origins", "TOO_LONG", "must list at most 100");
  std::set<std::string> seen;
  for (size_t i = 0; i < std::min(origins.size(), kMaxOrigins); ++i) {
    const std::string problem = projects::OriginProblem(origins[i], allow_http_on_loopback_);
    if (!problem.empty()) check.Add(At("origins", i), "MALFORMED", problem);
    if (!seen.insert(origins[i]).second) {
      check.Add(At("origins", i), "NOT_ALLOWED", "occurs more than once");
    }
  }
}

void ProjectAdministration::CheckIssuer(RequestCheck& check, const std::string& at,
                                        const TokenIssuer& issuer) const {
  check.RequiredText(Join(at, ".issuer"), issuer.issuer, kMaxIssuerCharacters);
  check.RequiredText(Join(at, ".audience"), issuer.audience, kMaxIssuerCharacters);
  check.RequiredText(Join(at, ".userClaim"), issuer.user_claim, kMaxClaimCharacters);
  check.RequiredText(Join(at, ".nameClaim"), issuer.name_claim, kMaxClaimCharacters);
  check.RequiredText(Join(at, ".roleClaim"), issuer.role_claim, kMaxClaimCharacters);
  check.OptionalText(Join(at, ".adminRole"), issuer.admin_role, kMaxClaimCharacters);
  if (!issuer.jwks_url.empty()) CheckUrl(check, Join(at, ".jwksUrl"), issuer.jwks_url);
  if (issuer.jwks.empty() && issuer.jwks_url.empty()) {
    check.Add(Join(at, ".jwksUrl"), "REQUIRED", "is required where jwks is absent");
  }
  if (issuer.jwks.size() > kMaxJwksBytes) {
    check.Add(Join(at, ".jwks"), "TOO_LONG", "must have at most 65536 bytes");
  } else if (!issuer.jwks.empty() && !jwt::KeySet::Parse(issuer.jwks).ok()) {
    check.Add(Join(at, ".jwks"), "MALFORMED", "must be a JWK Set with a key for signatures");
  }
}

void ProjectAdministration::CheckIssuers(RequestCheck& check,
                                         const std::vector<TokenIssuer>& issuers) const {
  constexpr char kField[] = "tokenIssuers";
  if (issuers.empty()) check.Add(kField, "REQUIRED", "must list at least one issuer");
  if (issuers.size() > kMaxTokenIssuers) check.Add(kField, "TOO_LONG", "must list at most 10");
  std::set<std::string> seen;
  for (size_t i = 0; i < std::min(issuers.size(), kMaxTokenIssuers); ++i) {
    CheckIssuer(check, At(kField, i), issuers[i]);
    if (!seen.insert(issuers[i].issuer).second) {
      check.Add(Join(At(kField, i), ".issuer"), "NOT_ALLOWED", "occurs more than once");
    }
  }
  const bool administered = std::any_of(issuers.begin(), issuers.end(), [](const auto& issuer) {
    return !issuer.admin_role.empty();
  });
  if (!issuers.empty() && !administered) {
    check.Add(kField, "NOT_ALLOWED",
              "must leave an issuer with an adminRole: without one nobody could change this again");
  }
}

absl::StatusOr<ProjectSettings> ProjectAdministration::Update(const std::string& project_id,
                                                              const std::string& etag,
                                                              ProjectChange change,
                                                              RequestCheck check,
                                                              const CallScope& scope) {
  check.ProjectId(project_id);
  check.Etag(etag);
  if (etag.empty()) check.Add("etag", "REQUIRED", "is required");
  if (change.display_name.has_value()) {
    check.RequiredText("displayName", *change.display_name, kMaxDisplayNameCharacters);
  }
  if (change.settings_url.has_value()) CheckUrl(check, "settingsUrl", *change.settings_url);
  if (change.origins.has_value()) CheckOrigins(check, *change.origins);
  if (change.token_issuers.has_value()) CheckIssuers(check, *change.token_issuers);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  SHODAN_ASSIGN_OR_RETURN(ProjectSettings settings, Get(project_id, scope));
  if (settings.etag != etag) return EtagMismatch();
  Project& project = settings.project;
  std::vector<std::string> actions;
  Put(change.display_name, project.display_name, "project.display_name_replaced", actions);
  Put(change.settings_url, project.settings_url, "project.settings_url_replaced", actions);
  Put(change.origins, project.origins, "project.origins_replaced", actions);
  Put(change.token_issuers, project.token_issuers, "project.token_issuers_replaced", actions);
  if (actions.empty()) return settings;
  return store_.Replace(project, etag, actions, scope.actor, scope.deadline);
}

}  // namespace shodan::account_link
