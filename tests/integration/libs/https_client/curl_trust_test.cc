// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>

#include "libs/https_client/curl_https_client.h"
#include "tests/integration/libs/https_client/tls_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan {
namespace {

using testing::CertificateContent;
using testing::IsError;
using testing::IsOk;
using testing::TemporaryDirectory;
using testing::TestAuthority;
using testing::TlsConnection;
using testing::TlsServer;

constexpr std::string_view kEmptyAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

void Answer(TlsConnection& connection) {
  connection.ReadRequest();
  connection.Write(kEmptyAnswer);
}

CertificateContent ForLocalhost() {
  CertificateContent content;
  content.dns_names = {"localhost"};
  return content;
}

struct World {
  TestAuthority authority;
  TemporaryDirectory directory;
  CurlHttpsClient client;

  HttpsOutcome Post(const std::string& url) {
    HttpsRequest request;
    request.method = "POST";
    request.url = url;
    request.headers.emplace_back("Authorization", Secret("Basic canary"));
    request.body = Secret("refresh_token=canary");
    request.ca_file = directory.Write("ca.pem", authority.certificate());
    return client.Send(request);
  }

  void CheckNothingSent(TlsServer& server) {
    const HttpsOutcome outcome = Post(server.Url("/oauth/token"));

    CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TLS_FAILED"));
    CHECK_FALSE(outcome.may_have_been_sent);
    CHECK(outcome.status == 0);
    CHECK(outcome.body.empty());
    CHECK(server.Stop().empty());
    CHECK(server.connections() == 1);
  }
};

TEST_CASE_METHOD(World, "A server whose certificate fits is sent the request") {
  TlsServer server(authority.Issue(ForLocalhost()), Answer);

  const HttpsOutcome outcome = Post(server.Url("/oauth/token"));

  CHECK_THAT(outcome.error, IsOk());
  CHECK(outcome.status == 200);
  CHECK(server.Stop().find("refresh_token=canary") != std::string::npos);
}

TEST_CASE_METHOD(World, "A certificate of another authority gets nothing") {
  const TestAuthority other("another authority");
  TlsServer server(other.Issue(ForLocalhost()), Answer);

  CheckNothingSent(server);
}

TEST_CASE_METHOD(World, "A certificate for another host gets nothing") {
  CertificateContent content;
  content.dns_names = {"zoom.example", "localhost.zoom.example", "*.localhost"};
  TlsServer server(authority.Issue(content), Answer);

  CheckNothingSent(server);
}

TEST_CASE_METHOD(World, "A certificate without any name gets nothing") {
  TlsServer server(authority.Issue({}), Answer);

  CheckNothingSent(server);
}

TEST_CASE_METHOD(World, "An expired certificate gets nothing") {
  CertificateContent content = ForLocalhost();
  content.not_after = std::chrono::seconds(-60);
  TlsServer server(authority.Issue(content), Answer);

  CheckNothingSent(server);
}

TEST_CASE_METHOD(World, "A certificate that is not valid yet gets nothing") {
  CertificateContent content = ForLocalhost();
  content.not_before = std::chrono::seconds(600);
  TlsServer server(authority.Issue(content), Answer);

  CheckNothingSent(server);
}

TEST_CASE_METHOD(World, "A server that only speaks TLS 1.1 gets nothing") {
  TlsServer server(authority.Issue(ForLocalhost()), Answer, TLS1_1_VERSION);

  CheckNothingSent(server);
}

TEST_CASE_METHOD(World, "TLS 1.2 is enough") {
  TlsServer server(authority.Issue(ForLocalhost()), Answer, TLS1_2_VERSION);

  CHECK_THAT(Post(server.Url("/")).error, IsOk());
}

TEST_CASE_METHOD(World, "The system's authorities are not trusted where a file names others") {
  TlsServer server(authority.Issue(ForLocalhost()), Answer);
  HttpsRequest request;
  request.url = server.Url("/");

  const HttpsOutcome with_system = client.Send(request);

  CHECK_THAT(with_system.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TLS_FAILED"));
  CHECK_THAT(Post(server.Url("/")).error, IsOk());
}

TEST_CASE_METHOD(World, "A file of authorities that cannot be read trusts nobody") {
  TlsServer server(authority.Issue(ForLocalhost()), Answer);
  HttpsRequest request;
  request.url = server.Url("/");
  request.ca_file = (directory.path() / "absent.pem").string();

  const HttpsOutcome outcome = client.Send(request);

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TLS_FAILED"));
  CHECK_FALSE(outcome.may_have_been_sent);
  CHECK(server.Stop().empty());
}

TEST_CASE_METHOD(World, "A proxy named in the environment is not used") {
  TlsServer server(authority.Issue(ForLocalhost()), Answer);
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    REQUIRE(setenv(name, "http://127.0.0.1:1", 1) == 0);
  }

  const HttpsOutcome outcome = Post(server.Url("/"));

  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) unsetenv(name);
  CHECK_THAT(outcome.error, IsOk());
}

}  // namespace
}  // namespace shodan
