// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using testing::AtOnce;
using testing::ConnectedLink;
using testing::IsError;
using testing::IsOk;
using testing::ScriptedHttpsClient;
using testing::SeenRequest;
using testing::TestDeadline;
using testing::VaultWorld;

struct World : VaultWorld {
  ConnectedLink link = Connect("zoe");

  absl::StatusOr<AccessToken> Get(int64_t rejected = 0) {
    return vault.access_tokens.Get("demo", link.user_id, rejected, TestDeadline());
  }
  void Expire() { Run("UPDATE grants SET access_expires_at = now() - interval '1 second'"); }
  void ThenIssue(const std::string& name, const std::string& expires_in = "3599") {
    https.ThenAnswer(200, R"({"access_token":"AT )" + name + R"(","refresh_token":"RT )" + name +
                              R"(","expires_in":)" + expires_in + "}");
  }
  std::string TokenOf(const absl::StatusOr<AccessToken>& token) {
    REQUIRE_THAT(token, IsOk());
    return std::string(token->token.Expose(SecretAccess::ForTest()));
  }
};

TEST_CASE_METHOD(World, "A fresh token is handed out without asking Zoom") {
  const auto token = Get();

  CHECK(TokenOf(token) == "AT zoe 1");
  CHECK(token->token_version == 1);
  CHECK(token->generation == 1);
  CHECK(token->api_base_url == "https://zoom.test/v2");
  CHECK(token->account_tag == TagsOf("zoe").account);
  CHECK(token->scopes == std::vector<std::string>{"scope"});
  CHECK(https.requests().empty());
}

TEST_CASE_METHOD(World, "Scopes are handed out sorted, and none when the server named none") {
  Run("UPDATE grants SET scope = 'user:read meeting:write  meeting:read '");
  CHECK(Get()->scopes == std::vector<std::string>{"meeting:read", "meeting:write", "user:read"});
  Run("UPDATE grants SET scope = ''");
  CHECK(Get()->scopes.empty());
}

TEST_CASE_METHOD(World,
                 "A token that lives shorter than the margin is handed out after one refresh") {
  for (const char* expires_in : {"60", "300", "1"}) {
    CAPTURE(expires_in);
    Expire();
    const size_t before = https.requests().size();
    ThenIssue("short", expires_in);

    CHECK(TokenOf(Get()) == "AT short");
    CHECK(https.requests().size() == before + 1);
  }
}

TEST_CASE_METHOD(
    World,
    "An answer that broke off behind the refresh token costs a second refresh and nothing more") {
  Expire();
  https.ThenAnswer(200, R"({"refresh_token":"RT 2","access_tok)");
  ThenIssue("3");

  CHECK(TokenOf(Get()) == "AT 3");

  REQUIRE(https.requests().size() == 2);
  CHECK(https.requests()[1].body == "grant_type=refresh_token&refresh_token=RT%202");
}

TEST_CASE_METHOD(World, "A token is not sent to Zoom when its answer could come after the lease") {
  Expire();
  ThenIssue("2");
  lifetimes.token_request = lifetimes.lease;

  CHECK_THAT(Get(), IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
  CHECK(https.requests().empty());
  CHECK(GrantValue(link.link_id, "lease_until IS NULL AND intent_id IS NULL") == "true");

  lifetimes.token_request = lifetimes.lease / 2;
  CHECK(TokenOf(Get()) == "AT 2");
}

TEST_CASE_METHOD(World,
                 "A lost answer is asked for again at once only as long as the lease holds") {
  Expire();
  https.Then([this](const SeenRequest&) {
    lifetimes.token_request = lifetimes.lease;
    return ScriptedHttpsClient::Failed(true);
  });
  ThenIssue("2");

  CHECK_THAT(Get(), IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));

  CHECK(https.requests().size() == 1);
  CHECK(GrantValue(link.link_id, "lease_until IS NULL AND intent_id IS NOT NULL") == "true");
}

TEST_CASE_METHOD(World,
                 "A server that never issues an access token is given up, not asked for ever") {
  Expire();
  for (int i = 2; i < 9; ++i) {
    https.ThenAnswer(200, R"({"refresh_token":"RT )" + std::to_string(i) + "\"}");
  }

  CHECK_THAT(Get(), IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));

  CHECK(https.requests().size() == 2);
  CHECK(GrantValue(link.link_id, "state || token_version") == "active3");
}

TEST_CASE_METHOD(World, "32 callers share one refresh and get its token") {
  Expire();
  ThenIssue("2");
  std::vector<absl::StatusOr<AccessToken>> tokens;
  for (int i = 0; i < 32; ++i) tokens.emplace_back(absl::UnknownError("not called"));

  AtOnce(32, [&](int i) { tokens[static_cast<size_t>(i)] = Get(); });

  for (const auto& token : tokens) CHECK(TokenOf(token) == "AT 2");
  CHECK(https.requests().size() == 1);
}

TEST_CASE_METHOD(World, "A server that keeps the refresh token valid keeps it in the vault") {
  Expire();
  https.ThenAnswer(200, R"({"access_token":"AT 2","expires_in":3599})");
  CHECK(TokenOf(Get()) == "AT 2");

  Expire();
  ThenIssue("3");
  CHECK(TokenOf(Get()) == "AT 3");
  CHECK(https.requests()[1].body == "grant_type=refresh_token&refresh_token=RT%20zoe%201");
}

