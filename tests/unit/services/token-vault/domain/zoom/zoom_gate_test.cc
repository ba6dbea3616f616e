// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/zoom/zoom_gate.h"

#include <catch2/catch.hpp>

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct World {
  std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  Metrics metrics;
  ZoomPauses pauses;
  ZoomGate gate{metrics, pauses, [this] { return now; }};

  static TokenAnswer Answer(TokenVerdict verdict, int status = 0) {
    TokenAnswer answer;
    answer.verdict = verdict;
    answer.status = status;
    return answer;
  }
  bool Open(const std::string& app = "app") {
    const std::optional<ZoomGate::Pass> pass = gate.Enter(app);
    return pass.has_value();
  }
  void Ask(const TokenAnswer& answer) {
    std::optional<ZoomGate::Pass> pass = gate.Enter("app");
    REQUIRE(pass.has_value());
    pass->Ended(answer);
  }
};

TEST_CASE_METHOD(World, "Refusals of single grants keep nobody away") {
  for (int i = 0; i < 20; ++i) Ask(Answer(TokenVerdict::kRejected, 400));
  CHECK(Open());
}

TEST_CASE_METHOD(World, "Failures of Zoom in a row leave one probe a second") {
  for (int i = 0; i < 5; ++i) {
    Ask(Answer(i % 2 == 0 ? TokenVerdict::kTransient : TokenVerdict::kAmbiguous, 503));
  }

  CHECK_FALSE(Open());
  CHECK(gate.WhyClosed("app") == RefreshOutcome::kTransient);
  CHECK(Open("another app"));

  now += seconds(1);
  std::optional<ZoomGate::Pass> probe = gate.Enter("app");
  REQUIRE(probe.has_value());
  CHECK_FALSE(Open());
  probe->Ended(Answer(TokenVerdict::kIssued, 200));
  CHECK(Open());
}

TEST_CASE_METHOD(World, "A rate limit is no failure: other grants are asked for") {
  for (int i = 0; i < 20; ++i) Ask(Answer(TokenVerdict::kTransient, 429));
  CHECK(Open());
}

TEST_CASE_METHOD(World, "While Zoom refuses the app itself, one refresh a minute tries") {
  Ask(Answer(TokenVerdict::kConfig, 401));

  CHECK_FALSE(Open());
  CHECK(gate.WhyClosed("app") == RefreshOutcome::kConfig);
  now += milliseconds(59'999);
  CHECK_FALSE(Open());
  now += milliseconds(1);
  Ask(Answer(TokenVerdict::kIssued, 200));
  CHECK(Open());
  CHECK(gate.WhyClosed("app") == RefreshOutcome::kTransient);
}

TEST_CASE_METHOD(World, "A pass that is not used is given back") {
  for (int i = 0; i < 5; ++i) Ask(Answer(TokenVerdict::kAmbiguous));
  now += seconds(1);

  CHECK(Open());
  CHECK(Open());
}

}  // namespace
}  // namespace shodan::tokenvault
