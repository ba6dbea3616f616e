// SPDX-License-Identifier: Apache-2.0
#include "libs/https_client/curl_https_stream.h"

#include <atomic>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/integration/libs/https_client/stream_world.h"
#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

using testing::CertificateContent;
using testing::IsError;
using testing::IsOk;
using testing::StreamOutcome;
using testing::StreamWorld;
using testing::TestAuthority;
using testing::TlsConnection;
using testing::TlsServer;

constexpr std::string_view kEmptyAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

// Serves requests until the client closes the connection.
void KeepAnswering(TlsConnection& connection) {
  while (!connection.ReadRequest().empty()) connection.Write(kEmptyAnswer);
}

std::string WithoutHost(std::string request) {
  const size_t host = request.find("Host: localhost:");
  REQUIRE(host != std::string::npos);
  return request.erase(host, request.find("\r\n", host) + 2 - host);
}

TEST_CASE_METHOD(StreamWorld,
                 "A streamed request has its fields and its body and nothing unasked") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}");
  });
  HttpsStreamRequest request = Request(server.Url("/v2/meetings/%252Fa%2F%2F/x?y=a%20b"), "PATCH");
  request.headers.emplace_back("Authorization", Secret("Bearer canary"));
  request.headers.emplace_back("Accept", Secret("application/json"));
  request.content_length = 5;

  const StreamOutcome outcome = Send(std::move(request), "{\"a\"}");

  CHECK_THAT(outcome.error, IsOk());
  CHECK_THAT(outcome.written, IsOk());
  CHECK(outcome.head.status == 201);
  CHECK(outcome.body == "{}");
  CHECK(outcome.may_have_been_sent);
  client.reset();
  CHECK(WithoutHost(server.Stop()) ==
        "PATCH /v2/meetings/%252Fa%2F%2F/x?y=a%20b HTTP/1.1\r\n"
        "Authorization: Bearer canary\r\n"
        "Accept: application/json\r\n"
        "Content-Length: 5\r\n"
        "\r\n"
        "{\"a\"}");
}

TEST_CASE_METHOD(StreamWorld, "A path is sent as it is written") {
  TlsServer server(ForLocalhost(), KeepAnswering);

  CHECK_THAT(Send(Request(server.Url("/a/../b/./c//d/%2e%2e"))).error, IsOk());

  client.reset();
  CHECK(server.Stop().starts_with("GET /a/../b/./c//d/%2e%2e HTTP/1.1\r\n"));
}

TEST_CASE_METHOD(StreamWorld, "Every method without a body is sent as such") {
  const std::pair<std::string, std::string> expected[] = {
      {"GET", ""},
      {"DELETE", ""},
      {"POST", "Content-Length: 0\r\n"},
      {"PUT", "Content-Length: 0\r\n"},
      {"PATCH", "Content-Length: 0\r\n"},
  };
  for (const auto& [method, field] : expected) {
    CAPTURE(method);
    TlsServer server(ForLocalhost(), [](TlsConnection& connection) {
      connection.ReadRequest();
      connection.Write("HTTP/1.1 204 No Content\r\n\r\n");
    });

    const StreamOutcome outcome = Send(Request(server.Url("/x"), method));

    CHECK_THAT(outcome.error, IsOk());
    CHECK(outcome.head.status == 204);
    CHECK(WithoutHost(server.Stop()) ==
          method + " /x HTTP/1.1\r\nAccept: */*\r\n" + field + "\r\n");
  }
}

TEST_CASE_METHOD(StreamWorld, "The answer to HEAD tells a length and has no body") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
  });

  const StreamOutcome outcome = Send(Request(server.Url("/"), "HEAD"));

  CHECK_THAT(outcome.error, IsOk());
  CHECK(outcome.head.content_length == 1234);
  CHECK(outcome.body.empty());
}

TEST_CASE_METHOD(StreamWorld, "20 MiB arrive unchanged, there and back, in chunks of 64 KiB") {
  std::string body(20 << 20, '\0');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 2654435761U >> 16);
  bool same = false;
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    const std::string received = connection.ReadRequest();
    same = received.size() > body.size() && received.ends_with(body);
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                     "\r\n\r\n");
    connection.Write(body);
  });
  HttpsStreamRequest request = Request(server.Url("/"), "POST");
  request.content_length = static_cast<int64_t>(body.size());

  const StreamOutcome outcome = Send(std::move(request), body);

  CHECK_THAT(outcome.error, IsOk());
  CHECK_THAT(outcome.written, IsOk());
  CHECK(outcome.head.content_length == static_cast<int64_t>(body.size()));
  CHECK((outcome.body == body));
  CHECK(outcome.largest_chunk <= 64 << 10);
  server.Stop();
  CHECK(same);
}

