// SPDX-License-Identifier: Apache-2.0
#include "libs/http/problem_details.h"

#include <string>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"

namespace shodan::http {
namespace {

using absl::StatusCode;

TEST_CASE("What Zoom said becomes members of the document, and nothing else of the metadata does") {
  const absl::Status status =
      MakeError(StatusCode::kPermissionDenied, "SCOPE_MISSING", "Ask for it.",
                {{"zoom_status", "400"},
                 {"zoom_code", "4711"},
                 {"zoom_message", "does not contain scopes"},
                 {"scopes", "meeting:write:meeting meeting:write:meeting:admin"},
                 {"cause", "revoked"},
                 {"other", "x"}});
  const auto problem = boost::json::parse(ProblemResponse(status, "/x", "r").body);

  CHECK(problem.at("zoomStatus") == 400);
  CHECK(problem.at("zoomCode") == 4711);
  CHECK(problem.at("zoomMessage") == "does not contain scopes");
  CHECK(problem.at("scopes").as_array().size() == 2);
  CHECK(problem.at("scopes").at(1) == "meeting:write:meeting:admin");
  CHECK(problem.at("cause") == "revoked");
  CHECK_FALSE(problem.as_object().contains("other"));
}

TEST_CASE("An internal error tells none of its metadata") {
  const absl::Status status =
      MakeError(StatusCode::kInternal, "BROKEN", "details", {{"zoom_message", "secret"}});
  CHECK(ProblemResponse(status, "/x", "r").body.find("secret") == std::string::npos);
}

TEST_CASE("Answers of Zoom's that cannot be passed on are 502") {
  for (const char* reason : {"ANSWER_TOO_LARGE", "ANSWER_INVALID", "ZOOM_ANSWER_UNREADABLE"}) {
    CHECK(HttpStatusOf(Unavailable(reason, "x")) == 502);
  }
  CHECK(HttpStatusOf(InvalidArgument("LENGTH_REQUIRED", "x")) == 411);
}

TEST_CASE("Every error code has its HTTP status") {
  const std::pair<StatusCode, int> table[] = {
      {StatusCode::kOk, 200},
      {StatusCode::kCancelled, 499},
      {StatusCode::kUnknown, 500},
      {StatusCode::kInvalidArgument, 400},
      {StatusCode::kDeadlineExceeded, 504},
      {StatusCode::kNotFound, 404},
      {StatusCode::kAlreadyExists, 409},
      {StatusCode::kPermissionDenied, 403},
      {StatusCode::kResourceExhausted, 429},
      {StatusCode::kFailedPrecondition, 409},
      {StatusCode::kAborted, 409},
      {StatusCode::kOutOfRange, 400},
      {StatusCode::kUnimplemented, 501},
      {StatusCode::kInternal, 500},
      {StatusCode::kUnavailable, 503},
      {StatusCode::kDataLoss, 500},
      {StatusCode::kUnauthenticated, 401},
  };
  for (const auto& [code, http_status] : table) {
    CHECK(HttpStatusOf(absl::Status(code, "x")) == http_status);
  }
}

TEST_CASE("Reasons that HTTP has a code for override the error code") {
  CHECK(HttpStatusOf(InvalidArgument("METHOD_NOT_ALLOWED", "x")) == 405);
  CHECK(HttpStatusOf(InvalidArgument("BODY_TOO_LARGE", "x")) == 413);
  CHECK(HttpStatusOf(InvalidArgument("TARGET_TOO_LONG", "x")) == 414);
  CHECK(HttpStatusOf(InvalidArgument("UNSUPPORTED_MEDIA_TYPE", "x")) == 415);
  CHECK(HttpStatusOf(ResourceExhausted("HEAD_TOO_LARGE", "x")) == 431);
  CHECK(HttpStatusOf(FailedPrecondition("TICKET_INVALID", "x")) == 400);
  CHECK(HttpStatusOf(FailedPrecondition("LINK_NOT_ACTIVE", "x")) == 409);
}

TEST_CASE("A problem document carries reason, request id and every bad field") {
  const absl::Status status = InvalidFields(
      {{"text", "REQUIRED", "is required."}, {"callId", "MALFORMED", "must be a UUID."}});

  const Response response = ProblemResponse(status, "/v1/projects/demo/notes", "request-1");

  CHECK(response.status == 400);
  CHECK(response.fields.Get("content-type") == "application/problem+json");
  CHECK(response.fields.Get("cache-control") == "no-store");
  CHECK(
      response.body ==
      R"({"type":"https://shodan.example/problems/INVALID_FIELD","title":"Invalid field","status":400,)"
      R"("detail":"text: is required.; callId: must be a UUID.","instance":"/v1/projects/demo/notes",)"
      R"("reason":"INVALID_FIELD","requestId":"request-1","errors":[)"
      R"({"field":"text","reason":"REQUIRED","detail":"is required."},)"
      R"({"field":"callId","reason":"MALFORMED","detail":"must be a UUID."}]})");
}

TEST_CASE("A problem document tells nothing of an internal error") {
  for (const absl::Status& status :
       {Internal("SQL_BROKEN", "secret host db1"), absl::UnknownError("secret host db1"),
        absl::DataLossError("secret")}) {
    const Response response = ProblemResponse(status, "/", "r");
    CHECK(response.status == 500);
    CHECK(response.body.find("secret") == std::string::npos);
    CHECK(response.body.find("SQL_BROKEN") == std::string::npos);
    CHECK(response.body.find(R"("reason":"INTERNAL")") != std::string::npos);
  }
}

TEST_CASE("429 and 503 always say when to come back") {
  const absl::Status limited =
      WithRetryAfter(ResourceExhausted("RATE_LIMITED", "x"), std::chrono::milliseconds(1500));
  CHECK(ProblemResponse(limited, "/", "r").fields.Get("Retry-After") == "2");
  CHECK(ProblemResponse(Unavailable("DATABASE_UNAVAILABLE", "x"), "/", "r")
            .fields.Get("Retry-After") == "5");
  CHECK_FALSE(ProblemResponse(NotFound("X", "x"), "/", "r").fields.Has("Retry-After"));
}

TEST_CASE("401 names the scheme and an error without a reason uses its code") {
  const Response response = ProblemResponse(absl::UnauthenticatedError("x"), "/", "r");

  CHECK(response.fields.Get("WWW-Authenticate") == "Bearer");
  CHECK(response.body.find(R"("reason":"UNAUTHENTICATED")") != std::string::npos);
}

TEST_CASE("A problem document is valid JSON whatever the texts hold") {
  const Response response = ProblemResponse(InvalidArgument("X", "quote \" and \xFF"), "/\"", "r");

  boost::json::error_code error;
  boost::json::parse(response.body, error);
  CHECK_FALSE(error);
}

}  // namespace
}  // namespace shodan::http
