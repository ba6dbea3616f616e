// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/complete_link.h"

#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"
#include "tests/unit/services/account-link/world.h"

namespace shodan::account_link::testing {

using Actions = std::vector<std::string>;
constexpr auto kFailedPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

using shodan::testing::IsError;
using shodan::testing::IsOk;

TEST_CASE_METHOD(World, "CompleteLink connects a user who was never connected",
                 "[account-link][complete]") {
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-1");

  const absl::StatusOr<Link> link = saga.Complete(kAiko, attempt);

  REQUIRE_THAT(link, IsOk());
  CHECK(link->state == LinkState::kActive);
  CHECK(link->generation == 1);
  CHECK(link->connect_time.has_value());
  CHECK(vault.HoldersOf("zoom-1") == std::set<std::string>{link->link_id});
  CHECK(AuditOf(kAiko) == Actions{"link.connected"});
  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(World, "CompleteLink repeated answers the same link and does nothing more",
                 "[account-link][complete]") {
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-1");
  const Link first = saga.Complete(kAiko, attempt).value();

  const absl::StatusOr<Link> again = saga.Complete(kAiko, attempt);

  REQUIRE_THAT(again, IsOk());
  CHECK(again->link_id == first.link_id);
  CHECK(again->generation == 1);
  CHECK(vault.calls(VaultCall::kActivate) == 1);
  CHECK(AuditOf(kAiko) == Actions{"link.connected"});
}

TEST_CASE_METHOD(World, "a reconnect with the same Zoom user begins a new life of the same link",
                 "[account-link][complete]") {
  const Link first = Connected(kAiko, "zoom-1");

  const absl::StatusOr<Link> link =
      saga.Complete(kAiko, vault.ExchangedAttempt(kAiko, "zoom-1", Purpose::kReconnect));

  REQUIRE_THAT(link, IsOk());
  CHECK(link->link_id == first.link_id);
  CHECK(link->generation == 2);
}

TEST_CASE_METHOD(World, "an active link refuses another Zoom account and stays as it is",
                 "[account-link][complete]") {
  const Link first = Connected(kAiko, "zoom-1");
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-2");

  CHECK_THAT(saga.Complete(kAiko, attempt),
             IsError(kFailedPrecondition, "OTHER_ACCOUNT_CONNECTED"));
  CHECK_THAT(saga.Complete(kAiko, attempt),
             IsError(kFailedPrecondition, "OTHER_ACCOUNT_CONNECTED"));

  CHECK(saga.LinkOf(kAiko) == first);
  CHECK(vault.HoldersOf("zoom-1") == std::set<std::string>{first.link_id});
  CHECK(vault.HoldersOf("zoom-2").empty());
  CHECK(vault.calls(VaultCall::kDiscard) == 1);
  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(World, "a reconnect refuses a different Zoom account",
                 "[account-link][complete]") {
  Connected(kAiko, "zoom-1");
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-2", Purpose::kReconnect);

  CHECK_THAT(saga.Complete(kAiko, attempt), IsError(kFailedPrecondition, "DIFFERENT_ACCOUNT"));
  CHECK_THAT(saga.Complete(kAiko, attempt), IsError(kFailedPrecondition, "DIFFERENT_ACCOUNT"));
}

TEST_CASE_METHOD(World, "a Zoom user who is connected elsewhere moves, and the other link ends",
                 "[account-link][complete]") {
  const Link old_holder = Connected(kBen, "zoom-1");

  const Link link = Connected(kAiko, "zoom-1");

  CHECK(vault.HoldersOf("zoom-1") == std::set<std::string>{link.link_id});
  const Link ended = saga.LinkOf(kBen);
  CHECK(ended.link_id == old_holder.link_id);
  CHECK(ended.state == LinkState::kNone);
  CHECK(ended.cause == LinkCause::kTakenOver);
  CHECK(ended.generation == 2);
  CHECK(AuditOf(kBen) == Actions{"link.connected", "link.taken_over"});
}

TEST_CASE_METHOD(World, "the events of a completed activation change nothing more",
                 "[account-link][complete]") {
  Connected(kBen, "zoom-1");
  Connected(kAiko, "zoom-1");
  const Link aiko = saga.LinkOf(kAiko);
  const Link ben = saga.LinkOf(kBen);

  REQUIRE_THAT(saga.Pull(), IsOk());

  CHECK_FALSE(ShowsAnotherState(aiko, saga.LinkOf(kAiko)));
  CHECK_FALSE(ShowsAnotherState(ben, saga.LinkOf(kBen)));
  CHECK(AuditOf(kAiko) == Actions{"link.connected"});
  CHECK(AuditOf(kBen) == Actions{"link.connected", "link.taken_over"});
}

TEST_CASE_METHOD(World, "an attempt that is not exchanged is refused and nothing is made",
                 "[account-link][complete]") {
  const std::string attempt = vault.PendingAttempt(kAiko);

  CHECK_THAT(saga.Complete(kAiko, attempt), IsError(kFailedPrecondition, "ATTEMPT_NOT_EXCHANGED"));

  CHECK(database.Committed().links.empty());
}

TEST_CASE_METHOD(World, "an unknown attempt, or another user's, is not found",
                 "[account-link][complete]") {
  const std::string of_ben = vault.ExchangedAttempt(kBen, "zoom-1");

  CHECK_THAT(saga.Complete(kAiko, of_ben),
             IsError(absl::StatusCode::kNotFound, "ATTEMPT_NOT_FOUND"));

  CHECK(database.Committed().links.empty());
}

TEST_CASE_METHOD(World, "a Zoom user who cannot be read yet is decided later",
                 "[account-link][complete]") {
  const std::string attempt = vault.ExchangedAttempt(kAiko, "");
  CHECK_THAT(saga.Complete(kAiko, attempt), IsError(kUnavailable, "ZOOM_UNAVAILABLE"));
  CHECK(database.Committed().decisions.empty());

  vault.IdentifyAttempt(attempt, "zoom-1");

  CHECK_THAT(saga.Complete(kAiko, attempt), IsOk());
}

TEST_CASE_METHOD(World, "a dead pending grant ends the decision", "[account-link][complete]") {
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-1");
  vault.KillPendingGrant(attempt);

  CHECK_THAT(saga.Complete(kAiko, attempt), IsError(kFailedPrecondition, "PENDING_GRANT_DEAD"));
  CHECK_THAT(saga.Complete(kAiko, attempt), IsError(kFailedPrecondition, "PENDING_GRANT_DEAD"));

  CHECK(UndoneDecisions() == 0);
  CHECK(saga.LinkOf(kAiko).generation == 0);
}

TEST_CASE_METHOD(World, "a grant that must be proved first keeps its decision",
                 "[account-link][complete]") {
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-1");
  vault.RequireProof(attempt, true);
  CHECK_THAT(saga.Complete(kAiko, attempt), IsError(kUnavailable, "ZOOM_UNAVAILABLE"));
  CHECK(UndoneDecisions() == 1);

  vault.RequireProof(attempt, false);
  CHECK_THAT(saga.Complete(kAiko, attempt), IsOk());

  CHECK(database.Committed().decisions.size() == 1);
  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(World, "a link that is being disconnected refuses activation",
                 "[account-link][complete]") {
  Connected(kAiko, "zoom-1");
  vault.FailNext(VaultCall::kErase, /*after_effect=*/false);
  CHECK_THAT(saga.End(kAiko), IsError(kUnavailable, "VAULT_UNAVAILABLE"));
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-1");

  CHECK_THAT(saga.Complete(kAiko, attempt), IsError(kFailedPrecondition, "LINK_DISCONNECTING"));

  CHECK(saga.LinkOf(kAiko).state == LinkState::kDisconnecting);
  CHECK(vault.calls(VaultCall::kActivate) == 1);
}

TEST_CASE_METHOD(World, "an unreachable vault leaves the decision to be carried out later",
                 "[account-link][complete]") {
  for (const bool after_effect : {false, true}) {
    const UserKey owner{"demo", after_effect ? "after" : "before"};
    const std::string attempt = vault.ExchangedAttempt(owner, owner.user_id);
    vault.FailNext(VaultCall::kActivate, after_effect);
    CHECK_THAT(saga.Complete(owner, attempt), IsError(kUnavailable, "VAULT_UNAVAILABLE"));
    CHECK(UndoneDecisions() == 1);
    CHECK(saga.LinkOf(owner).state == LinkState::kNone);

    const absl::StatusOr<Link> link = saga.Complete(owner, attempt);

    REQUIRE_THAT(link, IsOk());
    CHECK(link->state == LinkState::kActive);
    CHECK(link->generation == 1);
    CHECK(UndoneDecisions() == 0);
    CHECK(AuditOf(owner) == Actions{"link.connected"});
  }
}

TEST_CASE_METHOD(World, "a refusal whose answer was lost is told again",
                 "[account-link][complete]") {
  Connected(kAiko, "zoom-1");
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-2");
  vault.FailNext(VaultCall::kDiscard, /*after_effect=*/true);
  CHECK_THAT(saga.Complete(kAiko, attempt), IsError(kUnavailable, "VAULT_UNAVAILABLE"));

  CHECK_THAT(saga.Complete(kAiko, attempt),
             IsError(kFailedPrecondition, "OTHER_ACCOUNT_CONNECTED"));

  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(World, "a decision for an older generation is made again from the events",
                 "[account-link][complete]") {
  const Link link = Connected(kAiko, "zoom-1");
  // The vault ended the link when another user connected its Zoom user; nobody told us yet.
  vault
      .ActivateGrant({.owner = kBen,
                      .attempt_id = vault.ExchangedAttempt(kBen, "zoom-1"),
                      .link_id = "b0000000-0000-4000-8000-000000000001",
                      .expected_generation = 0,
                      .decision_id = "d0000000-0000-4000-8000-000000000001"},
                     ScopeOf(kBen))
      .value();

  const absl::StatusOr<Link> again = saga.Complete(kAiko, vault.ExchangedAttempt(kAiko, "zoom-2"));

  REQUIRE_THAT(again, IsOk());
  CHECK(again->link_id == link.link_id);
  CHECK(again->generation == 3);
  CHECK(AuditOf(kAiko) == Actions{"link.connected", "link.taken_over", "link.connected"});
  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(World, "an identity compared before another account was connected does not count",
                 "[account-link][complete]") {
  // Two tabs: both codes came back while the link was none. The other one is activated after this
  // one's identities were compared, and before it is decided.
  const std::string first = vault.ExchangedAttempt(kAiko, "zoom-1");
  const std::string second = vault.ExchangedAttempt(kAiko, "zoom-2");
  bool raced = false;
  vault.OnCall([&](VaultCall call) {
    if (call != VaultCall::kActivate || raced) return;
    raced = true;
    CHECK_THAT(saga.Complete(kAiko, first), IsOk());
  });

  CHECK_THAT(saga.Complete(kAiko, second), IsError(kFailedPrecondition, "OTHER_ACCOUNT_CONNECTED"));

  const Link link = saga.LinkOf(kAiko);
  CHECK(vault.HoldersOf("zoom-1") == std::set<std::string>{link.link_id});
  CHECK(vault.HoldersOf("zoom-2").empty());
  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(World, "a link that changes in every round gives up and stays decidable",
                 "[account-link][complete]") {
  Connected(kAiko, "zoom-1");
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-1");
  int rounds = 0;
  bool inside = false;
  vault.OnCall([&](VaultCall call) {
    if (call != VaultCall::kActivate || inside) return;
    inside = true;
    ++rounds;
    saga.Complete(kAiko, vault.ExchangedAttempt(kAiko, "zoom-1")).value();
    inside = false;
  });
  CHECK_THAT(saga.Complete(kAiko, attempt), IsError(absl::StatusCode::kAborted, "LINK_CHANGING"));
  CHECK(rounds == 5);

  vault.OnCall({});

  CHECK_THAT(saga.Complete(kAiko, attempt), IsOk());
  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(World, "a disconnect that overtakes an activation wins",
                 "[account-link][complete]") {
  Connected(kAiko, "zoom-1");
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-1");
  bool raced = false;
  vault.OnCall([&](VaultCall call) {
    if (call != VaultCall::kActivate || raced) return;
    raced = true;
    CHECK_THAT(saga.End(kAiko), IsOk());
  });

  CHECK_THAT(saga.Complete(kAiko, attempt), IsError(kFailedPrecondition, "LINK_DISCONNECTING"));

  CHECK(saga.LinkOf(kAiko).state == LinkState::kNone);
  CHECK(vault.HoldersOf("zoom-1").empty());
  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(World, "an activation that commits under a wish to disconnect is erased too",
                 "[account-link][complete]") {
  const Link link = Connected(kAiko, "zoom-1");
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-1");
  bool raced = false;
  // The wish to disconnect is committed; then an activation decided before reaches the vault first.
  vault.OnCall([&](VaultCall call) {
    if (call != VaultCall::kErase || raced) return;
    raced = true;
    vault
        .ActivateGrant({.owner = kAiko,
                        .attempt_id = attempt,
                        .link_id = link.link_id,
                        .expected_generation = 1,
                        .decision_id = "d0000000-0000-4000-8000-000000000001"},
                       ScopeOf(kAiko))
        .value();
  });

  const absl::StatusOr<Disconnected> done = saga.End(kAiko);

  REQUIRE_THAT(done, IsOk());
  CHECK(done->link.state == LinkState::kNone);
  CHECK(done->receipt.generation == 3);
  CHECK(vault.HoldersOf("zoom-1").empty());
  CHECK(UndoneDecisions() == 0);
}

}  // namespace shodan::account_link::testing
