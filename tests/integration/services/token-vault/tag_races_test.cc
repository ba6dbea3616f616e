// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/services/token-vault/tag_world.h"

namespace shodan::tokenvault {
namespace {

using testing::AtOnce;
using testing::IsOk;
using testing::RingWithTags;
using testing::TagWorld;
using testing::TestDeadline;

constexpr int kConnecting = 4;
constexpr int kRotations = 6;

KeyRing RingOfRotation(int rotation) {
  const auto key = [](int version) {
    return std::pair{version, static_cast<char>('t' + version - 1)};
  };
  return RingWithTags(key(rotation), key(rotation + 1)).WithTags(rotation, std::nullopt);
}

/// Two replicas, a link that is looked for all the time, and a Zoom user whom many users connect.
class RaceWorld : public TagWorld {
 public:
  /// Runs a step while users connect; then until it is done.
  void Race(const std::string& name, const std::function<absl::Status()>& step) {
    INFO(name);
    std::array<Candidate, kConnecting> candidates;
    for (Candidate& candidate : candidates) candidate.attempt_id = Pend(candidate.user_id, "");
    absl::Status racing;
    bool lost = false;
    AtOnce(kConnecting + 2, [&](int i) {
      if (i < kConnecting) {
        const auto index = static_cast<size_t>(i);
        Connect(replicas[index % 2]->sealing, candidates[index]);
      } else if (i == kConnecting) {
        racing = step();
      } else {
        lost = LosesTheOther();
      }
    });
    CHECK_FALSE(lost);
    for (const Candidate& candidate : candidates) CHECK_THAT(candidate.outcome, IsOk());
    const Deadline limit = TestDeadline();
    while (IsWaiting(racing) && !limit.Expired()) {
      for (Replica* replica : replicas) {
        REQUIRE_THAT(replica->Refresh(), IsOk());
        REQUIRE_THAT(replica->Run(), IsOk());
      }
      racing = step();
    }
    REQUIRE_THAT(racing, IsOk());
    CheckOneLinkEach();
  }

  void CheckOneLinkEach() {
    CHECK(Count("grants WHERE state = 'active'") == 2);
    for (Replica* replica : replicas) {
      REQUIRE_THAT(replica->Refresh(), IsOk());
      const std::string found = Find(replica->sealing, "zoe");
      CHECK(GrantValue(found, "state") == "active");
      CHECK(Find(replica->sealing, "yuki") == yuki);
    }
  }

  Replica one{*this, "one", RingOfRotation(1)};
  Replica two{*this, "two", RingOfRotation(1)};
  std::array<Replica*, 2> replicas = {&one, &two};
  const std::string yuki = VaultWorld::Connect("yuki").link_id;

 private:
  /// A user whose code was exchanged; nobody knows yet for whom.
  struct Candidate {
    std::string user_id = NewUser();
    std::string attempt_id;
    absl::Status outcome;
  };

  // On a thread of its own: nothing here asserts.
  void Connect(const Sealing& maker, Candidate& candidate) {
    candidate.outcome = Identify(maker, candidate.attempt_id, candidate.user_id, "zoe");
    // As the sweep does, once the replica has heard of the step.
    const Deadline limit = TestDeadline();
    while (HasReason(candidate.outcome, "TAG_VERSION_STALE") && !limit.Expired()) {
      for (Replica* replica : replicas) static_cast<void>(replica->Refresh());
      candidate.outcome = Identify(maker, candidate.attempt_id, candidate.user_id, "zoe");
    }
    if (!candidate.outcome.ok()) return;
    // Zoom has just said that it lives: this is about tags, not about proofs.
    candidate.outcome =
        pool->Execute(
                "UPDATE pending_grants SET proved_at = now() + interval '1 hour' WHERE attempt_id "
                "= $1",
                postgres::Params().Text(candidate.attempt_id), TestDeadline())
            .status();
    if (!candidate.outcome.ok()) return;
    candidate.outcome = Activate(candidate.attempt_id, RandomUuid(), candidate.user_id, 0).status();
    // Another was sent later and won.
    if (HasReason(candidate.outcome, "PENDING_GRANT_DEAD")) candidate.outcome = absl::OkStatus();
  }

