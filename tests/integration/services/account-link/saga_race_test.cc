// SPDX-License-Identifier: Apache-2.0
// Connecting and disconnecting under concurrency, on PostgreSQL.
#include <algorithm>
#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/contract/services/account-link/fakes/saga.h"
#include "tests/contract/services/account-link/postgres_account_link.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {
namespace {

using shodan::testing::IsOk;

const UserKey kAiko{"demo", "aiko"};
const UserKey kBen{"demo", "ben"};

// Several replicas of account-link on one database, and their vault.
struct Replicas : PostgresAccountLink {
  Replicas() : PostgresAccountLink(/*max_connections=*/32) {}

  Link Connected(const UserKey& owner, const std::string& zoom_user) {
    return saga.Complete(owner, vault.ExchangedAttempt(owner, zoom_user)).value();
  }
  int64_t Count(const std::string& sql) const {
    return std::stoll(Query("SELECT count(*)::text AS value FROM " + sql));
  }
  int64_t UndoneDecisions() const { return Count("link_decisions WHERE done_at IS NULL"); }
  // Until nothing is left to do; each run is one of the reconciler's.
  void Settle() {
    for (int run = 0; run < 50; ++run) {
      const Reconciler::Report report = saga.Reconcile();
      REQUIRE_THAT(report.status, IsOk());
      Run("UPDATE link_decisions SET next_attempt_at = now() WHERE done_at IS NULL");
      if (UndoneDecisions() == 0 && report.pending_grants_decided == 0) return;
    }
    FAIL("the reconciler does not come to an end");
  }
  // The link's row says what the vault says.
  void CheckAgreement(const UserKey& owner) {
    const Link link = saga.LinkOf(owner);
    const FakeVault::Grant grant = vault.GrantOf(link.link_id);
    CHECK(ToText(link.state) == ToText(grant.state));
    CHECK(link.generation == grant.generation);
  }

  FakeVault vault;
  Saga saga{*links, vault, std::chrono::milliseconds(0)};
};

void InParallel(int threads, const std::function<void(int)>& work) {
  std::vector<std::thread> running;
  std::atomic<bool> go = false;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      while (!go) std::this_thread::yield();
      work(i);
    });
  }
  go = true;
  for (std::thread& thread : running) thread.join();
}

}  // namespace

TEST_CASE_METHOD(Replicas, "64 completions of one attempt activate once",
                 "[account-link][integration]") {
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-1");
  std::atomic<int> connected = 0;

  InParallel(64, [&](int) {
    const absl::StatusOr<Link> link = saga.Complete(kAiko, attempt);
    if (link.ok() && link->state == LinkState::kActive && link->generation == 1) ++connected;
  });
  Settle();

  CHECK(connected == 64);
  CHECK(vault.events().size() == 1);
  CHECK(Count("links") == 1);
  CHECK(Count("link_decisions") == 1);
  CHECK(Count("audit WHERE action = 'link.connected'") == 1);
  CheckAgreement(kAiko);
}

TEST_CASE_METHOD(Replicas, "64 attempts of one user with two Zoom accounts leave one connected",
                 "[account-link][integration]") {
  std::vector<std::string> attempts;
  for (int i = 0; i < 64; ++i) {
    attempts.push_back(vault.ExchangedAttempt(kAiko, i % 2 == 0 ? "zoom-1" : "zoom-2"));
  }

  InParallel(64, [&](int i) { (void)saga.Complete(kAiko, attempts[static_cast<size_t>(i)]); });
  Settle();

  const size_t holders = vault.HoldersOf("zoom-1").size() + vault.HoldersOf("zoom-2").size();
  CHECK(holders == 1);
  CHECK(Count("links") == 1);
  CheckAgreement(kAiko);
  // The account that came first stayed: no life of the link belongs to the other one.
  const std::string winner = vault.GrantOf(saga.LinkOf(kAiko).link_id).zoom_user;
  int refused = 0;
  int activated = 0;
  for (size_t i = 0; i < attempts.size(); ++i) {
    const Attempt attempt = vault.GetAttempt(kAiko, attempts[i], ScopeOf(kAiko)).value();
    const bool of_winner = (i % 2 == 0 ? "zoom-1" : "zoom-2") == winner;
    CHECK(attempt.state == (of_winner ? AttemptState::kActivated : AttemptState::kEnded));
    (of_winner ? activated : refused) += 1;
  }
  CHECK(activated == 32);
  CHECK(refused == 32);
  CHECK(saga.LinkOf(kAiko).generation == 32);
}

