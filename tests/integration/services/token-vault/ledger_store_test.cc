// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;
using testing::AtOnce;
using testing::ConnectedLink;
using testing::IsOk;
using testing::TemporaryDirectory;
using testing::TestDeadline;
using testing::VaultWorld;

constexpr char kRevoked[] = R"({"status":"success"})";

/// Puts every row of the vault back as it was, events' ids included.
constexpr char kBackupSql[] =
    "CREATE SCHEMA backup; DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables "
    "WHERE schemaname = 'public' LOOP EXECUTE format('CREATE TABLE backup.%I AS TABLE public.%I', "
    "t, t); END LOOP; END $$";
constexpr char kRestoreSql[] =
    "SET session_replication_role = replica; DO $$ DECLARE t text; c text; BEGIN FOR t IN SELECT "
    "tablename FROM pg_tables WHERE schemaname = 'public' LOOP EXECUTE format('DELETE FROM "
    "public.%I', t); SELECT string_agg(quote_ident(column_name), ', ') INTO c FROM "
    "information_schema.columns WHERE table_schema = 'public' AND table_name = t AND is_generated "
    "= 'NEVER'; EXECUTE format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM "
    "backup.%I', t, c, c, t); END LOOP; PERFORM "
    "setval(pg_get_serial_sequence('grant_events', 'event_id'), (SELECT greatest(max(event_id), 1) "
    "FROM grant_events)); END $$; SET session_replication_role = origin";

struct World : VaultWorld {
  void Backup() const { Run(kBackupSql); }
  void Restore() const { Run(kRestoreSql); }
  ErasureProgress Erase(const ConnectedLink& link) {
    https.ThenAnswer(200, kRevoked);
    const auto progress = vault.erasure.Erase(ErasureOf(link), actor, TestDeadline());
    REQUIRE_THAT(progress, IsOk());
    return *progress;
  }
  /// The replica finds out, replays its files and goes on.
  void Replay() {
    REQUIRE_THAT(ledger.Start(TestDeadline()), IsOk());
    REQUIRE(ledger.halted());
    REQUIRE_THAT(ledger.CheckIn(TestDeadline()), IsOk());
    REQUIRE_FALSE(ledger.halted());
  }
  std::vector<LedgerLine> Lines() const {
    std::vector<LedgerLine> lines;
    REQUIRE_THAT(ledger_files->Read(0, 100,
                                    [&](const std::vector<LedgerLine>& batch) {
                                      lines.insert(lines.end(), batch.begin(), batch.end());
                                      return absl::OkStatus();
                                    }),
                 IsOk());
    return lines;
  }
  void CheckErased(const ConnectedLink& link, const std::string& generation = "2") const {
    CHECK(GrantValue(link.link_id, "state || generation") == "none" + generation);
    CHECK(GrantValue(link.link_id,
                     "num_nonnulls(access_token, refresh_token, key_epoch, "
                     "access_expires_at, identity_tag, account_tag, sent_at, "
                     "stored_at, lease_owner, intent_id, intent_secret)") == "0");
    CHECK(Count("grant_profiles WHERE link_id = '" + link.link_id + "'") == 0);
    CHECK(Count("pending_grants WHERE user_id = '" + link.user_id + "'") == 0);
    CHECK(Count("revocations WHERE user_id = '" + link.user_id +
                "' AND num_nonnulls(access_token, refresh_token) > 0") == 0);
  }
};

TEST_CASE_METHOD(World, "An erasure is over when it is in the file, which holds ids alone") {
  const ConnectedLink link = Connect("zoe");
  const ErasureRequest request = ErasureOf(link);
  https.ThenAnswer(200, kRevoked);

  const auto progress = vault.erasure.Erase(request, actor, TestDeadline());

  REQUIRE_THAT(progress, IsOk());
  REQUIRE(progress->wiped_at.has_value());
  const std::vector<LedgerLine> lines = Lines();
  REQUIRE(lines.size() == 1);
  const EndedLife& life = lines[0].life;
  CHECK(life.link_id == link.link_id);
  CHECK(life.generation == 1);
  CHECK(life.project_id == "demo");
  CHECK(life.user_id == link.user_id);
  CHECK(life.decision_id == request.decision_id);
  CHECK(life.cause == GrantCause::kDisconnected);
  CHECK(life.erased_at == *progress->wiped_at);
  CHECK(life.event_id > 0);
  CHECK(Count("grant_events WHERE state = 'none'") == 1);
}

