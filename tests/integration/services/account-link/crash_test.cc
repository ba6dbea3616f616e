// SPDX-License-Identifier: Apache-2.0
// kill -9 at each step of connecting and disconnecting: the old state or the new one, and the
// restarted program comes to the right one without anybody's help.
#include <csignal>
#include <string>

#include <catch2/catch.hpp>

#include "tests/integration/services/account-link/account_link_program.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {
namespace {

namespace v1 = ::shodan::accountlink::v1;
using shodan::testing::IsError;
using shodan::testing::IsOk;

constexpr char kUndone[] =
    "SELECT count(*)::text AS value FROM link_decisions WHERE done_at IS NULL";

// While it is to crash, its reconciler leaves everything to the call that the test makes.
AccountLinkProgram::Options CrashAt(const std::string& point) {
  return {.crash_points = {point}, .grace = std::chrono::seconds(60)};
}

std::string AuditCount(const std::string& user, const std::string& action) {
  return "SELECT count(*)::text AS value FROM audit WHERE user_id = '" + user + "' AND action = '" +
         action + "'";
}

}  // namespace

TEST_CASE_METHOD(AccountLinkProgram, "a connect that was killed anywhere is completed once",
                 "[account-link][crash]") {
  const std::string point = GENERATE(
      std::string("link.complete.before_decision"), std::string("link.complete.after_decision"),
      std::string("link.complete.after_activate"), std::string("link.complete.after_commit"));
  INFO(point);
  Start(CrashAt(point));
  const std::string attempt = vault.ExchangedAttempt({"demo", "aiko"}, "zoom-1");
  CHECK_FALSE(CompleteLink("aiko", attempt).ok());
  CHECK(WaitForEnd() == -SIGKILL);

  Start();
  const v1::Link link = Await("aiko", v1::LINK_STATE_ACTIVE);
  AwaitQuery(kUndone, "0");

  CHECK(link.generation() == 1);
  CHECK(vault.events().size() == 1);
  CHECK(vault.HoldersOf("zoom-1").size() == 1);
  CHECK(Query(AuditCount("aiko", "link.connected")) == "1");
  CHECK(CompleteLink("aiko", attempt)->generation() == 1);
}

TEST_CASE_METHOD(AccountLinkProgram, "a reconnect that was killed anywhere is completed once",
                 "[account-link][crash]") {
  const std::string point = GENERATE(
      std::string("link.complete.before_decision"), std::string("link.complete.after_decision"),
      std::string("link.complete.after_activate"), std::string("link.complete.after_commit"));
  INFO(point);
  Connected("aiko", "zoom-1");
  Start(CrashAt(point));
  const std::string attempt =
      vault.ExchangedAttempt({"demo", "aiko"}, "zoom-1", Purpose::kReconnect);
  CHECK_FALSE(CompleteLink("aiko", attempt).ok());
  CHECK(WaitForEnd() == -SIGKILL);
  CHECK(vault.HoldersOf("zoom-1").size() == 1);

  Start();
  AwaitQuery("SELECT generation::text AS value FROM links WHERE user_id = 'aiko'", "2");
  AwaitQuery(kUndone, "0");

  CHECK(Await("aiko", v1::LINK_STATE_ACTIVE).generation() == 2);
  CHECK(vault.HoldersOf("zoom-1").size() == 1);
}

TEST_CASE_METHOD(AccountLinkProgram, "a take-over that was killed anywhere ends the other link",
                 "[account-link][crash]") {
  const std::string point = GENERATE(std::string("link.complete.after_decision"),
                                     std::string("link.complete.after_activate"));
  INFO(point);
  Connected("ben", "zoom-1");
  Start(CrashAt(point));
  REQUIRE_THAT(WriteNote("ben", "stays"), IsOk());
  CHECK_FALSE(CompleteLink("aiko", vault.ExchangedAttempt({"demo", "aiko"}, "zoom-1")).ok());
  CHECK(WaitForEnd() == -SIGKILL);

  Start();
  const v1::Link winner = Await("aiko", v1::LINK_STATE_ACTIVE);
  const v1::Link ended = Await("ben", v1::LINK_STATE_NONE);

  CHECK(ended.cause() == v1::LINK_CAUSE_TAKEN_OVER);
  CHECK(ended.generation() == 2);
  CHECK(*vault.HoldersOf("zoom-1").begin() == winner.link_id());
  AwaitQuery(kUndone, "0");
  CHECK(Query(AuditCount("ben", "link.taken_over")) == "1");
  CHECK(Query("SELECT text AS value FROM call_notes") == "stays");
}

TEST_CASE_METHOD(AccountLinkProgram, "a refusal that was killed is carried out",
                 "[account-link][crash]") {
  const std::string point = GENERATE(std::string("link.complete.before_decision"),
                                     std::string("link.complete.after_decision"));
  INFO(point);
  Connected("aiko", "zoom-1");
  Start(CrashAt(point));
  const std::string attempt = vault.ExchangedAttempt({"demo", "aiko"}, "zoom-2");
  CHECK_FALSE(CompleteLink("aiko", attempt).ok());
  CHECK(WaitForEnd() == -SIGKILL);

  Start();
  AwaitQuery(
      "SELECT count(*)::text AS value FROM link_decisions WHERE kind = 'discard' AND"
      " done_at IS NOT NULL",
      "1");

  CHECK_THAT(CompleteLink("aiko", attempt),
             IsError(absl::StatusCode::kFailedPrecondition, "OTHER_ACCOUNT_CONNECTED"));
  CHECK(Await("aiko", v1::LINK_STATE_ACTIVE).generation() == 1);
  CHECK(vault.HoldersOf("zoom-1").size() == 1);
  CHECK(vault.HoldersOf("zoom-2").empty());
}

TEST_CASE_METHOD(AccountLinkProgram, "a disconnect that was killed once it was decided is finished",
                 "[account-link][crash]") {
  const std::string point = GENERATE(std::string("link.disconnect.after_decision"),
                                     std::string("link.disconnect.after_erase"),
                                     std::string("link.disconnect.after_commit"));
  INFO(point);
  Connected("aiko", "zoom-1");
  Start(CrashAt(point));
  CHECK_FALSE(Disconnect("aiko").ok());
  CHECK(WaitForEnd() == -SIGKILL);
  // Not usable from the decision on.
  CHECK(Query("SELECT (state IN ('disconnecting', 'none'))::text AS value FROM links") == "true");

  Start();
  const v1::Link link = Await("aiko", v1::LINK_STATE_NONE);
  AwaitQuery(kUndone, "0");

  CHECK(link.cause() == v1::LINK_CAUSE_DISCONNECTED);
  CHECK(link.generation() == 2);
  CHECK(vault.HoldersOf("zoom-1").empty());
  CHECK(Query("SELECT revoked_at_zoom::text AS value FROM links") == "true");
  CHECK(Query(AuditCount("aiko", "link.disconnected")) == "1");
}

TEST_CASE_METHOD(AccountLinkProgram, "a disconnect that was killed before it was decided is undone",
                 "[account-link][crash]") {
  Connected("aiko", "zoom-1");
  Start(CrashAt("link.disconnect.before_decision"));
  CHECK_FALSE(Disconnect("aiko").ok());
  CHECK(WaitForEnd() == -SIGKILL);

  Start();

  CHECK(GetLink("aiko")->state() == v1::LINK_STATE_ACTIVE);
  CHECK(vault.HoldersOf("zoom-1").size() == 1);
  CHECK(Query("SELECT count(*)::text AS value FROM requests") == "0");
}

}  // namespace shodan::account_link::testing
