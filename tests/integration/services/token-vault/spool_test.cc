// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/spool.h"

#include <string>

#include <catch2/catch.hpp>

#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;
using testing::ConnectedLink;
using testing::IsOk;
using testing::ScriptedHttpsClient;
using testing::SeenRequest;
using testing::TestDeadline;
using testing::VaultWorld;

struct World : VaultWorld {
  ConnectedLink link = Connect("zoe");

  RefreshIntent Begin(const std::string& replica = "gone") {
    auto intent =
        stores.grants.BeginRefresh(link.token(), replica, milliseconds(0), TestDeadline());
    REQUIRE_THAT(intent, IsOk());
    REQUIRE(intent->has_value());
    return *std::move(*intent);
  }
  /// What a process leaves that ended between Zoom's answer and the database's return.
  void LeaveBehind() {
    const RefreshIntent intent = Begin();
    REQUIRE_THAT(
        vault.spool.Keep({link.token(), SealedForGrant(link, "2"), intent.begun_at, RandomUuid()},
                         intent.secret),
        IsOk());
    REQUIRE(Files() == 1);
  }
  void Replay() { REQUIRE_THAT(vault.spool.Replay(TestDeadline()), IsOk()); }
  size_t Files() {
    const auto names = spool_files.List();
    REQUIRE_THAT(names, IsOk());
    return names->size();
  }
  std::string TokenOf(const std::string& user_id) {
    const auto token = vault.access_tokens.Get("demo", user_id, 0, TestDeadline());
    REQUIRE_THAT(token, IsOk());
    return std::string(token->token.Expose(SecretAccess::ForTest()));
  }
};

TEST_CASE_METHOD(World, "Tokens that the database cannot take go to the spool until it can") {
  Run("UPDATE grants SET access_expires_at = now() - interval '1 second'");
  bool spooled = false;
  https.Then([&](const SeenRequest&) {
    Run("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "'down' USING ERRCODE = '57P03'; END $$; CREATE TRIGGER outage BEFORE UPDATE ON grants FOR "
        "EACH ROW EXECUTE FUNCTION refuse()");
    return ScriptedHttpsClient::Answered(
        200, R"({"access_token":"AT 2","refresh_token":"RT 2","expires_in":3599})");
  });
  on_pause = [&] {
    if (spooled || Files() == 0) return;
    spooled = true;
    Run("DROP TRIGGER outage ON grants");
  };
  lifetimes.spool_after = milliseconds(100);

  CHECK(TokenOf(link.user_id) == "AT 2");

  CHECK(spooled);
  CHECK(Files() == 0);
}

TEST_CASE_METHOD(World, "What a process left in the spool is stored by the next one, once") {
  LeaveBehind();

  Replay();

  CHECK(Files() == 0);
  CHECK(GrantValue(link.link_id, "token_version || state") == "2active");
  CHECK(TokenOf(link.user_id) == "AT 2");
  CHECK(https.requests().empty());
}

TEST_CASE_METHOD(World, "Another replica's refresh of the same token leaves the file readable") {
  LeaveBehind();
  Begin("another");

  Replay();

  CHECK(TokenOf(link.user_id) == "AT 2");
}

TEST_CASE_METHOD(World, "A link given up meanwhile is active again: nothing was lost") {
  LeaveBehind();
  REQUIRE_THAT(
      stores.grants.RequireReconnect(link.token(), GrantCause::kLostResponse, TestDeadline()),
      IsOk());

  Replay();

  CHECK(GrantValue(link.link_id, "state || cause") == "active");
  CHECK(TokenOf(link.user_id) == "AT 2");
}

TEST_CASE_METHOD(World, "After a disconnect the file can be read by nobody and goes") {
  LeaveBehind();
  REQUIRE_THAT(BeginErasure(link), IsOk());

  Replay();

  CHECK(Files() == 0);
  CHECK(Count("grants WHERE refresh_token IS NOT NULL OR intent_secret IS NOT NULL") == 0);
  CHECK(GrantValue(link.link_id, "state") == "disconnecting");
}

TEST_CASE_METHOD(World, "After a reconnect, or a refresh that was stored, the file is outdated") {
  LeaveBehind();
  SECTION("reconnect") {
    REQUIRE_THAT(Activate(Pend(link.user_id, "zoe"), link.link_id, link.user_id, 1), IsOk());
  }
  SECTION("stored refresh") {
    REQUIRE_THAT(
        stores.grants.StoreRefresh(link.token(), SealedForGrant(link, "other"),
                                   std::chrono::system_clock::now(), RandomUuid(), TestDeadline()),
        IsOk());
  }
  const std::string before = GrantValue(link.link_id, "generation || ' ' || token_version");

  Replay();

  CHECK(Files() == 0);
  CHECK(GrantValue(link.link_id, "generation || ' ' || token_version") == before);
  CHECK(Count("grants WHERE intent_secret IS NOT NULL") == 0);
}

TEST_CASE_METHOD(World,
                 "A file with one bit changed, of another token, or of no token changes nothing") {
  LeaveBehind();
  const std::string name = spool_files.List()->at(0);
  std::string content = *spool_files.Read(name);
  std::string as = name;
  SECTION("a bit of the salt") { content[0] = static_cast<char>(content[0] ^ 1); }
  SECTION("a bit of the ciphertext") { content[40] = static_cast<char>(content[40] ^ 1); }
  SECTION("a bit of the tag") { content.back() = static_cast<char>(content.back() ^ 1); }
  SECTION("cut short") { content.resize(20); }
  SECTION("empty") { content.clear(); }
  SECTION("another token's name") { as = Connect("yuki").link_id + ".1.1.spool"; }
  SECTION("no token's name") { as = "notes.txt"; }
  REQUIRE_THAT(spool_files.Remove(name), IsOk());
  REQUIRE_THAT(spool_files.Write(as, content), IsOk());

  Replay();

  CHECK(Files() == 0);
  CHECK(GrantValue(link.link_id, "token_version") == "1");
}

TEST_CASE_METHOD(World, "Neither a token nor anything of Zoom's stands in a spool file") {
  LeaveBehind();
  const std::string name = spool_files.List()->at(0);
  const std::string content = *spool_files.Read(name);
  for (const char* canary : {"AT 2", "RT 2", "zoe", "access_token", "scope"}) {
    CHECK(content.find(canary) == std::string::npos);
  }
  CHECK(name == link.link_id + ".1.1.spool");
}

}  // namespace
}  // namespace shodan::tokenvault
