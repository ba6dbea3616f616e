// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/attempts.h"

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/automation/domain/errors.h"

namespace shodan::automation {
namespace {

using Kind = NextStep::Kind;

const AttemptLimits kLimits{.attempts = 4,
                            .first_delay = std::chrono::milliseconds(100),
                            .longest_delay = std::chrono::milliseconds(300)};

NextStep After(const absl::Status& failure, int attempts) {
  return DecideAfterFailure(failure, attempts, kLimits);
}

}  // namespace

TEST_CASE("What is unavailable is waited for without end and counts for nothing", "[webhooks]") {
  for (const absl::Status& failure :
       {Unavailable("VAULT_UNAVAILABLE", "x"), DeadlineExceeded("DATABASE_TIMEOUT", "x"),
        ResourceExhausted("SERVER_BUSY", "x"), Aborted("DATABASE_SERIALIZATION", "x")}) {
    const NextStep next = After(failure, 1'000);
    CHECK(next.kind == Kind::kRetry);
    CHECK_FALSE(next.counts);
    CHECK(next.delay.count() == 100);
  }
}

TEST_CASE("A body that is not as documented is parked at once, with its reason", "[webhooks]") {
  const NextStep next = After(Malformed("x"), 1);
  CHECK(next.kind == Kind::kPark);
  CHECK(next.reason == "WEBHOOK_MALFORMED");
}

TEST_CASE("Every other failure is tried again, later each time, then parked", "[webhooks]") {
  const absl::Status failure = Internal("UNEXPECTED", "x");
  CHECK(After(failure, 1).delay.count() == 100);
  CHECK(After(failure, 2).delay.count() == 200);
  CHECK(After(failure, 3).delay.count() == 300);
  CHECK(After(failure, 3).counts);
  CHECK(After(failure, 4).kind == Kind::kPark);
  CHECK(After(failure, 4).reason == "UNEXPECTED");
  CHECK(After(absl::InternalError("x"), 4).reason == "ATTEMPTS_EXHAUSTED");
}

TEST_CASE("Attempts that ended their process are counted when the next one begins", "[webhooks]") {
  CHECK_FALSE(IsExhausted(4, kLimits));
  CHECK(IsExhausted(5, kLimits));
}

}  // namespace shodan::automation
