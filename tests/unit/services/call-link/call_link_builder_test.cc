// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/domain/call_link_builder.h"

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "services/call-link/domain/errors.h"
#include "tests/support/status_matchers.h"

namespace shodan::calllink {
namespace {

using testing::IsError;
using testing::IsOk;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::vector<std::string> Reasons(const CallLink& link) {
  std::vector<std::string> reasons;
  for (const Notice& notice : link.notices) reasons.push_back(notice.reason);
  return reasons;
}

TEST_CASE("A number becomes a URI with a raw plus sign and nothing but digits") {
  const CallLinkBuilder builder;

  const auto link = builder.Build("(03) 1234-5678", "JP");

  REQUIRE_THAT(link, IsOk());
  CHECK(*link == CallLink{.call_uri = "zoomphonecall://+81312345678",
                          .tel_uri = "tel:+81312345678",
                          .e164 = "+81312345678",
                          .national_format = "03-1234-5678",
                          .international_format = "+81 3-1234-5678",
                          .region_code = "JP",
                          .extension = "",
                          .notices = {}});
}

TEST_CASE("With an extension the main number is dialled and the user is told") {
  const CallLinkBuilder builder;
  const char* const all_written[] = {"03-1234-5678 ext. 12",
                                     "03-1234-5678 x12",
                                     "03-1234-5678x12",
                                     "03-1234-5678 Ext 12",
                                     "03-1234-5678 extension 12",
                                     "03-1234-5678 #12",
                                     "03-1234-5678,12",
                                     "03-1234-5678,,12",
                                     "03-1234-5678;12",
                                     "tel:+81-3-1234-5678;ext=12",
                                     "tel:03-1234-5678;ext=12;isub=1",
                                     "03-1234-5678 (ext 12)",
                                     "03-1234-5678（内線12）",
                                     "03-1234-5678 内線：１２",
                                     "03-1234-5678 доб. 12",
                                     "03-1234-5678 anexo 12"};

  for (const char* const written : all_written) {
    INFO(written);

    const auto link = builder.Build(written, "JP");

    REQUIRE_THAT(link, IsOk());
    CHECK(link->call_uri == "zoomphonecall://+81312345678");
    CHECK(link->tel_uri == "tel:+81312345678;ext=12");
    CHECK(link->e164 == "+81312345678");
    CHECK(link->extension == "12");
    CHECK(Reasons(*link) == std::vector<std::string>{"EXTENSION_NOT_DIALLED"});
    CHECK(link->notices[0].detail.find("12") != std::string::npos);
  }
}

TEST_CASE("A number of possible length outside the known ranges is dialled with a notice") {
  const CallLinkBuilder builder;
  struct Case {
    const char* region;
    const char* written;
    const char* e164;
    const char* region_code;
  };
  const Case cases[] = {{"US", "212-155-0123", "+12121550123", ""},
                        {"", "+1 999 555 0123", "+19995550123", ""},
                        {"JP", "090-0123-4567", "+819001234567", "JP"},
                        {"SK", "02/123 456 78", "+421212345678", "SK"},
                        {"", "+290 2158", "+2902158", "SH"}};

  for (const Case& one : cases) {
    INFO(one.written);

    const auto link = builder.Build(one.written, one.region);

    REQUIRE_THAT(link, IsOk());
    CHECK(link->e164 == one.e164);
    CHECK(link->region_code == one.region_code);
    CHECK(Reasons(*link) == std::vector<std::string>{"NUMBER_OUTSIDE_KNOWN_RANGES"});
  }
}

TEST_CASE("Both notices are given when both apply") {
  const CallLinkBuilder builder;

  const auto link = builder.Build("090-0123-4567 x5", "JP");

  REQUIRE_THAT(link, IsOk());
  CHECK(Reasons(*link) ==
        std::vector<std::string>{"NUMBER_OUTSIDE_KNOWN_RANGES", "EXTENSION_NOT_DIALLED"});
}

TEST_CASE("The default region is taken in either case") {
  const CallLinkBuilder builder;

  for (const char* const region : {"JP", "jp", "Jp"}) {
    const auto link = builder.Build("03-1234-5678", region);

    REQUIRE_THAT(link, IsOk());
    CHECK(link->e164 == "+81312345678");
  }
}

TEST_CASE("A number with a country code does not depend on the default region") {
  const CallLinkBuilder builder;

  for (const char* const region : {"", "JP", "US", "GB", "AR", "IT"}) {
    const auto link = builder.Build("+44 20 7946 0958", region);

    REQUIRE_THAT(link, IsOk());
    CHECK(link->e164 == "+442079460958");
    CHECK(link->region_code == "GB");
  }
}

TEST_CASE("International prefixes are those of the default region") {
  const CallLinkBuilder builder;
  struct Case {
    const char* region;
    const char* written;
  };
  const Case cases[] = {{"GB", "00 81 3 1234 5678"},   {"FR", "0081312345678"},
                        {"US", "011 81 3 1234 5678"},  {"AU", "0011 81 3 1234 5678"},
                        {"JP", "010 81 3 1234 5678"},  {"HK", "001 81 3 1234 5678"},
                        {"RU", "8 10 81 3 1234 5678"}, {"SG", "001 81 3 1234 5678"}};

  for (const Case& one : cases) {
    INFO(one.region << ' ' << one.written);

    const auto link = builder.Build(one.written, one.region);

    REQUIRE_THAT(link, IsOk());
    CHECK(link->e164 == "+81312345678");
  }
}

TEST_CASE("An international prefix of another region is not guessed at") {
  const CallLinkBuilder builder;

  CHECK_THAT(builder.Build("0081312345678", "JP"),
             IsError(kInvalid, "NUMBER_UNKNOWN_COUNTRY_CODE"));
  CHECK_THAT(builder.Build("00442079460958", "US"),
             IsError(kInvalid, "NUMBER_UNKNOWN_COUNTRY_CODE"));
  CHECK_THAT(builder.Build("0081312345678", ""), IsError(kInvalid, "NUMBER_REGION_REQUIRED"));
}

TEST_CASE("A global phone-context stands for the country code") {
  const CallLinkBuilder builder;

  const auto link = builder.Build("tel:3-1234-5678;phone-context=+81", "US");

  REQUIRE_THAT(link, IsOk());
  CHECK(link->e164 == "+81312345678");
}

TEST_CASE("Letters are dialled only in numbers that are advertised as words") {
  const CallLinkBuilder builder;

  const auto free_call = builder.Build("1-800-FLOWERS", "US");
  REQUIRE_THAT(free_call, IsOk());
  CHECK(free_call->e164 == "+18003569377");
  CHECK_THAT(builder.Build("212 555 home", "US"), IsError(kInvalid, "NUMBER_NOT_A_NUMBER"));
  CHECK_THAT(builder.Build("03-abcd-5678", "JP"), IsError(kInvalid, "NUMBER_NOT_A_NUMBER"));
}

TEST_CASE("A remembered number is answered exactly as the first time") {
  const CallLinkBuilder builder;

  for (const char* const written :
       {"03-1234-5678", "+81312345678", "03-1234-5678 x12", "090-0123-4567"}) {
    const auto first = builder.Build(written, "JP");
    const auto second = builder.Build(written, "JP");

    REQUIRE_THAT(first, IsOk());
    REQUIRE_THAT(second, IsOk());
    CHECK(*first == *second);
  }
}

TEST_CASE("What is remembered for one default region is not used for another") {
  const CallLinkBuilder builder;

  const auto tokyo = builder.Build("06 6123 4567", "JP");
  const auto rome = builder.Build("06 6123 4567", "IT");

  REQUIRE_THAT(tokyo, IsOk());
  REQUIRE_THAT(rome, IsOk());
  CHECK(tokyo->e164 == "+81661234567");
  CHECK(rome->e164 == "+390661234567");
}

TEST_CASE("Many threads may build at the same time") {
  const CallLinkBuilder builder(/*cached_links_max=*/64);
  std::vector<int> wrong(4, 0);
  {
    std::vector<std::jthread> threads;
    for (size_t t = 0; t < wrong.size(); ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 100; ++i) {
          const std::string digits = std::to_string(1000 + i);
          const auto link = builder.Build("03-2345-" + digits, "JP");
          if (!link.ok() || link->e164 != "+8132345" + digits) ++wrong[t];
        }
      });
    }
  }

  CHECK(wrong == std::vector<int>(4, 0));
}

}  // namespace
}  // namespace shodan::calllink
