// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/deliveries/link_events.h"

#include <string>

#include <catch2/catch.hpp>

#include "services/automation/domain/deliveries/event_type.h"
#include "services/automation/domain/deliveries/payload.h"

namespace shodan::automation {
namespace {

LinkChange To(LinkState state, int64_t generation) {
  LinkChange change;
  change.project_id = "demo";
  change.user_id = "ann \"the\" user";
  change.link_id = "0a1b2c3d-0000-4000-8000-00000000000a";
  change.generation = generation;
  change.state = state;
  change.time = Time(std::chrono::milliseconds(1'700'000'000'123));
  return change;
}

}  // namespace

TEST_CASE("each turn of a link's life is one event", "[deliveries]") {
  using S = LinkState;
  CHECK(LinkEventOf({}, To(S::kActive, 1)) == "link.connected");
  CHECK(LinkEventOf({1, S::kActive}, To(S::kActive, 1)).empty());
  CHECK(LinkEventOf({1, S::kActive}, To(S::kActive, 2)) == "link.connected");
  CHECK(LinkEventOf({1, S::kActive}, To(S::kReconnectRequired, 1)) == "link.reconnect_required");
  CHECK(LinkEventOf({1, S::kReconnectRequired}, To(S::kReconnectRequired, 1)).empty());
  CHECK(LinkEventOf({1, S::kReconnectRequired}, To(S::kActive, 1)) == "link.recovered");
  CHECK(LinkEventOf({1, S::kReconnectRequired}, To(S::kActive, 2)) == "link.recovered");
  CHECK(LinkEventOf({1, S::kActive}, To(S::kDisconnecting, 2)).empty());
  CHECK(LinkEventOf({2, S::kDisconnecting}, To(S::kNone, 2)) == "link.erased");
  CHECK(LinkEventOf({1, S::kActive}, To(S::kNone, 2)) == "link.erased");
  CHECK(LinkEventOf({}, To(S::kNone, 2)).empty());
}

TEST_CASE("an event of a link says whose it is, and nothing of Zoom's", "[deliveries]") {
  LinkChange change = To(LinkState::kReconnectRequired, 3);
  change.cause = "revoked";
  CHECK(LinkEventPayload(event_type::kLinkReconnectRequired, change) ==
        R"({"type":"link.reconnect_required","timestamp":"2023-11-14T22:13:20.123Z","data":)"
        R"({"projectId":"demo","userId":"ann \"the\" user","linkId":)"
        R"("0a1b2c3d-0000-4000-8000-00000000000a","generation":3,"cause":"revoked"}})");
}

TEST_CASE("an endpoint can be told of fourteen kinds of events", "[deliveries]") {
  for (const char* type :
       {"link.connected", "link.reconnect_required", "link.recovered", "link.erased",
        "webhook_endpoint.disabled", "meeting.created", "meeting.updated", "meeting.ended",
        "meeting.registration_created", "meeting.participant_joined", "meeting.participant_left",
        "recording.started", "recording.completed", "recording.transcript_completed"}) {
    CHECK(IsEventType(type));
  }
  for (const char* type : {"", "link", "link.*", "meeting.deleted", "LINK.ERASED"}) {
    CHECK_FALSE(IsEventType(type));
  }
}

}  // namespace shodan::automation
