// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using testing::ConnectedLink;
using testing::IsError;
using testing::IsOk;
using testing::ScriptedHttpsClient;
using testing::SeenRequest;
using testing::TestDeadline;
using testing::VaultWorld;

constexpr char kIssued[] = R"({"access_token":"AT","refresh_token":"RT","expires_in":3599})";
constexpr char kProfile[] = R"({"id":"zoe"})";

// A browser of a user that is back from Zoom.
struct World : VaultWorld {
  struct Browser {
    std::string user_id;
    std::string attempt_id;
    Secret state;
    Secret cookie;
  };

  Browser AtCallback(const std::string& user_id) {
    auto started = vault.authorization.Start("demo", user_id, "Hanako", Purpose::kConnect, "",
                                             actor, TestDeadline());
    REQUIRE_THAT(started, IsOk());
    auto redeemed =
        vault.authorization.Redeem(started->ticket, OwnerOf(user_id), false, TestDeadline());
    REQUIRE_THAT(redeemed, IsOk());
    const std::string url(redeemed->authorization_url.Expose(SecretAccess::ForTest()));
    const size_t begin = url.find("&state=") + 7;
    return {user_id, started->attempt.attempt_id,
            Secret(url.substr(begin, url.find('&', begin) - begin)),
            std::move(redeemed->cookie_value)};
  }
  absl::StatusOr<AttemptStanding> Exchange(const Browser& browser) {
    return vault.exchange.Exchange(browser.state, browser.cookie, Secret("code"), "", actor,
                                   TestDeadline());
  }
};

TEST_CASE_METHOD(World, "A code becomes a pending grant of a known Zoom user") {
  const Browser browser = AtCallback(NewUser());
  https.ThenAnswer(200, kIssued);
  https.ThenAnswer(200, kProfile);

  const auto standing = Exchange(browser);

  REQUIRE_THAT(standing, IsOk());
  CHECK(standing->attempt.attempt_id == browser.attempt_id);
  CHECK(standing->attempt.state == AttemptState::kExchanged);
  CHECK(standing->identity.match == IdentityMatch::kNoLinkIdentity);
  CHECK(https.requests().size() == 2);
  CHECK_THAT(Exchange(browser), IsOk());
  CHECK(https.requests().size() == 2);
}

TEST_CASE_METHOD(World, "A wrong cookie or state consumes nothing") {
  const Browser browser = AtCallback(NewUser());
  const Browser other = AtCallback(NewUser());

  CHECK_THAT(vault.exchange.Exchange(browser.state, other.cookie, Secret("code"), "", actor,
                                     TestDeadline()),
             IsError(absl::StatusCode::kFailedPrecondition, "ATTEMPT_MISMATCH"));
  CHECK_THAT(vault.exchange.Exchange(Secret("unknown"), browser.cookie, Secret("code"), "", actor,
                                     TestDeadline()),
             IsError(absl::StatusCode::kFailedPrecondition, "ATTEMPT_MISMATCH"));
  CHECK(https.requests().empty());
  CHECK(Count("attempts WHERE state = 'pending'") == 2);
}

TEST_CASE_METHOD(
    World, "An exchange without a refresh token, or without an answer, ends as a system error") {
  for (const auto& [status, body] :
       {std::pair(200, R"({"access_token":"AT","expires_in":3599})"),
        std::pair(200, "<html></html>"), std::pair(400, R"({"error":"invalid_grant"})"),
        std::pair(500, "")}) {
    CAPTURE(status, body);
    const Browser browser = AtCallback(NewUser());
    https.ThenAnswer(status, body);

    const auto standing = Exchange(browser);

    REQUIRE_THAT(standing, IsOk());
    CHECK(standing->attempt.result == AttemptResult::kSystemError);
  }
  CHECK(Count("pending_grants") == 0);
}

TEST_CASE_METHOD(World,
                 "A disconnect while the code is exchanged leaves its tokens to the eraser") {
  const ConnectedLink link = Connect("xavier");
  const Browser browser = AtCallback(link.user_id);
  https.Then([&](const SeenRequest&) {
    REQUIRE_THAT(BeginErasure(link), IsOk());
    return ScriptedHttpsClient::Answered(200, kIssued);
  });

  const auto standing = Exchange(browser);

  REQUIRE_THAT(standing, IsOk());
  CHECK(standing->attempt.result == AttemptResult::kSuperseded);
  CHECK(Count("pending_grants") == 0);
  CHECK(https.requests().size() == 1);
  CHECK(Count("revocations WHERE link_id IS NULL AND identity_tag IS NULL AND NOT permitted AND "
              "refresh_token IS NOT NULL") == 1);
}

TEST_CASE_METHOD(
    World, "While the user's own revocation is open neither a start nor an exchange goes on") {
  const ConnectedLink link = Connect("zoe");
  const std::string user_id = link.user_id;
  const Browser browser = AtCallback(NewUser());
  Run("UPDATE attempts SET user_id = '" + user_id + "' WHERE attempt_id = '" + browser.attempt_id +
      "'");
  Run("INSERT INTO revocations (project_id, user_id, zoom_app_id, identity_tag, permitted, "
      "deadline_at) SELECT 'demo', '" +
      user_id + "', zoom_app_id, 'x', true, now() FROM zoom_apps");
  const auto soon = [] { return Deadline::After(std::chrono::milliseconds(1'500)); };

  CHECK_THAT(vault.authorization.Start("demo", user_id, "", Purpose::kConnect, "", actor, soon()),
             IsError(absl::StatusCode::kUnavailable, "REVOCATION_IN_PROGRESS"));
  CHECK_THAT(
      vault.exchange.Exchange(browser.state, browser.cookie, Secret("code"), "", actor, soon()),
      IsError(absl::StatusCode::kUnavailable, "REVOCATION_IN_PROGRESS"));
  CHECK(https.requests().empty());
  CHECK(Count("attempts WHERE state = 'pending'") == 1);
}

}  // namespace
}  // namespace shodan::tokenvault
