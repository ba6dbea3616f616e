// SPDX-License-Identifier: Apache-2.0
#include "libs/http/strict_gate.h"

#include <initializer_list>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "libs/base/status.h"

namespace shodan::http {
namespace {

using FieldList = std::initializer_list<std::pair<const char*, const char*>>;

ParsedHead Head(FieldList fields, unsigned version = 11, std::string target = "/v1/a") {
  ParsedHead head;
  head.method = "POST";
  head.target = std::move(target);
  head.version = version;
  for (const auto& [name, value] : fields) head.fields.Add(name, value);
  return head;
}

std::string ReasonFor(const ParsedHead& head) { return ReasonOf(CheckHead(head).status()); }

TEST_CASE("The strict gate lets an ordinary request pass and reads its framing") {
  const auto head = CheckHead(Head({{"Host", "localhost:8443"}, {"Content-Length", "12"}}));

  REQUIRE(head.ok());
  CHECK(head->method == Method::kPost);
  CHECK(head->content_length == 12U);
  CHECK_FALSE(head->chunked);
  CHECK(head->keep_alive);
  CHECK(head->target.segments == std::vector<std::string>{"v1", "a"});
}

TEST_CASE("The strict gate accepts chunked in any letter case and [::1] as a host") {
  const auto head = CheckHead(Head({{"Host", "[::1]:8443"}, {"Transfer-Encoding", "Chunked"}}));

  REQUIRE(head.ok());
  CHECK(head->chunked);
}

TEST_CASE("The strict gate refuses every transfer coding but a single chunked") {
  for (const char* coding : {"gzip", "xchunked", "chunked, identity", "gzip, chunked", "identity",
                             "chunked,", "\"chunked\"", "chunked;q=1", ""}) {
    CHECK(ReasonFor(Head({{"Host", "a"}, {"Transfer-Encoding", coding}})) == "FRAMING_INVALID");
  }
  CHECK(ReasonFor(Head(
            {{"Host", "a"}, {"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}})) ==
        "HEAD_MALFORMED");
}

TEST_CASE("The strict gate refuses a transfer coding beside Content-Length in both orders") {
  CHECK(ReasonFor(Head({{"Host", "a"}, {"Transfer-Encoding", "gzip"}, {"Content-Length", "5"}})) ==
        "FRAMING_INVALID");
  CHECK(
      ReasonFor(Head({{"Host", "a"}, {"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}})) ==
      "FRAMING_INVALID");
}

TEST_CASE("The strict gate refuses a transfer coding with HTTP/1.0") {
  CHECK(ReasonFor(Head({{"Host", "a"}, {"Transfer-Encoding", "chunked"}}, 10)) ==
        "FRAMING_INVALID");
}

TEST_CASE("The strict gate refuses repeated, listed, signed and huge Content-Length") {
  CHECK(ReasonFor(Head({{"Host", "a"}, {"Content-Length", "5"}, {"Content-Length", "5"}})) ==
        "HEAD_MALFORMED");
  for (const char* length :
       {"5, 5", "5,5", "+5", "-1", "5 5", "0x5", "", "1e3", "18446744073709551621"}) {
    CHECK(ReasonFor(Head({{"Host", "a"}, {"Content-Length", length}})) == "FRAMING_INVALID");
  }
}

TEST_CASE("The strict gate refuses a request without exactly one well-formed Host") {
  CHECK(ReasonFor(Head({})) == "HOST_INVALID");
  CHECK(ReasonFor(Head({{"Host", "a"}, {"host", "a"}})) == "HOST_INVALID");
  for (const char* host : {"", "a b", "a/b", "user@a", "a,b", "a#", "%61"}) {
    CHECK(ReasonFor(Head({{"Host", host}})) == "HOST_INVALID");
  }
}

TEST_CASE("The strict gate refuses targets with fragments or bytes that must be encoded") {
  for (const char* target : {"/public#/../admin", "/\xFF", "/a\\b", "/a\"b", "/a<b", "/a b", "/a|b",
                             "*", "", "https://a/b", "a:443", "/a?b#c", "/a?\\"}) {
    CHECK(ReasonFor(Head({{"Host", "a"}}, 11, target)) == "TARGET_INVALID");
  }
  CHECK(ReasonFor(Head({{"Host", "a"}}, 11, "/" + std::string(4096, 'a'))) == "TARGET_TOO_LONG");
}

TEST_CASE(
    "The strict gate refuses header names with an underscore or outside the token characters") {
  for (const char* name : {"X_User_Id", "content_length", "X User", "X:", "", "X\xC3\xA9"}) {
    CHECK(ReasonFor(Head({{"Host", "a"}, {name, "1"}})) == "HEAD_MALFORMED");
  }
}

TEST_CASE("The strict gate refuses control characters in header values") {
  for (const char* value : {"a\r\nB: c", "a\nb", "\x01", "a\x7F"}) {
    CHECK(ReasonFor(Head({{"Host", "a"}, {"X-Test", value}})) == "HEAD_MALFORMED");
  }
}

TEST_CASE("The strict gate refuses fields twice that must be single") {
  for (const char* name : {"Authorization", "Content-Type", "Cookie", "Origin", "Expect"}) {
    CHECK(ReasonFor(Head({{"Host", "a"}, {name, "a"}, {name, "b"}})) == "HEAD_MALFORMED");
  }
}

TEST_CASE("The strict gate refuses announced trailers, other expectations, methods and versions") {
  CHECK(ReasonFor(Head({{"Host", "a"}, {"Trailer", "X-User-Id"}})) == "FRAMING_INVALID");
  CHECK(ReasonFor(Head({{"Host", "a"}, {"Expect", "200-ok"}})) == "EXPECTATION_FAILED");
  CHECK(ReasonFor(Head({{"Host", "a"}}, 12)) == "HEAD_MALFORMED");
  ParsedHead head = Head({{"Host", "a"}});
  for (const char* method : {"TRACE", "CONNECT", "get", "PUSH", ""}) {
    head.method = method;
    CHECK(ReasonFor(head) == "METHOD_NOT_ALLOWED");
  }
}

TEST_CASE("The strict gate ends the connection when asked and after HTTP/1.0") {
  CHECK_FALSE(CheckHead(Head({{"Host", "a"}, {"Connection", "keep-alive, Close"}}))->keep_alive);
  CHECK_FALSE(CheckHead(Head({{"Host", "a"}, {"Connection", "keep-alive"}}, 10))->keep_alive);
}

TEST_CASE("The strict gate tells when the client waits for 100 Continue") {
  CHECK(CheckHead(Head({{"Host", "a"}, {"Expect", "100-Continue"}}))->expects_continue);
  CHECK_FALSE(CheckHead(Head({{"Host", "a"}}))->expects_continue);
}

}  // namespace
}  // namespace shodan::http
