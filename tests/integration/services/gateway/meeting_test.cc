// SPDX-License-Identifier: Apache-2.0
// The meeting actions over HTTP.
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/services/gateway/running_gateway.h"

namespace shodan::gateway {
namespace {

constexpr char kId[] = "0a1b2c3d-0000-4000-8000-0123456789ab";

std::string Path(const std::string& rest) { return kProjectPath + rest; }

// Whether the last call of an action held these fields.
bool Called(RunningGateway& gateway, const std::string& method,
            std::initializer_list<std::string> fields) {
  const std::string call = gateway.backends().zoom.LastCall();
  INFO(call);
  bool all = call.rfind(method + " project_id: \"demo\" user_id: \"ann\"", 0) == 0;
  for (const std::string& field : fields) all = all && call.find(field) != std::string::npos;
  CHECK(all);
  return all;
}

void SetMeeting(RunningGateway& gateway) {
  auto& meeting = gateway.backends().zoom.meeting;
  meeting.set_meeting_id("98765432101");
  meeting.set_topic("Talk");
  meeting.set_type(shodan::zoomapi::v1::MEETING_TYPE_SCHEDULED);
  meeting.set_start_url("https://zoom.example/s/1?zak=secret");
  (*meeting.mutable_settings()->mutable_fields())["waiting_room"].set_bool_value(true);
}

TEST_CASE("POST meetings creates one and shows it as Zoom made it, to be kept nowhere") {
  RunningGateway gateway;
  SetMeeting(gateway);
  const auto created = gateway.As("ann", "POST", Path("/meetings"),
                                  R"({"requestId":")" + std::string(kId) +
                                      R"(","topic":"Talk","type":"scheduled","durationMinutes":30,)"
                                      R"("settings":{"waiting_room":true,"jbh_time":5}})");

  REQUIRE(created.status == 201);
  CHECK(JsonOf(created).at("meetingId") == "98765432101");
  CHECK(JsonOf(created).at("startUrl") == "https://zoom.example/s/1?zak=secret");
  CHECK(JsonOf(created).at("settings").at("waiting_room") == true);
  CHECK(created.Field("cache-control") == "no-store");
  Called(gateway, "CreateMeeting",
         {std::string("request_id: \"") + kId, "topic: \"Talk\"", "MEETING_TYPE_SCHEDULED",
          "duration_minutes: 30", "jbh_time"});
}

TEST_CASE("GET meetings gives a page of them") {
  RunningGateway gateway;
  SetMeeting(gateway);
  const auto page =
      JsonOf(gateway.As("ann", "GET", Path("/meetings?type=upcoming&pageSize=2&pageToken=next")));

  CHECK(page.at("meetings").at(0).at("meetingId") == "98765432101");
  CHECK(page.at("nextPageToken") == "more");
  CHECK(page.at("totalSize") == 2);
  Called(gateway, "GetMeeting", {"type: \"upcoming\"", "page_size: 2", "page_token: \"next\""});
}

TEST_CASE("GET, PATCH and DELETE of one meeting name it and the date") {
  RunningGateway gateway;
  SetMeeting(gateway);
  const std::string path = Path("/meetings/98765432101?occurrenceId=17");
  CHECK(JsonOf(gateway.As("ann", "GET", path)).at("topic") == "Talk");
  Called(gateway, "GetMeetingByMeetingId",
         {"meeting_id: \"98765432101\"", "occurrence_id: \"17\""});

  CHECK(gateway.As("ann", "PATCH", path, R"({"agenda":"","startTime":"2026-01-01T00:00:00Z"})")
            .status == 204);
  Called(gateway, "UpdateMeeting",
         {"request_id: \"", "paths: \"start_time\" paths: \"agenda\"", "occurrence_id: \"17\""});

  CHECK(gateway.As("ann", "DELETE", path + "&notifyHosts=true").status == 204);
  Called(gateway, "DeleteMeeting", {"request_id: \"", "notify_hosts: true", "\"17\""});
}

