// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using testing::ConnectedLink;
using testing::IsError;
using testing::IsOk;
using testing::kKeepPrevious;
using testing::SeenRequest;
using testing::TestDeadline;
using testing::VaultWorld;

constexpr char kRefused[] =
    R"({"reason":"Invalid client_id or client_secret","error":"invalid_client"})";
constexpr char kDeadToken[] = R"({"reason":"Invalid Token!","error":"invalid_grant"})";

struct World : VaultWorld {
  std::string Etag() {
    const auto shown = vault.zoom_apps.Get("demo", "admin", TestDeadline());
    REQUIRE_THAT(shown, IsOk());
    return shown->record.etag;
  }
  absl::StatusOr<UpdatedZoomApp> Update(ZoomAppChange change) {
    change.project_id = "demo";
    if (change.etag.empty()) change.etag = Etag();
    return vault.zoom_apps.Update(change, "admin", actor, TestDeadline());
  }
  absl::StatusOr<UpdatedZoomApp> SetSecret(const std::string& secret) {
    ZoomAppChange change;
    change.client_secret = Secret(secret);
    return Update(std::move(change));
  }
  absl::StatusOr<UpdatedZoomApp> SetClient(const std::string& client_id,
                                           bool validate_only = false) {
    ZoomAppChange change;
    change.client_id = client_id;
    change.client_secret = Secret("secret of " + client_id);
    change.validate_only = validate_only;
    return Update(std::move(change));
  }
  absl::Status ApplyFile(const std::string& secret, const std::string& client_id = "client") {
    std::vector<ZoomApp> list;
    ZoomApp& app = list.emplace_back();
    app.project_id = "demo";
    app.client_id = client_id;
    app.client_secret = Secret(secret);
    return apps.Apply(std::move(list), kKeepPrevious, TestDeadline());
  }
  ZoomAppPtr Present() const { return apps.ForProject("demo"); }
  int Audited(const std::string& action) const {
    return Count("audit WHERE action = '" + action + "'");
  }
};

TEST_CASE_METHOD(World, "A new secret is the present one at once, and the one before it is kept") {
  const auto updated = SetSecret("new secret");

  REQUIRE_THAT(updated, IsOk());
  CHECK(updated->links == 0);
  CHECK(updated->app.record.client_secret.present);
  CHECK(updated->app.record.client_secret.previous_until.has_value());
  CHECK(Present()->client_secret == Secret("new secret"));
  CHECK(Present()->previous_client_secret == Secret("client secret"));
  CHECK(Audited("zoom_app.client_secret_replaced") == 1);
  CHECK(Count("audit WHERE details::text LIKE '%secret\"%' OR details::text LIKE '%new secret%'") ==
        0);

  // The same one again is no rotation: it must not push the previous one out.
  REQUIRE_THAT(SetSecret("new secret"), IsOk());
  CHECK(Present()->previous_client_secret == Secret("client secret"));
  CHECK(Audited("zoom_app.client_secret_replaced") == 1);
}

TEST_CASE_METHOD(World, "The previous secret ends when it is removed, and after its time") {
  REQUIRE_THAT(SetSecret("new secret"), IsOk());
  SECTION("removed") {
    ZoomAppChange change;
    change.remove_previous_client_secret = true;
    REQUIRE_THAT(Update(std::move(change)), IsOk());
    CHECK(Audited("zoom_app.previous_client_secret_removed") == 1);
  }
  SECTION("its time is over") {
    Run("UPDATE zoom_apps SET previous_client_secret_until = now() - interval '1 second'");
    REQUIRE_THAT(apps.Refresh(TestDeadline()), IsOk());
  }
  CHECK(Present()->previous_client_secret.empty());
  CHECK(Present()->client_secret == Secret("new secret"));
  CHECK(Count("zoom_apps WHERE previous_client_secret IS NOT NULL") == 0);
}

