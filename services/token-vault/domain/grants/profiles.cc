// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/profiles.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_split.h"
#include "libs/base/status.h"
#include "services/token-vault/domain/errors.h"
#include "services/token-vault/domain/zoom/oauth_server.h"

namespace shodan::tokenvault {
namespace {

constexpr std::string_view kAdminSuffix = ":admin";

std::string_view WithoutAdmin(std::string_view scope) {
  if (scope.ends_with(kAdminSuffix)) scope.remove_suffix(kAdminSuffix.size());
  return scope;
}

}  // namespace

std::vector<std::string> MissingScopes(const std::vector<std::string>& expected,
                                       const std::vector<std::string>& granted) {
  std::set<std::string_view> held;
  for (const std::string& scope : granted) held.insert(WithoutAdmin(scope));
  std::vector<std::string> missing;
  for (const std::string& scope : expected) {
    if (!held.contains(WithoutAdmin(scope))) missing.push_back(scope);
  }
  std::sort(missing.begin(), missing.end());
  return missing;
}

std::vector<std::string> GrantedScopes(const Grant& grant) {
  std::vector<std::string> scopes = absl::StrSplit(grant.scope, ' ', absl::SkipEmpty());
  std::sort(scopes.begin(), scopes.end());
  return scopes;
}

absl::StatusOr<ShownProfile> Profiles::Get(const std::string& project_id,
                                           const std::string& user_id, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::optional<ProfileRecord> record,
                          grants_.FindProfile(project_id, user_id, deadline));
  if (!record.has_value() || !record->sealed_profile.has_value()) {
    return NotFound(kGrantNotFound, "The user is not connected.");
  }
  const Grant& grant = record->grant;
  SHODAN_ASSIGN_OR_RETURN(const Secret encoded,
                          sealing_.OpenProfileField(
                              Sealing::ProfileField::kProfile, grant.link_id, {project_id, user_id},
                              record->profile_generation, *record->sealed_profile));
  SHODAN_ASSIGN_OR_RETURN(const ZoomProfile profile, DecodeProfile(encoded));
  ShownProfile shown;
  shown.display_name = profile.display_name;
  shown.email = profile.email;
  shown.granted_scopes = GrantedScopes(grant);
  // A server that names no scopes granted what was asked for (RFC 6749 section 5.1).
  if (const ZoomAppPtr app = apps_.ById(grant.zoom_app_id);
      app != nullptr && !shown.granted_scopes.empty()) {
    shown.missing_scopes = MissingScopes(app->expected_scopes, shown.granted_scopes);
  }
  shown.state = grant.state;
  shown.generation = grant.generation;
  return shown;
}

absl::StatusOr<LinkDataKey> Profiles::GetLinkDataKey(const std::string& project_id,
                                                     const std::string& user_id,
                                                     Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::optional<ProfileRecord> record,
                          grants_.FindProfile(project_id, user_id, deadline));
  if (!record.has_value() || !record->sealed_link_data_key.has_value()) {
    return NotFound(kGrantNotFound, "The user is not connected.");
  }
  const Grant& grant = record->grant;
  SHODAN_ASSIGN_OR_RETURN(
      Secret key, sealing_.OpenProfileField(Sealing::ProfileField::kLinkDataKey, grant.link_id,
                                            {project_id, user_id}, record->profile_generation,
                                            *record->sealed_link_data_key));
  return LinkDataKey{grant.link_id, grant.generation, std::move(key)};
}

absl::StatusOr<IdentifiedLink> Profiles::Resolve(const std::string& project_id,
                                                 const std::string& zoom_account_id,
                                                 const std::string& zoom_user_id,
                                                 Deadline deadline) {
  const ZoomAppPtr app = apps_.ForProject(project_id);
  if (app == nullptr) return NotFound(kProjectNotFound, "There is no such project.");
  const IdentityTags tags = sealing_.Tags(app->zoom_app_id, zoom_account_id, zoom_user_id);
  SHODAN_ASSIGN_OR_RETURN(const std::optional<IdentifiedLink> found,
                          grants_.FindByIdentity(app->zoom_app_id, tags, deadline));
  if (!found.has_value()) return NotFound(kGrantNotFound, "This Zoom user is not connected.");
  return *found;
}

}  // namespace shodan::tokenvault
