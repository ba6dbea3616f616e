// SPDX-License-Identifier: Apache-2.0
// What the ledger's use cases rely on, of the files and of the fake that stands for them in tests.
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/token-vault/storage/file_ledger.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/services/token-vault/support/fake_ledger.h"

namespace shodan::tokenvault {
namespace {

using testing::FakeLedgerFiles;
using testing::IsError;
using testing::IsOk;
using testing::SomeEndedLife;
using testing::TemporaryDirectory;
using Batches = std::vector<std::vector<int64_t>>;
using Sequences = std::vector<int64_t>;

struct Files {
  Time now = SomeEndedLife().erased_at;
  TemporaryDirectory directory;
  std::unique_ptr<FileLedger> ledger =
      FileLedger::Open(directory.path().string(), [this] { return now; }).value();
  LedgerFiles& get() { return *ledger; }
};
struct Fake {
  FakeLedgerFiles ledger;
  Time& now = ledger.now;
  LedgerFiles& get() { return ledger; }
};

Batches ReadAll(LedgerFiles& ledger, int64_t after, int batch) {
  Batches batches;
  REQUIRE_THAT(ledger.Read(after, batch,
                           [&](const std::vector<LedgerLine>& lines) {
                             batches.emplace_back();
                             for (const auto& line : lines) {
                               batches.back().push_back(line.sequence);
                             }
                             return absl::OkStatus();
                           }),
               IsOk());
  return batches;
}

Sequences Flat(const Batches& batches) {
  Sequences all;
  for (const Sequences& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

TEMPLATE_TEST_CASE("A writer's lines are numbered from 1 and read in order, in batches", "", Files,
                   Fake) {
  TestType world;
  LedgerFiles& ledger = world.get();
  CHECK_FALSE(ledger.writer().empty());
  CHECK(ledger.last_sequence() == 0);
  CHECK(ReadAll(ledger, 0, 2).empty());

  REQUIRE_THAT(ledger.Append({SomeEndedLife("a"), SomeEndedLife("b")}), IsOk());
  REQUIRE_THAT(ledger.Append({SomeEndedLife("c")}), IsOk());

  CHECK(ledger.last_sequence() == 3);
  CHECK(ReadAll(ledger, 0, 2) == Batches{{1, 2}, {3}});
  CHECK(ReadAll(ledger, 2, 10) == Batches{{3}});
  CHECK(ReadAll(ledger, 3, 10).empty());
}

TEMPLATE_TEST_CASE("The reader's error ends the reading", "", Files, Fake) {
  TestType world;
  REQUIRE_THAT(world.get().Append({SomeEndedLife("a"), SomeEndedLife("b")}), IsOk());
  int calls = 0;
  CHECK_THAT(world.get().Read(0, 1,
                              [&](const std::vector<LedgerLine>&) {
                                ++calls;
                                return Aborted("ENOUGH", "Enough.");
                              }),
             IsError(absl::StatusCode::kAborted, "ENOUGH"));
  CHECK(calls == 1);
}

TEMPLATE_TEST_CASE("A line holds all that is needed to end the life again", "", Files, Fake) {
  TestType world;
  const EndedLife life = SomeEndedLife("someone");
  REQUIRE_THAT(world.get().Append({life}), IsOk());
  REQUIRE_THAT(world.get().Read(0, 1,
                                [&](const std::vector<LedgerLine>& lines) {
                                  const EndedLife& read = lines.at(0).life;
                                  CHECK(read.link_id == life.link_id);
                                  CHECK(read.generation == life.generation);
                                  CHECK(read.project_id == life.project_id);
                                  CHECK(read.user_id == life.user_id);
                                  CHECK(read.decision_id == life.decision_id);
                                  CHECK(read.cause == life.cause);
                                  CHECK(read.erased_at == life.erased_at);
                                  CHECK(read.event_id == life.event_id);
                                  return absl::OkStatus();
                                }),
               IsOk());
}

TEMPLATE_TEST_CASE("The beat is the one saved last", "", Files, Fake) {
  TestType world;
  CHECK(world.get().beat() == 0);
  REQUIRE_THAT(world.get().SaveBeat(3), IsOk());
  CHECK(world.get().beat() == 3);
}

TEMPLATE_TEST_CASE("Old lines may go, the newest stay and the numbers go on", "", Files, Fake) {
  TestType world;
  world.now = SomeEndedLife().erased_at;
  LedgerFiles& ledger = world.get();
  for (int day = 0; day < 3; ++day) {
    EndedLife life = SomeEndedLife();
    life.erased_at = world.now;
    REQUIRE_THAT(ledger.Append({life}), IsOk());
    world.now += std::chrono::hours(24);
  }
  REQUIRE_THAT(ledger.Drop(std::chrono::hours(48)), IsOk());
  CHECK(Flat(ReadAll(ledger, 0, 10)) == Sequences{2, 3});
  REQUIRE_THAT(ledger.Drop(std::chrono::hours(0)), IsOk());
  CHECK(ledger.last_sequence() == 3);
  REQUIRE_THAT(ledger.Append({SomeEndedLife()}), IsOk());
  CHECK(ledger.last_sequence() == 4);
}

}  // namespace
}  // namespace shodan::tokenvault