TEST_CASE_METHOD(StreamWorld, "All fields come as they came, without informational answers") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Write(
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        "HTTP/1.1 200 OK\r\nX-Twice:  first \r\nx-twice: last\r\nTransfer-Encoding: chunked\r\n"
        "Trailer: X-End\r\n\r\n3\r\nabc\r\n0\r\nX-End: late\r\n\r\n");
  });

  const StreamOutcome outcome = Send(Request(server.Url("/")));

  CHECK_THAT(outcome.error, IsOk());
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"x-twice", "first"},
      {"x-twice", "last"},
      {"transfer-encoding", "chunked"},
      {"trailer", "X-End"}};
  CHECK(outcome.head.headers == expected);
  CHECK(outcome.head.content_length == -1);
  CHECK(outcome.body == "abc");
}

TEST_CASE_METHOD(StreamWorld, "A streamed redirect is an answer and is not followed") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 307 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
  });

  const StreamOutcome outcome = Send(Request(server.Url("/")));

  CHECK_THAT(outcome.error, IsOk());
  CHECK(outcome.head.status == 307);
  server.Stop();
  CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(StreamWorld, "An answer that is cut off is told after what came of it") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbeginning");
  });

  const StreamOutcome outcome = Send(Request(server.Url("/")));

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TRUNCATED"));
  CHECK(outcome.head.status == 200);
  CHECK(outcome.body == "beginning");
  CHECK(outcome.may_have_been_sent);
}

TEST_CASE_METHOD(StreamWorld,
                 "A connection that is reset after the request may have had an effect") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Reset();
  });

  const StreamOutcome outcome = Send(Request(server.Url("/")));

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TRUNCATED"));
  CHECK(outcome.may_have_been_sent);
}

// Sends one chunk, with more to come, and reads the answer.
boost::asio::awaitable<StreamOutcome> AskEarly(HttpsStream& stream) {
  StreamOutcome outcome;
  std::string chunk(1000, 'x');
  outcome.written = co_await stream.Write(std::move(chunk));
  const absl::StatusOr<HttpsStreamHead> head = co_await stream.ReadHead();
  outcome.error = head.status();
  if (!head.ok()) co_return outcome;
  outcome.head = *head;
  absl::StatusOr<std::string> body = co_await stream.Read();
  while (body.ok() && !body->empty()) {
    outcome.body += *body;
    body = co_await stream.Read();
  }
  outcome.error = body.status();
  std::string more(1000, 'x');
  outcome.written = co_await stream.Write(std::move(more));
  co_return outcome;
}

TEST_CASE_METHOD(StreamWorld,
                 "An error before the body's end is read whole, and the body is let go") {
  for (const char* field : {"", "Connection: close\r\n"}) {
    CAPTURE(field);
    TlsServer server(ForLocalhost(), [field](TlsConnection& connection) {
      connection.ReadHead();
      connection.Write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 12\r\n" + std::string(field) +
                       "\r\n{\"code\":124}");
      connection.AwaitClose();
    });
    HttpsStreamRequest request = Request(server.Url("/"), "POST");
    request.content_length = 1LL << 40;
    const std::unique_ptr<HttpsStream> stream = client->Start(std::move(request));

    const StreamOutcome outcome = Run(AskEarly(*stream));

    CHECK_THAT(outcome.error, IsOk());
    CHECK(outcome.head.status == 401);
    CHECK(outcome.body == "{\"code\":124}");
    CHECK_THAT(outcome.written, IsError(absl::StatusCode::kUnavailable, "HTTPS_TRUNCATED"));
  }
}

TEST_CASE_METHOD(StreamWorld, "A body of another length than announced ends the request") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) { connection.AwaitClose(); });
  for (const std::string& body : {std::string(9, 'x'), std::string(11, 'x'), std::string()}) {
    CAPTURE(body);
    HttpsStreamRequest request = Request(server.Url("/"), "POST");
    request.content_length = 10;

    const StreamOutcome outcome = Send(std::move(request), body);

    CHECK_THAT(outcome.written,
               IsError(absl::StatusCode::kInvalidArgument, "HTTPS_REQUEST_INVALID"));
    CHECK_THAT(outcome.error, IsError(absl::StatusCode::kInvalidArgument, "HTTPS_REQUEST_INVALID"));
  }
}

