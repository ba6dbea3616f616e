// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/zoom/token_answer.h"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "libs/base/status.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::seconds;

// 2020-05-31T00:00:00Z.
constexpr std::chrono::system_clock::time_point kNow{seconds(1'590'883'200)};

constexpr std::string_view kRealAnswer =
    R"({"access_token":"eyJzdiI6.AT-1","token_type":"bearer","refresh_token":"eyJzdiI6.RT-1",)"
    R"("expires_in":3599,"scope":"user:read:user","api_url":"https://api.zoom.us"})";

HttpsOutcome Answered(int status, std::string_view body) {
  HttpsOutcome outcome;
  outcome.may_have_been_sent = true;
  outcome.status = status;
  outcome.body = Secret(body);
  return outcome;
}

HttpsOutcome CutOff(int status, std::string_view body) {
  HttpsOutcome outcome = Answered(status, body);
  outcome.error = Unavailable("HTTPS_TRUNCATED", "The server's answer broke off.");
  return outcome;
}

TokenAnswer Read(const HttpsOutcome& outcome) { return ReadTokenAnswer(outcome, kNow); }

std::string Text(const Secret& secret) {
  return std::string(secret.Expose(SecretAccess::ForTest()));
}

TEST_CASE("An answer with tokens is taken with everything it tells") {
  HttpsOutcome outcome = Answered(200, kRealAnswer);
  outcome.headers["x-zm-trackingid"] = "v=2.0;clid=us02";

  const TokenAnswer answer = Read(outcome);

  CHECK(answer.verdict == TokenVerdict::kIssued);
  CHECK(Text(answer.tokens.access_token) == "eyJzdiI6.AT-1");
  CHECK(Text(answer.tokens.refresh_token) == "eyJzdiI6.RT-1");
  CHECK(answer.tokens.expires_in == seconds(3599));
  CHECK(answer.tokens.scope == "user:read:user");
  CHECK(answer.status == 200);
  CHECK(answer.tracking_id == "v=2.0;clid=us02");
  CHECK_FALSE(answer.retry_after.has_value());
}

TEST_CASE("An answer without a refresh token is taken: the server keeps the old one valid") {
  const TokenAnswer answer = Read(Answered(200, R"({"access_token":"a","expires_in":60})"));

  CHECK(answer.verdict == TokenVerdict::kIssued);
  CHECK(Text(answer.tokens.access_token) == "a");
  CHECK(answer.tokens.refresh_token.empty());
}

struct Refusal {
  int status;
  const char* body;
  TokenVerdict verdict;
  bool account_inactive = false;
};

// What Zoom was seen to answer, and its numbers where a server names one.
constexpr Refusal kRefusals[] = {
    // A dead, rotated or revoked refresh token.
    {400, R"({"reason":"Invalid Token!","error":"invalid_grant"})", TokenVerdict::kRejected},
    {401, R"({"reason":"Invalid Token!","error":"invalid_grant"})", TokenVerdict::kRejected},
    {400, R"({"reason":"Invalid Token!","error":"invalid_request"})", TokenVerdict::kRejected},
    {401, R"({"reason":"Invalid Token!","error":"invalid_request"})", TokenVerdict::kRejected},
    {400, R"({"error":"invalid_grant"})", TokenVerdict::kRejected},
    {400, R"({"reason":"Invalid Token!"})", TokenVerdict::kRejected},
    {400, R"({"error":"invalid_grant","error_description":"expired"})", TokenVerdict::kRejected},
    // The credentials of the app.
    {400, R"({"reason":"Invalid client_id or client_secret","error":"invalid_client"})",
     TokenVerdict::kConfig},
    {401, R"({"reason":"Invalid client_id or client_secret","error":"invalid_client"})",
     TokenVerdict::kConfig},
    {401, R"({"error":"invalid_client"})", TokenVerdict::kConfig},
    {400, R"({"error":"unauthorized_client"})", TokenVerdict::kConfig},
    {403, R"({"error":"invalid_client"})", TokenVerdict::kConfig},
    // A malformed request: our mistake, nobody's token.
    {400, R"({"reason":"Bad request","error":"invalid_request"})", TokenVerdict::kTransient},
    {400, R"({"reason":"Bad Request","error":"invalid_request"})", TokenVerdict::kTransient},
    {400, R"({"error":"unsupported_grant_type"})", TokenVerdict::kTransient},
    {400, R"({"error":"invalid_scope"})", TokenVerdict::kTransient},
    // A bad, old or used code, a wrong redirect URL or verifier.
    {400, R"({"reason":"Invalid authorization code 3ZDQH98o","error":"invalid_request"})",
     TokenVerdict::kRejected},
    {400, R"({"reason":"Invalid authorization code 3ZDQH98o","error":"invalid_grant"})",
     TokenVerdict::kRejected},
    {400, R"({"reason":"Invalid authorization code","error":"invalid_grant"})",
     TokenVerdict::kRejected},
    // Numbers: 47xx of Zoom's OAuth errors.
    {400, R"({"code":4700,"message":"Invalid redirect url"})", TokenVerdict::kTransient},
    {400, R"({"code":4702})", TokenVerdict::kConfig},
    {400, R"({"code":4704})", TokenVerdict::kConfig},
    {400, R"({"code":4705})", TokenVerdict::kTransient},
    {400, R"({"code":4706})", TokenVerdict::kConfig},
    {400, R"({"code":4709})", TokenVerdict::kTransient},
    {400, R"({"code":4711})", TokenVerdict::kTransient},
    {400, R"({"code":4717})", TokenVerdict::kConfig},
    {400, R"({"code":4733})", TokenVerdict::kRejected},
    {400, R"({"code":4734})", TokenVerdict::kRejected},
    {400, R"({"code":4735})", TokenVerdict::kRejected, true},
    {400, R"({"code":4737})", TokenVerdict::kRejected},
    {400, R"({"code":4738})", TokenVerdict::kRejected, true},
    {400, R"({"code":4740})", TokenVerdict::kRejected},
    {400, R"({"code":4741})", TokenVerdict::kRejected},
    {400, R"({"errorCode":4741,"errorMessage":"Token revoked"})", TokenVerdict::kRejected},
    {400, R"({"error_code":4741})", TokenVerdict::kRejected},
    {400, R"({"code":"4741"})", TokenVerdict::kTransient},
    // Trouble of the server, whatever it says.
    {429, R"({"code":429,"message":"You have reached the maximum per-second rate limit"})",
     TokenVerdict::kTransient},
    {429, R"({"error":"invalid_grant"})", TokenVerdict::kTransient},
    {404, R"({"error":"invalid_grant"})", TokenVerdict::kTransient},
    {500, R"({"error":"invalid_grant"})", TokenVerdict::kTransient},
    {500, R"({"reason":"Invalid Token!","error":"invalid_grant"})", TokenVerdict::kTransient},
    {503, R"({"error":"invalid_client"})", TokenVerdict::kTransient},
    // Behind these the request may have been carried out.
    {502, "<html>502 Bad Gateway</html>", TokenVerdict::kAmbiguous},
    {504, "<html>504 Gateway Time-out</html>", TokenVerdict::kAmbiguous},
    // Refusals that say nothing.
    {400, "", TokenVerdict::kTransient},
    {400, "<html>400</html>", TokenVerdict::kTransient},
    {400, "[]", TokenVerdict::kTransient},
    {400, "{}", TokenVerdict::kTransient},
    {401, R"("invalid_grant")", TokenVerdict::kTransient},
    {302, "", TokenVerdict::kTransient},
    // An error under status 200 is no word about the token.
    {200, R"({"reason":"Invalid Token!","error":"invalid_grant"})", TokenVerdict::kTransient},
    {200, R"({"error":"invalid_client"})", TokenVerdict::kTransient},
    {200, "{}", TokenVerdict::kTransient},
    {200, "<!DOCTYPE html><html>\"refresh_token\":\"x\"</html>", TokenVerdict::kTransient},
    {200, R"(["access_token","refresh_token"])", TokenVerdict::kTransient},
    {200, R"([{"refresh_token":"x"}])", TokenVerdict::kTransient},
    {200, "", TokenVerdict::kTransient},
    {200, "\xff\xfe\x00garbage", TokenVerdict::kTransient},
    {204, "", TokenVerdict::kTransient},
};

TEST_CASE("Each refusal means one thing for the grant") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.status, refusal.body);
    const TokenAnswer answer = Read(Answered(refusal.status, refusal.body));

    CHECK(answer.verdict == refusal.verdict);
    CHECK(answer.account_inactive == refusal.account_inactive);
    CHECK(answer.status == refusal.status);
    CHECK(answer.tokens.access_token.empty());
    CHECK(answer.tokens.refresh_token.empty());
  }
}

