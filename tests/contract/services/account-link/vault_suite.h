// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/crypto/random.h"
#include "services/account-link/domain/vault_port.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {

/// A vault together with the Zoom behind it, both fresh. Zoom confirms every revocation.
class VaultHarness {
 public:
  virtual ~VaultHarness() = default;
  virtual Vault& vault() = 0;
  /// The user was sent to Zoom and has not come back.
  virtual std::string PendingAttempt(const UserKey& owner) = 0;
  /// The user came back, authorized by this Zoom user, and the code was exchanged.
  virtual std::string ExchangedAttempt(const UserKey& owner, const std::string& zoom_user,
                                       Purpose purpose) = 0;
};

/// The contract of Vault as account-link relies on it: run on the stand-in of its tests and on the
/// real service.
class VaultSuite {
 public:
  explicit VaultSuite(VaultHarness& harness) : harness_(harness), vault_(harness.vault()) {}

  void Run() {
    Attempts();
    Activations();
    Takeovers();
    Discards();
    Erasures();
    Identities();
    PendingGrants();
    Events();
  }

 private:
  static constexpr auto kFromBeginning = int64_t{0};

  CallScope Scope() const {
    return {.actor = {.name = "user:aiko",
                      .caller = "spiffe://shodan.local/ns/shodan/sa/gateway",
                      .request_id = "request-1"},
            .deadline = Deadline::After(std::chrono::seconds(30))};
  }
  std::string Exchanged(const UserKey& owner, const std::string& zoom_user,
                        Purpose purpose = Purpose::kConnect) {
    return harness_.ExchangedAttempt(owner, zoom_user, purpose);
  }
  Activation Wish(const UserKey& owner, const std::string& attempt_id, const std::string& link_id,
                  int64_t expected_generation) const {
    return {.owner = owner,
            .attempt_id = attempt_id,
            .link_id = link_id,
            .expected_generation = expected_generation,
            .decision_id = RandomUuid()};
  }
  Erasing EraseWish(int64_t expected_generation) const {
    return {.owner = aiko_,
            .link_id = aikos_link_,
            .expected_generation = expected_generation,
            .decision_id = RandomUuid(),
            .cause = LinkCause::kDisconnected};
  }
  // Connects aiko in her first life.
  void Connect(const std::string& zoom_user) {
    const auto grant =
        vault_.ActivateGrant(Wish(aiko_, Exchanged(aiko_, zoom_user), aikos_link_, 0), Scope());
    REQUIRE_THAT(grant, shodan::testing::IsOk());
    REQUIRE(grant->generation == 1);
  }
  std::vector<GrantEvent> AllEvents() {
    return vault_.ListGrantEvents(kFromBeginning, 100, Scope()).value();
  }

  void Attempts();
  void Activations();
  void Takeovers();
  void Discards();
  void Erasures();
  void Identities();
  void PendingGrants();
  void Events();

  const UserKey aiko_{"demo", "aiko"};
  const UserKey ben_{"demo", "ben"};
  const std::string aikos_link_ = RandomUuid();
  const std::string bens_link_ = RandomUuid();
  const shodan::testing::IsError mismatch_{absl::StatusCode::kAborted, "GENERATION_MISMATCH"};
  const shodan::testing::IsError no_pending_grant_{absl::StatusCode::kNotFound,
                                                   "PENDING_GRANT_NOT_FOUND"};
  VaultHarness& harness_;
  Vault& vault_;
};

inline void VaultSuite::Identities() {
  using shodan::testing::IsError;
  const auto not_found = IsError(absl::StatusCode::kNotFound, "GRANT_NOT_FOUND");
  SECTION("a Zoom user is known by the link that holds his grant, until it is erased") {
    CHECK_THAT(vault_.ResolveIdentity({"demo", "", "zoom-1"}, Scope()), not_found);
    Connect("zoom-1");

    const auto link = vault_.ResolveIdentity({"demo", "", "zoom-1"}, Scope());
    REQUIRE_THAT(link, shodan::testing::IsOk());
    CHECK(link->owner == aiko_);
    CHECK(link->link_id == aikos_link_);
    CHECK(link->generation == 1);
    CHECK_THAT(vault_.ResolveIdentity({"demo", "", "zoom-2"}, Scope()), not_found);

    REQUIRE_THAT(vault_.EraseGrant(EraseWish(1), Scope()), shodan::testing::IsOk());
    CHECK_THAT(vault_.ResolveIdentity({"demo", "", "zoom-1"}, Scope()), not_found);
  }
}

