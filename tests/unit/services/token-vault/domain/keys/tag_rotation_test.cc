// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/keys/tag_rotation.h"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>

#include "libs/base/status.h"
#include "services/token-vault/domain/zoom/oauth_server.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/services/token-vault/support/key_rings.h"

namespace shodan::tokenvault {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::RingWithTags;

Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }

/// Rows in memory, in the order of their ids.
class FakeTagStore : public TagRotationStore {
 public:
  absl::StatusOr<std::vector<TagVersionStatus>> Status(std::chrono::milliseconds,
                                                       Deadline) override {
    return std::vector<TagVersionStatus>();
  }
  absl::Status Begin(int32_t, std::chrono::milliseconds, const Actor&, Deadline) override {
    return step;
  }
  absl::Status Switch(int32_t, std::chrono::milliseconds, const Actor&, Deadline) override {
    return step;
  }
  absl::Status Retire(int32_t, std::chrono::milliseconds, const Actor&, Deadline) override {
    return step;
  }
  absl::StatusOr<std::vector<TagWork>> Work(Deadline) override {
    SHODAN_RETURN_IF_ERROR(failure);
    std::vector<TagWork> now = work;
    for (TagWork& version : now) {
      version.rows_left = version.state == TagVersionState::kNext
                              ? static_cast<int64_t>(rows.size() - stored.size())
                              : to_settle;
    }
    return now;
  }
  absl::StatusOr<std::vector<TaggedRow>> ListWithoutNext(TaggedTable table, int32_t current,
                                                         const std::string& after, int limit,
                                                         Deadline) override {
    ++lists;
    std::vector<TaggedRow> found;
    if (table != TaggedTable::kGrants) return found;
    for (const TaggedRow& row : rows) {
      const bool done = std::any_of(stored.begin(), stored.end(),
                                    [&](const auto& other) { return other.first == row.row_id; });
      if (done || row.tag_version != current || row.row_id <= after) continue;
      if (static_cast<int>(found.size()) < limit) found.push_back(row);
    }
    return found;
  }
  absl::StatusOr<int> StoreNext(TaggedTable, const std::vector<TaggedRow>& written,
                                const std::vector<IdentityTags>& tags, Deadline) override {
    for (size_t i = 0; i < written.size(); ++i) stored.emplace_back(written[i].row_id, tags[i]);
    return static_cast<int>(written.size());
  }
  absl::StatusOr<int> Settle(int limit, Deadline) override {
    const int64_t settled = std::min<int64_t>(limit, to_settle);
    to_settle -= settled;
    return static_cast<int>(settled);
  }

  absl::Status step;
  absl::Status failure;
  std::vector<TagWork> work;
  std::vector<TaggedRow> rows;
  std::vector<std::pair<std::string, IdentityTags>> stored;
  int64_t to_settle = 0;
  int lists = 0;
};

struct World {
  explicit World(KeyRing keys) : ring(std::move(keys)) { settings.rewrap_batch = 2; }
  World() : World(RingWithTags({1, 't'}, std::pair{2, 'u'})) {}

  void AddRow(const std::string& id, const std::string& person, const std::string& profile_of) {
    TaggedRow row{id, "demo", "user " + id, "app", 1, std::nullopt, "", 1};
    row.identity_tag = sealing.Tags("app", "", person).identity;
    row.sealed_profile =
        sealing.SealProfileField(Sealing::ProfileField::kProfile, id, {"demo", row.user_id}, 1,
                                 EncodeProfile({profile_of, "", "", ""}));
    store.rows.push_back(row);
  }
  void AddRow(const std::string& id, const std::string& person) { AddRow(id, person, person); }

  static int DevNull() {
    static const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    return fd;
  }

  KeyRing ring;
  Sealing sealing{ring};
  FakeTagStore store;
  KeySettings settings;
  int refreshes = 0;
  int pauses = 0;
  Logger log{"test", LogLevel::kError, DevNull()};
  Metrics metrics;
  TagRotation rotation{{store, sealing,
                        [this](Deadline) {
                          ++refreshes;
                          return absl::OkStatus();
                        },
                        settings, [this](std::chrono::milliseconds) { ++pauses; }, log, metrics}};
};