TEST_CASE("A refusal that broke off is not believed") {
  for (const int status : {400, 401, 403}) {
    const TokenAnswer answer =
        Read(CutOff(status, R"({"reason":"Invalid Token!","error":"invalid_grant"})"));

    CHECK(answer.verdict == TokenVerdict::kAmbiguous);
  }
}

TEST_CASE("A request that never left consumed nothing; one that may have left may have") {
  HttpsOutcome outcome;
  outcome.error = Unavailable("HTTPS_UNREACHABLE", "The server could not be reached.");
  CHECK(Read(outcome).verdict == TokenVerdict::kTransient);

  outcome.may_have_been_sent = true;
  CHECK(Read(outcome).verdict == TokenVerdict::kAmbiguous);

  for (const int status : {200, 400, 429, 500, 503}) {
    CAPTURE(status);
    CHECK(Read(CutOff(status, "")).verdict == TokenVerdict::kAmbiguous);
  }
}

TEST_CASE("An answer cut off at any byte gives whole tokens or none") {
  const size_t access_end = kRealAnswer.find(R"(","token_type")") + 1;
  const size_t refresh_end = kRealAnswer.find(R"(","expires_in")") + 1;
  for (size_t size = 0; size < kRealAnswer.size(); ++size) {
    CAPTURE(size);
    const TokenAnswer answer = Read(CutOff(200, kRealAnswer.substr(0, size)));

    if (size < refresh_end) {
      CHECK(answer.verdict == TokenVerdict::kAmbiguous);
      CHECK(answer.tokens.refresh_token.empty());
      CHECK(answer.tokens.access_token.empty());
    } else {
      CHECK(answer.verdict == TokenVerdict::kIssued);
      CHECK(Text(answer.tokens.refresh_token) == "eyJzdiI6.RT-1");
      CHECK(Text(answer.tokens.access_token) == "eyJzdiI6.AT-1");
      CHECK(answer.tokens.expires_in == seconds(300));
    }
  }
  CHECK(access_end < refresh_end);
}

