// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/sealed_field.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

using testing::IsError;
using testing::IsOk;

KeyRing Ring(int epoch, char fill) {
  const std::string key = Base64Encode(std::string(32, fill));
  auto ring = KeyRing::Parse(
      Secret(R"({"format":1,"epochs":[{"key_epoch":)" + std::to_string(epoch) +
             R"(,"state":"primary","key":")" + key +
             R"("}],"tag_keys":[{"tag_version":1,"state":"current","key":")" + key + R"("}]})"));
  REQUIRE_THAT(ring, IsOk());
  return *std::move(ring);
}

SealCoordinates Place() {
  SealCoordinates place;
  place.table = "grants";
  place.field = "refresh_token";
  place.row_id = "5c5f7d0e-0000-4000-8000-000000000001";
  place.project_id = "demo";
  place.user_id = "hanako";
  place.generation = 3;
  place.token_version = 12;
  return place;
}

TEST_CASE("A field opens where it was sealed") {
  const KeyRing keys = Ring(1, 'k');
  const std::string sealed = SealField(keys, Place(), Secret("refresh token"));

  const auto opened = OpenField(keys, Place(), sealed);

  REQUIRE_THAT(opened, IsOk());
  CHECK(opened->Expose(SecretAccess::ForTest()) == "refresh token");
  CHECK(sealed.find("refresh token") == std::string::npos);
}

TEST_CASE("Sealing one plaintext twice gives two ciphertexts") {
  const KeyRing keys = Ring(1, 'k');
  CHECK(SealField(keys, Place(), Secret("x")) != SealField(keys, Place(), Secret("x")));
}

TEST_CASE("A field does not open at any other place") {
  const KeyRing keys = Ring(1, 'k');
  const std::string sealed = SealField(keys, Place(), Secret("x"));
  std::vector<SealCoordinates> others(8, Place());
  others[0].table = "pending_grants";
  others[1].field = "access_token";
  others[2].row_id = "5c5f7d0e-0000-4000-8000-000000000002";
  others[3].project_id = "demo2";
  others[4].user_id = "taro";
  others[5].generation = 4;
  others[6].token_version = 13;
  others[7].token_version.reset();

  for (const SealCoordinates& other : others) {
    CHECK_THAT(OpenField(keys, other, sealed),
               IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_MISPLACED"));
  }
}

TEST_CASE("A field whose coordinates were rewritten does not authenticate") {
  const KeyRing keys = Ring(1, 'k');
  std::string sealed = SealField(keys, Place(), Secret("x"));
  const size_t user = sealed.find("hanako");
  REQUIRE(user != std::string::npos);
  sealed.replace(user, 6, "hanaka");
  SealCoordinates place = Place();
  place.user_id = "hanaka";

  CHECK_THAT(OpenField(keys, place, sealed),
             IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_CORRUPT"));
}

TEST_CASE("A field sealed under an epoch that the ring lacks says so") {
  const std::string sealed = SealField(Ring(1, 'k'), Place(), Secret("x"));

  CHECK_THAT(OpenField(Ring(2, 'k'), Place(), sealed),
             IsError(absl::StatusCode::kFailedPrecondition, "KEY_EPOCH_UNKNOWN"));
}

TEST_CASE("A field commits to its key: another key of the same epoch number is refused") {
  const std::string sealed = SealField(Ring(1, 'k'), Place(), Secret("x"));

  CHECK_THAT(OpenField(Ring(1, 'q'), Place(), sealed),
             IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_CORRUPT"));
}

TEST_CASE("The header of a field names its place and its key epoch") {
  const std::string sealed = SealField(Ring(5, 'k'), Place(), Secret("x"));

  const auto header = ReadSealedHeader(sealed);

  REQUIRE_THAT(header, IsOk());
  CHECK(header->key_epoch == 5);
  CHECK(header->coordinates == Place());
}

TEST_CASE("Absent generation and token version stay absent") {
  const KeyRing keys = Ring(1, 'k');
  SealCoordinates place = Place();
  place.generation.reset();
  place.token_version.reset();
  const std::string sealed = SealField(keys, place, Secret("x"));

  CHECK_THAT(OpenField(keys, place, sealed), IsOk());
  CHECK(ReadSealedHeader(sealed)->coordinates == place);
}

TEST_CASE("A field cut off anywhere is corrupt, not a crash") {
  const KeyRing keys = Ring(1, 'k');
  const std::string sealed = SealField(keys, Place(), Secret("x"));

  for (size_t size = 0; size < sealed.size(); ++size) {
    CAPTURE(size);
    CHECK_THAT(OpenField(keys, Place(), sealed.substr(0, size)),
               IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_CORRUPT"));
  }
}

TEST_CASE("A change of any byte keeps a field from opening") {
  const KeyRing keys = Ring(1, 'k');
  const std::string sealed = SealField(keys, Place(), Secret("x"));

  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    CAPTURE(i);
    CHECK_FALSE(OpenField(keys, Place(), changed).ok());
  }
}

}  // namespace
}  // namespace shodan
