// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/zoom/oauth_server.h"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"
#include "tests/unit/services/token-vault/support/scripted_https_client.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;
using testing::IsError;
using testing::IsOk;
using testing::ScriptedHttpsClient;
using testing::SeenRequest;

using Headers = std::vector<std::pair<std::string, std::string>>;

// The verifier of RFC 7636 appendix B; its challenge is
// E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM.
constexpr char kVerifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

ZoomApp App() {
  ZoomApp app;
  app.zoom_app_id = "app";
  app.client_id = "ADZ9k9bTWmGUoUbECUKU_a";
  app.client_secret = Secret("s3cret");
  app.authorization_url = "https://zoom.us/oauth/authorize";
  app.token_url = "https://zoom.us/oauth/token";
  app.revocation_url = "https://zoom.us/oauth/revoke";
  app.profile_url = "https://api.zoom.us/v2/users/me";
  app.redirect_url = "https://crm.example/oauth/callback";
  app.profile_pointers = {"/id",           "/account_id", "/email",
                          "/display_name", "/first_name", "/last_name"};
  app.ca_file = "/etc/shodan/ca.pem";
  return app;
}

struct World {
  ScriptedHttpsClient https;
  OAuthServer zoom{https, {milliseconds(10'000), milliseconds(5'000), milliseconds(4'000)}, [] {
                     return std::chrono::system_clock::time_point();
                   }};

  SeenRequest Only() const {
    REQUIRE(https.requests().size() == 1);
    return https.requests()[0];
  }
};

TEST_CASE("The authorization request is RFC 6749's with PKCE S256, and without a scope") {
  CHECK(OAuthServer::AuthorizationUrl(App(), Secret("st-ate_1"), Secret(kVerifier)) ==
        "https://zoom.us/oauth/authorize?response_type=code&client_id=ADZ9k9bTWmGUoUbECUKU_a"
        "&redirect_uri=https%3A%2F%2Fcrm.example%2Foauth%2Fcallback&state=st-ate_1"
        "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256");
}

TEST_CASE("Scopes and parameters of another server's are added, escaped and in their order") {
  ZoomApp app = App();
  app.authorization_url = "https://login.example/authorize?tenant=a";
  app.request_scopes = {"openid", "offline access"};
  app.authorization_parameters = {{"prompt", "consent"}, {"x&y", "a=b#c"}};

  CHECK(OAuthServer::AuthorizationUrl(app, Secret("s"), Secret(kVerifier)) ==
        "https://login.example/authorize?tenant=a&response_type=code"
        "&client_id=ADZ9k9bTWmGUoUbECUKU_a"
        "&redirect_uri=https%3A%2F%2Fcrm.example%2Foauth%2Fcallback&state=s"
        "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
        "&scope=openid%20offline%20access&prompt=consent&x%26y=a%3Db%23c");
}

TEST_CASE_METHOD(World, "A code is exchanged with redirect URL, verifier and Basic credentials") {
  https.ThenAnswer(200, R"({"access_token":"a","refresh_token":"r","expires_in":3599})");

  const TokenAnswer answer = zoom.ExchangeCode(App(), Secret("co/de+1"), Secret(kVerifier));

  CHECK(answer.verdict == TokenVerdict::kIssued);
  const SeenRequest request = Only();
  CHECK(request.method == "POST");
  CHECK(request.url == "https://zoom.us/oauth/token");
  // "ADZ9k9bTWmGUoUbECUKU_a:s3cret"
  CHECK(request.headers ==
        Headers{{"Content-Type", "application/x-www-form-urlencoded"},
                {"Accept", "application/json"},
                {"Authorization", "Basic QURaOWs5YlRXbUdVb1ViRUNVS1VfYTpzM2NyZXQ="}});
  CHECK(request.body ==
        "grant_type=authorization_code&code=co%2Fde%2B1"
        "&redirect_uri=https%3A%2F%2Fcrm.example%2Foauth%2Fcallback"
        "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  CHECK(request.timeout == milliseconds(10'000));
  CHECK(request.ca_file == "/etc/shodan/ca.pem");
}

TEST_CASE_METHOD(World, "Id and secret are form-encoded before they are joined for Basic") {
  ZoomApp app = App();
  app.client_id = "a:b c";
  app.client_secret = Secret("p%+/=é");

  zoom.Refresh(app, Secret("r"));

  // "a%3Ab%20c:p%25%2B%2F%3D%C3%A9"
  CHECK(Only().headers.back() ==
        std::pair<std::string, std::string>("Authorization",
                                            "Basic YSUzQWIlMjBjOnAlMjUlMkIlMkYlM0QlQzMlQTk="));
}

TEST_CASE_METHOD(World, "A refresh sends the token and no redirect URL") {
  https.ThenAnswer(400, R"({"reason":"Invalid Token!","error":"invalid_grant"})");

  CHECK(zoom.Refresh(App(), Secret("r&1")).verdict == TokenVerdict::kRejected);

  CHECK(Only().body == "grant_type=refresh_token&refresh_token=r%261");
  CHECK(Only().url == "https://zoom.us/oauth/token");
}

TEST_CASE_METHOD(World, "A refresh keeps to the shorter of two time limits") {
  zoom.Refresh(App(), Secret("r"), milliseconds(700));
  zoom.Refresh(App(), Secret("r"), milliseconds(70'000));
  zoom.Refresh(App(), Secret("r"));

  CHECK(https.requests()[0].timeout == milliseconds(700));
  CHECK(https.requests()[1].timeout == milliseconds(10'000));
  CHECK(https.requests()[2].timeout == milliseconds(10'000));
}

TEST_CASE_METHOD(World, "Other servers get id and secret in the body, or the id alone") {
  ZoomApp app = App();
  app.client_authentication = ClientAuthentication::kPost;
  zoom.Refresh(app, Secret("r"));
  app.client_authentication = ClientAuthentication::kNone;
  zoom.Refresh(app, Secret("r"));

  CHECK(https.requests()[0].body ==
        "grant_type=refresh_token&refresh_token=r&client_id=ADZ9k9bTWmGUoUbECUKU_a"
        "&client_secret=s3cret");
  CHECK(https.requests()[1].body ==
        "grant_type=refresh_token&refresh_token=r&client_id=ADZ9k9bTWmGUoUbECUKU_a");
  for (const SeenRequest& request : https.requests()) {
    CHECK(request.headers == Headers{{"Content-Type", "application/x-www-form-urlencoded"},
                                     {"Accept", "application/json"}});
  }
}

TEST_CASE_METHOD(World, "A revocation names the token and is confirmed by any 2xx") {
  for (const int status : {200, 204}) {
    https.ThenAnswer(status, R"({"status":"success"})");
    CHECK(zoom.Revoke(App(), Secret("t/1"), milliseconds(60'000)) == RevokeAnswer::kConfirmed);
  }

  const SeenRequest request = https.requests()[0];
  CHECK(request.method == "POST");
  CHECK(request.url == "https://zoom.us/oauth/revoke");
  CHECK(request.body == "token=t%2F1");
  CHECK(request.headers.back().first == "Authorization");
  CHECK(request.timeout == milliseconds(4'000));
}

TEST_CASE_METHOD(World, "A refused revocation differs from one without an answer") {
  const std::pair<int, RevokeAnswer> cases[] = {
      {400, RevokeAnswer::kRefused}, {401, RevokeAnswer::kRefused}, {404, RevokeAnswer::kRefused},
      {408, RevokeAnswer::kUnknown}, {429, RevokeAnswer::kUnknown}, {500, RevokeAnswer::kUnknown},
      {503, RevokeAnswer::kUnknown}, {302, RevokeAnswer::kUnknown},
  };
  for (const auto& [status, expected] : cases) {
    CAPTURE(status);
    https.ThenAnswer(status, "");
    CHECK(zoom.Revoke(App(), Secret("t"), milliseconds(5'000)) == expected);
  }
  for (const bool sent : {false, true}) {
    https.ThenFail(sent);
    CHECK(zoom.Revoke(App(), Secret("t"), milliseconds(5'000)) == RevokeAnswer::kUnknown);
  }
  // Confirmed is only what was read to its end.
  https.Then([](const SeenRequest&) {
    HttpsOutcome outcome = ScriptedHttpsClient::Failed(true);
    outcome.status = 200;
    return outcome;
  });
  CHECK(zoom.Revoke(App(), Secret("t"), milliseconds(5'000)) == RevokeAnswer::kUnknown);
}

TEST_CASE_METHOD(World, "Without a revocation URL nothing is sent") {
  ZoomApp app = App();
  app.revocation_url.clear();

  CHECK(zoom.Revoke(app, Secret("t"), milliseconds(5'000)) == RevokeAnswer::kRefused);
  CHECK(https.requests().empty());
}

TEST_CASE_METHOD(World, "The profile is read with the access token") {
  https.ThenAnswer(200,
                   R"({"id":"KDcuGIm1QgePTO8WbOqwIQ","account_id":"acc","email":"z@example.com",)"
                   R"("display_name":"Zoe Zoom","first_name":"Zoe","last_name":"Zoom"})");

  const auto profile = zoom.ReadProfile(App(), Secret("at"));

  REQUIRE_THAT(profile, IsOk());
  CHECK(profile->user_id == "KDcuGIm1QgePTO8WbOqwIQ");
  CHECK(profile->account_id == "acc");
  CHECK(profile->email == "z@example.com");
  CHECK(profile->display_name == "Zoe Zoom");
  const SeenRequest request = Only();
  CHECK(request.method == "GET");
  CHECK(request.url == "https://api.zoom.us/v2/users/me");
  CHECK(request.headers == Headers{{"Authorization", "Bearer at"}, {"Accept", "application/json"}});
  CHECK(request.timeout == milliseconds(5'000));
}

TEST_CASE_METHOD(World, "A name is put together where the server has only its parts") {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"id":"1","first_name":"Zoe","last_name":"Zoom"})", "Zoe Zoom"},
      {R"({"id":"1","first_name":"Zoe"})", "Zoe"},
      {R"({"id":"1","last_name":"Zoom"})", "Zoom"},
      {R"({"id":"1","display_name":"","first_name":"Zoe"})", "Zoe"},
      {R"({"id":"1"})", ""},
  };
  for (const auto& [body, name] : cases) {
    CAPTURE(body);
    https.ThenAnswer(200, body);
    const auto profile = zoom.ReadProfile(App(), Secret("at"));

    REQUIRE_THAT(profile, IsOk());
    CHECK(profile->display_name == name);
  }
}

TEST_CASE_METHOD(World, "Other servers' profiles are read by their own pointers") {
  ZoomApp app = App();
  app.profile_pointers = {"/user/sub", "", "/user/mails/0", "", "", ""};
  https.ThenAnswer(200,
                   R"({"id":"not this","user":{"sub":12345678901234,"mails":["a@b.example"]}})");

  const auto profile = zoom.ReadProfile(app, Secret("at"));

  REQUIRE_THAT(profile, IsOk());
  CHECK(profile->user_id == "12345678901234");
  CHECK(profile->account_id.empty());
  CHECK(profile->email == "a@b.example");
  CHECK(profile->display_name.empty());
}

TEST_CASE_METHOD(World, "A profile without a usable user id is an error and never a person") {
  for (const std::string& body :
       {std::string("{}"), std::string(R"({"id":""})"), std::string(R"({"id":null})"),
        std::string(R"({"id":1.5})"), std::string(R"({"id":{"id":"1"}})"), std::string("[]"),
        std::string("<html></html>"), std::string(),
        R"({"id":")" + std::string(513, 'x') + "\"}"}) {
    CAPTURE(body);
    https.ThenAnswer(200, body);

    CHECK_THAT(zoom.ReadProfile(App(), Secret("at")),
               IsError(absl::StatusCode::kFailedPrecondition, "ZOOM_ANSWER_INVALID"));
  }
}

TEST_CASE_METHOD(World, "A profile that the server does not give is asked for again later") {
  for (const int status : {201, 204, 302, 400, 404, 429, 500, 503}) {
    CAPTURE(status);
    https.ThenAnswer(status, R"({"id":"1"})");
    CHECK_THAT(zoom.ReadProfile(App(), Secret("at")),
               IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
  }
  https.ThenFail(true);
  CHECK_THAT(zoom.ReadProfile(App(), Secret("at")),
             IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
}

TEST_CASE_METHOD(World, "A profile is not given for a token that is dead") {
  https.ThenAnswer(401, R"({"code":124,"message":"Invalid access token."})");

  CHECK_THAT(zoom.ReadProfile(App(), Secret("at")),
             IsError(absl::StatusCode::kFailedPrecondition, "ZOOM_TOKEN_REFUSED"));
}

TEST_CASE("A profile comes back from its sealed form as it was") {
  const ZoomProfile profile{"u\"1", "", "ä@b.example", "Zoë \\ \n"};

  const auto decoded = DecodeProfile(EncodeProfile(profile));

  REQUIRE_THAT(decoded, IsOk());
  CHECK(decoded->user_id == profile.user_id);
  CHECK(decoded->account_id == profile.account_id);
  CHECK(decoded->email == profile.email);
  CHECK(decoded->display_name == profile.display_name);
  CHECK_THAT(DecodeProfile(Secret("not JSON")),
             IsError(absl::StatusCode::kInternal, "PROFILE_MALFORMED"));
}

TEST_CASE_METHOD(World, "A refused secret is followed by the one before it, and by nothing else") {
  constexpr char kInvalidClient[] = R"({"reason":"x","error":"invalid_client"})";
  ZoomApp app = App();
  app.previous_client_secret = Secret("0ld");

  SECTION("the old one is right") {
    https.ThenAnswer(401, kInvalidClient);
    https.ThenAnswer(200, R"({"access_token":"a","refresh_token":"r","expires_in":3599})");
    CHECK(zoom.Refresh(app, Secret("r")).verdict == TokenVerdict::kIssued);
    REQUIRE(https.requests().size() == 2);
    CHECK(https.requests()[1].body == https.requests()[0].body);
    // "ADZ9k9bTWmGUoUbECUKU_a:0ld"
    CHECK(https.requests()[1].headers.back().second ==
          "Basic QURaOWs5YlRXbUdVb1ViRUNVS1VfYTowbGQ=");
    CHECK(https.requests()[1].timeout <= https.requests()[0].timeout);
  }
  SECTION("neither is right") {
    https.ThenAnswer(401, kInvalidClient);
    https.ThenAnswer(401, kInvalidClient);
    CHECK(zoom.Refresh(app, Secret("r")).verdict == TokenVerdict::kConfig);
    CHECK(https.requests().size() == 2);
  }
  SECTION("what is not about the client is not repeated") {
    https.ThenAnswer(400, R"({"reason":"Invalid Token!","error":"invalid_grant"})");
    https.ThenFail(/*may_have_been_sent=*/true);
    CHECK(zoom.Refresh(app, Secret("r")).verdict == TokenVerdict::kRejected);
    CHECK(zoom.Refresh(app, Secret("r")).verdict == TokenVerdict::kAmbiguous);
    CHECK(https.requests().size() == 2);
  }
  SECTION("a revocation is repeated too") {
    https.ThenAnswer(401, kInvalidClient);
    https.ThenAnswer(200, R"({"status":"success"})");
    CHECK(zoom.Revoke(app, Secret("r"), milliseconds(1'000)) == RevokeAnswer::kConfirmed);
    CHECK(https.requests().size() == 2);
  }
}

TEST_CASE_METHOD(World, "Credentials are tried with a refresh token that nobody was issued") {
  https.ThenAnswer(400, R"({"reason":"Invalid Token!","error":"invalid_grant"})");

  CHECK(zoom.TryCredentials(App(), "id", Secret("s"), milliseconds(2'000)).verdict ==
        TokenVerdict::kRejected);

  const SeenRequest request = Only();
  CHECK(request.url == "https://zoom.us/oauth/token");
  CHECK(request.headers.back().second == "Basic aWQ6cw==");  // "id:s"
  CHECK(request.body.starts_with("grant_type=refresh_token&refresh_token=credential-test-"));
  CHECK(request.timeout == milliseconds(2'000));
}

}  // namespace
}  // namespace shodan::tokenvault
