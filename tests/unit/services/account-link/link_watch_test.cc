// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/link_watch.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/account-link/domain/limits.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {
namespace {

using shodan::testing::IsError;
using shodan::testing::IsOk;
using Kind = LinkEventKind;
using Story = std::vector<std::string>;

Time At(int64_t second) { return Time(std::chrono::seconds(1'700'000'000 + second)); }
Deadline Soon() { return Deadline::After(std::chrono::seconds(10)); }

/// Links and their changes as a database holds them, in memory.
class MemoryChanges final : public LinkChangeStore {
 public:
  /// Brings a user's link into this generation: odd ones are connected, even ones are not.
  void Change(const std::string& user, int64_t generation, const std::string& project = "demo") {
    LinkChange change;
    change.change_id = ++last_id_;
    change.change_time = At(last_id_) + offset;
    change.owner = {project, user};
    change.link_id = "link of " + user;
    change.generation = generation;
    change.state = generation % 2 == 1 ? LinkState::kActive : LinkState::kNone;
    links_[change.owner] = change;
    changes_.push_back(change);
  }
  void RemoveUpTo(int64_t change_id) {
    while (!changes_.empty() && changes_.front().change_id <= change_id) {
      removed_ = {changes_.front().change_id, changes_.front().change_time};
      changes_.erase(changes_.begin());
    }
  }
  /// As a backup of that moment would have it.
  void RestoreTo(int64_t change_id) {
    std::erase_if(changes_, [&](const LinkChange& change) { return change.change_id > change_id; });
    last_id_ = change_id;
  }

  absl::StatusOr<ChangePosition> Newest(Deadline) override {
    if (!failure.ok()) return failure;
    return End();
  }
  absl::StatusOr<LinkChangePage> ListChanges(const ChangePosition& after,
                                             const std::string& project_id, int limit,
                                             Deadline) override {
    if (!failure.ok()) return failure;
    ++reads;
    LinkChangePage page;
    page.next = End();
    page.known = after == removed_ ||
                 std::any_of(changes_.begin(), changes_.end(), [&](const LinkChange& change) {
                   return ChangePosition{change.change_id, change.change_time} == after;
                 });
    for (const LinkChange& change : changes_) {
      if (!page.known || change.change_id <= after.change_id) continue;
      if (!project_id.empty() && change.owner.project_id != project_id) continue;
      if (static_cast<int>(page.changes.size()) == limit) break;
      page.changes.push_back(change);
    }
    if (static_cast<int>(page.changes.size()) == limit) {
      page.next = {page.changes.back().change_id, page.changes.back().change_time};
    }
    return page;
  }
  absl::StatusOr<LinkSnapshotPage> ListConnectedLinks(const std::string& project_id,
                                                      const std::string& after_user_id, int limit,
                                                      Deadline) override {
    if (before_page) before_page();
    LinkSnapshotPage page;
    page.position = End();
    for (const auto& [owner, link] : links_) {
      if (owner.project_id != project_id || owner.user_id <= after_user_id) continue;
      if (link.state == LinkState::kNone || static_cast<int>(page.links.size()) == limit) continue;
      page.links.push_back(link);
    }
    return page;
  }
  absl::StatusOr<int> RemoveOld(std::chrono::milliseconds, int, Deadline) override { return 0; }

  absl::Status failure;
  int reads = 0;
  std::function<void()> before_page;
  std::chrono::microseconds offset{0};  ///< of the clock

 private:
  ChangePosition End() const {
    if (changes_.empty()) return removed_;
    return {changes_.back().change_id, changes_.back().change_time};
  }

  int64_t last_id_ = 0;
  ChangePosition removed_{0, At(0)};
  std::vector<LinkChange> changes_;
  std::map<UserKey, LinkChange> links_;
};

/// One project.
class OneProject final : public ProjectStore {
 public:
  absl::StatusOr<std::optional<Project>> Find(const std::string& project_id, Deadline) override {
    if (project_id != "demo") return std::optional<Project>();
    Project project;
    project.project_id = project_id;
    return std::optional<Project>(project);
  }
  absl::Status Apply(const std::vector<Project>&, Deadline) override { return absl::OkStatus(); }
};

struct WatchWorld {
  static constexpr size_t kHeld = 8;

  LinkWatch Watch(std::optional<ChangePosition> resume = {}, const std::string& project = "demo") {
    return LinkWatch({projects, changes, feed}, project, resume);
  }
  void Poll() { REQUIRE_THAT(feed.Poll(Soon()), IsOk()); }

  /// Everything that can be told now: "user:generation", a snapshot's links in brackets, "end" for
  /// the end of a snapshot.
  Story Told(LinkWatch& watch) {
    Story story;
    while (true) {
      LinkEvent event;
      switch (watch.Take(event)) {
        case LinkWatch::Next::kWait:
          return story;
        case LinkWatch::Next::kLoad:
          REQUIRE_THAT(watch.Load(Soon()), IsOk());
          break;
        case LinkWatch::Next::kEvent: {
          last = event;
          const std::string name =
              event.link.owner.user_id + ":" + std::to_string(event.link.generation);
          story.push_back(event.kind == Kind::kSnapshot      ? "[" + name + "]"
                          : event.kind == Kind::kSnapshotEnd ? "end"
                                                             : name);
          break;
        }
      }
    }
  }

  OneProject projects;
  MemoryChanges changes;
  LinkFeed feed{changes, kHeld};
  LinkEvent last;
};

}  // namespace

TEST_CASE("a resume token names a position of one project", "[account-link][watch]") {
  const ChangePosition position{42, At(7) + std::chrono::microseconds(123'456)};
  const std::string token = EncodeResumeToken(position, "demo");

  CHECK(token.size() <= 256);
  CHECK(DecodeResumeToken(token, "demo") == position);
  CHECK_FALSE(DecodeResumeToken(token, "other").has_value());
  CHECK_FALSE(DecodeResumeToken("", "demo").has_value());
  CHECK_FALSE(DecodeResumeToken(std::string(300, 'A'), "demo").has_value());
  for (size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    INFO(altered);
    CHECK_FALSE(DecodeResumeToken(altered, "demo") == position);
  }
}

TEST_CASE_METHOD(WatchWorld, "a watch begins with every connected link, then tells each change",
                 "[account-link][watch]") {
  changes.Change("aiko", 1);
  changes.Change("ben", 1);
  changes.Change("ben", 2);
  changes.Change("stranger", 1, "other");
  LinkWatch watch = Watch();
  CHECK(Told(watch) == Story{"[aiko:1]", "end"});

  changes.Change("ben", 3);
  changes.Change("aiko", 2);
  Poll();
  Poll();

  CHECK(Told(watch) == Story{"ben:3", "aiko:2"});
  CHECK(Told(watch).empty());
}

TEST_CASE_METHOD(WatchWorld, "a snapshot's links carry no resume token, its end does",
                 "[account-link][watch]") {
  changes.Change("aiko", 1);
  LinkWatch watch = Watch();
  REQUIRE_THAT(watch.Load(Soon()), IsOk());
  LinkEvent event;
  REQUIRE(watch.Take(event) == LinkWatch::Next::kEvent);
  CHECK(event.kind == Kind::kSnapshot);
  CHECK_FALSE(event.resume.has_value());
  REQUIRE(watch.Take(event) == LinkWatch::Next::kEvent);
  CHECK(event.kind == Kind::kSnapshotEnd);

  LinkWatch resumed = Watch(event.resume);
  changes.Change("aiko", 2);
  Poll();
  CHECK(Told(resumed) == Story{"aiko:2"});
}

TEST_CASE_METHOD(WatchWorld, "a link never goes back when it changes while the snapshot is read",
                 "[account-link][watch]") {
  for (int i = 0; i < kWatchPageSize + 10; ++i) {
    changes.Change("user" + std::to_string(10'000 + i), 1);
  }
  int page = 0;
  changes.before_page = [&] {
    // Seen by the page that follows: the first user by none, the last by the second one.
    if (++page != 2) return;
    changes.Change("user10000", 2);
    changes.Change("user10505", 2);
    changes.Change("user10505", 3);
  };
  LinkWatch watch = Watch();
  Poll();

  const Story story = Told(watch);

  CHECK(std::count(story.begin(), story.end(), "[user10000:1]") == 1);
  CHECK(std::count(story.begin(), story.end(), "[user10505:3]") == 1);
  CHECK(Story(story.end() - 2, story.end()) == Story{"end", "user10000:2"});
  changes.Change("user10505", 4);
  Poll();
  CHECK(Told(watch) == Story{"user10505:4"});
}

TEST_CASE_METHOD(WatchWorld, "a watch goes on behind any event, and tells what came after it",
                 "[account-link][watch]") {
  changes.Change("aiko", 1);
  LinkWatch first = Watch();
  Told(first);
  std::vector<ChangePosition> positions;
  Story told;
  for (int64_t generation = 2; generation <= 6; ++generation) {
    changes.Change("aiko", generation);
    Poll();
    for (const std::string& event : Told(first)) {
      told.push_back(event);
      positions.push_back(last.resume.value());
    }
  }
  REQUIRE(told == Story{"aiko:2", "aiko:3", "aiko:4", "aiko:5", "aiko:6"});

  for (size_t i = 0; i < positions.size(); ++i) {
    LinkWatch resumed = Watch(positions[i]);
    CHECK(Told(resumed) == Story(told.begin() + static_cast<long>(i) + 1, told.end()));
  }
}

TEST_CASE_METHOD(WatchWorld, "who is further behind than the feed holds reads the database",
                 "[account-link][watch]") {
  changes.Change("aiko", 1);
  LinkWatch watch = Watch();
  Told(watch);
  Poll();
  Told(watch);
  Story expected;
  for (int64_t generation = 2; generation <= 40; ++generation) {
    changes.Change("aiko", generation);
    expected.push_back("aiko:" + std::to_string(generation));
  }
  Poll();

  CHECK(Told(watch) == expected);
}

TEST_CASE_METHOD(WatchWorld, "all watchers together read the database once for what is new",
                 "[account-link][watch]") {
  changes.Change("aiko", 1);
  std::vector<LinkWatch> watches;
  watches.reserve(10);
  for (int i = 0; i < 10; ++i) watches.push_back(Watch());
  Poll();
  for (LinkWatch& watch : watches) Told(watch);
  const int before = changes.reads;

  changes.Change("aiko", 2);
  Poll();

  for (LinkWatch& watch : watches) CHECK(Told(watch) == Story{"aiko:2"});
  CHECK(changes.reads == before + 1);
}

TEST_CASE_METHOD(WatchWorld, "a heartbeat's position passes by the changes of other projects",
                 "[account-link][watch]") {
  LinkWatch watch = Watch();
  Told(watch);
  Poll();
  Told(watch);
  for (int i = 0; i < 5; ++i) changes.Change("stranger", i + 1, "other");
  Poll();
  CHECK(Told(watch).empty());

  const LinkEvent heartbeat = watch.Heartbeat();
  CHECK(heartbeat.kind == Kind::kHeartbeat);
  REQUIRE(heartbeat.resume.has_value());
  CHECK(heartbeat.resume->change_id == 5);
  changes.RemoveUpTo(5);
  LinkWatch resumed = Watch(heartbeat.resume);
  CHECK(Told(resumed).empty());
}

TEST_CASE_METHOD(WatchWorld, "a position whose successors were removed has expired",
                 "[account-link][watch]") {
  for (int64_t generation = 1; generation <= 5; ++generation) changes.Change("aiko", generation);
  changes.RemoveUpTo(3);

  LinkWatch expired = Watch(ChangePosition{2, At(2)});
  CHECK_THAT(expired.Load(Soon()),
             IsError(absl::StatusCode::kFailedPrecondition, "RESUME_TOKEN_EXPIRED"));
  LinkWatch just_in_time = Watch(ChangePosition{3, At(3)});
  CHECK(Told(just_in_time) == Story{"aiko:4", "aiko:5"});
}

TEST_CASE_METHOD(WatchWorld,
                 "a position that a restored database has not, or not any more, expired",
                 "[account-link][watch]") {
  for (int64_t generation = 1; generation <= 5; ++generation) changes.Change("aiko", generation);
  LinkWatch live = Watch();
  Poll();
  Told(live);
  changes.RestoreTo(3);
  LinkWatch ahead = Watch(ChangePosition{5, At(5)});
  CHECK_THAT(ahead.Load(Soon()),
             IsError(absl::StatusCode::kFailedPrecondition, "RESUME_TOKEN_EXPIRED"));

  // The ids are given out again, at other times.
  changes.offset = std::chrono::microseconds(17);
  for (int64_t generation = 4; generation <= 9; ++generation) changes.Change("aiko", generation);
  LinkWatch overtaken = Watch(ChangePosition{5, At(5)});
  CHECK_THAT(overtaken.Load(Soon()),
             IsError(absl::StatusCode::kFailedPrecondition, "RESUME_TOKEN_EXPIRED"));
  // One who watched all the while finds out too.
  Poll();
  Poll();
  LinkEvent event;
  REQUIRE(live.Take(event) == LinkWatch::Next::kLoad);
  CHECK_THAT(live.Load(Soon()),
             IsError(absl::StatusCode::kFailedPrecondition, "RESUME_TOKEN_EXPIRED"));
}

TEST_CASE_METHOD(WatchWorld, "nothing is left out over a rest of the feed",
                 "[account-link][watch]") {
  changes.Change("aiko", 1);
  LinkWatch watch = Watch();
  Poll();
  Told(watch);
  feed.Rest();
  changes.Change("aiko", 2);
  CHECK(Told(watch).empty());

  Poll();

  CHECK(Told(watch) == Story{"aiko:2"});
}

TEST_CASE_METHOD(WatchWorld, "nothing is left out when the database was away",
                 "[account-link][watch]") {
  changes.Change("aiko", 1);
  LinkWatch watch = Watch();
  Poll();
  Told(watch);
  changes.failure = Unavailable("DATABASE_UNAVAILABLE", "away");
  changes.Change("aiko", 2);
  CHECK_THAT(feed.Poll(Soon()), IsError(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  CHECK(Told(watch).empty());

  changes.failure = absl::OkStatus();
  Poll();

  CHECK(Told(watch) == Story{"aiko:2"});
}

TEST_CASE_METHOD(WatchWorld, "an unknown project cannot be watched", "[account-link][watch]") {
  LinkWatch watch = Watch({}, "elsewhere");

  CHECK_THAT(watch.Load(Soon()), IsError(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
}

}  // namespace shodan::account_link::testing
