// SPDX-License-Identifier: Apache-2.0
#include <set>
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

struct World : VaultWorld {
  PendingGrant Find(const std::string& attempt_id) {
    const auto grant = stores.pending.Find(attempt_id, TestDeadline());
    REQUIRE_THAT(grant, IsOk());
    REQUIRE(grant->has_value());
    return **grant;
  }
  bool Discard(const std::string& attempt_id, const std::string& decision_id) {
    const auto known = stores.pending.Discard(
        attempt_id, decision_id, AttemptResult::kDifferentAccount, actor, TestDeadline());
    REQUIRE_THAT(known, IsOk());
    return *known;
  }
  std::vector<std::string> Ids(milliseconds min_age, const std::string& after, int limit) {
    const auto grants = stores.pending.List(min_age, after, limit, TestDeadline());
    REQUIRE_THAT(grants, IsOk());
    std::vector<std::string> ids;
    for (const PendingGrant& grant : *grants) ids.push_back(grant.attempt_id);
    return ids;
  }
};

TEST_CASE_METHOD(World, "An exchanged code is stored once, and its attempt is exchanged with it") {
  const std::string user_id = NewUser();
  const std::string attempt_id = Exchanging(user_id);
  PendingGrant grant;
  grant.attempt_id = attempt_id;
  grant.project_id = "demo";
  grant.user_id = user_id;
  grant.zoom_app_id = app_id();
  grant.token_version = 1;
  grant.live.sent_at = std::chrono::system_clock::now() - std::chrono::seconds(5);
  const SealedTokens tokens = SealedForPending(attempt_id, user_id, "x");
  const auto insert = [&] {
    const auto stored = stores.pending.Insert(grant, tokens, actor, TestDeadline());
    REQUIRE_THAT(stored, IsOk());
    return *stored;
  };

  CHECK(insert());
  CHECK(insert());

  CHECK(Count("pending_grants") == 1);
  CHECK(Count("attempts WHERE state = 'exchanged'") == 1);
  CHECK(Count("audit WHERE action = 'authorization.exchanged'") == 1);
  const PendingGrant stored = Find(attempt_id);
  CHECK(stored.live.sent_at < stored.live.stored_at);
  CHECK_FALSE(stored.tags.has_value());
  Run("DELETE FROM pending_grants; UPDATE attempts SET state = 'ended', ended_at = now()");
  CHECK_FALSE(insert());
  CHECK(Count("pending_grants") == 0);
}

TEST_CASE_METHOD(World, "Whose a grant is compares with the user's own link and with everybody's") {
  const auto standing = [&](const std::string& attempt_id) {
    const auto result = stores.pending.Standing(Find(attempt_id), TestDeadline());
    REQUIRE_THAT(result, IsOk());
    return *result;
  };
  const ConnectedLink link = Connect("zoe");
  const std::string same = Pend(link.user_id, "zoe");
  const std::string different = Pend(link.user_id, "yuki");
  const std::string other_user = Pend(NewUser(), "zoe");
  const std::string unknown = Pend(link.user_id, "");

  CHECK(standing(same).match == IdentityMatch::kSame);
  CHECK(standing(same).existing_link_id == link.link_id);
  CHECK(standing(different).match == IdentityMatch::kDifferent);
  CHECK(standing(different).existing_link_id.empty());
  CHECK(standing(other_user).match == IdentityMatch::kNoLinkIdentity);
  CHECK(standing(other_user).existing_link_id == link.link_id);
  CHECK(standing(unknown).match == IdentityMatch::kUnknown);
  REQUIRE_THAT(BeginErasure(link), IsOk());
}

