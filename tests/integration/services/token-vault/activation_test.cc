// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using testing::ConnectedLink;
using testing::IsError;
using testing::IsOk;
using testing::ScriptedHttpsClient;
using testing::SeenRequest;
using testing::TestDeadline;
using testing::VaultWorld;

constexpr char kIssued[] = R"({"access_token":"AT p","refresh_token":"RT p","expires_in":3599})";
constexpr char kRefused[] = R"({"reason":"Invalid Token!","error":"invalid_grant"})";

// A link and a pending grant of the same Zoom user, whose times overlap.
struct World : VaultWorld {
  ConnectedLink held = Connect("zoe");
  std::string user_id = NewUser();
  std::string link_id = RandomUuid();
  std::string attempt_id = Pend(user_id, "zoe");
  std::string decision_id = RandomUuid();

  World() { Run("UPDATE grants SET stored_at = now()"); }

  absl::StatusOr<Activation> ActivateIt() {
    return Activate(attempt_id, link_id, user_id, 0, decision_id);
  }
};

TEST_CASE_METHOD(
    World,
    "A grant whose times overlap with the held one is proved by one refresh, then takes over") {
  https.ThenAnswer(200, kIssued);

  const auto activation = ActivateIt();

  REQUIRE_THAT(activation, IsOk());
  CHECK(activation->superseded->link_id == held.link_id);
  REQUIRE(https.requests().size() == 1);
  CHECK(https.requests()[0].body == "grant_type=refresh_token&refresh_token=RT%20zoe%201");
  const auto token = vault.access_tokens.Get("demo", user_id, 0, TestDeadline());
  REQUIRE_THAT(token, IsOk());
  CHECK(token->token == Secret("AT p"));
}

TEST_CASE_METHOD(
    World,
    "A dead candidate is dropped; the other link stays, suspect; a repetition hears the same") {
  https.ThenAnswer(400, kRefused);

  CHECK_THAT(ActivateIt(), IsError(absl::StatusCode::kFailedPrecondition, "PENDING_GRANT_DEAD"));
  CHECK_THAT(ActivateIt(), IsError(absl::StatusCode::kFailedPrecondition, "PENDING_GRANT_DEAD"));

  CHECK(https.requests().size() == 1);
  CHECK(GrantValue(held.link_id, "state || generation") == "active1");
  CHECK(GrantValue(held.link_id, "suspect_since IS NOT NULL") == "true");
  CHECK(Count("pending_grants") == 0);
  CHECK(Query("SELECT result AS value FROM attempts WHERE attempt_id = '" + attempt_id + "'") ==
        "system_error");
}

TEST_CASE_METHOD(World,
                 "Without word from Zoom nothing is decided, and the proof can be tried again") {
  https.ThenAnswer(503, "");
  CHECK_THAT(ActivateIt(), IsError(absl::StatusCode::kUnavailable, "PENDING_GRANT_NOT_PROVED"));
  CHECK(Count("pending_grants WHERE lease_until IS NULL") == 1);
  https.ThenAnswer(200, kIssued);
  CHECK_THAT(ActivateIt(), IsOk());
}

TEST_CASE_METHOD(World, "While Zoom is asked nobody activates the tokens that are being replaced") {
  absl::StatusOr<Activation> meanwhile = absl::UnknownError("not called");
  https.Then([&](const SeenRequest&) {
    // What stood in the way goes; the candidate's old tokens are consumed all the same.
    Run("UPDATE grants SET state = 'reconnect_required', access_token = NULL, refresh_token = "
        "NULL");
    meanwhile = Activate(attempt_id, link_id, user_id, 0);
    return ScriptedHttpsClient::Answered(200, kIssued);
  });

  CHECK_THAT(ActivateIt(), IsOk());

  CHECK_THAT(meanwhile, IsError(absl::StatusCode::kUnavailable, "ACTIVATION_IN_PROGRESS"));
  const auto token = vault.access_tokens.Get("demo", user_id, 0, TestDeadline());
  REQUIRE_THAT(token, IsOk());
  CHECK(token->token == Secret("AT p"));
}

