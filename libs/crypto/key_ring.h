// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"

namespace shodan {

/// A key of the ring that a key management service encrypted.
struct WrappedKey {
  std::string name;        ///< "key_epoch" or "tag_version"
  int32_t id = 0;          ///< its number; bound to the ciphertext together with `name`
  std::string kms_key_id;  ///< which key of the service wrapped it
  std::string ciphertext;
};
/// Decrypts one wrapped key. Its errors pass through Parse().
using KeyUnwrapper = std::function<absl::StatusOr<Secret>(const WrappedKey&)>;

/// The keys of one installation: the key epochs that seal fields, and the tag keys that make
/// identity tags. Immutable once built; thread-safe.
class KeyRing {
 public:
  /// Parses the key-ring file's JSON:
  /// {"format":1,"epochs":[{"key_epoch":1,"state":"primary"|"readable","key":"<base64>"}],
  ///  "tag_keys":[{"tag_version":1,"state":"current"|"next","key":"<base64>"}]}
  /// Exactly one primary epoch, exactly one current and at most one next tag key, keys of 32 bytes.
  /// Instead of "key" an entry may have "wrapped_key" (base64) and "kms_key_id"; `unwrap` decrypts
  /// it. The file's primary and current are those of a new database; afterwards the database names
  /// them.
  /// INVALID_ARGUMENT/KEY_RING_INVALID says what is wrong without quoting the content.
  static absl::StatusOr<KeyRing> Parse(const Secret& json, const KeyUnwrapper& unwrap = {});
  /// One key of 32 bytes as epoch 1, and no tag keys: for what is sealed under a key of its own.
  static KeyRing OfOneKey(Secret key);
  /// The same keys, sealing under another epoch, which the ring must hold.
  KeyRing WithPrimary(int32_t key_epoch) const;
  /// The same keys, making tags under other tag versions, which the ring must hold.
  KeyRing WithTags(int32_t current, std::optional<int32_t> next) const;

  int32_t primary_epoch() const { return primary_epoch_; }
  /// nullptr when this ring does not hold the epoch.
  const Secret* EpochKey(int32_t key_epoch) const;
  /// First 8 bytes in hex of an HMAC under the key: tells keys apart, reveals nothing.
  std::string Fingerprint(int32_t key_epoch) const;
  const std::map<int32_t, Secret>& epochs() const { return epochs_; }

  int32_t current_tag_version() const { return current_tag_version_; }
  /// The version under which tags are made beside the current ones.
  std::optional<int32_t> next_tag_version() const { return next_tag_version_; }
  const std::map<int32_t, Secret>& tag_keys() const { return tag_keys_; }
  /// As Fingerprint(), of a tag key; empty when this ring does not hold it.
  std::string TagFingerprint(int32_t tag_version) const;
  /// HMAC of the parts under a tag key; the ring must hold `tag_version`.
  std::string Tag(int32_t tag_version, std::string_view encoded_parts) const;

 private:
  KeyRing() = default;
  std::map<int32_t, Secret> epochs_;
  std::map<int32_t, Secret> tag_keys_;
  int32_t primary_epoch_ = 0;
  int32_t current_tag_version_ = 0;
  std::optional<int32_t> next_tag_version_;
};

}  // namespace shodan
