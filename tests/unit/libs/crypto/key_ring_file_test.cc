// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/key_ring_file.h"

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::TemporaryDirectory;

std::string RingText(int epoch, const std::string& key_members) {
  return R"({"format":1,"epochs":[{"key_epoch":)" + std::to_string(epoch) +
         R"(,"state":"primary",)" + key_members +
         R"(}],"tag_keys":[{"tag_version":1,"state":"current","key":")" +
         Base64Encode(std::string(32, 't')) + R"("}]})";
}

std::string Plain(int epoch, char fill) {
  return RingText(epoch, R"("key":")" + Base64Encode(std::string(32, fill)) + '"');
}

std::string Wrapped(int epoch, const std::string& ciphertext) {
  return RingText(
      epoch, R"("wrapped_key":")" + Base64Encode(ciphertext) + R"(","kms_key_id":"alias/shodan")");
}

// As a Secret's volume and our own tools do it: the new content appears by a rename.
void Replace(const TemporaryDirectory& directory, const std::string& text) {
  std::filesystem::rename(directory.Write("ring.json.new", text), directory.path() / "ring.json");
}

TEST_CASE("A key-ring file is read again when it was replaced, and only then") {
  const TemporaryDirectory directory;
  KeyRingFile file(directory.Write("ring.json", Plain(1, 'a')));
  const auto first = file.Read();
  REQUIRE_THAT(first, IsOk());
  CHECK(first->primary_epoch() == 1);

  auto polled = file.Poll();
  REQUIRE_THAT(polled, IsOk());
  CHECK_FALSE(polled->has_value());
  Replace(directory, Plain(2, 'b'));
  polled = file.Poll();
  REQUIRE_THAT(polled, IsOk());
  REQUIRE(polled->has_value());
  CHECK((*polled)->primary_epoch() == 2);
  polled = file.Poll();
  REQUIRE_THAT(polled, IsOk());
  CHECK_FALSE(polled->has_value());

  file.Forget();
  polled = file.Poll();
  REQUIRE_THAT(polled, IsOk());
  CHECK(polled->has_value());
}

TEST_CASE("A file that is corrupt, missing or too large is an error each time it is looked at") {
  const TemporaryDirectory directory;
  KeyRingFile file(directory.Write("ring.json", Plain(1, 'a')));
  REQUIRE_THAT(file.Read(), IsOk());

  Replace(directory, "{");
  for (int i = 0; i < 2; ++i) {
    CHECK_THAT(file.Poll(), IsError(absl::StatusCode::kInvalidArgument, "KEY_RING_INVALID"));
  }
  Replace(directory, std::string((1 << 20) + 1, ' '));
  CHECK_THAT(file.Poll(), IsError(absl::StatusCode::kNotFound, "KEY_RING_UNREADABLE"));
  std::filesystem::remove(directory.path() / "ring.json");
  for (int i = 0; i < 2; ++i) {
    CHECK_THAT(file.Poll(), IsError(absl::StatusCode::kNotFound, "KEY_RING_UNREADABLE"));
  }
  directory.Write("ring.json", Plain(1, 'a'));
  const auto back = file.Poll();
  REQUIRE_THAT(back, IsOk());
  CHECK(back->has_value());
}

TEST_CASE("A wrapped key is unwrapped under its name, number and key id") {
  const TemporaryDirectory directory;
  const std::string path = directory.Write("ring.json", Wrapped(7, "ciphertext"));
  WrappedKey asked;
  KeyRingFile file(path, [&](const WrappedKey& key) -> absl::StatusOr<Secret> {
    asked = key;
    return Secret(std::string(32, 'u'));
  });

  const auto ring = file.Read();

  REQUIRE_THAT(ring, IsOk());
  REQUIRE(ring->EpochKey(7) != nullptr);
  CHECK(*ring->EpochKey(7) == Secret(std::string(32, 'u')));
  CHECK(asked.name == "key_epoch");
  CHECK(asked.id == 7);
  CHECK(asked.kms_key_id == "alias/shodan");
  CHECK(asked.ciphertext == "ciphertext");
}

TEST_CASE("A wrapped key needs somebody who can unwrap it, and 32 bytes inside") {
  const TemporaryDirectory directory;
  const std::string path = directory.Write("ring.json", Wrapped(7, "ciphertext"));

  CHECK_THAT(KeyRingFile(path).Read(),
             IsError(absl::StatusCode::kInvalidArgument, "KEY_RING_INVALID"));
  KeyRingFile short_key(path, [](const WrappedKey&) { return Secret("short"); });
  CHECK_THAT(short_key.Read(), IsError(absl::StatusCode::kInvalidArgument, "KEY_RING_INVALID"));
  KeyRingFile away(path, [](const WrappedKey&) -> absl::StatusOr<Secret> {
    return Unavailable("KMS_UNAVAILABLE", "away");
  });
  CHECK_THAT(away.Read(), IsError(absl::StatusCode::kUnavailable, "KMS_UNAVAILABLE"));
}

}  // namespace
}  // namespace shodan
