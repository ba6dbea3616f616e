// SPDX-License-Identifier: Apache-2.0
// API keys, connections and connect sessions on PostgreSQL.
#include "services/account-link/domain/api_keys.h"

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/connect_session.h"
#include "services/account-link/domain/connection.h"
#include "services/account-link/storage/postgres_api_key_store.h"
#include "services/account-link/storage/postgres_connect_session_store.h"
#include "services/account-link/storage/postgres_connection_store.h"
#include "services/account-link/storage/postgres_external_id_store.h"
#include "tests/contract/services/account-link/fakes/saga.h"
#include "tests/contract/services/account-link/postgres_account_link.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {
namespace {

using absl::StatusCode;
using shodan::testing::IsError;
using shodan::testing::IsOk;
using std::chrono::seconds;

struct Keys : PostgresAccountLink {
  Keys() {
    Project project;
    project.project_id = "demo";
    project.display_name = "Demo";
    REQUIRE_THAT(projects->Apply({project}, shodan::testing::TestDeadline()), IsOk());
  }

  IssuedApiKey Create(std::vector<std::string> scopes = {"token.read"}) {
    auto issued = keys.Create({"demo", "Key", std::move(scopes), std::nullopt}, scope);
    REQUIRE_THAT(issued, IsOk());
    return *std::move(issued);
  }
  void Execute(const std::string& sql) {
    REQUIRE_THAT(pool->Execute(sql, {}, shodan::testing::TestDeadline()), IsOk());
  }
  absl::Status Show(const Secret& text) { return keys.Authenticate(text, scope).status(); }
  std::string Count(const std::string& table) const {
    return Query("SELECT count(*)::text AS value FROM " + table);
  }
  // A link in its first life.
  void Connect(const UserKey& owner) {
    FakeVault vault;
    Saga saga(*links, vault, std::chrono::milliseconds(0));
    REQUIRE_THAT(saga.Complete(owner, vault.ExchangedAttempt(owner, "zoom-" + owner.user_id)),
                 IsOk());
  }
  std::string IdOf(const UserKey& owner) {
    return Query("SELECT link_id::text AS value FROM links WHERE user_id = '" + owner.user_id +
                 "'");
  }

  PostgresApiKeyStore key_store{*pool};
  PostgresConnectionStore connection_store{*pool};
  PostgresConnectSessionStore session_store{*pool};
  ApiKeys keys{key_store};
  Connections connections{connection_store};
  ConnectSessions sessions{session_store};
  CallScope scope = ScopeOf({"demo", "the-admin"});
};

const UserKey kAiko{"demo", "aiko"};
const UserKey kBen{"demo", "ben"};

}  // namespace

TEST_CASE_METHOD(Keys, "of an API key the hash alone is stored, and that of its text",
                 "[account-link][integration]") {
  const IssuedApiKey issued = Create({"zoom.request", "connections.read"});
  const std::string text(issued.text.Expose(SecretAccess::ForTest()));
  CHECK(Query("SELECT encode(hash, 'hex') AS value FROM api_keys") ==
        Query("SELECT encode(sha256('" + text + "'), 'hex') AS value"));
  CHECK(Query("SELECT array_to_string(scopes, ' ') AS value FROM api_keys") ==
        "connections.read zoom.request");
  const auto shown = keys.Authenticate(issued.text, scope);
  REQUIRE_THAT(shown, IsOk());
  CHECK(shown->project_id == "demo");
  CHECK(shown->scopes == std::vector<std::string>{"connections.read", "zoom.request"});
  CHECK(Query("SELECT (last_used_at = date_trunc('hour', now()))::text AS value FROM api_keys") ==
        "true");
}

