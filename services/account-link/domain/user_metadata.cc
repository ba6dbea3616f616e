// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/user_metadata.h"

#include <optional>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "libs/base/status.h"
#include "services/account-link/domain/limits.h"
#include "services/account-link/domain/validation.h"

namespace shodan::account_link {
namespace {

namespace json = boost::json;

constexpr char kField[] = "metadata";

std::optional<json::object> ParseObject(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxMetadataDepth;
  json::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error, {}, options);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value).as_object();
}

absl::Status CheckOwner(const UserKey& owner) {
  RequestCheck check;
  check.Owner(owner);
  return check.Finish();
}

}  // namespace

absl::StatusOr<std::string> PatchMetadata(const std::string& kept, const std::string& patch) {
  if (patch.size() > kMaxMetadataBytes) {
    return InvalidField(kField, "TOO_LONG", "must be at most 16 KiB of JSON");
  }
  const std::optional<json::object> changes = ParseObject(patch);
  if (!changes.has_value()) {
    return InvalidField(kField, "MALFORMED", "must be a JSON object of at most 16 levels");
  }
  std::optional<json::object> merged = ParseObject(kept);
  if (!merged.has_value()) return Internal("UNEXPECTED", "The stored metadata is no JSON object.");
  for (const auto& member : *changes) {
    if (member.value().is_null()) {
      merged->erase(member.key());
    } else {
      merged->insert_or_assign(member.key(), member.value());
    }
  }
  std::string text = json::serialize(*merged);
  if (text.size() > kMaxMetadataBytes) {
    return InvalidField(kField, "TOO_LONG",
                        "together with what is kept it would be more than 16 KiB; remove members "
                        "by setting them to null");
  }
  return text;
}

absl::StatusOr<std::string> UserMetadata::Get(const UserKey& owner, const CallScope& scope) {
  SHODAN_RETURN_IF_ERROR(CheckOwner(owner));
  return store_.Get(owner, scope.deadline);
}

absl::StatusOr<std::string> UserMetadata::Update(const UserKey& owner, const std::string& patch,
                                                 const CallScope& scope) {
  SHODAN_RETURN_IF_ERROR(CheckOwner(owner));
  // Says what is wrong with the patch itself before a database is asked.
  SHODAN_RETURN_IF_ERROR(PatchMetadata(std::string(kNoMetadata), patch).status());
  return store_.Update(
      owner, [&patch](const std::string& kept) { return PatchMetadata(kept, patch); },
      scope.deadline);
}

}  // namespace shodan::account_link
