// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;
using testing::AtOnce;
using testing::ConnectedLink;
using testing::IsOk;
using testing::TestDeadline;
using testing::VaultWorld;

constexpr milliseconds kLease{30'000};

struct World : VaultWorld {
  ConnectedLink link = Connect("zoe");

  std::optional<RefreshIntent> Begin(const TokenKey& token) {
    auto intent = stores.grants.BeginRefresh(token, "replica", kLease, TestDeadline());
    REQUIRE_THAT(intent, IsOk());
    return *std::move(intent);
  }
  StoreResult Store(const ConnectedLink& at, const std::string& name, const std::string& write_id,
                    Time asked_at = Time()) {
    const auto result = stores.grants.StoreRefresh(at.token(), SealedForGrant(at, name), asked_at,
                                                   write_id, TestDeadline());
    REQUIRE_THAT(result, IsOk());
    return *result;
  }
  void End(const RefreshIntent& intent, const RefreshEnd& end) {
    REQUIRE_THAT(stores.grants.EndRefresh(link.token(), intent.intent_id, end, TestDeadline()),
                 IsOk());
  }
  Grant Find(milliseconds margin = milliseconds(300'000)) {
    const auto grant = stores.grants.Find("demo", link.user_id, margin, TestDeadline());
    REQUIRE_THAT(grant, IsOk());
    REQUIRE(grant->has_value());
    return **grant;
  }
  std::string RefreshToken() {
    const auto opened = sealing.OpenGrantToken(Sealing::TokenKind::kRefresh, Find());
    REQUIRE_THAT(opened, IsOk());
    return std::string(opened->Expose(SecretAccess::ForTest()));
  }
  void Set(const std::string& assignment) { Run("UPDATE grants SET " + assignment); }
};

TEST_CASE_METHOD(World, "Of 32 refreshes that begin at once one gets the lease") {
  std::vector<absl::StatusOr<std::optional<RefreshIntent>>> intents(32);

  AtOnce(32, [&](int i) {
    intents[static_cast<size_t>(i)] =
        stores.grants.BeginRefresh(link.token(), "replica", kLease, TestDeadline());
  });

  int begun = 0;
  for (const auto& intent : intents) {
    REQUIRE_THAT(intent, IsOk());
    begun += intent->has_value() ? 1 : 0;
  }
  CHECK(begun == 1);
  CHECK(Find().leased);
}

TEST_CASE_METHOD(World, "A refresh begins for the present token of an active grant only") {
  CHECK_FALSE(Begin({link.link_id, 0, 1}).has_value());
  CHECK_FALSE(Begin({link.link_id, 2, 1}).has_value());
  CHECK_FALSE(Begin({link.link_id, 1, 2}).has_value());
  CHECK_FALSE(Begin({RandomUuid(), 1, 1}).has_value());
  Set("next_attempt_at = now() + interval '1 minute'");
  CHECK_FALSE(Begin(link.token()).has_value());
  Set("next_attempt_at = now() - interval '1 second'");
  CHECK(Begin(link.token()).has_value());
}

TEST_CASE_METHOD(World,
                 "A refresh whose predecessor left no end knows it, when the lease is over") {
  const auto first = Begin(link.token());
  REQUIRE(first.has_value());
  CHECK_FALSE(first->earlier_unresolved);
  CHECK_FALSE(Begin(link.token()).has_value());

  Set("lease_until = now() - interval '1 second'");
  const auto second = Begin(link.token());

  REQUIRE(second.has_value());
  CHECK(second->earlier_unresolved);
  CHECK(second->intent_id != first->intent_id);
  CHECK(second->begun_at > first->begun_at);
}

TEST_CASE_METHOD(World,
                 "A refresh that ends says whether the next one must doubt, and when it may be") {
  const auto first = Begin(link.token());
  End(*first, {.resolved = true, .refused = false, .delay = milliseconds(60'000)});
  CHECK(Find().waiting);
  CHECK_FALSE(Find().leased);
  Set("next_attempt_at = NULL");

  const auto second = Begin(link.token());
  REQUIRE(second.has_value());
  CHECK_FALSE(second->earlier_unresolved);
  CHECK_FALSE(second->refused_before);
  End(*second, {.resolved = false, .refused = true, .delay = milliseconds(0)});
  Set("suspect_since = suspect_since - interval '10 seconds'");

  const auto third = Begin(link.token());
  REQUIRE(third.has_value());
  CHECK(third->earlier_unresolved);
  CHECK(third->refused_before);
  CHECK(third->suspect_for >= milliseconds(10'000));
  CHECK(third->suspect_for < milliseconds(60'000));
  CHECK(GrantValue(link.link_id, "intent_secret IS NOT NULL") == "true");
  End(*third, {});
  CHECK(GrantValue(link.link_id, "intent_secret IS NULL AND intent_id IS NULL") == "true");
}

TEST_CASE_METHOD(World, "A refresh that lost its lease cannot end its successor's") {
  const auto first = Begin(link.token());
  Set("lease_until = now() - interval '1 second'");
  const auto second = Begin(link.token());
  REQUIRE(second.has_value());

  End(*first, {.resolved = true, .refused = true, .delay = milliseconds(60'000)});

  CHECK(Find().leased);
  CHECK_FALSE(Find().waiting);
  CHECK(GrantValue(link.link_id, "intent_id") == second->intent_id);
  CHECK(GrantValue(link.link_id, "suspect_since").empty());
}

TEST_CASE_METHOD(
    World, "Somebody who authorizes just now is seen: the user himself, or the same Zoom user") {
  CHECK_FALSE(Begin(link.token())->authorization_under_way);
  Set("lease_until = NULL");
  const std::string attempt = Exchanging(link.user_id);
  CHECK(Begin(link.token())->authorization_under_way);
  Run("UPDATE attempts SET state = 'ended', ended_at = now() WHERE attempt_id = '" + attempt + "'");
  Set("lease_until = NULL");
  CHECK_FALSE(Begin(link.token())->authorization_under_way);
  Pend(NewUser(), "yuki");
  Set("lease_until = NULL");
  CHECK_FALSE(Begin(link.token())->authorization_under_way);
  Pend(NewUser(), "zoe");
  Set("lease_until = NULL");
  CHECK(Begin(link.token())->authorization_under_way);
}

TEST_CASE_METHOD(World, "Refreshed tokens are stored once, however often the write is repeated") {
  const auto intent = Begin(link.token());
  const std::string write_id = RandomUuid();

  CHECK(Store(link, "zoe 2", write_id, intent->begun_at) == StoreResult::kStored);
  CHECK(Store(link, "zoe 2", write_id, intent->begun_at) == StoreResult::kStored);
  CHECK(Store(link, "zoe 3", RandomUuid(), intent->begun_at) == StoreResult::kVersionChanged);

  CHECK(GrantValue(link.link_id, "generation || '/' || token_version") == "1/2");
  CHECK(RefreshToken() == "RT zoe 2");
  CHECK(GrantValue(link.link_id,
                   "lease_until IS NULL AND intent_id IS NULL AND intent_secret IS NULL AND "
                   "suspect_since IS NULL AND next_attempt_at IS NULL") == "true");
  CHECK(Count("grant_events") == 1);
}

TEST_CASE_METHOD(World,
                 "The interval of a refresh begins when it was begun, not when it was stored") {
  const auto intent = Begin(link.token());
  CHECK(Store(link, "zoe 2", RandomUuid(), intent->begun_at) == StoreResult::kStored);

  const auto row =
      pool->Execute("SELECT sent_at, stored_at, access_expires_at FROM grants", {}, TestDeadline());
  REQUIRE_THAT(row, IsOk());
  CHECK((*row)[0].Timestamp("sent_at") == intent->begun_at);
  CHECK((*row)[0].Timestamp("stored_at") > intent->begun_at);
  CHECK((*row)[0].Timestamp("access_expires_at") == intent->begun_at + std::chrono::seconds(3'600));
}

TEST_CASE_METHOD(World, "A late answer is stored whoever holds the lease now") {
  const auto first = Begin(link.token());
  Set("lease_until = now() - interval '1 second'");
  REQUIRE(Begin(link.token()).has_value());

  CHECK(Store(link, "late", RandomUuid(), first->begun_at) == StoreResult::kStored);
  CHECK(RefreshToken() == "RT late");
  CHECK_FALSE(Find().leased);
}

TEST_CASE_METHOD(World, "A late answer makes a link active again that waits for a reconnect") {
  const auto intent = Begin(link.token());
  const auto changed =
      stores.grants.RequireReconnect(link.token(), GrantCause::kLostResponse, TestDeadline());
  REQUIRE_THAT(changed, IsOk());
  REQUIRE(*changed);
  CHECK(Find().state == GrantState::kReconnectRequired);
  CHECK(GrantValue(link.link_id, "access_token IS NULL AND refresh_token IS NULL") == "true");

  CHECK(Store(link, "late", RandomUuid(), intent->begun_at) == StoreResult::kStored);

  CHECK(Find().state == GrantState::kActive);
  CHECK(Find().cause == GrantCause::kNone);
  CHECK(Find().generation == 1);
  CHECK(Query("SELECT string_agg(state, ',' ORDER BY event_id) AS value FROM grant_events") ==
        "active,reconnect_required,active");
}

TEST_CASE_METHOD(World, "A refusal of a token that was replaced meanwhile changes nothing") {
  CHECK(Store(link, "zoe 2", RandomUuid()) == StoreResult::kStored);

  const auto changed =
      stores.grants.RequireReconnect(link.token(), GrantCause::kRevoked, TestDeadline());

  REQUIRE_THAT(changed, IsOk());
  CHECK_FALSE(*changed);
  CHECK(Find().state == GrantState::kActive);
}

TEST_CASE_METHOD(World,
                 "A late answer after a reconnect, a take-over or a disconnect has lost its life") {
  REQUIRE_THAT(Activate(Pend(link.user_id, "zoe"), link.link_id, link.user_id, 1), IsOk());
  CHECK(Store(link, "late", RandomUuid()) == StoreResult::kLifeEnded);
  CHECK(RefreshToken() == "RT zoe 1");

  const ConnectedLink taken = Connect("yuki");
  Connect("yuki");
  CHECK(Store(taken, "late", RandomUuid()) == StoreResult::kLifeEnded);

  const ConnectedLink erased = Connect("xavier");
  REQUIRE_THAT(BeginErasure(erased), IsOk());
  CHECK(Store(erased, "late", RandomUuid()) == StoreResult::kLifeEnded);
}

TEST_CASE_METHOD(World,
                 "A write repeated after a disconnect was the one that the disconnect found") {
  const std::string write_id = RandomUuid();
  CHECK(Store(link, "zoe 2", write_id) == StoreResult::kStored);
  REQUIRE_THAT(BeginErasure(link), IsOk());

  CHECK(Store(link, "zoe 2", write_id) == StoreResult::kStored);
  CHECK(GrantValue(link.link_id, "refresh_token").empty());
}

TEST_CASE_METHOD(World,
                 "A token is fresh until the margin before its end, and not while it is in doubt") {
  Set("access_expires_at = now() + interval '301 seconds'");
  CHECK(Find().fresh);
  Set("access_expires_at = now() + interval '299 seconds'");
  CHECK_FALSE(Find().fresh);
  CHECK(Find().usable);
  CHECK(Find(milliseconds(100'000)).fresh);
  Set("suspect_since = now()");
  CHECK_FALSE(Find(milliseconds(100'000)).fresh);
  Set("access_expires_at = now() - interval '1 second'");
  CHECK_FALSE(Find().usable);
}

TEST_CASE_METHOD(World, "What is in doubt and due is listed, and nothing else") {
  const auto listed = [&] {
    const auto grants = stores.grants.ListDoubtful(10, TestDeadline());
    REQUIRE_THAT(grants, IsOk());
    return grants->size();
  };
  Connect("yuki");
  CHECK(listed() == 0);
  Set("suspect_since = now() WHERE link_id = '" + link.link_id + "'");
  CHECK(listed() == 1);
  Set("next_attempt_at = now() + interval '1 minute'");
  CHECK(listed() == 0);
  Set("next_attempt_at = NULL, lease_until = now() + interval '1 minute'");
  CHECK(listed() == 0);
  Set("lease_until = now() - interval '1 second', suspect_since = NULL, intent_id = "
      "gen_random_uuid()");
  CHECK(listed() == 2);
}

TEST_CASE_METHOD(World,
                 "Profile and tags of a link that waits are wiped when their time has come") {
  const auto wipe = [&] {
    REQUIRE_THAT(stores.grants.WipeOldProfiles(std::chrono::hours(7 * 24), TestDeadline()), IsOk());
  };
  Connect("yuki");
  REQUIRE_THAT(stores.grants.RequireReconnect(link.token(), GrantCause::kRevoked, TestDeadline()),
               IsOk());
  wipe();
  CHECK(Count("grant_profiles") == 2);
  Set("reconnect_required_at = reconnect_required_at - interval '7 days'");
  wipe();
  CHECK(Count("grant_profiles") == 1);
  CHECK(GrantValue(link.link_id, "identity_tag IS NULL AND account_tag IS NULL") == "true");
  CHECK(Find().state == GrantState::kReconnectRequired);
}

}  // namespace
}  // namespace shodan::tokenvault