  // Found, or not known: never "no such user".
  bool LosesTheOther() {
    for (int i = 0; i < 40; ++i) {
      const std::string found = Find(replicas[static_cast<size_t>(i) % 2]->sealing, "yuki");
      if (found != yuki && found != "TAG_VERSION_STALE") return true;
    }
    return false;
  }
  static bool IsWaiting(const absl::Status& status) {
    return HasReason(status, "TAG_ROWS_LEFT") || HasReason(status, "TAG_KEY_NOT_ON_ALL_REPLICAS");
  }
};

TEST_CASE_METHOD(
    RaceWorld, "However a rotation and many connections of one Zoom user meet, one link is left") {
  for (int rotation = 1; rotation <= kRotations; ++rotation) {
    const int next = rotation + 1;
    for (Replica* replica : replicas) {
      REQUIRE_THAT(replica->rotation.Adopt(RingOfRotation(rotation), TestDeadline()), IsOk());
    }
    const std::string name = "to version " + std::to_string(next) + ": ";
    Race(name + "begin", [&] { return Begin(one, next); });
    Race(name + "tag", [&]() -> absl::Status {
      SHODAN_RETURN_IF_ERROR(two.Refresh());
      return two.Run().status();
    });
    Race(name + "switch", [&] { return Switch(one, next); });
    Race(name + "settle", [&] { return one.Run().status(); });
    Race(name + "retire", [&] { return Retire(two, rotation); });
    CHECK(StateOf(rotation) == "retired");
  }
  CHECK(Count("grants WHERE tag_version <> " + std::to_string(kRotations + 1)) == 0);
}

TEST_CASE_METHOD(TagWorld, "Replicas that do the background work together do each row once") {
  constexpr int kLinks = 40;
  for (int i = 0; i < kLinks; ++i) Connect("person " + std::to_string(i));
  Replica one(*this, "one", RingOfRotation(1));
  Replica two(*this, "two", RingOfRotation(1));
  REQUIRE_THAT(Begin(one, 2), IsOk());
  REQUIRE_THAT(two.Refresh(), IsOk());
  const auto run_both = [&] {
    std::atomic<int64_t> rows = 0;
    AtOnce(2, [&](int i) {
      const auto done = (i == 0 ? one : two).Run();
      if (done.ok()) rows += *done;
    });
    return rows.load();
  };

  CHECK(run_both() == kLinks);
  REQUIRE_THAT(two.Refresh(), IsOk());
  REQUIRE_THAT(Switch(one, 2), IsOk());
  CHECK(run_both() == kLinks);
  // The first time it reports what it used until then.
  for (int i = 0; i < 2; ++i) REQUIRE_THAT(two.Refresh(), IsOk());
  CHECK_THAT(Retire(one, 1), IsOk());
}

// By hand, for its figures: token_vault_keys_integration_test "[tags]"
TEST_CASE_METHOD(TagWorld, "100,000 grants get their new tags, and the switch takes an instant",
                 "[.][tags]") {
  constexpr int kGrants = 100'000;
  constexpr int kChunk = 1'000;
  for (int done = 0; done < kGrants; done += kChunk) {
    const absl::Status status =
        pool->InTransaction(TestDeadline(), [&](postgres::Session& session) -> absl::Status {
          for (int i = done; i < done + kChunk; ++i) {
            const std::string link_id = RandomUuid();
            const std::string user_id = "user " + std::to_string(i);
            const IdentityTags tags = TagsOf(user_id);
            SHODAN_RETURN_IF_ERROR(
                session
                    .Execute("INSERT INTO grants (link_id, project_id, user_id, zoom_app_id, "
                             "generation, token_version, state, identity_tag, account_tag, "
                             "tag_version) VALUES ($1, 'demo', $2, $3, 1, 1, 'reconnect_required', "
                             "$4, $5, 1)",
                             postgres::Params()
                                 .Text(link_id)
                                 .Text(user_id)
                                 .Text(app_id())
                                 .Bytes(tags.identity)
                                 .Bytes(tags.account))
                    .status());
            const std::string profile =
                sealing.SealProfileField(Sealing::ProfileField::kProfile, link_id, OwnerOf(user_id),
                                         1, EncodeProfile({user_id, "", "", ""}));
            SHODAN_RETURN_IF_ERROR(
                session
                    .Execute("INSERT INTO grant_profiles (link_id, generation, profile, "
                             "link_data_key, key_epoch) VALUES ($1, 1, $2, $2, 1)",
                             postgres::Params().Text(link_id).Bytes(profile))
                    .status());
          }
          return absl::OkStatus();
        });
    REQUIRE_THAT(status, IsOk());
  }
  settings.rewrap_batch = 100;
  Replica one(*this, "one", RingOfRotation(1));
  REQUIRE_THAT(Begin(one, 2), IsOk());
  const auto timed = [](const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const auto run = [&] {
    const auto done = one.tags.Run(Deadline::After(std::chrono::minutes(10)));
    REQUIRE_THAT(done, IsOk());
    CHECK(*done == kGrants);
  };
  const double tagging = timed(run);
  const double switching = timed([&] { REQUIRE_THAT(Switch(one, 2), IsOk()); });
  const double settling = timed(run);
  WARN("tagging " << tagging << " s, switch " << switching << " s, settling " << settling << " s");
  CHECK_THAT(Retire(one, 1), IsOk());
}

}  // namespace
}  // namespace shodan::tokenvault
