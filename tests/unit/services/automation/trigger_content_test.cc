// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/triggers/trigger_content.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::automation {
namespace {

using testing::IsError;
using testing::IsOk;

constexpr Trigger kAll[] = {Trigger::kNewMeeting,
                            Trigger::kMeetingUpdated,
                            Trigger::kMeetingEnded,
                            Trigger::kNewMeetingRegistrant,
                            Trigger::kMeetingParticipantJoined,
                            Trigger::kMeetingParticipantLeft,
                            Trigger::kNewRecording,
                            Trigger::kCompleteRecording,
                            Trigger::kRecordingTranscriptCompleted};

absl::StatusOr<TriggerContent> Read(Trigger trigger, const std::string& payload) {
  const auto envelope = ReadEnvelope(R"({"event":"x","payload":)" + payload + "}");
  REQUIRE_THAT(envelope, IsOk());
  return ReadTriggerContent(trigger, *envelope);
}

std::string Object(const std::string& members) {
  return R"({"object":{"id":98884753832,"host_id":"host",)" + members +
         R"("uuid":"5yDZGNlQSV6qOjg4NxajHQ=="}})";
}

constexpr char kParticipant[] =
    R"("participant":{"user_id":16778240,"user_name":"Jill","id":"","participant_uuid":"pu","join_time":"2021-07-13T21:44:51Z","leave_time":"2021-07-13T21:45:51Z","leave_reason":"Jill left.<br>","email":"j@example.com","registrant_id":"r"},)";

}  // namespace

TEST_CASE("The nine triggers have their documented names and events", "[triggers]") {
  const std::vector<std::pair<std::string, std::string>> documented = {
      {"New Meeting", "meeting.created"},
      {"Meeting Updated", "meeting.updated"},
      {"Meeting Ended", "meeting.ended"},
      {"New Meeting Registrant", "meeting.registration_created"},
      {"Meeting Participant Joined", "meeting.participant_joined"},
      {"Meeting Participant Left", "meeting.participant_left"},
      {"New Recording", "recording.started"},
      {"Complete Recording", "recording.completed"},
      {"Recording Transcript Completed", "recording.transcript_completed"}};
  REQUIRE(documented.size() == std::size(kAll));
  for (size_t i = 0; i < documented.size(); ++i) {
    CHECK(NameOf(kAll[i]) == documented[i].first);
    CHECK(ZoomEventOf(kAll[i]) == documented[i].second);
    CHECK(TriggerOf(documented[i].second) == kAll[i]);
  }
  for (const char* other : {"", "meeting.started", "meeting.deleted", "app_deauthorized",
                            "phone.caller_ringing", "meeting.created "}) {
    CHECK_FALSE(TriggerOf(other).has_value());
  }
}

TEST_CASE("A meeting's id is a number or a text, and keeps every digit", "[triggers]") {
  const std::string people = std::string(kParticipant) + R"("registrant":{"id":"r"},)";
  for (const Trigger trigger : kAll) {
    INFO(NameOf(trigger));
    for (const char* id : {"98884753832", R"("98884753832")"}) {
      const auto content = Read(trigger, std::string(R"({"object":{)") + people + R"("id":)" + id +
                                             R"(,"host_id":"host"}})");
      REQUIRE_THAT(content, IsOk());
      CHECK(content->meeting.meeting_id == "98884753832");
      CHECK(content->owner_id == "host");
    }
  }
  CHECK(Read(Trigger::kNewMeeting, R"({"object":{"id":9223372036854775807,"host_id":"h"}})")
            ->meeting.meeting_id == "9223372036854775807");
  CHECK(Read(Trigger::kNewMeeting, R"({"object":{"id":18446744073709551615,"host_id":"h"}})")
            ->meeting.meeting_id == "18446744073709551615");
}

