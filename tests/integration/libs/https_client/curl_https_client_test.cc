// SPDX-License-Identifier: Apache-2.0
#include "libs/https_client/curl_https_client.h"

#include <string>

#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/integration/libs/https_client/tls_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan {
namespace {

using std::chrono::milliseconds;
using testing::IsError;
using testing::IsOk;
using testing::TemporaryDirectory;
using testing::TestAuthority;
using testing::TlsConnection;
using testing::TlsServer;

std::string_view Text(const Secret& secret) { return secret.Expose(SecretAccess::ForTest()); }

/// A port of 127.0.0.1 that is taken but, at first, listened on by nobody.
class TakenPort {
 public:
  TakenPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address_);
    REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&address_), size) == 0);
    REQUIRE(getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size) == 0);
  }
  ~TakenPort() { close(socket_); }
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;

  void Listen() { REQUIRE(listen(socket_, 1) == 0); }
  std::string Url() const {
    return "https://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/";
  }

 private:
  int socket_;
  sockaddr_in address_{};
};

struct World {
  TestAuthority authority;
  TemporaryDirectory directory;
  CurlHttpsClient client;

  testing::TestCertificate ForLocalhost() const {
    testing::CertificateContent content;
    content.dns_names = {"localhost"};
    return authority.Issue(content);
  }

  HttpsRequest Request(const std::string& url) const {
    HttpsRequest request;
    request.url = url;
    request.ca_file = directory.Write("ca.pem", authority.certificate());
    return request;
  }

  /// The outcome of a request that is answered with these bytes, then with the end.
  HttpsOutcome AnsweredWith(const std::string& bytes, size_t answer_bytes_max = 256 << 10) {
    TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
      connection.ReadRequest();
      connection.Write(bytes);
    });
    HttpsRequest request = Request(server.Url("/"));
    request.answer_bytes_max = answer_bytes_max;
    return client.Send(request);
  }
};

TEST_CASE_METHOD(World, "A POST carries its body and headers and nothing unasked") {
  std::string received;
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    received = connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  });
  HttpsRequest request = Request(server.Url("/oauth/token"));
  request.method = "POST";
  request.headers.emplace_back("Authorization", Secret("Basic aWQ6c2VjcmV0"));
  request.headers.emplace_back("Content-Type", Secret("application/x-www-form-urlencoded"));
  request.headers.emplace_back("Accept", Secret("application/json"));
  request.body = Secret("grant_type=refresh_token&refresh_token=r");

  const HttpsOutcome outcome = client.Send(request);

  CHECK_THAT(outcome.error, IsOk());
  server.Stop();
  const size_t host = received.find("Host: localhost:");
  REQUIRE(host != std::string::npos);
  received.erase(host, received.find("\r\n", host) + 2 - host);
  CHECK(received ==
        "POST /oauth/token HTTP/1.1\r\n"
        "Authorization: Basic aWQ6c2VjcmV0\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        "Accept: application/json\r\n"
        "Content-Length: 40\r\n"
        "\r\n"
        "grant_type=refresh_token&refresh_token=r");
}

TEST_CASE_METHOD(World, "Where public addresses are asked for, no other is connected to") {
  bool asked = false;
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    asked = !connection.ReadRequest().empty();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  HttpsRequest request = Request(server.Url("/"));
  request.public_addresses_only = true;

  const HttpsOutcome outcome = client.Send(request);

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kPermissionDenied, "HTTPS_ADDRESS_REFUSED"));
  CHECK_FALSE(outcome.may_have_been_sent);
  CHECK(outcome.status == 0);
  server.Stop();
  CHECK_FALSE(asked);
}

TEST_CASE_METHOD(World, "A body of a megabyte is sent without waiting for a permission") {
  std::string received;
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    received = connection.ReadRequest();
    connection.Write("HTTP/1.1 204 No Content\r\n\r\n");
  });
  HttpsRequest request = Request(server.Url("/"));
  request.method = "POST";
  request.body = Secret(std::string(1 << 20, 'x'));

  const HttpsOutcome outcome = client.Send(request);

  CHECK_THAT(outcome.error, IsOk());
  CHECK(outcome.status == 204);
  server.Stop();
  CHECK(received.find("Expect") == std::string::npos);
  CHECK(received.size() > (1 << 20));
}

