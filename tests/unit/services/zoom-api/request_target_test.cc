// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/request_target.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/http/target.h"
#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {
namespace {

using shodan::testing::IsError;
using shodan::testing::IsOk;

using Segments = std::vector<std::string>;
using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string EncodedOf(std::string_view path, std::string_view query = "") {
  const auto target = RequestTarget::Parse(path, query);
  INFO(path << "?" << query << ": " << target.status().ToString());
  REQUIRE(target.ok());
  return target->Encoded();
}

bool IsRefused(std::string_view path, std::string_view query = "") {
  const auto target = RequestTarget::Parse(path, query);
  return HasReason(target.status(), "INVALID_FIELD");
}

}  // namespace

TEST_CASE("a path and a query are decoded once and encoded anew", "[zoom-api]") {
  const auto target = RequestTarget::Parse("users/me/meetings", "page_size=30&q=a%20b+c&bare&&x=");
  REQUIRE_THAT(target, IsOk());
  CHECK(target->segments() == Segments{"users", "me", "meetings"});
  CHECK(target->parameters() ==
        Parameters{{"page_size", "30"}, {"q", "a b c"}, {"bare", ""}, {"x", ""}});
  CHECK(target->Encoded() == "/users/me/meetings?page_size=30&q=a%20b%20c&bare=&x=");
}

TEST_CASE("characters that RFC 3986 does not reserve stay as they are", "[zoom-api]") {
  CHECK(EncodedOf("aZ09-._~/%7E%2d") == "/aZ09-._~/~-");
  CHECK(EncodedOf("a@b:c,d$e") == "/a%40b%3Ac%2Cd%24e");
  CHECK(EncodedOf("%e4%bc%9a", "n=%E4%bc%9A") == "/%E4%BC%9A?n=%E4%BC%9A");
}

TEST_CASE("a meeting's UUID may hold slashes and is encoded as Zoom asks for", "[zoom-api]") {
  // Encoded once, with one slash in the middle.
  CHECK(EncodedOf("past_meetings/4444AAAiAAAAA%2FiAiiAiiA%3D%3D") ==
        "/past_meetings/4444AAAiAAAAA%2FiAiiAiiA%3D%3D");
  // At the beginning, or two in a row: encoded twice, however it came.
  const std::string twice = "/past_meetings/%252FajXp112QmuoKj48548756%253D%253D";
  CHECK(EncodedOf("past_meetings/%2FajXp112QmuoKj48548756%3D%3D") == twice);
  CHECK(EncodedOf("past_meetings/%252FajXp112QmuoKj48548756%253D%253D") == twice);
  CHECK(EncodedOf("past_meetings/ajXp112Qm%2F%2FoKj48548756%3D%3D/participants") ==
        "/past_meetings/ajXp112Qm%252F%252FoKj48548756%253D%253D/participants");
  CHECK(EncodedOf("past_meetings/ajXp112Qm+uoKj48548756A==") ==
        "/past_meetings/ajXp112Qm%2BuoKj48548756A%3D%3D");
}

TEST_CASE("paths that could lead elsewhere are refused", "[zoom-api]") {
  const std::vector<std::string> attacks = {
      "", "/", "/users/me", "users//me", "users/", "//evil", "users/../accounts", "..", ".", "...",
      "%2e%2e", "%2E.", "%252e%252e", "%25252e%25252e", "a/%2e%2e/b", "%2F..", "..%2f",
      "..%2F..%2Faccounts", "a%2Fb", "a%252Fb", "a%25252Fb", "\\", "a\\b", "a%5Cb", "a%255Cb",
      "http://evil", "https:%2F%2Fevil", "users/me;x=1", "users/me%3Bx", "a%3Fb", "a%23b", "a?b=c",
      "a#b", "%00", "a%00", "%0d%0a", "a%0aHost:%20evil", "%250d%250a", "%7f", "%c0%af",
      "%c0%ae%c0%ae", "%e0%80%af", "%ed%a0%80", "%ff", "%", "a%", "%2", "%zz", "a b", "a\tb",
      std::string("a\0b", 3), "[a]", "a|b", "%u002e", "\xc3\xa9",
      // Slashes in something that only looks like a UUID.
      "%2Fetc%2Fpasswd", "%2FajXp112QmuoKj485487%3D%3D", "%2F..jXp112QmuoKj4854875A%3D%3D",
      "%2FajXp112QmuoKj4854875AA"};
  for (const std::string& path : attacks) {
    INFO(path);
    CHECK(IsRefused(path));
  }
}

TEST_CASE("what only looks dangerous in one segment is sent as that segment", "[zoom-api]") {
  CHECK(EncodedOf("@evil.example") == "/%40evil.example");
  CHECK(EncodedOf("api.zoom.us:443") == "/api.zoom.us%3A443");
  CHECK(EncodedOf("a..b/...c") == "/a..b/...c");
  CHECK(EncodedOf("100%25") == "/100%25");
}

