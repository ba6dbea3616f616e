// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/automation/domain/deliveries/attempt_end.h"

namespace shodan::automation {
namespace {

using Kind = AttemptEnd::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Time kNow{seconds(1'700'000'000)};

HttpsOutcome Answer(int status) {
  HttpsOutcome outcome;
  outcome.status = status;
  outcome.may_have_been_sent = true;
  return outcome;
}

AttemptEnd After(const HttpsOutcome& outcome, int attempt = 1, double random = 0.5) {
  return DecideAfterAttempt(outcome, attempt, kNow, random);
}

}  // namespace

TEST_CASE("every 2xx is delivered, even when the rest of the answer is lost", "[deliveries]") {
  for (const int status : {200, 201, 204, 299})
    CHECK(After(Answer(status)).kind == Kind::kDelivered);
  HttpsOutcome cut = Answer(200);
  cut.error = Unavailable("HTTPS_ANSWER_TOO_LARGE", "too large");
  CHECK(After(cut).kind == Kind::kDelivered);
  CHECK(After(cut, kDeliveryAttempts).answer == "2xx");
}

TEST_CASE("everything else is tried again, ten times in three days", "[deliveries]") {
  for (const int status : {301, 302, 400, 404, 429, 500, 503}) {
    CHECK(After(Answer(status)).kind == Kind::kRetry);
  }
  const std::vector<seconds> planned = {seconds(5),      seconds(300),    seconds(1'800),
                                        seconds(7'200),  seconds(18'000), seconds(36'000),
                                        seconds(50'400), seconds(72'000), seconds(86'400)};
  seconds total(0);
  for (size_t i = 0; i < planned.size(); ++i) {
    const AttemptEnd end = After(Answer(500), static_cast<int>(i) + 1);
    CHECK(end.kind == Kind::kRetry);
    CHECK(end.delay == planned[i]);
    total += planned[i];
  }
  CHECK(total > std::chrono::hours(72));
  CHECK(After(Answer(500), kDeliveryAttempts).kind == Kind::kDead);
}

TEST_CASE("delays are spread by a fifth to either side", "[deliveries]") {
  CHECK(After(Answer(500), 1, 0.0).delay == milliseconds(4'000));
  CHECK(After(Answer(500), 1, 1.0).delay == milliseconds(6'000));
}

TEST_CASE("a longer wait that the endpoint asks for is kept", "[deliveries]") {
  HttpsOutcome busy = Answer(503);
  busy.headers["retry-after"] = "120";
  CHECK(After(busy).delay == seconds(120));
  CHECK(After(busy, 2).delay == seconds(300));
  busy.status = 500;
  CHECK(After(busy).delay == seconds(5));
}

TEST_CASE("410 ends it for good", "[deliveries]") { CHECK(After(Answer(410)).kind == Kind::kGone); }

TEST_CASE("people are told the class of the answer, or why there was none", "[deliveries]") {
  CHECK(After(Answer(503)).answer == "5xx");
  HttpsOutcome refused;
  refused.error = PermissionDenied("HTTPS_ADDRESS_REFUSED", "private");
  CHECK(After(refused).answer == "HTTPS_ADDRESS_REFUSED");
  CHECK(After(refused).kind == Kind::kRetry);
}

}  // namespace shodan::automation
