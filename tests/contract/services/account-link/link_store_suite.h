// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/link_store.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {

inline Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }

inline Decision ADecision(const LockedLink& locked, DecisionKind kind,
                          const std::string& attempt_id) {
  Decision decision;
  decision.decision_id = RandomUuid();
  decision.owner = locked.link.owner;
  decision.link_id = locked.link.link_id;
  decision.kind = kind;
  decision.attempt_id = attempt_id;
  decision.expected_generation = locked.link.generation;
  if (kind == DecisionKind::kDiscard) decision.result = AttemptResult::kSuperseded;
  if (kind == DecisionKind::kErase) decision.cause = LinkCause::kDisconnected;
  decision.actor = {"user:aiko", "spiffe://shodan.local/ns/shodan/sa/gateway", "request-1"};
  return decision;
}

/// The contract of LinkStore, on an empty store.
class LinkStoreSuite {
 public:
  explicit LinkStoreSuite(LinkStore& store) : store_(store) {}

  void Run() {
    Rows();
    Fields();
    Rollback();
    Decisions();
    UndoneDecisions();
    Leases();
    Requests();
    Cursor();
    Concurrency();
  }

 private:
  using Body = std::function<absl::Status(LinkTransaction&)>;
  void Commit(const Body& body) {
    const absl::Status status = store_.Transact(Soon(), body);
    CAPTURE(status.ToString());
    REQUIRE(status.ok());
  }
  // Makes the user's row and inserts a decision about it.
  Decision Insert(DecisionKind kind, const std::string& attempt_id, const UserKey& owner) {
    Decision decision;
    Commit([&](LinkTransaction& transaction) -> absl::Status {
      SHODAN_ASSIGN_OR_RETURN(const LockedLink locked, transaction.LockOrCreateLink(owner, ""));
      decision = ADecision(locked, kind, attempt_id);
      return transaction.InsertDecision(decision);
    });
    return decision;
  }
  // The undone decision about the attempt, or the undone erasure when that is empty.
  std::optional<Decision> FindUndone(const UserKey& owner, const std::string& attempt_id) {
    std::optional<Decision> found;
    Commit([&](LinkTransaction& transaction) -> absl::Status {
      SHODAN_ASSIGN_OR_RETURN(found, attempt_id.empty()
                                         ? transaction.FindUndoneErasure(owner)
                                         : transaction.FindUndoneDecision(owner, attempt_id));
      return absl::OkStatus();
    });
    return found;
  }
  std::vector<Decision> Lease(std::chrono::milliseconds grace, std::chrono::milliseconds backoff,
                              int limit = 10) {
    return store_
        .LeaseUndoneDecisions(
            {.grace = grace, .backoff = backoff, .max_backoff = std::chrono::hours(2)}, limit,
            Soon())
        .value();
  }
  absl::StatusOr<std::string> Claim(const IdempotentRequest& request, const std::string& resource) {
    std::string claimed;
    const absl::Status status =
        store_.Transact(Soon(), [&](LinkTransaction& transaction) -> absl::Status {
          SHODAN_ASSIGN_OR_RETURN(claimed, transaction.ClaimRequest(request, resource));
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    return claimed;
  }

  void Rows();
  void Fields();
  void Rollback();
  void Decisions();
  void UndoneDecisions();
  void Leases();
  void Requests();
  void Cursor();
  void Concurrency();

  const UserKey aiko_{"demo", "aiko"};
  const UserKey ben_{"demo", "ben"};
  LinkStore& store_;
};

inline void LinkStoreSuite::Rows() {
  SECTION("a user without a row has no link") {
    CHECK_FALSE(store_.Find(aiko_, Soon())->has_value());
    Commit([&](LinkTransaction& transaction) -> absl::Status {
      SHODAN_ASSIGN_OR_RETURN(const auto locked, transaction.LockLink(aiko_));
      CHECK_FALSE(locked.has_value());
      return absl::OkStatus();
    });
  }
  SECTION("a new row is none, of generation 0, with an id of its own") {
    std::string first;
    std::string second;
    Commit([&](LinkTransaction& transaction) -> absl::Status {
      SHODAN_ASSIGN_OR_RETURN(const LockedLink a, transaction.LockOrCreateLink(aiko_, ""));
      SHODAN_ASSIGN_OR_RETURN(const LockedLink b, transaction.LockOrCreateLink(ben_, ""));
      first = a.link.link_id;
      second = b.link.link_id;
      CHECK(a.link.state == LinkState::kNone);
      CHECK(a.link.cause == LinkCause::kUnspecified);
      CHECK(a.link.generation == 0);
      CHECK(a.link.owner == aiko_);
      return absl::OkStatus();
    });
    CHECK(IsUuid(first));
    CHECK(first != second);
    CHECK(store_.Find(aiko_, Soon()).value()->link_id == first);
  }
  SECTION("an existing row keeps its id whatever is asked for") {
    const std::string wanted = RandomUuid();
    for (const std::string& asked : {wanted, RandomUuid(), std::string()}) {
      Commit([&](LinkTransaction& transaction) -> absl::Status {
        SHODAN_ASSIGN_OR_RETURN(const LockedLink locked,
                                transaction.LockOrCreateLink(aiko_, asked));
        CHECK(locked.link.link_id == wanted);
        return absl::OkStatus();
      });
    }
  }
}

inline void LinkStoreSuite::Fields() {
  SECTION("a saved link comes back in every field, times to the microsecond") {
    Link saved;
    Commit([&](LinkTransaction& transaction) -> absl::Status {
      SHODAN_ASSIGN_OR_RETURN(LockedLink locked, transaction.LockOrCreateLink(aiko_, ""));
      saved = locked.link;
      saved.state = LinkState::kReconnectRequired;
      saved.cause = LinkCause::kReauthorizedElsewhere;
      saved.generation = 1'234'567'890'123;
      saved.vault_event_id = 9'876'543'210;
      const Time base(std::chrono::microseconds(1'763'700'000'123'456));
      saved.connect_time = base;
      saved.disconnect_start_time = base + std::chrono::microseconds(1);
      saved.disconnect_end_time = base + std::chrono::seconds(2);
      saved.revoked_at_zoom = false;
      saved.backups_unreadable_time = base + std::chrono::hours(14 * 24);
      saved.update_time = base + std::chrono::seconds(3);
      return transaction.SaveLink(saved);
    });
    CHECK(store_.Find(aiko_, Soon()).value() == saved);

    Commit([&](LinkTransaction& transaction) -> absl::Status {
      SHODAN_ASSIGN_OR_RETURN(std::optional<LockedLink> locked, transaction.LockLink(aiko_));
      CHECK(locked->link == saved);
      saved.state = LinkState::kActive;
      saved.cause = LinkCause::kUnspecified;
      saved.connect_time.reset();
      saved.disconnect_start_time.reset();
      saved.disconnect_end_time.reset();
      saved.revoked_at_zoom.reset();
      saved.backups_unreadable_time.reset();
      return transaction.SaveLink(saved);
    });
    CHECK(store_.Find(aiko_, Soon()).value() == saved);
  }
  SECTION("user ids are told apart byte by byte") {
    for (const std::string user_id : {"a", "A", "a ", "á", "佐藤", "%", "'"}) {
      Commit([&](LinkTransaction& transaction) {
        return transaction.LockOrCreateLink({"demo", user_id}, "").status();
      });
      CHECK(store_.Find({"demo", user_id}, Soon()).value()->owner.user_id == user_id);
      CHECK_FALSE(store_.Find({"other", user_id}, Soon())->has_value());
    }
  }
}

inline void LinkStoreSuite::Rollback() {
  SECTION("a body that fails leaves no trace") {
    const IdempotentRequest request{aiko_, "gateway", RandomUuid(), "Disconnect",
                                    FingerprintOf("Disconnect", {"x"})};
    std::string decision_id;
    const absl::Status status =
        store_.Transact(Soon(), [&](LinkTransaction& transaction) -> absl::Status {
          SHODAN_ASSIGN_OR_RETURN(const LockedLink locked, transaction.LockOrCreateLink(aiko_, ""));
          const Decision decision = ADecision(locked, DecisionKind::kErase, "");
          decision_id = decision.decision_id;
          SHODAN_RETURN_IF_ERROR(transaction.InsertDecision(decision));
          SHODAN_RETURN_IF_ERROR(transaction.ClaimRequest(request, "first").status());
          SHODAN_RETURN_IF_ERROR(transaction.AdvanceCursor(99));
          return FailedPrecondition("CHANGED_MY_MIND", "no");
        });
    CHECK(ReasonOf(status) == "CHANGED_MY_MIND");

    CHECK_FALSE(store_.Find(aiko_, Soon())->has_value());
    CHECK(store_.Cursor(Soon()).value() == 0);
    CHECK(Claim(request, "second").value() == "second");
    Commit([&](LinkTransaction& transaction) -> absl::Status {
      SHODAN_ASSIGN_OR_RETURN(const auto found, transaction.FindDecision(decision_id));
      CHECK_FALSE(found.has_value());
      return absl::OkStatus();
    });
  }
}

inline void LinkStoreSuite::Decisions() {
  SECTION("an undone decision is found by its attempt and user, in every field") {
    for (const DecisionKind kind : {DecisionKind::kActivate, DecisionKind::kDiscard}) {
      const Decision decision = Insert(kind, RandomUuid(), aiko_);
      CHECK(FindUndone(aiko_, decision.attempt_id) == decision);
      CHECK_FALSE(FindUndone(ben_, decision.attempt_id).has_value());
      CHECK_FALSE(FindUndone(aiko_, RandomUuid()).has_value());
    }
    CHECK_FALSE(FindUndone(aiko_, "").has_value());
  }
  SECTION("an undone erasure is found by its user") {
    const Decision decision = Insert(DecisionKind::kErase, "", aiko_);
    CHECK(FindUndone(aiko_, "") == decision);
    CHECK_FALSE(FindUndone(ben_, "").has_value());
  }
  SECTION("a finished decision is found by its id alone") {
    const Decision decision = Insert(DecisionKind::kActivate, RandomUuid(), aiko_);
    for (const char* failure : {"", "PENDING_GRANT_DEAD"}) {
      Commit([&](LinkTransaction& transaction) {
        return transaction.FinishDecision(decision.decision_id, failure);
      });
    }
    CHECK_FALSE(FindUndone(aiko_, decision.attempt_id).has_value());
    Commit([&](LinkTransaction& transaction) -> absl::Status {
      SHODAN_ASSIGN_OR_RETURN(const auto found, transaction.FindDecision(decision.decision_id));
      CHECK(found->done);
      return absl::OkStatus();
    });
  }
}

inline void LinkStoreSuite::UndoneDecisions() {
  SECTION("an attempt has one undone decision, a user one undone erasure") {
    const Decision activation = Insert(DecisionKind::kActivate, RandomUuid(), aiko_);
    const Decision erasure = Insert(DecisionKind::kErase, "", aiko_);
    for (const Decision& first : {activation, erasure}) {
      Decision second = first;
      second.decision_id = RandomUuid();
      const auto insert = [&](LinkTransaction& transaction) {
        return transaction.InsertDecision(second);
      };
      CHECK(store_.Transact(Soon(), insert).code() == absl::StatusCode::kAlreadyExists);
      Commit([&](LinkTransaction& transaction) {
        return transaction.FinishDecision(first.decision_id, "");
      });
      Commit(insert);
    }
  }
  SECTION("an undone decision can be made for another generation, a finished one cannot") {
    const Decision decision = Insert(DecisionKind::kActivate, RandomUuid(), aiko_);
    const auto set = [&](int64_t generation) {
      Commit([&](LinkTransaction& transaction) {
        return transaction.SetExpectedGeneration(decision.decision_id, generation);
      });
    };
    set(7);
    CHECK(FindUndone(aiko_, decision.attempt_id)->expected_generation == 7);
    Commit([&](LinkTransaction& transaction) {
      return transaction.FinishDecision(decision.decision_id, "");
    });
    set(8);
    Commit([&](LinkTransaction& transaction) -> absl::Status {
      SHODAN_ASSIGN_OR_RETURN(const auto found, transaction.FindDecision(decision.decision_id));
      CHECK(found->expected_generation == 7);
      return absl::OkStatus();
    });
  }
}

inline void LinkStoreSuite::Leases() {
  using std::chrono::hours;
  using std::chrono::milliseconds;
  SECTION("an undone decision is leased once until its next try") {
    const Decision decision = Insert(DecisionKind::kErase, "", aiko_);
    CHECK(Lease(milliseconds(0), hours(1)) == std::vector<Decision>{decision});
    CHECK(Lease(milliseconds(0), hours(1)).empty());
  }
  SECTION("a decision whose next try has come is leased again") {
    Insert(DecisionKind::kErase, "", aiko_);
    CHECK(Lease(milliseconds(0), milliseconds(0)).size() == 1);
    CHECK(Lease(milliseconds(0), milliseconds(0)).size() == 1);
  }
  SECTION("a decision younger than the grace is left to its caller") {
    Insert(DecisionKind::kErase, "", aiko_);
    CHECK(Lease(hours(1), milliseconds(0)).empty());
  }
  SECTION("a finished decision is never leased") {
    const Decision decision = Insert(DecisionKind::kErase, "", aiko_);
    Commit([&](LinkTransaction& transaction) {
      return transaction.FinishDecision(decision.decision_id, "");
    });
    CHECK(Lease(milliseconds(0), milliseconds(0)).empty());
  }
  SECTION("no more are leased than asked for") {
    for (int i = 0; i < 5; ++i) Insert(DecisionKind::kActivate, RandomUuid(), aiko_);
    CHECK(Lease(milliseconds(0), hours(1), 3).size() == 3);
    CHECK(Lease(milliseconds(0), hours(1), 3).size() == 2);
  }
  SECTION("purging keeps what is young or undone") {
    const Decision undone = Insert(DecisionKind::kActivate, RandomUuid(), aiko_);
    const Decision done = Insert(DecisionKind::kActivate, RandomUuid(), aiko_);
    Commit([&](LinkTransaction& transaction) {
      return transaction.FinishDecision(done.decision_id, "");
    });
    REQUIRE(store_.PurgeExpired(10, Soon()).ok());
    Commit([&](LinkTransaction& transaction) -> absl::Status {
      for (const Decision& kept : {undone, done}) {
        SHODAN_ASSIGN_OR_RETURN(const auto found, transaction.FindDecision(kept.decision_id));
        CHECK(found.has_value());
      }
      return absl::OkStatus();
    });
  }
}

inline void LinkStoreSuite::Requests() {
  const IdempotentRequest request{aiko_, "gateway", RandomUuid(), "Disconnect",
                                  FingerprintOf("Disconnect", {"x"})};
  SECTION("a repeated request learns what the first one led to") {
    CHECK(Claim(request, "first").value() == "first");
    CHECK(Claim(request, "second").value() == "first");
  }
  SECTION("a request that led to nothing is remembered too") {
    CHECK(Claim(request, "").value().empty());
    CHECK(Claim(request, "second").value().empty());
  }
  SECTION("another content or method under one id is refused") {
    REQUIRE(Claim(request, "first").ok());
    IdempotentRequest other_content = request;
    other_content.fingerprint = FingerprintOf("Disconnect", {"y"});
    IdempotentRequest other_method = request;
    other_method.method = "AdminDisconnect";
    using shodan::testing::IsError;
    const auto refused = IsError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED");
    CHECK_THAT(Claim(other_content, "second"), refused);
    CHECK_THAT(Claim(other_method, "second"), refused);
  }
  SECTION("project, caller, user and id each make another request") {
    REQUIRE(Claim(request, "first").ok());
    IdempotentRequest other = request;
    other.owner.project_id = "other";
    CHECK(Claim(other, "second").value() == "second");
    other = request;
    other.owner.user_id = "ben";
    CHECK(Claim(other, "second").value() == "second");
    other = request;
    other.caller = "automation";
    CHECK(Claim(other, "second").value() == "second");
    other = request;
    other.request_id = RandomUuid();
    CHECK(Claim(other, "second").value() == "second");
  }
}

inline void LinkStoreSuite::Cursor() {
  SECTION("the cursor starts at 0 and never goes back") {
    CHECK(store_.Cursor(Soon()).value() == 0);
    for (const int64_t position : {5, 3, 8}) {
      Commit([&](LinkTransaction& transaction) -> absl::Status {
        SHODAN_ASSIGN_OR_RETURN(const auto locked, transaction.LockCursor(/*wait=*/true));
        CHECK(locked.has_value());
        return transaction.AdvanceCursor(position);
      });
    }
    CHECK(store_.Cursor(Soon()).value() == 8);
  }
}

inline void LinkStoreSuite::Concurrency() {
  SECTION("a locked link is changed by one transaction at a time, from its first row on") {
    constexpr int kThreads = 16;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        const absl::Status status =
            store_.Transact(Soon(), [&](LinkTransaction& transaction) -> absl::Status {
              SHODAN_ASSIGN_OR_RETURN(LockedLink locked, transaction.LockOrCreateLink(aiko_, ""));
              ++locked.link.generation;
              return transaction.SaveLink(locked.link);
            });
        if (!status.ok()) std::terminate();
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(store_.Find(aiko_, Soon()).value()->generation == kThreads);
  }
}

}  // namespace shodan::account_link::testing
