// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/erasure/ledger.h"

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/services/token-vault/support/fake_ledger.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;
using testing::FakeLedgerFiles;
using testing::FakeLedgerStore;
using testing::IsError;
using testing::IsOk;
using testing::SomeEndedLife;

int DevNull() {
  static const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
  return fd;
}

Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }

/// A database, and replicas with files of their own.
struct World {
  FakeLedgerStore store;
  Logger log{"test", LogLevel::kError, DevNull()};
  Metrics metrics;
  std::vector<FakeLedgerFiles> files{2};
  std::vector<std::unique_ptr<Ledger>> replicas;

  World() {
    for (size_t i = 0; i < files.size(); ++i) Begin(i);
  }
  /// A new process on the same files.
  void Begin(size_t i) {
    if (replicas.size() <= i) replicas.resize(i + 1);
    replicas[i] =
        std::make_unique<Ledger>(Ledger::Parts{store, files[i], milliseconds(1), log, metrics});
    REQUIRE_THAT(replicas[i]->Start(Soon()), IsOk());
  }
  void CheckIn(size_t i) { REQUIRE_THAT(replicas[i]->CheckIn(Soon()), IsOk()); }
  /// An erasure that a replica brings to its end.
  EndedLife Erase(size_t i) {
    const EndedLife life = SomeEndedLife();
    store.data.wiped.push_back(life);
    REQUIRE_THAT(replicas[i]->File(life.link_id, milliseconds(0), Soon()), IsOk());
    REQUIRE(store.IsFiled(life));
    return life;
  }
};

TEST_CASE_METHOD(World, "A life is over once it is in the file") {
  const EndedLife life = Erase(0);
  CHECK(files[0].last_sequence() == 1);
  REQUIRE_THAT(replicas[1]->File("", milliseconds(0), Soon()), IsOk());
  CHECK(files[1].last_sequence() == 0);
}

TEST_CASE_METHOD(World, "While the file cannot be written nothing is over, and a sweep goes on") {
  const EndedLife life = SomeEndedLife();
  store.data.wiped.push_back(life);
  files[0].full = true;

  CHECK_THAT(replicas[0]->File(life.link_id, milliseconds(0), Soon()),
             IsError(absl::StatusCode::kUnavailable, "LEDGER_UNWRITABLE"));
  CHECK_FALSE(store.IsFiled(life));
  CHECK(replicas[0]->Problem() == "LEDGER_UNWRITABLE");
  CHECK_THAT(replicas[0]->Admit(), IsOk());

  files[0].full = false;
  REQUIRE_THAT(replicas[0]->File("", milliseconds(0), Soon()), IsOk());
  CHECK(store.IsFiled(life));
  CHECK(replicas[0]->Problem().empty());
}

TEST_CASE_METHOD(World, "A full disk is noticed without an erasure") {
  files[0].full = true;
  CheckIn(0);
  CHECK(replicas[0]->Problem() == "LEDGER_UNWRITABLE");
  CHECK_FALSE(replicas[0]->halted());
}

TEST_CASE_METHOD(World, "A crash between the file and the database is no restore") {
  const EndedLife life = SomeEndedLife();
  store.data.wiped.push_back(life);
  REQUIRE_THAT(files[0].Append({life}), IsOk());

  Begin(0);

  CHECK_FALSE(replicas[0]->halted());
  REQUIRE_THAT(replicas[0]->File("", milliseconds(0), Soon()), IsOk());
  CHECK(store.IsFiled(life));
}

TEST_CASE_METHOD(World, "A restored database is served after every writer has replayed its file") {
  const auto backup = store.data;
  const EndedLife first = Erase(0);
  const EndedLife second = Erase(1);
  store.data = backup;

  Begin(0);
  CHECK(replicas[0]->halted());
  CHECK(replicas[0]->Problem() == "RESTORE_UNFINISHED");
  CHECK_THAT(replicas[0]->Admit(), IsError(absl::StatusCode::kUnavailable, "RESTORE_UNFINISHED"));
  CHECK_THAT(replicas[0]->File("", milliseconds(0), Soon()),
             IsError(absl::StatusCode::kUnavailable, "RESTORE_UNFINISHED"));
  CheckIn(0);
  CHECK(store.ended_again.size() == 1);
  CHECK(replicas[0]->halted());

  Begin(1);
  CheckIn(1);
  CHECK(store.ended_again.size() == 2);
  CHECK_FALSE(replicas[1]->halted());
  CheckIn(0);
  CHECK_FALSE(replicas[0]->halted());
  CHECK(store.moves == 1);
}