TEST_CASE("A cut that no error tells of is seen all the same") {
  for (size_t size = 1; size < kRealAnswer.size(); ++size) {
    CAPTURE(size);
    const TokenAnswer answer = Read(Answered(200, kRealAnswer.substr(0, size)));
    const bool issued = size >= kRealAnswer.find(R"(","expires_in")") + 1;

    CHECK(answer.verdict == (issued ? TokenVerdict::kIssued : TokenVerdict::kAmbiguous));
  }
}

TEST_CASE("A cut behind a refresh token that comes first leaves the access token out") {
  constexpr std::string_view kAnswer = R"( {"refresh_token" : "RT-1" , "access_token":"AT-1"})";
  const size_t refresh_end = kAnswer.find(R"(" ,)") + 1;
  for (size_t size = 2; size < kAnswer.size(); ++size) {
    CAPTURE(size);
    const TokenAnswer answer = Read(CutOff(200, kAnswer.substr(0, size)));

    CHECK(answer.verdict ==
          (size >= refresh_end ? TokenVerdict::kIssued : TokenVerdict::kAmbiguous));
    const std::string access = Text(answer.tokens.access_token);
    CHECK((access.empty() || (access == "AT-1" && size == kAnswer.size() - 1)));
  }
}

TEST_CASE("From a cut answer only the outermost object's tokens are taken") {
  for (const char* body : {
           R"({"old":{"refresh_token":"nested"},"access_tok)",
           R"({"list":[{"refresh_token":"nested"},)",
           R"({"reason":"\"refresh_token\":\"quoted\"",)",
           R"({"a":"refresh_token","b":"value",)",
           R"({"refresh_token":{"refresh_token":"nested"},)",
           R"({"refresh_token":["listed",)",
           R"({"refresh_token":12345,)",
           R"({"refresh_token":null,)",
           R"({"refresh_token":"with \u0041 escape",)",
           R"({"refresh_token":"",)",
           R"({"refresh_token")",
           R"({"refresh_token":)",
           R"({"refresh_token":"unended)",
       }) {
    CAPTURE(body);
    const TokenAnswer answer = Read(CutOff(200, body));

    CHECK(answer.verdict == TokenVerdict::kAmbiguous);
    CHECK(answer.tokens.refresh_token.empty());
  }
}

TEST_CASE("Values of a wrong type are as good as absent") {
  const TokenAnswer no_access = Read(
      Answered(200, R"({"access_token":1,"refresh_token":"r","scope":["a"],"expires_in":{}})"));
  CHECK(no_access.verdict == TokenVerdict::kIssued);
  CHECK(no_access.tokens.access_token.empty());
  CHECK(Text(no_access.tokens.refresh_token) == "r");
  CHECK(no_access.tokens.scope.empty());
  CHECK(no_access.tokens.expires_in == seconds(300));

  const TokenAnswer no_refresh =
      Read(Answered(200, R"({"access_token":"a","refresh_token":false,"expires_in":60})"));
  CHECK(no_refresh.verdict == TokenVerdict::kIssued);
  CHECK(no_refresh.tokens.refresh_token.empty());

  CHECK(Read(Answered(200, R"({"access_token":null,"refresh_token":[]})")).verdict ==
        TokenVerdict::kTransient);
}

