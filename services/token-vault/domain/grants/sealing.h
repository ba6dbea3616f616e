// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/crypto/key_ring.h"
#include "libs/crypto/key_ring_holder.h"
#include "libs/crypto/sealed_field.h"
#include "services/token-vault/domain/grants/grant.h"

namespace shodan::tokenvault {

/// Whose row a sealed field stands in.
struct Owner {
  std::string project_id;
  std::string user_id;
};

/// The one place where tokens, verifiers and profiles are sealed and opened: it alone knows the
/// coordinates of each column. Thread-safe.
class Sealing {
 public:
  /// Each call takes the ring that the holder has at that moment. `keys` outlives this.
  explicit Sealing(const KeyRingHolder& keys) : holder_(&keys) {}
  /// With a ring that is never replaced.
  explicit Sealing(const KeyRing& keys) : fixed_(std::shared_ptr<const KeyRing>(), &keys) {}

  enum class TokenKind { kAccess, kRefresh };

  std::string SealGrantToken(TokenKind kind, const std::string& link_id, const Owner& owner,
                             int64_t generation, int64_t token_version, const Secret& token) const;
  absl::StatusOr<Secret> OpenGrantToken(TokenKind kind, const Grant& grant) const;

  std::string SealPendingToken(TokenKind kind, const std::string& attempt_id, const Owner& owner,
                               int64_t token_version, const Secret& token) const;
  absl::StatusOr<Secret> OpenPendingToken(TokenKind kind, const std::string& attempt_id,
                                          const Owner& owner, int64_t token_version,
                                          std::string_view sealed) const;

  std::string SealVerifier(const std::string& attempt_id, const Owner& owner,
                           const Secret& verifier) const;
  absl::StatusOr<Secret> OpenVerifier(const std::string& attempt_id, const Owner& owner,
                                      std::string_view sealed) const;

  std::string SealPendingProfile(const std::string& attempt_id, const Owner& owner,
                                 const Secret& profile) const;
  absl::StatusOr<Secret> OpenPendingProfile(const std::string& attempt_id, const Owner& owner,
                                            std::string_view sealed) const;

  enum class ProfileField { kProfile, kLinkDataKey };
  std::string SealProfileField(ProfileField field, const std::string& link_id, const Owner& owner,
                               int64_t generation, const Secret& value) const;
  absl::StatusOr<Secret> OpenProfileField(ProfileField field, const std::string& link_id,
                                          const Owner& owner, int64_t generation,
                                          std::string_view sealed) const;

  enum class AppField {
    kClientSecret,
    kPreviousClientSecret,
    kWebhookSecret,
    kPreviousWebhookSecret,
    kFileEntry,
  };
  std::string SealAppField(AppField field, const std::string& zoom_app_id,
                           const std::string& project_id, const Secret& value) const;
  absl::StatusOr<Secret> OpenAppField(AppField field, const std::string& zoom_app_id,
                                      const std::string& project_id, std::string_view sealed) const;

  /// The private part of an import key, in PKCS#8.
  std::string SealImportKey(const std::string& import_key_id, const std::string& project_id,
                            const Secret& private_key) const;
  absl::StatusOr<Secret> OpenImportKey(const std::string& import_key_id,
                                       const std::string& project_id,
                                       std::string_view sealed) const;

  /// A key of the webhook inbox: nobody's in particular.
  std::string SealInboxKey(const std::string& inbox_key_id, const Secret& key) const;
  absl::StatusOr<Secret> OpenInboxKey(const std::string& inbox_key_id,
                                      std::string_view sealed) const;

  std::string SealRevocationToken(TokenKind kind, const std::string& revocation_id,
                                  const Owner& owner, const Secret& token) const;
  /// Revocation rows alone hold fields that were sealed elsewhere: in the grant, the pending grant,
  /// or the revocation itself, of the same user.
  absl::StatusOr<Secret> OpenRevocationToken(TokenKind kind, const Owner& owner,
                                             std::string_view sealed) const;

  /// HMACs of (app, account, user) and (app, account).
  IdentityTags Tags(const std::string& zoom_app_id, std::string_view zoom_account_id,
                    std::string_view zoom_user_id) const;
  /// What Tags() makes tags under at this moment.
  TagUse tag_use() const;

  /// The epoch that a field sealed now gets. A field sealed before may have an older one, so the
  /// database derives each row's key_epoch from the fields themselves.
  int32_t key_epoch() const { return Keys()->primary_epoch(); }

 private:
  std::shared_ptr<const KeyRing> Keys() const {
    return holder_ == nullptr ? fixed_ : holder_->Get();
  }

  const KeyRingHolder* holder_ = nullptr;
  std::shared_ptr<const KeyRing> fixed_;
};

}  // namespace shodan::tokenvault
