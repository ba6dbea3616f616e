// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/services/token-vault/vault_world.h"
#include "tests/unit/services/token-vault/support/envelopes.h"

namespace shodan::tokenvault {
namespace {

using testing::AtOnce;
using testing::ConnectedLink;
using testing::EnvelopeOf;
using testing::IsError;
using testing::IsOk;
using testing::ScriptedHttpsClient;
using testing::SeenRequest;
using testing::TestDeadline;
using testing::VaultWorld;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr char kIssued[] = R"({"access_token":"AT","refresh_token":"RT2","expires_in":3599})";
constexpr char kRejected[] = R"({"reason":"Invalid Token!","error":"invalid_grant"})";
constexpr char kProfile[] = R"({"id":"zoe"})";

struct World : VaultWorld {
  ImportKey NewKey(std::chrono::milliseconds lifetime = ImportKeys::kLifetimeDefault) {
    auto key = vault.import_keys.Create("demo", lifetime, actor, TestDeadline());
    REQUIRE_THAT(key, IsOk());
    return *std::move(key);
  }
  GrantToImport WishOf(const std::string& user_id, const ImportKey& key) {
    return {.project_id = "demo",
            .user_id = user_id,
            .envelope = EnvelopeOf(key.public_jwk,
                                   R"({"userId":")" + user_id + R"(","refreshToken":"RT1"})"),
            .scopes = {"user:read:user"}};
  }
  absl::StatusOr<ImportedGrant> Import(const GrantToImport& wish) {
    return vault.grant_import.Import(wish, actor, TestDeadline());
  }
  void ThenIssue() {
    https.ThenAnswer(200, kIssued);
    https.ThenAnswer(200, kProfile);
  }
  std::string LineValue(const std::string& expression) {
    return Value("SELECT coalesce((" + expression + ")::text, '') FROM import_lines");
  }
  std::string Value(const std::string& sql) {
    const auto result = pool->Execute(sql, {}, TestDeadline());
    REQUIRE_THAT(result, IsOk());
    REQUIRE(result->size() == 1);
    return (*result)[0].Text("coalesce");
  }
};

TEST_CASE_METHOD(World, "An imported token is proved by one refresh and becomes a pending grant") {
  const GrantToImport wish = WishOf(NewUser(), NewKey());
  ThenIssue();

  const auto imported = Import(wish);

  REQUIRE_THAT(imported, IsOk());
  CHECK_FALSE(imported->known);
  CHECK(imported->attempt->purpose == Purpose::kImport);
  CHECK(imported->attempt->state == AttemptState::kExchanged);
  REQUIRE(https.requests().size() == 2);
  CHECK(https.requests()[0].body == "grant_type=refresh_token&refresh_token=RT1");
  CHECK(Count("pending_grants WHERE identity_tag IS NOT NULL AND scope = 'user:read:user'") == 1);
  CHECK(LineValue("stored_at IS NOT NULL AND NOT unresolved") == "true");

  const auto again = Import(wish);
  REQUIRE_THAT(again, IsOk());
  CHECK(again->known);
  CHECK(again->attempt->attempt_id == imported->attempt->attempt_id);
  CHECK(https.requests().size() == 2);
}

TEST_CASE_METHOD(World, "What became of an envelope is remembered after its attempt ended") {
  const std::string user = NewUser();
  const GrantToImport wish = WishOf(user, NewKey());
  ThenIssue();
  const auto imported = Import(wish);
  REQUIRE_THAT(imported, IsOk());
  REQUIRE_THAT(Activate(imported->attempt->attempt_id, RandomUuid(), user, 0), IsOk());
  const std::chrono::milliseconds at_once{0};
  REQUIRE_THAT(stores.attempts.Sweep(lifetimes.exchange, at_once, TestDeadline()), IsOk());

  const auto again = Import(wish);

  REQUIRE_THAT(again, IsOk());
  CHECK(again->known);
  CHECK(again->attempt->state == AttemptState::kActivated);
  CHECK(https.requests().size() == 2);
}

TEST_CASE_METHOD(World, "Of many calls at once with one envelope a single one asks Zoom") {
  const GrantToImport wish = WishOf(NewUser(), NewKey());
  ThenIssue();
  AtOnce(6, [&](int) {
    const auto imported = Import(wish);
    if (!imported.ok()) CHECK_THAT(imported, IsError(kUnavailable, "IMPORT_IN_PROGRESS"));
  });
  CHECK(https.requests().size() == 2);
  CHECK(Count("pending_grants") == 1);
}

TEST_CASE_METHOD(World, "A refused token is refused for good, without asking again") {
  const GrantToImport wish = WishOf(NewUser(), NewKey());
  https.ThenAnswer(400, kRejected);
  for (int round = 0; round < 2; ++round) {
    const auto imported = Import(wish);
    CHECK_THAT(imported, IsError(absl::StatusCode::kFailedPrecondition, "IMPORT_TOKEN_REJECTED"));
    CHECK(MetadataOf(imported.status()) == ErrorMetadata{{"answerLost", "no"}});
  }
  CHECK(https.requests().size() == 1);
  CHECK(Count("attempts WHERE state = 'ended' AND result = 'system_error'") == 1);
}

TEST_CASE_METHOD(World, "Without an answer the token is tried twice, and again by the next call") {
  const GrantToImport wish = WishOf(NewUser(), NewKey());
  https.ThenFail(/*may_have_been_sent=*/true);
  https.ThenFail(/*may_have_been_sent=*/true);
  CHECK_THAT(Import(wish), IsError(kUnavailable, "IMPORT_ANSWER_LOST"));
  CHECK(https.requests().size() == 2);
  CHECK(LineValue("unresolved") == "true");

  SECTION("which finds it alive") {
    ThenIssue();
    CHECK_THAT(Import(wish), IsOk());
    CHECK(LineValue("unresolved") == "false");
  }
  SECTION("which finds it dead and says that an answer was lost") {
    https.ThenAnswer(400, kRejected);
    const auto imported = Import(wish);
    CHECK(MetadataOf(imported.status()) == ErrorMetadata{{"answerLost", "yes"}});
    CHECK(MetadataOf(Import(wish).status()) == ErrorMetadata{{"answerLost", "yes"}});
    CHECK(https.requests().size() == 3);
  }
}

TEST_CASE_METHOD(World, "While Zoom fails nothing is consumed, and the next call begins anew") {
  const GrantToImport wish = WishOf(NewUser(), NewKey());
  https.ThenAnswer(429, "{}");
  CHECK_THAT(Import(wish), IsError(kUnavailable, "ZOOM_UNAVAILABLE"));
  CHECK(LineValue("unresolved") == "false");
  ThenIssue();
  CHECK_THAT(Import(wish), IsOk());
}

TEST_CASE_METHOD(World, "A refused app stops imports and is no fault of the token") {
  const GrantToImport wish = WishOf(NewUser(), NewKey());
  https.ThenAnswer(401, R"({"reason":"Invalid client","error":"invalid_client"})");
  CHECK_THAT(Import(wish), IsError(kUnavailable, "ZOOM_APP_REJECTED"));
  CHECK_THAT(Import(wish), IsError(kUnavailable, "ZOOM_APP_REJECTED"));
  CHECK(https.requests().size() == 1);
}

TEST_CASE_METHOD(World, "An import that a crash cut off is tried again once the crash is known") {
  const GrantToImport wish = WishOf(NewUser(), NewKey());
  const std::string user = wish.user_id;
  https.Then([&](const SeenRequest&) {
    // Another replica, while this one asks Zoom.
    CHECK_THAT(Import(wish), IsError(kUnavailable, "IMPORT_IN_PROGRESS"));
    return ScriptedHttpsClient::Failed(/*may_have_been_sent=*/true);
  });
  https.Then([&](const SeenRequest&) {
    REQUIRE_THAT(pool->Execute("UPDATE attempts SET exchanging_at = now() - interval '1 hour'", {},
                               TestDeadline()),
                 IsOk());
    REQUIRE_THAT(
        stores.attempts.Sweep(lifetimes.exchange, lifetimes.record_retention, TestDeadline()),
        IsOk());
    return ScriptedHttpsClient::Failed(/*may_have_been_sent=*/true);
  });
  CHECK_THAT(Import(wish), IsError(kUnavailable, "IMPORT_ANSWER_LOST"));
  ThenIssue();
  CHECK_THAT(Import(wish), IsOk());
  CHECK(Count("attempts") == 2);
}

TEST_CASE_METHOD(World, "Tokens that come after the user disconnected go to the eraser") {
  const ConnectedLink link = Connect("zoe");
  const GrantToImport wish = WishOf(link.user_id, NewKey());
  https.Then([&](const SeenRequest&) {
    REQUIRE_THAT(BeginErasure(link), IsOk());
    return ScriptedHttpsClient::Answered(200, kIssued);
  });
  const auto imported = Import(wish);
  REQUIRE_THAT(imported, IsOk());
  CHECK(imported->attempt->result == AttemptResult::kSuperseded);
  CHECK(Count("pending_grants") == 0);
  CHECK(Count("revocations WHERE link_id IS NULL AND refresh_token IS NOT NULL") == 1);
  // Not begun anew: the user has said what he wants.
  CHECK(Import(wish)->attempt->attempt_id == imported->attempt->attempt_id);
  CHECK(https.requests().size() == 1);
}

TEST_CASE_METHOD(World, "An import takes no Zoom user over from another link") {
  const ConnectedLink holder = Connect("zoe");
  const std::string user = NewUser();
  https.ThenAnswer(200, kIssued);
  https.ThenAnswer(200, R"({"id":"zoe"})");
  const auto imported = Import(WishOf(user, NewKey()));
  REQUIRE_THAT(imported, IsOk());
  const auto activated = Activate(imported->attempt->attempt_id, RandomUuid(), user, 0);
  CHECK_THAT(activated,
             IsError(absl::StatusCode::kFailedPrecondition, "ZOOM_USER_CONNECTED_ELSEWHERE"));
  CHECK(GrantValue(holder.link_id, "state") == "active");
  REQUIRE_THAT(vault.activation.Discard(imported->attempt->attempt_id, RandomUuid(),
                                        AttemptResult::kConnectedElsewhere, actor, TestDeadline()),
               IsOk());
  CHECK(GrantValue(holder.link_id, "suspect_since IS NOT NULL") == "true");
}

TEST_CASE_METHOD(World, "An import is no attempt of the user's own") {
  const std::string user = NewUser();
  ThenIssue();
  REQUIRE_THAT(Import(WishOf(user, NewKey())), IsOk());
  const auto latest = stores.attempts.Find("demo", user, "", TestDeadline());
  REQUIRE_THAT(latest, IsOk());
  CHECK_FALSE(latest->has_value());
}

TEST_CASE_METHOD(World, "Looking at an envelope stores nothing and asks nobody") {
  const ImportKey key = NewKey();
  GrantToImport wish = WishOf(NewUser(), key);
  wish.validate_only = true;
  const auto looked = Import(wish);
  REQUIRE_THAT(looked, IsOk());
  CHECK_FALSE(looked->attempt.has_value());
  wish.known_only = true;
  CHECK_THAT(Import(wish), IsError(kNotFound, "IMPORT_UNKNOWN"));
  wish.known_only = false;
  wish.envelope = EnvelopeOf(key.public_jwk, R"({"userId":"somebody","refreshToken":"RT1"})");
  const auto wrong = Import(wish);
  CHECK_THAT(wrong, IsError(absl::StatusCode::kInvalidArgument, "IMPORT_CONTENT_INVALID"));
  CHECK(MetadataOf(wrong.status()) == ErrorMetadata{{"field", "userId"}});
  CHECK(Count("import_lines") == 0);
  CHECK(Count("attempts") == 0);
  CHECK(https.requests().empty());
}

TEST_CASE_METHOD(World, "What is not encrypted to a present key of the project is refused") {
  const ImportKey key = NewKey();
  GrantToImport wish = WishOf(NewUser(), key);
  SECTION("a key that was destroyed") {
    REQUIRE_THAT(vault.import_keys.Destroy(key.import_key_id, actor, TestDeadline()), IsOk());
    CHECK_THAT(Import(wish), IsError(kNotFound, "IMPORT_KEY_NOT_FOUND"));
    CHECK_THAT(vault.import_keys.Destroy(key.import_key_id, actor, TestDeadline()),
               IsError(kNotFound, "IMPORT_KEY_NOT_FOUND"));
  }
  SECTION("a key whose time is over") {
    REQUIRE_THAT(pool->Execute("UPDATE import_keys SET expires_at = now()", {}, TestDeadline()),
                 IsOk());
    CHECK_THAT(Import(wish), IsError(kNotFound, "IMPORT_KEY_NOT_FOUND"));
  }
  SECTION("a key of another project") {
    REQUIRE_THAT(pool->Execute("UPDATE import_keys SET project_id = 'other'", {}, TestDeadline()),
                 IsOk());
    CHECK_THAT(Import(wish), IsError(kNotFound, "IMPORT_KEY_NOT_FOUND"));
  }
  SECTION("a changed envelope, and none") {
    wish.envelope.back() = wish.envelope.back() == 'A' ? 'Q' : 'A';
    CHECK_THAT(Import(wish), IsError(absl::StatusCode::kInvalidArgument, "IMPORT_UNDECRYPTABLE"));
    wish.envelope = "RT1";
    CHECK_THAT(Import(wish), IsError(absl::StatusCode::kInvalidArgument, "IMPORT_UNDECRYPTABLE"));
  }
  CHECK(https.requests().empty());
  CHECK(Count("attempts") == 0);
}

TEST_CASE_METHOD(World,
                 "A key goes when its time is over, with all that is known about envelopes") {
  const ImportKey key = NewKey();
  const std::string user = NewUser();
  ThenIssue();
  const auto imported = Import(WishOf(user, key));
  REQUIRE_THAT(imported, IsOk());
  REQUIRE_THAT(Activate(imported->attempt->attempt_id, RandomUuid(), user, 0), IsOk());
  const auto keys = vault.import_keys.List("demo", TestDeadline());
  REQUIRE_THAT(keys, IsOk());
  REQUIRE(keys->size() == 1);
  CHECK(keys->front().stored == 1);
  CHECK(keys->front().public_jwk == key.public_jwk);

  REQUIRE_THAT(pool->Execute("UPDATE import_keys SET expires_at = now()", {}, TestDeadline()),
               IsOk());
  CHECK(vault.import_keys.List("demo", TestDeadline())->empty());
  REQUIRE_THAT(vault.grant_import.Sweep(TestDeadline()), IsOk());

  CHECK(Count("import_keys") == 0);
  CHECK(Count("import_lines") == 0);
  CHECK(Count("audit WHERE action IN ('import_key.created', 'import.begun', "
              "'import_key.expired')") == 3);
  const std::chrono::milliseconds at_once{0};
  REQUIRE_THAT(stores.attempts.Sweep(lifetimes.exchange, at_once, TestDeadline()), IsOk());
  CHECK(Count("attempts") == 0);
}

TEST_CASE_METHOD(World, "A project has twenty keys at most") {
  for (int i = 0; i < ImportKeys::kKeysMax; ++i) NewKey();
  CHECK_THAT(vault.import_keys.Create("demo", ImportKeys::kLifetimeDefault, actor, TestDeadline()),
             IsError(absl::StatusCode::kResourceExhausted, "TOO_MANY_IMPORT_KEYS"));
  CHECK_THAT(
      vault.import_keys.Create("nowhere", ImportKeys::kLifetimeDefault, actor, TestDeadline()),
      IsError(kNotFound, "PROJECT_NOT_FOUND"));
}

}  // namespace
}  // namespace shodan::tokenvault
