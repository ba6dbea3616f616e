// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/body_sealing.h"

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::automation {
namespace {

using testing::IsError;

constexpr char kId[] = "0a1b2c3d-0000-4000-8000-000000000001";
constexpr char kOtherId[] = "0a1b2c3d-0000-4000-8000-000000000002";
const LinkLife kLink{"demo", "ann", "link", 1};

Secret Key(char byte) { return Secret(std::string(32, byte)); }
std::string TextOf(const Secret& secret) {
  return std::string(secret.Expose(SecretAccess::ForTest()));
}

constexpr auto kMisplaced = absl::StatusCode::kDataLoss;

}  // namespace

TEST_CASE("A body in the inbox opens for its webhook and project, under its key, alone",
          "[webhooks]") {
  const std::string sealed = SealInInbox(Key('a'), kId, "demo", Secret("the body"));
  CHECK(sealed.find("the body") == std::string::npos);
  CHECK(TextOf(*OpenFromInbox(Key('a'), kId, "demo", sealed)) == "the body");
  CHECK_THAT(OpenFromInbox(Key('b'), kId, "demo", sealed),
             IsError(kMisplaced, "SEALED_FIELD_CORRUPT"));
  CHECK_THAT(OpenFromInbox(Key('a'), kOtherId, "demo", sealed),
             IsError(kMisplaced, "SEALED_FIELD_MISPLACED"));
  CHECK_THAT(OpenFromInbox(Key('a'), kId, "other", sealed),
             IsError(kMisplaced, "SEALED_FIELD_MISPLACED"));
}

TEST_CASE("A link's body opens for its webhook and user, in every life under the same key",
          "[webhooks]") {
  const std::string sealed = SealForLink(Key('a'), kId, kLink, Secret("the body"));
  LinkLife reconnected = kLink;
  reconnected.generation = 2;
  CHECK(TextOf(*OpenForLink(Key('a'), kId, reconnected, sealed)) == "the body");
  LinkLife other = kLink;
  other.user_id = "bob";
  CHECK_THAT(OpenForLink(Key('a'), kId, other, sealed),
             IsError(kMisplaced, "SEALED_FIELD_MISPLACED"));
  CHECK_THAT(OpenForLink(Key('b'), kId, kLink, sealed),
             IsError(kMisplaced, "SEALED_FIELD_CORRUPT"));
  CHECK_THAT(OpenFromInbox(Key('a'), kId, "demo", sealed),
             IsError(kMisplaced, "SEALED_FIELD_MISPLACED"));
}

TEST_CASE("The same body is sealed to other bytes each time", "[webhooks]") {
  CHECK(SealInInbox(Key('a'), kId, "demo", Secret("x")) !=
        SealInInbox(Key('a'), kId, "demo", Secret("x")));
}

}  // namespace shodan::automation