TEST_CASE_METHOD(World, "A disconnect while Zoom is asked hands the proof's tokens to the eraser") {
  const ConnectedLink own = Connect("xavier");
  const std::string reconnect = Pend(own.user_id, "zoe");
  Run("UPDATE grants SET stored_at = now()");
  https.Then([&](const SeenRequest&) {
    REQUIRE_THAT(BeginErasure(own), IsOk());
    return ScriptedHttpsClient::Answered(200, kIssued);
  });

  const auto activation = Activate(reconnect, own.link_id, own.user_id, 1);

  CHECK_FALSE(activation.ok());
  CHECK(Count("revocations WHERE link_id IS NULL AND user_id = '" + own.user_id + "'") == 1);
  CHECK(GrantValue(own.link_id, "state") == "disconnecting");
  CHECK(GrantValue(held.link_id, "state") == "active");
}

TEST_CASE_METHOD(
    World,
    "A held grant that was refreshed after the candidate was stored wins without a request") {
  Run("UPDATE grants SET sent_at = now(), stored_at = now()");

  CHECK_THAT(ActivateIt(), IsError(absl::StatusCode::kFailedPrecondition, "PENDING_GRANT_DEAD"));

  CHECK(https.requests().empty());
  CHECK(GrantValue(held.link_id, "state || generation") == "active1");
}

TEST_CASE_METHOD(
    VaultWorld,
    "While a revocation of the Zoom user is under way an activation waits, asking Zoom nothing") {
  const ConnectedLink erased = Connect("zoe");
  REQUIRE_THAT(BeginErasure(erased), IsOk());
  const auto revocations =
      stores.erasures.Lease(erased.link_id, std::chrono::milliseconds(0),
                            std::chrono::milliseconds(60'000), 1, TestDeadline());
  REQUIRE_THAT(revocations, IsOk());
  const std::string revocation_id = (*revocations)[0].revocation_id;
  REQUIRE_THAT(stores.erasures.Permit(revocation_id, TestDeadline()), IsOk());
  const std::string user_id = NewUser();
  const std::string attempt_id = Pend(user_id, "zoe");
  const std::string link_id = RandomUuid();

  CHECK_THAT(Activate(attempt_id, link_id, user_id, 0),
             IsError(absl::StatusCode::kUnavailable, "REVOCATION_IN_PROGRESS"));
  CHECK(https.requests().empty());

  // It ends after the grant was sent: Zoom may have carried it out in between.
  REQUIRE_THAT(stores.erasures.Wipe(revocation_id, true, TestDeadline()), IsOk());
  https.ThenAnswer(200, kIssued);
  CHECK_THAT(Activate(attempt_id, link_id, user_id, 0), IsOk());
  CHECK(https.requests().size() == 1);
}

TEST_CASE_METHOD(VaultWorld,
                 "A revocation that was never sent, or ended before, asks for no proof") {
  const ConnectedLink erased = Connect("zoe");
  REQUIRE_THAT(BeginErasure(erased), IsOk());
  const std::string user_id = NewUser();
  REQUIRE_THAT(Activate(Pend(user_id, "zoe"), RandomUuid(), user_id, 0), IsOk());

  const ConnectedLink other = Connect("yuki");
  REQUIRE_THAT(BeginErasure(other), IsOk());
  Run("UPDATE revocations SET sent_at = now(), wiped_at = now(), access_token = NULL, "
      "refresh_token "
      "= NULL");
  const std::string other_user = NewUser();
  REQUIRE_THAT(Activate(Pend(other_user, "yuki"), RandomUuid(), other_user, 0), IsOk());
  CHECK(https.requests().empty());
}

}  // namespace
}  // namespace shodan::tokenvault
