// SPDX-License-Identifier: Apache-2.0
#include "libs/secrets/secret.h"

#include <utility>

#include <openssl/crypto.h>

namespace shodan {

Secret::Secret(std::string_view plaintext) : bytes_(plaintext.begin(), plaintext.end()) {}

Secret Secret::Take(std::string&& plaintext) {
  Secret secret(plaintext);
  WipeString(plaintext);
  return secret;
}

Secret::Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe();
    bytes_ = std::exchange(other.bytes_, {});
  }
  return *this;
}

Secret::~Secret() { Wipe(); }

Secret Secret::Clone() const { return Secret(std::string_view(bytes_.data(), bytes_.size())); }

std::string_view Secret::Expose(SecretAccess) const noexcept {
  return {bytes_.data(), bytes_.size()};
}

bool operator==(const Secret& a, const Secret& b) noexcept {
  return a.bytes_.size() == b.bytes_.size() &&
         CRYPTO_memcmp(a.bytes_.data(), b.bytes_.data(), a.bytes_.size()) == 0;
}

void Secret::Wipe() noexcept {
  if (!bytes_.empty()) OPENSSL_cleanse(bytes_.data(), bytes_.size());
  bytes_.clear();
}

void WipeString(std::string& text) noexcept {
  // Up to the capacity: a string that shrank still holds its old tail.
  text.resize(text.capacity());
  if (!text.empty()) OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace shodan
