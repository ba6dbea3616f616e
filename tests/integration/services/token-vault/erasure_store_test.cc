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
using testing::IsError;
using testing::IsOk;
using testing::TestDeadline;
using testing::VaultWorld;

struct World : VaultWorld {
  std::vector<Revocation> Lease(const std::string& link_id = "", int limit = 100,
                                milliseconds min_age = milliseconds(0)) {
    const auto leased =
        stores.erasures.Lease(link_id, min_age, milliseconds(60'000), limit, TestDeadline());
    REQUIRE_THAT(leased, IsOk());
    return *leased;
  }
  bool Permit(const std::string& revocation_id) {
    const auto permitted = stores.erasures.Permit(revocation_id, TestDeadline());
    REQUIRE_THAT(permitted, IsOk());
    return *permitted;
  }
  void QueueLate(const LateTokens& late) {
    REQUIRE_THAT(
        stores.erasures.QueueLate(late, {"access", "refresh", "", std::chrono::seconds(60), 1},
                                  lifetimes.erasure, TestDeadline()),
        IsOk());
  }
  LateTokens LateOf(const ConnectedLink& link) const {
    LateTokens late;
    late.revocation_id = RandomUuid();
    late.project_id = "demo";
    late.user_id = link.user_id;
    late.zoom_app_id = app_id();
    late.link_id = link.link_id;
    late.generation = link.generation;
    return late;
  }
  ErasureProgress Begin(const ErasureRequest& request) {
    const auto progress = stores.erasures.Begin(request, lifetimes.erasure, actor, TestDeadline());
    REQUIRE_THAT(progress, IsOk());
    return *progress;
  }
};

TEST_CASE_METHOD(
    World, "A disconnect makes the grant unusable and forgets the Zoom user in one statement") {
  const ConnectedLink link = Connect("zoe");
  const std::string pending_attempt = Pend(link.user_id, "zoe");
  const std::string open_attempt = Exchanging(link.user_id);
  REQUIRE_THAT(stores.grants.BeginRefresh(link.token(), "r", milliseconds(60'000), TestDeadline()),
               IsOk());

  const ErasureProgress progress = Begin(ErasureOf(link));

  CHECK(progress.link_id == link.link_id);
  CHECK(progress.generation == 2);
  CHECK_FALSE(progress.wiped_at.has_value());
  CHECK(GrantValue(link.link_id, "state || generation || token_version || cause") ==
        "disconnecting21disconnected");
  CHECK(GrantValue(link.link_id,
                   "num_nulls(access_token, refresh_token, key_epoch, access_expires_at, "
                   "identity_tag, account_tag, sent_at, stored_at, lease_owner, lease_until, "
                   "intent_id, intent_token_version, intent_at, intent_secret)") == "14");
  CHECK(Count("grant_profiles") == 0);
  CHECK(Count("pending_grants") == 0);
  CHECK(
      Query("SELECT string_agg(DISTINCT state || ' ' || result, ',') AS value FROM attempts WHERE "
            "attempt_id IN ('" +
            pending_attempt + "','" + open_attempt + "')") == "ended superseded");
  CHECK(Count("revocations WHERE permitted AND generation = 2") == 2);
}

TEST_CASE_METHOD(World,
                 "A disconnect of another generation, link, user or project changes nothing") {
  const ConnectedLink link = Connect("zoe");
  ErasureRequest request = ErasureOf(link);
  const auto begin = [&] {
    return stores.erasures.Begin(request, lifetimes.erasure, actor, TestDeadline());
  };
  request.expected_generation = 2;
  CHECK_THAT(begin(), IsError(absl::StatusCode::kAborted, "GENERATION_MISMATCH"));
  request = ErasureOf(link);
  request.link_id = RandomUuid();
  CHECK_THAT(begin(), IsError(absl::StatusCode::kNotFound, "GRANT_NOT_FOUND"));
  request = ErasureOf(link);
  request.user_id = NewUser();
  CHECK_THAT(begin(), IsError(absl::StatusCode::kNotFound, "GRANT_NOT_FOUND"));
  request = ErasureOf(link);
  request.project_id = "other";
  CHECK_THAT(begin(), IsError(absl::StatusCode::kNotFound, "GRANT_NOT_FOUND"));

  CHECK(GrantValue(link.link_id, "state || generation") == "active1");
  CHECK(Count("erasure_ledger") == 0);
}

TEST_CASE_METHOD(World, "A disconnect without tokens is over once filed, and nothing was revoked") {
  const ConnectedLink link = Connect("zoe");
  REQUIRE_THAT(stores.grants.RequireReconnect(link.token(), GrantCause::kRevoked, TestDeadline()),
               IsOk());

  const ErasureRequest request = ErasureOf(link);
  CHECK_FALSE(Begin(request).wiped_at.has_value());
  CHECK(GrantValue(link.link_id, "state || generation") == "disconnecting2");

  FileWiped();

  const ErasureProgress progress = Begin(request);
  CHECK(progress.wiped_at.has_value());
  CHECK_FALSE(progress.revoked_at_zoom);
  CHECK(GrantValue(link.link_id, "state || generation") == "none2");
}

TEST_CASE_METHOD(World, "Zoom counts as asked only when every revocation was confirmed") {
  const ConnectedLink link = Connect("zoe");
  Pend(link.user_id, "yuki");
  const ErasureRequest request = ErasureOf(link);
  Begin(request);
  const std::vector<Revocation> revocations = Lease(link.link_id);
  REQUIRE(revocations.size() == 2);

  REQUIRE_THAT(stores.erasures.Wipe(revocations[0].revocation_id, true, TestDeadline()), IsOk());
  const auto half = stores.erasures.Progress(request.decision_id, TestDeadline());
  REQUIRE_THAT(half, IsOk());
  CHECK_FALSE(half->wiped_at.has_value());
  REQUIRE_THAT(stores.erasures.Wipe(revocations[1].revocation_id, false, TestDeadline()), IsOk());
  FileWiped();
  const auto done = stores.erasures.Progress(request.decision_id, TestDeadline());

  REQUIRE_THAT(done, IsOk());
  CHECK(done->wiped_at.has_value());
  CHECK_FALSE(done->revoked_at_zoom);
  CHECK(Count("revocations WHERE access_token IS NOT NULL OR refresh_token IS NOT NULL") == 0);
  CHECK_THAT(stores.erasures.Progress(RandomUuid(), TestDeadline()),
             IsError(absl::StatusCode::kNotFound, "GRANT_NOT_FOUND"));
}

TEST_CASE_METHOD(
    World, "A revocation is not permitted while another grant of the Zoom user would die with it") {
  const ConnectedLink link = Connect("zoe");
  const std::string other_user = NewUser();
  const std::string attempt_id = Pend(other_user, "zoe");
  Begin(ErasureOf(link));
  CHECK(Count("revocations WHERE permitted") == 0);
  const std::string id = Lease()[0].revocation_id;

  CHECK_FALSE(Permit(id));
  CHECK(Count("revocations WHERE sent_at IS NOT NULL") == 0);

  REQUIRE_THAT(Activate(attempt_id, RandomUuid(), other_user, 0), IsOk());
  CHECK_FALSE(Permit(id));
}

TEST_CASE_METHOD(World, "A permission is asked for again before each request and notes its time") {
  const ConnectedLink link = Connect("zoe");
  Begin(ErasureOf(link));
  const std::string id = Lease()[0].revocation_id;
  CHECK(Permit(id));
  CHECK(Count("revocations WHERE sent_at IS NOT NULL AND permitted") == 1);
  Run("UPDATE revocations SET sent_at = sent_at - interval '5 seconds'");

  CHECK(Permit(id));
  CHECK(Count("revocations WHERE sent_at > now() - interval '4 seconds'") == 1);

  Pend(NewUser(), "zoe");
  CHECK_FALSE(Permit(id));
  REQUIRE_THAT(stores.erasures.Wipe(id, false, TestDeadline()), IsOk());
  CHECK_FALSE(Permit(id));
  CHECK_FALSE(Permit(RandomUuid()));
}

TEST_CASE_METHOD(World,
                 "A pending grant of another Zoom user, or of another app, forbids nothing") {
  const ConnectedLink link = Connect("zoe");
  Pend(NewUser(), "yuki");
  Pend(NewUser(), "");
  Begin(ErasureOf(link));

  CHECK(Permit(Lease()[0].revocation_id));
}

TEST_CASE_METHOD(World, "A revocation is leased to one eraser of many") {
  for (int i = 0; i < 8; ++i) Begin(ErasureOf(Connect("person " + std::to_string(i))));
  std::vector<absl::StatusOr<std::vector<Revocation>>> leased(16, absl::UnknownError("not called"));

  AtOnce(16, [&](int i) {
    leased[static_cast<size_t>(i)] =
        stores.erasures.Lease("", milliseconds(0), milliseconds(60'000), 2, TestDeadline());
  });

  std::set<std::string> ids;
  size_t count = 0;
  for (const auto& batch : leased) {
    REQUIRE_THAT(batch, IsOk());
    for (const Revocation& revocation : *batch) ids.insert(revocation.revocation_id);
    count += batch->size();
  }
  CHECK(count == ids.size());
  CHECK(ids.size() <= 8);
  Lease();
  CHECK(Lease().empty());
}

TEST_CASE_METHOD(World, "Overdue revocations come first, then those tried least, then the oldest") {
  std::vector<std::string> users;
  for (int i = 0; i < 4; ++i) {
    const ConnectedLink link = Connect("person " + std::to_string(i));
    Begin(ErasureOf(link));
    users.push_back(link.user_id);
  }
  const auto set = [&](int i, const std::string& assignment) {
    Run("UPDATE revocations SET " + assignment + " WHERE user_id = '" +
        users[static_cast<size_t>(i)] + "'");
  };
  set(0, "attempts = 5, created_at = created_at - interval '40 seconds'");
  set(1, "attempts = 1");
  set(2, "attempts = 1, created_at = created_at - interval '1 second'");
  set(3, "attempts = 9, deadline_at = now()");

  std::string order;
  for (int i = 0; i < 4; ++i) {
    const std::vector<Revocation> next = Lease("", 1);
    REQUIRE(next.size() == 1);
    for (size_t user = 0; user < 4; ++user) {
      if (users[user] == next[0].user_id) order += std::to_string(user);
    }
    CHECK(next[0].overdue == (i == 0));
  }
  CHECK(order == "3210");
}

TEST_CASE_METHOD(World,
                 "A young revocation belongs to its request; a postponed one comes back later") {
  const ConnectedLink link = Connect("zoe");
  Begin(ErasureOf(link));
  CHECK(Lease("", 10, milliseconds(10'000)).empty());
  CHECK(Lease(RandomUuid()).empty());
  const std::string id = Lease(link.link_id)[0].revocation_id;

  REQUIRE_THAT(stores.erasures.Postpone(id, milliseconds(60'000), TestDeadline()), IsOk());
  CHECK(Lease().empty());
  REQUIRE_THAT(stores.erasures.Postpone(id, milliseconds(-1'000), TestDeadline()), IsOk());
  CHECK(Lease().size() == 1);
}

TEST_CASE_METHOD(World,
                 "A refresh that outlives a disconnect is revoked as the link's Zoom user, once") {
  const ConnectedLink link = Connect("zoe");
  Begin(ErasureOf(link));
  const LateTokens late = LateOf(link);

  QueueLate(late);
  QueueLate(late);

  CHECK(Count("revocations") == 2);
  const std::vector<Revocation> leased = Lease("", 10, milliseconds(10'000));
  REQUIRE(leased.size() == 1);
  CHECK(leased[0].revocation_id == late.revocation_id);
  CHECK(Count("(SELECT DISTINCT identity_tag FROM revocations) tags") == 1);
  CHECK(Count("revocations WHERE link_id IS NULL AND refresh_token IS NOT NULL") == 1);
}

TEST_CASE_METHOD(World, "A refresh that outlives a take-over or a reconnect is dropped") {
  const ConnectedLink taken = Connect("zoe");
  const ConnectedLink link = Connect("zoe");
  REQUIRE_THAT(Activate(Pend(link.user_id, "zoe"), link.link_id, link.user_id, 1), IsOk());

  QueueLate(LateOf(taken));
  QueueLate(LateOf(link));

  CHECK(Count("revocations") == 0);
}

TEST_CASE_METHOD(
    World, "Tokens of an exchange that was overtaken are revoked as the Zoom user they name") {
  LateTokens late = LateOf({"", NewUser(), "zoe", 0, 0});
  late.tags = TagsOf("zoe");

  QueueLate(late);

  CHECK(Count("revocations WHERE identity_tag IS NOT NULL") == 1);
  const auto open = stores.attempts.HasOpenRevocation("demo", late.user_id, TestDeadline());
  REQUIRE_THAT(open, IsOk());
  CHECK(*open);
}

TEST_CASE_METHOD(World, "What was wiped or decided long ago is forgotten, the ledger never") {
  const ConnectedLink link = Connect("zoe");
  Begin(ErasureOf(link));
  REQUIRE_THAT(stores.erasures.Wipe(Lease()[0].revocation_id, true, TestDeadline()), IsOk());
  const auto sweep = [&] {
    REQUIRE_THAT(stores.erasures.Sweep(std::chrono::hours(24), TestDeadline()), IsOk());
  };
  sweep();
  CHECK(Count("revocations") == 1);
  CHECK(Count("decisions") == 1);
  Run("UPDATE revocations SET wiped_at = wiped_at - interval '24 hours'");
  Run("UPDATE decisions SET decided_at = decided_at - interval '24 hours'");
  sweep();
  CHECK(Count("revocations") == 0);
  CHECK(Count("decisions") == 0);
  CHECK(Count("erasure_ledger") == 1);
}

}  // namespace
}  // namespace shodan::tokenvault