TEST_CASE_METHOD(World, "While the file cannot be written the tokens go and the receipt waits") {
  const ConnectedLink link = Connect("zoe");
  const std::filesystem::path away = ledger_directory.path().string() + ".away";
  std::filesystem::rename(ledger_directory.path(), away);

  CHECK_FALSE(Erase(link).wiped_at.has_value());
  CHECK(GrantValue(link.link_id, "state || generation") == "disconnecting2");
  CHECK(Count("revocations WHERE wiped_at IS NULL") == 0);
  CHECK(ledger.Problem() == "LEDGER_UNWRITABLE");
  REQUIRE_THAT(vault.erasure.Sweep(TestDeadline()), IsOk());
  CHECK(GrantValue(link.link_id, "state") == "disconnecting");

  std::filesystem::rename(away, ledger_directory.path());
  REQUIRE_THAT(vault.erasure.Sweep(TestDeadline()), IsOk());
  CheckErased(link);
  CHECK(ledger.Problem().empty());
  CHECK(Lines().size() == 1);
}

TEST_CASE_METHOD(World, "A take-over is filed as well, with the link that ended") {
  const ConnectedLink taken = Connect("zoe");
  Connect("zoe");

  const std::vector<LedgerLine> lines = Lines();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].life.link_id == taken.link_id);
  CHECK(lines[0].life.cause == GrantCause::kTakenOver);
  CHECK(Count("erasure_ledger WHERE filed_at IS NOT NULL") == 1);
  CHECK(Count("grant_events WHERE state = 'none'") == 1);
}

TEST_CASE_METHOD(
    World, "What was erased before there were files is filed by a sweep, without another event") {
  const ConnectedLink link = Connect("zoe");
  Erase(link);
  Run("UPDATE erasure_ledger SET filed_at = NULL");

  REQUIRE_THAT(vault.erasure.Sweep(TestDeadline()), IsOk());

  CHECK(Lines().size() == 2);
  CHECK(Count("erasure_ledger WHERE filed_at IS NULL") == 0);
  CHECK(Count("grant_events WHERE state = 'none'") == 1);
}

TEST_CASE_METHOD(World, "Replicas that file one life at once end it once") {
  const ConnectedLink link = Connect("zoe");
  TemporaryDirectory other_directory;
  auto other_files = FileLedger::Open(other_directory.path().string());
  REQUIRE_THAT(other_files, IsOk());
  Ledger other({stores.ledger, **other_files, lifetimes.ledger, log, metrics});
  REQUIRE_THAT(other.Start(TestDeadline()), IsOk());
  REQUIRE_THAT(stores.grants.RequireReconnect(link.token(), GrantCause::kRevoked, TestDeadline()),
               IsOk());
  REQUIRE_THAT(BeginErasure(link), IsOk());

  std::vector<absl::Status> filed(8, absl::UnknownError("not called"));
  AtOnce(8, [&](int i) {
    filed[static_cast<size_t>(i)] =
        (i % 2 == 0 ? ledger : other).File("", milliseconds(0), TestDeadline());
  });

  for (const absl::Status& status : filed) CHECK_THAT(status, IsOk());
  CheckErased(link);
  CHECK(Count("grant_events WHERE state = 'none'") == 1);
}

