// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/auth/project_directory.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"

namespace shodan::gateway {
namespace {

absl::Status UnknownProject() {
  return NotFound("PROJECT_NOT_FOUND", "There is no project of this id.");
}

KnownProjectPtr Known(const Project& project) {
  auto known = std::make_shared<KnownProject>();
  known->project = project;
  for (const TokenIssuer& issuer : project.token_issuers) {
    absl::StatusOr<jwt::KeySet> keys = jwt::KeySet::Parse(issuer.jwks);
    known->inline_keys.push_back(!issuer.jwks.empty() && keys.ok()
                                     ? std::optional<jwt::KeySet>(*std::move(keys))
                                     : std::nullopt);
  }
  return known;
}

}  // namespace

bool KnownProject::AllowsOrigin(std::string_view origin) const {
  return std::find(project.origins.begin(), project.origins.end(), origin) != project.origins.end();
}

ProjectDirectory::ProjectDirectory(AccountLinkClient& accounts, Options options, Clock clock)
    : accounts_(accounts), options_(options), clock_(std::move(clock)) {}

std::optional<absl::StatusOr<KnownProjectPtr>> ProjectDirectory::FromMemory(
    const std::string& project_id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(project_id);
  if (found == entries_.end()) return std::nullopt;
  Entry& entry = found->second;
  const auto age = clock_() - entry.read;
  if (entry.project == nullptr) {
    if (age >= options_.unknown_for) return std::nullopt;
    return absl::StatusOr<KnownProjectPtr>(UnknownProject());
  }
  if (age < options_.fresh_for) return absl::StatusOr<KnownProjectPtr>(entry.project);
  // One request reads anew; the others go on with what is there.
  if (age < options_.stale_for && entry.reading) {
    return absl::StatusOr<KnownProjectPtr>(entry.project);
  }
  entry.reading = true;
  return std::nullopt;
}

absl::StatusOr<KnownProjectPtr> ProjectDirectory::Remember(const std::string& project_id,
                                                           const absl::StatusOr<Project>& answer) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_();
  const auto found = entries_.find(project_id);
  if (answer.ok() || answer.status().code() == absl::StatusCode::kNotFound) {
    if (found == entries_.end() && entries_.size() >= options_.projects_max) entries_.clear();
    Entry entry;
    if (answer.ok()) entry.project = Known(*answer);
    entry.read = now;
    const KnownProjectPtr project = entry.project;
    entries_.insert_or_assign(project_id, std::move(entry));
    if (project == nullptr) return UnknownProject();
    return project;
  }
  if (found == entries_.end()) return answer.status();
  found->second.reading = false;
  if (found->second.project == nullptr || now - found->second.read >= options_.stale_for) {
    return answer.status();
  }
  return found->second.project;
}

boost::asio::awaitable<absl::StatusOr<KnownProjectPtr>> ProjectDirectory::Get(
    std::string project_id, BackendCall call) {
  if (auto known = FromMemory(project_id)) co_return *std::move(known);
  auto operation = accounts_.GetProject(std::move(call), project_id);
  const absl::StatusOr<Project> answer = co_await std::move(operation);
  co_return Remember(project_id, answer);
}

}  // namespace shodan::gateway
