// SPDX-License-Identifier: Apache-2.0
// What the database records about links, and in which order it shows it.
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/account-link/storage/postgres_link_change_store.h"
#include "tests/contract/services/account-link/postgres_account_link.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {
namespace {

using shodan::testing::IsOk;
using shodan::testing::TestDeadline;
using std::chrono::hours;

struct LinkChanges : PostgresAccountLink {
  LinkChanges() : changes(*pool) {}

  void Save(const std::string& user, int64_t generation, LinkState state,
            LinkCause cause = LinkCause::kUnspecified) {
    REQUIRE_THAT(TrySave({"demo", user}, generation, state, cause), IsOk());
  }
  absl::Status TrySave(const UserKey& owner, int64_t generation, LinkState state,
                       LinkCause cause = LinkCause::kUnspecified) {
    return links->Transact(TestDeadline(), [&](LinkTransaction& transaction) -> absl::Status {
      SHODAN_ASSIGN_OR_RETURN(LockedLink locked, transaction.LockOrCreateLink(owner, ""));
      locked.link.generation = generation;
      locked.link.state = state;
      locked.link.cause = cause;
      return transaction.SaveLink(locked.link);
    });
  }
  LinkChangePage After(const ChangePosition& position, const std::string& project = "demo",
                       int limit = 1'000) {
    absl::StatusOr<LinkChangePage> page =
        changes.ListChanges(position, project, limit, TestDeadline());
    REQUIRE_THAT(page, IsOk());
    return *std::move(page);
  }
  ChangePosition Newest() { return changes.Newest(TestDeadline()).value(); }

  PostgresLinkChangeStore changes;
};

}  // namespace

TEST_CASE_METHOD(LinkChanges,
                 "each change that a reader would see is recorded with its transaction",
                 "[account-link][watch]") {
  const ChangePosition start = Newest();
  CHECK(start.change_id == 0);

  Save("aiko", 0, LinkState::kNone);
  CHECK(After(start).changes.empty());
  Save("aiko", 1, LinkState::kActive);
  Save("aiko", 1, LinkState::kActive);
  Save("aiko", 1, LinkState::kReconnectRequired, LinkCause::kRevoked);
  Save("aiko", 1, LinkState::kReconnectRequired, LinkCause::kExpired);
  Save("aiko", 2, LinkState::kReconnectRequired, LinkCause::kExpired);
  REQUIRE_FALSE(links
                    ->Transact(TestDeadline(),
                               [&](LinkTransaction& transaction) -> absl::Status {
                                 auto locked = transaction.LockOrCreateLink({"demo", "aiko"}, "");
                                 locked->link.state = LinkState::kNone;
                                 static_cast<void>(transaction.SaveLink(locked->link));
                                 return Aborted("CHANGED_MY_MIND", "rolled back");
                               })
                    .ok());

  const LinkChangePage page = After(start);
  REQUIRE(page.known);
  REQUIRE(page.changes.size() == 4);
  const std::string link_id = links->Find({"demo", "aiko"}, TestDeadline()).value()->link_id;
  int64_t last = 0;
  for (const LinkChange& change : page.changes) {
    CHECK(change.owner == UserKey{"demo", "aiko"});
    CHECK(change.link_id == link_id);
    CHECK(change.change_id > last);
    last = change.change_id;
  }
  CHECK(page.changes[0].state == LinkState::kActive);
  CHECK(page.changes[1].cause == LinkCause::kRevoked);
  CHECK(page.changes[2].cause == LinkCause::kExpired);
  CHECK(page.changes[3].generation == 2);
  CHECK(page.next == Newest());
}

TEST_CASE_METHOD(LinkChanges, "a statement of an operator's is recorded as well",
                 "[account-link][watch]") {
  Run("INSERT INTO links (project_id, user_id, link_id, generation, state) VALUES"
      " ('demo', 'ben', gen_random_uuid(), 3, 'active')");
  Run("UPDATE links SET state = 'none', cause = 'revoked' WHERE user_id = 'ben'");

  CHECK(Query("SELECT string_agg(state, ' ' ORDER BY change_id) AS value FROM link_changes") ==
        "active none");
}

TEST_CASE_METHOD(LinkChanges, "a page says where to go on, and leaves other projects out",
                 "[account-link][watch]") {
  const ChangePosition start = Newest();
  for (int64_t generation = 1; generation <= 5; ++generation) {
    Save("aiko", generation, LinkState::kActive);
    REQUIRE_THAT(TrySave({"other", "aiko"}, generation, LinkState::kActive), IsOk());
  }

  LinkChangePage page = After(start, "demo", 3);
  REQUIRE(page.changes.size() == 3);
  CHECK(page.next.change_id == page.changes[2].change_id);
  page = After(page.next, "demo", 3);
  REQUIRE(page.changes.size() == 2);
  CHECK(page.changes[1].generation == 5);
  CHECK(page.next == Newest());
  CHECK(After(start, "").changes.size() == 10);
  CHECK(After(start, "nobody").changes.empty());
  CHECK(After(start, "nobody").next == Newest());
}