TEST_CASE_METHOD(World,
                 "Zoom is asked with the new secret first, and with the old one when refused") {
  const ConnectedLink link = Connect("zoe");
  REQUIRE_THAT(SetSecret("new secret"), IsOk());
  Run("UPDATE grants SET access_expires_at = now() - interval '1 second'");
  https.ThenAnswer(401, kRefused);
  https.ThenAnswer(200, R"({"access_token":"a","refresh_token":"r","expires_in":3599})");

  const auto token = vault.access_tokens.Get("demo", link.user_id, 0, TestDeadline());

  REQUIRE_THAT(token, IsOk());
  const std::vector<SeenRequest> requests = https.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].body == requests[1].body);
  // "client:new%20secret" and "client:client%20secret"
  CHECK(requests[0].headers.back().second == "Basic Y2xpZW50Om5ldyUyMHNlY3JldA==");
  CHECK(requests[1].headers.back().second == "Basic Y2xpZW50OmNsaWVudCUyMHNlY3JldA==");
}

TEST_CASE_METHOD(World, "A corrected secret is tried at once, though Zoom refused the one before") {
  const ConnectedLink link = Connect("zoe");
  Run("UPDATE grants SET access_expires_at = now() - interval '1 second'");
  https.ThenAnswer(401, kRefused);
  CHECK_THAT(vault.access_tokens.Get("demo", link.user_id, 0, TestDeadline()),
             IsError(absl::StatusCode::kUnavailable, "ZOOM_APP_REJECTED"));

  REQUIRE_THAT(SetSecret("corrected"), IsOk());
  Run("UPDATE grants SET next_attempt_at = NULL");
  https.ThenAnswer(200, R"({"access_token":"a","refresh_token":"r","expires_in":3599})");
  CHECK_THAT(vault.access_tokens.Get("demo", link.user_id, 0, TestDeadline()), IsOk());
}

TEST_CASE_METHOD(World,
                 "Webhook secrets are kept beside the client secret, two at a time, sealed") {
  for (const char* secret : {"first hook", "second hook"}) {
    ZoomAppChange change;
    change.webhook_secret = Secret(secret);
    REQUIRE_THAT(Update(std::move(change)), IsOk());
  }
  CHECK(Present()->webhook_secret == Secret("second hook"));
  CHECK(Present()->previous_webhook_secret == Secret("first hook"));
  CHECK(Count("zoom_apps WHERE position(' hook'::bytea IN webhook_secret || "
              "previous_webhook_secret) > 0") == 0);
  CHECK(Count("zoom_apps WHERE sealed_key_epoch(previous_webhook_secret) = 1 AND "
              "sealed_key_epoch(file_entry) = 1") == 1);
}

TEST_CASE_METHOD(World,
                 "Another client id is another app; its links are counted before it is set") {
  const ConnectedLink zoe = Connect("zoe");
  Connect("yuki");
  const std::string old_id = app_id();
  const std::string old_etag = Etag();

  const auto counted = SetClient("next", /*validate_only=*/true);
  REQUIRE_THAT(counted, IsOk());
  CHECK(counted->links == 2);
  CHECK(Etag() == old_etag);
  CHECK(app_id() == old_id);
  CHECK(Audited("zoom_app.client_id_replaced") == 0);

  const auto replaced = SetClient("next");
  REQUIRE_THAT(replaced, IsOk());
  CHECK(replaced->links == 2);
  CHECK(replaced->app.record.client_id == "next");
  CHECK(Present()->token_url == "https://zoom.test/oauth/token");
  CHECK(Present()->client_secret == Secret("secret of next"));
  CHECK(Present()->previous_client_secret.empty());
  CHECK(Audited("zoom_app.client_id_replaced") == 1);

  vault.sweeps.Run();
  CHECK(GrantValue(zoe.link_id, "state || ' ' || cause") == "reconnect_required app_replaced");
  CHECK(GrantValue(zoe.link_id, "coalesce(access_token, refresh_token) IS NULL") == "true");
  CHECK(Count("grant_events WHERE state = 'reconnect_required' AND cause = 'app_replaced'") == 2);
  CHECK_THAT(vault.access_tokens.Get("demo", zoe.user_id, 0, TestDeadline()),
             IsError(absl::StatusCode::kFailedPrecondition, "RECONNECT_REQUIRED"));
  CHECK(https.requests().empty());
}

