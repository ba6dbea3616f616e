// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/keys/key_rotation.h"

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "services/token-vault/storage/postgres_key_store.h"
#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using testing::ConnectedLink;
using testing::IsError;
using testing::IsOk;
using testing::kKeepPrevious;
using testing::RingOf;
using testing::TestDeadline;
using testing::VaultWorld;

constexpr std::chrono::milliseconds kStale{60'000};

/// A vault whose only live replica is called "replica" and has the keys 1 and 2.
class KeyWorld : public VaultWorld {
 public:
  /// A replica's view of the keys, in a process of its own.
  struct Replica {
    Replica(KeyWorld& world, std::string name, KeyRing ring)
        : holder(std::move(ring)),
          rotation({world.keys_in_database, holder, std::move(name), world.settings,
                    [](std::chrono::milliseconds) {}, world.log, world.metrics}) {}
    KeyRingHolder holder;
    KeyRotation rotation;
  };

  KeyWorld() {
    settings.retire_after = std::chrono::milliseconds(0);
    settings.rewrap_batch = 2;
  }

  std::string StateOf(int key_epoch) const {
    return Query("SELECT coalesce((SELECT state FROM key_epochs WHERE key_epoch = " +
                 std::to_string(key_epoch) + "), '') AS value");
  }
  /// What is sealed under an epoch, by the fields themselves.
  int FieldsUnder(int key_epoch) const {
    int fields = 0;
    for (const char* field :
         {"grants.access_token", "grants.refresh_token", "grant_profiles.profile",
          "grant_profiles.link_data_key", "pending_grants.access_token",
          "pending_grants.refresh_token", "pending_grants.profile", "attempts.code_verifier",
          "zoom_apps.client_secret", "zoom_apps.previous_client_secret", "zoom_apps.webhook_secret",
          "zoom_apps.previous_webhook_secret", "zoom_apps.file_entry", "import_keys.private_key",
          "inbox_keys.data_key", "revocations.refresh_token"}) {
      const std::string name = field;
      fields += Count(name.substr(0, name.find('.')) + " WHERE sealed_key_epoch(" + name +
                      ") = " + std::to_string(key_epoch));
    }
    return fields;
  }
  /// A field of every table under the present epoch.
  ConnectedLink FillEveryTable() {
    const ConnectedLink link = Connect("zoe");
    Pend(NewUser(), "yuki");
    const std::string user = NewUser();
    const std::string attempt = Exchanging(user);
    const auto verified =
        pool->Execute("UPDATE attempts SET code_verifier = $2 WHERE attempt_id = $1",
                      postgres::Params().Text(attempt).Bytes(
                          sealing.SealVerifier(attempt, OwnerOf(user), Secret("verifier"))),
                      TestDeadline());
    REQUIRE_THAT(verified, IsOk());
    for (const char* secret : {"second", "third"}) {
      ZoomAppChange change;
      change.project_id = "demo";
      change.etag = apps.FindRecord("demo", TestDeadline()).value()->etag;
      change.client_secret = Secret(secret);
      change.webhook_secret = Secret(secret);
      REQUIRE_THAT(apps.Change(change, kKeepPrevious, actor, TestDeadline()), IsOk());
    }
    REQUIRE_THAT(
        vault.import_keys.Create("demo", ImportKeys::kLifetimeDefault, actor, TestDeadline()),
        IsOk());
    const std::string inbox_key_id = RandomUuid();
    REQUIRE_THAT(pool->Execute("INSERT INTO inbox_keys (inbox_key_id, data_key) VALUES ($1, $2)",
                               postgres::Params()
                                   .Text(inbox_key_id)
                                   .Bytes(sealing.SealInboxKey(inbox_key_id, Secret("key"))),
                               TestDeadline()),
                 IsOk());
    return link;
  }
  absl::StatusOr<KeyUse> Agree(const KeyRing& ring) {
    return keys_in_database.Agree("replica", ring, TestDeadline());
  }
  absl::Status Promote(int key_epoch) {
    return keys_in_database.Promote(key_epoch, kStale, actor, TestDeadline());
  }

  PostgresKeyStore keys_in_database{*pool};
  KeySettings settings;
};

TEST_CASE_METHOD(KeyWorld, "A key ring that fits is remembered; its primary is a new database's") {
  CHECK(Query("SELECT string_agg(key_epoch || ' ' || fingerprint || ' ' || state, ',') AS value "
              "FROM key_epochs") == "1 " + keys.Fingerprint(1) + " primary");
  CHECK(Agree(RingOf({{1, 'a'}, {2, 'b'}}))->primary_epoch == 1);
  CHECK(StateOf(2) == "added");
}

TEST_CASE_METHOD(KeyWorld, "Another key under a known epoch is refused, nothing is remembered") {
  CHECK_THAT(Agree(RingOf({{1, 'z'}, {2, 'b'}})),
             IsError(absl::StatusCode::kFailedPrecondition, "KEY_EPOCH_CHANGED"));
  CHECK(Count("key_epochs") == 1);
}

TEST_CASE_METHOD(KeyWorld, "A ring that lacks an epoch which fields may have is refused") {
  CHECK_THAT(Agree(RingOf({{2, 'b'}})),
             IsError(absl::StatusCode::kFailedPrecondition, "KEY_EPOCH_UNKNOWN"));
  CHECK(Count("key_epochs") == 1);
}

TEST_CASE_METHOD(KeyWorld, "A row's epoch is that of its oldest field, whatever a statement says") {
  const ConnectedLink link = FillEveryTable();
  Run("UPDATE grants SET key_epoch = 9 WHERE link_id = '" + link.link_id + "'");
  Run("UPDATE pending_grants SET key_epoch = 9");

  CHECK(GrantValue(link.link_id, "key_epoch") == "1");
  CHECK(Count("pending_grants WHERE key_epoch = 1") == 1);
  CHECK(Count("attempts WHERE key_epoch = 1") == 1);
  CHECK(Count("zoom_apps WHERE key_epoch = 1") == 1);
}

TEST_CASE_METHOD(KeyWorld, "An epoch is promoted only when every live replica has its key") {
  CHECK_THAT(Promote(2), IsError(absl::StatusCode::kNotFound, "KEY_EPOCH_NOT_FOUND"));
  REQUIRE_THAT(keys_in_database.Agree("other", RingOf({{1, 'a'}}), TestDeadline()), IsOk());
  REQUIRE_THAT(Agree(RingOf({{2, 'b'}, {1, 'a'}})), IsOk());

  CHECK_THAT(Promote(2), IsError(absl::StatusCode::kFailedPrecondition, "KEY_NOT_ON_ALL_REPLICAS"));
  SECTION("the other replica reads its file") {
    REQUIRE_THAT(keys_in_database.Agree("other", RingOf({{2, 'b'}, {1, 'a'}}), TestDeadline()),
                 IsOk());
  }
  SECTION("the other replica has not been heard of for a minute") {
    Run("UPDATE key_replicas SET reported_at = now() - interval '61 seconds' WHERE replica = "
        "'other'");
  }
  SECTION("the other replica left") {
    REQUIRE_THAT(keys_in_database.Leave("other", TestDeadline()), IsOk());
  }
  CHECK_THAT(Promote(2), IsOk());
  CHECK_THAT(Promote(2), IsOk());
  CHECK(StateOf(1) == "readable");
  CHECK(StateOf(2) == "primary");
  CHECK(Count("audit WHERE action = 'key_epoch.promoted' AND details->>'keyEpoch' = '2'") == 1);
  CHECK_THAT(Promote(1), IsError(absl::StatusCode::kFailedPrecondition, "KEY_EPOCH_STATE"));
}

TEST_CASE_METHOD(KeyWorld, "A replica without the new primary key does not start any more") {
  REQUIRE_THAT(Agree(RingOf({{1, 'a'}, {2, 'b'}})), IsOk());
  REQUIRE_THAT(Promote(2), IsOk());

  Replica late(*this, "late", RingOf({{1, 'a'}}));
  CHECK_THAT(late.rotation.Refresh(TestDeadline()),
             IsError(absl::StatusCode::kFailedPrecondition, "KEY_EPOCH_UNKNOWN"));
  CHECK(late.rotation.Problem() == "KEY_EPOCH_UNKNOWN");
  CHECK(Count("key_replicas WHERE replica = 'late'") == 0);
}

TEST_CASE_METHOD(KeyWorld, "A ring that does not fit leaves the old one in use, and not ready") {
  Replica replica(*this, "replica", RingOf({{1, 'a'}}));
  REQUIRE_THAT(replica.rotation.Refresh(TestDeadline()), IsOk());
  CHECK(replica.rotation.Problem().empty());

  CHECK_THAT(replica.rotation.Adopt(RingOf({{2, 'b'}}), TestDeadline()),
             IsError(absl::StatusCode::kFailedPrecondition, "KEY_EPOCH_UNKNOWN"));
  CHECK(replica.rotation.Problem() == "KEY_EPOCH_UNKNOWN");
  CHECK(replica.holder.Get()->EpochKey(1) != nullptr);
  replica.rotation.Reject(FailedPrecondition("KEY_RING_INVALID", "corrupt"), TestDeadline());
  CHECK(replica.rotation.Problem() == "KEY_RING_INVALID");
  CHECK(Count("key_replicas WHERE replica = 'replica' AND problem = 'KEY_RING_INVALID'") == 1);

  CHECK_THAT(replica.rotation.Adopt(RingOf({{1, 'a'}, {2, 'b'}}), TestDeadline()), IsOk());
  CHECK(replica.rotation.Problem().empty());
  CHECK(replica.holder.Get()->primary_epoch() == 1);
  CHECK(Count("key_replicas WHERE problem <> ''") == 0);
}

TEST_CASE_METHOD(KeyWorld, "Re-wrapping moves every field and changes nothing else") {
  const ConnectedLink link = FillEveryTable();
  Replica replica(*this, "replica", RingOf({{2, 'b'}, {1, 'a'}}));
  REQUIRE_THAT(replica.rotation.Refresh(TestDeadline()), IsOk());
  const std::string columns =
      "SELECT row(link_id, project_id, user_id, zoom_app_id, generation, token_version, state, "
      "cause, scope, access_expires_at, identity_tag, sent_at, stored_at, updated_at)::text AS "
      "value FROM grants";
  const std::string before = Query(columns);
  REQUIRE_THAT(replica.rotation.Promote(2, actor, TestDeadline()), IsOk());
  CHECK(FieldsUnder(1) == 15);

  const auto stored = replica.rotation.Rewrap(TestDeadline());

  REQUIRE_THAT(stored, IsOk());
  CHECK(*stored == 7);
  CHECK(FieldsUnder(1) == 0);
  CHECK(FieldsUnder(2) == 15);
  CHECK(Query(columns) == before);
  CHECK(*replica.rotation.Rewrap(TestDeadline()) == 0);
  CHECK(metrics.Render().find("shodan_vault_rewrap_rows_left{key_epoch=\"1\"} 0") !=
        std::string::npos);

  const KeyRing only_new = RingOf({{2, 'b'}});
  const Sealing reader(only_new);
  const auto grant =
      stores.grants.Find("demo", link.user_id, lifetimes.refresh_margin, TestDeadline());
  REQUIRE_THAT(grant, IsOk());
  const auto token = reader.OpenGrantToken(Sealing::TokenKind::kRefresh, **grant);
  REQUIRE_THAT(token, IsOk());
  CHECK(*token == Secret("RT zoe 1"));
  PostgresZoomApps registry(*pool, reader);
  REQUIRE_THAT(registry.Refresh(TestDeadline()), IsOk());
  CHECK(registry.ForProject("demo")->client_secret == Secret("third"));
  CHECK(registry.ForProject("demo")->previous_webhook_secret == Secret("second"));
}

TEST_CASE_METHOD(KeyWorld, "A row that changed after it was listed is not overwritten") {
  const ConnectedLink link = Connect("zoe");
  REQUIRE_THAT(Agree(RingOf({{2, 'b'}, {1, 'a'}})), IsOk());
  REQUIRE_THAT(Promote(2), IsOk());
  const auto listed = keys_in_database.ListSealed(SealedTable::kGrants, 1, "", 10, TestDeadline());
  REQUIRE_THAT(listed, IsOk());
  REQUIRE(listed->size() == 1);

  REQUIRE_THAT(
      stores.grants.StoreRefresh(link.token(), SealedForGrant(link, "newer"),
                                 std::chrono::system_clock::now(), RandomUuid(), TestDeadline()),
      IsOk());
  const auto stored =
      keys_in_database.ReplaceSealed(SealedTable::kGrants, 2, *listed, *listed, TestDeadline());

  REQUIRE_THAT(stored, IsOk());
  CHECK(*stored == 0);
  CHECK(GrantValue(link.link_id, "token_version") == "2");
}

TEST_CASE_METHOD(KeyWorld, "A field that cannot be opened does not keep the others back") {
  const ConnectedLink broken = Connect("zoe");
  Connect("yuki");
  Connect("max");
  Run("UPDATE grants SET refresh_token = set_byte(refresh_token, length(refresh_token) - 1, "
      "get_byte(refresh_token, length(refresh_token) - 1) # 1) WHERE link_id = '" +
      broken.link_id + "'");
  Replica replica(*this, "replica", RingOf({{2, 'b'}, {1, 'a'}}));
  REQUIRE_THAT(replica.rotation.Refresh(TestDeadline()), IsOk());
  REQUIRE_THAT(replica.rotation.Promote(2, actor, TestDeadline()), IsOk());

  REQUIRE_THAT(replica.rotation.Rewrap(TestDeadline()), IsOk());

  CHECK(Count("grants WHERE key_epoch = 1") == 1);
  CHECK(Count("grants WHERE key_epoch = 2") == 2);
  CHECK_THAT(replica.rotation.Retire(1, actor, TestDeadline()),
             IsError(absl::StatusCode::kFailedPrecondition, "KEY_EPOCH_IN_USE"));
}

TEST_CASE_METHOD(KeyWorld, "An epoch is retired and destroyed only when nothing needs it") {
  const ConnectedLink link = Connect("zoe");
  Replica replica(*this, "replica", RingOf({{2, 'b'}, {1, 'a'}}));
  REQUIRE_THAT(replica.rotation.Refresh(TestDeadline()), IsOk());
  CHECK_THAT(replica.rotation.Retire(1, actor, TestDeadline()),
             IsError(absl::StatusCode::kFailedPrecondition, "KEY_EPOCH_STATE"));
  REQUIRE_THAT(replica.rotation.Promote(2, actor, TestDeadline()), IsOk());
  REQUIRE_THAT(replica.rotation.Refresh(TestDeadline()), IsOk());

  const auto retire = [&] { return replica.rotation.Retire(1, actor, TestDeadline()); };
  const auto destroy = [&] { return replica.rotation.Destroy(1, actor, TestDeadline()); };
  const auto refused = [](const char* reason) {
    return IsError(absl::StatusCode::kFailedPrecondition, reason);
  };
  CHECK_THAT(retire(), refused("KEY_EPOCH_IN_USE"));
  CHECK_THAT(destroy(), refused("KEY_EPOCH_STATE"));
  // Tokens on their way out are not sealed again, but waited for.
  REQUIRE_THAT(BeginErasure(link), IsOk());
  REQUIRE_THAT(replica.rotation.Rewrap(TestDeadline()), IsOk());
  CHECK_THAT(retire(), refused("KEY_EPOCH_IN_USE"));
  Run("UPDATE revocations SET access_token = NULL, refresh_token = NULL");
  settings.retire_after = std::chrono::hours(1);
  CHECK_THAT(retire(), refused("KEY_EPOCH_TOO_YOUNG"));
  Run("UPDATE key_epochs SET replaced_at = now() - interval '61 minutes' WHERE key_epoch = 1");
  CHECK_THAT(retire(), IsOk());
  CHECK_THAT(retire(), IsOk());
  CHECK(StateOf(1) == "retired");

  CHECK_THAT(destroy(), refused("KEY_EPOCH_ON_REPLICAS"));
  CHECK_THAT(replica.rotation.Adopt(RingOf({{2, 'b'}}), TestDeadline()), IsOk());
  CHECK_THAT(destroy(), IsOk());
  CHECK_THAT(destroy(), IsOk());
  CHECK(StateOf(1) == "destroyed");
  CHECK_THAT(replica.rotation.Adopt(RingOf({{2, 'b'}, {1, 'a'}}), TestDeadline()),
             refused("KEY_EPOCH_DESTROYED"));
}

TEST_CASE_METHOD(KeyWorld, "Nothing can be stored under a retired epoch") {
  Replica replica(*this, "replica", RingOf({{2, 'b'}, {1, 'a'}}));
  REQUIRE_THAT(replica.rotation.Refresh(TestDeadline()), IsOk());
  REQUIRE_THAT(replica.rotation.Promote(2, actor, TestDeadline()), IsOk());
  REQUIRE_THAT(replica.rotation.Rewrap(TestDeadline()), IsOk());
  REQUIRE_THAT(replica.rotation.Refresh(TestDeadline()), IsOk());
  REQUIRE_THAT(replica.rotation.Retire(1, actor, TestDeadline()), IsOk());

  // A replica that slept through all of this still seals under epoch 1.
  std::vector<ZoomApp> list(1);
  list[0].project_id = "demo";
  list[0].client_id = "client";
  list[0].client_secret = Secret("sealed too late");
  CHECK_FALSE(apps.Apply(std::move(list), kKeepPrevious, TestDeadline()).ok());
  CHECK(FieldsUnder(1) == 0);
}

// By hand, for its figures: token_vault_keys_integration_test "[rewrap]"
TEST_CASE_METHOD(KeyWorld, "100,000 grants are sealed again, in two goes", "[.][rewrap]") {
  constexpr int kGrants = 100'000;
  constexpr int kChunk = 1'000;
  for (int done = 0; done < kGrants; done += kChunk) {
    const absl::Status status =
        pool->InTransaction(TestDeadline(), [&](postgres::Session& session) -> absl::Status {
          for (int i = done; i < done + kChunk; ++i) {
            const std::string link_id = RandomUuid();
            const std::string user_id = "user " + std::to_string(i);
            const auto seal = [&](Sealing::TokenKind kind) {
              return sealing.SealGrantToken(kind, link_id, OwnerOf(user_id), 1, 1,
                                            Secret(RandomBytes(700)));
            };
            const auto inserted = session.Execute(
                "INSERT INTO grants (link_id, project_id, user_id, zoom_app_id, generation, "
                "token_version, state, access_token, refresh_token, key_epoch, identity_tag, "
                "account_tag) VALUES ($1, 'demo', $2, $3, 1, 1, 'active', $4, $5, 1, $6, $6)",
                postgres::Params()
                    .Text(link_id)
                    .Text(user_id)
                    .Text(app_id())
                    .Bytes(seal(Sealing::TokenKind::kAccess))
                    .Bytes(seal(Sealing::TokenKind::kRefresh))
                    .Bytes(RandomBytes(32)));
            SHODAN_RETURN_IF_ERROR(inserted.status());
          }
          return absl::OkStatus();
        });
    REQUIRE_THAT(status, IsOk());
  }
  settings.rewrap_batch = 100;
  const auto limit = [] { return Deadline::After(std::chrono::minutes(10)); };
  int64_t before_the_cut = 0;
  const auto begin = std::chrono::steady_clock::now();
  {
    Replica cut(*this, "replica", RingOf({{2, 'b'}, {1, 'a'}}));
    REQUIRE_THAT(cut.rotation.Refresh(TestDeadline()), IsOk());
    REQUIRE_THAT(cut.rotation.Promote(2, actor, TestDeadline()), IsOk());
    int batches = 0;
    const auto stored = cut.rotation.Rewrap(limit(), [&] { return ++batches > 400; });
    REQUIRE_THAT(stored, IsOk());
    before_the_cut = *stored;
  }
  Replica next(*this, "replica", RingOf({{2, 'b'}, {1, 'a'}}));
  REQUIRE_THAT(next.rotation.Refresh(TestDeadline()), IsOk());
  const auto rest = next.rotation.Rewrap(limit());
  REQUIRE_THAT(rest, IsOk());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  WARN(before_the_cut << " + " << *rest << " rows in " << seconds.count() << " s");
  CHECK(before_the_cut > 0);
  CHECK(before_the_cut + *rest == kGrants + 1);
  CHECK(Count("grants WHERE sealed_key_epoch(access_token) = 1") == 0);
  CHECK(Count("grants WHERE sealed_key_epoch(refresh_token) = 2") == kGrants);
}

TEST_CASE_METHOD(KeyWorld,
                 "Under load: rotations, re-wraps and retirements, and every field opens") {
  constexpr int kThreads = 4;
  constexpr int kLastEpoch = 4;
  std::vector<ConnectedLink> links;
  for (int i = 0; i < kThreads * 5; ++i) links.push_back(Connect("person " + std::to_string(i)));
  const KeyRing all = RingOf({{4, 'd'}, {3, 'c'}, {2, 'b'}, {1, 'a'}});
  Replica replica(*this, "replica", all.WithPrimary(1));
  REQUIRE_THAT(replica.rotation.Refresh(TestDeadline()), IsOk());
  const Sealing live(replica.holder);
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::array<std::atomic<int>, kThreads> refreshes = {};

  // Each thread owns some links: opens what is stored, seals and stores the next version.
  const auto work = [&](int thread) {
    while (!done) {
      for (int i = thread; i < kThreads * 5; i += kThreads) {
        const ConnectedLink& link = links[static_cast<size_t>(i)];
        const auto found =
            stores.grants.Find("demo", link.user_id, lifetimes.refresh_margin, TestDeadline());
        if (!found.ok() || !found->has_value()) {
          ++failures;
          continue;
        }
        const Grant& grant = **found;
        const auto token = live.OpenGrantToken(Sealing::TokenKind::kRefresh, grant);
        if (!token.ok()) {
          ++failures;
          continue;
        }
        const auto seal = [&](Sealing::TokenKind kind) {
          return live.SealGrantToken(kind, grant.link_id, OwnerOf(link.user_id), grant.generation,
                                     grant.token_version + 1, *token);
        };
        const SealedTokens tokens{seal(Sealing::TokenKind::kAccess),
                                  seal(Sealing::TokenKind::kRefresh), "scope",
                                  std::chrono::seconds(3'600), live.key_epoch()};
        const auto stored = stores.grants.StoreRefresh(
            {grant.link_id, grant.generation, grant.token_version}, tokens,
            std::chrono::system_clock::now(), RandomUuid(), TestDeadline());
        if (!stored.ok() || *stored != StoreResult::kStored) ++failures;
        ++refreshes[static_cast<size_t>(thread)];
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  std::vector<absl::Status> rotated;
  for (int epoch = 2; epoch <= kLastEpoch; ++epoch) {
    rotated.push_back(replica.rotation.Promote(epoch, actor, TestDeadline()));
    rotated.push_back(replica.rotation.Refresh(TestDeadline()));
    // What was sealed under the former epoch may still be on its way to the database.
    std::array<int, kThreads> before = {};
    for (size_t i = 0; i < kThreads; ++i) before[i] = refreshes[i];
    const Deadline limit = TestDeadline();
    for (size_t i = 0; i < kThreads; ++i) {
      while (refreshes[i] < before[i] + 2 && !limit.Expired()) std::this_thread::yield();
    }
    rotated.push_back(replica.rotation.Rewrap(TestDeadline()).status());
    rotated.push_back(replica.rotation.Retire(epoch - 1, actor, TestDeadline()));
  }
  done = true;
  for (std::thread& thread : threads) thread.join();

  for (const absl::Status& status : rotated) CHECK_THAT(status, IsOk());
  CHECK(failures == 0);
  for (int epoch = 1; epoch < kLastEpoch; ++epoch) {
    CHECK(FieldsUnder(epoch) == 0);
    CHECK(StateOf(epoch) == "retired");
  }
  CHECK(FieldsUnder(kLastEpoch) == kThreads * 5 * 4 + 2);
}

}  // namespace
}  // namespace shodan::tokenvault
