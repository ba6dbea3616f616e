// SPDX-License-Identifier: Apache-2.0
#include "libs/http/body_decoder.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"

namespace shodan::http {
namespace {

RequestHead Chunked() {
  RequestHead head;
  head.chunked = true;
  return head;
}

RequestHead Length(uint64_t length) {
  RequestHead head;
  head.content_length = length;
  return head;
}

std::string ReasonFor(const RequestHead& head, const std::string& bytes, size_t max = 100) {
  BodyDecoder decoder(head, max);
  size_t used = 0;
  return ReasonOf(decoder.Feed(bytes, used));
}

TEST_CASE("BodyDecoder gives a body in pieces, and its bound holds for all of them together") {
  BodyDecoder decoder(Chunked(), 6);
  size_t used = 0;
  REQUIRE(decoder.Feed("3\r\nabc\r\n", used).ok());
  CHECK(decoder.has_bytes());
  CHECK(decoder.TakeBody() == "abc");
  CHECK_FALSE(decoder.has_bytes());
  REQUIRE(decoder.Feed("3\r\ndef\r\n", used).ok());
  CHECK(decoder.TakeBody() == "def");

  CHECK(ReasonOf(decoder.Feed("1\r\ng\r\n", used)) == "BODY_TOO_LARGE");

  BodyDecoder announced(Length(7), 6);
  CHECK(ReasonOf(announced.Feed("", used)) == "BODY_TOO_LARGE");
}

TEST_CASE("BodyDecoder takes exactly Content-Length bytes and leaves the next request") {
  BodyDecoder decoder(Length(5), 100);
  size_t used = 0;

  REQUIRE(decoder.Feed("helloGET /", used).ok());

  CHECK(used == 5);
  CHECK(decoder.done());
  CHECK(decoder.TakeBody() == "hello");
}

TEST_CASE("BodyDecoder has nothing to read without a body") {
  CHECK(BodyDecoder(RequestHead{}, 100).done());
  CHECK(BodyDecoder(Length(0), 100).done());
}

TEST_CASE("BodyDecoder joins chunks wherever the bytes are cut") {
  const std::string bytes = "5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\nGET";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    BodyDecoder decoder(Chunked(), 100);
    size_t first = 0;
    size_t second = 0;
    REQUIRE(decoder.Feed(bytes.substr(0, cut), first).ok());
    REQUIRE(decoder.Feed(bytes.substr(first), second).ok());
    CHECK(decoder.done());
    CHECK(first + second == bytes.size() - 3);
    CHECK(decoder.TakeBody() == "hello0123456789");
  }
}

TEST_CASE("BodyDecoder refuses trailers") {
  CHECK(ReasonFor(Chunked(), "0\r\nX-User-Id: evil\r\n\r\n") == "FRAMING_INVALID");
  CHECK(ReasonFor(Chunked(), "1\r\na\r\n0\r\nConnection: close\r\n\r\n") == "FRAMING_INVALID");
}

TEST_CASE("BodyDecoder refuses chunk extensions and malformed sizes") {
  for (const char* bytes : {"5;a=b\r\n", "5 \r\n", " 5\r\n", "0x5\r\n", "+5\r\n", "\r\n", "g\r\n",
                            "5\n", "000000005\r\n", "5\r\nhelloX", "5\r\nhello\n"}) {
    CHECK(ReasonFor(Chunked(), bytes) == "FRAMING_INVALID");
  }
}

TEST_CASE("BodyDecoder refuses a body that is too large as soon as it is known") {
  CHECK(ReasonFor(Length(101), "") == "BODY_TOO_LARGE");
  CHECK(ReasonFor(Length(100), "").empty());
  CHECK(ReasonFor(Chunked(), "65\r\n") == "BODY_TOO_LARGE");
  CHECK(ReasonFor(Chunked(), "3C\r\n" + std::string(60, 'a') + "\r\n3C\r\n") == "BODY_TOO_LARGE");
  CHECK(ReasonFor(Chunked(), "FFFFFFFF\r\n") == "BODY_TOO_LARGE");
}

TEST_CASE("BodyDecoder refuses a flood of tiny chunks") {
  std::string flood;
  for (int i = 0; i < 1000; ++i) flood += "1\r\na\r\n";
  CHECK(ReasonFor(Chunked(), flood, 100'000) == "FRAMING_INVALID");
}

}  // namespace
}  // namespace shodan::http
