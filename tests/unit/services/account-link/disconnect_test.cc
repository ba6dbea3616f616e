// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/disconnect.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"
#include "tests/unit/services/account-link/world.h"

namespace shodan::account_link::testing {

using Actions = std::vector<std::string>;
using shodan::testing::IsError;
using shodan::testing::IsOk;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
constexpr char kRequest[] = "11111111-1111-4111-8111-111111111111";

TEST_CASE_METHOD(World, "Disconnect ends the link with a receipt", "[account-link][disconnect]") {
  const Link link = Connected(kAiko, "zoom-1");

  const absl::StatusOr<Disconnected> done = saga.End(kAiko);

  REQUIRE_THAT(done, IsOk());
  CHECK(done->link.state == LinkState::kNone);
  CHECK(done->link.cause == LinkCause::kDisconnected);
  CHECK(done->link.generation == 2);
  CHECK_FALSE(done->link.connect_time.has_value());
  CHECK(done->receipt.link_id == link.link_id);
  CHECK(done->receipt.generation == 2);
  CHECK(done->receipt.start_time.has_value());
  CHECK(done->receipt.end_time.has_value());
  CHECK(done->receipt.revoked_at_zoom);
  CHECK(done->receipt.backups_unreadable_time > done->receipt.end_time);
  CHECK(saga.LinkOf(kAiko) == done->link);
  CHECK(AuditOf(kAiko) == Actions{"link.connected", "link.disconnecting", "link.disconnected"});
  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(World, "a user who was never connected has no link to disconnect",
                 "[account-link][disconnect]") {
  CHECK_THAT(saga.End(kAiko), IsError(absl::StatusCode::kNotFound, "LINK_NOT_FOUND"));

  // A first authorization that failed leaves a row without a life.
  const std::string attempt = vault.ExchangedAttempt(kBen, "zoom-1");
  vault.KillPendingGrant(attempt);
  REQUIRE_FALSE(saga.Complete(kBen, attempt).ok());
  CHECK_THAT(saga.End(kBen), IsError(absl::StatusCode::kNotFound, "LINK_NOT_FOUND"));
}

TEST_CASE_METHOD(World, "a link that is disconnected already answers as it is",
                 "[account-link][disconnect]") {
  Connected(kAiko, "zoom-1");
  const Disconnected first = saga.End(kAiko).value();

  const absl::StatusOr<Disconnected> second = saga.End(kAiko);

  REQUIRE_THAT(second, IsOk());
  CHECK(second->link == first.link);
  CHECK(second->receipt == first.receipt);
  CHECK(vault.calls(VaultCall::kErase) == 1);
}

TEST_CASE_METHOD(World, "an administrator's disconnect is told apart",
                 "[account-link][disconnect]") {
  Connected(kAiko, "zoom-1");

  const absl::StatusOr<Disconnected> done =
      saga.End(kAiko, RandomUuid(), LinkCause::kDisconnectedByAdmin);

  REQUIRE_THAT(done, IsOk());
  CHECK(done->link.cause == LinkCause::kDisconnectedByAdmin);
}

TEST_CASE_METHOD(World, "a link that needs a reconnect can be disconnected",
                 "[account-link][disconnect]") {
  const Link link = Connected(kAiko, "zoom-1");
  vault.RequireReconnect(link.link_id, LinkCause::kRevoked);
  REQUIRE_THAT(saga.Pull(), IsOk());

  CHECK_THAT(saga.End(kAiko), IsOk());

  CHECK(saga.LinkOf(kAiko).state == LinkState::kNone);
}

TEST_CASE_METHOD(World, "while Zoom has not confirmed the link stays disconnecting",
                 "[account-link][disconnect]") {
  Connected(kAiko, "zoom-1");
  vault.set_zoom_confirms(false);

  const absl::StatusOr<Disconnected> begun = saga.End(kAiko);

  REQUIRE_THAT(begun, IsOk());
  CHECK(begun->link.state == LinkState::kDisconnecting);
  CHECK(begun->receipt.generation == 2);
  CHECK_FALSE(begun->receipt.end_time.has_value());
  CHECK(UndoneDecisions() == 1);

  vault.FinishErasures(/*revoked_at_zoom=*/false);
  const absl::StatusOr<Disconnected> done = saga.End(kAiko);

  REQUIRE_THAT(done, IsOk());
  CHECK(done->link.state == LinkState::kNone);
  CHECK_FALSE(done->receipt.revoked_at_zoom);
  CHECK(done->receipt.generation == 2);
  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(World, "an unreachable vault leaves the link disconnecting",
                 "[account-link][disconnect]") {
  for (const bool after_effect : {false, true}) {
    const UserKey owner{"demo", after_effect ? "after" : "before"};
    Connected(owner, owner.user_id);
    vault.FailNext(VaultCall::kErase, after_effect);

    CHECK_THAT(saga.End(owner), IsError(kUnavailable, "VAULT_UNAVAILABLE"));
    CHECK(saga.LinkOf(owner).state == LinkState::kDisconnecting);

    const absl::StatusOr<Disconnected> done = saga.End(owner);
    REQUIRE_THAT(done, IsOk());
    CHECK(done->link.state == LinkState::kNone);
    CHECK(done->link.generation == 2);
    CHECK(UndoneDecisions() == 0);
  }
}

TEST_CASE_METHOD(World, "a repeated request id has no further effect, even after a reconnect",
                 "[account-link][disconnect]") {
  Connected(kAiko, "zoom-1");
  REQUIRE_THAT(saga.End(kAiko, kRequest), IsOk());
  const Link reconnected = Connected(kAiko, "zoom-1");

  const absl::StatusOr<Disconnected> repeated = saga.End(kAiko, kRequest);

  REQUIRE_THAT(repeated, IsOk());
  CHECK(repeated->link == reconnected);
  CHECK(saga.LinkOf(kAiko).state == LinkState::kActive);
  CHECK(vault.calls(VaultCall::kErase) == 1);
}

TEST_CASE_METHOD(World, "a request id that found nothing to do stays without effect",
                 "[account-link][disconnect]") {
  Connected(kAiko, "zoom-1");
  REQUIRE_THAT(saga.End(kAiko), IsOk());
  REQUIRE_THAT(saga.End(kAiko, kRequest), IsOk());
  Connected(kAiko, "zoom-1");

  REQUIRE_THAT(saga.End(kAiko, kRequest), IsOk());

  CHECK(saga.LinkOf(kAiko).state == LinkState::kActive);
}

TEST_CASE_METHOD(World, "a request id of another method is refused", "[account-link][disconnect]") {
  Connected(kAiko, "zoom-1");
  REQUIRE_THAT(saga.End(kAiko, kRequest, LinkCause::kDisconnected), IsOk());

  CHECK_THAT(saga.End(kAiko, kRequest, LinkCause::kDisconnectedByAdmin),
             IsError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

TEST_CASE_METHOD(World, "two wishes to disconnect are one erasure", "[account-link][disconnect]") {
  Connected(kAiko, "zoom-1");
  vault.set_zoom_confirms(false);
  REQUIRE_THAT(saga.End(kAiko), IsOk());

  REQUIRE_THAT(saga.End(kAiko), IsOk());

  CHECK(database.Committed().decisions.size() == 2);  // the activation and one erasure
  CHECK(vault.GrantOf(saga.LinkOf(kAiko).link_id).generation == 2);
}

TEST_CASE_METHOD(World, "a disconnect of a link that changed meanwhile ends its present life",
                 "[account-link][disconnect]") {
  const Link link = Connected(kAiko, "zoom-1");
  // A reconnect that this database does not know of yet.
  vault
      .ActivateGrant({.owner = kAiko,
                      .attempt_id = vault.ExchangedAttempt(kAiko, "zoom-1"),
                      .link_id = link.link_id,
                      .expected_generation = 1,
                      .decision_id = "d0000000-0000-4000-8000-000000000001"},
                     ScopeOf(kAiko))
      .value();

  const absl::StatusOr<Disconnected> done = saga.End(kAiko);

  REQUIRE_THAT(done, IsOk());
  CHECK(done->receipt.generation == 3);
  CHECK(vault.HoldersOf("zoom-1").empty());
}

TEST_CASE_METHOD(World, "a link that was taken over meanwhile needs no erasure",
                 "[account-link][disconnect]") {
  Connected(kAiko, "zoom-1");
  vault
      .ActivateGrant({.owner = kBen,
                      .attempt_id = vault.ExchangedAttempt(kBen, "zoom-1"),
                      .link_id = "b0000000-0000-4000-8000-000000000001",
                      .expected_generation = 0,
                      .decision_id = "d0000000-0000-4000-8000-000000000001"},
                     ScopeOf(kBen))
      .value();

  const absl::StatusOr<Disconnected> done = saga.End(kAiko);

  REQUIRE_THAT(done, IsOk());
  CHECK(done->link.state == LinkState::kNone);
  CHECK(done->link.cause == LinkCause::kTakenOver);
  CHECK(UndoneDecisions() == 0);
  CHECK(vault.HoldersOf("zoom-1").size() == 1);
}

TEST_CASE_METHOD(World, "a late erasure never ends the life after a reconnect",
                 "[account-link][disconnect]") {
  Connected(kAiko, "zoom-1");
  vault.FailNext(VaultCall::kErase, /*after_effect=*/true);
  REQUIRE_FALSE(saga.End(kAiko).ok());
  // The events tell that it is done; the user connects again; the wish is still in the outbox.
  REQUIRE_THAT(saga.Pull(), IsOk());
  REQUIRE(UndoneDecisions() == 1);
  const Link reconnected = Connected(kAiko, "zoom-1");

  saga.Reconcile();

  CHECK(saga.LinkOf(kAiko).state == LinkState::kActive);
  CHECK(saga.LinkOf(kAiko).generation == reconnected.generation);
  CHECK(UndoneDecisions() == 0);
  CHECK_THAT(saga.End(kAiko), IsOk());
  CHECK(saga.LinkOf(kAiko).state == LinkState::kNone);
}

TEST_CASE_METHOD(World, "a disconnect takes an exchanged attempt with it",
                 "[account-link][disconnect]") {
  Connected(kAiko, "zoom-1");
  const std::string attempt = vault.ExchangedAttempt(kAiko, "zoom-1");

  REQUIRE_THAT(saga.End(kAiko), IsOk());

  CHECK_THAT(saga.Complete(kAiko, attempt),
             IsError(absl::StatusCode::kFailedPrecondition, "LINK_DISCONNECTING"));
  CHECK(saga.LinkOf(kAiko).state == LinkState::kNone);
}

TEST_CASE_METHOD(World, "removing the app at Zoom ends the link as a disconnect does",
                 "[account-link][disconnect]") {
  const Link link = Connected(kAiko, "zoom-1");

  const auto ended = saga.Deauthorize("zoom-1", *link.connect_time);

  REQUIRE_THAT(ended, IsOk());
  REQUIRE(ended->has_value());
  CHECK((*ended)->state == LinkState::kNone);
  CHECK((*ended)->cause == LinkCause::kRevoked);
  CHECK((*ended)->generation == 2);
  CHECK((*ended)->link_id == link.link_id);
  CHECK(vault.GrantOf(link.link_id).zoom_user.empty());
  CHECK(AuditOf(kAiko) == Actions{"link.connected", "link.disconnecting", "link.disconnected"});
  CHECK(UndoneDecisions() == 0);
}

TEST_CASE_METHOD(World, "a removal seen twice, or about nobody here, has no effect",
                 "[account-link][disconnect]") {
  const Link link = Connected(kAiko, "zoom-1");
  const Time removed = *link.connect_time;
  REQUIRE(saga.Deauthorize("zoom-1", removed).value().has_value());
  const Link before = saga.LinkOf(kAiko);

  for (const char* zoom_user : {"zoom-1", "zoom-2"}) {
    const auto again = saga.Deauthorize(zoom_user, removed);
    REQUIRE_THAT(again, IsOk());
    CHECK_FALSE(again->has_value());
  }

  CHECK(saga.LinkOf(kAiko) == before);
  CHECK(vault.calls(VaultCall::kErase) == 1);
}

TEST_CASE_METHOD(World, "a removal from before the link's present life does not end it",
                 "[account-link][disconnect]") {
  const Link first = Connected(kAiko, "zoom-1");
  REQUIRE_THAT(saga.End(kAiko), IsOk());
  const Link second = Connected(kAiko, "zoom-1");
  REQUIRE(second.connect_time.has_value());

  // The echo of our own revocation, and anything else that is older.
  const auto ended =
      saga.Deauthorize("zoom-1", *second.connect_time - std::chrono::microseconds(1));

  REQUIRE_THAT(ended, IsOk());
  CHECK_FALSE(ended->has_value());
  CHECK(saga.LinkOf(kAiko).state == LinkState::kActive);
  CHECK(saga.LinkOf(kAiko).generation == 3);
}

TEST_CASE_METHOD(World, "a removal also ends a link that waits for its user to reconnect",
                 "[account-link][disconnect]") {
  const Link link = Connected(kAiko, "zoom-1");
  vault.RequireReconnect(link.link_id, LinkCause::kRevoked);

  const auto ended = saga.Deauthorize("zoom-1", *link.connect_time);

  REQUIRE_THAT(ended, IsOk());
  REQUIRE(ended->has_value());
  CHECK((*ended)->state == LinkState::kNone);
  CHECK(vault.GrantOf(link.link_id).zoom_user.empty());
}

TEST_CASE_METHOD(World, "a removal goes on by itself when the vault fails halfway",
                 "[account-link][disconnect]") {
  for (const bool after_effect : {false, true}) {
    const UserKey owner{"demo", after_effect ? "after" : "before"};
    const std::string zoom_user = "zoom-" + owner.user_id;
    const Link link = Connected(owner, zoom_user);
    vault.FailNext(VaultCall::kErase, after_effect);

    CHECK_THAT(saga.Deauthorize(zoom_user, *link.connect_time),
               IsError(kUnavailable, "VAULT_UNAVAILABLE"));
    CHECK(saga.LinkOf(owner).state == LinkState::kDisconnecting);

    saga.Reconcile();
    CHECK(saga.LinkOf(owner).state == LinkState::kNone);
    CHECK(saga.LinkOf(owner).cause == LinkCause::kRevoked);
  }
}

}  // namespace shodan::account_link::testing
