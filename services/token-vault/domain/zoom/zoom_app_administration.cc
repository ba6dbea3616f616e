// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/zoom/zoom_app_administration.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_split.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/token-vault/domain/errors.h"

namespace shodan::tokenvault {
namespace {

constexpr int kSweepBatch = 100;

absl::Status ProjectNotFound() {
  return NotFound(kProjectNotFound, "There is no project with this id.");
}

absl::Status BadSecret(std::string_view what) {
  return InvalidFields({{"clientSecret", "REQUIRED", std::string(what)}});
}

// A secret belongs to its client id: neither may be sent with another's counterpart.
absl::Status CheckPair(ClientAuthentication method, bool other_client, const Secret& secret) {
  if (method == ClientAuthentication::kNone && !secret.empty()) {
    return InvalidFields({{"clientSecret", "NOT_ALLOWED", "must be absent: the app has none"}});
  }
  if (method != ClientAuthentication::kNone && other_client && secret.empty()) {
    return BadSecret("is required with another client id");
  }
  return absl::OkStatus();
}

CredentialVerdict VerdictOf(const TokenAnswer& answer) {
  switch (answer.verdict) {
    case TokenVerdict::kIssued:
    case TokenVerdict::kRejected:
      return CredentialVerdict::kAccepted;
    case TokenVerdict::kConfig:
      return CredentialVerdict::kRefused;
    case TokenVerdict::kAmbiguous:
    case TokenVerdict::kTransient:
      break;
  }
  return CredentialVerdict::kUnknown;
}

std::vector<std::string> Without(const std::set<std::string>& from,
                                 const std::set<std::string>& what) {
  std::vector<std::string> left;
  std::set_difference(from.begin(), from.end(), what.begin(), what.end(), std::back_inserter(left));
  return left;
}

}  // namespace

ScopeComparison CompareScopes(const std::vector<std::string>& wanted, std::string_view scope) {
  const std::set<std::string> want(wanted.begin(), wanted.end());
  const std::set<std::string> granted = absl::StrSplit(ToAbsl(scope), ' ', absl::SkipEmpty());
  ScopeComparison comparison;
  comparison.granted.assign(granted.begin(), granted.end());
  comparison.missing = Without(want, granted);
  comparison.unexpected = Without(granted, want);
  return comparison;
}

absl::StatusOr<ShownZoomApp> ZoomAppAdministration::WithScopes(ZoomAppRecord record,
                                                               const std::string& user_id,
                                                               Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const std::optional<LastGrantedScopes> found,
      parts_.store.FindScopes(record.zoom_app_id, record.project_id, user_id, deadline));
  ShownZoomApp shown;
  if (found.has_value()) {
    std::vector<std::string> wanted = record.expected_scopes;
    wanted.insert(wanted.end(), record.request_scopes.begin(), record.request_scopes.end());
    shown.scopes = CompareScopes(wanted, found->scope);
    shown.scopes.source = found->own ? ScopeSource::kOwnLink : ScopeSource::kNewestLink;
  }
  shown.record = std::move(record);
  return shown;
}

absl::StatusOr<ShownZoomApp> ZoomAppAdministration::Get(const std::string& project_id,
                                                        const std::string& user_id,
                                                        Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(std::optional<ZoomAppRecord> record,
                          parts_.store.FindRecord(project_id, deadline));
  if (!record.has_value()) return ProjectNotFound();
  return WithScopes(*std::move(record), user_id, deadline);
}

absl::StatusOr<UpdatedZoomApp> ZoomAppAdministration::Update(const ZoomAppChange& change,
                                                             const std::string& user_id,
                                                             const Actor& actor,
                                                             Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::optional<ZoomAppRecord> before,
                          parts_.store.FindRecord(change.project_id, deadline));
  if (!before.has_value()) return ProjectNotFound();
  const bool other_client = !change.client_id.empty() && change.client_id != before->client_id;
  SHODAN_RETURN_IF_ERROR(
      CheckPair(before->client_authentication, other_client, change.client_secret));
  SHODAN_ASSIGN_OR_RETURN(
      ChangedZoomApp changed,
      parts_.store.Change(change, parts_.lifetimes.previous_secret, actor, deadline));
  UpdatedZoomApp updated;
  updated.links = changed.links;
  SHODAN_ASSIGN_OR_RETURN(updated.app, WithScopes(std::move(changed.record), user_id, deadline));
  return updated;
}

absl::StatusOr<CredentialVerdict> ZoomAppAdministration::Test(const std::string& project_id,
                                                              const std::string& client_id,
                                                              const Secret& client_secret,
                                                              Deadline deadline) {
  const ZoomAppPtr app = parts_.apps.ForProject(project_id);
  if (app == nullptr) return ProjectNotFound();
  const std::string& tried_id = client_id.empty() ? app->client_id : client_id;
  SHODAN_RETURN_IF_ERROR(
      CheckPair(app->client_authentication, tried_id != app->client_id, client_secret));
  if (!client_secret.empty()) {
    return VerdictOf(
        parts_.zoom.TryCredentials(*app, tried_id, client_secret, deadline.Remaining()));
  }
  const CredentialVerdict verdict = VerdictOf(
      parts_.zoom.TryCredentials(*app, tried_id, app->client_secret, deadline.Remaining()));
  if (verdict != CredentialVerdict::kRefused || app->previous_client_secret.empty()) return verdict;
  const CredentialVerdict previous = VerdictOf(parts_.zoom.TryCredentials(
      *app, tried_id, app->previous_client_secret, deadline.Remaining()));
  return previous == CredentialVerdict::kAccepted ? CredentialVerdict::kPreviousAccepted : previous;
}

absl::Status ZoomAppAdministration::SweepReplaced(Deadline deadline) {
  while (!deadline.Expired()) {
    SHODAN_ASSIGN_OR_RETURN(const std::vector<TokenKey> replaced,
                            parts_.store.ListReplaced(kSweepBatch, deadline));
    for (const TokenKey& token : replaced) {
      SHODAN_RETURN_IF_ERROR(
          parts_.grants.RequireReconnect(token, GrantCause::kAppReplaced, deadline).status());
    }
    if (replaced.size() < kSweepBatch) break;
  }
  return absl::OkStatus();
}

}  // namespace shodan::tokenvault
