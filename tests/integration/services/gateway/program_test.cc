// SPDX-License-Identifier: Apache-2.0
// The program itself: command line, configuration, life and end.
#include <csignal>
#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "libs/config/config_reader.h"
#include "tests/integration/libs/service/http_get.h"
#include "tests/integration/libs/service/running_program.h"
#include "tests/integration/libs/service/test_authority.h"
#include "tests/integration/services/gateway/tls_client.h"
#include "tests/unit/libs/jwt/rfc_examples.h"

namespace shodan::gateway {
namespace {

using testing::HttpGet;
using testing::RunningProgram;
using testing::TestAuthority;

const std::string kProgram = SHODAN_BINARY_DIR "/bin/gateway";

std::string WriteConfig(const TestAuthority& authority, const std::string& more = "") {
  const rpc::TlsFiles tls = authority.Issue("gateway");
  const std::string files = R"("certificate_file":")" + tls.certificate_file +
                            R"(","private_key_file":")" + tls.private_key_file + "\"";
  return authority.directory().Write(
      "config.json",
      R"({"admin":{"listen":"127.0.0.1:0"},"https":{"listen":"127.0.0.1:0",)" + files +
          R"(},"backends":{)" + files + R"(,"ca_file":")" + tls.ca_file +
          R"(","token_vault":"localhost:1","call_link":"localhost:1","account_link":"localhost:1",)"
          R"("zoom_api":"localhost:1","automation":"localhost:1"},)"
          R"("public_url":"https://localhost:8443","assertion_private_key_file":")" +
          authority.directory().Write("assertion.pem", jwt::rfc::kEdPrivatePem) +
          R"(","static_directory":")" SHODAN_SOURCE_DIR
          R"(/services/gateway/static","default_project":"demo",)"
          R"("limits":{"drain_accept_ms":1},"port_file":")" +
          (authority.directory().path() / "ports.json").string() + "\"" + more + "}");
}

TEST_CASE("gateway --check-config prints the effective configuration without secrets") {
  const TestAuthority authority;
  RunningProgram program({kProgram, "--config", WriteConfig(authority), "--check-config"});

  CHECK(program.Wait() == 0);
  const boost::json::value printed = boost::json::parse(program.output());
  CHECK(printed.at("environment") == "production");
  CHECK(printed.at("assertion_private_key_file") == "[redacted]");
  CHECK(program.output().find("MC4CAQAw") == std::string::npos);
}

TEST_CASE("gateway in production refuses the development issuer") {
  const TestAuthority authority;
  RunningProgram program(
      {kProgram, "--config",
       WriteConfig(authority,
                   R"(,"development_issuer":{"private_key_file":")" +
                       authority.directory().Write("issuer.pem", jwt::rfc::kEdPrivatePem) +
                       R"(","users":[{"user_id":"a","display_name":"A"}]})")});

  CHECK(program.Wait() == 2);
  CHECK(program.output().find("development_issuer") != std::string::npos);
}

TEST_CASE(
    "gateway serves HTTPS and its probes until SIGTERM, ends cleanly, and logs no path or query") {
  const TestAuthority authority;
  const std::string config = WriteConfig(authority);
  RunningProgram program({kProgram, "--config", config});
  REQUIRE(program.WaitForOutput("serving"));
  const auto ports =
      boost::json::parse(*ReadFile((authority.directory().path() / "ports.json").string()));
  const int https = static_cast<int>(ports.at("https").as_int64());
  const int admin = static_cast<int>(ports.at("admin").as_int64());

  TlsClient client(https, authority.Issue("gateway").ca_file);
  REQUIRE(client.Send(
      "GET /oauth/callback?code=canary&state=canary HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  CHECK(client.Receive()->status == 400);
  CHECK(HttpGet(admin, "/healthz").find(" 200 ") != std::string::npos);
  const std::string metrics = HttpGet(admin, "/metrics");
  CHECK(metrics.find("shodan_gateway_requests_total{method=\"GET\",route=\"/oauth/"
                     "callback\",status=\"400\"} 1") != std::string::npos);
  program.Signal(SIGTERM);

  CHECK(program.Wait() == 0);
  CHECK(program.output().find("/oauth/callback") != std::string::npos);
  CHECK(program.output().find("canary") == std::string::npos);
  CHECK(program.output().find("stopped") != std::string::npos);
}

TEST_CASE("gateway that cannot read its certificate or files says which") {
  const TestAuthority authority;
  std::string config = *ReadFile(WriteConfig(authority));
  const std::string directory = SHODAN_SOURCE_DIR "/services/gateway/static";
  config.replace(config.find(directory), directory.size(), "/nonexistent");
  RunningProgram program(
      {kProgram, "--config", authority.directory().Write("second.json", config)});

  CHECK(program.Wait() == 1);
  CHECK(program.output().find("STATIC_DIRECTORY_INVALID") != std::string::npos);
}

}  // namespace
}  // namespace shodan::gateway
