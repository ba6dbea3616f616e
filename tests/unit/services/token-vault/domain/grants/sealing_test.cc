// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/sealing.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/crypto/digest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/services/token-vault/support/key_rings.h"

namespace shodan::tokenvault {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::RingOf;
using Kind = Sealing::TokenKind;

constexpr char kOne[] = "5c5f7d0e-0000-4000-8000-000000000001";
constexpr char kTwo[] = "5c5f7d0e-0000-4000-8000-000000000002";

// Where a field can stand, and how it is sealed and opened there.
struct Place {
  std::string name;
  std::function<std::string(const Sealing&)> seal;
  std::function<absl::StatusOr<Secret>(const Sealing&, const std::string&)> open;
};

Grant GrantAt(const std::string& link_id, const Owner& owner, int64_t generation, int64_t version,
              Kind kind, const std::string& sealed) {
  Grant grant;
  grant.link_id = link_id;
  grant.project_id = owner.project_id;
  grant.user_id = owner.user_id;
  grant.generation = generation;
  grant.token_version = version;
  (kind == Kind::kAccess ? grant.sealed_access_token : grant.sealed_refresh_token) = sealed;
  return grant;
}

void AddGrantPlaces(std::vector<Place>& places, const std::string& row, const Owner& owner,
                    Kind kind) {
  for (const int64_t generation : {1, 2, 12}) {
    for (const int64_t version : {1, 2}) {
      places.push_back({"grant " + std::to_string(generation) + "/" + std::to_string(version),
                        [=](const Sealing& sealing) {
                          return sealing.SealGrantToken(kind, row, owner, generation, version,
                                                        Secret("token"));
                        },
                        [=](const Sealing& sealing, const std::string& sealed) {
                          return sealing.OpenGrantToken(
                              kind, GrantAt(row, owner, generation, version, kind, sealed));
                        }});
    }
  }
}

void AddTokenPlaces(std::vector<Place>& places, const std::string& row, const Owner& owner) {
  for (const Kind kind : {Kind::kAccess, Kind::kRefresh}) {
    AddGrantPlaces(places, row, owner, kind);
    for (const int64_t version : {1, 2}) {
      places.push_back({"pending grant " + std::to_string(version),
                        [=](const Sealing& sealing) {
                          return sealing.SealPendingToken(kind, row, owner, version, Secret("t"));
                        },
                        [=](const Sealing& sealing, const std::string& sealed) {
                          return sealing.OpenPendingToken(kind, row, owner, version, sealed);
                        }});
    }
  }
}

void AddOtherPlaces(std::vector<Place>& places, const std::string& row, const Owner& owner) {
  places.push_back(
      {"verifier",
       [=](const Sealing& sealing) { return sealing.SealVerifier(row, owner, Secret("v")); },
       [=](const Sealing& sealing, const std::string& sealed) {
         return sealing.OpenVerifier(row, owner, sealed);
       }});
  places.push_back(
      {"pending profile",
       [=](const Sealing& sealing) { return sealing.SealPendingProfile(row, owner, Secret("p")); },
       [=](const Sealing& sealing, const std::string& sealed) {
         return sealing.OpenPendingProfile(row, owner, sealed);
       }});
  for (const auto field : {Sealing::ProfileField::kProfile, Sealing::ProfileField::kLinkDataKey}) {
    for (const int64_t generation : {1, 2}) {
      places.push_back({"profile " + std::to_string(generation),
                        [=](const Sealing& sealing) {
                          return sealing.SealProfileField(field, row, owner, generation,
                                                          Secret("p"));
                        },
                        [=](const Sealing& sealing, const std::string& sealed) {
                          return sealing.OpenProfileField(field, row, owner, generation, sealed);
                        }});
    }
  }
}

// Every field at every combination of two rows, two projects and two users that read alike when
// they are only joined.
std::vector<Place> AllPlaces() {
  std::vector<Place> places;
  for (const std::string row : {kOne, kTwo}) {
    for (const Owner& owner : {Owner{"demo", "1hanako"}, Owner{"demo1", "hanako"}}) {
      AddTokenPlaces(places, row, owner);
      AddOtherPlaces(places, row, owner);
    }
    for (const std::string project : {"demo", "demo1"}) {
      using Field = Sealing::AppField;
      for (const Field field :
           {Field::kClientSecret, Field::kPreviousClientSecret, Field::kWebhookSecret,
            Field::kPreviousWebhookSecret, Field::kFileEntry}) {
        places.push_back({"app field " + std::to_string(static_cast<int>(field)),
                          [=](const Sealing& sealing) {
                            return sealing.SealAppField(field, row, project, Secret("c"));
                          },
                          [=](const Sealing& sealing, const std::string& sealed) {
                            return sealing.OpenAppField(field, row, project, sealed);
                          }});
      }
    }
  }
  return places;
}

TEST_CASE("A field opens in the one place where it was sealed and in no other") {
  const KeyRing keys = RingOf({{1, 'a'}});
  const Sealing sealing(keys);
  const std::vector<Place> places = AllPlaces();
  std::vector<std::string> sealed;
  for (const Place& place : places) sealed.push_back(place.seal(sealing));
  REQUIRE(places.size() == 108);

  for (size_t at = 0; at < places.size(); ++at) {
    for (size_t from = 0; from < places.size(); ++from) {
      const absl::StatusOr<Secret> opened = places[at].open(sealing, sealed[from]);
      if (at == from) {
        CHECK(opened.ok());
        continue;
      }
      CAPTURE(places[at].name, places[from].name);
      CHECK_THAT(opened, IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_MISPLACED"));
    }
  }
}

TEST_CASE("A field cut off at any byte is corrupt wherever it is read") {
  const KeyRing keys = RingOf({{1, 'a'}});
  const Sealing sealing(keys);
  const std::vector<Place> places = AllPlaces();
  for (const size_t index : {size_t{0}, size_t{6}, places.size() - 1}) {
    const std::string sealed = places[index].seal(sealing);
    for (size_t size = 0; size < sealed.size(); ++size) {
      CAPTURE(places[index].name, size);
      CHECK_THAT(places[index].open(sealing, sealed.substr(0, size)),
                 IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_CORRUPT"));
    }
    CHECK_THAT(places[index].open(sealing, sealed + "x"),
               IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_CORRUPT"));
  }
}

TEST_CASE("A new epoch seals, the old one still opens, and a destroyed one says so") {
  const KeyRing old_keys = RingOf({{1, 'a'}});
  const KeyRing both_keys = RingOf({{1, 'a'}, {2, 'b'}});
  const KeyRing new_keys = RingOf({{2, 'b'}});
  const Sealing old_sealing(old_keys);
  const Sealing both_sealing(both_keys);
  const Sealing new_sealing(new_keys);
  const Place place = AllPlaces()[0];
  const std::string old_field = place.seal(old_sealing);
  const std::string new_field = place.seal(both_sealing);

  CHECK(old_sealing.key_epoch() == 1);
  CHECK(both_sealing.key_epoch() == 2);
  CHECK_THAT(place.open(both_sealing, old_field), IsOk());
  CHECK_THAT(place.open(both_sealing, new_field), IsOk());
  CHECK_THAT(place.open(new_sealing, new_field), IsOk());
  CHECK_THAT(place.open(new_sealing, old_field),
             IsError(absl::StatusCode::kFailedPrecondition, "KEY_EPOCH_UNKNOWN"));
  CHECK_THAT(place.open(old_sealing, new_field),
             IsError(absl::StatusCode::kFailedPrecondition, "KEY_EPOCH_UNKNOWN"));
}

TEST_CASE("A field commits to its key: another key under the same epoch number is refused") {
  const KeyRing keys = RingOf({{1, 'a'}});
  const KeyRing other_keys = RingOf({{1, 'z'}});
  for (const Place& place : AllPlaces()) {
    CAPTURE(place.name);
    CHECK_THAT(place.open(Sealing(other_keys), place.seal(Sealing(keys))),
               IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_CORRUPT"));
  }
}

TEST_CASE("An active grant without a token is an error, not an empty token") {
  const KeyRing keys = RingOf({{1, 'a'}});
  Grant grant;
  grant.state = GrantState::kActive;

  CHECK_THAT(Sealing(keys).OpenGrantToken(Kind::kAccess, grant),
             IsError(absl::StatusCode::kInternal, "TOKEN_ABSENT"));
}

TEST_CASE(
    "A revocation opens tokens of the same user that were sealed elsewhere, and nothing else") {
  const KeyRing keys = RingOf({{1, 'a'}});
  const Sealing sealing(keys);
  const Owner hanako{"demo", "hanako"};
  const Secret token("t");
  const std::string fields[] = {
      sealing.SealGrantToken(Kind::kRefresh, kOne, hanako, 4, 9, token),
      sealing.SealPendingToken(Kind::kRefresh, kTwo, hanako, 1, token),
      sealing.SealRevocationToken(Kind::kRefresh, kTwo, hanako, token),
  };
  for (const std::string& field : fields) {
    CHECK_THAT(sealing.OpenRevocationToken(Kind::kRefresh, hanako, field), IsOk());
    CHECK_THAT(sealing.OpenRevocationToken(Kind::kAccess, hanako, field),
               IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_MISPLACED"));
    for (const Owner& other : {Owner{"demo", "taro"}, Owner{"demo2", "hanako"}, Owner{"", ""}}) {
      CHECK_THAT(sealing.OpenRevocationToken(Kind::kRefresh, other, field),
                 IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_MISPLACED"));
    }
    for (size_t size = 0; size < field.size(); ++size) {
      CHECK_FALSE(sealing.OpenRevocationToken(Kind::kRefresh, hanako, field.substr(0, size)).ok());
    }
  }
  for (const std::string& field :
       {sealing.SealVerifier(kOne, hanako, token), sealing.SealPendingProfile(kOne, hanako, token),
        sealing.SealProfileField(Sealing::ProfileField::kProfile, kOne, hanako, 1, token),
        sealing.SealAppField(Sealing::AppField::kClientSecret, kOne, "demo", token),
        std::string()}) {
    CHECK_FALSE(sealing.OpenRevocationToken(Kind::kRefresh, hanako, field).ok());
  }
}

TEST_CASE("Two sealings of one token share nothing but their coordinates") {
  const KeyRing keys = RingOf({{1, 'a'}});
  const Sealing sealing(keys);
  const Place place = AllPlaces()[0];
  std::set<std::string> salts;
  for (int i = 0; i < 1'000; ++i) {
    const std::string sealed = place.seal(sealing);
    // Behind the coordinates: salt (32), commitment (32), one "token" and its tag (16).
    salts.insert(sealed.substr(sealed.size() - 16 - 5 - 64, 32));
  }
  CHECK(salts.size() == 1'000);
}

TEST_CASE("An identity tag is an HMAC of app, account and user, each part for itself") {
  const KeyRing keys = RingOf({{1, 'a'}});
  const Sealing sealing(keys);
  const Secret tag_key(std::string(32, 't'));

  const IdentityTags tags = sealing.Tags("app", "account", "user");

  CHECK(tags.version == 1);
  CHECK(tags.identity ==
        HmacSha256(tag_key, LengthPrefixed({"identity", "app", "account", "user"})));
  CHECK(tags.account == HmacSha256(tag_key, LengthPrefixed({"account", "app", "account"})));
  CHECK_FALSE(tags.identity_next.has_value());
  std::set<std::string> identities;
  for (const auto& [app, account, user] :
       {std::tuple("app", "account", "user"), std::tuple("ap", "paccount", "user"),
        std::tuple("app", "accountu", "ser"), std::tuple("app", "", "accountuser"),
        std::tuple("app2", "account", "user"), std::tuple("app", "account2", "user"),
        std::tuple("app", "account", "user2")}) {
    identities.insert(sealing.Tags(app, account, user).identity);
  }
  CHECK(identities.size() == 7);
}

TEST_CASE("While the tag key is being changed both tags are made") {
  const KeyRing keys = RingOf({{1, 'a'}}, std::string(32, 'n'));

  const IdentityTags tags = Sealing(keys).Tags("app", "", "user");

  CHECK(tags.version == 1);
  CHECK(tags.identity_next ==
        HmacSha256(Secret(std::string(32, 'n')), LengthPrefixed({"identity", "app", "", "user"})));
  CHECK(tags.account_next.has_value());
}

}  // namespace
}  // namespace shodan::tokenvault
