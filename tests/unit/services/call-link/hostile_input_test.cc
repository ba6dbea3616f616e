// SPDX-License-Identifier: Apache-2.0
// The promise of the URI, over a large generated corpus. The generator is seeded, so a failure can
// be repeated; tests/fuzz looks further.
#include <random>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "services/call-link/domain/call_link_builder.h"

namespace shodan::calllink {
namespace {

constexpr int kInputs = 10'000;
constexpr std::string_view kScheme = "zoomphonecall://+";

constexpr std::string_view kRegions[] = {"",   "JP", "US", "GB", "DE", "FR", "IT", "AR", "MX",
                                         "BR", "CN", "IN", "AU", "AD", "KR", "RU", "SG", "CI"};

constexpr std::string_view kPieces[] = {
    "0",       "1",      "2",        "3",           "4",       "5",      "6",
    "7",       "8",      "9",        "00",          "011",     "010",    "0011",
    "810",     "+",      "+81",      "+1",          "+39",     "+44",    "+49",
    "+54",     "+52",    "110",      "911",         "112",     "１",     "٣",
    "-",       " ",      "(",        ")",           "/",       ".",      "x",
    "#",       "*",      ";",        ",",           "ext",     "ext=",   ";ext=",
    "?",       "&",      "%2B",      "%00",         "\r\n",    "\u202E", "\u200E",
    "\u2066",  "\u200B", "📞",       "é",           "\xFF",    "tel:",   "//",
    "callto:", "@",      "<script>", "javascript:", "FLOWERS", "内線",   ";phone-context=+81"};

std::string Generate(std::mt19937& random) {
  std::string text;
  // Half of the inputs lean on digits, else hardly any would be accepted.
  const bool plain = random() % 2 == 0;
  const size_t pieces = 1 + random() % 18;
  for (size_t i = 0; i < pieces; ++i) {
    const bool digit = plain ? random() % 8 != 0 : random() % 2 == 0;
    text += kPieces[digit ? random() % 10 : random() % std::size(kPieces)];
    if (random() % 200 == 0) text += '\0';
  }
  if (random() % 4 == 0) text.insert(0, "+");
  if (random() % 100 == 0) text += std::string(random() % 260, ' ');
  return text;
}

bool IsCleanCallUri(std::string_view uri) {
  if (uri.substr(0, kScheme.size()) != kScheme) return false;
  const std::string_view digits = uri.substr(kScheme.size());
  return digits.size() >= 5 && digits.size() <= 15 && digits[0] != '0' &&
         digits.find_first_not_of("0123456789") == std::string_view::npos;
}

TEST_CASE("Whatever the input, an accepted number's URI is clean and stands for itself") {
  const CallLinkBuilder builder;
  const CallLinkBuilder another;  // remembers nothing of the first
  std::mt19937 random(20'261'121);
  int accepted = 0;

  for (int i = 0; i < kInputs; ++i) {
    const std::string text = Generate(random);
    const std::string_view region = kRegions[random() % std::size(kRegions)];
    const auto link = builder.Build(text, region);
    if (!link.ok()) continue;
    ++accepted;
    const auto again = another.Build(link->e164, region);

    INFO("input " << Catch::Detail::stringify(text) << ", default region " << region);
    REQUIRE(IsCleanCallUri(link->call_uri));
    REQUIRE(link->call_uri == "zoomphonecall://" + link->e164);
    REQUIRE(again.ok());
    REQUIRE(again->call_uri == link->call_uri);
    REQUIRE(again->international_format == link->international_format);
    REQUIRE(again->region_code == link->region_code);
  }

  CHECK(accepted > kInputs / 20);
}

TEST_CASE("Injected characters never reach the URI") {
  const CallLinkBuilder builder;
  const std::string_view suffixes[] = {"?callerid=+1",  "#",      "\r\nSet-Cookie: a=b",
                                       "&a=b",          "%0d%0a", "/../../x",
                                       "@evil.example", "📞",     "\u202E",
                                       "\"><x>",        "'",      "\\"};

  for (const std::string_view suffix : suffixes) {
    CHECK_FALSE(builder.Build("+81312345678" + std::string(suffix), "JP").ok());
    CHECK_FALSE(builder.Build(std::string(suffix) + "+81312345678", "JP").ok());
  }
  CHECK_FALSE(builder.Build(std::string("+81312345678\0", 13), "JP").ok());
}

}  // namespace
}  // namespace shodan::calllink