TEST_CASE("Registrants are added, listed and taken off") {
  RunningGateway gateway;
  auto& registrant = gateway.backends().zoom.registrant;
  registrant.set_registrant_id("fdgsfh2ey82fuh");
  registrant.set_email("a@b.example");
  const std::string path = Path("/meetings/7/registrants");
  const auto added =
      gateway.As("ann", "POST", path,
                 R"({"requestId":")" + std::string(kId) +
                     R"(","email":"a@b.example","firstName":"A","occurrenceIds":["1","2"],)"
                     R"("customQuestions":[{"title":"Why?","value":"So."}]})");
  REQUIRE(added.status == 201);
  CHECK(JsonOf(added).at("registrantId") == "fdgsfh2ey82fuh");
  Called(gateway, "AddMeetingRegistrant",
         {"meeting_id: \"7\"", "first_name: \"A\"", "occurrence_ids: \"2\"", "value: \"So.\""});

  const auto page = JsonOf(gateway.As("ann", "GET", path + "?status=pending"));
  CHECK(page.at("registrants").at(0).at("email") == "a@b.example");
  CHECK(page.at("totalSize") == 1);
  Called(gateway, "GetMeetingRegistrants", {"status: \"pending\"", "page_size: 30"});

  CHECK(gateway.As("ann", "DELETE", path + "/fdgsfh2ey82fuh").status == 204);
  Called(gateway, "DeleteMeetingRegistrant", {"registrant_id: \"fdgsfh2ey82fuh\""});
}

TEST_CASE("What Zoom said about a refusal reaches the caller") {
  RunningGateway gateway;
  gateway.backends().zoom.error =
      MakeError(absl::StatusCode::kFailedPrecondition, "ZOOM_REJECTED", "Zoom refused it.",
                {{"zoom_status", "400"}, {"zoom_code", "300"}, {"zoom_message", "No."}});
  const auto refused = gateway.As("ann", "GET", Path("/meetings/7"));
  CHECK(ProblemOf(refused) == "409 ZOOM_REJECTED");
  CHECK(JsonOf(refused).at("zoomStatus") == 400);
  CHECK(JsonOf(refused).at("zoomCode") == 300);
  CHECK(JsonOf(refused).at("zoomMessage") == "No.");

  gateway.backends().zoom.error =
      MakeError(absl::StatusCode::kPermissionDenied, "SCOPE_MISSING", "The administrator adds it.",
                {{"scopes", "meeting:read:meeting meeting:read"}});
  const auto scope = gateway.As("ann", "GET", Path("/meetings/7"));
  CHECK(ProblemOf(scope) == "403 SCOPE_MISSING");
  CHECK(JsonOf(scope).at("scopes").at(0) == "meeting:read:meeting");
  CHECK(JsonOf(scope).at("detail") == "The administrator adds it.");

  gateway.backends().zoom.error =
      WithRetryAfter(ResourceExhausted("ZOOM_RATE_LIMITED", "Wait."), std::chrono::seconds(7));
  CHECK(gateway.As("ann", "GET", Path("/meetings/7")).Field("retry-after") == "7");
}

TEST_CASE("Input that is none is named before zoom-api is asked") {
  RunningGateway gateway;
  const auto problem = [&](const char* method, const std::string& path, const std::string& body) {
    return ProblemOf(gateway.As("ann", method, Path(path), body));
  };
  CHECK(problem("POST", "/meetings", R"({"topic":"x"})") == "400 INVALID_FIELD requestId");
  CHECK(problem("PATCH", "/meetings/7", "{}") == "400 INVALID_FIELD topic");
  CHECK(problem("GET", "/meetings/x", "") == "400 INVALID_FIELD meetingId");
  CHECK(problem("GET", "/meetings?pageSize=301", "") == "400 INVALID_FIELD pageSize");
  CHECK(problem("DELETE", "/meetings/7?notifyHosts=yes", "") == "400 INVALID_FIELD notifyHosts");
  CHECK(problem("DELETE", "/meetings/7/registrants/a.b", "") == "400 INVALID_FIELD registrantId");
  CHECK(gateway.backends().zoom.LastCall().empty());
}

}  // namespace
}  // namespace shodan::gateway
