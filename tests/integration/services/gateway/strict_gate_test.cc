// SPDX-License-Identifier: Apache-2.0
// What the parser of Boost 1.81 lets through must end at the edge: over real TLS each of these gets
// one answer and then the end of the connection, and nothing that follows is read as a request.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/integration/services/gateway/running_gateway.h"

namespace shodan::gateway {
namespace {

using namespace std::string_literals;

const std::string kSmuggled = "GET /app/ HTTP/1.1\r\nHost: localhost\r\n\r\n";

struct Row {
  const char* what;
  std::string bytes;
  int status;
};

std::string Head(const std::string& fields, const std::string& line = "POST /connect HTTP/1.1") {
  return line + "\r\nHost: localhost\r\n" + fields + "\r\n";
}

std::string Repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

const std::string kChunked = "Transfer-Encoding: chunked\r\n";

std::vector<Row> Rows() {
  return {
      {"a trailer of 1 MiB", Head(kChunked) + "0\r\nX: " + std::string(1 << 20, 'a') + "\r\n\r\n",
       400},
      {"2,000 trailers",
       Head(kChunked) + "0\r\n" + Repeat("X: " + std::string(500, 'a') + "\r\n", 2000) + "\r\n",
       400},
      {"a trailer with an identity", Head(kChunked) + "0\r\nX-User-Id: evil\r\n\r\n", 400},
      {"a trailer Connection: close", Head(kChunked) + "0\r\nConnection: close\r\n\r\n", 400},
      {"a chunk extension of 1 MiB",
       Head(kChunked) + "5;a=" + std::string(1 << 20, 'a') + "\r\nhello\r\n0\r\n\r\n", 400},
      {"a short chunk extension", Head(kChunked) + "5;a=b\r\nhello\r\n0\r\n\r\n", 400},
      {"TE: gzip then CL", Head("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n") + "hello", 400},
      {"CL then TE: chunked", Head("Content-Length: 5\r\n" + kChunked) + "0\r\n\r\n", 400},
      {"TE: gzip alone", Head("Transfer-Encoding: gzip\r\n"), 400},
      {"TE: xchunked", Head("Transfer-Encoding: xchunked\r\n"), 400},
      {"TE: chunked, identity", Head("Transfer-Encoding: chunked, identity\r\n"), 400},
      {"TE: gzip, chunked", Head("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n", 400},
      {"HTTP/1.0 with TE: chunked", Head(kChunked, "POST /connect HTTP/1.0") + "0\r\n\r\n", 400},
      {"two Host", Head("Host: other\r\n", "GET / HTTP/1.1"), 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"no Host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 400},
      {"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"a fragment in the target", Head("", "GET /public#/../admin HTTP/1.1"), 400},
      {"0xFF in the target", Head("", "GET /\xFF HTTP/1.1"), 400},
      {"a backslash in the target", Head("", "GET /a\\b HTTP/1.1"), 400},
      {"a quote in the target", Head("", "GET /a\"b HTTP/1.1"), 400},
      {"an angle bracket in the target", Head("", "GET /a<b HTTP/1.1"), 400},
      {"dot segments", Head("", "GET /app/../dev/login HTTP/1.1"), 400},
      {"escaped dot segments", Head("", "GET /app/%2e%2e/dev/login HTTP/1.1"), 400},
      {"an absolute target", Head("", "GET https://localhost/app/ HTTP/1.1"), 400},
      {"a header with an underscore", Head("X_User_Id: 1\r\n", "GET / HTTP/1.1"), 400},
      {"400 header fields", Head(Repeat("X: 1\r\n", 400), "GET / HTTP/1.1"), 431},
      {"a head of 20 KiB", Head("X: " + std::string(20'000, 'a') + "\r\n", "GET / HTTP/1.1"), 431},
      {"obs-fold", Head("X: a\r\n b\r\n", "GET / HTTP/1.1"), 400},
      {"CL: 5, 5", Head("Content-Length: 5, 5\r\n") + "hello", 400},
      {"CL twice, equal", Head("Content-Length: 5\r\nContent-Length: 5\r\n") + "hello", 400},
      {"CL twice, different", Head("Content-Length: 5\r\nContent-Length: 6\r\n") + "hello!", 400},
      {"CL: +5", Head("Content-Length: +5\r\n") + "hello", 400},
      {"CL beyond 64 bits", Head("Content-Length: 18446744073709551621\r\n") + "hello", 400},
      {"bare LF", "GET / HTTP/1.1\nHost: localhost\n\n", 400},
      {"a space before the colon", Head("X : 1\r\n", "GET / HTTP/1.1"), 400},
      {"NUL in a header", Head("X: a\0b\r\n"s, "GET / HTTP/1.1"), 400},
      {"an empty line first", "\r\n" + kSmuggled, 400},
      {"HTTP/2.0", Head("", "GET / HTTP/2.0"), 400},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"a body larger than the route takes", Head("Content-Length: 8193\r\n"), 413},
      {"chunks larger than the route takes", Head(kChunked) + "2001\r\n", 413},
      {"a body where none is taken", Head("Content-Length: 5\r\n", "GET /app/ HTTP/1.1") + "hello",
       413},
      {"a target of 5,000 bytes", Head("", "GET /" + std::string(5000, 'a') + " HTTP/1.1"), 414},
      {"another expectation", Head("Expect: the-moon\r\n", "GET / HTTP/1.1"), 417},
      {"TRACE", Head("", "TRACE / HTTP/1.1"), 405},
      {"CONNECT", Head("", "CONNECT localhost:443 HTTP/1.1"), 400},
      {"two Authorization",
       Head("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n", "GET / HTTP/1.1"), 400},
      {"two Cookie", Head("Cookie: a=b\r\nCookie: c=d\r\n", "GET / HTTP/1.1"), 400},
  };
}

TEST_CASE(
    "Every ambiguous or oversized request gets one refusal and then the end of the connection") {
  RunningGateway gateway;
  for (const Row& row : Rows()) {
    INFO(row.what);
    const auto client = gateway.Connect();
    REQUIRE(client->connected());
    client->Send(row.bytes + kSmuggled);  // the peer may have hung up before the end of a flood

    const auto response = client->Receive();

    REQUIRE(response.has_value());
    CHECK(response->status == row.status);
    CHECK(response->Field("connection") == "close");
    CHECK(response->Field("content-type") == "application/problem+json");
    CHECK(response->Field("x-content-type-options") == "nosniff");
    CHECK_FALSE(client->Receive().has_value());
  }
  CHECK(gateway.Get("/app/").status == 200);
}

TEST_CASE("A refused connection ends in order, not by a reset") {
  RunningGateway gateway;
  for (const char* fields :
       {"Transfer-Encoding: gzip\r\n", "Content-Length: 8193\r\n", "X_Y: 1\r\n"}) {
    const auto client = gateway.Connect();
    REQUIRE(client->Send(Head(fields)));
    REQUIRE(client->Receive().has_value());
    CHECK(client->ReadsEnd());
  }
}

TEST_CASE("A thousand floods of trailers leave the gateway running") {
  RunningGateway gateway;
  const std::string flood = Head(kChunked) + "0\r\nX: " + std::string(100'000, 'a');
  for (int i = 0; i < 1000; ++i) gateway.Connect()->Send(flood);
  CHECK(gateway.Get("/app/").status == 200);
}

TEST_CASE(
    "Ordinary requests pass: several on one connection, pipelined, chunked, with 100-continue") {
  RunningGateway gateway;
  const auto client = gateway.Connect();
  REQUIRE(client->Send(kSmuggled + kSmuggled));
  for (int i = 0; i < 2; ++i) {
    const auto response = client->Receive();
    REQUIRE(response.has_value());
    CHECK(response->status == 200);
    CHECK(response->Field("connection") != "close");
  }

  const std::string form = "userId=bob";
  const std::string head =
      "POST /dev/session HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost:8443\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\n";
  REQUIRE(client->Send(head + kChunked + "\r\n3\r\nuse\r\n7\r\nrId=bob\r\n0\r\n\r\n"));
  CHECK(client->Receive()->status == 303);
  REQUIRE(client->Send(head + "Expect: 100-continue\r\nContent-Length: 10\r\n\r\n"));
  CHECK(client->Receive()->status == 100);
  REQUIRE(client->Send(form));
  CHECK(client->Receive()->status == 303);
}

TEST_CASE("HEAD has the head of GET and no body") {
  RunningGateway gateway;
  const auto client = gateway.Connect();
  REQUIRE(client->Send("HEAD /app/ HTTP/1.1\r\nHost: localhost\r\n\r\n" + kSmuggled));
  const auto head = client->Receive(true);
  const auto get = client->Receive();
  REQUIRE(head.has_value());
  REQUIRE(get.has_value());
  CHECK(head->status == 200);
  CHECK(head->Field("content-length") == get->Field("content-length"));
  CHECK(head->Field("etag") == get->Field("etag"));
}

}  // namespace
}  // namespace shodan::gateway
