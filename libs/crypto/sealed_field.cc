// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/sealed_field.h"

#include <array>

#include "absl/strings/numbers.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/aes_gcm.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"

namespace shodan {
namespace {

constexpr std::string_view kFormat = "shodan-sealed-1";
constexpr std::string_view kDerivation = "shodan sealed field";
constexpr size_t kSaltSize = 32;
constexpr size_t kCommitmentSize = 32;
constexpr size_t kKeySize = 32;
constexpr size_t kNonceSize = 12;
constexpr size_t kPartCount = 9;

struct MessageKey {
  Secret key;
  std::string nonce;
  std::string commitment;
};

MessageKey Derive(const Secret& epoch_key, std::string_view salt) {
  const Secret material =
      HkdfSha256(epoch_key, salt, kDerivation, kKeySize + kNonceSize + kCommitmentSize);
  const std::string_view bytes = material.Expose(SecretAccess::ForEncryption());
  return {Secret(bytes.substr(0, kKeySize)), std::string(bytes.substr(kKeySize, kNonceSize)),
          std::string(bytes.substr(kKeySize + kNonceSize))};
}

std::string Number(const std::optional<int64_t>& value) {
  return value.has_value() ? std::to_string(*value) : std::string();
}

std::string AssociatedData(const SealCoordinates& at, int32_t key_epoch) {
  return LengthPrefixed({kFormat, at.table, at.field, at.row_id, at.project_id, at.user_id,
                         Number(at.generation), std::to_string(key_epoch),
                         Number(at.token_version)});
}

absl::Status Corrupt() {
  return MakeError(absl::StatusCode::kDataLoss, "SEALED_FIELD_CORRUPT",
                   "A sealed field is not in the expected format.");
}

// Takes one length-prefixed part off the front.
bool TakePart(std::string_view& rest, std::string& part) {
  if (rest.size() < 4) return false;
  size_t size = 0;
  for (size_t i = 0; i < 4; ++i) size = (size << 8U) | static_cast<unsigned char>(rest[i]);
  rest.remove_prefix(4);
  if (size > rest.size()) return false;
  part = std::string(rest.substr(0, size));
  rest.remove_prefix(size);
  return true;
}

bool ParseNumber(const std::string& text, std::optional<int64_t>& value) {
  if (text.empty()) return true;
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || std::to_string(number) != text) return false;
  value = number;
  return true;
}

struct ParsedField {
  SealedHeader header;
  std::string_view associated_data;
  std::string_view salt;
  std::string_view commitment;
  std::string_view ciphertext;
};

absl::StatusOr<ParsedField> ParseField(std::string_view sealed) {
  std::string_view rest = sealed;
  std::array<std::string, kPartCount> parts;
  for (std::string& part : parts) {
    if (!TakePart(rest, part)) return Corrupt();
  }
  ParsedField parsed;
  SealCoordinates& at = parsed.header.coordinates;
  std::optional<int64_t> epoch;
  if (parts[0] != kFormat || !ParseNumber(parts[6], at.generation) ||
      !ParseNumber(parts[7], epoch) || !ParseNumber(parts[8], at.token_version) ||
      !epoch.has_value() || *epoch < 1 || *epoch > INT32_MAX ||
      rest.size() < kSaltSize + kCommitmentSize) {
    return Corrupt();
  }
  at.table = parts[1];
  at.field = parts[2];
  at.row_id = parts[3];
  at.project_id = parts[4];
  at.user_id = parts[5];
  parsed.header.key_epoch = static_cast<int32_t>(*epoch);
  parsed.associated_data = sealed.substr(0, sealed.size() - rest.size());
  parsed.salt = rest.substr(0, kSaltSize);
  parsed.commitment = rest.substr(kSaltSize, kCommitmentSize);
  parsed.ciphertext = rest.substr(kSaltSize + kCommitmentSize);
  return parsed;
}

}  // namespace

std::string SealField(const KeyRing& keys, const SealCoordinates& coordinates,
                      const Secret& plaintext) {
  const int32_t key_epoch = keys.primary_epoch();
  const std::string associated_data = AssociatedData(coordinates, key_epoch);
  const std::string salt = RandomBytes(kSaltSize);
  const MessageKey message = Derive(*keys.EpochKey(key_epoch), salt);
  return Join(associated_data, salt, message.commitment,
              AesGcmEncrypt(message.key, message.nonce, associated_data,
                            plaintext.Expose(SecretAccess::ForEncryption())));
}

absl::StatusOr<Secret> OpenField(const KeyRing& keys, const SealCoordinates& expected,
                                 std::string_view sealed) {
  SHODAN_ASSIGN_OR_RETURN(const ParsedField parsed, ParseField(sealed));
  if (!(parsed.header.coordinates == expected)) {
    return MakeError(absl::StatusCode::kDataLoss, "SEALED_FIELD_MISPLACED",
                     "A sealed field belongs to another row.");
  }
  const Secret* epoch_key = keys.EpochKey(parsed.header.key_epoch);
  if (epoch_key == nullptr) {
    return FailedPrecondition("KEY_EPOCH_UNKNOWN",
                              "The key ring does not hold the key epoch of a sealed field.");
  }
  const MessageKey message = Derive(*epoch_key, parsed.salt);
  if (!ConstantTimeEquals(message.commitment, parsed.commitment)) return Corrupt();
  return AesGcmDecrypt(message.key, message.nonce, parsed.associated_data, parsed.ciphertext);
}

absl::StatusOr<std::string> RewrapField(const KeyRing& keys, const SealCoordinates& expected,
                                        std::string_view sealed) {
  SHODAN_ASSIGN_OR_RETURN(const Secret plaintext, OpenField(keys, expected, sealed));
  return SealField(keys, expected, plaintext);
}

absl::StatusOr<SealedHeader> ReadSealedHeader(std::string_view sealed) {
  SHODAN_ASSIGN_OR_RETURN(ParsedField parsed, ParseField(sealed));
  return parsed.header;
}

}  // namespace shodan
