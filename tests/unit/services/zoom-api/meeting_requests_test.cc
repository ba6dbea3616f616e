// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch.hpp>

#include "services/zoom-api/domain/meetings/requests.h"

namespace shodan::zoomapi {
namespace {

// "METHOD target" as Zoom sees it below the base.
std::string LineOf(const ActionRequest& request) {
  return std::string(ToText(request.head.method)) + " " + request.head.target.Encoded();
}

void CheckNoBody(const ActionRequest& request) {
  CHECK(request.body.empty());
  CHECK(request.head.content_type.empty());
  CHECK(request.head.content_length == 0);
}

void CheckBody(const ActionRequest& request, const std::string& body) {
  CHECK(request.body == body);
  CHECK(request.head.content_type == "application/json");
  CHECK(request.head.content_length == static_cast<int64_t>(body.size()));
}

}  // namespace

TEST_CASE("Create Meeting posts what is set to the user's meetings", "[zoom-api]") {
  CreateMeeting action;
  action.meeting.topic = "Demo";

  const ActionRequest request = RequestFor(action);

  CHECK(LineOf(request) == "POST /users/me/meetings");
  CheckBody(request, R"({"topic":"Demo"})");
  CHECK(request.head.any_of_scopes.front() == "meeting:write:meeting");
}

TEST_CASE("Update Meeting patches the named fields of the meeting or of one occurrence",
          "[zoom-api]") {
  UpdateMeeting action;
  action.meeting.meeting_id = "92674392836";
  action.meeting.topic = "New";
  action.fields = {MeetingField::kTopic};
  CHECK(LineOf(RequestFor(action)) == "PATCH /meetings/92674392836");
  CheckBody(RequestFor(action), R"({"topic":"New"})");
  CHECK(RequestFor(action).head.any_of_scopes.front() == "meeting:update:meeting");

  action.occurrence_id = "1648194360000";
  CHECK(LineOf(RequestFor(action)) == "PATCH /meetings/92674392836?occurrence_id=1648194360000");
}

TEST_CASE("Get Meeting says every parameter on each page", "[zoom-api]") {
  CHECK(LineOf(RequestFor(ListMeetings{})) == "GET /users/me/meetings?type=scheduled&page_size=30");
  CHECK(LineOf(RequestFor(
            ListMeetings{.type = "upcoming", .page_size = 300, .page_token = "Tva2/C=="})) ==
        "GET /users/me/meetings?type=upcoming&page_size=300&next_page_token=Tva2%2FC%3D%3D");
  CheckNoBody(RequestFor(ListMeetings{}));
  CHECK(RequestFor(ListMeetings{}).head.any_of_scopes.front() == "meeting:read:list_meetings");
}

TEST_CASE("Get Meeting by Meeting ID reads the meeting or one occurrence", "[zoom-api]") {
  const GetMeeting whole{.meeting_id = "92674392836", .occurrence_id = ""};
  CHECK(LineOf(RequestFor(whole)) == "GET /meetings/92674392836");
  CheckNoBody(RequestFor(whole));
  CHECK(LineOf(RequestFor(GetMeeting{.meeting_id = "1", .occurrence_id = "2"})) ==
        "GET /meetings/1?occurrence_id=2");
}

TEST_CASE("Delete Meeting always says who is to be told", "[zoom-api]") {
  DeleteMeeting action;
  action.meeting_id = "1";
  CHECK(LineOf(RequestFor(action)) ==
        "DELETE /meetings/1?schedule_for_reminder=false&cancel_meeting_reminder=false");
  CheckNoBody(RequestFor(action));

  action.occurrence_id = "2";
  action.notify_hosts = true;
  action.notify_registrants = true;
  CHECK(LineOf(RequestFor(action)) ==
        "DELETE /meetings/1?occurrence_id=2&schedule_for_reminder=true"
        "&cancel_meeting_reminder=true");
}

TEST_CASE("Add Meeting Registrant registers for all occurrences or for some", "[zoom-api]") {
  AddRegistrant action;
  action.meeting_id = "1";
  action.registrant.email = "a@example.com";
  action.registrant.first_name = "Jill";
  CHECK(LineOf(RequestFor(action)) == "POST /meetings/1/registrants");
  CheckBody(RequestFor(action), R"({"email":"a@example.com","first_name":"Jill"})");
  CHECK(RequestFor(action).head.any_of_scopes.front() == "meeting:write:registrant");

  action.occurrence_ids = {"11", "12"};
  CHECK(LineOf(RequestFor(action)) == "POST /meetings/1/registrants?occurrence_ids=11%2C12");
}

TEST_CASE("Get Meeting Registrants says every parameter on each page", "[zoom-api]") {
  ListRegistrants action;
  action.meeting_id = "1";
  CHECK(LineOf(RequestFor(action)) == "GET /meetings/1/registrants?status=approved&page_size=30");

  action.status = "pending";
  action.occurrence_id = "2";
  action.page_size = 5;
  action.page_token = "t";
  CHECK(LineOf(RequestFor(action)) ==
        "GET /meetings/1/registrants?status=pending&occurrence_id=2&page_size=5"
        "&next_page_token=t");
}

TEST_CASE("Delete Meeting Registrant deletes the one of that id", "[zoom-api]") {
  DeleteRegistrant action;
  action.meeting_id = "1";
  action.registrant_id = "9tboDiHUQAeOnbmudzWa5g";
  CHECK(LineOf(RequestFor(action)) == "DELETE /meetings/1/registrants/9tboDiHUQAeOnbmudzWa5g");
  CheckNoBody(RequestFor(action));
  CHECK(RequestFor(action).head.any_of_scopes.front() == "meeting:delete:registrant");

  action.registrant_id = "a+b=";
  action.occurrence_id = "2";
  CHECK(LineOf(RequestFor(action)) == "DELETE /meetings/1/registrants/a%2Bb%3D?occurrence_id=2");
}

}  // namespace shodan::zoomapi