inline void VaultSuite::Attempts() {
  using shodan::testing::IsError;
  SECTION("an attempt is told with its state and purpose") {
    const auto pending = vault_.GetAttempt(aiko_, harness_.PendingAttempt(aiko_), Scope());
    CHECK(pending->state == AttemptState::kPending);
    CHECK(pending->purpose == Purpose::kConnect);
    CHECK(pending->identity_match == IdentityMatch::kUnknown);

    const std::string id = Exchanged(aiko_, "zoom-1", Purpose::kReconnect);
    const auto exchanged = vault_.GetAttempt(aiko_, id, Scope());
    CHECK(exchanged->attempt_id == id);
    CHECK(exchanged->owner == aiko_);
    CHECK(exchanged->state == AttemptState::kExchanged);
    CHECK(exchanged->purpose == Purpose::kReconnect);
    CHECK(exchanged->identity_match == IdentityMatch::kNoLinkIdentity);
  }
  SECTION("an unknown attempt, or another user's, is not found") {
    const auto not_found = IsError(absl::StatusCode::kNotFound, "ATTEMPT_NOT_FOUND");
    CHECK_THAT(vault_.GetAttempt(aiko_, RandomUuid(), Scope()), not_found);
    CHECK_THAT(vault_.GetAttempt(aiko_, Exchanged(ben_, "zoom-1"), Scope()), not_found);
  }
  SECTION("the Zoom user is compared with the one of the user's own link") {
    Connect("zoom-1");
    const std::string same = Exchanged(aiko_, "zoom-1");
    const std::string different = Exchanged(aiko_, "zoom-2");
    const std::string of_ben = Exchanged(ben_, "zoom-2");
    CHECK(vault_.GetAttempt(aiko_, same, Scope())->identity_match == IdentityMatch::kSame);
    CHECK(vault_.GetAttempt(aiko_, different, Scope())->identity_match ==
          IdentityMatch::kDifferent);
    CHECK(vault_.GetAttempt(ben_, of_ben, Scope())->identity_match ==
          IdentityMatch::kNoLinkIdentity);
  }
}

inline void VaultSuite::Activations() {
  SECTION("an activation begins the first life and ends the attempt") {
    const std::string attempt = Exchanged(aiko_, "zoom-1");
    const auto grant = vault_.ActivateGrant(Wish(aiko_, attempt, aikos_link_, 0), Scope());
    CHECK(grant->generation == 1);
    CHECK_FALSE(grant->superseded.has_value());
    CHECK(vault_.GetAttempt(aiko_, attempt, Scope())->state == AttemptState::kActivated);
    CHECK(vault_.GetAttempt(aiko_, attempt, Scope())->result == AttemptResult::kConnected);
  }
  SECTION("a repeated decision answers the same and does nothing more") {
    const Activation wish = Wish(aiko_, Exchanged(aiko_, "zoom-1"), aikos_link_, 0);
    REQUIRE(vault_.ActivateGrant(wish, Scope())->generation == 1);
    CHECK(vault_.ActivateGrant(wish, Scope())->generation == 1);
    CHECK(AllEvents().size() == 1);
  }
  SECTION("another generation than expected does nothing") {
    const std::string attempt = Exchanged(aiko_, "zoom-1");
    CHECK_THAT(vault_.ActivateGrant(Wish(aiko_, attempt, aikos_link_, 1), Scope()), mismatch_);
    CHECK(vault_.GetAttempt(aiko_, attempt, Scope())->state == AttemptState::kExchanged);
    CHECK(AllEvents().empty());
    CHECK(vault_.ActivateGrant(Wish(aiko_, attempt, aikos_link_, 0), Scope())->generation == 1);
  }
  SECTION("each activation of a link begins another life") {
    Connect("zoom-1");
    const std::string again = Exchanged(aiko_, "zoom-1", Purpose::kReconnect);
    CHECK(vault_.ActivateGrant(Wish(aiko_, again, aikos_link_, 1), Scope())->generation == 2);
  }
  SECTION("without a pending grant there is nothing to activate") {
    const std::string attempt = Exchanged(aiko_, "zoom-1");
    CHECK_THAT(vault_.ActivateGrant(Wish(aiko_, RandomUuid(), aikos_link_, 0), Scope()),
               no_pending_grant_);
    CHECK_THAT(vault_.ActivateGrant(Wish(ben_, attempt, bens_link_, 0), Scope()),
               no_pending_grant_);
    REQUIRE(vault_.ActivateGrant(Wish(aiko_, attempt, aikos_link_, 0), Scope()).ok());
    CHECK_THAT(vault_.ActivateGrant(Wish(aiko_, attempt, aikos_link_, 1), Scope()),
               no_pending_grant_);
  }
}