TEST_CASE_METHOD(Keys, "an unknown, replaced, deleted, expired or foreign text is refused alike",
                 "[account-link][integration]") {
  const auto refused = IsError(StatusCode::kUnauthenticated, "API_KEY_INVALID");
  CHECK_THAT(Show(MakeApiKeyText(RandomUuid())), refused);
  const IssuedApiKey issued = Create();
  const std::string id = issued.api_key.api_key_id;
  CHECK_THAT(Show(MakeApiKeyText(id)), refused);  // the right id, another secret
  CHECK_THAT(Show(issued.text), IsOk());
  Execute("UPDATE api_keys SET expires_at = now() - interval '1 second'");
  CHECK_THAT(Show(issued.text), refused);
  Execute("UPDATE api_keys SET expires_at = NULL");
  Execute("DELETE FROM projects");
  CHECK_THAT(Show(issued.text), refused);
  CHECK_THAT(keys.Delete("elsewhere", id, scope),
             IsError(StatusCode::kNotFound, "API_KEY_NOT_FOUND"));
  CHECK_THAT(keys.Delete("demo", id, scope), IsOk());
  CHECK_THAT(Show(issued.text), refused);
  CHECK(Query("SELECT string_agg(action, ' ' ORDER BY audit_id) AS value FROM audit") ==
        "api_key.created api_key.deleted");
}

TEST_CASE_METHOD(Keys, "a rotation keeps the text before for the overlap, and no third one",
                 "[account-link][integration]") {
  const auto refused = IsError(StatusCode::kUnauthenticated, "API_KEY_INVALID");
  const IssuedApiKey first = Create();
  const std::string id = first.api_key.api_key_id;
  const auto second = keys.Rotate("demo", id, seconds(60), scope);
  REQUIRE_THAT(second, IsOk());
  CHECK_THAT(Show(first.text), IsOk());
  CHECK_THAT(Show(second->text), IsOk());
  CHECK_THAT(keys.Rotate("demo", id, seconds(60), scope),
             IsError(StatusCode::kFailedPrecondition, "API_KEY_ROTATING"));
  Execute("UPDATE api_keys SET previous_expires_at = now() - interval '1 second'");
  CHECK_THAT(Show(first.text), refused);
  const auto third = keys.Rotate("demo", id, seconds(60), scope);
  REQUIRE_THAT(third, IsOk());
  CHECK_THAT(Show(second->text), IsOk());
  const auto fourth = keys.Rotate("demo", id, seconds(0), scope);
  REQUIRE_THAT(fourth, IsOk());
  CHECK_THAT(Show(second->text), refused);
  CHECK_THAT(Show(third->text), refused);
  CHECK_THAT(Show(fourth->text), IsOk());
  CHECK_THAT(keys.Rotate("elsewhere", id, seconds(0), scope),
             IsError(StatusCode::kNotFound, "API_KEY_NOT_FOUND"));
}

