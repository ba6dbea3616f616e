// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using testing::AtOnce;
using testing::ConnectedLink;
using testing::IsOk;
using testing::TestDeadline;
using testing::VaultWorld;

using Progress = absl::StatusOr<ErasureProgress>;

Progress NotCalled() { return absl::UnknownError("not called"); }

struct World : VaultWorld {
  std::string RevokedToken(const std::string& user_id) {
    const auto row = pool->Execute("SELECT refresh_token FROM revocations WHERE user_id = $1",
                                   postgres::Params().Text(user_id), TestDeadline());
    REQUIRE_THAT(row, IsOk());
    REQUIRE(row->size() == 1);
    const auto opened = sealing.OpenRevocationToken(Sealing::TokenKind::kRefresh, OwnerOf(user_id),
                                                    (*row)[0].Bytes("refresh_token"));
    REQUIRE_THAT(opened, IsOk());
    return std::string(opened->Expose(SecretAccess::ForTest()));
  }
  PendingGrant Grant(const std::string& attempt_id, const std::string& user_id) const {
    PendingGrant grant;
    grant.attempt_id = attempt_id;
    grant.project_id = "demo";
    grant.user_id = user_id;
    grant.zoom_app_id = app_id();
    grant.token_version = 1;
    grant.live.sent_at = std::chrono::system_clock::now();
    return grant;
  }
  void CheckNothingHeld(const std::string& user_id) {
    const std::string of_user = " WHERE user_id = '" + user_id + "'";
    CHECK(Count("grants" + of_user +
                " AND (access_token IS NOT NULL OR refresh_token IS NOT NULL "
                "OR identity_tag IS NOT NULL)") == 0);
    CHECK(Count("pending_grants" + of_user) == 0);
    CHECK(Count("attempts" + of_user + " AND state NOT IN ('ended', 'activated')") == 0);
  }
};

TEST_CASE_METHOD(World, "A refresh that is stored while the user disconnects never comes back") {
  int stored_first = 0;
  for (int round = 0; round < 60; ++round) {
    const ConnectedLink link = Connect("zoe " + std::to_string(round));
    const SealedTokens tokens = SealedForGrant(link, "fresh");
    Progress progress = NotCalled();
    absl::StatusOr<StoreResult> stored = absl::UnknownError("not called");

    AtOnce(2, [&](int i) {
      if (i == round % 2) {
        progress = BeginErasure(link);
      } else {
        stored = stores.grants.StoreRefresh(link.token(), tokens, std::chrono::system_clock::now(),
                                            RandomUuid(), TestDeadline());
      }
    });

    REQUIRE_THAT(progress, IsOk());
    REQUIRE_THAT(stored, IsOk());
    CheckNothingHeld(link.user_id);
    CHECK(GrantValue(link.link_id, "state") == "disconnecting");
    // Whichever came first: what lives at Zoom now is what is about to be revoked, or is handed
    // over.
    if (*stored == StoreResult::kStored) {
      ++stored_first;
      CHECK(RevokedToken(link.user_id) == "RT fresh");
    } else {
      CHECK(*stored == StoreResult::kLifeEnded);
      CHECK(RevokedToken(link.user_id).starts_with("RT zoe"));
    }
  }
  INFO(stored_first << " of 60 were stored first");
  SUCCEED();
}

TEST_CASE_METHOD(World,
                 "A refresh that commits while a disconnect waits for its row is moved out") {
  const ConnectedLink link = Connect("zoe");
  absl::StatusOr<StoreResult> stored = absl::UnknownError("not called");
  Progress progress = NotCalled();
  std::thread storing;
  std::thread erasing;
  Run("UPDATE grants SET state = 'reconnect_required', access_token = NULL, refresh_token = NULL, "
      "reconnect_required_at = now()");

  // Its event keeps the refresh from committing; the disconnect then waits for the row it changed.
  WhileLocked("LOCK TABLE grant_events IN SHARE MODE", [&] {
    storing = std::thread([&] {
      stored = stores.grants.StoreRefresh(link.token(), SealedForGrant(link, "fresh"), Time(),
                                          RandomUuid(), TestDeadline());
    });
    AwaitBlocked(1);
    erasing = std::thread([&] { progress = BeginErasure(link); });
    AwaitBlocked(2);
  });
  storing.join();
  erasing.join();

  REQUIRE_THAT(stored, IsOk());
  CHECK(*stored == StoreResult::kStored);
  REQUIRE_THAT(progress, IsOk());
  CheckNothingHeld(link.user_id);
  CHECK(RevokedToken(link.user_id) == "RT fresh");
}

