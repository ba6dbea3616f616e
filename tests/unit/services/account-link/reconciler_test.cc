// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/reconciler.h"

#include <string>

#include <catch2/catch.hpp>

#include "services/account-link/domain/limits.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/services/account-link/world.h"

namespace shodan::account_link::testing {

using shodan::testing::IsError;
using shodan::testing::IsOk;

TEST_CASE_METHOD(World, "an activation whose answer was lost is finished",
                 "[account-link][reconciler]") {
  for (const bool after_effect : {false, true}) {
    const UserKey owner{"demo", after_effect ? "after" : "before"};
    vault.FailNext(VaultCall::kActivate, after_effect);
    REQUIRE_FALSE(saga.Complete(owner, vault.ExchangedAttempt(owner, owner.user_id)).ok());

    const Reconciler::Report report = saga.Reconcile();

    CHECK_THAT(report.status, IsOk());
    CHECK(report.incidents.empty());
    CHECK(saga.LinkOf(owner).state == LinkState::kActive);
    CHECK(saga.LinkOf(owner).generation == 1);
    CHECK(UndoneDecisions() == 0);
  }
}

TEST_CASE_METHOD(World, "an activation found by its events alone ends its decision",
                 "[account-link][reconciler]") {
  vault.FailNext(VaultCall::kActivate, /*after_effect=*/true);
  REQUIRE_FALSE(saga.Complete(kAiko, vault.ExchangedAttempt(kAiko, "zoom-1")).ok());
  REQUIRE_THAT(saga.Pull(), IsOk());
  CHECK(saga.LinkOf(kAiko).state == LinkState::kActive);

  saga.Reconcile();

  CHECK(UndoneDecisions() == 0);
  CHECK(AuditOf(kAiko) == std::vector<std::string>{"link.connected"});
}

TEST_CASE_METHOD(World, "a disconnect whose answer was lost is finished",
                 "[account-link][reconciler]") {
  for (const bool after_effect : {false, true}) {
    const UserKey owner{"demo", after_effect ? "after" : "before"};
    Connected(owner, owner.user_id);
    vault.FailNext(VaultCall::kErase, after_effect);
    REQUIRE_FALSE(saga.End(owner).ok());

    saga.Reconcile();

    CHECK(saga.LinkOf(owner).state == LinkState::kNone);
    CHECK(saga.LinkOf(owner).revoked_at_zoom == true);
    CHECK(UndoneDecisions() == 0);
  }
}

TEST_CASE_METHOD(World, "an erasure that waits for Zoom is followed to its end",
                 "[account-link][reconciler]") {
  Connected(kAiko, "zoom-1");
  vault.set_zoom_confirms(false);
  REQUIRE_THAT(saga.End(kAiko), IsOk());
  saga.Reconcile();
  CHECK(saga.LinkOf(kAiko).state == LinkState::kDisconnecting);

  vault.FinishErasures(/*revoked_at_zoom=*/true);
  database.Advance(std::chrono::seconds(60));
  saga.Reconcile();

  CHECK(saga.LinkOf(kAiko).state == LinkState::kNone);
  CHECK(saga.LinkOf(kAiko).revoked_at_zoom == true);
  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(World, "pending grants that nobody came back for are decided",
                 "[account-link][reconciler]") {
  Connected(kBen, "zoom-9");
  vault.ExchangedAttempt(kAiko, "zoom-1");
  vault.ExchangedAttempt(kBen, "zoom-8");
  for (int i = 0; i < 5; ++i) {
    vault.ExchangedAttempt({"demo", "user-" + std::to_string(i)}, "zoom-u" + std::to_string(i));
  }

  const Reconciler::Report report = saga.Reconcile();

  CHECK(report.pending_grants_decided == 7);
  CHECK(saga.LinkOf(kAiko).state == LinkState::kActive);
  CHECK(vault.HoldersOf("zoom-9").size() == 1);
  CHECK(vault.HoldersOf("zoom-8").empty());
  CHECK(vault.HoldersOf("zoom-u4").size() == 1);
  CHECK(saga.Reconcile().pending_grants_decided == 0);
}

TEST_CASE_METHOD(World, "a pending grant nobody can identify is asked about less and less",
                 "[account-link][reconciler]") {
  const std::string attempt = vault.ExchangedAttempt(kAiko, "");
  for (int run = 0; run < 100; ++run) saga.Reconcile();

  // In the runs 1, 3, 6, 11, 20, 37, 68 and 99.
  CHECK(vault.calls(VaultCall::kGetAttempt) == 8);

  vault.IdentifyAttempt(attempt, "zoom-1");
  for (int run = 0; run < kMaxPendingGrantBackOffRuns + 1; ++run) saga.Reconcile();
  CHECK(saga.LinkOf(kAiko).state == LinkState::kActive);
}

TEST_CASE_METHOD(World, "a decision is tried again with growing pauses",
                 "[account-link][reconciler]") {
  const std::chrono::milliseconds second(1'000);
  Saga patient(store, vault, second);
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-1");
  vault.RequireProof(attempt, true);
  REQUIRE_FALSE(patient.Complete(kAiko, attempt).ok());
  const LeasePolicy policy{.grace = second, .backoff = second, .max_backoff = second * 60};
  int leases = 0;
  for (int i = 0; i < 600; ++i) {
    database.Advance(second);
    leases +=
        static_cast<int>(store.LeaseUndoneDecisions(policy, 10, Deadline::After(second))->size());
  }

  // After 1, 2, 4, 8, 16, 32 s and then every minute.
  CHECK(leases >= 12);
  CHECK(leases <= 16);
}

TEST_CASE_METHOD(World, "work younger than the grace belongs to its caller",
                 "[account-link][reconciler]") {
  Saga patient(store, vault, std::chrono::hours(1));
  vault.FailNext(VaultCall::kActivate, /*after_effect=*/false);
  REQUIRE_FALSE(patient.Complete(kAiko, vault.ExchangedAttempt(kAiko, "zoom-1")).ok());

  const Reconciler::Report report = patient.Reconcile();

  CHECK(report.decisions_carried_out == 0);
  CHECK(report.pending_grants_decided == 0);
  CHECK(patient.LinkOf(kAiko).state == LinkState::kNone);
}

TEST_CASE_METHOD(World, "a vault that is away ends the run early and is asked once",
                 "[account-link][reconciler]") {
  vault.ExchangedAttempt(kAiko, "zoom-1");
  vault.set_down(true);

  const Reconciler::Report report = saga.Reconcile();

  CHECK_THAT(report.status, IsError(absl::StatusCode::kUnavailable, "VAULT_UNAVAILABLE"));
  CHECK(vault.calls(VaultCall::kListEvents) == 1);
  CHECK(vault.calls(VaultCall::kGetAttempt) == 0);
}

TEST_CASE_METHOD(World, "what cannot be finished is reported and does not stop the rest",
                 "[account-link][reconciler]") {
  const std::string stuck = vault.ExchangedAttempt(kAiko, "zoom-1");
  vault.RequireProof(stuck, true);
  vault.ExchangedAttempt(kBen, "zoom-2");

  const Reconciler::Report report = saga.Reconcile();

  CHECK_THAT(report.status, IsOk());
  REQUIRE(report.incidents.size() == 1);
  CHECK(report.incidents[0].what == "pending_grant");
  CHECK(report.incidents[0].id == stuck);
  CHECK(saga.LinkOf(kBen).state == LinkState::kActive);
}

TEST_CASE_METHOD(World, "request ids are forgotten after a day", "[account-link][reconciler]") {
  Connected(kAiko, "zoom-1");
  REQUIRE_THAT(saga.End(kAiko), IsOk());
  saga.Reconcile();
  CHECK(database.Committed().requests.size() == 1);

  database.Advance(kRequestLifetime);
  saga.Reconcile();

  CHECK(database.Committed().requests.empty());
}

}  // namespace shodan::account_link::testing
