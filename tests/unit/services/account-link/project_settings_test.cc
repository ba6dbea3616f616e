// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/project_settings.h"

#include <string>

#include <catch2/catch.hpp>

namespace shodan::account_link {

TEST_CASE("project settings are read as they were written", "[account-link][projects]") {
  Project written{.project_id = "demo",
                  .display_name = "Shodan Pro",
                  .settings_url = "https://app.example/settings?tab=\"integrations\"",
                  .origins = {"https://app.example"},
                  .token_issuers = {}};
  TokenIssuer issuer;
  issuer.issuer = "https://issuer.example";
  issuer.audience = "shodan-pro";
  issuer.jwks = R"({"keys":[{"kty":"EC","crv":"P-256"}]})";
  issuer.user_claim = "sub";
  written.token_issuers = {issuer, issuer};
  Project read{.project_id = "demo",
               .display_name = "Shodan Pro",
               .settings_url = {},
               .origins = {},
               .token_issuers = {}};

  REQUIRE(ReadSettings(WriteSettings(written), read));

  CHECK(read == written);
}

TEST_CASE("settings that were not written by this program are noticed",
          "[account-link][projects]") {
  for (const std::string text :
       {"", "[]", "{}", R"({"settings_url":1,"origins":[],"token_issuers":[]})",
        R"({"settings_url":"x","origins":[1],"token_issuers":[]})",
        R"({"settings_url":"x","origins":[],"token_issuers":[{}]})",
        R"({"settings_url":"x","origins":{},"token_issuers":[]})"}) {
    Project project;
    INFO(text);
    CHECK_FALSE(ReadSettings(text, project));
  }
}

}  // namespace shodan::account_link
