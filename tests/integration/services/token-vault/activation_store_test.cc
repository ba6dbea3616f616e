// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using testing::AtOnce;
using testing::ConnectedLink;
using testing::IsError;
using testing::IsOk;
using testing::VaultWorld;

constexpr int kThreads = 32;

struct Contender {
  std::string user_id;
  std::string link_id;
  std::string attempt_id;
  std::string decision_id;
};

using Answers = std::vector<absl::StatusOr<Activation>>;

Answers UnknownAnswers() { return Answers(kThreads, absl::UnknownError("not called")); }

std::map<std::string, int> Tally(const Answers& answers) {
  std::map<std::string, int> tally;
  for (const auto& answer : answers) ++tally[answer.ok() ? "OK" : ReasonOf(answer.status())];
  return tally;
}

TEST_CASE_METHOD(VaultWorld,
                 "Of 32 users who connect one Zoom user at once, the latest keeps it alone") {
  std::vector<Contender> contenders;
  for (int i = 0; i < kThreads; ++i) {
    const std::string user_id = NewUser();
    contenders.push_back({user_id, RandomUuid(), Pend(user_id, "zoe"), RandomUuid()});
  }
  Answers answers = UnknownAnswers();

  AtOnce(kThreads, [&](int i) {
    const Contender& c = contenders[static_cast<size_t>(i)];
    answers[static_cast<size_t>(i)] =
        Activate(c.attempt_id, c.link_id, c.user_id, 0, c.decision_id);
  });

  const std::map<std::string, int> tally = Tally(answers);
  const int won = tally.count("OK") > 0 ? tally.at("OK") : 0;
  const int dead = tally.count("PENDING_GRANT_DEAD") > 0 ? tally.at("PENDING_GRANT_DEAD") : 0;
  CHECK(won >= 1);
  CHECK(won + dead == kThreads);
  CHECK_THAT(answers.back(), IsOk());
  CHECK(Query("SELECT string_agg(user_id, ',') AS value FROM grants WHERE state = 'active'") ==
        contenders.back().user_id);
  CHECK(Count("grants WHERE identity_tag IS NOT NULL") == 1);
  CHECK(Count("grants WHERE refresh_token IS NOT NULL") == 1);
  CHECK(Count("grant_profiles") == 1);
  CHECK(Count("pending_grants") == 0);
  CHECK(Count("grants WHERE cause = 'taken_over' AND state = 'none' AND generation = 2") ==
        won - 1);
  CHECK(Count("grant_events") == 2 * won - 1);
  CHECK(Count("revocations") == 0);
}

TEST_CASE_METHOD(VaultWorld, "Of 32 decisions about one generation of a link one is carried out") {
  const std::string user_id = NewUser();
  const std::string link_id = RandomUuid();
  std::vector<std::string> attempts;
  for (int i = 0; i < kThreads; ++i) attempts.push_back(Pend(user_id, "zoe"));
  Answers answers = UnknownAnswers();

  AtOnce(kThreads, [&](int i) {
    answers[static_cast<size_t>(i)] =
        Activate(attempts[static_cast<size_t>(i)], link_id, user_id, 0);
  });

  CHECK(Tally(answers) ==
        std::map<std::string, int>{{"OK", 1}, {"GENERATION_MISMATCH", kThreads - 1}});
  CHECK(GrantValue(link_id, "generation") == "1");
  CHECK(GrantValue(link_id, "token_version") == "1");
  CHECK(Count("grant_events") == 1);
  CHECK(Count("pending_grants") == kThreads - 1);
}

TEST_CASE_METHOD(VaultWorld, "One decision repeated by 32 callers has one effect and one answer") {
  const ConnectedLink earlier = Connect("zoe");
  const std::string user_id = NewUser();
  const Contender c{user_id, RandomUuid(), Pend(user_id, "zoe"), RandomUuid()};
  Answers answers = UnknownAnswers();

  AtOnce(kThreads, [&](int i) {
    answers[static_cast<size_t>(i)] =
        Activate(c.attempt_id, c.link_id, c.user_id, 0, c.decision_id);
  });

  for (const auto& answer : answers) {
    REQUIRE_THAT(answer, IsOk());
    CHECK(answer->generation == 1);
    REQUIRE(answer->superseded.has_value());
    CHECK(answer->superseded->link_id == earlier.link_id);
    CHECK(answer->superseded->user_id == earlier.user_id);
    CHECK(answer->superseded->generation == 2);
  }
  CHECK(Count("grant_events") == 3);
}

