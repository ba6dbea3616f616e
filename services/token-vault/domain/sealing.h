// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/crypto/key_ring.h"
#include "libs/crypto/sealed_field.h"
#include "services/token-vault/domain/grant.h"

namespace shodan::tokenvault {

/// Whose row a sealed field stands in.
struct Owner {
  std::string project_id;
  std::string user_id;
};

/// The one place where tokens, verifiers and profiles are sealed and opened: it alone knows the
/// coordinates of each column. Immutable; thread-safe.
class Sealing {
 public:
  explicit Sealing(const KeyRing& keys) : keys_(keys) {}

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

  std::string SealClientSecret(const std::string& zoom_app_id, const std::string& project_id,
                               const Secret& secret) const;
  absl::StatusOr<Secret> OpenClientSecret(const std::string& zoom_app_id,
                                          const std::string& project_id,
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

  int32_t key_epoch() const { return keys_.primary_epoch(); }

 private:
  const KeyRing& keys_;
};

}  // namespace shodan::tokenvault