TEST_CASE_METHOD(World, "An answer has status, headers with names in lower case, and body") {
  const HttpsOutcome outcome = AnsweredWith(
      "HTTP/1.1 429 Too Many Requests\r\nRetry-After:  17 \r\nX-Zm-TrackingId: v=2.0;clid=us1\r\n"
      "X-Twice: first\r\nx-twice: last\r\nContent-Length: 9\r\n\r\n{\"a\":\"b\"}");

  CHECK_THAT(outcome.error, IsOk());
  CHECK(outcome.may_have_been_sent);
  CHECK(outcome.status == 429);
  CHECK(outcome.headers.at("retry-after") == "17");
  CHECK(outcome.headers.at("x-zm-trackingid") == "v=2.0;clid=us1");
  CHECK(outcome.headers.at("x-twice") == "last");
  CHECK(Text(outcome.body) == R"({"a":"b"})");
}

TEST_CASE_METHOD(World, "A redirect is an answer like any other and is not followed") {
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
  });

  const HttpsOutcome outcome = client.Send(Request(server.Url("/")));

  CHECK_THAT(outcome.error, IsOk());
  CHECK(outcome.status == 302);
  server.Stop();
  CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(World, "Each request has a connection of its own") {
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
  });

  for (int i = 0; i < 3; ++i) CHECK_THAT(client.Send(Request(server.Url("/"))).error, IsOk());

  server.Stop();
  CHECK(server.connections() == 3);
}

TEST_CASE_METHOD(World, "A server that never answers is given up in time; it may have acted") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) { connection.AwaitClose(); });
  HttpsRequest request = Request(server.Url("/"));
  request.timeout = milliseconds(200);

  const HttpsOutcome outcome = client.Send(request);

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TIMEOUT"));
  CHECK(outcome.may_have_been_sent);
  CHECK(outcome.status == 0);
}

TEST_CASE_METHOD(World, "A time limit covers the body, and what arrived of it is kept") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"access_token\"");
    connection.AwaitClose();
  });
  HttpsRequest request = Request(server.Url("/"));
  request.timeout = milliseconds(500);

  const HttpsOutcome outcome = client.Send(request);

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TIMEOUT"));
  CHECK(outcome.status == 200);
  CHECK(Text(outcome.body) == R"({"access_token")");
}

TEST_CASE_METHOD(World, "A handshake that hangs is given up with nothing sent") {
  TakenPort port;
  port.Listen();
  HttpsRequest request = Request(port.Url());
  request.timeout = milliseconds(200);

  const HttpsOutcome outcome = client.Send(request);

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TIMEOUT"));
  CHECK_FALSE(outcome.may_have_been_sent);
}

TEST_CASE_METHOD(World, "A refused connection has sent nothing") {
  const TakenPort port;

  const HttpsOutcome outcome = client.Send(Request(port.Url()));

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_UNREACHABLE"));
  CHECK_FALSE(outcome.may_have_been_sent);
  CHECK(outcome.status == 0);
}

TEST_CASE_METHOD(World, "A host name that does not exist has sent nothing") {
  HttpsRequest request = Request("https://host.invalid/");

  const HttpsOutcome outcome = client.Send(request);

  CHECK(outcome.error.code() == absl::StatusCode::kUnavailable);
  CHECK_FALSE(outcome.may_have_been_sent);
}

TEST_CASE_METHOD(World, "A connection reset after the request may have had an effect") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Reset();
  });

  const HttpsOutcome outcome = client.Send(Request(server.Url("/")));

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TRUNCATED"));
  CHECK(outcome.may_have_been_sent);
  CHECK(outcome.status == 0);
}

TEST_CASE_METHOD(World, "An end without a byte of an answer may have had an effect") {
  const HttpsOutcome outcome = AnsweredWith("");

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TRUNCATED"));
  CHECK(outcome.may_have_been_sent);
}

TEST_CASE_METHOD(World, "An answer cut off in its body is truncated, and its beginning is kept") {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  for (const std::string& answer : {head + "Content-Length: 100\r\n\r\n{\"refresh",
                                    head + "Transfer-Encoding: chunked\r\n\r\n9\r\n{\"refresh"}) {
    CAPTURE(answer);
    const HttpsOutcome outcome = AnsweredWith(answer);

    CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TRUNCATED"));
    CHECK(outcome.status == 200);
    CHECK(outcome.may_have_been_sent);
    CHECK(Text(outcome.body) == R"({"refresh)");
  }
}

TEST_CASE_METHOD(World, "An answer without a length ends with its connection") {
  const HttpsOutcome outcome = AnsweredWith("HTTP/1.1 200 OK\r\n\r\n{}");

  CHECK_THAT(outcome.error, IsOk());
  CHECK(Text(outcome.body) == "{}");
}

