// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/crypto/key_ring.h"

namespace shodan {

/// The key-ring file, read again when it changes. A change is seen by inode, size or time of
/// modification, so a file replaced by rename (a Secret's volume, an atomic write) is noticed. One
/// thread at a time.
class KeyRingFile {
 public:
  /// `unwrap` decrypts keys that a key management service wrapped; empty when there is none.
  explicit KeyRingFile(std::string path, KeyUnwrapper unwrap = {});

  /// Reads the file now. NOT_FOUND/KEY_RING_UNREADABLE, INVALID_ARGUMENT/KEY_RING_INVALID, or the
  /// unwrapper's error. After an error the next Poll() reads again.
  absl::StatusOr<KeyRing> Read();
  /// Reads when the file has changed since the last good read; nullopt when it has not.
  absl::StatusOr<std::optional<KeyRing>> Poll();
  /// The next Poll() reads, changed or not.
  void Forget() { read_.reset(); }

 private:
  struct Version {
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t size = 0;
    int64_t modified_ns = 0;
    bool operator==(const Version&) const = default;
  };
  std::optional<Version> Look() const;

  std::string path_;
  KeyUnwrapper unwrap_;
  std::optional<Version> read_;
};

}  // namespace shodan