TEST_CASE_METHOD(World,
                 "After a restore an erased user is erased again, and others are as they were") {
  const ConnectedLink link = Connect("zoe");
  const ConnectedLink other = Connect("yuki");
  Pend(link.user_id, "zoe");
  Exchanging(link.user_id);
  REQUIRE_THAT(stores.grants.BeginRefresh(link.token(), "r", milliseconds(60'000), TestDeadline()),
               IsOk());
  Backup();
  https.ThenAnswer(200, kRevoked);
  Erase(link);
  const std::string last_event = Query("SELECT max(event_id)::text AS value FROM grant_events");
  const std::string decision = Query("SELECT decision_id::text AS value FROM erasure_ledger");
  Restore();
  REQUIRE(GrantValue(link.link_id, "state") == "active");
  const size_t asked = https.requests().size();

  Replay();

  CheckErased(link);
  CHECK(GrantValue(link.link_id, "cause") == "disconnected");
  CHECK(Count("attempts WHERE user_id = '" + link.user_id +
              "' AND state IN ('pending', 'exchanging', 'exchanged')") == 0);
  CHECK(Query("SELECT decision_id::text AS value FROM erasure_ledger WHERE filed_at IS NOT NULL "
              "AND wiped_at IS NOT NULL AND generation = 2") == decision);
  CHECK(Count("grant_events WHERE state = 'none' AND event_id > " + last_event) == 1);
  CHECK(Count("audit WHERE action = 'grant.erased' AND request_id = 'ledger-replay'") == 1);
  CHECK(Count("audit WHERE action IN ('ledger.restore_found', 'ledger.restore_finished')") == 2);
  CHECK(GrantValue(other.link_id, "state || generation || token_version") == "active11");
  CHECK(https.requests().size() == asked);

  const auto again = stores.erasures.Progress(decision, TestDeadline());
  REQUIRE_THAT(again, IsOk());
  CHECK(again->wiped_at.has_value());
  REQUIRE_THAT(ledger.Start(TestDeadline()), IsOk());
  CHECK_FALSE(ledger.halted());
}

TEST_CASE_METHOD(World, "The ids of events move beyond all that were given out, at every restore") {
  const ConnectedLink link = Connect("zoe");
  Backup();
  Erase(link);
  Connect("yuki");
  Restore();
  Replay();
  const std::string first = Query("SELECT max(event_id)::text AS value FROM grant_events");
  Restore();
  // The replica knows a beat that the database has lost; its lines are in place again.
  Replay();

  CHECK(std::stoll(first) > 1'000'000'000'000);
  CHECK(std::stoll(Query("SELECT max(event_id)::text AS value FROM grant_events")) >
        std::stoll(first));
}

TEST_CASE_METHOD(World, "A restore into the middle of the erasure ends it") {
  const ConnectedLink link = Connect("zoe");
  const ErasureRequest request = ErasureOf(link);
  REQUIRE_THAT(stores.erasures.Begin(request, lifetimes.erasure, actor, TestDeadline()), IsOk());
  Backup();
  https.ThenAnswer(200, kRevoked);
  REQUIRE_THAT(vault.erasure.Erase(request, actor, TestDeadline()), IsOk());
  CheckErased(link);
  Restore();
  REQUIRE(Count("revocations WHERE refresh_token IS NOT NULL") == 1);

  Replay();

  CheckErased(link);
  CHECK(Count("erasure_ledger") == 1);
}

TEST_CASE_METHOD(World, "A later life of the link is left alone") {
  const ConnectedLink link = Connect("zoe");
  Erase(link);
  REQUIRE_THAT(Activate(Pend(link.user_id, "zoe"), link.link_id, link.user_id, 2), IsOk());
  Backup();
  REQUIRE_THAT(ledger.CheckIn(TestDeadline()), IsOk());
  Run("DELETE FROM erasure_ledger");
  Restore();
  Run("DELETE FROM erasure_ledger");

  Replay();

  CHECK(GrantValue(link.link_id, "state || generation") == "active3");
  CHECK(Count("grant_profiles WHERE link_id = '" + link.link_id + "'") == 1);
  CHECK(Count("erasure_ledger WHERE generation = 2") == 1);
}

TEST_CASE_METHOD(World, "A link that was connected and erased after the backup keeps its place") {
  Backup();
  const ConnectedLink link = Connect("zoe");
  Erase(link);
  Restore();
  REQUIRE(Count("grants") == 0);

  Replay();

  CheckErased(link);
  const auto next = Activate(Pend(link.user_id, "zoe"), link.link_id, link.user_id, 2);
  REQUIRE_THAT(next, IsOk());
  CHECK(next->generation == 3);
}

TEST_CASE_METHOD(World, "A life that was taken over stays so after a restore") {
  const ConnectedLink taken = Connect("zoe");
  Backup();
  const ConnectedLink link = Connect("zoe");
  Restore();
  Replay();

  CheckErased(taken);
  CHECK(GrantValue(taken.link_id, "cause") == "taken_over");
  CHECK(Count("grants WHERE link_id = '" + link.link_id + "'") == 0);
}

TEST_CASE_METHOD(World,
                 "Late tokens and a spool file of an erased life are of no use after a restore") {
  const ConnectedLink link = Connect("zoe");
  const auto intent =
      stores.grants.BeginRefresh(link.token(), "r", milliseconds(60'000), TestDeadline());
  REQUIRE_THAT(intent, IsOk());
  REQUIRE(intent->has_value());
  Backup();
  REQUIRE_THAT(vault.spool.Keep(
                   {link.token(), SealedForGrant(link, "late"), (*intent)->begun_at, RandomUuid()},
                   (*intent)->secret),
               IsOk());
  Erase(link);
  Restore();
  Replay();

  REQUIRE_THAT(vault.spool.Replay(TestDeadline()), IsOk());
  const auto stored = stores.grants.StoreRefresh(link.token(), SealedForGrant(link, "late"),
                                                 (*intent)->begun_at, RandomUuid(), TestDeadline());
  REQUIRE_THAT(stored, IsOk());
  CHECK(*stored == StoreResult::kLifeEnded);
  CheckErased(link);
}

TEST_CASE_METHOD(World, "A refresh that races the replay brings no token back") {
  for (int round = 0; round < 12; ++round) {
    const ConnectedLink link = Connect("person " + std::to_string(round));
    EndedLife life;
    life.link_id = link.link_id;
    life.generation = link.generation;
    life.project_id = "demo";
    life.user_id = link.user_id;
    life.decision_id = RandomUuid();
    life.cause = GrantCause::kDisconnected;
    life.erased_at = std::chrono::system_clock::now();
    absl::Status ended = absl::UnknownError("not called");
    absl::StatusOr<StoreResult> stored = absl::UnknownError("not called");

    AtOnce(2, [&](int i) {
      if (i == round % 2) {
        ended = stores.ledger.EndAgain(life, TestDeadline());
      } else {
        stored = stores.grants.StoreRefresh(link.token(), SealedForGrant(link, "late"),
                                            life.erased_at, RandomUuid(), TestDeadline());
      }
    });

    REQUIRE_THAT(ended, IsOk());
    REQUIRE_THAT(stored, IsOk());
    CheckErased(link);
  }
}

TEST_CASE_METHOD(World, "Of lives the missing ones are those the database does not show as wiped") {
  const ConnectedLink wiped = Connect("zoe");
  const ConnectedLink begun = Connect("yuki");
  Erase(wiped);
  REQUIRE_THAT(BeginErasure(begun), IsOk());
  EndedLife known = Lines().at(0).life;
  EndedLife open = known;
  open.link_id = begun.link_id;
  EndedLife unknown = known;
  unknown.link_id = RandomUuid();

  const auto missing = stores.ledger.ListMissing({known, open, unknown}, TestDeadline());

  REQUIRE_THAT(missing, IsOk());
  REQUIRE(missing->size() == 2);
  CHECK((*missing)[0].link_id == begun.link_id);
  CHECK((*missing)[1].link_id == unknown.link_id);
}

TEST_CASE_METHOD(World, "A starting writer that meets another cluster waits for those that run") {
  TemporaryDirectory other_directory;
  auto other_files = FileLedger::Open(other_directory.path().string());
  REQUIRE_THAT(other_files, IsOk());
  Ledger other({stores.ledger, **other_files, lifetimes.ledger, log, metrics});
  REQUIRE_THAT(other.Start(TestDeadline()), IsOk());
  REQUIRE(Query("SELECT incarnation AS value FROM ledger_state") != "");
  Run("UPDATE ledger_state SET incarnation = 'another'");

  REQUIRE_THAT(ledger.CheckIn(TestDeadline()), IsOk());
  CHECK_FALSE(ledger.halted());
  Run("UPDATE ledger_state SET incarnation = 'another'");
  REQUIRE_THAT(ledger.Start(TestDeadline()), IsOk());
  CHECK(ledger.halted());
  REQUIRE_THAT(ledger.CheckIn(TestDeadline()), IsOk());
  CHECK(ledger.halted());
  REQUIRE_THAT(other.CheckIn(TestDeadline()), IsOk());
  REQUIRE_THAT(ledger.CheckIn(TestDeadline()), IsOk());
  CHECK_FALSE(ledger.halted());
  CHECK(Query("SELECT incarnation AS value FROM ledger_state") != "another");
}

}  // namespace
}  // namespace shodan::tokenvault
