// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/sealing.h"

#include "libs/base/status.h"
#include "libs/crypto/digest.h"

namespace shodan::tokenvault {
namespace {

constexpr char kGrants[] = "grants";
constexpr char kPendingGrants[] = "pending_grants";
constexpr char kRevocations[] = "revocations";

const char* FieldName(Sealing::TokenKind kind) {
  return kind == Sealing::TokenKind::kAccess ? "access_token" : "refresh_token";
}

const char* FieldName(Sealing::ProfileField field) {
  return field == Sealing::ProfileField::kProfile ? "profile" : "link_data_key";
}

const char* FieldName(Sealing::AppField field) {
  switch (field) {
    case Sealing::AppField::kClientSecret:
      return "client_secret";
    case Sealing::AppField::kPreviousClientSecret:
      return "previous_client_secret";
    case Sealing::AppField::kWebhookSecret:
      return "webhook_secret";
    case Sealing::AppField::kPreviousWebhookSecret:
      return "previous_webhook_secret";
    case Sealing::AppField::kFileEntry:
      break;
  }
  return "file_entry";
}

SealCoordinates At(const char* table, const char* field, const std::string& row_id,
                   const Owner& owner, std::optional<int64_t> generation = std::nullopt,
                   std::optional<int64_t> token_version = std::nullopt) {
  return {table, field, row_id, owner.project_id, owner.user_id, generation, token_version};
}

}  // namespace

std::string Sealing::SealGrantToken(TokenKind kind, const std::string& link_id, const Owner& owner,
                                    int64_t generation, int64_t token_version,
                                    const Secret& token) const {
  return SealField(*Keys(), At(kGrants, FieldName(kind), link_id, owner, generation, token_version),
                   token);
}

absl::StatusOr<Secret> Sealing::OpenGrantToken(TokenKind kind, const Grant& grant) const {
  const std::optional<std::string>& sealed =
      kind == TokenKind::kAccess ? grant.sealed_access_token : grant.sealed_refresh_token;
  if (!sealed.has_value()) return Internal("TOKEN_ABSENT", "An active grant holds no token.");
  return OpenField(*Keys(),
                   At(kGrants, FieldName(kind), grant.link_id, {grant.project_id, grant.user_id},
                      grant.generation, grant.token_version),
                   *sealed);
}

std::string Sealing::SealPendingToken(TokenKind kind, const std::string& attempt_id,
                                      const Owner& owner, int64_t token_version,
                                      const Secret& token) const {
  return SealField(
      *Keys(), At(kPendingGrants, FieldName(kind), attempt_id, owner, std::nullopt, token_version),
      token);
}

absl::StatusOr<Secret> Sealing::OpenPendingToken(TokenKind kind, const std::string& attempt_id,
                                                 const Owner& owner, int64_t token_version,
                                                 std::string_view sealed) const {
  return OpenField(
      *Keys(), At(kPendingGrants, FieldName(kind), attempt_id, owner, std::nullopt, token_version),
      sealed);
}

std::string Sealing::SealVerifier(const std::string& attempt_id, const Owner& owner,
                                  const Secret& verifier) const {
  return SealField(*Keys(), At("attempts", "code_verifier", attempt_id, owner), verifier);
}

absl::StatusOr<Secret> Sealing::OpenVerifier(const std::string& attempt_id, const Owner& owner,
                                             std::string_view sealed) const {
  return OpenField(*Keys(), At("attempts", "code_verifier", attempt_id, owner), sealed);
}

std::string Sealing::SealPendingProfile(const std::string& attempt_id, const Owner& owner,
                                        const Secret& profile) const {
  return SealField(*Keys(), At(kPendingGrants, "profile", attempt_id, owner), profile);
}

absl::StatusOr<Secret> Sealing::OpenPendingProfile(const std::string& attempt_id,
                                                   const Owner& owner,
                                                   std::string_view sealed) const {
  return OpenField(*Keys(), At(kPendingGrants, "profile", attempt_id, owner), sealed);
}

std::string Sealing::SealProfileField(ProfileField field, const std::string& link_id,
                                      const Owner& owner, int64_t generation,
                                      const Secret& value) const {
  return SealField(*Keys(), At("grant_profiles", FieldName(field), link_id, owner, generation),
                   value);
}

absl::StatusOr<Secret> Sealing::OpenProfileField(ProfileField field, const std::string& link_id,
                                                 const Owner& owner, int64_t generation,
                                                 std::string_view sealed) const {
  return OpenField(*Keys(), At("grant_profiles", FieldName(field), link_id, owner, generation),
                   sealed);
}

std::string Sealing::SealAppField(AppField field, const std::string& zoom_app_id,
                                  const std::string& project_id, const Secret& value) const {
  return SealField(*Keys(), At("zoom_apps", FieldName(field), zoom_app_id, {project_id, ""}),
                   value);
}

absl::StatusOr<Secret> Sealing::OpenAppField(AppField field, const std::string& zoom_app_id,
                                             const std::string& project_id,
                                             std::string_view sealed) const {
  return OpenField(*Keys(), At("zoom_apps", FieldName(field), zoom_app_id, {project_id, ""}),
                   sealed);
}

std::string Sealing::SealImportKey(const std::string& import_key_id, const std::string& project_id,
                                   const Secret& private_key) const {
  return SealField(*Keys(), At("import_keys", "private_key", import_key_id, {project_id, ""}),
                   private_key);
}

absl::StatusOr<Secret> Sealing::OpenImportKey(const std::string& import_key_id,
                                              const std::string& project_id,
                                              std::string_view sealed) const {
  return OpenField(*Keys(), At("import_keys", "private_key", import_key_id, {project_id, ""}),
                   sealed);
}

std::string Sealing::SealInboxKey(const std::string& inbox_key_id, const Secret& key) const {
  return SealField(*Keys(), At("inbox_keys", "data_key", inbox_key_id, {}), key);
}

absl::StatusOr<Secret> Sealing::OpenInboxKey(const std::string& inbox_key_id,
                                             std::string_view sealed) const {
  return OpenField(*Keys(), At("inbox_keys", "data_key", inbox_key_id, {}), sealed);
}

std::string Sealing::SealRevocationToken(TokenKind kind, const std::string& revocation_id,
                                         const Owner& owner, const Secret& token) const {
  return SealField(*Keys(), At(kRevocations, FieldName(kind), revocation_id, owner), token);
}

absl::StatusOr<Secret> Sealing::OpenRevocationToken(TokenKind kind, const Owner& owner,
                                                    std::string_view sealed) const {
  SHODAN_ASSIGN_OR_RETURN(const SealedHeader header, ReadSealedHeader(sealed));
  const SealCoordinates& at = header.coordinates;
  const bool known_table =
      at.table == kGrants || at.table == kPendingGrants || at.table == kRevocations;
  if (!known_table || at.field != FieldName(kind) || at.project_id != owner.project_id ||
      at.user_id != owner.user_id) {
    return MakeError(absl::StatusCode::kDataLoss, "SEALED_FIELD_MISPLACED",
                     "A revocation holds a token of another user.");
  }
  return OpenField(*Keys(), at, sealed);
}

IdentityTags Sealing::Tags(const std::string& zoom_app_id, std::string_view zoom_account_id,
                           std::string_view zoom_user_id) const {
  const std::string identity =
      LengthPrefixed({"identity", zoom_app_id, zoom_account_id, zoom_user_id});
  const std::string account = LengthPrefixed({"account", zoom_app_id, zoom_account_id});
  const std::shared_ptr<const KeyRing> keys = Keys();
  IdentityTags tags;
  tags.version = keys->current_tag_version();
  tags.identity = keys->Tag(tags.version, identity);
  tags.account = keys->Tag(tags.version, account);
  if (const std::optional<int32_t> next = keys->next_tag_version(); next.has_value()) {
    tags.next_version = next;
    tags.identity_next = keys->Tag(*next, identity);
    tags.account_next = keys->Tag(*next, account);
  }
  return tags;
}

TagUse Sealing::tag_use() const {
  const std::shared_ptr<const KeyRing> keys = Keys();
  return {keys->current_tag_version(), keys->next_tag_version()};
}

}  // namespace shodan::tokenvault