TEST_CASE("Rows get the next tags of the Zoom user in their profile, batch by batch") {
  World world;
  world.store.work = {{2, TagVersionState::kNext, 0}};
  for (const char* id : {"a", "b", "c", "d", "e"}) world.AddRow(id, std::string("person ") + id);

  const auto done = world.rotation.Run(Soon());

  REQUIRE_THAT(done, IsOk());
  CHECK(*done == 5);
  REQUIRE(world.store.stored.size() == 5);
  CHECK(world.store.stored[4].second.identity_next ==
        world.sealing.Tags("app", "", "person e").identity_next);
  CHECK(world.pauses == 2);
  CHECK(world.metrics.Render().find(
            "shodan_vault_tag_rows_left{state=\"next\",tag_version=\"2\"} 0") != std::string::npos);
}

TEST_CASE("A row that cannot be read, or is another's, is counted and does not keep others back") {
  World world;
  world.store.work = {{2, TagVersionState::kNext, 0}};
  world.AddRow("a", "person a");
  world.AddRow("b", "person b", "person c");
  world.AddRow("c", "person c");
  world.AddRow("d", "person d");
  world.AddRow("e", "person e");
  world.store.rows[0].sealed_profile->back() ^= 1;
  world.store.rows[3].sealed_profile.reset();

  CHECK(*world.rotation.Run(Soon()) == 2);

  REQUIRE(world.store.stored.size() == 2);
  CHECK(world.store.stored[0].first == "c");
  CHECK(world.store.stored[1].first == "e");
  CHECK(world.metrics.Render().find("shodan_vault_tag_failures_total 3") != std::string::npos);
}

TEST_CASE("A replica that makes no tags under the next version leaves the rows to others") {
  World world(RingWithTags({1, 't'}));
  world.store.work = {{2, TagVersionState::kNext, 0}};
  world.AddRow("a", "person a");
  CHECK(*world.rotation.Run(Soon()) == 0);
  CHECK(world.store.lists == 0);
}

TEST_CASE("Former tags are replaced until none is left, or until it has to stop") {
  World world;
  world.store.work = {{1, TagVersionState::kFormer, 0}};
  world.store.to_settle = 7;
  int asked = 0;
  CHECK(*world.rotation.Run(Soon(), [&] { return ++asked > 2; }) == 4);
  CHECK(*world.rotation.Run(Soon()) == 3);
  CHECK(*world.rotation.Run(Soon()) == 0);
}

TEST_CASE("Outside a rotation nothing is looked at") {
  World world;
  world.AddRow("a", "person a");
  CHECK(*world.rotation.Run(Soon()) == 0);
  CHECK(world.store.lists == 0);
}

TEST_CASE("A step that was taken is heard of at once; a refused one changes nothing") {
  World world;
  const Actor actor{"service:test", "spiffe://test", "request"};
  CHECK_THAT(world.rotation.Begin(2, actor, Soon()), IsOk());
  CHECK_THAT(world.rotation.Switch(2, actor, Soon()), IsOk());
  CHECK(world.refreshes == 2);
  world.store.step = FailedPrecondition("TAG_ROWS_LEFT", "Rows are left.");
  CHECK_THAT(world.rotation.Switch(2, actor, Soon()),
             IsError(absl::StatusCode::kFailedPrecondition, "TAG_ROWS_LEFT"));
  CHECK(world.refreshes == 2);
}

TEST_CASE("Tags of one Zoom user are known as such however far each row has come") {
  const World world;
  const Sealing& sealing = world.sealing;
  const KeyRing second = RingWithTags({2, 'u'});
  const KeyRing first = RingWithTags({1, 't'});
  const auto tags = [](const KeyRing& ring, const char* person) {
    return Sealing(ring).Tags("app", "", person);
  };
  const IdentityTags both = sealing.Tags("app", "", "zoe");
  CHECK(SameIdentity(both, both));
  CHECK(SameIdentity(both, tags(first, "zoe")));
  CHECK(SameIdentity(tags(first, "zoe"), both));
  CHECK(SameIdentity(both, tags(second, "zoe")));
  CHECK(SameIdentity(tags(second, "zoe"), both));
  CHECK_FALSE(SameIdentity(both, sealing.Tags("app", "", "yuki")));
  CHECK_FALSE(SameIdentity(tags(first, "yuki"), both));
}

}  // namespace
}  // namespace shodan::tokenvault
