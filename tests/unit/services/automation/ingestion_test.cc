// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/ingestion.h"

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"
#include "tests/unit/services/automation/fakes.h"

namespace shodan::automation {
namespace {

using testing::IsError;
using testing::IsOk;

struct World {
  FakeVault vault;
  FakeStore store;
  Time now{std::chrono::seconds(1'000'000)};
  Ingestion ingestion{vault, store, {}, [this] { return now; }};

  absl::StatusOr<IngestionResult> Take(const std::string& body,
                                       const std::string& signature = "good",
                                       const std::string& timestamp = "1000000") {
    return ingestion.Take({"demo", "", timestamp, signature, body}, "request",
                          Deadline::After(std::chrono::seconds(1)));
  }
};

}  // namespace

TEST_CASE("A signed webhook is stored, sealed, before it is answered", "[webhooks]") {
  World world;
  REQUIRE_THAT(world.Take("the body"), IsOk());
  REQUIRE(world.store.inserted.size() == 1);
  const NewWebhook& stored = world.store.inserted[0];
  CHECK(stored.project_id == "demo");
  CHECK(stored.inbox_key_id == kInboxKeyId);
  CHECK(stored.sealed_body.find("the body") == std::string::npos);
  const auto opened =
      OpenFromInbox(Secret(kInboxKeyText), stored.webhook_id, "demo", stored.sealed_body);
  REQUIRE_THAT(opened, IsOk());
  CHECK(opened->Expose(SecretAccess::ForTest()) == "the body");
}

TEST_CASE("The same body again is answered and stored once", "[webhooks]") {
  World world;
  CHECK_FALSE(world.Take("a")->duplicate);
  CHECK(world.Take("a")->duplicate);
  CHECK_FALSE(world.Take("b")->duplicate);
  CHECK(world.store.inserted.size() == 2);
}

TEST_CASE("A challenge is answered and not stored", "[webhooks]") {
  World world;
  world.vault.challenge = ChallengeAnswer{"abc", "def"};
  const auto result = world.Take("{}");
  REQUIRE_THAT(result, IsOk());
  CHECK(ToJson(*result->challenge) == R"({"plainToken":"abc","encryptedToken":"def"})");
  CHECK(world.store.inserted.empty());
}

TEST_CASE("Without headers, or signed too long ago, the vault is not even asked", "[webhooks]") {
  World world;
  constexpr auto kRefused = absl::StatusCode::kUnauthenticated;
  CHECK_THAT(world.Take("{}", ""), IsError(kRefused, "WEBHOOK_SIGNATURE_REQUIRED"));
  CHECK_THAT(world.Take("{}", "good", ""), IsError(kRefused, "WEBHOOK_SIGNATURE_REQUIRED"));
  CHECK_THAT(world.Take("{}", "good", "soon"), IsError(kRefused, "WEBHOOK_TIMESTAMP_INVALID"));
  CHECK_THAT(world.Take("{}", "good", "999699"),
             IsError(kRefused, "WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW"));
  CHECK(world.vault.verified == 0);
  CHECK_THAT(world.Take("{}", "bad"), IsError(kRefused, "WEBHOOK_SIGNATURE_INVALID"));
  CHECK(world.store.inserted.empty());
}

TEST_CASE("What could not be stored is not answered as stored", "[webhooks]") {
  World world;
  world.store.failure = Unavailable("DATABASE_UNAVAILABLE", "x");
  CHECK_THAT(world.Take("{}"), IsError(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  world.store.failure = absl::OkStatus();
  world.vault.failure = Unavailable("VAULT_UNAVAILABLE", "x");
  CHECK_THAT(world.Take("{}"), IsError(absl::StatusCode::kUnavailable, "VAULT_UNAVAILABLE"));
}

}  // namespace shodan::automation