TEST_CASE_METHOD(World, "A link of a replaced app reconnects through the new one") {
  const ConnectedLink zoe = Connect("zoe");
  REQUIRE_THAT(SetClient("next"), IsOk());
  vault.sweeps.Run();

  const std::string attempt = Pend(zoe.user_id, "zoe");
  const auto pending = stores.pending.Find(attempt, TestDeadline());
  REQUIRE_THAT(pending, IsOk());
  const auto standing = stores.pending.Standing(**pending, TestDeadline());
  REQUIRE_THAT(standing, IsOk());
  CHECK(standing->match == IdentityMatch::kNoLinkIdentity);
}

TEST_CASE_METHOD(World, "A link that is being refreshed is left until the refresh has ended") {
  const ConnectedLink zoe = Connect("zoe");
  REQUIRE_THAT(SetClient("next"), IsOk());
  Run("UPDATE grants SET lease_until = now() + interval '1 minute'");
  REQUIRE_THAT(vault.zoom_apps.SweepReplaced(TestDeadline()), IsOk());
  CHECK(GrantValue(zoe.link_id, "state") == "active");

  Run("UPDATE grants SET lease_until = now() - interval '1 second'");
  REQUIRE_THAT(vault.zoom_apps.SweepReplaced(TestDeadline()), IsOk());
  CHECK(GrantValue(zoe.link_id, "state") == "reconnect_required");
}

