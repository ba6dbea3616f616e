// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/signed_time.h"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::automation {
namespace {

using testing::IsError;
using testing::IsOk;

const Time kNow{std::chrono::seconds(1'720'547'519)};
constexpr std::chrono::milliseconds kWindow{300'000};

absl::Status Check(const std::string& text) { return CheckSignedTime(text, kNow, kWindow); }

}  // namespace

TEST_CASE("A signature is good for the window around now, both ends included", "[webhooks]") {
  CHECK_THAT(Check("1720547519"), IsOk());
  CHECK_THAT(Check("1720547219"), IsOk());
  CHECK_THAT(Check("1720547819"), IsOk());
  for (const char* text : {"1720547218", "1720547820", "0", "999999999999"}) {
    INFO(text);
    CHECK_THAT(Check(text),
               IsError(absl::StatusCode::kUnauthenticated, "WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW"));
  }
}

TEST_CASE("A time that is no number of seconds is refused", "[webhooks]") {
  for (const char* text : {"", " ", "-1720547519", "+1720547519", "1720547519 ", "1720547519.5",
                           "0x1", "1e9", "9999999999999", "now"}) {
    INFO(text);
    CHECK_THAT(Check(text),
               IsError(absl::StatusCode::kUnauthenticated, "WEBHOOK_TIMESTAMP_INVALID"));
  }
}

}  // namespace shodan::automation