TEST_CASE_METHOD(Replicas, "64 rounds of two users authorizing one Zoom user leave one holder",
                 "[account-link][integration]") {
  for (int round = 0; round < 64; ++round) {
    const std::string zoom_user = "zoom-" + std::to_string(round);
    const UserKey first{"demo", "first-" + std::to_string(round)};
    const UserKey second{"demo", "second-" + std::to_string(round)};
    const std::string attempts[] = {vault.ExchangedAttempt(first, zoom_user),
                                    vault.ExchangedAttempt(second, zoom_user)};
    absl::Status completed[2];
    InParallel(2, [&](int i) {
      completed[i] = saga.Complete(i == 0 ? first : second, attempts[i]).status();
    });
    for (const absl::Status& status : completed) CHECK_THAT(status, IsOk());
    Settle();

    REQUIRE(vault.HoldersOf(zoom_user).size() == 1);
    const Link a = saga.LinkOf(first);
    const Link b = saga.LinkOf(second);
    const Link& active = a.state == LinkState::kActive ? a : b;
    const Link& ended = a.state == LinkState::kActive ? b : a;
    CHECK(active.state == LinkState::kActive);
    CHECK(*vault.HoldersOf(zoom_user).begin() == active.link_id);
    CHECK(ended.state == LinkState::kNone);
    CHECK(ended.cause == LinkCause::kTakenOver);
    CheckAgreement(first);
    CheckAgreement(second);
  }
}

TEST_CASE_METHOD(Replicas, "64 threads that connect and disconnect one user end in agreement",
                 "[account-link][integration]") {
  Connected(kAiko, "zoom-1");
  std::vector<std::string> attempts;
  for (int i = 0; i < 32; ++i) attempts.push_back(vault.ExchangedAttempt(kAiko, "zoom-1"));

  InParallel(64, [&](int i) {
    if (i % 2 == 0) {
      (void)saga.Complete(kAiko, attempts[static_cast<size_t>(i / 2)]);
    } else {
      (void)saga.End(kAiko);
    }
  });
  Settle();

  CHECK(UndoneDecisions() == 0);
  CheckAgreement(kAiko);
  const Link link = saga.LinkOf(kAiko);
  CHECK((link.state == LinkState::kActive || link.state == LinkState::kNone));

  REQUIRE_THAT(saga.End(kAiko), IsOk());
  CHECK(saga.LinkOf(kAiko).state == LinkState::kNone);
  CHECK(vault.HoldersOf("zoom-1").empty());
  CheckAgreement(kAiko);
}