TEST_CASE_METHOD(LinkChanges, "a position is known until a change behind it was removed",
                 "[account-link][watch]") {
  const ChangePosition start = Newest();
  std::vector<ChangePosition> positions;
  for (int64_t generation = 1; generation <= 4; ++generation) {
    Save("aiko", generation, LinkState::kActive);
    positions.push_back(Newest());
  }
  CHECK(After(start).known);
  CHECK_FALSE(After({positions[1].change_id, positions[0].change_time}).known);
  CHECK_FALSE(After({positions[3].change_id + 1, positions[3].change_time}).known);

  Run("UPDATE link_changes SET changed_at = changed_at - interval '31 days' WHERE generation <= 2");
  positions[0].change_time -= hours(31 * 24);
  positions[1].change_time -= hours(31 * 24);
  CHECK(changes.RemoveOld(hours(30 * 24), 1, TestDeadline()).value() == 1);
  CHECK(changes.RemoveOld(hours(30 * 24), 100, TestDeadline()).value() == 1);
  CHECK(changes.RemoveOld(hours(30 * 24), 100, TestDeadline()).value() == 0);

  CHECK_FALSE(After(start).known);
  CHECK_FALSE(After(positions[0]).known);
  CHECK(After(positions[1]).changes.size() == 2);
  CHECK(After(positions[3]).changes.empty());
  CHECK(After(positions[3]).known);

  // A quiet feed that was removed altogether still knows its end.
  CHECK(changes.RemoveOld(hours(0), 100, TestDeadline()).value() == 2);
  CHECK(Newest() == positions[3]);
  CHECK(After(positions[3]).known);
  CHECK_FALSE(After(positions[2]).known);
}

TEST_CASE_METHOD(LinkChanges, "a snapshot's page shows connected links and the position it is of",
                 "[account-link][watch]") {
  for (const char* user : {"c", "a", "B", "あ"}) Save(user, 1, LinkState::kActive);
  Save("gone", 2, LinkState::kNone, LinkCause::kDisconnected);
  Save("c", 1, LinkState::kReconnectRequired, LinkCause::kRevoked);
  REQUIRE_THAT(TrySave({"other", "a"}, 1, LinkState::kActive), IsOk());

  const auto first = changes.ListConnectedLinks("demo", "", 3, TestDeadline()).value();
  REQUIRE(first.links.size() == 3);
  CHECK(first.links[0].owner.user_id == "B");
  CHECK(first.links[1].owner.user_id == "a");
  CHECK(first.links[2].owner.user_id == "c");
  CHECK(first.links[2].cause == LinkCause::kRevoked);
  CHECK(first.position == Newest());
  const auto second = changes.ListConnectedLinks("demo", "c", 3, TestDeadline()).value();
  REQUIRE(second.links.size() == 1);
  CHECK(second.links[0].owner.user_id == "あ");
  CHECK(changes.ListConnectedLinks("demo", "あ", 3, TestDeadline())->links.empty());
}

TEST_CASE_METHOD(LinkChanges, "who follows sees every change once, in each link's order",
                 "[account-link][watch]") {
  constexpr int kWriters = 6;
  constexpr int64_t kRounds = 60;
  const ChangePosition start = Newest();
  std::atomic<int> failures{0};
  std::atomic<int> writing{kWriters};
  std::vector<std::thread> writers;
  writers.reserve(kWriters);
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int64_t round = 1; round <= kRounds; ++round) {
        // Two links in one transaction, one of them shared with the neighbour: transactions of
        // different length that wait for each other.
        const absl::Status saved =
            links->Transact(TestDeadline(), [&](LinkTransaction& transaction) -> absl::Status {
              for (const int user : {writer, kWriters + writer / 2}) {
                SHODAN_ASSIGN_OR_RETURN(LockedLink locked,
                                        transaction.LockOrCreateLink(
                                            {"demo", "user" + std::to_string(100 + user)}, ""));
                ++locked.link.generation;
                locked.link.state = LinkState::kActive;
                SHODAN_RETURN_IF_ERROR(transaction.SaveLink(locked.link));
              }
              return absl::OkStatus();
            });
        if (!saved.ok()) ++failures;
      }
      --writing;
    });
  }
  std::map<std::string, int64_t> generations;
  int seen = 0;
  ChangePosition position = start;
  bool finished = false;
  while (true) {
    const bool last_look = finished;
    finished = writing == 0;
    const LinkChangePage page = After(position, "demo", 7);
    REQUIRE(page.known);
    for (const LinkChange& change : page.changes) {
      ++seen;
      int64_t& generation = generations[change.owner.user_id];
      CHECK(change.generation == generation + 1);
      generation = change.generation;
    }
    position = page.next;
    if (last_look && page.changes.empty()) break;
  }
  for (std::thread& writer : writers) writer.join();

  CHECK(failures == 0);
  CHECK(seen == 2 * kWriters * kRounds);
  CHECK(Query("SELECT max(change_id)::text AS value FROM link_changes") ==
        std::to_string(position.change_id));
}

}  // namespace shodan::account_link::testing
