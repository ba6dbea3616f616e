// SPDX-License-Identifier: Apache-2.0
// The program itself: command line, configuration, life and end.
#include <csignal>
#include <string>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <grpcpp/grpcpp.h>

#include "shodan/calllink/v1/call_link_service.grpc.pb.h"

#include "libs/config/config_reader.h"
#include "libs/rpc/channel.h"
#include "tests/integration/libs/service/running_program.h"
#include "tests/integration/libs/service/test_authority.h"

namespace shodan::calllink {
namespace {

using testing::RunningProgram;
using testing::TestAuthority;

const std::string kProgram = SHODAN_BINARY_DIR "/bin/call-link";

std::string WriteConfig(const TestAuthority& authority, const std::string& more = "") {
  const rpc::TlsFiles tls = authority.Issue("call-link");
  return authority.directory().Write(
      "config.json",
      R"({"environment":"development","grpc":{"listen":"127.0.0.1:0","certificate_file":")" +
          tls.certificate_file + R"(","private_key_file":")" + tls.private_key_file +
          R"(","ca_file":")" + tls.ca_file + R"("},"admin":{"listen":"127.0.0.1:0"},)" +
          R"("policy_file":")" SHODAN_SOURCE_DIR R"(/services/policy.json",)" +
          R"("assertion_keys_file":")" + authority.AssertionKeysFile() + R"(","port_file":")" +
          (authority.directory().path() / "ports.json").string() + "\"" + more + "}");
}

int GrpcPort(const TestAuthority& authority) {
  const std::string text = *ReadFile((authority.directory().path() / "ports.json").string());
  return static_cast<int>(boost::json::parse(text).at("grpc").as_int64());
}

TEST_CASE("call-link --help and --version tell what it is") {
  RunningProgram help({kProgram, "--help"});
  RunningProgram version({kProgram, "--version"});

  CHECK(help.Wait() == 0);
  CHECK(help.output().find("Usage: call-link --config FILE") != std::string::npos);
  CHECK(help.output().find("--migrate") == std::string::npos);
  CHECK(version.Wait() == 0);
  CHECK(version.output().starts_with("call-link "));
}

TEST_CASE("call-link without a configuration says what is missing") {
  RunningProgram program({kProgram});

  CHECK(program.Wait() == 2);
  CHECK(program.output() == "call-link: --config FILE is missing; see --help\n");
}

TEST_CASE("call-link --check-config prints the effective configuration") {
  const TestAuthority authority;
  RunningProgram program({kProgram, "--config", WriteConfig(authority), "--check-config"});

  CHECK(program.Wait() == 0);
  const boost::json::value printed = boost::json::parse(program.output());
  CHECK(printed.at("environment") == "development");
  CHECK(printed.at("log_level") == "info");
  CHECK(printed.at("grpc").at("listen") == "127.0.0.1:0");
}

TEST_CASE("call-link reports every problem of its configuration at once") {
  const TestAuthority authority;
  const std::string file = authority.directory().Write(
      "bad.json",
      R"({"grpc":{"listen":"nowhere","certificate_file":"/nonexistent"},"admin":{},"colour":"red"})");
  RunningProgram program({kProgram, "--config", file, "--check-config"});

  CHECK(program.Wait() == 2);
  for (const char* const problem :
       {"configuration: grpc.listen:", "configuration: grpc.certificate_file:",
        "configuration: grpc.private_key_file:", "configuration: grpc.ca_file:",
        "configuration: admin.listen:", "configuration: policy_file:",
        "configuration: assertion_keys_file:", "configuration: colour:"}) {
    INFO(program.output());
    CHECK(program.output().find(problem) != std::string::npos);
  }
}

TEST_CASE("call-link serves until SIGTERM, ends cleanly, and logs no number") {
  const TestAuthority authority;
  RunningProgram program({kProgram, "--config", WriteConfig(authority)});
  REQUIRE(program.WaitForOutput("serving"));
  const auto stub = v1::CallLinkService::NewStub(authority.Connect(GrpcPort(authority), "gateway"));

  for (const char* const number : {"03-1234-5678", "03-1234-5678-9999-1111"}) {
    grpc::ClientContext context;
    rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(30)), "request-3", "");
    v1::BuildCallLinkRequest request;
    request.set_number(number);
    request.set_default_region("JP");
    v1::BuildCallLinkResponse response;
    const grpc::Status status = stub->BuildCallLink(&context, request, &response);
    CHECK(status.ok() == (request.number() == "03-1234-5678"));
  }
  program.Signal(SIGTERM);

  CHECK(program.Wait() == 0);
  CHECK(program.output().find("request-3") != std::string::npos);
  CHECK(program.output().find("stopped") != std::string::npos);
  CHECK(program.output().find("1234") == std::string::npos);
}

TEST_CASE("call-link that cannot listen says where and ends with 1") {
  const TestAuthority authority;
  RunningProgram first({kProgram, "--config", WriteConfig(authority)});
  REQUIRE(first.WaitForOutput("serving"));
  const std::string taken = "127.0.0.1:" + std::to_string(GrpcPort(authority));
  std::string config = *ReadFile(WriteConfig(authority));
  config.replace(config.find("127.0.0.1:0"), 11, taken);
  RunningProgram second({kProgram, "--config", authority.directory().Write("second.json", config)});

  CHECK(second.Wait() == 1);
  CHECK(second.output().find("LISTEN_FAILED: Cannot listen on " + taken) != std::string::npos);
}

}  // namespace
}  // namespace shodan::calllink
