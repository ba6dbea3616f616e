// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/services/token-vault/vault_world.h"

#include <barrier>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>

#include "libs/crypto/digest.h"
#include "services/token-vault/domain/keys/key_rotation.h"
#include "services/token-vault/storage/migrations.h"
#include "services/token-vault/storage/postgres_key_store.h"

namespace shodan::testing {
namespace {

using tokenvault::Sealing;
using Kind = Sealing::TokenKind;

constexpr int kConnections = 40;

tokenvault::ZoomApp DemoApp() {
  tokenvault::ZoomApp app;
  app.project_id = "demo";
  app.client_id = "client";
  app.client_secret = Secret("client secret");
  app.authorization_url = "https://zoom.test/oauth/authorize";
  app.token_url = "https://zoom.test/oauth/token";
  app.revocation_url = "https://zoom.test/oauth/revoke";
  app.profile_url = "https://zoom.test/v2/users/me";
  app.api_base_url = "https://zoom.test/v2";
  app.redirect_url = "https://crm.test/oauth/callback";
  app.profile_pointers.user_id = "/id";
  return app;
}

std::unique_ptr<tokenvault::FileLedger> OpenLedger(const TemporaryDirectory& directory) {
  auto opened = tokenvault::FileLedger::Open(directory.path().string());
  REQUIRE_THAT(opened, IsOk());
  return *std::move(opened);
}

int DevNull() {
  static const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
  return fd;
}

}  // namespace

VaultWorld::VaultWorld()
    : PostgresFixture(tokenvault::Migrations()),
      pool(NewPool(kConnections)),
      stores(*pool, tokenvault::ScheduleOf({})),
      apps(*pool, sealing),
      ledger_files(OpenLedger(ledger_directory)),
      log("test", LogLevel::kError, DevNull()),
      ledger({stores.ledger, *ledger_files, lifetimes.ledger, log, metrics}),
      vault({stores.attempts,
             stores.pending,
             stores.activations,
             stores.grants,
             stores.erasures,
             stores.imports,
             stores.inbox_keys,
             apps,
             apps,
             sealing,
             zoom,
             spool_files,
             ledger,
             lifetimes,
             pauses,
             kImportsPerSecond,
             "replica",
             [this](std::chrono::milliseconds) { on_pause(); },
             log,
             metrics}) {
  REQUIRE_THAT(tokenvault::PostgresKeyStore(*pool).Agree("replica", keys, TestDeadline()), IsOk());
  std::vector<tokenvault::ZoomApp> list;
  list.push_back(DemoApp());
  REQUIRE_THAT(apps.Apply(std::move(list), kKeepPrevious, TestDeadline()), IsOk());
  REQUIRE_THAT(ledger.Start(TestDeadline()), IsOk());
}

std::string VaultWorld::NewUser() {
  static std::atomic<int> count = 0;
  return "user-" + std::to_string(++count);
}

tokenvault::IdentityTags VaultWorld::TagsOf(const std::string& person) const {
  return sealing.Tags(app_id(), "", person);
}

tokenvault::SealedTokens VaultWorld::SealedForPending(const std::string& attempt_id,
                                                      const std::string& user_id,
                                                      const std::string& name,
                                                      int64_t token_version) const {
  const auto seal = [&](Kind kind, const char* prefix) {
    return sealing.SealPendingToken(kind, attempt_id, OwnerOf(user_id), token_version,
                                    Secret(prefix + name));
  };
  return {seal(Kind::kAccess, "AT "), seal(Kind::kRefresh, "RT "), "scope",
          std::chrono::seconds(3'600), sealing.key_epoch()};
}

tokenvault::SealedTokens VaultWorld::SealedForGrant(const ConnectedLink& link,
                                                    const std::string& name) const {
  const auto seal = [&](Kind kind, const char* prefix) {
    return sealing.SealGrantToken(kind, link.link_id, OwnerOf(link.user_id), link.generation,
                                  link.token_version + 1, Secret(prefix + name));
  };
  return {seal(Kind::kAccess, "AT "), seal(Kind::kRefresh, "RT "), "scope",
          std::chrono::seconds(3'600), sealing.key_epoch()};
}

std::string VaultWorld::Exchanging(const std::string& user_id) {
  tokenvault::NewAttempt attempt;
  attempt.attempt_id = RandomUuid();
  attempt.project_id = "demo";
  attempt.user_id = user_id;
  attempt.zoom_app_id = app_id();
  attempt.ticket_hash = RandomBytes(32);
  attempt.ticket_lifetime = lifetimes.ticket;
  attempt.attempt_lifetime = lifetimes.attempt;
  REQUIRE_THAT(stores.attempts.Insert(attempt, actor, TestDeadline()), IsOk());
  const auto redeemed = stores.attempts.Redeem(
      attempt.ticket_hash, {RandomBytes(32), RandomBytes(32), "verifier"}, TestDeadline());
  REQUIRE_THAT(redeemed, IsOk());
  REQUIRE_THAT(stores.attempts.Consume(attempt.attempt_id, TestDeadline()), IsOk());
  return attempt.attempt_id;
}

std::string VaultWorld::Pend(const std::string& user_id, const std::string& person) {
  const std::string attempt_id = Exchanging(user_id);
  tokenvault::PendingGrant grant;
  grant.attempt_id = attempt_id;
  grant.project_id = "demo";
  grant.user_id = user_id;
  grant.zoom_app_id = app_id();
  grant.token_version = 1;
  const auto sent = pool->Execute("SELECT exchanging_at FROM attempts WHERE attempt_id = $1",
                                  postgres::Params().Text(attempt_id), TestDeadline());
  REQUIRE_THAT(sent, IsOk());
  grant.live.sent_at = (*sent)[0].Timestamp("exchanging_at");
  const auto stored = stores.pending.Insert(
      grant, SealedForPending(attempt_id, user_id, person + " 1"), actor, TestDeadline());
  REQUIRE_THAT(stored, IsOk());
  REQUIRE(*stored);
  if (person.empty()) return attempt_id;
  const std::string profile = sealing.SealPendingProfile(
      attempt_id, OwnerOf(user_id), tokenvault::EncodeProfile({person, "", "", ""}));
  REQUIRE_THAT(stores.pending.SetIdentity(attempt_id, profile, TagsOf(person), 1, TestDeadline()),
               IsOk());
  return attempt_id;
}

absl::StatusOr<tokenvault::Activation> VaultWorld::Activate(const std::string& attempt_id,
                                                            const std::string& link_id,
                                                            const std::string& user_id,
                                                            int64_t expected_generation,
                                                            const std::string& decision_id) {
  return vault.activation.Activate(
      {attempt_id, link_id, "demo", user_id, expected_generation, decision_id}, actor,
      TestDeadline());
}

ConnectedLink VaultWorld::Connect(const std::string& person) {
  ConnectedLink link{RandomUuid(), NewUser(), person, 0, 1};
  const auto activation = Activate(Pend(link.user_id, person), link.link_id, link.user_id, 0);
  REQUIRE_THAT(activation, IsOk());
  link.generation = activation->generation;
  return link;
}

tokenvault::ErasureRequest VaultWorld::ErasureOf(const ConnectedLink& link) const {
  return {link.link_id,    "demo",       link.user_id,
          link.generation, RandomUuid(), tokenvault::GrantCause::kDisconnected};
}

absl::StatusOr<tokenvault::ErasureProgress> VaultWorld::BeginErasure(const ConnectedLink& link) {
  return stores.erasures.Begin(ErasureOf(link), lifetimes.erasure, actor, TestDeadline());
}

void VaultWorld::FileWiped() {
  REQUIRE_THAT(ledger.File("", std::chrono::milliseconds(0), TestDeadline()), IsOk());
}

std::string VaultWorld::GrantValue(const std::string& link_id,
                                   const std::string& expression) const {
  return Query("SELECT coalesce((" + expression +
               ")::text, '') AS value FROM grants WHERE "
               "link_id = '" +
               link_id + "'");
}

int VaultWorld::Count(const std::string& from_where) const {
  return std::stoi(Query("SELECT count(*)::text AS value FROM " + from_where));
}

void VaultWorld::AwaitBlocked(int sessions) const {
  const Deadline deadline = TestDeadline();
  while (Count("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") <
         sessions) {
    REQUIRE_FALSE(deadline.Expired());
  }
}

void VaultWorld::WhileLocked(const std::string& sql, const std::function<void()>& inside) {
  const absl::Status status =
      pool->InTransaction(TestDeadline(), [&](postgres::Session& session) -> absl::Status {
        SHODAN_RETURN_IF_ERROR(session.Execute(sql).status());
        inside();
        return absl::OkStatus();
      });
  REQUIRE_THAT(status, IsOk());
}

void AtOnce(int count, const std::function<void(int)>& work) {
  std::barrier start(count);
  std::vector<std::thread> threads;
  threads.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace shodan::testing