TEST_CASE("queries are refused that are broken, or hold what no text has", "[zoom-api]") {
  for (const char* query : {"a=%", "a=%2", "a=%zz", "a=%00", "a=%0d%0a", "a=%ff", "a=%c0%af", "=b",
                            "a=b#c", "a=<", "a=b c", "a=\\"}) {
    INFO(query);
    CHECK(IsRefused("users", query));
  }
  CHECK(EncodedOf("users", "next=http%3A%2F%2Fevil%2F..%2F%3F%23") ==
        "/users?next=http%3A%2F%2Fevil%2F..%2F%3F%23");
}

TEST_CASE("sizes have limits", "[zoom-api]") {
  std::string path = "a";
  for (int i = 1; i < 32; ++i) path += "/a";
  CHECK_THAT(RequestTarget::Parse(path, ""), IsOk());
  CHECK(IsRefused(path + "/a"));
  CHECK_THAT(RequestTarget::Parse(std::string(2'048, 'a'), ""), IsOk());
  CHECK(IsRefused(std::string(2'049, 'a')));

  std::string query;
  for (int i = 0; i < 64; ++i) query += "a=1&";
  CHECK_THAT(RequestTarget::Parse("a", query), IsOk());
  CHECK(IsRefused("a", query + "a=1"));
  CHECK_THAT(RequestTarget::Parse("a", "a=" + std::string(4'094, 'b')), IsOk());
  CHECK(IsRefused("a", "a=" + std::string(4'095, 'b')));
}

TEST_CASE("segments that the service chose are encoded alike", "[zoom-api]") {
  CHECK(RequestTarget::Of({"users", "me", "meetings"}, {{"type", "upcoming"}}).Encoded() ==
        "/users/me/meetings?type=upcoming");
  CHECK(RequestTarget::Of({"past_meetings", "/ajXp112QmuoKj48548756=="}).Encoded() ==
        "/past_meetings/%252FajXp112QmuoKj48548756%253D%253D");
}

TEST_CASE("whatever comes in, what goes out stays on its path", "[zoom-api]") {
  const std::vector<std::string> pieces = {"users",
                                           "me",
                                           "a",
                                           "/",
                                           "//",
                                           ".",
                                           "..",
                                           "%2e",
                                           "%2F",
                                           "%252F",
                                           "%",
                                           "%zz",
                                           "\\",
                                           "?",
                                           "#",
                                           "&",
                                           "=",
                                           "@",
                                           ":",
                                           ";",
                                           "%00",
                                           "%0a",
                                           "%c0",
                                           "%e3%81%82",
                                           "%5c",
                                           "+",
                                           "==",
                                           "~",
                                           "%25",
                                           "%3f",
                                           "%23",
                                           " ",
                                           "%2FajXp112QmuoKj48548756%3D%3D",
                                           "%252F%252FXp112QmuoKj4854875%253D%253D",
                                           "\xff"};
  std::mt19937 random(20'261'122);
  int accepted = 0;
  for (int round = 0; round < 100'000; ++round) {
    std::string path;
    const int count = 1 + static_cast<int>(random() % 6);
    for (int i = 0; i < count; ++i) path += pieces[random() % pieces.size()];
    std::string query;
    if (random() % 2 == 0) {
      query = "a=" + pieces[random() % pieces.size()] + pieces[random() % pieces.size()];
    }
    const auto target = RequestTarget::Parse(path, query);
    if (!target.ok()) continue;
    ++accepted;
    const std::string encoded = target->Encoded();
    INFO(path << " -> " << encoded);
    const std::string sent = encoded.substr(0, encoded.find('?'));
    const bool clean = sent.front() == '/' && sent.find("//") == std::string::npos &&
                       (sent + "/").find("/../") == std::string::npos &&
                       (sent + "/").find("/./") == std::string::npos &&
                       std::all_of(encoded.begin(), encoded.end(), [](char c) {
                         return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                                std::string_view("-._~/%?&=").find(c) != std::string_view::npos;
                       });
    if (!clean) CHECK(clean);
    const auto slashes = std::count(sent.begin(), sent.end(), '/');
    if (slashes != static_cast<long>(target->segments().size())) {
      CHECK(slashes == static_cast<long>(target->segments().size()));
    }
    // Read again, it says the same.
    const std::string rest = encoded.size() > sent.size() ? encoded.substr(sent.size() + 1) : "";
    const auto again = RequestTarget::Parse(sent.substr(1), rest);
    if (!again.ok() || again->segments() != target->segments() ||
        again->parameters() != target->parameters()) {
      CHECK_THAT(again, IsOk());
      CHECK(again->segments() == target->segments());
    }
  }
  CHECK(accepted > 5'000);
}

}  // namespace shodan::zoomapi