TEST_CASE_METHOD(World, "A writer without a line since the backup notices the restore as well") {
  const auto backup = store.data;
  CheckIn(1);
  const EndedLife life = Erase(0);
  store.data = backup;

  Begin(1);

  CHECK(replicas[1]->halted());
  CheckIn(1);
  CHECK(replicas[1]->halted());
  Begin(0);
  CheckIn(0);
  CHECK(store.ended_again == std::vector<FakeLedgerStore::Key>{{life.link_id, 1}});
  CHECK_FALSE(replicas[0]->halted());
}

TEST_CASE_METHOD(World, "A fresh database with files of before is a restored one") {
  const EndedLife life = Erase(0);
  store.data = {};

  Begin(0);
  CHECK(replicas[0]->halted());
  CheckIn(0);

  CHECK(store.ended_again.size() == 1);
  CHECK_FALSE(replicas[0]->halted());
}

TEST_CASE_METHOD(World, "A database that is restored under running replicas halts them") {
  const auto backup = store.data;
  Erase(0);
  CheckIn(0);
  CheckIn(1);
  store.data = backup;

  CheckIn(0);
  CHECK(replicas[0]->halted());
  CheckIn(1);
  CHECK_FALSE(replicas[1]->halted());
  CheckIn(0);
  CHECK_FALSE(replicas[0]->halted());
  CHECK(store.ended_again.size() == 1);
}

TEST_CASE_METHOD(World, "A promoted standby that has everything needs nobody's word") {
  Erase(0);
  store.incarnation = "2";

  CheckIn(0);
  CHECK_FALSE(replicas[0]->halted());
  Begin(1);
  CHECK_FALSE(replicas[1]->halted());
  CHECK(store.moves == 0);
}

TEST_CASE_METHOD(
    World, "Replicas that start on another timeline wait for each other, not for those that left") {
  Erase(0);
  replicas[1]->Leave(Soon());
  store.incarnation = "2";
  Begin(0);
  CHECK(replicas[0]->halted());
  CheckIn(0);
  CHECK_FALSE(replicas[0]->halted());

  Begin(1);
  store.incarnation = "3";
  Begin(0);
  CheckIn(0);
  CHECK(replicas[0]->halted());
  Begin(1);
  CheckIn(1);
  CheckIn(0);
  CHECK_FALSE(replicas[0]->halted());
  CHECK(store.moves == 0);
}

TEST_CASE_METHOD(World, "An operator's replay of every directory ends the restore") {
  const auto backup = store.data;
  Erase(0);
  Erase(1);
  store.data = backup;
  Begin(0);
  CheckIn(0);
  CHECK(replicas[0]->halted());

  const auto merge = MergeLedgers({&files[0], &files[1]}, store, {"service:operator", "", ""},
                                  milliseconds(1'000));

  REQUIRE_THAT(merge, IsOk());
  REQUIRE(merge->writers.size() == 2);
  CHECK(merge->writers[0].second.lives_ended == 0);
  CHECK(merge->writers[1].second.lives_ended == 1);
  CHECK(merge->declaration.dismissed == 0);
  CheckIn(0);
  CHECK_FALSE(replicas[0]->halted());
  Begin(1);
  CHECK_FALSE(replicas[1]->halted());
}

TEST_CASE_METHOD(World, "A directory that was given up and comes back is replayed all the same") {
  const auto backup = store.data;
  const EndedLife life = Erase(1);
  CheckIn(0);
  store.data = backup;
  Begin(0);
  CHECK(replicas[0]->halted());
  const auto merge =
      MergeLedgers({&files[0]}, store, {"service:operator", "", ""}, milliseconds(1'000));
  REQUIRE_THAT(merge, IsOk());
  CHECK(merge->declaration.dismissed == 1);
  CheckIn(0);
  CHECK_FALSE(replicas[0]->halted());

  Begin(1);
  CHECK(replicas[1]->halted());
  CheckIn(1);
  CheckIn(0);
  CheckIn(1);
  CHECK(store.ended_again == std::vector<FakeLedgerStore::Key>{{life.link_id, 1}});
  CHECK_FALSE(replicas[0]->halted());
  CHECK_FALSE(replicas[1]->halted());
}

TEST_CASE_METHOD(World, "A directory older than what was written to it is refused") {
  Erase(0);
  CheckIn(0);
  store.data.writers.at(files[0].writer()).standing.last_sequence = 2;

  CHECK_THAT(replicas[0]->CheckIn(Soon()),
             IsError(absl::StatusCode::kFailedPrecondition, "LEDGER_OUTDATED"));
}

}  // namespace
}  // namespace shodan::tokenvault
