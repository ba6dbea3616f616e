// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/keys/key_schedule.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "libs/base/status.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::hours;

constexpr KeySchedule kSchedule{
    .rotate_every = hours(7 * 24), .retire_after = hours(7 * 24), .destroy_after = hours(14 * 24)};
const Time kNow{std::chrono::seconds(1'763'700'000)};

Time DaysAgo(int days) { return kNow - hours(24 * days); }
Time InDays(int days) { return kNow + hours(24 * days); }

KeyEpochStatus Epoch(int32_t number, KeyEpochState state, Time promoted_at) {
  KeyEpochStatus epoch;
  epoch.key_epoch = number;
  epoch.state = state;
  epoch.first_seen_at = promoted_at - hours(1);
  epoch.promoted_at = promoted_at;
  return epoch;
}

KeyScheduleState Judge(const std::vector<KeyEpochStatus>& epochs) {
  return JudgeSchedule(epochs, kSchedule, kNow);
}

}  // namespace

TEST_CASE("what is sealed now is unreadable when the primary epoch is destroyed as planned") {
  const KeyScheduleState state = Judge({Epoch(1, KeyEpochState::kDestroyed, DaysAgo(30)),
                                        Epoch(2, KeyEpochState::kReadable, DaysAgo(10)),
                                        Epoch(3, KeyEpochState::kPrimary, DaysAgo(3))});

  CHECK(state.rotation_due == InDays(4));
  CHECK_FALSE(state.overdue_since.has_value());
  CHECK(state.unreadable_at == InDays(11));
}

TEST_CASE("an epoch that was never promoted counts from when it was first seen") {
  KeyEpochStatus first = Epoch(1, KeyEpochState::kPrimary, DaysAgo(2));
  first.first_seen_at = DaysAgo(5);
  first.promoted_at.reset();

  CHECK(Judge({first}).rotation_due == InDays(2));
  CHECK(Judge({first}).unreadable_at == InDays(9));
}

TEST_CASE("a new key that is in no use yet changes nothing") {
  const KeyScheduleState state = Judge({Epoch(3, KeyEpochState::kPrimary, DaysAgo(3)),
                                        Epoch(4, KeyEpochState::kAdded, DaysAgo(100))});

  CHECK(state.unreadable_at == InDays(11));
}

TEST_CASE("a rotation may be a day late: the epoch cannot be retired before its time is over") {
  KeyScheduleState state = Judge({Epoch(3, KeyEpochState::kPrimary, kNow - hours(7 * 24 + 12))});
  CHECK_FALSE(state.overdue_since.has_value());
  CHECK(state.unreadable_at == InDays(7));

  state = Judge({Epoch(3, KeyEpochState::kPrimary, kNow - hours(8 * 24 + 1))});
  CHECK(state.overdue_since == kNow - hours(24 + 1));
  CHECK(state.rotation_due == kNow - hours(24 + 1));
  CHECK_FALSE(state.unreadable_at.has_value());
}

TEST_CASE("an epoch that is not destroyed in time makes every date a guess") {
  for (const KeyEpochState late : {KeyEpochState::kReadable, KeyEpochState::kRetired}) {
    KeyScheduleState state = Judge(
        {Epoch(2, late, kNow - hours(14 * 24)), Epoch(3, KeyEpochState::kPrimary, DaysAgo(1))});
    CHECK(state.unreadable_at == InDays(13));

    state = Judge({Epoch(1, late, DaysAgo(20)), Epoch(2, late, DaysAgo(15)),
                   Epoch(3, KeyEpochState::kPrimary, DaysAgo(1))});
    CHECK(state.overdue_since == DaysAgo(6));
    CHECK_FALSE(state.unreadable_at.has_value());
  }
}

TEST_CASE("without a primary epoch there is nothing to say") {
  const KeyScheduleState state = Judge({});

  CHECK_FALSE(state.rotation_due.has_value());
  CHECK_FALSE(state.overdue_since.has_value());
  CHECK_FALSE(state.unreadable_at.has_value());
}

TEST_CASE("an overdue rotation shows as a metric as long as it lasts") {
  const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  {
    Logger log("test", LogLevel::kError, null);
    Metrics metrics;
    absl::StatusOr<KeyScheduleState> answer = KeyScheduleState();
    KeyScheduleWatch watch([&](Deadline) { return answer; }, log, metrics);
    const auto shown = [&](const std::string& value) {
      watch.Look(Deadline::After(std::chrono::seconds(1)));
      return metrics.Render().find("shodan_vault_key_rotation_overdue " + value) !=
             std::string::npos;
    };
    CHECK(shown("0"));
    answer->overdue_since = kNow;
    CHECK(shown("1"));
    answer = Unavailable("DATABASE_UNAVAILABLE", "away");
    CHECK(shown("1"));
    answer = KeyScheduleState();
    CHECK(shown("0"));
  }
  close(null);
}

}  // namespace shodan::tokenvault
