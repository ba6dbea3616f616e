// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/keys/tag_rotation.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "tests/integration/services/token-vault/tag_world.h"

namespace shodan::tokenvault {
namespace {

using testing::ConnectedLink;
using testing::IsError;
using testing::IsOk;
using testing::RingWithTags;
using testing::TagWorld;
using testing::TestDeadline;

constexpr std::pair<int, char> kFirst = {1, 't'};
constexpr std::pair<int, char> kSecond = {2, 'u'};

// As main() begins: what is in use the database says.
KeyRing Both() { return RingWithTags(kFirst, kSecond).WithTags(1, std::nullopt); }

auto Refused(const char* reason) { return IsError(absl::StatusCode::kFailedPrecondition, reason); }

TEST_CASE_METHOD(TagWorld,
                 "A ring's tag keys are remembered, and others under their numbers refused") {
  CHECK(Query("SELECT string_agg(tag_version || ' ' || fingerprint || ' ' || state, ',') AS value "
              "FROM tag_versions") == "1 " + keys.TagFingerprint(1) + " current");
  const auto agree = [&](const KeyRing& ring) {
    return keys_in_database.Agree("other", ring, TestDeadline());
  };
  CHECK_THAT(agree(RingWithTags({1, 'z'}, kSecond)), Refused("TAG_VERSION_CHANGED"));
  CHECK_THAT(agree(RingWithTags({3, 'z'})), Refused("TAG_VERSION_UNKNOWN"));
  CHECK(Count("tag_versions") == 1);
  CHECK(Count("key_replicas") == 0);

  // The file's word counts for a new database only.
  const auto use = agree(RingWithTags(kSecond, kFirst));
  REQUIRE_THAT(use, IsOk());
  CHECK(use->tags == TagUse{1, std::nullopt});
  CHECK(StateOf(2) == "added");
}

TEST_CASE_METHOD(TagWorld, "A fingerprint that was never recorded is recorded, and then holds") {
  Run("UPDATE tag_versions SET fingerprint = ''");
  REQUIRE_THAT(keys_in_database.Agree("one", RingWithTags(kFirst), TestDeadline()), IsOk());
  CHECK_THAT(keys_in_database.Agree("two", RingWithTags({1, 'z'}), TestDeadline()),
             Refused("TAG_VERSION_CHANGED"));
}

TEST_CASE_METHOD(TagWorld, "A version comes into use when every live replica has its key") {
  Replica replica(*this, "one", Both());
  CHECK_THAT(Begin(replica, 3), IsError(absl::StatusCode::kNotFound, "TAG_VERSION_NOT_FOUND"));
  REQUIRE_THAT(keys_in_database.Agree("two", RingWithTags(kFirst), TestDeadline()), IsOk());
  CHECK_THAT(Begin(replica, 2), Refused("TAG_KEY_NOT_ON_ALL_REPLICAS"));
  CHECK_FALSE(replica.holder.Get()->next_tag_version().has_value());

  REQUIRE_THAT(keys_in_database.Agree("two", Both(), TestDeadline()), IsOk());
  CHECK_THAT(Begin(replica, 2), IsOk());
  CHECK_THAT(Begin(replica, 2), IsOk());

  CHECK(StateOf(2) == "next");
  CHECK(replica.holder.Get()->next_tag_version() == 2);
  CHECK(Count("audit WHERE action = 'tag_version.begun' AND details->>'tagVersion' = '2'") == 1);
  CHECK_THAT(keys_in_database.Agree("three", RingWithTags(kFirst), TestDeadline()),
             Refused("TAG_VERSION_UNKNOWN"));
  CHECK(Count("key_replicas WHERE replica = 'three'") == 0);
}

TEST_CASE_METHOD(TagWorld,
                 "The switch waits for every row and every replica; then nothing is left") {
  const ConnectedLink old_link = Connect("zoe");
  const std::string waiting = Pend(NewUser(), "yuki");
  Replica replica(*this, "one", Both());
  CHECK_THAT(Switch(replica, 2), Refused("TAG_VERSION_STATE"));
  REQUIRE_THAT(Begin(replica, 2), IsOk());
  const ConnectedLink new_link = ConnectBy(replica.sealing, "max");
  CHECK(GrantValue(old_link.link_id, "identity_tag_next IS NULL") == "true");
  CHECK(GrantValue(new_link.link_id, "identity_tag_next IS NULL") == "false");
  CHECK_THAT(Switch(replica, 2), Refused("TAG_ROWS_LEFT"));

  const auto tagged = replica.Run();
  REQUIRE_THAT(tagged, IsOk());
  CHECK(*tagged == 2);
  CHECK(*replica.Run() == 0);
  CHECK(metrics.Render().find("shodan_vault_tag_rows_left{state=\"next\",tag_version=\"2\"} 0") !=
        std::string::npos);
  REQUIRE_THAT(keys_in_database.Agree("two", Both(), TestDeadline()), IsOk());
  CHECK_THAT(Switch(replica, 2), Refused("TAG_KEY_NOT_ON_ALL_REPLICAS"));
  REQUIRE_THAT(keys_in_database.Leave("two", TestDeadline()), IsOk());
  CHECK_THAT(Switch(replica, 2), IsOk());
  CHECK_THAT(Switch(replica, 2), IsOk());
  CHECK(StateOf(1) == "former");
  CHECK(StateOf(2) == "current");
  CHECK(replica.holder.Get()->current_tag_version() == 2);
  CHECK_FALSE(replica.holder.Get()->next_tag_version().has_value());

  CHECK_THAT(Retire(replica, 1), Refused("TAG_ROWS_LEFT"));
  CHECK(*replica.Run() == 3);
  CHECK(Count("grants WHERE tag_version = 1 OR identity_tag_next IS NOT NULL") == 0);
  CHECK_THAT(Retire(replica, 2), Refused("TAG_VERSION_STATE"));
  CHECK_THAT(Retire(replica, 1), IsOk());
  CHECK_THAT(Retire(replica, 1), IsOk());
  CHECK(StateOf(1) == "retired");
  CHECK(Query("SELECT string_agg(action, ' ' ORDER BY audit_id) AS value FROM audit WHERE action "
              "LIKE 'tag_version.%'") ==
        "tag_version.begun tag_version.switched tag_version.retired");
  // The key may go, and a ring that still has it harms nothing.
  CHECK_THAT(replica.rotation.Adopt(RingWithTags(kSecond), TestDeadline()), IsOk());
  CHECK_THAT(replica.rotation.Adopt(RingWithTags(kFirst, kSecond), TestDeadline()), IsOk());
  CHECK(Find(replica.sealing, "zoe") == old_link.link_id);
  CHECK(Find(replica.sealing, "max") == new_link.link_id);
}

TEST_CASE_METHOD(TagWorld, "All users of an account change to its next tag at the switch") {
  const ConnectedLink settled = Connect("zoe");
  const ConnectedLink unsettled = Connect("yuki");
  Replica replica(*this, "one", Both());
  const auto tag_of = [&](const ConnectedLink& link) {
    const auto token = vault.access_tokens.Get("demo", link.user_id, 0, TestDeadline());
    REQUIRE_THAT(token, IsOk());
    return token->account_tag;
  };
  const std::string first = TagsOf("").account;
  REQUIRE_THAT(Begin(replica, 2), IsOk());
  REQUIRE_THAT(replica.Run(), IsOk());
  CHECK(tag_of(settled) == first);
  CHECK(tag_of(unsettled) == first);

  REQUIRE_THAT(Switch(replica, 2), IsOk());
  const auto one = tags_in_database.Settle(1, TestDeadline());
  REQUIRE_THAT(one, IsOk());
  REQUIRE(Count("grants WHERE tag_version = 1") == 1);
  const std::string second = replica.sealing.Tags(app_id(), "", "").account;
  CHECK(second != first);
  CHECK(tag_of(settled) == second);
  CHECK(tag_of(unsettled) == second);
}

// What must hold of links that were made in the phases before.
TEST_CASE_METHOD(TagWorld, "In every phase of a rotation each Zoom user is recognised") {
  Replica replica(*this, "one", Both());
  const KeyRing in_use = RingWithTags(kFirst, kSecond);
  // A replica that heard of the begin, and then slept.
  const Sealing sleeper(in_use);
  const std::vector<std::pair<std::string, std::function<void()>>> phases = {
      {"before", [] {}},
      {"begun", [&] { REQUIRE_THAT(Begin(replica, 2), IsOk()); }},
      {"tagged", [&] { REQUIRE_THAT(replica.Run(), IsOk()); }},
      {"switched",
       [&] {
         REQUIRE_THAT(replica.Run(), IsOk());
         REQUIRE_THAT(Switch(replica, 2), IsOk());
       }},
      {"settled", [&] { REQUIRE_THAT(replica.Run(), IsOk()); }},
      {"retired", [&] {
         REQUIRE_THAT(replica.Run(), IsOk());
         REQUIRE_THAT(Retire(replica, 1), IsOk());
       }}};
  std::map<std::string, ConnectedLink> links;
  for (const auto& [phase, enter] : phases) {
    enter();
    INFO(phase);
    for (auto& [made_in, link] : links) {
      INFO("made: " << made_in);
      CHECK(Find(replica.sealing, link.person) == link.link_id);
      if (phase != "before") CHECK(Find(sleeper, link.person) == link.link_id);

      // The same user again: nobody is superseded.
      const std::string again = Pend(link.user_id, "");
      REQUIRE_THAT(Identify(replica.sealing, again, link.user_id, link.person), IsOk());
      const auto pending = stores.pending.Find(again, TestDeadline());
      REQUIRE_THAT(pending, IsOk());
      const auto standing = stores.pending.Standing(**pending, TestDeadline());
      REQUIRE_THAT(standing, IsOk());
      CHECK(standing->match == IdentityMatch::kSame);
      CHECK(standing->existing_link_id == link.link_id);
      const auto reconnected = Activate(again, link.link_id, link.user_id, link.generation);
      REQUIRE_THAT(reconnected, IsOk());
      CHECK_FALSE(reconnected->superseded.has_value());

      // Another user: the link is taken over.
      const ConnectedLink taker = ConnectBy(replica.sealing, link.person);
      CHECK(GrantValue(link.link_id, "state || ' ' || cause") == "none taken_over");
      CHECK(Find(replica.sealing, link.person) == taker.link_id);
      link = taker;
    }
    links[phase] = ConnectBy(replica.sealing, "made " + phase);
  }
  CHECK(Count("grants WHERE state = 'active'") == 6);
}

TEST_CASE_METHOD(TagWorld,
                 "Neither is a token revoked that is another link's, whatever the phase") {
  Replica replica(*this, "one", Both());
  // Two grants of one Zoom user: an active one, and one of a user who disconnects meanwhile.
  const ConnectedLink zoe = Connect("zoe");
  const ConnectedLink other = Connect("xavier");
  REQUIRE_THAT(Begin(replica, 2), IsOk());
  if (GENERATE(false, true)) {
    REQUIRE_THAT(replica.Run(), IsOk());
    REQUIRE_THAT(Switch(replica, 2), IsOk());
  }
  const std::string attempt_id = Pend(other.user_id, "");
  REQUIRE_THAT(Identify(replica.sealing, attempt_id, other.user_id, "zoe"), IsOk());
  REQUIRE_THAT(BeginErasure(other), IsOk());

  CHECK(Count("revocations WHERE permitted") == 1);
  CHECK(Count("revocations WHERE NOT permitted") == 1);
  const auto ask = [&] {
    const auto permitted = stores.erasures.Permit(
        Query("SELECT revocation_id::text AS value FROM revocations WHERE NOT permitted"),
        TestDeadline());
    REQUIRE_THAT(permitted, IsOk());
    return *permitted;
  };
  CHECK_FALSE(ask());
  REQUIRE_THAT(replica.Run(), IsOk());
  CHECK_FALSE(ask());
  CHECK(Find(replica.sealing, "zoe") == zoe.link_id);
}

TEST_CASE_METHOD(TagWorld, "A tag from before the switch is refused, not taken for a stranger's") {
  const ConnectedLink link = Connect("zoe");
  Replica replica(*this, "one", Both());
  SwitchToSecond(replica);
  const std::string user_id = NewUser();
  const std::string attempt_id = Pend(user_id, "");

  // `sealing` makes tags with the first key only.
  CHECK(Find(sealing, "zoe") == "TAG_VERSION_STALE");
  CHECK(Find(sealing, "nobody") == "TAG_VERSION_STALE");
  CHECK_THAT(Identify(sealing, attempt_id, user_id, "zoe"),
             IsError(absl::StatusCode::kUnavailable, "TAG_VERSION_STALE"));
  CHECK(Count("pending_grants WHERE identity_tag IS NULL") == 1);
  // One that was made beside the first by a replica that has not heard of the switch fits.
  const KeyRing in_use = RingWithTags(kFirst, kSecond);
  REQUIRE_THAT(Identify(Sealing(in_use), attempt_id, user_id, "zoe"), IsOk());
  CHECK(Count("pending_grants WHERE tag_version = 2 AND identity_tag_next IS NULL") == 1);
  const auto activation = Activate(attempt_id, RandomUuid(), user_id, 0);
  REQUIRE_THAT(activation, IsOk());
  REQUIRE(activation->superseded.has_value());
  CHECK(activation->superseded->link_id == link.link_id);
}

TEST_CASE_METHOD(TagWorld, "The database refuses tags that a sleeper writes past every check") {
  const ConnectedLink link = Connect("zoe");
  Replica replica(*this, "one", Both());
  SwitchToSecond(replica);
  const auto write = [&](const std::string& values) {
    return pool
        ->Execute("UPDATE grants SET " + values + " WHERE link_id = '" + link.link_id + "'", {},
                  TestDeadline())
        .status();
  };
  CHECK_FALSE(write("identity_tag = 'x', identity_tag_next = NULL, tag_version = 1").ok());
  CHECK_FALSE(write("identity_tag = 'x', identity_tag_next = NULL, tag_version = NULL").ok());
  REQUIRE_THAT(replica.Run(), IsOk());
  REQUIRE_THAT(Retire(replica, 1), IsOk());
  CHECK_FALSE(write("identity_tag = 'x', identity_tag_next = 'y', tag_version = 1").ok());
  CHECK_THAT(write("identity_tag = 'x', tag_version = 2"), IsOk());
}

TEST_CASE_METHOD(TagWorld,
                 "A row whose profile cannot be used is left alone and holds up the switch") {
  const ConnectedLink broken = Connect("zoe");
  const ConnectedLink other = Connect("yuki");
  Connect("max");
  SECTION("it cannot be opened") {
    Run("UPDATE grant_profiles SET profile = set_byte(profile, length(profile) - 1, "
        "get_byte(profile, length(profile) - 1) # 1) WHERE link_id = '" +
        broken.link_id + "'");
  }
  SECTION("it is somebody else's") {
    const std::string profile = sealing.SealProfileField(
        Sealing::ProfileField::kProfile, broken.link_id, OwnerOf(broken.user_id), broken.generation,
        EncodeProfile({"somebody else", "", "", ""}));
    Run("UPDATE grant_profiles SET profile = '\\x" + HexEncode(profile) + "' WHERE link_id = '" +
        broken.link_id + "'");
  }
  Replica replica(*this, "one", Both());
  REQUIRE_THAT(Begin(replica, 2), IsOk());

  REQUIRE_THAT(replica.Run(), IsOk());

  CHECK(Count("grants WHERE identity_tag_next IS NULL") == 1);
  CHECK(GrantValue(other.link_id, "identity_tag_next IS NULL") == "false");
  CHECK(metrics.Render().find("shodan_vault_tag_failures_total 1") != std::string::npos);
  CHECK_THAT(Switch(replica, 2), Refused("TAG_ROWS_LEFT"));
  // Disconnected, it waits as a revocation only until that is wiped.
  REQUIRE_THAT(BeginErasure(broken), IsOk());
  CHECK_THAT(Switch(replica, 2), Refused("TAG_ROWS_LEFT"));
  Run("UPDATE revocations SET access_token = NULL, refresh_token = NULL, wiped_at = now()");
  CHECK_THAT(Switch(replica, 2), IsOk());
  CHECK(Count("revocations WHERE identity_tag IS NULL AND tag_version IS NULL") == 1);
}

TEST_CASE_METHOD(TagWorld, "A revocation that a waiting authorization is compared with is kept") {
  const ConnectedLink erased = Connect("zoe");
  const std::string user_id = NewUser();
  const std::string attempt_id = Pend(user_id, "zoe");
  REQUIRE_THAT(BeginErasure(erased), IsOk());
  Run("UPDATE revocations SET access_token = NULL, refresh_token = NULL, sent_at = now(), "
      "wiped_at = now()");
  Replica replica(*this, "one", Both());
  REQUIRE_THAT(Begin(replica, 2), IsOk());
  REQUIRE_THAT(replica.Run(), IsOk());

  CHECK_THAT(Switch(replica, 2), Refused("TAG_ROWS_LEFT"));

  // Sent before the revocation ended: it has to be proved.
  https.ThenAnswer(200, R"({"access_token":"AT p","refresh_token":"RT p","expires_in":3599})");
  REQUIRE_THAT(Activate(attempt_id, RandomUuid(), user_id, 0), IsOk());
  CHECK(https.requests().size() == 1);
  CHECK_THAT(Switch(replica, 2), IsOk());
}

TEST_CASE_METHOD(TagWorld, "A revocation of a link with both tags takes both along") {
  const ConnectedLink link = Connect("zoe");
  Replica replica(*this, "one", Both());
  REQUIRE_THAT(Begin(replica, 2), IsOk());
  REQUIRE_THAT(replica.Run(), IsOk());
  REQUIRE_THAT(BeginErasure(link), IsOk());
  CHECK_THAT(Switch(replica, 2), IsOk());
  CHECK_THAT(Retire(replica, 1), Refused("TAG_ROWS_LEFT"));
  CHECK(*replica.Run() == 1);
  CHECK_THAT(Retire(replica, 1), IsOk());

  // Sent to Zoom, it holds up whoever connects the same person.
  Run("UPDATE revocations SET sent_at = now()");
  const std::string user_id = NewUser();
  const std::string attempt_id = Pend(user_id, "");
  REQUIRE_THAT(Identify(replica.sealing, attempt_id, user_id, "zoe"), IsOk());
  CHECK_THAT(Activate(attempt_id, RandomUuid(), user_id, 0),
             IsError(absl::StatusCode::kUnavailable, "REVOCATION_IN_PROGRESS"));
}

TEST_CASE_METHOD(TagWorld,
                 "Late tokens with a tag from before the rotation are asked about at Zoom") {
  Replica replica(*this, "one", Both());
  SwitchToSecond(replica);
  LateTokens late;
  late.revocation_id = RandomUuid();
  late.project_id = "demo";
  late.user_id = NewUser();
  late.zoom_app_id = app_id();
  late.tags = TagsOf("zoe");
  const auto seal = [&](Sealing::TokenKind kind) {
    return sealing.SealRevocationToken(kind, late.revocation_id, OwnerOf(late.user_id),
                                       Secret("late"));
  };
  const SealedTokens tokens{seal(Sealing::TokenKind::kAccess), seal(Sealing::TokenKind::kRefresh),
                            "", std::chrono::seconds(3'600), 1};

  REQUIRE_THAT(stores.erasures.QueueLate(late, tokens, lifetimes.erasure, TestDeadline()), IsOk());

  CHECK(Count("revocations WHERE identity_tag IS NULL AND NOT permitted") == 1);
  REQUIRE_THAT(stores.erasures.Identify(late.revocation_id,
                                        replica.sealing.Tags(app_id(), "", "zoe"), TestDeadline()),
               IsOk());
  CHECK(Count("revocations WHERE tag_version = 2") == 1);
}

TEST_CASE_METHOD(TagWorld, "A rotation after the rotation waits until the first is retired") {
  Connect("zoe");
  Replica replica(*this, "one", Both());
  SwitchToSecond(replica);
  REQUIRE_THAT(replica.rotation.Adopt(RingWithTags(kSecond, std::pair{3, 'v'}), TestDeadline()),
               IsOk());
  CHECK_THAT(Begin(replica, 3), Refused("TAG_VERSION_STATE"));
  REQUIRE_THAT(replica.Run(), IsOk());
  REQUIRE_THAT(Retire(replica, 1), IsOk());
  CHECK_THAT(Begin(replica, 3), IsOk());
  CHECK_THAT(Begin(replica, 1), Refused("TAG_VERSION_STATE"));
}

}  // namespace
}  // namespace shodan::tokenvault
