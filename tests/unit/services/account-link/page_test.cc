// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/page.h"

#include <chrono>
#include <limits>
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/crypto/digest.h"
#include "services/account-link/domain/call.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link {
namespace {

const UserKey kAiko{"demo", "aiko"};
const UserKey kBen{"demo", "ben"};

PagePosition APosition() {
  return {Time(std::chrono::microseconds(1'763'700'000'123'456)),
          "6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e"};
}

}  // namespace

TEST_CASE("a page token names its position to the microsecond", "[account-link][page]") {
  const std::string list = ListName("calls", kAiko, {"c1", ""});

  CHECK(DecodePageToken(EncodePageToken(APosition(), list), list) == APosition());
}

TEST_CASE("a page token fits no other list", "[account-link][page]") {
  const std::string token = EncodePageToken(APosition(), ListName("calls", kAiko, {"c1", ""}));

  CHECK_FALSE(DecodePageToken(token, ListName("calls", kAiko, {"", "c1"})).has_value());
  CHECK_FALSE(DecodePageToken(token, ListName("calls", kAiko, {"c2", ""})).has_value());
  CHECK_FALSE(DecodePageToken(token, ListName("notes", kAiko, {"c1", ""})).has_value());
  CHECK_FALSE(DecodePageToken(token, ListName("calls", kBen, {"c1", ""})).has_value());
}

TEST_CASE("a page token that was altered anywhere is refused", "[account-link][page]") {
  const std::string list = ListName("calls", kAiko, {"", ""});
  const std::string token = EncodePageToken(APosition(), list);
  for (size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    INFO(i);
    CHECK_FALSE(DecodePageToken(altered, list).has_value());
  }
  CHECK_FALSE(DecodePageToken(token.substr(0, token.size() - 1), list).has_value());
  CHECK_FALSE(DecodePageToken(token + "A", list).has_value());
  CHECK_FALSE(DecodePageToken("", list).has_value());
  CHECK_FALSE(DecodePageToken("not a token", list).has_value());
  CHECK_FALSE(DecodePageToken(std::string(1'000, 'A'), list).has_value());
}

TEST_CASE("a position beyond all times is refused", "[account-link][page]") {
  const std::string list = ListName("calls", kAiko, {"", ""});
  for (const std::string time : {"9223372036854775807", "-1", "9000000000000001", "x"}) {
    const std::string text = "6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e" + time;
    const std::string check =
        Sha256(LengthPrefixed({"shodan.accountlink.page.1", list, text})).substr(0, 12);
    CHECK_FALSE(DecodePageToken(Base64UrlEncode(check + text), list).has_value());
  }
}

TEST_CASE("page sizes are 1 to 100, 25 when absent", "[account-link][page]") {
  const std::string list = ListName("calls", kAiko, {"", ""});
  for (const auto& [asked, given] : {std::pair(0, 25), {1, 1}, {100, 100}}) {
    RequestCheck check;
    CHECK(CheckPage({asked, ""}, list, check).size == given);
    CHECK(check.Finish().ok());
  }
  for (const int asked : {-1, 101, std::numeric_limits<int>::max()}) {
    RequestCheck check;
    CheckPage({asked, ""}, list, check);
    CHECK(FieldsOf(check.Finish()).at(0).field == "pageSize");
  }
}

TEST_CASE("a wrong token is a problem of pageToken", "[account-link][page]") {
  RequestCheck check;
  CheckPage({10, "AAAA"}, ListName("calls", kAiko, {"", ""}), check);
  CHECK(FieldsOf(check.Finish()).at(0).field == "pageToken");
}

TEST_CASE("a page has a next one exactly when one record more was found", "[account-link][page]") {
  const std::string list = ListName("calls", kAiko, {"", ""});
  std::vector<Call> stored(3);
  stored[1].call_id = "6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e";

  CHECK(MakePage(stored, 3, &Call::call_id, list).next.empty());
  const Page<Call> page = MakePage(stored, 2, &Call::call_id, list);
  CHECK(page.records.size() == 2);
  CHECK(DecodePageToken(page.next, list)->id == stored[1].call_id);
}

}  // namespace shodan::account_link
