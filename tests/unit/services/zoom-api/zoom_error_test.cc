// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/zoom_error.h"

#include <chrono>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/zoom-api/domain/errors.h"
#include "services/zoom-api/domain/meetings/requests.h"
#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {
namespace {

using absl::StatusCode;
using testing::IsError;

// 2020-05-30T23:59:00Z.
constexpr std::chrono::system_clock::time_point kNow{std::chrono::seconds(1'590'883'140)};

const GetMeeting kReading{.meeting_id = "92674392836", .occurrence_id = ""};
const DeleteMeeting kDeleting{.meeting_id = "92674392836", .occurrence_id = ""};
const DeleteRegistrant kUnregistering{
    .meeting_id = "92674392836", .registrant_id = "9tboDiHUQAeOnbmudzWa5g", .occurrence_id = ""};

template <typename Action>
absl::Status Refused(const Action& action, int status, std::string_view body,
                     std::vector<std::pair<std::string, std::string>> headers = {}) {
  AnswerHead head;
  head.status = status;
  head.headers = std::move(headers);
  return ErrorOf(RequestFor(action).head, head, body, kNow);
}

std::map<std::string, std::string> Metadata(const absl::Status& status) {
  const ErrorMetadata metadata = MetadataOf(status);
  return {metadata.begin(), metadata.end()};
}

}  // namespace

TEST_CASE("code 3001 means that the meeting is not there, whatever the status", "[zoom-api]") {
  constexpr std::string_view kBody =
      R"({"code":3001,"message":"Meeting does not exist: 92674392836."})";
  for (const int status : {404, 400}) {
    const absl::Status error = Refused(kDeleting, status, kBody);
    CHECK_THAT(error, IsError(StatusCode::kNotFound, "MEETING_NOT_FOUND"));
    CHECK(Metadata(error) == std::map<std::string, std::string>{
                                 {"zoom_status", std::to_string(status)},
                                 {"zoom_code", "3001"},
                                 {"zoom_message", "Meeting does not exist: 92674392836."}});
  }
}

TEST_CASE("a registrant who is not there is told apart from other refusals", "[zoom-api]") {
  constexpr std::string_view kInvalid =
      R"({"code":300,"message":"The value that you entered for the Registrant ID field is invalid."})";
  CHECK_THAT(Refused(kUnregistering, 400, kInvalid),
             IsError(StatusCode::kNotFound, "REGISTRANT_NOT_FOUND"));
  CHECK_THAT(
      Refused(kUnregistering, 404, R"({"code":404,"message":"Registrant x was not found."})"),
      IsError(StatusCode::kNotFound, "REGISTRANT_NOT_FOUND"));
  CHECK_THAT(
      Refused(kUnregistering, 404, R"({"code":3001,"message":"Meeting does not exist: 1."})"),
      IsError(StatusCode::kNotFound, "MEETING_NOT_FOUND"));
  CHECK_THAT(
      Refused(kUnregistering, 404,
              R"({"code":404,"message":"Registration has not been enabled for this meeting: 1."})"),
      IsError(StatusCode::kFailedPrecondition, "ZOOM_REJECTED"));
  // An action that names no registrant cannot miss one.
  CHECK_THAT(Refused(kDeleting, 400, kInvalid),
             IsError(StatusCode::kFailedPrecondition, "ZOOM_REJECTED"));
}

TEST_CASE("a missing scope is told with Zoom's list, without what is no scope", "[zoom-api]") {
  for (const int code : {4711, 4700, 104}) {
    const absl::Status error =
        Refused(kDeleting, 400,
                R"({"code":)" + std::to_string(code) +
                    R"(,"message":"Invalid access token, does not contain scopes:)"
                    R"([meeting:delete:meeting, meeting:delete:meeting:admin, <b>x</b>]."})");
    CHECK_THAT(error, IsError(StatusCode::kPermissionDenied, "SCOPE_MISSING"));
    CHECK(Metadata(error)["scopes"] == "meeting:delete:meeting meeting:delete:meeting:admin");
    CHECK(Metadata(error)["zoom_code"] == std::to_string(code));
    CHECK(error.message() ==
          "The Zoom connection lacks meeting:delete:meeting. The administrator adds the scope to "
          "the Zoom app, then the user reconnects.");
  }
}