TEST_CASE("A new meeting is read with everything that is told", "[triggers]") {
  const auto content = Read(
      Trigger::kNewMeeting,
      R"({"account_id":"a","operator":"someone@example.com","object":{"uuid":"5yDZ==","id":98884753832,"host_id":"8lzIwvZTSOqjndWPbPqzuA","topic":"My Meeting","type":2,"start_time":"2021-07-13T21:44:51Z","duration":60,"timezone":"America/Los_Angeles","join_url":"https://zoom.us/j/1?pwd=abc","password":"PaSsWoRd","settings":{"use_pmi":false}}})");
  REQUIRE_THAT(content, IsOk());
  const EventMeeting& meeting = content->meeting;
  CHECK(meeting.uuid == "5yDZ==");
  CHECK(meeting.topic == "My Meeting");
  CHECK(meeting.type == 2);
  CHECK(meeting.start_time == Time(std::chrono::milliseconds(1626212691000)));
  CHECK(meeting.duration_minutes == 60);
  CHECK(meeting.timezone == "America/Los_Angeles");
  CHECK(meeting.join_url == "https://zoom.us/j/1?pwd=abc");
  CHECK(meeting.password.Expose(SecretAccess::ForTest()) == "PaSsWoRd");
  CHECK_FALSE(content->old_meeting.has_value());
  CHECK_FALSE(content->participant.has_value());
}

TEST_CASE("An update tells what changed and what it was; its user may be who changed it",
          "[triggers]") {
  const auto content = Read(
      Trigger::kMeetingUpdated,
      R"({"operator_id":"operator","object":{"id":1,"topic":"new"},"old_object":{"id":1,"topic":"old"}})");
  REQUIRE_THAT(content, IsOk());
  CHECK(content->meeting.topic == "new");
  CHECK(content->old_meeting->topic == "old");
  CHECK(content->owner_id == "operator");
  CHECK(Read(Trigger::kMeetingUpdated,
             R"({"operator_id":"operator","object":{"id":1,"host_id":"host"}})")
            ->owner_id == "host");
  CHECK(Read(Trigger::kMeetingUpdated,
             R"({"operator_id":"o","object":{"id":1},"old_object":{"host_id":"host"}})")
            ->owner_id == "host");
}

TEST_CASE("Registrants and participants are read, guests too", "[triggers]") {
  const auto registration = Read(
      Trigger::kNewMeetingRegistrant,
      Object(
          R"("registrant":{"id":"r1","first_name":"A","last_name":"B","email":"a@b.c","status":"approved","join_url":"u"},)"));
  REQUIRE_THAT(registration, IsOk());
  CHECK(registration->registrant->registrant_id == "r1");
  CHECK(registration->registrant->email == "a@b.c");
  CHECK(registration->registrant->status == "approved");
  const auto left = Read(Trigger::kMeetingParticipantLeft, Object(kParticipant));
  REQUIRE_THAT(left, IsOk());
  CHECK(left->participant->participant_id == "16778240");
  CHECK(left->participant->zoom_user_id.empty());
  CHECK(left->participant->display_name == "Jill");
  CHECK(left->participant->leave_time == Time(std::chrono::milliseconds(1626212751000)));
  CHECK(left->participant->leave_reason == "Jill left.<br>");
}

TEST_CASE("Recordings are read with their files", "[triggers]") {
  const auto started = Read(
      Trigger::kNewRecording,
      Object(
          R"("recording_file":{"recording_start":"2021-07-13T21:44:51Z","recording_end":null},)"));
  REQUIRE_THAT(started, IsOk());
  REQUIRE(started->recording_files.size() == 1);
  CHECK(started->recording_files[0].start_time.has_value());
  CHECK_FALSE(started->recording_files[0].end_time.has_value());
  const auto completed = Read(
      Trigger::kCompleteRecording,
      Object(
          R"("share_url":"s","recording_files":[{"id":"f","file_type":"MP4","recording_type":"active_speaker","file_size":7254107,"download_url":"d","play_url":"p"},7,{"file_type":"TRANSCRIPT"}],)"));
  REQUIRE_THAT(completed, IsOk());
  CHECK(completed->share_url == "s");
  REQUIRE(completed->recording_files.size() == 2);
  CHECK(completed->recording_files[0].file_size == 7254107);
  CHECK(completed->recording_files[1].file_type == "TRANSCRIPT");
}

TEST_CASE("One odd member does not cost the event", "[triggers]") {
  const auto content =
      Read(Trigger::kNewMeeting,
           Object(R"("topic":5,"type":"2","duration":1e300,"start_time":"soon","timezone":null,)"));
  REQUIRE_THAT(content, IsOk());
  CHECK(content->meeting.topic.empty());
  CHECK(content->meeting.type == 0);
  CHECK(content->meeting.duration_minutes == 0);
  CHECK_FALSE(content->meeting.start_time.has_value());
}

TEST_CASE("Without meeting, host or person an event means nothing", "[triggers]") {
  constexpr auto kRefused = absl::StatusCode::kInvalidArgument;
  for (const char* payload :
       {"{}", R"({"object":[]})", R"({"object":{"host_id":"h"}})",
        R"({"object":{"id":1.5,"host_id":"h"}})", R"({"object":{"id":1}})",
        R"({"object":{"id":1,"host_id":5}})", R"({"operator_id":"o","object":{"id":1}})"}) {
    INFO(payload);
    CHECK_THAT(Read(Trigger::kNewMeeting, payload), IsError(kRefused, "WEBHOOK_MALFORMED"));
  }
  for (const Trigger trigger : {Trigger::kNewMeetingRegistrant, Trigger::kMeetingParticipantJoined,
                                Trigger::kMeetingParticipantLeft}) {
    CHECK_THAT(Read(trigger, Object("")), IsError(kRefused, "WEBHOOK_MALFORMED"));
  }
  CHECK_THAT(Read(Trigger::kNewMeeting,
                  R"({"object":{"id":1,"host_id":")" + std::string(513, 'h') + R"("}})"),
             IsError(kRefused, "WEBHOOK_MALFORMED"));
}

}  // namespace shodan::automation