TEST_CASE("A lifetime is clamped to a day, and one that makes no sense is five minutes") {
  const std::pair<const char*, seconds> cases[] = {
      {"3599", seconds(3599)},
      {"1", seconds(1)},
      {"1.9", seconds(1)},
      {R"("3599")", seconds(3599)},
      {"86400", seconds(86'400)},
      {"86401", seconds(86'400)},
      {"9223372036854775807", seconds(86'400)},
      {"9223372036854775808", seconds(86'400)},
      {"18446744073709551616", seconds(86'400)},
      {"1e300", seconds(86'400)},
      {R"("inf")", seconds(86'400)},
      {"0", seconds(300)},
      {"0.5", seconds(300)},
      {"-1", seconds(300)},
      {"-9223372036854775808", seconds(300)},
      {"-1e300", seconds(300)},
      {R"("nan")", seconds(300)},
      {R"("-inf")", seconds(300)},
      {R"("")", seconds(300)},
      {R"("soon")", seconds(300)},
      {"null", seconds(300)},
      {"true", seconds(300)},
      {"[3599]", seconds(300)},
  };
  for (const auto& [text, lifetime] : cases) {
    CAPTURE(text);
    const TokenAnswer answer = Read(Answered(
        200, R"({"access_token":"a","refresh_token":"r","expires_in":)" + std::string(text) + "}"));

    CHECK(answer.verdict == TokenVerdict::kIssued);
    CHECK(answer.tokens.expires_in == lifetime);
  }
  CHECK(Read(Answered(200, R"({"access_token":"a"})")).tokens.expires_in == seconds(300));
}

TEST_CASE("A lifetime that is no JSON does not cost the tokens") {
  const TokenAnswer answer =
      Read(Answered(200, R"({"access_token":"a","refresh_token":"r","expires_in":NaN})"));

  CHECK(answer.verdict == TokenVerdict::kIssued);
  CHECK(Text(answer.tokens.refresh_token) == "r");
  CHECK(answer.tokens.expires_in == seconds(300));
}

TEST_CASE("Tokens of up to 8 KiB are taken; a larger one is as good as absent") {
  const auto with_refresh = [](size_t size) {
    return R"({"access_token":"a","refresh_token":")" + std::string(size, 'r') + "\"}";
  };

  CHECK(Read(Answered(200, with_refresh(8'192))).tokens.refresh_token.size() == 8'192);
  CHECK(Read(Answered(200, with_refresh(8'193))).tokens.refresh_token.empty());
  CHECK(Read(CutOff(200, with_refresh(8'192) + ",")).tokens.refresh_token.size() == 8'192);
  CHECK(Read(CutOff(200, with_refresh(8'193) + ",")).verdict == TokenVerdict::kAmbiguous);
}

TEST_CASE("Of a name that occurs twice one whole value is taken") {
  const TokenAnswer answer = Read(Answered(
      200,
      R"({"access_token":"a1","refresh_token":"r1","access_token":"a2","refresh_token":"r2"})"));

  CHECK(answer.verdict == TokenVerdict::kIssued);
  CHECK(Text(answer.tokens.access_token) == "a2");
  CHECK(Text(answer.tokens.refresh_token) == "r2");
}

TEST_CASE("Deep and huge answers are read without harm") {
  const std::string deep = std::string(100'000, '[');
  CHECK(Read(Answered(200, deep)).verdict == TokenVerdict::kTransient);
  CHECK(Read(Answered(400, deep)).verdict == TokenVerdict::kTransient);
  const TokenAnswer behind = Read(
      Answered(200, R"({"a":)" + deep + std::string(100'000, ']') + R"(,"refresh_token":"r"})"));
  CHECK(behind.verdict == TokenVerdict::kIssued);
  CHECK(Text(behind.tokens.refresh_token) == "r");
  const TokenAnswer wide =
      Read(Answered(200, R"({"x":")" + std::string(200'000, 'x') + R"(","access_token":"a"})"));
  CHECK(Text(wide.tokens.access_token) == "a");
}

TEST_CASE("The time to come back is read from a refusal, in each of its shapes") {
  for (const auto& [value, expected] :
       {std::pair("30", std::optional<seconds>(30)),
        std::pair("Sun, 31 May 2020 00:00:30 GMT", std::optional<seconds>(30)),
        std::pair("2020-05-31T00:00:30Z", std::optional<seconds>(30)),
        std::pair("soon", std::optional<seconds>())}) {
    HttpsOutcome outcome = Answered(429, "{}");
    outcome.headers["retry-after"] = value;

    CHECK(Read(outcome).retry_after == expected);
  }
}

TEST_CASE("A tracking id is cut to a length fit for a log") {
  HttpsOutcome outcome = Answered(500, "");
  outcome.headers["x-zm-trackingid"] = std::string(1'000, 't');

  CHECK(Read(outcome).tracking_id == std::string(128, 't'));
}

}  // namespace
}  // namespace shodan::tokenvault