TEST_CASE_METHOD(Keys, "a project has a hundred API keys at most, however many are made at once",
                 "[account-link][integration]") {
  Execute(
      "INSERT INTO api_keys (key_id, project_id, name, scopes, hash) SELECT gen_random_uuid(),"
      " 'demo', 'x', '{token.read}', sha256(n::text::bytea) FROM generate_series(1, 98) n");
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back(
        [this] { (void)keys.Create({"demo", "Key", {"token.read"}, std::nullopt}, scope); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(Count("api_keys") == "100");
  CHECK_THAT(keys.Create({"demo", "Key", {"token.read"}, std::nullopt}, scope),
             IsError(StatusCode::kFailedPrecondition, "TOO_MANY_API_KEYS"));
  std::set<std::string> listed;
  PageRequest page{30, ""};
  for (const size_t expected : {30U, 30U, 30U, 10U}) {
    const auto found = keys.List({"demo", "the-admin"}, page, scope);
    REQUIRE_THAT(found, IsOk());
    CHECK(found->records.size() == expected);
    for (const ApiKey& key : found->records) listed.insert(key.api_key_id);
    page.after = found->next;
  }
  CHECK(page.after.empty());
  CHECK(listed.size() == 100);
  CHECK_THAT(keys.Create({"nowhere", "Key", {"token.read"}, std::nullopt}, scope),
             IsError(StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
}

TEST_CASE_METHOD(Keys, "a connection goes by the name it was given, or by its link's id",
                 "[account-link][integration]") {
  Connect(kAiko);
  Connect(kBen);
  CHECK_THAT(connections.Get("demo", IdOf(kAiko), scope), IsOk());
  REQUIRE_THAT(sessions.Create({kAiko, "Aiko", "crm-1", false}, scope), IsOk());
  REQUIRE_THAT(sessions.Create({kAiko, "Aiko", "crm-1", false}, scope), IsOk());
  CHECK_THAT(connections.Get("demo", IdOf(kAiko), scope),
             IsError(StatusCode::kNotFound, "CONNECTION_NOT_FOUND"));
  const auto named = connections.Get("demo", "crm-1", scope);
  REQUIRE_THAT(named, IsOk());
  CHECK(named->link.owner == kAiko);
  CHECK_THAT(connections.Get("elsewhere", "crm-1", scope),
             IsError(StatusCode::kNotFound, "CONNECTION_NOT_FOUND"));
  CHECK_THAT(sessions.Create({kAiko, "", "crm-2", false}, scope),
             IsError(StatusCode::kFailedPrecondition, "CONNECTION_ID_FIXED"));
  for (const std::string& taken : {std::string("crm-1"), IdOf(kBen)}) {
    CHECK_THAT(sessions.Create({{"demo", "carl"}, "", taken, false}, scope),
               IsError(StatusCode::kAlreadyExists, "CONNECTION_ID_TAKEN"));
  }
  CHECK(Query("SELECT count(*)::text AS value FROM links WHERE user_id = 'carl'") == "0");
}

TEST_CASE_METHOD(Keys, "an import and a connect session mean the same by a link's name",
                 "[account-link][integration]") {
  Connect(kAiko);
  Connect(kBen);
  PostgresExternalIdStore imported(*pool);
  const auto deadline = shodan::testing::TestDeadline();
  const auto give = [&](const UserKey& owner, const std::string& name) {
    const auto free = imported.IsFree(owner, name, deadline);
    REQUIRE_THAT(free, IsOk());
    const auto given = imported.Give(owner, name, deadline);
    REQUIRE_THAT(given, IsOk());
    CHECK(*free == *given);
    return *given;
  };
  CHECK_FALSE(give(kAiko, IdOf(kBen)));  // Ben's link goes by it
  CHECK(give(kAiko, IdOf(kAiko)));       // and Aiko's by hers, without having a name
  CHECK(give(kAiko, "nango-1"));
  CHECK(give(kAiko, "nango-1"));
  CHECK_FALSE(give(kAiko, "nango-2"));
  CHECK_FALSE(give(kAiko, IdOf(kAiko)));
  CHECK_FALSE(give(kBen, "nango-1"));
  CHECK(connections.Get("demo", "nango-1", scope)->link.owner == kAiko);

  CHECK_THAT(sessions.Create({kAiko, "", "nango-1", false}, scope), IsOk());
  CHECK_THAT(sessions.Create({{"demo", ""}, "", "nango-1", true}, scope), IsOk());
  for (const std::string& other : {std::string("nango-2"), IdOf(kAiko)}) {
    CHECK_THAT(sessions.Create({kAiko, "", other, false}, scope),
               IsError(StatusCode::kFailedPrecondition, "CONNECTION_ID_FIXED"));
  }
  CHECK_THAT(sessions.Create({kBen, "", "nango-1", false}, scope),
             IsError(StatusCode::kAlreadyExists, "CONNECTION_ID_TAKEN"));
  CHECK_THAT(sessions.Create({kBen, "", "session-1", false}, scope), IsOk());
  CHECK_FALSE(give(kBen, "nango-3"));
  CHECK(give(kBen, "session-1"));
  CHECK_THAT(imported.Give({"demo", "carl"}, "nango-4", deadline), IsOk());
  CHECK_THAT(connections.Get("demo", "nango-4", scope),
             IsError(StatusCode::kNotFound, "CONNECTION_NOT_FOUND"));
  CHECK_THAT(sessions.Create({kBen, "", "a\nb", false}, scope),
             IsError(StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

TEST_CASE_METHOD(Keys,
                 "metadata is replaced, merged, set for all or for none, and ends with the link",
                 "[account-link][integration]") {
  Connect(kAiko);
  Connect(kBen);
  const std::vector<std::string> both = {IdOf(kAiko), IdOf(kBen)};
  const auto metadata = [&] { return connections.Get("demo", both[0], scope)->metadata; };
  REQUIRE_THAT(connections.ChangeMetadata({"demo", both, R"({"a":1,"b":2})", false}, scope),
               IsOk());
  REQUIRE_THAT(connections.ChangeMetadata({"demo", {both[0]}, R"({"b":3})", true}, scope), IsOk());
  CHECK(metadata() == R"({"a": 1, "b": 3})");
  CHECK_THAT(connections.ChangeMetadata({"demo", {both[0], "nobody"}, "{}", false}, scope),
             IsError(StatusCode::kNotFound, "CONNECTION_NOT_FOUND"));
  CHECK(metadata() == R"({"a": 1, "b": 3})");
  const std::string text(12'000, 'x');
  const auto merge = [&](const std::string& name) {
    return connections.ChangeMetadata(
        {"demo", {both[1]}, R"({")" + name + R"(":")" + text + "\"}", true}, scope);
  };
  CHECK_THAT(merge("one"), IsOk());
  CHECK_THAT(merge("two"), IsOk());
  CHECK_THAT(merge("three"), IsError(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  Execute("UPDATE links SET state = 'reconnect_required', cause = 'revoked'");
  CHECK(metadata() == R"({"a": 1, "b": 3})");
  Execute("UPDATE links SET state = 'none', cause = 'disconnected'");
  CHECK(Query("SELECT count(metadata)::text AS value FROM links") == "0");
  CHECK_THAT(connections.Get("demo", both[0], scope),
             IsError(StatusCode::kNotFound, "CONNECTION_NOT_FOUND"));
}

TEST_CASE_METHOD(Keys, "connections are listed by their users' ids, page by page",
                 "[account-link][integration]") {
  std::vector<std::string> users;
  for (int i = 10; i < 20; ++i) {
    users.push_back("u" + std::to_string(i));
    Connect({"demo", users.back()});
  }
  Execute("UPDATE links SET state = 'none' WHERE user_id = 'u13'");
  users.erase(users.begin() + 3);
  std::vector<std::string> seen;
  for (int skip = 0;; skip += 4) {
    const auto page = connections.List({"demo", "", "", 4, skip}, scope);
    REQUIRE_THAT(page, IsOk());
    for (const Connection& connection : *page) seen.push_back(connection.link.owner.user_id);
    if (page->size() < 4) break;
  }
  CHECK(seen == users);
  CHECK(connections.List({"demo", "", "u12", 0, 0}, scope)->size() == 1);
  CHECK(connections.List({"demo", "", "u13", 0, 0}, scope)->empty());
  CHECK(connections.List({"elsewhere", "", "", 0, 0}, scope)->empty());
}

TEST_CASE_METHOD(Keys, "a connect session is known by its token until it ends",
                 "[account-link][integration]") {
  const auto ended = IsError(StatusCode::kUnauthenticated, "CONNECT_SESSION_INVALID");
  const auto issued = sessions.Create({kAiko, "Aiko", "", false}, scope);
  REQUIRE_THAT(issued, IsOk());
  CHECK(sessions.Get(issued->token, scope)->owner == kAiko);
  CHECK_THAT(sessions.Get(Secret("shodan_connect_session_x"), scope), ended);
  CHECK_THAT(sessions.Delete(issued->token, scope), IsOk());
  CHECK_THAT(sessions.Get(issued->token, scope), ended);
  CHECK_THAT(sessions.Delete(issued->token, scope), ended);
  const auto second = sessions.Create({kAiko, "", "", false}, scope);
  REQUIRE_THAT(second, IsOk());
  CHECK(second->session.user_display_name == "aiko");
  Execute("UPDATE connect_sessions SET expires_at = now()");
  CHECK_THAT(sessions.Get(second->token, scope), ended);
  REQUIRE_THAT(sessions.Create({kBen, "", "", false}, scope), IsOk());
  CHECK(Count("connect_sessions") == "1");  // what had ended is gone
  CHECK_THAT(sessions.Create({{"demo", ""}, "", "nobody", true}, scope),
             IsError(StatusCode::kNotFound, "CONNECTION_NOT_FOUND"));
}

}  // namespace shodan::account_link::testing
