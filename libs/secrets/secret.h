// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace shodan {

/// Why a piece of code reads plaintext. `grep -rn SecretAccess::` lists every such place, and a
/// test pins that list.
class SecretAccess {
 public:
  static SecretAccess ForEncryption() { return {}; }       ///< sealing or key derivation
  static SecretAccess ForUpstreamRequest() { return {}; }  ///< sent to the OAuth server over TLS
  static SecretAccess ForAnswer() { return {}; }           ///< handed to a caller entitled to it
  static SecretAccess ForHashing() { return {}; }          ///< digest or comparison
  static SecretAccess ForConnection() {
    return {};
  }  ///< a password or key given to a client library
  static SecretAccess ForTest() { return {}; }  ///< in tests/ only

 private:
  SecretAccess() = default;
};

/// Bytes that must not leak: tokens, passwords, keys.
///
/// Wiped on destruction and when moved from or over. Move-only; a copy must be asked for with
/// Clone(). Cannot be streamed, formatted or converted. Not protected: copies that libpq, protobuf,
/// curl and OpenSSL make inside.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view plaintext);
  /// Takes the bytes over and wipes the source.
  static Secret Take(std::string&& plaintext);

  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  [[nodiscard]] Secret Clone() const;
  [[nodiscard]] std::string_view Expose(SecretAccess reason) const noexcept;
  bool empty() const noexcept { return bytes_.empty(); }
  size_t size() const noexcept { return bytes_.size(); }

  /// Constant time in the content; the length is not hidden.
  friend bool operator==(const Secret& a, const Secret& b) noexcept;

 private:
  void Wipe() noexcept;
  std::vector<char> bytes_;
};

std::ostream& operator<<(std::ostream&, const Secret&) = delete;

/// Wipes a string in place and empties it; for buffers of other libraries that held a secret.
void WipeString(std::string& text) noexcept;

}  // namespace shodan