TEST_CASE_METHOD(World, "A body at the limit is taken and one byte more is too large") {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";

  const HttpsOutcome exact = AnsweredWith(head + "1024\r\n\r\n" + std::string(1024, 'x'), 1024);
  const HttpsOutcome over = AnsweredWith(head + "1025\r\n\r\n" + std::string(1025, 'x'), 1024);

  CHECK_THAT(exact.error, IsOk());
  CHECK(exact.body.size() == 1024);
  CHECK_THAT(over.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_ANSWER_TOO_LARGE"));
  CHECK(over.body.size() <= 1024);
  CHECK(over.may_have_been_sent);
}

TEST_CASE_METHOD(World, "A head without end is too large") {
  std::string answer = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 80; ++i) answer += "X-Filler: " + std::string(1000, 'x') + "\r\n";

  const HttpsOutcome outcome = AnsweredWith(answer + "\r\n");

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_ANSWER_TOO_LARGE"));
}

TEST_CASE_METHOD(World, "What is no HTTP is an error after the request was sent") {
  const HttpsOutcome outcome = AnsweredWith("220 mail.example ESMTP\r\n");

  CHECK(outcome.error.code() == absl::StatusCode::kUnavailable);
  CHECK(outcome.may_have_been_sent);
  CHECK(outcome.body.empty());
}

TEST_CASE_METHOD(World, "Nothing in a header value can begin another header or the body") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) { connection.AwaitClose(); });
  const std::string values[] = {"Bearer t\r\nX-Injected: 1",
                                "Bearer t\nX-Injected: 1",
                                "Bearer t\rX-Injected: 1",
                                "Bearer t\r\n\r\nbody",
                                std::string("Bearer t\0x", 10),
                                "Bearer \x7f",
                                "Bearer \x1b[2J",
                                ""};
  for (const std::string& value : values) {
    CAPTURE(value);
    HttpsRequest request = Request(server.Url("/"));
    request.headers.emplace_back("Authorization", Secret(value));

    const HttpsOutcome outcome = client.Send(request);

    CHECK_THAT(outcome.error, IsError(absl::StatusCode::kInvalidArgument, "HTTPS_REQUEST_INVALID"));
    CHECK_FALSE(outcome.may_have_been_sent);
  }
  for (const char* name : {"", "X Y", "X:Y", "X\r\nY", "Ä"}) {
    CAPTURE(name);
    HttpsRequest request = Request(server.Url("/"));
    request.headers.emplace_back(name, Secret("value"));

    CHECK_THAT(client.Send(request).error,
               IsError(absl::StatusCode::kInvalidArgument, "HTTPS_REQUEST_INVALID"));
  }
  CHECK(server.Stop().empty());
  CHECK(server.connections() == 0);
}

TEST_CASE_METHOD(World, "A header value may hold any other byte and arrives as it is") {
  std::string received;
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    received = connection.ReadRequest();
    connection.Write("HTTP/1.1 204 No Content\r\n\r\n");
  });
  HttpsRequest request = Request(server.Url("/"));
  request.headers.emplace_back("X-Text", Secret("a: b\t;\"c\" \xc3\xa4"));

  CHECK_THAT(client.Send(request).error, IsOk());

  server.Stop();
  CHECK(received.find("\r\nX-Text: a: b\t;\"c\" \xc3\xa4\r\n") != std::string::npos);
}

TEST_CASE_METHOD(World, "Only GET and POST are sent, and only to http and https") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) { connection.AwaitClose(); });
  HttpsRequest request = Request(server.Url("/"));
  request.method = "DELETE";

  CHECK_THAT(client.Send(request).error,
             IsError(absl::StatusCode::kInvalidArgument, "HTTPS_REQUEST_INVALID"));
  for (const char* url : {"file:///etc/hostname", "ftp://localhost/", "gopher://localhost/", ""}) {
    CAPTURE(url);
    const HttpsOutcome outcome = client.Send(Request(url));

    CHECK_FALSE(outcome.error.ok());
    CHECK_FALSE(outcome.may_have_been_sent);
    CHECK(outcome.body.empty());
  }
  CHECK(server.connections() == 0);
}

TEST_CASE_METHOD(World, "A URL cannot carry another request") {
  std::string received;
  TlsServer server(ForLocalhost(),
                   [&](TlsConnection& connection) { received = connection.ReadRequest(); });

  const HttpsOutcome outcome =
      client.Send(Request(server.Url("/a HTTP/1.1\r\nX-Injected: 1\r\n\r\nGET /b")));

  CHECK_FALSE(outcome.error.ok());
  server.Stop();
  CHECK(received.find("X-Injected") == std::string::npos);
}

}  // namespace
}  // namespace shodan
