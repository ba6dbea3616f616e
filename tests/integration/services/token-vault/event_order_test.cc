// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "services/token-vault/storage/state_change.h"
#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using postgres::Session;
using testing::AtOnce;
using testing::ConnectedLink;
using testing::IsOk;
using testing::TestDeadline;
using testing::VaultWorld;

StateChange Change(const std::string& user_id, int64_t generation = 1) {
  return {RandomUuid(),      "demo",           user_id, generation, GrantState::kActive,
          GrantCause::kNone, "grant.activated"};
}

TEST_CASE_METHOD(VaultWorld, "A later event waits for an earlier one that is not committed yet") {
  absl::Status second_status = absl::UnknownError("not called");
  std::thread second;
  const absl::Status first_status =
      pool->InTransaction(TestDeadline(), [&](Session& session) -> absl::Status {
        SHODAN_RETURN_IF_ERROR(WriteStateChange(session, Change("first"), actor));
        second = std::thread([&] {
          second_status = pool->InTransaction(TestDeadline(), [&](Session& other) {
            return WriteStateChange(other, Change("second"), actor);
          });
        });
        AwaitBlocked(1);
        CHECK(Count("grant_events") == 0);
        return absl::OkStatus();
      });
  second.join();

  CHECK_THAT(first_status, IsOk());
  CHECK_THAT(second_status, IsOk());
  CHECK(Query("SELECT string_agg(user_id, ',' ORDER BY event_id) AS value FROM grant_events") ==
        "first,second");
}

TEST_CASE_METHOD(VaultWorld, "An event that is rolled back leaves a gap and holds up nobody") {
  static_cast<void>(pool->InTransaction(TestDeadline(), [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(WriteStateChange(session, Change("undone"), actor));
    return absl::CancelledError();
  }));
  REQUIRE_THAT(pool->InTransaction(TestDeadline(),
                                   [&](Session& session) {
                                     return WriteStateChange(session, Change("done"), actor);
                                   }),
               IsOk());

  const auto events = stores.grants.ListEvents(0, 100, TestDeadline());
  REQUIRE_THAT(events, IsOk());
  REQUIRE(events->size() == 1);
  CHECK((*events)[0].user_id == "done");
  CHECK(Count("audit WHERE user_id = 'undone'") == 0);
}

TEST_CASE_METHOD(VaultWorld, "A reader that follows the event ids misses none under 16 writers") {
  constexpr int kWriters = 16;
  constexpr int kEach = 40;
  std::atomic<int> written = 0;
  std::atomic<int> failed = 0;
  std::vector<int64_t> seen;
  absl::Status read_status;
  std::thread reader([&] {
    int64_t last = 0;
    while (true) {
      const bool stop_after = written + failed == kWriters * kEach;
      const auto events = stores.grants.ListEvents(last, 7, TestDeadline());
      if (!events.ok()) {
        read_status = events.status();
        return;
      }
      for (const GrantEvent& event : *events) seen.push_back(event.event_id);
      if (!events->empty()) last = events->back().event_id;
      if (stop_after && events->empty()) return;
    }
  });

  AtOnce(kWriters, [&](int i) {
    for (int n = 0; n < kEach; ++n) {
      const absl::Status status =
          pool->InTransaction(TestDeadline(), [&](Session& session) -> absl::Status {
            SHODAN_RETURN_IF_ERROR(
                WriteStateChange(session, Change("writer " + std::to_string(i), n), actor));
            // Every third writer leaves a gap.
            return n % 3 == 2 ? absl::CancelledError() : absl::OkStatus();
          });
      ++(status.ok() ? written : failed);
    }
  });
  reader.join();

  CHECK_THAT(read_status, IsOk());
  CHECK(written > 0);
  CHECK(static_cast<int>(seen.size()) == written);
  CHECK(Count("grant_events") == written);
  CHECK(std::is_sorted(seen.begin(), seen.end()));
}

TEST_CASE_METHOD(VaultWorld, "Every change of a grant's state is an event of its transaction") {
  const ConnectedLink link = Connect("zoe");
  const ConnectedLink taker = Connect("zoe");
  REQUIRE_THAT(stores.grants.RequireReconnect(taker.token(), GrantCause::kRevoked, TestDeadline()),
               IsOk());
  REQUIRE_THAT(BeginErasure(taker), IsOk());
  FileWiped();

  CHECK(Query("SELECT string_agg((link_id = '" + link.link_id +
              "')::text || ' ' || generation || "
              "' ' || state || ' ' || cause, ', ' ORDER BY event_id) AS value FROM grant_events") ==
        "true 1 active , true 2 none taken_over, false 1 active , "
        "false 1 reconnect_required revoked, false 2 disconnecting disconnected, "
        "false 2 none disconnected");
  CHECK(Query("SELECT string_agg(action, ', ' ORDER BY audit_id) AS value FROM audit WHERE action "
              "LIKE 'grant.%'") ==
        "grant.activated, grant.taken_over, grant.activated, grant.reconnect_required, "
        "grant.erasure_started, grant.erased");
}

}  // namespace
}  // namespace shodan::tokenvault
