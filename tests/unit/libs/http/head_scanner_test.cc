// SPDX-License-Identifier: Apache-2.0
#include "libs/http/head_scanner.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"

namespace shodan::http {
namespace {

using namespace std::string_literals;

std::string ReasonFor(const std::string& bytes) {
  HeadScanner scanner(1024, 4);
  return ReasonOf(scanner.Scan(bytes));
}

TEST_CASE("HeadScanner finds the end of the head wherever the bytes are cut") {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string bytes = head + "body";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    HeadScanner scanner(1024, 4);
    REQUIRE(scanner.Scan(bytes.substr(0, cut)).ok());
    CHECK(scanner.size() == (cut < head.size() ? 0 : head.size()));
    REQUIRE(scanner.Scan(bytes).ok());
    CHECK(scanner.size() == head.size());
  }
}

TEST_CASE("HeadScanner refuses bare LF and bare CR") {
  CHECK(ReasonFor("GET / HTTP/1.1\nHost: a\n\n") == "HEAD_MALFORMED");
  CHECK(ReasonFor("GET / HTTP/1.1\rHost: a\r\r") == "HEAD_MALFORMED");
  CHECK(ReasonFor("GET / HTTP/1.1\r\nHost: a\n\r\n") == "HEAD_MALFORMED");
  CHECK(ReasonFor("GET / HTTP/1.1\r\n\n") == "HEAD_MALFORMED");
}

TEST_CASE("HeadScanner refuses folded header lines") {
  CHECK(ReasonFor("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n") == "HEAD_MALFORMED");
  CHECK(ReasonFor("GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n") == "HEAD_MALFORMED");
}

TEST_CASE("HeadScanner refuses control characters and an empty first line") {
  CHECK(ReasonFor("GET /\0 HTTP/1.1\r\n\r\n"s) == "HEAD_MALFORMED");
  CHECK(ReasonFor("GET / HTTP/1.1\r\nHost: a\x7F\r\n\r\n") == "HEAD_MALFORMED");
  CHECK(ReasonFor("GET /\xC3\xA9 HTTP/1.1\r\n\r\n") == "HEAD_MALFORMED");
  CHECK(ReasonFor("\r\nGET / HTTP/1.1\r\n\r\n") == "HEAD_MALFORMED");
}

TEST_CASE("HeadScanner refuses too many bytes and too many fields") {
  CHECK(ReasonFor("GET / HTTP/1.1\r\nA: " + std::string(2000, 'a')) == "HEAD_TOO_LARGE");
  CHECK(ReasonFor("GET / HTTP/1.1\r\na: 1\r\nb: 1\r\nc: 1\r\nd: 1\r\n\r\n").empty());
  CHECK(ReasonFor("GET / HTTP/1.1\r\na: 1\r\nb: 1\r\nc: 1\r\nd: 1\r\ne: 1\r\n\r\n") ==
        "HEAD_TOO_LARGE");
}

}  // namespace
}  // namespace shodan::http
