// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/key_ring.h"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/crypto/digest.h"
#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

using testing::IsError;
using testing::IsOk;

std::string Epoch(int id, std::string_view state, char fill) {
  return R"({"key_epoch":)" + std::to_string(id) + R"(,"state":")" + std::string(state) +
         R"(","key":")" + Base64Encode(std::string(32, fill)) + R"("})";
}

std::string TagKey(int id, std::string_view state, char fill) {
  return R"({"tag_version":)" + std::to_string(id) + R"(,"state":")" + std::string(state) +
         R"(","key":")" + Base64Encode(std::string(32, fill)) + R"("})";
}

std::string File(std::string_view epochs, std::string_view tag_keys) {
  return R"({"format":1,"epochs":[)" + std::string(epochs) + R"(],"tag_keys":[)" +
         std::string(tag_keys) + "]}";
}

absl::StatusOr<KeyRing> Parse(const std::string& text) { return KeyRing::Parse(Secret(text)); }

TEST_CASE("A key ring knows its primary epoch, its readable epochs and its tag keys") {
  const auto ring = Parse(File(Epoch(3, "readable", 'a') + "," + Epoch(4, "primary", 'b'),
                               TagKey(1, "current", 'c') + "," + TagKey(2, "next", 'd')));

  REQUIRE_THAT(ring, IsOk());
  CHECK(ring->primary_epoch() == 4);
  CHECK(ring->epochs().size() == 2);
  REQUIRE(ring->EpochKey(3) != nullptr);
  CHECK(*ring->EpochKey(3) == Secret(std::string(32, 'a')));
  CHECK(ring->EpochKey(5) == nullptr);
  CHECK(ring->current_tag_version() == 1);
  CHECK(ring->next_tag_version() == 2);
}

TEST_CASE("A tag is the HMAC under the tag key of that version") {
  const auto ring = Parse(File(Epoch(1, "primary", 'a'), TagKey(7, "current", 'c')));

  REQUIRE_THAT(ring, IsOk());
  CHECK_FALSE(ring->next_tag_version().has_value());
  CHECK(ring->Tag(7, "parts") == HmacSha256(Secret(std::string(32, 'c')), "parts"));
}

TEST_CASE("Fingerprints tell keys apart and belong to the key, not to its number") {
  const auto one = Parse(File(Epoch(1, "primary", 'a'), TagKey(1, "current", 'c')));
  const auto two = Parse(
      File(Epoch(1, "primary", 'b') + "," + Epoch(2, "readable", 'a'), TagKey(1, "current", 'c')));

  REQUIRE_THAT(one, IsOk());
  REQUIRE_THAT(two, IsOk());
  CHECK(one->Fingerprint(1).size() == 16);
  CHECK(one->Fingerprint(1) != two->Fingerprint(1));
  CHECK(one->Fingerprint(1) == two->Fingerprint(2));
  CHECK(one->Fingerprint(9).empty());
}

TEST_CASE("A tag key's fingerprint belongs to the key, and differs from an epoch's") {
  const auto one = Parse(File(Epoch(1, "primary", 'a'), TagKey(1, "current", 'a')));
  const auto two = Parse(
      File(Epoch(1, "primary", 'a'), TagKey(1, "current", 'c') + "," + TagKey(2, "next", 'a')));

  REQUIRE_THAT(one, IsOk());
  REQUIRE_THAT(two, IsOk());
  CHECK(one->TagFingerprint(1).size() == 16);
  CHECK(one->TagFingerprint(1) != one->Fingerprint(1));
  CHECK(one->TagFingerprint(1) != two->TagFingerprint(1));
  CHECK(one->TagFingerprint(1) == two->TagFingerprint(2));
  CHECK(one->TagFingerprint(9).empty());
}

TEST_CASE("Which tag versions are in use can be said anew, with the same keys") {
  const auto file = Parse(
      File(Epoch(1, "primary", 'a'), TagKey(1, "current", 'c') + "," + TagKey(2, "next", 'd')));
  REQUIRE_THAT(file, IsOk());

  const KeyRing before = file->WithTags(1, std::nullopt);
  const KeyRing after = file->WithTags(2, std::nullopt);

  CHECK_FALSE(before.next_tag_version().has_value());
  CHECK(after.current_tag_version() == 2);
  CHECK(after.tag_keys().size() == 2);
  CHECK(after.Tag(2, "parts") == file->Tag(2, "parts"));
  CHECK(after.WithPrimary(1).current_tag_version() == 2);
}

TEST_CASE("A key ring file that is not sound is refused without quoting it") {
  const std::string epoch = Epoch(1, "primary", 'a');
  const std::string tag = TagKey(1, "current", 'c');
  const std::string short_key = R"({"key_epoch":1,"state":"primary","key":"c2hvcnQ="})";
  const std::string cases[] = {
      "",
      "[]",
      R"({"format":2,"epochs":[],"tag_keys":[]})",
      R"({"format":1,"epochs":[]})",
      File("", tag),
      File(epoch, ""),
      File(Epoch(1, "readable", 'a'), tag),
      File(epoch + "," + Epoch(2, "primary", 'b'), tag),
      File(epoch + "," + Epoch(1, "readable", 'b'), tag),
      File(Epoch(1, "retired", 'a'), tag),
      File(Epoch(0, "primary", 'a'), tag),
      File(short_key, tag),
      File(R"({"key_epoch":1,"state":"primary","key":"not base64"})", tag),
      File(R"({"key_epoch":1,"state":"primary"})", tag),
      File("1", tag),
      File(epoch, tag + "," + TagKey(2, "current", 'd')),
      File(epoch, TagKey(1, "next", 'd')),
      File(epoch, tag + "," + TagKey(1, "next", 'd')),
  };
  for (const std::string& text : cases) {
    CAPTURE(text);
    const auto ring = Parse(text);

    CHECK_THAT(ring, IsError(absl::StatusCode::kInvalidArgument, "KEY_RING_INVALID"));
    CHECK(std::string(ring.status().message()).find("c2hvcnQ") == std::string::npos);
  }
}

}  // namespace
}  // namespace shodan