inline void VaultSuite::Takeovers() {
  SECTION("a Zoom user who is connected elsewhere moves; the answer names the ended link") {
    Connect("zoom-1");
    const Activation wish = Wish(ben_, Exchanged(ben_, "zoom-1"), bens_link_, 0);
    for (int repetition = 0; repetition < 2; ++repetition) {
      const auto grant = vault_.ActivateGrant(wish, Scope());
      REQUIRE_THAT(grant, shodan::testing::IsOk());
      CHECK(grant->generation == 1);
      REQUIRE(grant->superseded.has_value());
      CHECK(grant->superseded->link_id == aikos_link_);
      CHECK(grant->superseded->owner == aiko_);
      CHECK(grant->superseded->generation == 2);
    }
    const std::vector<GrantEvent> events = AllEvents();
    REQUIRE(events.size() == 3);
    const bool ended_first = events[1].link_id == aikos_link_;
    const GrantEvent& ended = events[ended_first ? 1 : 2];
    CHECK(ended.link_id == aikos_link_);
    CHECK(ended.generation == 2);
    CHECK(ended.state == LinkState::kNone);
    CHECK(ended.cause == LinkCause::kTakenOver);
  }
}

inline void VaultSuite::Discards() {
  SECTION("a discarded attempt ends with what the user is told; the link stays") {
    Connect("zoom-1");
    const std::string attempt = Exchanged(aiko_, "zoom-2");
    const Discarding wish{attempt, AttemptResult::kOtherAccountConnected, RandomUuid()};
    REQUIRE_THAT(vault_.DiscardPendingGrant(wish, Scope()), shodan::testing::IsOk());
    CHECK(vault_.GetAttempt(aiko_, attempt, Scope())->state == AttemptState::kEnded);
    CHECK(vault_.GetAttempt(aiko_, attempt, Scope())->result ==
          AttemptResult::kOtherAccountConnected);
    CHECK_THAT(vault_.DiscardPendingGrant(wish, Scope()), shodan::testing::IsOk());
    CHECK(AllEvents().size() == 1);
    CHECK_THAT(vault_.ActivateGrant(Wish(aiko_, attempt, aikos_link_, 1), Scope()),
               no_pending_grant_);
    CHECK(vault_.GetAttempt(aiko_, Exchanged(aiko_, "zoom-1"), Scope())->identity_match ==
          IdentityMatch::kSame);
  }
  SECTION("without a pending grant there is nothing to discard") {
    CHECK_THAT(vault_.DiscardPendingGrant({RandomUuid(), AttemptResult::kSuperseded, RandomUuid()},
                                          Scope()),
               no_pending_grant_);
  }
}