TEST_CASE_METHOD(World, "Pending grants are listed oldest first, in pages, from an age on") {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(Pend(NewUser(), "person " + std::to_string(i)));
  CHECK(Ids(milliseconds(0), "", 100) == ids);
  CHECK(Ids(milliseconds(0), "", 2) == std::vector<std::string>{ids[0], ids[1]});
  CHECK(Ids(milliseconds(0), ids[1], 2) == std::vector<std::string>{ids[2], ids[3]});
  CHECK(Ids(milliseconds(0), ids[4], 2).empty());
  CHECK(Ids(milliseconds(60'000), "", 100).empty());
  Run("UPDATE pending_grants SET stored_at = stored_at - interval '1 minute' WHERE attempt_id = '" +
      ids[3] + "'");
  CHECK(Ids(milliseconds(60'000), "", 100) == std::vector<std::string>{ids[3]});
}

TEST_CASE_METHOD(World,
                 "A grant of nobody known is taken by one sweep of many, and less and less often") {
  std::set<std::string> pended;
  for (int i = 0; i < 6; ++i) pended.insert(Pend(NewUser(), ""));
  Pend(NewUser(), "zoe");
  Run("UPDATE pending_grants SET stored_at = stored_at - interval '6 seconds'");
  std::vector<absl::StatusOr<std::vector<PendingGrant>>> taken(8, absl::UnknownError("not called"));

  AtOnce(8, [&](int i) {
    taken[static_cast<size_t>(i)] = stores.pending.TakeUnidentified(3, TestDeadline());
  });

  std::set<std::string> ids;
  size_t count = 0;
  for (const auto& batch : taken) {
    REQUIRE_THAT(batch, IsOk());
    for (const PendingGrant& grant : *batch) ids.insert(grant.attempt_id);
    count += batch->size();
  }
  CHECK(ids == pended);
  CHECK(count == 6);
  std::vector<int> waits;
  for (int i = 0; i < 8; ++i) {
    waits.push_back(
        std::stoi(Query("SELECT max(extract(epoch FROM next_identify_at - now()))::int "
                        "AS value FROM pending_grants WHERE identity_tag IS NULL")));
    Run("UPDATE pending_grants SET next_identify_at = now()");
    REQUIRE_THAT(stores.pending.TakeUnidentified(10, TestDeadline()), IsOk());
  }
  CHECK(waits == std::vector<int>{1, 2, 4, 8, 16, 32, 60, 60});
}

TEST_CASE_METHOD(World, "A grant that stays nobody's is dropped with its time, and no other") {
  const std::string user_id = NewUser();
  const std::string nobody = Pend(user_id, "");
  const std::string somebody = Pend(NewUser(), "zoe");
  const auto drop = [&] {
    REQUIRE_THAT(stores.pending.DropUnidentified(milliseconds(600'000), TestDeadline()), IsOk());
  };
  drop();
  CHECK(Count("pending_grants") == 2);
  Run("UPDATE pending_grants SET stored_at = stored_at - interval '10 minutes'");
  drop();

  CHECK(Ids(milliseconds(0), "", 10) == std::vector<std::string>{somebody});
  CHECK(Query("SELECT state || ' ' || result AS value FROM attempts WHERE attempt_id = '" + nobody +
              "'") == "ended system_error");
  CHECK(Count("attempts WHERE state = 'exchanged'") == 1);
  CHECK(Count("revocations") == 0);
}

TEST_CASE_METHOD(World, "A grant that becomes somebody's while it is dropped is one or the other") {
  for (int round = 0; round < 20; ++round) {
    const std::string attempt_id = Pend(NewUser(), "");
    Run("UPDATE pending_grants SET stored_at = stored_at - interval '10 minutes'");
    std::vector<absl::Status> statuses(2);
    AtOnce(2, [&](int i) {
      statuses[static_cast<size_t>(i)] =
          i == 0
              ? stores.pending.DropUnidentified(milliseconds(600'000), TestDeadline())
              : stores.pending.SetIdentity(attempt_id, "profile", TagsOf("zoe"), 1, TestDeadline());
    });
    CHECK_THAT(statuses[0], IsOk());
    CHECK_THAT(statuses[1], IsOk());
    const bool kept = Count("pending_grants WHERE attempt_id = '" + attempt_id +
                            "' AND identity_tag IS NOT NULL") == 1;
    CHECK(Count("attempts WHERE attempt_id = '" + attempt_id + "' AND state = '" +
                (kept ? "exchanged" : "ended") + "'") == 1);
    Run("DELETE FROM pending_grants");
  }
}

TEST_CASE_METHOD(World, "One call of many proves a grant; its proof replaces the tokens once") {
  const std::string user_id = NewUser();
  const std::string attempt_id = Pend(user_id, "zoe");
  std::vector<absl::StatusOr<std::optional<Time>>> leases(16, absl::UnknownError("not called"));
  AtOnce(16, [&](int i) {
    leases[static_cast<size_t>(i)] =
        stores.pending.LeaseForProof(attempt_id, milliseconds(60'000), TestDeadline());
  });
  std::optional<Time> begun_at;
  int leased = 0;
  for (const auto& lease : leases) {
    REQUIRE_THAT(lease, IsOk());
    if (!lease->has_value()) continue;
    begun_at = **lease;
    ++leased;
  }
  REQUIRE(leased == 1);
  const auto store = [&](int64_t version, const std::string& name) {
    const auto stored = stores.pending.StoreProof(
        attempt_id, version, SealedForPending(attempt_id, user_id, name, version + 1), *begun_at,
        TestDeadline());
    REQUIRE_THAT(stored, IsOk());
    return *stored;
  };

  CHECK(store(1, "zoe 2"));
  CHECK_FALSE(store(1, "zoe 3"));

  const PendingGrant grant = Find(attempt_id);
  CHECK(grant.token_version == 2);
  CHECK(grant.live.sent_at == *begun_at);
  CHECK(grant.live.stored_at > *begun_at);
  CHECK(grant.proved_at == *begun_at);
  CHECK_THAT(sealing.OpenPendingToken(Sealing::TokenKind::kRefresh, attempt_id, OwnerOf(user_id), 2,
                                      grant.sealed_refresh_token),
             IsOk());
  const auto again = stores.pending.LeaseForProof(attempt_id, milliseconds(60'000), TestDeadline());
  REQUIRE_THAT(again, IsOk());
  CHECK(again->has_value());
}

TEST_CASE_METHOD(World, "A discarded grant makes the live link of the same Zoom user suspect") {
  const ConnectedLink zoe = Connect("zoe");
  const ConnectedLink yuki = Connect("yuki");
  Run("UPDATE grants SET next_attempt_at = now() + interval '1 hour'");
  const std::string attempt_id = Pend(NewUser(), "zoe");
  const std::string decision_id = RandomUuid();

  CHECK(Discard(attempt_id, decision_id));
  CHECK(Discard(attempt_id, decision_id));
  CHECK_FALSE(Discard(attempt_id, RandomUuid()));

  CHECK(GrantValue(zoe.link_id, "suspect_since IS NOT NULL AND next_attempt_at IS NULL") == "true");
  CHECK(GrantValue(yuki.link_id, "suspect_since IS NULL AND next_attempt_at IS NOT NULL") ==
        "true");
  CHECK(Query("SELECT state || ' ' || result AS value FROM attempts WHERE attempt_id = '" +
              attempt_id + "'") == "ended different_account");
  CHECK(Count("audit WHERE action = 'authorization.discarded'") == 1);
}

TEST_CASE_METHOD(World, "The key epoch of a pending grant is the oldest that its fields need") {
  const std::string attempt_id = Pend(NewUser(), "");

  REQUIRE_THAT(stores.pending.SetIdentity(attempt_id, "profile", TagsOf("zoe"), 2, TestDeadline()),
               IsOk());

  CHECK(Query("SELECT key_epoch::text AS value FROM pending_grants") == "1");
}

}  // namespace
}  // namespace shodan::tokenvault