TEST_CASE_METHOD(VaultWorld,
                 "Two users who exchange their Zoom users at the same time both succeed") {
  for (int round = 0; round < 10; ++round) {
    const std::string zoe = "zoe " + std::to_string(round);
    const std::string yuki = "yuki " + std::to_string(round);
    const ConnectedLink a = Connect(zoe);
    const ConnectedLink b = Connect(yuki);
    const std::string a_attempt = Pend(a.user_id, yuki);
    const std::string b_attempt = Pend(b.user_id, zoe);
    Answers answers(2, absl::UnknownError("not called"));

    AtOnce(2, [&](int i) {
      answers[static_cast<size_t>(i)] = i == 0 ? Activate(a_attempt, a.link_id, a.user_id, 1)
                                               : Activate(b_attempt, b.link_id, b.user_id, 1);
    });

    // The one that comes second finds its generation raised by the take-over.
    const std::map<std::string, int> tally = Tally(answers);
    CHECK(tally.at("OK") >= 1);
    CHECK(tally.size() <= 2);
    CHECK(Count("grants WHERE state = 'active' AND user_id IN ('" + a.user_id + "','" + b.user_id +
                "')") == tally.at("OK"));
  }
}

TEST_CASE_METHOD(VaultWorld,
                 "Each life of a link raises its generation, and its token version never falls") {
  const ConnectedLink link = Connect("zoe");
  CHECK(GrantValue(link.link_id, "generation || '/' || token_version") == "1/1");

  REQUIRE_THAT(Activate(Pend(link.user_id, "zoe"), link.link_id, link.user_id, 1), IsOk());
  CHECK(GrantValue(link.link_id, "generation || '/' || token_version") == "2/2");

  const ConnectedLink other = Connect("zoe");
  CHECK(GrantValue(link.link_id, "generation || '/' || token_version || state") == "3/2none");

  REQUIRE_THAT(Activate(Pend(link.user_id, "yuki"), link.link_id, link.user_id, 3), IsOk());
  CHECK(GrantValue(link.link_id, "generation || '/' || token_version") == "4/3");
  CHECK(GrantValue(other.link_id, "generation || '/' || token_version") == "1/1");
}

TEST_CASE_METHOD(
    VaultWorld,
    "A reconnect of the same Zoom user keeps the link data key, another one has a new key") {
  const ConnectedLink link = Connect("zoe");
  const auto data_key = [&](int64_t generation) {
    const auto row = pool->Execute("SELECT link_data_key FROM grant_profiles WHERE link_id = $1",
                                   postgres::Params().Text(link.link_id), testing::TestDeadline());
    REQUIRE_THAT(row, IsOk());
    auto opened = sealing.OpenProfileField(Sealing::ProfileField::kLinkDataKey, link.link_id,
                                           OwnerOf(link.user_id), generation,
                                           (*row)[0].Bytes("link_data_key"));
    REQUIRE_THAT(opened, IsOk());
    return *std::move(opened);
  };
  const Secret first = data_key(1);

  REQUIRE_THAT(Activate(Pend(link.user_id, "zoe"), link.link_id, link.user_id, 1), IsOk());
  CHECK(data_key(2) == first);

  REQUIRE_THAT(Activate(Pend(link.user_id, "yuki"), link.link_id, link.user_id, 2), IsOk());
  CHECK_FALSE(data_key(3) == first);
}

TEST_CASE_METHOD(VaultWorld, "A user has one link: a second link id for the same user is refused") {
  const ConnectedLink link = Connect("zoe");

  CHECK_THAT(Activate(Pend(link.user_id, "zoe"), RandomUuid(), link.user_id, 0),
             IsError(absl::StatusCode::kFailedPrecondition, "LINK_MISMATCH"));
  const std::string other_user = NewUser();
  CHECK_THAT(Activate(Pend(other_user, "yuki"), link.link_id, other_user, 0),
             IsError(absl::StatusCode::kFailedPrecondition, "LINK_MISMATCH"));
  CHECK(GrantValue(link.link_id, "generation || user_id") == "1" + link.user_id);
}

TEST_CASE_METHOD(VaultWorld, "A pending grant whose attempt has ended is not activated") {
  const std::string user_id = NewUser();
  const std::string attempt_id = Pend(user_id, "zoe");
  Run("UPDATE attempts SET state = 'ended', result = 'superseded', ended_at = now()");

  CHECK_THAT(Activate(attempt_id, RandomUuid(), user_id, 0),
             IsError(absl::StatusCode::kNotFound, "PENDING_GRANT_NOT_FOUND"));
}

TEST_CASE_METHOD(VaultWorld, "An activation that fails leaves no trace") {
  const std::string user_id = NewUser();
  const std::string attempt_id = Pend(user_id, "zoe");

  CHECK_THAT(Activate(attempt_id, RandomUuid(), user_id, 7),
             IsError(absl::StatusCode::kAborted, "GENERATION_MISMATCH"));
  CHECK_THAT(Activate(attempt_id, RandomUuid(), NewUser(), 0),
             IsError(absl::StatusCode::kNotFound, "PENDING_GRANT_NOT_FOUND"));

  CHECK(Count("grants") == 0);
  CHECK(Count("decisions") == 0);
  CHECK(Count("grant_events") == 0);
  CHECK(Count("pending_grants") == 1);
}

}  // namespace
}  // namespace shodan::tokenvault