TEST_CASE_METHOD(StreamWorld, "A request that could be read as another one is not sent") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) { connection.AwaitClose(); });
  std::vector<HttpsStreamRequest> requests;
  for (const char* method : {"TRACE", "CONNECT", "get", "", "GET /x HTTP/1.1\r\nA: b\r\n\r\nGET"}) {
    requests.push_back(Request(server.Url("/"), method));
  }
  for (const char* value : {"a\r\nX-Injected: 1", "a\n", "", "\x7f"}) {
    requests.push_back(Request(server.Url("/")));
    requests.back().headers.emplace_back("X-Text", Secret(value));
  }
  const std::string port = server.Url("").substr(server.Url("").rfind(':'));
  for (const std::string& url : {std::string("file:///etc/hostname"), std::string(),
                                 "https://user:password@localhost" + port + "/",
                                 server.Url("/a HTTP/1.1\r\nX-Injected: 1\r\n\r\nGET /b")}) {
    requests.push_back(Request(url));
  }
  requests.push_back(Request(server.Url("/"), "GET"));
  requests.back().content_length = 3;
  requests.push_back(Request(server.Url("/"), "POST"));
  requests.back().content_length = -1;

  for (HttpsStreamRequest& request : requests) {
    CAPTURE(request.method, request.url);
    const StreamOutcome outcome = Send(std::move(request), "");

    CHECK_THAT(outcome.error, IsError(absl::StatusCode::kInvalidArgument, "HTTPS_REQUEST_INVALID"));
    CHECK_FALSE(outcome.may_have_been_sent);
  }
  CHECK(server.Stop().empty());
  CHECK(server.connections() == 0);
}

TEST_CASE_METHOD(StreamWorld, "A server that cannot prove who it is gets nothing of a stream") {
  const TestAuthority other("another authority");
  CertificateContent for_others;
  for_others.dns_names = {"zoom.example"};
  CertificateContent ended;
  ended.dns_names = {"localhost"};
  ended.not_after = std::chrono::seconds(-60);
  CertificateContent good;
  good.dns_names = {"localhost"};
  for (const testing::TestCertificate& certificate :
       {other.Issue(good), authority.Issue(for_others), authority.Issue(ended)}) {
    TlsServer server(certificate, KeepAnswering);

    const StreamOutcome outcome = Send(Request(server.Url("/")));

    CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TLS_FAILED"));
    CHECK_FALSE(outcome.may_have_been_sent);
    CHECK(server.Stop().empty());
  }
}

TEST_CASE_METHOD(StreamWorld, "A server that only speaks TLS 1.1 gets nothing of a stream") {
  TlsServer server(ForLocalhost(), KeepAnswering, TLS1_1_VERSION);

  const StreamOutcome outcome = Send(Request(server.Url("/")));

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TLS_FAILED"));
  CHECK_FALSE(outcome.may_have_been_sent);
}

TEST_CASE_METHOD(StreamWorld, "A private address is not even connected to") {
  TlsServer server(ForLocalhost(), KeepAnswering);
  HttpsStreamRequest request = Request(server.Url("/"));
  request.allow_private_addresses = false;

  const StreamOutcome outcome = Send(std::move(request));

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kPermissionDenied, "HTTPS_ADDRESS_REFUSED"));
  CHECK_FALSE(outcome.may_have_been_sent);
  server.Stop();
  CHECK(server.connections() == 0);
}

TEST_CASE_METHOD(StreamWorld, "An open connection to a private address is of no use to others") {
  TlsServer server(ForLocalhost(), KeepAnswering);
  HttpsStreamRequest allowed = Request(server.Url("/allowed"));
  allowed.fresh_connection = false;
  HttpsStreamRequest refused = Request(server.Url("/refused"));
  refused.fresh_connection = false;
  refused.allow_private_addresses = false;

  CHECK_THAT(Send(std::move(allowed)).error, IsOk());
  const StreamOutcome outcome = Send(std::move(refused));

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kPermissionDenied, "HTTPS_ADDRESS_REFUSED"));
  CHECK_FALSE(outcome.may_have_been_sent);
  client.reset();
  CHECK(server.Stop().find("/refused") == std::string::npos);
}

TEST_CASE_METHOD(StreamWorld, "Only requests that may be repeated use a connection again") {
  TlsServer server(ForLocalhost(), KeepAnswering);
  for (int i = 0; i < 5; ++i) {
    HttpsStreamRequest request = Request(server.Url("/safe"));
    request.fresh_connection = false;
    CHECK_THAT(Send(std::move(request)).error, IsOk());
  }
  CHECK(server.connections() == 1);

  CHECK_THAT(Send(Request(server.Url("/unsafe"), "POST")).error, IsOk());
  CHECK_THAT(Send(Request(server.Url("/unsafe"), "POST")).error, IsOk());

  CHECK(server.connections() == 3);
  client.reset();
}

TEST_CASE_METHOD(StreamWorld, "A kept connection that has died is replaced") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
  });

  for (int i = 0; i < 5; ++i) {
    HttpsStreamRequest request = Request(server.Url("/"));
    request.fresh_connection = false;
    CHECK_THAT(Send(std::move(request)).error, IsOk());
  }

  server.Stop();
  CHECK(server.connections() == 5);
}

TEST_CASE_METHOD(StreamWorld, "Nobody listens: nothing was sent") {
  std::string url;
  {
    TlsServer server(ForLocalhost(), KeepAnswering);
    url = server.Url("/");
  }

  const StreamOutcome outcome = Send(Request(url, "POST"));

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_UNREACHABLE"));
  CHECK_FALSE(outcome.may_have_been_sent);
}

}  // namespace
}  // namespace shodan
