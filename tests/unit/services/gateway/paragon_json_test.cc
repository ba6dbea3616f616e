// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/paragon_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "libs/crypto/random.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;

Link ALink(LinkState state) {
  Link link;
  link.project_id = "demo";
  link.user_id = "ann";
  link.link_id = "0a1b2c3d-0000-4000-8000-0123456789ab";
  link.state = state;
  return link;
}

const json::value& ZoomOf(const json::object& user) { return user.at("integrations").at("zoom"); }

// Applications keep these ids: a change would break them.
TEST_CASE("Ids follow from project, user and key, and stay what they are") {
  CHECK(IntegrationIdOf("demo") == "6a27e769-35f9-5f64-b86b-0cfe345249a0");
  CHECK(IntegrationIdOf("demo2") != IntegrationIdOf("demo"));
  const std::string attempt = AttemptIdOf(Person("demo", "ann"), "key1");
  CHECK(attempt == "ccccd623-7205-52e3-93d7-e67be936616e");
  CHECK(attempt != AttemptIdOf(Person("demo", "ben"), "key1"));
  CHECK(attempt != AttemptIdOf(Person("demo2", "ann"), "key1"));
  CHECK(attempt != AttemptIdOf(Person("demo", "annk"), "ey1"));
  CHECK(IsUuid(attempt));
}

TEST_CASE("An active link is a valid credential, one to be reconnected an invalid one") {
  const json::object active = UserJson(ALink(LinkState::kActive), R"({"Name":"Ann"})");
  CHECK(active.at("authenticated").as_bool());
  CHECK(active.at("meta").at("Name").as_string() == "Ann");
  CHECK(ZoomOf(active).at("enabled").as_bool());
  CHECK(ZoomOf(active).at("credentialStatus").as_string() == "VALID");
  const json::value& credential = ZoomOf(active).at("allCredentials").at(0);
  CHECK(credential.at("id") == ZoomOf(active).at("credentialId"));
  CHECK(credential.at("configurations").at(0).at("connectCredentialId") == credential.at("id"));
  CHECK(credential.at("integrationId").as_string() == IntegrationIdOf("demo"));

  const json::object broken = UserJson(ALink(LinkState::kReconnectRequired), "{}");
  CHECK_FALSE(ZoomOf(broken).at("enabled").as_bool());
  CHECK(ZoomOf(broken).at("credentialStatus").as_string() == "INVALID");
}

TEST_CASE("Without a connection there is no credential, but the list of them") {
  for (const LinkState state : {LinkState::kNone, LinkState::kDisconnecting}) {
    const json::object user = UserJson(ALink(state), "{}");
    CHECK_FALSE(HasCredential(ALink(state)));
    CHECK(ZoomOf(user).at("allCredentials").as_array().empty());
    CHECK_FALSE(ZoomOf(user).as_object().contains("credentialId"));
  }
}

TEST_CASE("What the client keeps in the browser holds nothing of Zoom's about a person") {
  const ZoomProfile profile{"Ann Example", "ann@example.com", {}};
  const Link link = ALink(LinkState::kActive);
  CHECK(json::serialize(UserJson(link, "{}")).find("ann@example.com") == std::string::npos);
  CHECK(CredentialJson(link, &profile).at("providerData").at("email").as_string() ==
        "ann@example.com");
}

TEST_CASE("An error has message and code, the problem document behind them, and its status") {
  const http::Response response =
      ParagonError(InvalidField("meta", "REQUIRED", "must be an object."), "/projects/demo", "r-1");
  CHECK(response.status == 400);
  CHECK(response.fields.Get("Content-Type") == "application/json");
  const json::value body = json::parse(response.body);
  CHECK(body.at("code").as_string() == "INVALID_FIELD");
  CHECK(body.at("message") == body.at("meta").at("detail"));
  CHECK(body.at("meta").at("errors").at(0).at("field").as_string() == "meta");
  CHECK(body.at("meta").at("requestId").as_string() == "r-1");
  CHECK_FALSE(body.at("meta").as_object().contains("isIntegrationError"));
}

TEST_CASE("Each way in which an attempt fails has a code of its own") {
  for (const auto& [result, code] :
       {std::pair{"cancelled", "AUTHENTICATION_CANCELLED"},
        std::pair{"other_account_connected", "OTHER_ACCOUNT_CONNECTED"},
        std::pair{"different_account", "DIFFERENT_ACCOUNT"},
        std::pair{"expired", "ATTEMPT_TOO_OLD"}, std::pair{"system_error", "CONNECTION_FAILED"}}) {
    CHECK(HasReason(InstallError(result), code));
  }
}

}  // namespace
}  // namespace shodan::gateway
