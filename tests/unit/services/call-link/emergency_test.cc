// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch.hpp>

#include "services/call-link/domain/call_link_builder.h"
#include "tests/support/status_matchers.h"

namespace shodan::calllink {
namespace {

using testing::IsError;
using testing::IsOk;

struct Example {
  const char* default_region;
  const char* written;
};

void CheckRefused(const CallLinkBuilder& builder, const Example& example) {
  INFO('"' << example.default_region << "\" \"" << example.written << '"');
  CHECK_THAT(builder.Build(example.written, example.default_region),
             IsError(absl::StatusCode::kInvalidArgument, "NUMBER_EMERGENCY"));
}

TEST_CASE("Emergency codes of the default region are refused") {
  const CallLinkBuilder builder;
  const Example examples[] = {
      {"JP", "110"}, {"JP", "119"},  {"US", "911"}, {"US", "112"}, {"CA", "911"}, {"GB", "999"},
      {"GB", "112"}, {"DE", "110"},  {"DE", "112"}, {"FR", "15"},  {"FR", "17"},  {"FR", "18"},
      {"FR", "112"}, {"IT", "113"},  {"IT", "118"}, {"ES", "112"}, {"AU", "000"}, {"AU", "112"},
      {"NZ", "111"}, {"IN", "100"},  {"IN", "112"}, {"CN", "110"}, {"CN", "120"}, {"KR", "112"},
      {"KR", "119"}, {"BR", "190"},  {"BR", "193"}, {"RU", "101"}, {"RU", "112"}, {"HK", "999"},
      {"SG", "995"}, {"SG", "999"},  {"MX", "911"}, {"AR", "101"}, {"AR", "911"}, {"ZA", "112"},
      {"TH", "191"}, {"TH", "1669"}, {"ID", "110"}, {"PH", "911"}, {"IL", "101"}, {"AD", "112"}};

  for (const Example& example : examples) CheckRefused(builder, example);
}

TEST_CASE("Punctuation, width and wrapping do not hide an emergency code") {
  const CallLinkBuilder builder;
  const Example examples[] = {
      {"JP", "1-1-0"},      {"JP", " 110 "},          {"JP", "(110)"},
      {"JP", "１１０"},     {"JP", "1.1.9"},          {"JP", "tel:110"},
      {"US", "9 1 1"},      {"US", "9-1-1"},          {"US", "callto:911"},
      {"US", "911 x5"},     {"US", "911;ext=5"},      {"US", "911,1234"},
      {"GB", "٩٩٩"},        {"GB", "\u200E999"},      {"DE", "zoomphonecall://112"},
      {"US", "Tel. 9/1/1"}, {"JP", "1\u200B1\u200B0"}};

  for (const Example& example : examples) CheckRefused(builder, example);
}

TEST_CASE("Codes that phones treat as emergency calls everywhere are refused in every region") {
  const CallLinkBuilder builder;

  for (const char* const region : {"", "JP", "US", "GB", "DE", "NZ", "BR"}) {
    for (const char* const code : {"112", "911", "110", "999", "119", "118", "000"}) {
      CheckRefused(builder, {region, code});
    }
  }
}

TEST_CASE("An emergency code behind a country code is refused") {
  const CallLinkBuilder builder;
  const Example examples[] = {{"JP", "+81 110"},    {"", "+81 110"},
                              {"US", "+81-119"},    {"", "+1 911"},
                              {"JP", "+1911"},      {"", "+44 999"},
                              {"", "+49 112"},      {"", "+33 15"},
                              {"", "+61 000"},      {"", "+39 113"},
                              {"", "+376 112"},     {"", "tel:+81-110"},
                              {"", "+81 110 x1"},   {"", "tel:110;phone-context=+81"},
                              {"JP", "+81 (0)110"}, {"", "+1 110"},
                              {"JP", "+44 110"}};

  for (const Example& example : examples) CheckRefused(builder, example);
}

TEST_CASE("An emergency code behind an international or trunk prefix is refused") {
  const CallLinkBuilder builder;
  const Example examples[] = {
      {"", "0081110"},      {"JP", "0081110"}, {"GB", "0081110"},    {"GB", "00 81 119"},
      {"US", "011 81 110"}, {"US", "0111911"}, {"JP", "010 81 110"}, {"AU", "0011 81 110"},
      {"JP", "0110"},       {"JP", "81110"},   {"US", "1911"},       {"US", "1-911"},
      {"DE", "0049112"},    {"DE", "0110"},    {"", "00441 12"},     {"FR", "0033 112"}};

  for (const Example& example : examples) CheckRefused(builder, example);
}

TEST_CASE("More digits after an emergency code do not make it a number") {
  const CallLinkBuilder builder;
  const Example examples[] = {{"US", "9111"},         {"US", "911 123"},       {"US", "9115550123"},
                              {"US", "911-555-0123"}, {"", "+1 911 555 0123"}, {"JP", "1101"},
                              {"JP", "119-1234"},     {"GB", "9991"},          {"GB", "112 1234"},
                              {"DE", "1121234"},      {"DE", "+49 110 1"},     {"", "+81 110 1"}};

  for (const Example& example : examples) CheckRefused(builder, example);
}

TEST_CASE("Numbers in use are dialled although they begin like an emergency code") {
  const CallLinkBuilder builder;
  struct Case {
    Example example;
    const char* e164;
  };
  const Case cases[] = {
      {{"FR", "01 53 00 00 00"}, "+33153000000"}, {{"", "+33 1 53 00 00 00"}, "+33153000000"},
      {{"SA", "011 234 5678"}, "+966112345678"},  {{"LK", "0112 345 678"}, "+94112345678"},
      {{"IN", "011 2920 5960"}, "+911129205960"}, {{"AR", "+54 9 11 3945-2886"}, "+5491139452886"},
      {{"AD", "112 345"}, "+376112345"},          {{"PT", "912 345 678"}, "+351912345678"},
      {{"HK", "9123 4567"}, "+85291234567"}};

  for (const Case& one : cases) {
    INFO(one.example.written);

    const auto link = builder.Build(one.example.written, one.example.default_region);

    REQUIRE_THAT(link, IsOk());
    CHECK(link->e164 == one.e164);
    CHECK(link->notices.empty());
  }
}

}  // namespace
}  // namespace shodan::calllink
