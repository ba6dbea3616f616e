// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;
using testing::ConnectedLink;
using testing::IsOk;
using testing::ScriptedHttpsClient;
using testing::SeenRequest;
using testing::TestDeadline;
using testing::VaultWorld;

constexpr char kRevoked[] = R"({"status":"success"})";

struct World : VaultWorld {
  ConnectedLink link = Connect("zoe");

  ErasureProgress Erase() {
    const auto progress = vault.erasure.Erase(ErasureOf(link), actor, TestDeadline());
    REQUIRE_THAT(progress, IsOk());
    return *progress;
  }
  void Age(int seconds) {
    Run("UPDATE revocations SET created_at = created_at - interval '" + std::to_string(seconds) +
        " seconds', deadline_at = deadline_at - interval '" + std::to_string(seconds) +
        " seconds', lease_until = NULL");
  }
  std::vector<std::string> Bodies() const {
    std::vector<std::string> bodies;
    for (const SeenRequest& request : https.requests()) bodies.push_back(request.body);
    return bodies;
  }
};

TEST_CASE_METHOD(World,
                 "A disconnect revokes the access token, which ends the whole grant, and is done") {
  https.ThenAnswer(200, kRevoked);

  const ErasureProgress progress = Erase();

  CHECK(progress.wiped_at.has_value());
  CHECK(progress.revoked_at_zoom);
  CHECK(Bodies() == std::vector<std::string>{"token=AT%20zoe%201"});
  CHECK(https.requests()[0].url == "https://zoom.test/oauth/revoke");
  CHECK(https.requests()[0].timeout <= milliseconds(5'000));
}

TEST_CASE_METHOD(World, "The receipt names the day on which the key of what was wiped is gone") {
  Run("UPDATE key_epochs SET promoted_at = now() - interval '3 days' WHERE state = 'primary'");
  https.ThenAnswer(200, kRevoked);
  const ErasureRequest request = ErasureOf(link);

  const auto progress = vault.erasure.Erase(request, actor, TestDeadline());

  REQUIRE_THAT(progress, IsOk());
  CHECK(Query("SELECT (promoted_at + interval '14 days')::text AS value FROM key_epochs") ==
        Query("SELECT backups_unreadable_at::text AS value FROM erasure_ledger"));
  REQUIRE(progress->backups_unreadable_at.has_value());
  // It was told once and stays as it was told.
  Run("UPDATE key_epochs SET promoted_at = now() - interval '9 days' WHERE state = 'primary'");
  CHECK(vault.erasure.Erase(request, actor, TestDeadline())->backups_unreadable_at ==
        progress->backups_unreadable_at);
}

TEST_CASE_METHOD(World, "While the rotation of keys is overdue, a receipt names no day") {
  Run("UPDATE key_epochs SET promoted_at = now() - interval '9 days' WHERE state = 'primary'");
  https.ThenAnswer(200, kRevoked);

  const ErasureProgress progress = Erase();

  CHECK(progress.wiped_at.has_value());
  CHECK_FALSE(progress.backups_unreadable_at.has_value());
}

TEST_CASE_METHOD(World,
                 "An access token that has ended is left out: the refresh token is revoked") {
  Run("UPDATE grants SET access_expires_at = now() - interval '1 second'");
  https.ThenAnswer(200, kRevoked);

  CHECK(Erase().revoked_at_zoom);
  CHECK(Bodies() == std::vector<std::string>{"token=RT%20zoe%201"});
}

TEST_CASE_METHOD(World, "Where Zoom refuses both, one refresh brings a token that it revokes") {
  https.ThenAnswer(400, "{}");
  https.ThenAnswer(400, "{}");
  https.ThenAnswer(200, R"({"access_token":"AT 2","refresh_token":"RT 2","expires_in":3599})");
  https.ThenAnswer(200, kRevoked);

  CHECK(Erase().revoked_at_zoom);
  CHECK(Bodies() == std::vector<std::string>{"token=AT%20zoe%201", "token=RT%20zoe%201",
                                             "grant_type=refresh_token&refresh_token=RT%20zoe%201",
                                             "token=AT%202"});
}

TEST_CASE_METHOD(World, "Tokens that are dead already are wiped, and Zoom has confirmed nothing") {
  https.ThenAnswer(400, "{}");
  https.ThenAnswer(400, "{}");
  https.ThenAnswer(400, R"({"reason":"Invalid Token!","error":"invalid_grant"})");

  const ErasureProgress progress = Erase();

  CHECK(progress.wiped_at.has_value());
  CHECK_FALSE(progress.revoked_at_zoom);
}

TEST_CASE_METHOD(
    World, "Without word from Zoom the disconnect goes on in the background, unusable already") {
  https.ThenFail(true);
  https.ThenAnswer(503, "");

  const ErasureProgress progress = Erase();

  CHECK_FALSE(progress.wiped_at.has_value());
  CHECK(GrantValue(link.link_id, "state") == "disconnecting");
  CHECK(Count("revocations WHERE refresh_token IS NOT NULL AND lease_until > now()") == 1);

  Age(11);
  https.ThenAnswer(200, kRevoked);
  REQUIRE_THAT(vault.erasure.Sweep(TestDeadline()), IsOk());
  CHECK(GrantValue(link.link_id, "state") == "none");
  CHECK(Count("erasure_ledger WHERE revoked_at_zoom") == 1);
}

TEST_CASE_METHOD(World, "Past its deadline a revocation is wiped without another request") {
  https.ThenFail(true);
  https.ThenFail(true);
  Erase();
  const size_t asked = https.requests().size();
  Age(50);

  REQUIRE_THAT(vault.erasure.Sweep(TestDeadline()), IsOk());

  CHECK(https.requests().size() == asked);
  CHECK(
      Count("revocations WHERE refresh_token IS NULL AND access_token IS NULL AND wiped_at IS NOT "
            "NULL") == 1);
  CHECK(GrantValue(link.link_id, "state") == "none");
  CHECK(Count("erasure_ledger WHERE revoked_at_zoom") == 0);
}

TEST_CASE_METHOD(
    World,
    "Another user's pending grant of the Zoom user stops a revocation between its requests") {
  https.Then([&](const SeenRequest&) {
    Pend(NewUser(), "zoe");
    return ScriptedHttpsClient::Answered(400, "{}");
  });

  const ErasureProgress progress = Erase();

  CHECK(progress.wiped_at.has_value());
  CHECK_FALSE(progress.revoked_at_zoom);
  CHECK(https.requests().size() == 1);
}

TEST_CASE_METHOD(World,
                 "Nothing is sent where another grant of the Zoom user would die with the token") {
  Pend(NewUser(), "zoe");

  const ErasureProgress progress = Erase();

  CHECK(progress.wiped_at.has_value());
  CHECK_FALSE(progress.revoked_at_zoom);
  CHECK(https.requests().empty());
}

TEST_CASE_METHOD(World,
                 "A fresh token that was brought but not revoked is what the next try revokes") {
  https.ThenAnswer(400, "{}");
  https.ThenAnswer(400, "{}");
  https.ThenAnswer(200, R"({"access_token":"AT 2","refresh_token":"RT 2","expires_in":3599})");
  https.ThenFail(true);
  CHECK_FALSE(Erase().wiped_at.has_value());

  Age(11);
  https.ThenAnswer(200, kRevoked);
  REQUIRE_THAT(vault.erasure.Sweep(TestDeadline()), IsOk());

  CHECK(Bodies().back() == "token=AT%202");
  CHECK(Count("erasure_ledger WHERE revoked_at_zoom") == 1);
}

/// Beside the link a pending grant of which Zoom has not told whose it is.
struct UnidentifiedWorld : World {
  UnidentifiedWorld() { Pend(link.user_id, ""); }
  /// Zoom confirms revocations, and tells of the pending grant's user as given, in any order.
  void Answer(int profile_status) {
    for (int i = 0; i < 3; ++i) {
      https.Then([profile_status](const SeenRequest& request) {
        const bool profile = request.url == kProfileUrl;
        return ScriptedHttpsClient::Answered(profile ? profile_status : 200,
                                             profile ? R"({"id":"yuki"})" : kRevoked);
      });
    }
  }
  int Asked(const std::string& url) const {
    int count = 0;
    for (const SeenRequest& request : https.requests()) count += request.url == url ? 1 : 0;
    return count;
  }
  static constexpr char kProfileUrl[] = "https://zoom.test/v2/users/me";
  static constexpr char kRevokeUrl[] = "https://zoom.test/oauth/revoke";
};

TEST_CASE_METHOD(UnidentifiedWorld,
                 "Tokens of which Zoom has not told whose they are: it is asked, then they go") {
  Answer(200);

  const ErasureProgress progress = Erase();

  CHECK(progress.wiped_at.has_value());
  CHECK(progress.revoked_at_zoom);
  CHECK(Asked(kProfileUrl) == 1);
  CHECK(Asked(kRevokeUrl) == 2);
  CHECK(Count("revocations WHERE identity_tag IS NULL") == 0);
}

TEST_CASE_METHOD(UnidentifiedWorld,
                 "Tokens of a Zoom user whom another user has linked are not revoked") {
  Run("UPDATE grants SET identity_tag = '\\x" + HexEncode(TagsOf("yuki").identity) +
      "' WHERE link_id = '" + Connect("another").link_id + "'");
  Answer(200);

  const ErasureProgress progress = Erase();

  CHECK(progress.wiped_at.has_value());
  CHECK_FALSE(progress.revoked_at_zoom);
  CHECK(Asked(kRevokeUrl) == 1);
}

TEST_CASE_METHOD(UnidentifiedWorld,
                 "While Zoom does not tell whose they are they stay; at the deadline they go") {
  Answer(503);

  CHECK_FALSE(Erase().wiped_at.has_value());
  CHECK(Count("revocations WHERE refresh_token IS NOT NULL AND sent_at IS NULL") == 1);

  Age(50);
  REQUIRE_THAT(vault.erasure.Sweep(TestDeadline()), IsOk());
  CHECK(Asked(kProfileUrl) == 1);
  CHECK(Asked(kRevokeUrl) == 1);
  CHECK(Count("revocations WHERE refresh_token IS NOT NULL") == 0);
  CHECK(GrantValue(link.link_id, "state") == "none");
}

TEST_CASE_METHOD(UnidentifiedWorld, "Tokens that Zoom no longer takes need no revocation") {
  Answer(401);

  CHECK(Erase().wiped_at.has_value());
  CHECK(Asked(kRevokeUrl) == 1);
}

TEST_CASE_METHOD(World, "The sweep wipes what is overdue before it asks Zoom about anything") {
  const ConnectedLink young = Connect("yuki");
  for (int i = 0; i < 4; ++i) https.ThenFail(true);
  Erase();
  REQUIRE_THAT(vault.erasure.Erase(ErasureOf(young), actor, TestDeadline()), IsOk());
  Age(11);
  Run("UPDATE revocations SET deadline_at = now(), created_at = now() - interval '10 seconds' "
      "WHERE "
      "user_id = '" +
      link.user_id + "'");
  std::string state_when_asked;
  https.Then([&](const SeenRequest&) {
    state_when_asked = GrantValue(link.link_id, "state");
    return ScriptedHttpsClient::Answered(200, kRevoked);
  });

  REQUIRE_THAT(vault.erasure.Sweep(TestDeadline()), IsOk());

  CHECK(state_when_asked == "none");
  CHECK(GrantValue(young.link_id, "state") == "none");
}

TEST_CASE_METHOD(World, "A repeated disconnect learns the progress and sends nothing twice") {
  https.ThenFail(true);
  https.ThenFail(true);
  const ErasureRequest request = ErasureOf(link);
  const auto first = vault.erasure.Erase(request, actor, TestDeadline());
  REQUIRE_THAT(first, IsOk());
  const size_t asked = https.requests().size();

  const auto again = vault.erasure.Erase(request, actor, TestDeadline());

  REQUIRE_THAT(again, IsOk());
  CHECK(again->generation == first->generation);
  CHECK_FALSE(again->wiped_at.has_value());
  CHECK(https.requests().size() == asked);
}

}  // namespace
}  // namespace shodan::tokenvault
