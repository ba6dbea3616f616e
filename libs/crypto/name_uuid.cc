// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/name_uuid.h"

#include <array>
#include <cstdlib>

#include <openssl/evp.h>

#include "libs/base/encoding.h"

namespace shodan {
namespace {

int HexValue(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

std::string BytesOf(std::string_view uuid) {
  std::string bytes;
  for (size_t i = 0; i + 1 < uuid.size(); i += 2) {
    if (uuid[i] == '-') ++i;
    bytes += static_cast<char>(HexValue(uuid[i]) * 16 + HexValue(uuid[i + 1]));
  }
  return bytes;
}

}  // namespace

std::string NameUuid(std::string_view name_space, std::string_view name) {
  const std::string input = BytesOf(name_space).append(name);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  // Version 5 is defined on SHA-1; nothing here depends on its collision resistance.
  if (EVP_Digest(input.data(), input.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1) {
    std::abort();
  }
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0FU) | 0x50U);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3FU) | 0x80U);
  const std::string hex = HexEncode({reinterpret_cast<const char*>(digest.data()), 16});
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace shodan