TEST_CASE("a missing scope that Zoom does not name is looked up", "[zoom-api]") {
  for (const char* message :
       {"Invalid access token, does not contain scopes.", "does not contain scopes:[",
        "does not contain scopes:[]", "does not contain scopes:[unheard:of]"}) {
    INFO(message);
    const absl::Status error =
        Refused(kReading, 401, std::string(R"({"code":4711,"message":")") + message + R"("})");
    CHECK_THAT(error, IsError(StatusCode::kPermissionDenied, "SCOPE_MISSING"));
    CHECK(Metadata(error)["scopes"].starts_with("meeting:read:meeting meeting:read:meeting:admin"));
  }
  // The same code says other things too.
  CHECK_THAT(Refused(kReading, 401, R"({"code":4700,"message":"Token is empty."})"),
             IsError(StatusCode::kFailedPrecondition, "ZOOM_REJECTED"));
}

TEST_CASE("fields that Zoom found bad keep their messages and get our names", "[zoom-api]") {
  const absl::Status error =
      Refused(CreateMeeting{}, 400,
              R"({"code":300,"message":"Validation Failed.","errors":[)"
              R"({"field":"start_time","message":"Invalid field."},)"
              R"({"field":"settings.approval_type","message":"Must be 0, 1 or 2."},7]})");

  CHECK_THAT(error, IsError(StatusCode::kInvalidArgument, "ZOOM_REJECTED"));
  const std::vector<FieldViolation> fields = FieldsOf(error);
  REQUIRE(fields.size() == 2);
  CHECK(fields[0].field == "startTime");
  CHECK(fields[0].reason == "ZOOM_REJECTED");
  CHECK(fields[0].description == "Invalid field.");
  CHECK(fields[1].field == "settings.approval_type");
  CHECK(Metadata(error)["zoom_message"] == "Validation Failed.");
}

TEST_CASE("every other refusal keeps Zoom's code and words", "[zoom-api]") {
  struct Row {
    int status;
    const char* body;
    const char* code;
  };
  const Row rows[] = {
      {400, R"({"code":300,"message":"This meeting has not registration required: 1"})", "300"},
      {400, R"({"code":200,"message":"Only available for Paid users."})", "200"},
      {400, R"({"code":3000,"message":"Cannot access webinar info."})", "3000"},
      {404, R"({"code":1001,"message":"User does not exist: x."})", "1001"},
      {404, R"({"code":2300,"message":"This API endpoint is not recognized."})", "2300"},
      {403, R"({"message":"Authenticated user has not permitted access."})", ""},
      {401, R"({"code":124,"message":"Invalid access token."})", "124"},
      {302, "", ""},
      {404, "<html>not here</html>", ""},
      {400, "[1]", ""},
      {400, R"({"code":"300","message":5,"errors":{}})", ""},
      {400, R"({"code":300,"errors":[]})", "300"},
  };
  for (const Row& row : rows) {
    INFO(row.body);
    const absl::Status error = Refused(kDeleting, row.status, row.body);
    CHECK_THAT(error, IsError(StatusCode::kFailedPrecondition, "ZOOM_REJECTED"));
    auto metadata = Metadata(error);
    CHECK(metadata["zoom_status"] == std::to_string(row.status));
    CHECK(metadata["zoom_code"] == row.code);
  }
}

TEST_CASE("a rate limit says when Zoom takes requests again", "[zoom-api]") {
  const absl::Status header =
      Refused(kDeleting, 429,
              R"({"code":429,"message":"You have reached the maximum per-second rate limit."})",
              {{"x-zm-trackingid", "v=2.0"}, {"retry-after", "3"}});
  CHECK_THAT(header, IsError(StatusCode::kResourceExhausted, "ZOOM_RATE_LIMITED"));
  CHECK(RetryAfterOf(header) == std::chrono::seconds(3));
  CHECK(Metadata(header)["retry_after_ms"] == "3000");
  CHECK(Metadata(header)["zoom_code"] == "429");

  const absl::Status daily = Refused(
      CreateMeeting{}, 429,
      R"({"code":429,"message":"You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this particular user. You may resume these requests at GMT 00:00:00."})");
  CHECK(RetryAfterOf(daily) == std::chrono::seconds(60));

  const absl::Status silent = Refused(kDeleting, 429, "");
  CHECK_THAT(silent, IsError(StatusCode::kResourceExhausted, "ZOOM_RATE_LIMITED"));
  CHECK_FALSE(RetryAfterOf(silent).has_value());
}

TEST_CASE("Zoom's own failure leaves a safe request undone and an unsafe one unknown",
          "[zoom-api]") {
  for (const int status : {500, 502, 503, 504}) {
    CHECK_THAT(Refused(kReading, status, "<html></html>"),
               IsError(StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
    CHECK_THAT(Refused(kDeleting, status, "<html></html>"),
               IsError(StatusCode::kAborted, "OUTCOME_UNKNOWN"));
    CHECK(Metadata(Refused(kDeleting, status, ""))["zoom_status"] == std::to_string(status));
  }
}

TEST_CASE("Zoom's words are one bounded line of whole characters, and in no status message",
          "[zoom-api]") {
  const absl::Status lines =
      Refused(kDeleting, 400, R"({"code":7,"message":"first\r\nsecond\u0000\u007fthird"})");
  CHECK(Metadata(lines)["zoom_message"] == "first  second  third");
  CHECK(std::string(lines.message()).find("second") == std::string::npos);

  const std::string long_text = std::string(299, 'a') + "\u65E5\u672C";
  const absl::Status cut =
      Refused(kDeleting, 400, R"({"code":7,"message":")" + long_text + R"("})");
  CHECK(Metadata(cut)["zoom_message"] == std::string(299, 'a'));
}

TEST_CASE("what Zoom did and cannot be read is unknown, what it only told is unreadable",
          "[zoom-api]") {
  AnswerHead head;
  head.status = 201;
  const absl::Status unreadable = ZoomAnswerUnreadable("it is no JSON object");

  const absl::Status safe = UnreadableAnswer(RequestFor(kReading).head, head, unreadable);
  CHECK_THAT(safe, IsError(StatusCode::kUnavailable, "ZOOM_ANSWER_UNREADABLE"));
  CHECK(safe.message() == "Zoom's answer cannot be read: it is no JSON object.");
  const absl::Status unsafe = UnreadableAnswer(RequestFor(CreateMeeting{}).head, head, unreadable);
  CHECK_THAT(unsafe, IsError(StatusCode::kAborted, "OUTCOME_UNKNOWN"));
  CHECK(Metadata(unsafe)["zoom_status"] == "201");
}

}  // namespace shodan::zoomapi