TEST_CASE_METHOD(World, "Client id and secret go together") {
  ZoomAppChange alone;
  alone.client_id = "next";
  CHECK_THAT(Update(std::move(alone)),
             IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));

  std::vector<ZoomApp> other(1);
  other[0].project_id = "other";
  other[0].client_id = "taken";
  other[0].client_secret = Secret("theirs");
  REQUIRE_THAT(apps.Apply(std::move(other), kKeepPrevious, TestDeadline()), IsOk());
  CHECK_THAT(SetClient("taken"), IsError(absl::StatusCode::kAlreadyExists, "CLIENT_ID_TAKEN"));

  Run("UPDATE zoom_apps SET client_secret = NULL, settings = jsonb_set(settings, "
      "'{client_authentication}', '\"none\"')");
  REQUIRE_THAT(apps.Refresh(TestDeadline()), IsOk());
  CHECK_THAT(SetSecret("public"), IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

TEST_CASE_METHOD(World, "Of two administrators who read the same, the second is told") {
  const std::string etag = Etag();
  REQUIRE_THAT(SetSecret("first"), IsOk());

  ZoomAppChange late;
  late.etag = etag;
  late.client_secret = Secret("second");
  CHECK_THAT(Update(std::move(late)), IsError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  CHECK(Present()->client_secret == Secret("first"));
  CHECK_THAT(vault.zoom_apps.Get("nowhere", "admin", TestDeadline()),
             IsError(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
}

TEST_CASE_METHOD(World, "What an administrator set outlives a restart with the same file") {
  REQUIRE_THAT(ApplyFile("of the file"), IsOk());
  REQUIRE_THAT(SetSecret("of the administrator"), IsOk());

  REQUIRE_THAT(ApplyFile("of the file"), IsOk());
  CHECK(Present()->client_secret == Secret("of the administrator"));

  REQUIRE_THAT(SetClient("chosen"), IsOk());
  REQUIRE_THAT(ApplyFile("of the file"), IsOk());
  CHECK(Present()->client_id == "chosen");

  SECTION("another secret in the file is applied, and what was there is kept for a while") {
    REQUIRE_THAT(ApplyFile("of the file, changed"), IsOk());
    CHECK(Present()->client_id == "client");
    CHECK(Present()->client_secret == Secret("of the file, changed"));
    CHECK(Present()->previous_client_secret == Secret("of the administrator"));
  }
  SECTION("so is another client id, and then the one before it again") {
    REQUIRE_THAT(ApplyFile("of the file", "third"), IsOk());
    CHECK(Present()->client_id == "third");
    REQUIRE_THAT(ApplyFile("of the file"), IsOk());
    CHECK(Present()->client_id == "client");
  }
}

TEST_CASE_METHOD(World, "Another replica follows when it reads again") {
  PostgresZoomApps replica(*pool, sealing);
  REQUIRE_THAT(replica.Refresh(TestDeadline()), IsOk());
  REQUIRE_THAT(SetSecret("new secret"), IsOk());
  CHECK(replica.ForProject("demo")->client_secret == Secret("client secret"));

  REQUIRE_THAT(replica.Refresh(TestDeadline()), IsOk());
  CHECK(replica.ForProject("demo")->client_secret == Secret("new secret"));
}

TEST_CASE_METHOD(World,
                 "Credentials are tested by a token that cannot exist, and nothing changes") {
  const auto test = [&](const std::string& client_id, const std::string& secret) {
    const auto verdict = vault.zoom_apps.Test("demo", client_id, Secret(secret), TestDeadline());
    REQUIRE_THAT(verdict, IsOk());
    return *verdict;
  };
  https.ThenAnswer(400, kDeadToken);
  CHECK(test("", "") == CredentialVerdict::kAccepted);
  https.ThenAnswer(401, kRefused);
  CHECK(test("", "") == CredentialVerdict::kRefused);
  https.ThenAnswer(503, "busy");
  CHECK(test("", "") == CredentialVerdict::kUnknown);
  https.ThenAnswer(400, kDeadToken);
  CHECK(test("other", "other secret") == CredentialVerdict::kAccepted);
  // "other:other%20secret"
  CHECK(https.requests().back().headers.back().second == "Basic b3RoZXI6b3RoZXIlMjBzZWNyZXQ=");
  CHECK_THAT(vault.zoom_apps.Test("demo", "other", Secret(), TestDeadline()),
             IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));

  REQUIRE_THAT(SetSecret("mistyped"), IsOk());
  https.ThenAnswer(401, kRefused);
  https.ThenAnswer(400, kDeadToken);
  CHECK(test("", "") == CredentialVerdict::kPreviousAccepted);
}

TEST_CASE_METHOD(World, "Granted scopes are compared name by name, the administrator's own first") {
  const ConnectedLink own = Connect("zoe");
  const ConnectedLink other = Connect("yuki");
  ZoomAppChange change;
  change.expected_scopes = {"phone:read", "user:read:user"};
  change.request_scopes = {"meeting:write"};
  REQUIRE_THAT(Update(std::move(change)), IsOk());
  Run("UPDATE grants SET scope = 'user:read:user extra:scope' WHERE link_id = '" + own.link_id +
      "'");
  Run("UPDATE grants SET scope = 'phone:read user:read:user meeting:write', stored_at = now() + "
      "interval '1 minute' WHERE link_id = '" +
      other.link_id + "'");

  const auto mine = vault.zoom_apps.Get("demo", own.user_id, TestDeadline());
  REQUIRE_THAT(mine, IsOk());
  CHECK(mine->scopes.source == ScopeSource::kOwnLink);
  CHECK(mine->scopes.granted == std::vector<std::string>{"extra:scope", "user:read:user"});
  CHECK(mine->scopes.missing == std::vector<std::string>{"meeting:write", "phone:read"});
  CHECK(mine->scopes.unexpected == std::vector<std::string>{"extra:scope"});

  const auto newest = vault.zoom_apps.Get("demo", "nobody", TestDeadline());
  REQUIRE_THAT(newest, IsOk());
  CHECK(newest->scopes.source == ScopeSource::kNewestLink);
  CHECK(newest->scopes.missing.empty());
  CHECK(newest->scopes.unexpected.empty());
}

}  // namespace
}  // namespace shodan::tokenvault
