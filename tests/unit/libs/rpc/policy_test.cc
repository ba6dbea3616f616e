// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/policy.h"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::rpc {
namespace {

using testing::IsError;
using testing::IsOk;

constexpr std::string_view kGetLink = "/shodan.accountlink.v1.AccountLinkService/GetLink";

std::string WithMethods(const std::string& methods) {
  return R"({"format":1,"trust_domain":"shodan.local","methods":)" + methods + "}";
}

std::string WithRules(const std::string& rules) {
  return WithMethods(R"({"/p.S/M":)" + rules + "}");
}

TEST_CASE("A policy lets an identity call a method in each mode that is listed for it") {
  const auto policy = Policy::Parse(WithMethods(
      R"({"/shodan.accountlink.v1.AccountLinkService/GetLink":[
            {"identity":"ns/shodan/sa/gateway","mode":"service"},
            {"identity":"ns/shodan/sa/gateway","mode":"user"},
            {"identity":"ns/shodan/sa/automation","mode":"admin"}],
          "/shodan.accountlink.v1.AccountLinkService/DeleteCall":[]})"));

  REQUIRE_THAT(policy, IsOk());
  CHECK(policy->ModesFor(kGetLink, "spiffe://shodan.local/ns/shodan/sa/gateway") ==
        std::set<CallMode>{CallMode::kService, CallMode::kUser});
  CHECK(policy->ModesFor(kGetLink, "spiffe://shodan.local/ns/shodan/sa/automation") ==
        std::set<CallMode>{CallMode::kAdmin});
  CHECK(policy->methods() ==
        std::set<std::string>{"/shodan.accountlink.v1.AccountLinkService/GetLink",
                              "/shodan.accountlink.v1.AccountLinkService/DeleteCall"});
}

TEST_CASE("What is not listed is refused: method, identity, trust domain, and anything similar") {
  const auto policy = Policy::Parse(
      WithMethods(R"({"/p.S/M":[{"identity":"ns/shodan/sa/gateway","mode":"user"}],"/p.S/N":[]})"));

  REQUIRE_THAT(policy, IsOk());
  for (const char* identity :
       {"", "ns/shodan/sa/gateway", "spiffe://shodan.local/ns/shodan/sa/other",
        "spiffe://other.local/ns/shodan/sa/gateway", "spiffe://shodan.local/ns/shodan/sa/gateway/",
        "spiffe://shodan.local/ns/shodan/sa/gateway2", "spiffe://shodan.local/ns/shodan/sa/Gateway",
        "spiffe://shodan.local//ns/shodan/sa/gateway"}) {
    CAPTURE(identity);
    CHECK(policy->ModesFor("/p.S/M", identity).empty());
  }
  for (const char* method : {"/p.S/N", "/p.S/m", "p.S/M", "/p.S/M/", "/p.S/", "", "*"}) {
    CAPTURE(method);
    CHECK(policy->ModesFor(method, "spiffe://shodan.local/ns/shodan/sa/gateway").empty());
  }
  CHECK(policy->Lists("/p.S/N"));
  CHECK_FALSE(policy->Lists("/p.S/O"));
}

TEST_CASE("A rule for API keys names the one scope that they need") {
  const auto policy = Policy::Parse(WithRules(
      R"([{"identity":"ns/shodan/sa/gateway","mode":"user"},
          {"identity":"ns/shodan/sa/gateway","mode":"api_key","scope":"zoom.request"}])"));

  REQUIRE_THAT(policy, IsOk());
  constexpr std::string_view kGateway = "spiffe://shodan.local/ns/shodan/sa/gateway";
  CHECK(policy->ModesFor("/p.S/M", kGateway) ==
        std::set<CallMode>{CallMode::kUser, CallMode::kApiKey});
  CHECK(policy->ScopeFor("/p.S/M", kGateway) == "zoom.request");
  CHECK(policy->ScopeFor("/p.S/M", "spiffe://shodan.local/ns/shodan/sa/other").empty());
  CHECK(policy->ScopeFor("/p.S/N", kGateway).empty());
}

TEST_CASE("A policy file that is not sound is refused as a whole") {
  const std::string cases[] = {
      "",
      "[]",
      "{}",
      R"({"trust_domain":"d","methods":{}})",
      R"({"format":2,"trust_domain":"d","methods":{}})",
      R"({"format":"1","trust_domain":"d","methods":{}})",
      R"({"format":1,"methods":{}})",
      R"({"format":1,"trust_domain":1,"methods":{}})",
      R"({"format":1,"trust_domain":"d","methods":[]})",
      R"({"format":1,"trust_domain":"d","methods":{},"more":1})",
      WithRules("{}"),
      WithRules("[1]"),
      WithRules(R"([{"identity":"a"}])"),
      WithRules(R"([{"mode":"user"}])"),
      WithRules(R"([{"identity":"a","mode":"api_key"}])"),
      WithRules(R"([{"identity":"a","mode":"api_key","scope":""}])"),
      WithRules(R"([{"identity":"a","mode":"user","scope":"token.read"}])"),
      WithRules(R"([{"identity":"a","mode":"api_key","scope":"s","more":1}])"),
      WithRules(R"([{"identity":"a","mode":"api_key","scope":"s"},
                    {"identity":"a","mode":"api_key","scope":"t"}])"),
      WithRules(R"([{"identity":"a","mode":"anybody"}])"),
      WithRules(R"([{"identity":1,"mode":"user"}])"),
      WithRules(R"([{"identity":"a","mode":"user","more":1}])"),
      WithMethods("{}") + " trailing",
  };
  for (const std::string& text : cases) {
    CAPTURE(text);
    CHECK_THAT(Policy::Parse(text), IsError(absl::StatusCode::kInvalidArgument, "POLICY_INVALID"));
  }
}

}  // namespace
}  // namespace shodan::rpc
