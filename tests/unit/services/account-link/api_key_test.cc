// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/api_key.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"

namespace shodan::account_link {
namespace {

constexpr char kId[] = "6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e";
// Made by another program: the id above, the bytes e0 to ff, and zlib's crc32.
constexpr std::string_view kText =
    "shodan_key_3NgKoAIZv6oDvVFahpAZqArKFCcw823OrBm12M1O8e6ZQf99v6mMY5fuWb9v97FWB3dopCX";

std::string Plain(const Secret& text) { return std::string(text.Expose(SecretAccess::ForTest())); }

TEST_CASE("the text of an API key is its prefix, its id, 256 random bits and a checksum") {
  std::set<std::string> texts;
  for (int i = 0; i < 200; ++i) {
    const std::string id = RandomUuid();
    const Secret text = MakeApiKeyText(id);
    const std::string plain = Plain(text);
    CHECK(plain.size() == kText.size());
    CHECK(plain.substr(0, 11) == "shodan_key_");
    CHECK(std::all_of(plain.begin() + 11, plain.end(),
                      [](unsigned char c) { return std::isalnum(c) != 0; }));
    const auto parsed = ParseApiKeyText(text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->api_key_id == id);
    CHECK(parsed->hash == Sha256(std::string_view(plain)));
    texts.insert(plain);
    texts.insert(Plain(MakeApiKeyText(id)));
  }
  CHECK(texts.size() == 400);
}

TEST_CASE("the text of an API key that another program made by the same rules is understood") {
  const auto parsed = ParseApiKeyText(Secret(kText));
  REQUIRE(parsed.has_value());
  CHECK(parsed->api_key_id == kId);
  CHECK(HexEncode(parsed->hash) ==
        "3f3280b743ec2661082418bd439e4037a81666d2510dde48d5094f3a0f921033");
}

TEST_CASE("a text with any one character changed, missing, added or swapped is no API key") {
  for (size_t i = 0; i < kText.size(); ++i) {
    for (const char c : {'0', 'A', 'b', '_', '\0', '\xff'}) {
      std::string text(kText);
      if (text[i] == c) continue;
      text[i] = c;
      CAPTURE(i, text);
      CHECK_FALSE(ParseApiKeyText(Secret(text)).has_value());
    }
    std::string shorter(kText);
    shorter.erase(i, 1);
    CHECK_FALSE(ParseApiKeyText(Secret(shorter)).has_value());
    std::string longer(kText);
    longer.insert(i, "0");
    CHECK_FALSE(ParseApiKeyText(Secret(longer)).has_value());
    std::string swapped(kText);
    if (i + 1 < swapped.size() && swapped[i] != swapped[i + 1]) {
      std::swap(swapped[i], swapped[i + 1]);
      CHECK_FALSE(ParseApiKeyText(Secret(swapped)).has_value());
    }
  }
  CHECK_FALSE(ParseApiKeyText(Secret()).has_value());
  // The checksum fits, but the id needs more than 128 bits.
  CHECK_FALSE(
      ParseApiKeyText(Secret("shodan_key_zzzzzzzzzzzzzzzzzzzzzzrKFCcw823OrBm12M1O8e6ZQf99v6m"
                             "MY5fuWb9v97FWB4CTzkT"))
          .has_value());
}

}  // namespace
}  // namespace shodan::account_link
