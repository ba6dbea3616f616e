// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/api_key.h"

#include <algorithm>
#include <cstdint>

#include "libs/base/encoding.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"

namespace shodan::account_link {
namespace {

constexpr std::string_view kPrefix = "shodan_key_";
constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr unsigned kBase = 62;
constexpr size_t kIdBytes = 16;
constexpr size_t kIdDigits = 22;  // of 16 bytes
constexpr size_t kSecretBytes = 32;
constexpr size_t kSecretDigits = 43;  // of 32 bytes
constexpr size_t kChecksumBytes = 4;
constexpr size_t kChecksumDigits = 6;  // of 4 bytes
constexpr size_t kTextSize = kPrefix.size() + kIdDigits + kSecretDigits + kChecksumDigits;

// The number that the bytes are, most significant first, as exactly `count` digits.
std::string ToDigits(std::string bytes, size_t count) {
  std::string digits(count, kDigits[0]);
  for (size_t place = count; place > 0; --place) {
    unsigned rest = 0;
    for (char& byte : bytes) {
      const unsigned value = (rest << 8U) | static_cast<unsigned char>(byte);
      byte = static_cast<char>(value / kBase);
      rest = value % kBase;
    }
    digits[place - 1] = kDigits[rest];
  }
  WipeString(bytes);
  return digits;
}

// The way back; nullopt for foreign characters and numbers that need more bytes.
std::optional<std::string> FromDigits(std::string_view digits, size_t count) {
  std::string bytes(count, '\0');
  for (const char digit : digits) {
    const size_t found = kDigits.find(digit);
    if (found == std::string_view::npos) return std::nullopt;
    auto carry = static_cast<unsigned>(found);
    for (size_t place = count; place > 0; --place) {
      const unsigned value = static_cast<unsigned char>(bytes[place - 1]) * kBase + carry;
      bytes[place - 1] = static_cast<char>(value & 0xFFU);
      carry = value >> 8U;
    }
    if (carry != 0) return std::nullopt;
  }
  return bytes;
}

// CRC-32 of ISO-HDLC (the one of gzip and PNG), big-endian. It guards against mistakes, not malice.
std::string Checksum(std::string_view text) {
  uint32_t crc = 0xFFFFFFFFU;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  crc = ~crc;
  std::string bytes;
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    bytes += static_cast<char>((crc >> (shift - 8)) & 0xFFU);
  }
  return bytes;
}

std::string UuidOf(std::string_view bytes) {
  std::string text = HexEncode(bytes);
  for (size_t place = 20; place >= 8; place -= 4) text.insert(place, "-");
  return text;
}

unsigned ValueOf(char hex) {
  return static_cast<unsigned>(hex <= '9' ? hex - '0' : hex - 'a' + 10);
}

std::string BytesOf(std::string uuid) {
  std::erase(uuid, '-');
  std::string bytes;
  for (size_t i = 0; i + 1 < uuid.size(); i += 2) {
    bytes += static_cast<char>(ValueOf(uuid[i]) << 4U | ValueOf(uuid[i + 1]));
  }
  return bytes;
}

}  // namespace

Secret MakeApiKeyText(const std::string& api_key_id) {
  std::string text = Join(kPrefix, ToDigits(BytesOf(api_key_id), kIdDigits));
  text.reserve(kTextSize);  // so that no copy of the secret stays behind
  std::string digits = ToDigits(RandomBytes(kSecretBytes), kSecretDigits);
  text += digits;
  WipeString(digits);
  text += ToDigits(Checksum(text), kChecksumDigits);
  return Secret::Take(std::move(text));
}

std::optional<ApiKeyText> ParseApiKeyText(const Secret& text) {
  const std::string_view shown = text.Expose(SecretAccess::ForHashing());
  if (shown.size() != kTextSize || shown.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  const size_t checked = kTextSize - kChecksumDigits;
  if (FromDigits(shown.substr(checked), kChecksumBytes) != Checksum(shown.substr(0, checked))) {
    return std::nullopt;
  }
  const auto id = FromDigits(shown.substr(kPrefix.size(), kIdDigits), kIdBytes);
  if (!id.has_value()) return std::nullopt;
  return ApiKeyText{UuidOf(*id), Sha256(text)};
}

}  // namespace shodan::account_link