TEST_CASE_METHOD(World, "A disconnect while Zoom is asked hands the new tokens to the eraser") {
  Expire();
  absl::StatusOr<ErasureProgress> progress = absl::UnknownError("not called");
  https.Then([&](const SeenRequest&) {
    progress = BeginErasure(link);
    return ScriptedHttpsClient::Answered(
        200, R"({"access_token":"AT 2","refresh_token":"RT 2","expires_in":3599})");
  });

  CHECK_THAT(Get(), IsError(absl::StatusCode::kNotFound, "GRANT_NOT_FOUND"));

  REQUIRE_THAT(progress, IsOk());
  CHECK(Count("revocations") == 2);
  const auto late = pool->Execute("SELECT refresh_token FROM revocations WHERE link_id IS NULL", {},
                                  TestDeadline());
  REQUIRE_THAT(late, IsOk());
  REQUIRE(late->size() == 1);
  const auto opened = sealing.OpenRevocationToken(
      Sealing::TokenKind::kRefresh, OwnerOf(link.user_id), (*late)[0].Bytes("refresh_token"));
  REQUIRE_THAT(opened, IsOk());
  CHECK(*opened == Secret("RT 2"));
}

TEST_CASE_METHOD(World,
                 "A sealed token that was moved between rows is an error and asks Zoom nothing") {
  const ConnectedLink other = Connect("yuki");
  Run("UPDATE grants g SET access_token = o.access_token, refresh_token = o.refresh_token FROM "
      "grants o WHERE g.link_id = '" +
      link.link_id + "' AND o.link_id = '" + other.link_id + "'");

  CHECK_THAT(Get(), IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_MISPLACED"));
  Expire();
  CHECK_THAT(Get(), IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_MISPLACED"));
  CHECK(https.requests().empty());
  CHECK(GrantValue(link.link_id, "state") == "active");
}

TEST_CASE_METHOD(World,
                 "A suspect link is refreshed at its next use, and one that is dead was "
                 "reauthorized elsewhere") {
  Run("UPDATE grants SET suspect_since = now() - interval '1 second'");
  https.ThenAnswer(400, R"({"reason":"Invalid Token!","error":"invalid_grant"})");

  const auto token = Get();

  CHECK_THAT(token, IsError(absl::StatusCode::kFailedPrecondition, "RECONNECT_REQUIRED"));
  CHECK(MetadataOf(token.status()) == ErrorMetadata{{"cause", "reauthorized_elsewhere"}});
}

TEST_CASE_METHOD(World,
                 "The sweep stops at its deadline instead of waiting for Zoom link after link") {
  for (int i = 0; i < 3; ++i) Connect("person " + std::to_string(i));
  Run("UPDATE grants SET suspect_since = now()");

  CHECK_THAT(vault.access_tokens.SweepDoubtful(Deadline::After(std::chrono::milliseconds(0))),
             IsError(absl::StatusCode::kDeadlineExceeded, "DATABASE_TIMEOUT"));
  CHECK(https.requests().empty());
  CHECK_THAT(vault.access_tokens.SweepDoubtful(TestDeadline()), IsOk());
  CHECK(https.requests().size() == 4);
}

TEST_CASE_METHOD(World, "A link that nobody uses is refreshed before its token would end") {
  const auto age = [&](int days) {
    Run("UPDATE grants SET stored_at = now() - interval '" + std::to_string(days) + " days'");
  };
  const auto keep_alive = [&](int limit) {
    const auto refreshed = vault.access_tokens.KeepAlive(limit, TestDeadline());
    REQUIRE_THAT(refreshed, IsOk());
    return *refreshed;
  };
  age(47);
  CHECK(keep_alive(10) == 0);
  CHECK(https.requests().empty());

  age(60);
  ThenIssue("2");
  CHECK(keep_alive(10) == 1);
  CHECK(keep_alive(10) == 0);
  CHECK(TokenOf(Get()) == "AT 2");
}

TEST_CASE_METHOD(World, "Idle links are due at times of their own, and so many at a time") {
  for (int i = 0; i < 31; ++i) Connect("person " + std::to_string(i));
  const auto due = [&](int days, int limit) {
    Run("UPDATE grants SET stored_at = now() - interval '" + std::to_string(days) + " days'");
    const auto idle = stores.grants.ListIdle(lifetimes.keep_alive, limit, TestDeadline());
    REQUIRE_THAT(idle, IsOk());
    return idle->size();
  };

  CHECK(due(48, 100) < 8);
  CHECK(due(54, 100) > 4);
  CHECK(due(54, 100) < 28);
  CHECK(due(60, 100) == 32);
  CHECK(due(60, 5) == 5);
}

TEST_CASE_METHOD(World, "While Zoom refuses the app, no refresh is begun and no user is marked") {
  Expire();
  https.ThenAnswer(401,
                   R"({"reason":"Invalid client_id or client_secret","error":"invalid_client"})");

  CHECK_THAT(Get(), IsError(absl::StatusCode::kUnavailable, "ZOOM_APP_REJECTED"));
  Run("UPDATE grants SET next_attempt_at = NULL");
  const ConnectedLink other = Connect("yuki");
  Expire();
  CHECK_THAT(vault.access_tokens.Get("demo", other.user_id, 0, TestDeadline()),
             IsError(absl::StatusCode::kUnavailable, "ZOOM_APP_REJECTED"));

  CHECK(https.requests().size() == 1);
  CHECK(Count("grants WHERE state = 'active' AND intent_id IS NULL") == 2);
}

}  // namespace
}  // namespace shodan::tokenvault
