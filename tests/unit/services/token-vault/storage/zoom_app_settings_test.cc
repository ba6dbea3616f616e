// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/zoom_app_settings.h"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::tokenvault {
namespace {

using testing::IsError;
using testing::IsOk;

ZoomApp App(ClientAuthentication authentication) {
  ZoomApp app;
  app.client_secret = Secret("canary");
  app.client_authentication = authentication;
  app.authorization_url = "https://a.example/authorize?x=\"1\"";
  app.token_url = "https://a.example/token";
  app.profile_url = "https://a.example/me";
  app.api_base_url = "https://a.example/v2";
  app.redirect_url = "https://crm.example/cb";
  app.expected_scopes = {"b", "a"};
  app.request_scopes = {"openid"};
  app.authorization_parameters = {{"z", "1"}, {"a", "ä"}};
  app.profile_pointers = {"/id", "", "/mails/0", "/name", "/first", "/last"};
  app.ca_file = "/ca.pem";
  return app;
}

TEST_CASE("An app's settings come back from their column as they were, in their order") {
  for (const auto authentication :
       {ClientAuthentication::kBasic, ClientAuthentication::kPost, ClientAuthentication::kNone}) {
    const ZoomApp app = App(authentication);
    ZoomApp read;

    CHECK_THAT(DecodeSettings(EncodeSettings(app), read), IsOk());

    CHECK(read.client_authentication == authentication);
    CHECK(read.authorization_url == app.authorization_url);
    CHECK(read.token_url == app.token_url);
    CHECK(read.revocation_url.empty());
    CHECK(read.profile_url == app.profile_url);
    CHECK(read.api_base_url == app.api_base_url);
    CHECK(read.redirect_url == app.redirect_url);
    CHECK(read.expected_scopes == app.expected_scopes);
    CHECK(read.request_scopes == app.request_scopes);
    CHECK(read.authorization_parameters == app.authorization_parameters);
    CHECK(read.profile_pointers.user_id == "/id");
    CHECK(read.profile_pointers.account_id.empty());
    CHECK(read.profile_pointers.email == "/mails/0");
    CHECK(read.profile_pointers.display_name == "/name");
    CHECK(read.profile_pointers.first_name == "/first");
    CHECK(read.profile_pointers.last_name == "/last");
    CHECK(read.ca_file == "/ca.pem");
  }
}

TEST_CASE("The settings column holds no secret") {
  CHECK(EncodeSettings(App(ClientAuthentication::kBasic)).find("canary") == std::string::npos);
}

TEST_CASE("A damaged column is an error") {
  const std::string good = EncodeSettings(App(ClientAuthentication::kBasic));
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[]"),
                                  good.substr(0, good.size() / 2), std::string("null")}) {
    ZoomApp app;
    CHECK_THAT(DecodeSettings(text, app),
               IsError(absl::StatusCode::kInternal, "ZOOM_APP_MALFORMED"));
  }
}

}  // namespace
}  // namespace shodan::tokenvault