TEST_CASE_METHOD(Replicas, "connecting and disconnecting over a failing vault ends in agreement",
                 "[account-link][integration]") {
  // Each call of the vault fails now and then, before or after its effect.
  std::atomic<unsigned> calls = 0;
  vault.OnCall([&](VaultCall call) {
    const unsigned turn = calls++;
    if (turn % 5 == 0) vault.FailNext(call, turn % 10 == 0);
  });
  const std::vector<std::string> zoom_users = {"zoom-1", "zoom-2", "zoom-3"};
  std::vector<UserKey> users;
  for (int i = 0; i < 4; ++i) users.push_back({"demo", "user-" + std::to_string(i)});

  InParallel(16, [&](int i) {
    for (int step = 0; step < 8; ++step) {
      const UserKey& owner = users[static_cast<size_t>(i + step) % users.size()];
      if ((i + step) % 3 == 0) {
        (void)saga.End(owner);
      } else {
        const auto& zoom_user = zoom_users[static_cast<size_t>(i * 7 + step) % zoom_users.size()];
        (void)saga.Complete(owner, vault.ExchangedAttempt(owner, zoom_user));
      }
    }
  });
  vault.OnCall({});
  // A fault that was set for a call yet to come is used up here.
  for (int run = 0; run < 6; ++run) saga.Reconcile();
  Settle();

  for (const UserKey& owner : users) CheckAgreement(owner);
  for (const std::string& zoom_user : zoom_users) CHECK(vault.HoldersOf(zoom_user).size() <= 1);
  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(Replicas, "several reconcilers share the work without doubling it",
                 "[account-link][integration]") {
  for (int i = 0; i < 40; ++i) {
    const UserKey owner{"demo", "user-" + std::to_string(i)};
    vault.ExchangedAttempt(owner, "zoom-" + std::to_string(i));
  }

  absl::Status reconciled[4];
  InParallel(4, [&](int i) {
    Saga replica(*links, vault, std::chrono::milliseconds(0));
    reconciled[i] = replica.Reconcile().status;
  });
  for (const absl::Status& status : reconciled) CHECK_THAT(status, IsOk());
  Settle();

  CHECK(Count("links WHERE state = 'active' AND generation = 1") == 40);
  CHECK(Count("audit WHERE action = 'link.connected'") == 40);
  CHECK(vault.events().size() == 40);
}

TEST_CASE_METHOD(Replicas, "events that several replicas pull are applied once each",
                 "[account-link][integration]") {
  const Link aiko = Connected(kAiko, "zoom-1");
  const Link ben = Connected(kBen, "zoom-2");
  for (int i = 0; i < 150; ++i) {
    const Link& link = i % 2 == 0 ? aiko : ben;
    if (i % 4 < 2) {
      vault.RequireReconnect(link.link_id, LinkCause::kLostResponse);
    } else {
      vault.Recover(link.link_id);
    }
  }
  const auto told = static_cast<int>(vault.events().size());
  std::atomic<int> applied = 0;

  InParallel(8, [&](int) {
    Saga replica(*links, vault, std::chrono::milliseconds(0));
    applied += replica.Pull().value().applied;
  });

  CHECK(applied == told);
  CHECK(Query("SELECT event_id::text AS value FROM vault_cursor") ==
        std::to_string(vault.events().back().event_id));
  CheckAgreement(kAiko);
  CheckAgreement(kBen);
  CHECK(Count("audit WHERE action = 'link.reconnect_required'") == 76);
}

TEST_CASE_METHOD(Replicas, "a pull leaves the feed to the replica that is applying it",
                 "[account-link][integration]") {
  const Link link = Connected(kAiko, "zoom-1");
  vault.RequireReconnect(link.link_id, LinkCause::kRevoked);
  const CallScope scope = ScopeOf(kAiko);

  const absl::Status busy =
      links->Transact(scope.deadline, [&](LinkTransaction& transaction) -> absl::Status {
        REQUIRE(transaction.LockCursor(/*wait=*/true)->has_value());
        const auto left = saga.feed.Pull(GrantEventFeed::Busy::kLeave, scope);
        REQUIRE_THAT(left, IsOk());
        CHECK(left->applied == 0);
        return absl::OkStatus();
      });
  REQUIRE_THAT(busy, IsOk());
  CHECK(saga.LinkOf(kAiko).state == LinkState::kActive);

  CHECK(saga.feed.Pull(GrantEventFeed::Busy::kLeave, scope)->applied == 2);
  CHECK(saga.LinkOf(kAiko).state == LinkState::kReconnectRequired);
}

}  // namespace shodan::account_link::testing
