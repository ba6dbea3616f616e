// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/request_life.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/zoom-api/domain/errors.h"
#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {
namespace {

using shodan::testing::IsError;
using shodan::testing::IsOk;
using std::chrono::milliseconds;

constexpr milliseconds kPlenty{10'000};
constexpr double kMiddle = 0.5;  // jitter that leaves a pause as it is

LifeOfRequest Safe() { return {}; }
LifeOfRequest Unsafe() {
  LifeOfRequest request;
  request.unsafe = true;
  return request;
}
LifeOfRequest UnsafeWithLongBody() {
  LifeOfRequest request = Unsafe();
  request.body_kept = false;
  return request;
}

/// Brings a life to the point where the answer is awaited.
NextStep Sent(RequestLife& life, bool unsafe, int64_t version = 1) {
  life.Start();
  life.TokenGot(version, {});
  NextStep next = life.SlotTaken();
  if (unsafe) next = life.IntentWritten();
  return next;
}

NextStep Answer(RequestLife& life, int status, std::optional<milliseconds> pause = std::nullopt,
                milliseconds remaining = kPlenty) {
  return life.Answered(status, pause, remaining, kMiddle);
}

void CheckEnd(const NextStep& next, std::optional<IntentState> ending) {
  CHECK(next.step == Step::kEnd);
  CHECK(next.ending == ending);
}

}  // namespace

TEST_CASE("a safe request takes token and slot, is sent and delivered", "[zoom-api]") {
  RequestLife life(Safe(), {});
  CHECK(life.Start().step == Step::kGetToken);
  CHECK(life.TokenGot(7, {}).step == Step::kTakeSlot);
  CHECK(life.SlotTaken().step == Step::kSend);
  CHECK(Answer(life, 200).step == Step::kDeliver);
  const NextStep end = life.Delivered(absl::OkStatus(), true);
  CheckEnd(end, std::nullopt);
  CHECK_THAT(end.status, IsOk());
  CHECK(life.repetitions() == 0);
}

TEST_CASE("an unsafe request writes its intent between slot and sending", "[zoom-api]") {
  RequestLife life(Unsafe(), {});
  life.Start();
  life.TokenGot(7, {});
  CHECK(life.SlotTaken().step == Step::kWriteIntent);
  CHECK(life.IntentWritten().step == Step::kSend);
  CHECK(Answer(life, 201).step == Step::kDeliver);
  CheckEnd(life.Delivered(absl::OkStatus(), true), IntentState::kCompleted);
}

TEST_CASE("what goes wrong before the intent leaves none", "[zoom-api]") {
  for (const bool unsafe : {false, true}) {
    RequestLife no_token(unsafe ? Unsafe() : Safe(), {});
    no_token.Start();
    const NextStep refused = no_token.TokenRefused(NotConnected());
    CheckEnd(refused, std::nullopt);
    CHECK_THAT(refused.status, IsError(absl::StatusCode::kNotFound, "NOT_CONNECTED"));

    RequestLife no_slot(unsafe ? Unsafe() : Safe(), {});
    no_slot.Start();
    no_slot.TokenGot(1, {});
    CheckEnd(no_slot.SlotRefused(ZoomUnavailable()), std::nullopt);
  }
  RequestLife no_database(Unsafe(), {});
  no_database.Start();
  no_database.TokenGot(1, {});
  no_database.SlotTaken();
  const NextStep end = no_database.IntentNotWritten(DatabaseUnavailable());
  CheckEnd(end, std::nullopt);
  CHECK_THAT(end.status, IsError(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
}

TEST_CASE("a repetition sends nothing and says what is known", "[zoom-api]") {
  const auto repeated = [](IntentState state, int zoom_status, bool same) {
    RequestLife life(Unsafe(), {});
    life.Start();
    life.TokenGot(1, {});
    life.SlotTaken();
    EarlierIntent earlier;
    earlier.state = state;
    earlier.zoom_status = zoom_status;
    const NextStep end = life.IntentExists(earlier, same);
    CheckEnd(end, std::nullopt);
    return end.status;
  };
  const absl::Status completed = repeated(IntentState::kCompleted, 201, true);
  CHECK_THAT(completed, IsError(absl::StatusCode::kAlreadyExists, "REQUEST_COMPLETED"));
  CHECK(MetadataOf(completed) == ErrorMetadata{{"zoom_status", "201"}});
  CHECK_THAT(repeated(IntentState::kSending, 0, true),
             IsError(absl::StatusCode::kAborted, "OUTCOME_UNKNOWN"));
  CHECK_THAT(repeated(IntentState::kUnknown, 503, true),
             IsError(absl::StatusCode::kAborted, "OUTCOME_UNKNOWN"));
  for (const IntentState state : {IntentState::kSending, IntentState::kCompleted,
                                  IntentState::kUnknown, IntentState::kNotSent}) {
    CHECK_THAT(repeated(state, 201, false),
               IsError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  }
}

TEST_CASE("a refused token is replaced once, for every method", "[zoom-api]") {
  for (const bool unsafe : {false, true}) {
    RequestLife life(unsafe ? Unsafe() : Safe(), {});
    Sent(life, unsafe, 7);
    const NextStep refresh = Answer(life, 401);
    CHECK(refresh.step == Step::kGetToken);
    CHECK(refresh.rejected_version == 7);
    CHECK(life.TokenGot(8, {}).step == Step::kTakeSlot);
    CHECK(life.SlotTaken().step == Step::kSend);  // the intent is written already
    CHECK(Answer(life, 401).step == Step::kDeliver);
    const NextStep end = life.Delivered(absl::OkStatus(), true);
    CheckEnd(end, unsafe ? std::optional(IntentState::kNotSent) : std::nullopt);
    CHECK(life.repetitions() == 1);
  }
}

TEST_CASE("a token that was refused is never sent again", "[zoom-api]") {
  RequestLife life(Unsafe(), {});
  Sent(life, true, 7);
  Answer(life, 401);
  const NextStep end = life.TokenGot(7, {});
  CheckEnd(end, IntentState::kNotSent);
  CHECK_THAT(end.status, IsError(absl::StatusCode::kUnavailable, "VAULT_UNAVAILABLE"));
}

TEST_CASE("a refused token and a body that is gone: the vault is told, nothing was done",
          "[zoom-api]") {
  RequestLife life(UnsafeWithLongBody(), {});
  Sent(life, true, 7);
  const NextStep refused = Answer(life, 401);
  CHECK(refused.step == Step::kGetToken);
  CHECK(refused.rejected_version == 7);
  const NextStep end = life.TokenGot(8, {});
  CheckEnd(end, IntentState::kNotSent);
  CHECK_THAT(end.status, IsError(absl::StatusCode::kFailedPrecondition, "REQUEST_NOT_REPEATABLE"));
}

TEST_CASE("the vault refusing the new token ends the request as not sent", "[zoom-api]") {
  RequestLife life(Unsafe(), {});
  Sent(life, true);
  Answer(life, 401);
  CheckEnd(life.TokenRefused(NotConnected()), IntentState::kNotSent);
}

TEST_CASE("a 429 pauses the budget and is repeated twice, for every method", "[zoom-api]") {
  for (const bool unsafe : {false, true}) {
    RequestLife life(unsafe ? Unsafe() : Safe(), {});
    Sent(life, unsafe);
    for (int i = 0; i < 2; ++i) {
      const NextStep again = Answer(life, 429, milliseconds(2'000));
      CHECK(again.step == Step::kTakeSlot);
      CHECK(again.budget_pause == milliseconds(2'000));
      CHECK(again.pause == milliseconds(0));
      CHECK(life.SlotTaken().step == Step::kSend);
    }
    const NextStep last = Answer(life, 429, milliseconds(2'000));
    CHECK(last.step == Step::kDeliver);
    CHECK(last.budget_pause == milliseconds(2'000));
    CheckEnd(life.Delivered(absl::OkStatus(), true),
             unsafe ? std::optional(IntentState::kNotSent) : std::nullopt);
  }
}

TEST_CASE("a 429 whose pause does not fit is passed on", "[zoom-api]") {
  RequestLife daily(Unsafe(), {});
  Sent(daily, true);
  const NextStep next = Answer(daily, 429, std::chrono::hours(3));
  CHECK(next.step == Step::kDeliver);
  CHECK(next.budget_pause == milliseconds(std::chrono::hours(3)));

  RequestLife silent(Safe(), {});
  Sent(silent, false);
  CHECK(Answer(silent, 429, std::nullopt, milliseconds(900)).step == Step::kDeliver);

  RequestLife long_body(UnsafeWithLongBody(), {});
  Sent(long_body, true);
  CHECK(Answer(long_body, 429, milliseconds(100)).step == Step::kDeliver);
}

TEST_CASE("a 429 of a limit that is the user's own does not hold up the account", "[zoom-api]") {
  RequestLife life(Unsafe(), {});
  Sent(life, true);
  const NextStep again = Answer(life, 429);
  CHECK(again.step == Step::kTakeSlot);
  CHECK(again.pause == milliseconds(1'000));
  CHECK_FALSE(again.budget_pause.has_value());
}

TEST_CASE("a slot that is refused after a 429 ends the request as not sent", "[zoom-api]") {
  RequestLife life(Unsafe(), {});
  Sent(life, true);
  Answer(life, 429, milliseconds(100));
  CheckEnd(life.SlotRefused(ServerBusy()), IntentState::kNotSent);
}

TEST_CASE("a 5xx is repeated twice for safe methods, with growing pauses", "[zoom-api]") {
  RequestLife life(Safe(), {});
  Sent(life, false);
  const NextStep first = Answer(life, 503);
  CHECK(first.step == Step::kTakeSlot);
  CHECK(first.pause == milliseconds(200));
  CHECK_FALSE(first.budget_pause.has_value());
  life.SlotTaken();
  const NextStep second = Answer(life, 500, milliseconds(3'000));
  CHECK(second.pause == milliseconds(3'000));  // Zoom's own wish
  life.SlotTaken();
  CHECK(Answer(life, 502).step == Step::kDeliver);
  CheckEnd(life.Delivered(absl::OkStatus(), true), std::nullopt);
  CHECK(life.repetitions() == 2);
}

TEST_CASE("a 5xx without time for a pause is passed on", "[zoom-api]") {
  RequestLife life(Safe(), {});
  Sent(life, false);
  CHECK(Answer(life, 503, std::nullopt, milliseconds(150)).step == Step::kDeliver);
}

TEST_CASE("a 5xx to an unsafe request is passed on once, its outcome unknown", "[zoom-api]") {
  RequestLife life(Unsafe(), {});
  Sent(life, true);
  CHECK(Answer(life, 500).step == Step::kDeliver);
  const NextStep end = life.Delivered(absl::OkStatus(), true);
  CheckEnd(end, IntentState::kUnknown);
  CHECK_THAT(end.status, IsOk());
}

TEST_CASE("redirects and refusals are passed on as they are", "[zoom-api]") {
  for (const int status : {204, 301, 302, 307, 400, 403, 404, 409}) {
    RequestLife life(Unsafe(), {});
    Sent(life, true);
    CHECK(Answer(life, status).step == Step::kDeliver);
    CheckEnd(life.Delivered(absl::OkStatus(), true), IntentState::kCompleted);
  }
}

TEST_CASE("an unsafe request that may have been sent is never sent again", "[zoom-api]") {
  RequestLife life(Unsafe(), {});
  Sent(life, true);
  const NextStep end = life.Lost(true, true, kPlenty, kMiddle);
  CheckEnd(end, IntentState::kUnknown);
  CHECK_THAT(end.status, IsError(absl::StatusCode::kAborted, "OUTCOME_UNKNOWN"));
}

TEST_CASE("a lost connection is tried again where nothing can have been done twice", "[zoom-api]") {
  for (const bool unsafe : {false, true}) {
    RequestLife life(unsafe ? Unsafe() : Safe(), {});
    Sent(life, unsafe);
    const bool sent = !unsafe;
    CHECK(life.Lost(sent, true, kPlenty, 0.0).pause == milliseconds(100));
    CHECK(life.SlotTaken().step == Step::kSend);
    CHECK(life.Lost(sent, true, kPlenty, 1.0).pause == milliseconds(600));
    life.SlotTaken();
    const NextStep end = life.Lost(sent, true, kPlenty, kMiddle);
    CheckEnd(end, unsafe ? std::optional(IntentState::kNotSent) : std::nullopt);
    CHECK_THAT(end.status, IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
  }
}

TEST_CASE("what would fail again, has no time or no body left is not tried again", "[zoom-api]") {
  RequestLife refused(Safe(), {});
  Sent(refused, false);
  CheckEnd(refused.Lost(false, false, kPlenty, kMiddle), std::nullopt);
  RequestLife late(Unsafe(), {});
  Sent(late, true);
  CheckEnd(late.Lost(false, true, milliseconds(100), kMiddle), IntentState::kNotSent);
  RequestLife long_body(UnsafeWithLongBody(), {});
  Sent(long_body, true);
  CheckEnd(long_body.Lost(false, true, kPlenty, kMiddle), IntentState::kNotSent);
}

TEST_CASE("a body that breaks off leaves what Zoom may have seen unknown", "[zoom-api]") {
  RequestLife seen(UnsafeWithLongBody(), {});
  Sent(seen, true);
  const NextStep unknown = seen.BodyFailed(CallCancelled(), true);
  CheckEnd(unknown, IntentState::kUnknown);
  CHECK_THAT(unknown.status, IsError(absl::StatusCode::kAborted, "OUTCOME_UNKNOWN"));
  RequestLife unseen(UnsafeWithLongBody(), {});
  Sent(unseen, true);
  const NextStep end = unseen.BodyFailed(CallCancelled(), false);
  CheckEnd(end, IntentState::kNotSent);
  CHECK_THAT(end.status, IsError(absl::StatusCode::kCancelled, "CALL_CANCELLED"));
}

TEST_CASE("an answer that breaks off or is left does not undo what was done", "[zoom-api]") {
  RequestLife broken(Unsafe(), {});
  Sent(broken, true);
  Answer(broken, 201);
  const NextStep end = broken.Delivered(ZoomUnavailable(), false);
  CheckEnd(end, IntentState::kCompleted);
  CHECK_THAT(end.status, IsError(absl::StatusCode::kAborted, "OUTCOME_UNKNOWN"));

  RequestLife left(Unsafe(), {});
  Sent(left, true);
  Answer(left, 204);
  CheckEnd(left.Delivered(CallCancelled(), false), IntentState::kCompleted);

  RequestLife safe(Safe(), {});
  Sent(safe, false);
  Answer(safe, 200);
  CHECK_THAT(safe.Delivered(ZoomUnavailable(), false).status,
             IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
}

TEST_CASE("giving up before anything was sent says so", "[zoom-api]") {
  RequestLife life(Unsafe(), {});
  Sent(life, true);
  const NextStep end = life.GivenUp(DeadlinePassed());
  CheckEnd(end, IntentState::kNotSent);
  CHECK_THAT(end.status, IsError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED"));
}

TEST_CASE("a scope that is known to be missing ends the request before it is sent", "[zoom-api]") {
  const auto with_scopes = [](const std::vector<std::string>& granted) {
    LifeOfRequest request = Unsafe();
    request.any_of_scopes = {"meeting:write:meeting", "meeting:write"};
    RequestLife life(std::move(request), {});
    life.Start();
    return life.TokenGot(1, granted);
  };
  const NextStep end = with_scopes({"user:read:user"});
  CheckEnd(end, std::nullopt);
  CHECK_THAT(end.status, IsError(absl::StatusCode::kPermissionDenied, "SCOPE_MISSING"));
  CHECK(MetadataOf(end.status) == ErrorMetadata{{"scopes", "meeting:write:meeting meeting:write"}});
  CHECK(with_scopes({"meeting:write", "user:read:user"}).step == Step::kTakeSlot);
  CHECK(with_scopes({}).step == Step::kTakeSlot);
}

TEST_CASE("an event that does not fit ends the request, never in a second sending", "[zoom-api]") {
  using Event = std::function<NextStep(RequestLife&)>;
  const std::vector<std::pair<Step, Event>> events = {
      {Step::kGetToken, [](RequestLife& life) { return life.TokenGot(1, {}); }},
      {Step::kGetToken, [](RequestLife& life) { return life.TokenRefused(NotConnected()); }},
      {Step::kTakeSlot, [](RequestLife& life) { return life.SlotTaken(); }},
      {Step::kTakeSlot, [](RequestLife& life) { return life.SlotRefused(ServerBusy()); }},
      {Step::kWriteIntent, [](RequestLife& life) { return life.IntentWritten(); }},
      {Step::kWriteIntent,
       [](RequestLife& life) { return life.IntentNotWritten(DatabaseUnavailable()); }},
      {Step::kWriteIntent, [](RequestLife& life) { return life.IntentExists({}, true); }},
      {Step::kSend, [](RequestLife& life) { return Answer(life, 200); }},
      {Step::kSend, [](RequestLife& life) { return life.Lost(true, true, kPlenty, kMiddle); }},
      {Step::kSend, [](RequestLife& life) { return life.BodyFailed(CallCancelled(), true); }},
      {Step::kDeliver, [](RequestLife& life) { return life.Delivered(absl::OkStatus(), true); }},
  };
  const std::vector<Event> ways = {
      [](RequestLife& life) { return life.Start(); },
      [](RequestLife& life) { return life.TokenGot(1, {}); },
      [](RequestLife& life) { return life.SlotTaken(); },
      [](RequestLife& life) { return life.IntentWritten(); },
      [](RequestLife& life) { return Answer(life, 200); },
      [](RequestLife& life) { return life.Delivered(absl::OkStatus(), true); },
  };
  for (size_t reached = 1; reached <= ways.size(); ++reached) {
    for (size_t event = 0; event < events.size(); ++event) {
      RequestLife life(Unsafe(), {});
      NextStep next;
      for (size_t i = 0; i < reached; ++i) next = ways[i](life);
      const bool fits = events[event].first == next.step;
      const NextStep after = events[event].second(life);
      INFO("after " << reached << " steps, event " << event);
      const bool unexpected = after.step == Step::kEnd && HasReason(after.status, "UNEXPECTED");
      CHECK(unexpected == !fits);
      if (unexpected) {
        CHECK(after.ending == (reached >= 4 ? std::optional(IntentState::kUnknown) : std::nullopt));
      }
    }
  }
}

}  // namespace shodan::zoomapi
