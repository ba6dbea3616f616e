// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/api_keys.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/limits.h"
#include "services/account-link/domain/validation.h"

namespace shodan::account_link {
namespace {

absl::Status CheckName(const std::string& project_id, const std::string& api_key_id) {
  RequestCheck check;
  check.ProjectId(project_id);
  check.Uuid("apiKeyId", api_key_id);
  return check.Finish();
}

void CheckScopes(const std::vector<std::string>& scopes, RequestCheck& check) {
  if (scopes.empty()) check.Add("scopes", "REQUIRED", "must name at least one scope");
  for (size_t i = 0; i < std::min(scopes.size(), std::size(kApiKeyScopes) + 1); ++i) {
    const std::string field = Join("scopes[", std::to_string(i), "]");
    if (std::find(std::begin(kApiKeyScopes), std::end(kApiKeyScopes), scopes[i]) ==
        std::end(kApiKeyScopes)) {
      check.Add(field, "NOT_ALLOWED",
                "must be connect.sessions, connections.read, connections.write, token.read or "
                "zoom.request");
    } else if (std::count(scopes.begin(), scopes.end(), scopes[i]) > 1) {
      check.Add(field, "NOT_ALLOWED", "occurs more than once");
    }
  }
}

absl::StatusOr<IssuedApiKey> Issued(absl::StatusOr<ApiKey> api_key, Secret text) {
  if (!api_key.ok()) return api_key.status();
  return IssuedApiKey{*std::move(api_key), std::move(text)};
}

}  // namespace

absl::StatusOr<IssuedApiKey> ApiKeys::Create(ApiKeyContent content, const CallScope& scope) {
  RequestCheck check;
  check.ProjectId(content.project_id);
  check.RequiredText("name", content.name, kMaxApiKeyNameCharacters);
  CheckScopes(content.scopes, check);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  std::sort(content.scopes.begin(), content.scopes.end());
  const std::string api_key_id = RandomUuid();
  Secret text = MakeApiKeyText(api_key_id);
  const std::string hash = Sha256(text);
  return Issued(store_.Insert(content, api_key_id, hash, kMaxApiKeys, kMaxApiKeyLifetime,
                              scope.actor, scope.deadline),
                std::move(text));
}

absl::StatusOr<Page<ApiKey>> ApiKeys::List(const UserKey& admin, const PageRequest& page,
                                           const CallScope& scope) {
  RequestCheck check;
  check.Owner(admin);
  const std::string list = ListName("api_keys", {admin.project_id, ""}, {});
  const PageQuery query = CheckPage(page, list, check);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  SHODAN_ASSIGN_OR_RETURN(std::vector<ApiKey> stored,
                          store_.List(admin.project_id, query, scope.deadline));
  return MakePage(std::move(stored), query.size, &ApiKey::api_key_id, list);
}

absl::StatusOr<IssuedApiKey> ApiKeys::Rotate(const std::string& project_id,
                                             const std::string& api_key_id,
                                             std::chrono::seconds overlap, const CallScope& scope) {
  RequestCheck check;
  check.ProjectId(project_id);
  check.Uuid("apiKeyId", api_key_id);
  if (overlap.count() < 0 || overlap > kMaxApiKeyOverlap) {
    check.Add("overlapSeconds", "OUT_OF_RANGE", "must be 0 to 2592000");
  }
  SHODAN_RETURN_IF_ERROR(check.Finish());
  Secret text = MakeApiKeyText(api_key_id);
  const std::string hash = Sha256(text);
  return Issued(store_.Rotate(project_id, api_key_id, hash, overlap, scope.actor, scope.deadline),
                std::move(text));
}

absl::Status ApiKeys::Delete(const std::string& project_id, const std::string& api_key_id,
                             const CallScope& scope) {
  SHODAN_RETURN_IF_ERROR(CheckName(project_id, api_key_id));
  return store_.Delete(project_id, api_key_id, scope.actor, scope.deadline);
}

absl::StatusOr<ApiKey> ApiKeys::Authenticate(const Secret& text, const CallScope& scope) {
  const std::optional<ApiKeyText> shown = ParseApiKeyText(text);
  if (!shown.has_value()) return ApiKeyInvalid();
  SHODAN_ASSIGN_OR_RETURN(const std::optional<StoredApiKey> stored,
                          store_.Find(shown->api_key_id, scope.deadline));
  if (!stored.has_value()) return ApiKeyInvalid();
  const bool present = ConstantTimeEquals(stored->hash, shown->hash);
  const bool previous =
      stored->previous_hash.has_value() && ConstantTimeEquals(*stored->previous_hash, shown->hash);
  if (!present && !previous) return ApiKeyInvalid();
  // Only for people to see; the key is good all the same.
  if (stored->touch_due) (void)store_.Touch(stored->api_key.api_key_id, scope.deadline);
  return stored->api_key;
}

}  // namespace shodan::account_link
