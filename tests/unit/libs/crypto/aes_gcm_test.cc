// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/aes_gcm.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/libs/crypto/hex.h"

namespace shodan {
namespace {

using testing::Hex;
using testing::IsError;
using testing::IsOk;

// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test case 16.
struct Example {
  Secret key{Hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")};
  std::string nonce = Hex("cafebabefacedbaddecaf888");
  std::string associated_data = Hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  std::string plaintext =
      Hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  std::string ciphertext =
      Hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
          "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
          "76fc6ece0f4e1768cddf8853bb2d551b");
};

TEST_CASE("AES-256-GCM gives the published test case") {
  const Example example;
  CHECK(HexEncode(AesGcmEncrypt(example.key, example.nonce, example.associated_data,
                                example.plaintext)) == HexEncode(example.ciphertext));

  const absl::StatusOr<Secret> opened =
      AesGcmDecrypt(example.key, example.nonce, example.associated_data, example.ciphertext);
  REQUIRE_THAT(opened, IsOk());
  CHECK(opened->Expose(SecretAccess::ForTest()) == example.plaintext);
}

TEST_CASE("An empty plaintext is a tag alone, which still authenticates the associated data") {
  const Example example;
  const std::string tag = AesGcmEncrypt(example.key, example.nonce, "row 1", "");

  CHECK(tag.size() == 16);
  CHECK_THAT(AesGcmDecrypt(example.key, example.nonce, "row 1", tag), IsOk());
  CHECK_THAT(AesGcmDecrypt(example.key, example.nonce, "row 2", tag),
             IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_CORRUPT"));
}

TEST_CASE("A change of any single byte of the ciphertext is found") {
  const Example example;
  for (size_t i = 0; i < example.ciphertext.size(); ++i) {
    std::string changed = example.ciphertext;
    changed[i] = static_cast<char>(changed[i] ^ 1);

    CAPTURE(i);
    CHECK_THAT(AesGcmDecrypt(example.key, example.nonce, example.associated_data, changed),
               IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_CORRUPT"));
  }
}

TEST_CASE("Another key, nonce or associated data does not open a ciphertext") {
  const Example example;
  const auto corrupt = IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_CORRUPT");

  CHECK_THAT(AesGcmDecrypt(Secret(std::string(32, 'k')), example.nonce, example.associated_data,
                           example.ciphertext),
             corrupt);
  CHECK_THAT(
      AesGcmDecrypt(example.key, std::string(12, 'n'), example.associated_data, example.ciphertext),
      corrupt);
  CHECK_THAT(AesGcmDecrypt(example.key, example.nonce, "", example.ciphertext), corrupt);
}

TEST_CASE("Inputs of impossible sizes are corrupt, not a crash") {
  const Example example;
  const auto corrupt = IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_CORRUPT");

  CHECK_THAT(AesGcmDecrypt(example.key, example.nonce, "", "fifteen bytes.."), corrupt);
  CHECK_THAT(AesGcmDecrypt(Secret("short"), example.nonce, "", example.ciphertext), corrupt);
  CHECK_THAT(AesGcmDecrypt(example.key, "short", "", example.ciphertext), corrupt);
}

}  // namespace
}  // namespace shodan
