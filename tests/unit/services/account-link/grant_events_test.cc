// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/grant_events.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"
#include "tests/unit/services/account-link/world.h"

namespace shodan::account_link::testing {

using Actions = std::vector<std::string>;
using shodan::testing::IsError;
using shodan::testing::IsOk;

TEST_CASE_METHOD(World, "the feed brings what the vault decided by itself",
                 "[account-link][events]") {
  const Link link = Connected(kAiko, "zoom-1");
  vault.RequireReconnect(link.link_id, LinkCause::kAccountInactive);

  REQUIRE_THAT(saga.Pull(), IsOk());

  CHECK(saga.LinkOf(kAiko).state == LinkState::kReconnectRequired);
  CHECK(saga.LinkOf(kAiko).cause == LinkCause::kAccountInactive);
  CHECK(AuditOf(kAiko) == Actions{"link.connected", "link.reconnect_required"});
}

TEST_CASE_METHOD(World, "a late success makes the link active again", "[account-link][events]") {
  const Link link = Connected(kAiko, "zoom-1");
  vault.RequireReconnect(link.link_id, LinkCause::kLostResponse);
  vault.Recover(link.link_id);

  REQUIRE_THAT(saga.Pull(), IsOk());

  CHECK(saga.LinkOf(kAiko).state == LinkState::kActive);
  CHECK(saga.LinkOf(kAiko).connect_time == link.connect_time);
}

TEST_CASE_METHOD(World, "a second pull finds nothing new", "[account-link][events]") {
  Connected(kAiko, "zoom-1");
  CHECK(saga.Pull()->applied == 1);

  CHECK(saga.Pull()->applied == 0);

  CHECK(database.Committed().cursor == vault.events().back().event_id);
}

TEST_CASE_METHOD(World, "a long backlog is followed page by page", "[account-link][events]") {
  const Link link = Connected(kAiko, "zoom-1");
  for (int i = 0; i < 130; ++i) {
    vault.RequireReconnect(link.link_id, LinkCause::kLostResponse);
    vault.Recover(link.link_id);
  }

  const absl::StatusOr<GrantEventFeed::Progress> progress = saga.Pull();

  REQUIRE_THAT(progress, IsOk());
  CHECK(progress->applied == 261);
  CHECK(vault.calls(VaultCall::kListEvents) == 3);
  CHECK(saga.LinkOf(kAiko).state == LinkState::kActive);
}

TEST_CASE_METHOD(World, "an event about a user without a row makes the row",
                 "[account-link][events]") {
  vault
      .ActivateGrant({.owner = kBen,
                      .attempt_id = vault.ExchangedAttempt(kBen, "zoom-1"),
                      .link_id = "b0000000-0000-4000-8000-000000000001",
                      .expected_generation = 0,
                      .decision_id = "d0000000-0000-4000-8000-000000000001"},
                     ScopeOf(kBen))
      .value();

  REQUIRE_THAT(saga.Pull(), IsOk());

  CHECK(saga.LinkOf(kBen).link_id == "b0000000-0000-4000-8000-000000000001");
  CHECK(saga.LinkOf(kBen).state == LinkState::kActive);
}

TEST_CASE_METHOD(World, "an event that names another link id is counted and changes nothing",
                 "[account-link][events]") {
  const Link link = Connected(kBen, "zoom-1");
  vault
      .ActivateGrant({.owner = kBen,
                      .attempt_id = vault.ExchangedAttempt(kBen, "zoom-2"),
                      .link_id = "b0000000-0000-4000-8000-000000000001",
                      .expected_generation = 0,
                      .decision_id = "d0000000-0000-4000-8000-000000000001"},
                     ScopeOf(kBen))
      .value();

  const absl::StatusOr<GrantEventFeed::Progress> progress = saga.Pull();

  REQUIRE_THAT(progress, IsOk());
  CHECK(progress->mismatched == 1);
  CHECK_FALSE(ShowsAnotherState(link, saga.LinkOf(kBen)));
  CHECK(saga.Pull()->mismatched == 0);
}

TEST_CASE_METHOD(World, "an unreachable vault moves nothing", "[account-link][events]") {
  Connected(kAiko, "zoom-1");
  vault.set_down(true);

  CHECK_THAT(saga.Pull(), IsError(absl::StatusCode::kUnavailable, "VAULT_UNAVAILABLE"));

  CHECK(database.Committed().cursor == 0);
}

}  // namespace shodan::account_link::testing
