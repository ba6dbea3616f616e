// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/persist.h"

#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/support/status_matchers.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;
using testing::IsError;
using testing::IsOk;

struct Pauses {
  std::vector<milliseconds> taken;
  Pause pause = [this](milliseconds duration) { taken.push_back(duration); };
};

TEST_CASE_METHOD(Pauses, "A write that succeeds is done once") {
  int tries = 0;

  const absl::Status status = PersistUntilKnown(
      [&](Deadline) {
        ++tries;
        return absl::OkStatus();
      },
      milliseconds(60'000), pause);

  CHECK_THAT(status, IsOk());
  CHECK(tries == 1);
  CHECK(taken.empty());
}

TEST_CASE_METHOD(Pauses, "A write of unknown fate is repeated, with pauses up to two seconds") {
  const absl::Status unknown[] = {
      Unavailable("COMMIT_UNKNOWN", ""),        Unavailable("DATABASE_UNAVAILABLE", ""),
      DeadlineExceeded("DATABASE_TIMEOUT", ""), Aborted("DATABASE_SERIALIZATION", ""),
      Unavailable("DATABASE_UNAVAILABLE", ""),  Unavailable("DATABASE_UNAVAILABLE", ""),
      Unavailable("DATABASE_UNAVAILABLE", ""),  Unavailable("DATABASE_UNAVAILABLE", ""),
  };
  size_t tries = 0;

  const absl::Status status = PersistUntilKnown(
      [&](Deadline) { return tries < std::size(unknown) ? unknown[tries++] : absl::OkStatus(); },
      milliseconds(60'000), pause);

  CHECK_THAT(status, IsOk());
  CHECK(taken == std::vector<milliseconds>{milliseconds(50), milliseconds(100), milliseconds(200),
                                           milliseconds(400), milliseconds(800),
                                           milliseconds(1'600), milliseconds(2'000),
                                           milliseconds(2'000)});
}

TEST_CASE_METHOD(Pauses, "Once patience ends, something else is done meanwhile, once") {
  int tries = 0;
  std::vector<int> done_after;

  const absl::Status status = PersistUntilKnown(
      [&](Deadline) {
        return ++tries < 5 ? Unavailable("DATABASE_UNAVAILABLE", "") : absl::OkStatus();
      },
      milliseconds(60'000), pause, milliseconds(0), [&] { done_after.push_back(tries); });

  CHECK_THAT(status, IsOk());
  CHECK(done_after == std::vector<int>{1});
}

TEST_CASE_METHOD(Pauses, "While patience lasts nothing else is done, and no try outlasts it") {
  bool done = false;
  std::vector<milliseconds> left;

  const absl::Status status = PersistUntilKnown(
      [&](Deadline deadline) {
        left.push_back(deadline.Remaining());
        return left.size() < 3 ? Unavailable("DATABASE_UNAVAILABLE", "") : absl::OkStatus();
      },
      milliseconds(60'000), pause, milliseconds(1'000), [&] { done = true; });

  CHECK_THAT(status, IsOk());
  CHECK_FALSE(done);
  for (const milliseconds remaining : left) CHECK(remaining <= milliseconds(1'000));
}

TEST_CASE_METHOD(Pauses, "A refusal is an answer and ends the repetition") {
  for (const absl::Status& refusal :
       {NotFound("GRANT_NOT_FOUND", ""), Internal("DATABASE_ERROR", ""),
        AlreadyExists("DATABASE_CONFLICT", ""), FailedPrecondition("PENDING_GRANT_DEAD", "")}) {
    int tries = 0;

    const absl::Status status = PersistUntilKnown(
        [&](Deadline) { return ++tries == 1 ? Unavailable("DATABASE_UNAVAILABLE", "") : refusal; },
        milliseconds(60'000), pause);

    CHECK(status == refusal);
    CHECK(tries == 2);
  }
}

TEST_CASE_METHOD(Pauses,
                 "After the limit the last error is the answer; there is one try at least") {
  int tries = 0;

  const absl::Status status = PersistUntilKnown(
      [&](Deadline) {
        ++tries;
        return Unavailable("DATABASE_UNAVAILABLE", "");
      },
      milliseconds(0), pause);

  CHECK_THAT(status, IsError(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  CHECK(tries == 1);
}

TEST_CASE_METHOD(Pauses, "Each try has five seconds, whatever is left of the limit") {
  std::vector<milliseconds> left;

  static_cast<void>(PersistUntilKnown(
      [&](Deadline deadline) {
        left.push_back(deadline.Remaining());
        return left.size() < 3 ? Unavailable("DATABASE_UNAVAILABLE", "") : absl::OkStatus();
      },
      milliseconds(60'000), pause));

  REQUIRE(left.size() == 3);
  for (const milliseconds remaining : left) {
    CHECK(remaining > milliseconds(4'000));
    CHECK(remaining <= milliseconds(5'000));
  }
}

}  // namespace
}  // namespace shodan::tokenvault