TEST_CASE_METHOD(World,
                 "A pending grant that commits while a disconnect waits is discarded with it") {
  const ConnectedLink link = Connect("zoe");
  const std::string attempt_id = Exchanging(link.user_id);
  absl::StatusOr<bool> inserted = absl::UnknownError("not called");
  Progress progress = NotCalled();
  std::thread inserting;
  std::thread erasing;

  // The audit record keeps the insert from committing.
  WhileLocked("LOCK TABLE audit IN SHARE MODE", [&] {
    inserting = std::thread([&] {
      inserted = stores.pending.Insert(Grant(attempt_id, link.user_id),
                                       SealedForPending(attempt_id, link.user_id, "new"), actor,
                                       TestDeadline());
    });
    AwaitBlocked(1);
    erasing = std::thread([&] { progress = BeginErasure(link); });
    AwaitBlocked(2);
  });
  inserting.join();
  erasing.join();

  REQUIRE_THAT(inserted, IsOk());
  CHECK(*inserted);
  REQUIRE_THAT(progress, IsOk());
  CheckNothingHeld(link.user_id);
  CHECK(Query("SELECT result AS value FROM attempts WHERE attempt_id = '" + attempt_id + "'") ==
        "superseded");
}

TEST_CASE_METHOD(World,
                 "An exchange that ends while the user disconnects leaves no pending grant") {
  for (int round = 0; round < 40; ++round) {
    const ConnectedLink link = Connect("zoe " + std::to_string(round));
    const std::string attempt_id = Exchanging(link.user_id);
    const SealedTokens tokens = SealedForPending(attempt_id, link.user_id, "new");
    Progress progress = NotCalled();
    absl::StatusOr<bool> inserted = absl::UnknownError("not called");

    AtOnce(2, [&](int i) {
      if (i == round % 2) {
        progress = BeginErasure(link);
      } else {
        inserted =
            stores.pending.Insert(Grant(attempt_id, link.user_id), tokens, actor, TestDeadline());
      }
    });

    REQUIRE_THAT(progress, IsOk());
    REQUIRE_THAT(inserted, IsOk());
    CheckNothingHeld(link.user_id);
  }
}

TEST_CASE_METHOD(
    World, "An activation and a disconnect of one link: one of them, and no tokens in between") {
  for (int round = 0; round < 30; ++round) {
    const std::string person = "zoe " + std::to_string(round);
    const ConnectedLink link = Connect(person);
    const std::string attempt_id = Pend(link.user_id, person);
    Progress progress = NotCalled();
    absl::StatusOr<Activation> activation = absl::UnknownError("not called");

    AtOnce(2, [&](int i) {
      if (i == round % 2) {
        progress = BeginErasure(link);
      } else {
        activation = Activate(attempt_id, link.link_id, link.user_id, 1);
      }
    });

    CHECK(progress.ok() != activation.ok());
    if (activation.ok()) {
      CHECK(ReasonOf(progress.status()) == "GENERATION_MISMATCH");
      CHECK(GrantValue(link.link_id, "state || generation") == "active2");
    } else {
      CHECK(ReasonOf(activation.status()) == "PENDING_GRANT_NOT_FOUND");
      CheckNothingHeld(link.user_id);
      CHECK(GrantValue(link.link_id, "state || generation") == "disconnecting2");
    }
  }
}

TEST_CASE_METHOD(World, "One disconnect repeated by 16 callers begins once") {
  const ConnectedLink link = Connect("zoe");
  const ErasureRequest request = ErasureOf(link);
  std::vector<Progress> answers(16, NotCalled());

  AtOnce(16, [&](int i) {
    answers[static_cast<size_t>(i)] =
        stores.erasures.Begin(request, lifetimes.erasure, actor, TestDeadline());
  });

  for (const Progress& answer : answers) {
    REQUIRE_THAT(answer, IsOk());
    CHECK(answer->generation == 2);
  }
  CHECK(Count("revocations") == 1);
  CHECK(Count("erasure_ledger") == 1);
}

TEST_CASE_METHOD(World, "Two last revocations that are wiped at once end the erasure") {
  const ConnectedLink link = Connect("zoe");
  Pend(link.user_id, "yuki");
  const ErasureRequest request = ErasureOf(link);
  REQUIRE_THAT(stores.erasures.Begin(request, lifetimes.erasure, actor, TestDeadline()), IsOk());
  const auto revocations =
      stores.erasures.Lease(link.link_id, std::chrono::milliseconds(0),
                            std::chrono::milliseconds(60'000), 10, TestDeadline());
  REQUIRE_THAT(revocations, IsOk());
  REQUIRE(revocations->size() == 2);
  std::vector<absl::Status> wiped(2, absl::UnknownError("not called"));
  std::vector<std::thread> threads;

  // Both have wiped their own and now look for the other.
  WhileLocked("SELECT 1 FROM erasure_ledger FOR UPDATE", [&] {
    for (size_t i = 0; i < 2; ++i) {
      threads.emplace_back([&, i] {
        wiped[i] = stores.erasures.Wipe((*revocations)[i].revocation_id, true, TestDeadline());
      });
    }
    AwaitBlocked(2);
  });
  for (std::thread& thread : threads) thread.join();

  CHECK_THAT(wiped[0], IsOk());
  CHECK_THAT(wiped[1], IsOk());
  FileWiped();
  const Progress progress = stores.erasures.Progress(request.decision_id, TestDeadline());
  REQUIRE_THAT(progress, IsOk());
  CHECK(progress->wiped_at.has_value());
  CHECK(progress->revoked_at_zoom);
  CHECK(GrantValue(link.link_id, "state") == "none");
  CHECK(Count("grant_events WHERE state = 'none'") == 1);
}

}  // namespace
}  // namespace shodan::tokenvault
