// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;
using testing::AtOnce;
using testing::ConnectedLink;
using testing::IsOk;
using testing::TestDeadline;
using testing::VaultWorld;

struct World : VaultWorld {
  NewAttempt New(const std::string& user_id) const {
    NewAttempt attempt;
    attempt.attempt_id = RandomUuid();
    attempt.project_id = "demo";
    attempt.user_id = user_id;
    attempt.user_display_name = "Hanako Suzuki";
    attempt.zoom_app_id = app_id();
    attempt.ticket_hash = RandomBytes(32);
    attempt.ticket_lifetime = milliseconds(60'000);
    attempt.attempt_lifetime = milliseconds(600'000);
    return attempt;
  }
  NewAttempt Insert(const std::string& user_id) {
    const NewAttempt attempt = New(user_id);
    REQUIRE_THAT(stores.attempts.Insert(attempt, actor, TestDeadline()), IsOk());
    return attempt;
  }
  std::optional<Attempt> Find(const std::string& user_id, const std::string& attempt_id = "") {
    const auto found = stores.attempts.Find("demo", user_id, attempt_id, TestDeadline());
    REQUIRE_THAT(found, IsOk());
    return *found;
  }
  void Sweep() {
    REQUIRE_THAT(
        stores.attempts.Sweep(milliseconds(30'000), std::chrono::hours(24), TestDeadline()),
        IsOk());
  }
};

TEST_CASE_METHOD(World, "An attempt's id is used once, whoever asks for it again") {
  const std::string user_id = NewUser();
  const NewAttempt attempt = Insert(user_id);
  NewAttempt second = New(NewUser());
  second.attempt_id = attempt.attempt_id;
  CHECK_THAT(stores.attempts.Insert(second, actor, TestDeadline()),
             testing::IsError(absl::StatusCode::kAlreadyExists, "ATTEMPT_EXISTS"));
  CHECK(Find(user_id, attempt.attempt_id)->state == AttemptState::kPending);
}

TEST_CASE_METHOD(World, "A ticket is redeemed once, whatever 32 browsers do at once") {
  const NewAttempt attempt = Insert(NewUser());
  std::vector<absl::StatusOr<bool>> redeemed(32, absl::UnknownError("not called"));

  AtOnce(32, [&](int i) {
    redeemed[static_cast<size_t>(i)] = stores.attempts.Redeem(
        attempt.ticket_hash, {RandomBytes(32), RandomBytes(32), "verifier"}, TestDeadline());
  });

  int first = 0;
  for (const auto& result : redeemed) {
    REQUIRE_THAT(result, IsOk());
    first += *result ? 1 : 0;
  }
  CHECK(first == 1);
  const auto ticketed = stores.attempts.FindByTicket(attempt.ticket_hash, TestDeadline());
  REQUIRE_THAT(ticketed, IsOk());
  CHECK_FALSE(ticketed->has_value());
}

TEST_CASE_METHOD(World, "An attempt is consumed once, whatever 32 callbacks do at once") {
  const NewAttempt attempt = Insert(NewUser());
  const Redemption redemption{RandomBytes(32), RandomBytes(32), "verifier"};
  REQUIRE_THAT(stores.attempts.Redeem(attempt.ticket_hash, redemption, TestDeadline()), IsOk());
  std::vector<absl::StatusOr<std::optional<Time>>> consumed(32, absl::UnknownError("not called"));

  AtOnce(32, [&](int i) {
    consumed[static_cast<size_t>(i)] = stores.attempts.Consume(attempt.attempt_id, TestDeadline());
  });

  int first = 0;
  for (const auto& result : consumed) {
    REQUIRE_THAT(result, IsOk());
    first += result->has_value() ? 1 : 0;
  }
  CHECK(first == 1);
  const auto found = stores.attempts.FindByState(redemption.state_hash, TestDeadline());
  REQUIRE_THAT(found, IsOk());
  REQUIRE(found->has_value());
  CHECK((*found)->attempt.state == AttemptState::kExchanging);
  CHECK((*found)->cookie_hash == redemption.cookie_hash);
  CHECK((*found)->sealed_verifier.empty());
}

TEST_CASE_METHOD(World,
                 "A ticket of a minute ago, and one of an attempt that ended, is worth nothing") {
  const NewAttempt old_ticket = Insert(NewUser());
  Run("UPDATE attempts SET ticket_expires_at = now()");
  const NewAttempt ended = Insert(NewUser());
  REQUIRE_THAT(
      stores.attempts.End(ended.attempt_id, AttemptResult::kCancelled, actor, TestDeadline()),
      IsOk());
  for (const NewAttempt* attempt : {&old_ticket, &ended}) {
    const auto found = stores.attempts.FindByTicket(attempt->ticket_hash, TestDeadline());
    REQUIRE_THAT(found, IsOk());
    CHECK_FALSE(found->has_value());
    const auto redeemed = stores.attempts.Redeem(
        attempt->ticket_hash, {RandomBytes(32), RandomBytes(32), "v"}, TestDeadline());
    REQUIRE_THAT(redeemed, IsOk());
    CHECK_FALSE(*redeemed);
  }
}

TEST_CASE_METHOD(World,
                 "An attempt past its life reads as expired and cannot be used, before any sweep") {
  const std::string user_id = NewUser();
  const NewAttempt attempt = Insert(user_id);
  REQUIRE_THAT(stores.attempts.Redeem(attempt.ticket_hash, {RandomBytes(32), RandomBytes(32), "v"},
                                      TestDeadline()),
               IsOk());
  Run("UPDATE attempts SET expires_at = now()");

  const auto found = Find(user_id);
  REQUIRE(found.has_value());
  CHECK(found->state == AttemptState::kEnded);
  CHECK(found->result == AttemptResult::kExpired);
  CHECK(found->ended_at == found->expires_at);
  const auto consumed = stores.attempts.Consume(attempt.attempt_id, TestDeadline());
  REQUIRE_THAT(consumed, IsOk());
  CHECK_FALSE(consumed->has_value());
}

TEST_CASE_METHOD(World, "A user sees his own attempts only, the latest first") {
  const std::string user_id = NewUser();
  const NewAttempt first = Insert(user_id);
  const NewAttempt second = Insert(user_id);
  Insert(NewUser());

  CHECK(Find(user_id)->attempt_id == second.attempt_id);
  CHECK(Find(user_id, first.attempt_id)->attempt_id == first.attempt_id);
  CHECK_FALSE(Find(NewUser(), first.attempt_id).has_value());
  const auto elsewhere = stores.attempts.Find("other", user_id, "", TestDeadline());
  REQUIRE_THAT(elsewhere, IsOk());
  CHECK_FALSE(elsewhere->has_value());
}

TEST_CASE_METHOD(World, "What has ended or been exchanged is not ended again") {
  const std::string user_id = NewUser();
  const std::string exchanged = Pend(user_id, "zoe");
  const NewAttempt cancelled = Insert(user_id);
  REQUIRE_THAT(
      stores.attempts.End(cancelled.attempt_id, AttemptResult::kCancelled, actor, TestDeadline()),
      IsOk());
  for (const std::string& id : {exchanged, cancelled.attempt_id}) {
    REQUIRE_THAT(stores.attempts.End(id, AttemptResult::kSystemError, actor, TestDeadline()),
                 IsOk());
  }
  CHECK(Find(user_id, exchanged)->state == AttemptState::kExchanged);
  CHECK(Find(user_id, cancelled.attempt_id)->result == AttemptResult::kCancelled);
  CHECK(Count("audit WHERE action = 'authorization.ended'") == 1);
}

TEST_CASE_METHOD(World, "The sweep ends what a closed browser or a crash left, and nothing else") {
  const std::string closed = NewUser();
  Insert(closed);
  Run("UPDATE attempts SET expires_at = now()");
  const std::string crashed = NewUser();
  Exchanging(crashed);
  Run("UPDATE attempts SET exchanging_at = exchanging_at - interval '31 seconds'");
  const std::string open = NewUser();
  Insert(open);
  const std::string busy = NewUser();
  Exchanging(busy);
  const std::string waiting = NewUser();
  Pend(waiting, "zoe");

  Sweep();

  CHECK(Find(closed)->result == AttemptResult::kExpired);
  CHECK(Find(crashed)->result == AttemptResult::kSystemError);
  CHECK(Find(open)->state == AttemptState::kPending);
  CHECK(Find(busy)->state == AttemptState::kExchanging);
  CHECK(Find(waiting)->state == AttemptState::kExchanged);
  CHECK(Count("attempts WHERE state = 'ended' AND (ticket_hash IS NOT NULL OR code_verifier IS NOT "
              "NULL)") == 0);
}

TEST_CASE_METHOD(World, "A reconnect whose tokens nobody has puts the grant before it in doubt") {
  const ConnectedLink reconnecting = Connect("aiko");
  Connect("kenji");
  const ConnectedLink refused = Connect("emma");
  const auto doubtful = [&] {
    const auto grants = stores.grants.ListDoubtful(10, TestDeadline());
    REQUIRE_THAT(grants, IsOk());
    std::vector<std::string> users;
    for (const Grant& grant : *grants) users.push_back(grant.user_id);
    return users;
  };
  const std::string attempt_id = Exchanging(reconnecting.user_id);
  const std::string answered = Exchanging(refused.user_id);
  REQUIRE_THAT(stores.attempts.End(answered, AttemptResult::kSystemError, actor, TestDeadline()),
               IsOk());
  Sweep();
  CHECK(doubtful().empty());

  Run("UPDATE attempts SET exchanging_at = exchanging_at - interval '31 seconds'");
  Sweep();

  CHECK(Find(reconnecting.user_id, attempt_id)->result == AttemptResult::kSystemError);
  CHECK(doubtful() == std::vector<std::string>{reconnecting.user_id});
}

TEST_CASE_METHOD(World, "Attempts are kept for a day after their end") {
  const std::string user_id = NewUser();
  const NewAttempt attempt = Insert(user_id);
  REQUIRE_THAT(
      stores.attempts.End(attempt.attempt_id, AttemptResult::kCancelled, actor, TestDeadline()),
      IsOk());
  Sweep();
  CHECK(Find(user_id).has_value());
  Run("UPDATE attempts SET ended_at = ended_at - interval '24 hours'");
  Sweep();
  CHECK_FALSE(Find(user_id).has_value());
}

}  // namespace
}  // namespace shodan::tokenvault