inline void VaultSuite::Erasures() {
  using shodan::testing::IsError;
  using shodan::testing::IsOk;
  SECTION("an erasure ends the life with a receipt") {
    Connect("zoom-1");
    const auto erasure = vault_.EraseGrant(EraseWish(1), Scope());
    REQUIRE_THAT(erasure, IsOk());
    CHECK(erasure->state == LinkState::kNone);
    CHECK(erasure->generation == 2);
    CHECK(erasure->start_time.has_value());
    CHECK(erasure->end_time.has_value());
    CHECK(erasure->revoked_at_zoom);
    CHECK(erasure->backups_unreadable_time > erasure->end_time);
    CHECK(vault_.GetAttempt(aiko_, Exchanged(aiko_, "zoom-2"), Scope())->identity_match ==
          IdentityMatch::kNoLinkIdentity);
  }
  SECTION("a repeated decision answers the same receipt, also after a reconnect") {
    Connect("zoom-1");
    const Erasing wish = EraseWish(1);
    const auto first = vault_.EraseGrant(wish, Scope());
    REQUIRE_THAT(first, IsOk());
    REQUIRE(vault_.ActivateGrant(Wish(aiko_, Exchanged(aiko_, "zoom-1"), aikos_link_, 2), Scope())
                ->generation == 3);
    const auto again = vault_.EraseGrant(wish, Scope());
    REQUIRE_THAT(again, IsOk());
    CHECK(again->state == LinkState::kNone);
    CHECK(again->generation == 2);
    CHECK(again->end_time == first->end_time);
    CHECK(vault_.GetAttempt(aiko_, Exchanged(aiko_, "zoom-1"), Scope())->identity_match ==
          IdentityMatch::kSame);
  }
  SECTION("another generation than expected, or an unknown link, does nothing") {
    CHECK_THAT(vault_.EraseGrant(EraseWish(0), Scope()),
               IsError(absl::StatusCode::kNotFound, "GRANT_NOT_FOUND"));
    Connect("zoom-1");
    CHECK_THAT(vault_.EraseGrant(EraseWish(0), Scope()), mismatch_);
    CHECK_THAT(vault_.EraseGrant(EraseWish(2), Scope()), mismatch_);
    CHECK(AllEvents().size() == 1);
  }
  SECTION("an erasure ends the user's open attempts") {
    Connect("zoom-1");
    const std::string pending = harness_.PendingAttempt(aiko_);
    const std::string exchanged = Exchanged(aiko_, "zoom-1");
    const std::string of_ben = Exchanged(ben_, "zoom-2");
    REQUIRE_THAT(vault_.EraseGrant(EraseWish(1), Scope()), IsOk());
    for (const std::string& attempt : {pending, exchanged}) {
      CHECK(vault_.GetAttempt(aiko_, attempt, Scope())->state == AttemptState::kEnded);
      CHECK(vault_.GetAttempt(aiko_, attempt, Scope())->result == AttemptResult::kSuperseded);
    }
    CHECK_THAT(vault_.ActivateGrant(Wish(aiko_, exchanged, aikos_link_, 2), Scope()),
               no_pending_grant_);
    CHECK(vault_.GetAttempt(ben_, of_ben, Scope())->state == AttemptState::kExchanged);
  }
}

inline void VaultSuite::PendingGrants() {
  SECTION("undecided grants are listed oldest first, each once over all pages") {
    std::vector<std::string> attempts;
    for (int i = 0; i < 5; ++i) {
      const UserKey owner{"demo", "user-" + std::to_string(i)};
      attempts.push_back(Exchanged(owner, "zoom-" + std::to_string(i)));
    }
    harness_.PendingAttempt(aiko_);
    REQUIRE(
        vault_.ActivateGrant(Wish({"demo", "user-1"}, attempts[1], aikos_link_, 0), Scope()).ok());
    attempts.erase(attempts.begin() + 1);

    std::vector<std::string> listed;
    std::string page_token;
    do {
      const auto page = vault_.ListPendingGrants(std::chrono::milliseconds(0), page_token, Scope());
      REQUIRE_THAT(page, shodan::testing::IsOk());
      for (const PendingGrant& grant : page->grants) listed.push_back(grant.attempt_id);
      page_token = page->next_page;
    } while (!page_token.empty());
    CHECK(listed == attempts);
    CHECK(vault_.ListPendingGrants(std::chrono::hours(1), "", Scope())->grants.empty());
  }
}

inline void VaultSuite::Events() {
  SECTION("every change of state is told once, in order, after any position") {
    Connect("zoom-1");
    REQUIRE(vault_.EraseGrant(EraseWish(1), Scope()).ok());
    REQUIRE(vault_.ActivateGrant(Wish(aiko_, Exchanged(aiko_, "zoom-1"), aikos_link_, 2), Scope())
                .ok());

    const std::vector<GrantEvent> events = AllEvents();
    REQUIRE(events.size() == 4);
    const LinkState states[] = {LinkState::kActive, LinkState::kDisconnecting, LinkState::kNone,
                                LinkState::kActive};
    const int64_t generations[] = {1, 2, 2, 3};
    for (size_t i = 0; i < events.size(); ++i) {
      CHECK(events[i].owner == aiko_);
      CHECK(events[i].link_id == aikos_link_);
      CHECK(events[i].state == states[i]);
      CHECK(events[i].generation == generations[i]);
      CHECK(events[i].event_id > (i == 0 ? kFromBeginning : events[i - 1].event_id));
    }
    CHECK(events[1].cause == LinkCause::kDisconnected);

    const auto rest = vault_.ListGrantEvents(events[1].event_id, 1, Scope());
    REQUIRE(rest->size() == 1);
    CHECK(rest->front().event_id == events[2].event_id);
    CHECK(vault_.ListGrantEvents(events[3].event_id, 10, Scope())->empty());
  }
}

}  // namespace shodan::account_link::testing
