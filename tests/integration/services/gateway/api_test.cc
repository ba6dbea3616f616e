// SPDX-License-Identifier: Apache-2.0
// Every route of the browser API with good and bad input.
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/services/gateway/running_gateway.h"

namespace shodan::gateway {
namespace {

namespace al = shodan::accountlink::v1;
namespace tv = shodan::tokenvault::v1;

constexpr char kId[] = "0a1b2c3d-0000-4000-8000-0123456789ab";

std::string Path(const std::string& rest) { return kProjectPath + rest; }

void SetLink(RunningGateway& gateway, const std::string& user, al::LinkState state) {
  const std::lock_guard lock(gateway.backends().mutex);
  al::Link& link = gateway.backends().links[user];
  link.set_link_id(kId);
  link.set_state(state);
  link.set_generation(1);
}

TEST_CASE("GET session tells who is signed in") {
  RunningGateway gateway;
  const auto response = gateway.As("ann", "GET", Path("/session"));

  CHECK(response.status == 200);
  const auto session = JsonOf(response);
  CHECK(session.at("projectId") == "demo");
  CHECK(session.at("userId") == "ann");
  CHECK(session.at("displayName") == "Name of ann");
  CHECK(session.at("roles").as_array().empty());
  CHECK(response.Field("cache-control") == "no-store");
}

TEST_CASE("GET link joins the link, the Zoom account and the last attempt") {
  RunningGateway gateway;
  SetLink(gateway, "ann", al::LINK_STATE_ACTIVE);
  tv::Profile profile;
  profile.set_display_name("Ann at Zoom");
  profile.set_email("ann@zoom.example");
  profile.add_missing_scopes("user:read:user");
  gateway.backends().profile = profile;
  gateway.backends().get_attempt = [](const tv::GetAttemptRequest& request) {
    CHECK(request.attempt_id().empty());
    tv::Attempt attempt;
    attempt.set_attempt_id(kId);
    attempt.set_state(tv::ATTEMPT_STATE_ACTIVATED);
    return absl::StatusOr<tv::Attempt>(attempt);
  };

  const auto link = JsonOf(gateway.As("ann", "GET", Path("/link")));

  CHECK(link.at("state") == "active");
  CHECK(link.at("linkId") == kId);
  CHECK(link.at("zoomAccount").at("email") == "ann@zoom.example");
  CHECK(link.at("missingScopes").at(0) == "user:read:user");
  CHECK(link.at("lastAttempt").at("state") == "succeeded");
}

TEST_CASE("GET link does without the vault, and asks it for no profile when nothing is connected") {
  RunningGateway gateway;
  gateway.backends().profile = Unavailable("DATABASE_UNAVAILABLE", "down");
  SetLink(gateway, "ann", al::LINK_STATE_RECONNECT_REQUIRED);

  const auto with = JsonOf(gateway.As("ann", "GET", Path("/link")));
  CHECK(with.at("state") == "reconnect_required");
  CHECK(with.at("zoomAccount").is_null());
  CHECK(with.at("lastAttempt").is_null());
  const size_t asked = gateway.backends().CountCalls("GetProfile");
  CHECK(JsonOf(gateway.As("bob", "GET", Path("/link"))).at("state") == "none");
  CHECK(gateway.backends().CountCalls("GetProfile") == asked);
}

TEST_CASE("link:connect begins an authorization unless a Zoom account is connected") {
  RunningGateway gateway;
  const auto started = JsonOf(gateway.As("ann", "POST", Path("/link:connect"), "{}"));
  CHECK(started.at("attemptId") == "attempt-of-ann");
  CHECK(started.at("connectUrl") == "https://localhost:8443/connect?ticket=ticket-connect");
  CHECK(started.at("expireTime") == "2023-11-14T22:13:20.000Z");

  SetLink(gateway, "ann", al::LINK_STATE_ACTIVE);
  CHECK(ProblemOf(gateway.As("ann", "POST", Path("/link:connect"), "{}")) ==
        "409 LINK_ALREADY_ACTIVE");
  CHECK(JsonOf(gateway.As("ann", "POST", Path("/link:connect"), R"({"reconnect":true})"))
            .at("connectUrl") == "https://localhost:8443/connect?ticket=ticket-reconnect");
  SetLink(gateway, "ann", al::LINK_STATE_RECONNECT_REQUIRED);
  CHECK(gateway.As("ann", "POST", Path("/link:connect"), "{}").status == 200);
  SetLink(gateway, "ann", al::LINK_STATE_DISCONNECTING);
  CHECK(ProblemOf(gateway.As("ann", "POST", Path("/link:connect"), R"({"reconnect":true})")) ==
        "409 LINK_DISCONNECTING");
}

TEST_CASE("link:disconnect answers 200 with a receipt, or 202 while Zoom has not confirmed") {
  RunningGateway gateway;
  const std::string body = R"({"requestId":")" + std::string(kId) + R"("})";
  CHECK(ProblemOf(gateway.As("ann", "POST", Path("/link:disconnect"), body)) ==
        "404 LINK_NOT_FOUND");
  SetLink(gateway, "ann", al::LINK_STATE_ACTIVE);

  const auto done = gateway.As("ann", "POST", Path("/link:disconnect"), body);
  CHECK(done.status == 200);
  CHECK(JsonOf(done).at("link").at("state") == "none");
  CHECK(JsonOf(done).at("link").at("cause") == "disconnected");
  CHECK(JsonOf(done).at("receipt").at("revokedAtZoom") == "yes");
  CHECK(JsonOf(done).at("receipt").at("backupsUnreadableTime") == "2026-11-30T00:53:20.000Z");

  gateway.backends().disconnect_takes_long = true;
  const auto going = gateway.As("ann", "POST", Path("/link:disconnect"), body);
  CHECK(going.status == 202);
  CHECK(JsonOf(going).at("link").at("state") == "disconnecting");
  CHECK(JsonOf(going).at("receipt").at("revokedAtZoom") == "unconfirmed");
  CHECK(JsonOf(going).at("receipt").at("backupsUnreadableTime").is_null());
}

TEST_CASE("Only an administrator disconnects another user") {
  RunningGateway gateway;
  SetLink(gateway, "auth0|b/ob", al::LINK_STATE_ACTIVE);
  RequestText request{"POST",
                      Path("/users/auth0%7Cb%2Fob/link:disconnect"),
                      {"Content-Type: application/json"},
                      R"({"requestId":")" + std::string(kId) + R"("})"};
  request.fields.push_back("Authorization: Bearer " + gateway.Token("ann"));
  CHECK(ProblemOf(gateway.Send(request)) == "403 ADMIN_REQUIRED");
  CHECK(gateway.backends().CountCalls("AdminDisconnect") == 0);

  request.fields.back() = "Authorization: Bearer " + gateway.Token("ann", R"(["admin"])");
  const auto response = gateway.Send(request);
  CHECK(response.status == 200);
  CHECK(JsonOf(response).at("link").at("cause") == "disconnected_by_admin");
}

TEST_CASE("callLinks:build answers one entry for each number, in their order") {
  RunningGateway gateway;
  const auto response = gateway.As("ann", "POST", Path("/callLinks:build"),
                                   R"({"defaultRegion":"JP","numbers":["+81312345678","110"]})");

  CHECK(response.status == 200);
  const auto links = JsonOf(response).at("callLinks");
  REQUIRE(links.as_array().size() == 2);
  CHECK(links.at(0).at("input") == "+81312345678");
  CHECK(links.at(0).at("ok") == true);
  CHECK(links.at(0).at("callUri") == "zoomphonecall://+81312345678");
  CHECK(links.at(1).at("ok") == false);
  CHECK(links.at(1).at("error").at("reason") == "NUMBER_EMERGENCY");
}

TEST_CASE("A call needs a connection, a number that may be dialled, and is then a record") {
  RunningGateway gateway;
  const std::string good =
      R"({"requestId":")" + std::string(kId) + R"(","number":"+81312345678","companyId":"acme"})";
  CHECK(ProblemOf(gateway.As("ann", "POST", Path("/calls"), good)) == "409 LINK_NOT_ACTIVE");
  SetLink(gateway, "ann", al::LINK_STATE_ACTIVE);
  CHECK(ProblemOf(gateway.As("ann", "POST", Path("/calls"),
                             R"({"requestId":")" + std::string(kId) + R"(","number":"110"})")) ==
        "400 NUMBER_EMERGENCY number");
  CHECK(gateway.backends().CountCalls("CreateCall") == 0);

  const auto created = gateway.As("ann", "POST", Path("/calls"), good);
  CHECK(created.status == 201);
  const auto answer = JsonOf(created);
  CHECK(answer.at("callUri") == "zoomphonecall://+81312345678");
  CHECK(answer.at("notice").is_null());
  CHECK(answer.at("call").at("companyId") == "acme");
  CHECK(answer.at("call").at("personId").is_null());
  CHECK(answer.at("call").at("region") == "JP");
  const std::string path = Path("/calls/") + answer.at("call").at("callId").as_string().c_str();

  CHECK(JsonOf(gateway.As("ann", "GET", path)).at("outcome") == "unspecified");
  const auto changed = gateway.As("ann", "PATCH", path,
                                  R"({"outcome":"connected","durationSeconds":61,"etag":"1"})");
  CHECK(JsonOf(changed).at("outcome") == "connected");
  CHECK(JsonOf(changed).at("durationSeconds") == 61);
  CHECK(ProblemOf(gateway.As("ann", "PATCH", path, R"({"outcome":"busy","etag":"1"})")) ==
        "409 ETAG_MISMATCH");
  CHECK(JsonOf(gateway.As("ann", "GET", Path("/calls?companyId=acme&pageSize=10")))
            .at("calls")
            .as_array()
            .size() == 1);
  CHECK(JsonOf(gateway.As("ann", "GET", Path("/calls?companyId=other")))
            .at("calls")
            .as_array()
            .empty());
  CHECK(gateway.As("ann", "DELETE", path).status == 204);
  CHECK(ProblemOf(gateway.As("ann", "GET", path)) == "404 CALL_NOT_FOUND");
}

TEST_CASE("Notes are written, read, changed and deleted without a connection") {
  RunningGateway gateway;
  const auto created = gateway.As("ann", "POST", Path("/notes"),
                                  R"({"requestId":")" + std::string(kId) +
                                      R"(","text":"山\n\"x\" \u0001","companyId":"acme"})");
  CHECK(created.status == 201);
  CHECK(JsonOf(created).at("text") == "山\n\"x\" \x01");
  const std::string path = Path("/notes/") + JsonOf(created).at("noteId").as_string().c_str();
  CHECK(JsonOf(gateway.As("ann", "GET", path)).at("companyId") == "acme");
  CHECK(JsonOf(gateway.As("ann", "PATCH", path, R"({"text":"new","etag":"1"})")).at("text") ==
        "new");
  CHECK(ProblemOf(gateway.As("ann", "PATCH", path, R"({"text":"late","etag":"1"})")) ==
        "409 ETAG_MISMATCH");
  CHECK(JsonOf(gateway.As("ann", "GET", Path("/notes"))).at("notes").as_array().size() == 1);
  CHECK(gateway.As("ann", "DELETE", path).status == 204);
  CHECK(ProblemOf(gateway.As("ann", "DELETE", path)) == "404 NOTE_NOT_FOUND");
}

TEST_CASE("Another user's records do not exist") {
  RunningGateway gateway;
  SetLink(gateway, "ann", al::LINK_STATE_ACTIVE);
  const auto call =
      gateway.As("ann", "POST", Path("/calls"),
                 R"({"requestId":")" + std::string(kId) + R"(","number":"+81312345678"})");
  const auto note =
      gateway.As("ann", "POST", Path("/notes"),
                 R"({"requestId":")" + std::string(kId) + R"(","text":"x","companyId":"a"})");
  const std::string call_path =
      Path("/calls/") + JsonOf(call).at("call").at("callId").as_string().c_str();
  const std::string note_path = Path("/notes/") + JsonOf(note).at("noteId").as_string().c_str();

  for (const char* method : {"GET", "DELETE"}) {
    CHECK(ProblemOf(gateway.As("bob", method, call_path)) == "404 CALL_NOT_FOUND");
    CHECK(ProblemOf(gateway.As("bob", method, note_path)) == "404 NOTE_NOT_FOUND");
  }
  CHECK(ProblemOf(gateway.As("bob", "PATCH", call_path, R"({"outcome":"busy"})")) ==
        "404 CALL_NOT_FOUND");
  CHECK(ProblemOf(gateway.As("bob", "PATCH", note_path, R"({"text":"y"})")) ==
        "404 NOTE_NOT_FOUND");
  CHECK(JsonOf(gateway.As("bob", "GET", Path("/calls"))).at("calls").as_array().empty());
  CHECK(gateway.As("ann", "GET", call_path).status == 200);
  CHECK(gateway.As("ann", "GET", note_path).status == 200);
}

struct BadRow {
  const char* method;
  std::string rest;
  std::string body;
  const char* problem;
};

std::vector<BadRow> BadRows() {
  const std::string id = std::string("/calls/") + kId;
  const std::string note = std::string("/notes/") + kId;
  const std::string long_id = std::string(256, 'a');
  return {
      {"POST", "/link:connect", R"({"reconnect":"yes"})", "400 INVALID_FIELD reconnect"},
      {"POST", "/link:connect", R"({"other":1})", "400 INVALID_FIELD other"},
      {"POST", "/link:connect", "[]", "400 MALFORMED_JSON"},
      {"POST", "/link:connect", "{", "400 MALFORMED_JSON"},
      {"POST", "/link:disconnect", "{}", "400 INVALID_FIELD requestId"},
      {"POST", "/link:disconnect", R"({"requestId":7})", "400 INVALID_FIELD requestId"},
      {"POST", "/link:disconnect", R"({"requestId":"x"})", "400 INVALID_FIELD requestId"},
      {"POST", "/link:disconnect", R"({"requestId":"0A1B2C3D-0000-4000-8000-0123456789AB"})",
       "400 INVALID_FIELD requestId"},
      {"POST", "/callLinks:build", "{}", "400 INVALID_FIELD numbers"},
      {"POST", "/callLinks:build", R"({"numbers":[]})", "400 INVALID_FIELD numbers"},
      {"POST", "/callLinks:build", R"({"numbers":"1"})", "400 INVALID_FIELD numbers"},
      {"POST", "/callLinks:build", R"({"numbers":["1",2,null],"defaultRegion":3})",
       "400 INVALID_FIELD numbers[1],numbers[2],defaultRegion"},
      {"POST", "/calls", "{}", "400 INVALID_FIELD requestId,number"},
      {"POST", "/calls",
       R"({"requestId":"x","number":1,"defaultRegion":[],"companyId":"","personId":")" + long_id +
           R"(","z":1})",
       "400 INVALID_FIELD requestId,number,defaultRegion,companyId,personId,z"},
      {"GET", "/calls?pageSize=0", "", "400 INVALID_FIELD pageSize"},
      {"GET", "/calls?pageSize=101", "", "400 INVALID_FIELD pageSize"},
      {"GET", "/calls?pageSize=x&companyId=a&companyId=b&colour=red", "",
       "400 INVALID_FIELD companyId,pageSize,colour"},
      {"GET", "/calls?callId=x", "", "400 INVALID_FIELD callId"},
      {"GET", "/calls?pageToken=forged", "", "400 INVALID_FIELD pageToken"},
      {"GET", "/calls/x", "", "400 INVALID_FIELD callId"},
      {"GET", id, "", "404 CALL_NOT_FOUND"},
      {"PATCH", id, "{}", "400 INVALID_FIELD outcome"},
      {"PATCH", id, R"({"outcome":"great","durationSeconds":-1,"etag":1})",
       "400 INVALID_FIELD outcome,durationSeconds,etag"},
      {"PATCH", id, R"({"durationSeconds":604801})", "400 INVALID_FIELD durationSeconds"},
      {"DELETE", "/calls/x", "", "400 INVALID_FIELD callId"},
      {"DELETE", id, "", "404 CALL_NOT_FOUND"},
      {"POST", "/notes", "{}", "400 INVALID_FIELD requestId,text"},
      {"POST", "/notes", R"({"requestId":")" + std::string(kId) + R"(","text":["a"],"callId":1})",
       "400 INVALID_FIELD text,callId"},
      {"POST", "/notes", R"({"requestId":")" + std::string(kId) + R"(","text":""})",
       "400 INVALID_FIELD text"},
      {"GET", "/notes?pageSize=-1", "", "400 INVALID_FIELD pageSize"},
      {"GET", "/notes/x", "", "400 INVALID_FIELD noteId"},
      {"GET", note, "", "404 NOTE_NOT_FOUND"},
      {"PATCH", note, "{}", "400 INVALID_FIELD text"},
      {"PATCH", note, R"({"text":"a","noteId":"b"})", "400 INVALID_FIELD noteId"},
      {"DELETE", note, "", "404 NOTE_NOT_FOUND"},
      {"POST", "/users/" + long_id + "/link:disconnect",
       R"({"requestId":")" + std::string(kId) + R"("})", "400 INVALID_FIELD userId"},
      {"GET", "/unknown", "", "404 NOT_FOUND"},
      {"PATCH", "/link", "{}", "405 METHOD_NOT_ALLOWED"},
  };
}

TEST_CASE("Bad input gets a problem document that names every wrong field, and changes nothing") {
  RunningGateway gateway;
  SetLink(gateway, "ann", al::LINK_STATE_ACTIVE);
  for (const BadRow& row : BadRows()) {
    INFO(row.method << " " << row.rest << " " << row.body);
    const auto response = gateway.As("ann", row.method, Path(row.rest), row.body);
    CHECK(ProblemOf(response) == row.problem);
    CHECK(JsonOf(response).at("requestId").as_string().c_str() == response.Field("x-request-id"));
  }
  for (const char* method : {"CreateCall", "CreateCallNote", "Disconnect", "StartAuthorization"}) {
    CHECK(gateway.backends().CountCalls(method) ==
          (std::string(method) == "CreateCallNote" ? 1U : 0U));
  }
}

TEST_CASE("A body must be JSON by its type, and small enough") {
  RunningGateway gateway;
  RequestText request{
      "POST", Path("/notes"), {"Authorization: Bearer " + gateway.Token("ann")}, "{}"};
  CHECK(ProblemOf(gateway.Send(request)) == "415 UNSUPPORTED_MEDIA_TYPE");
  request.fields.emplace_back("Content-Type: text/plain");
  CHECK(ProblemOf(gateway.Send(request)) == "415 UNSUPPORTED_MEDIA_TYPE");
  CHECK(ProblemOf(gateway.As("ann", "POST", Path("/notes"), std::string(192 * 1024 + 1, ' '))) ==
        "413 BODY_TOO_LARGE");
  CHECK(ProblemOf(gateway.As("ann", "POST", Path("/link:connect"),
                             std::string(64 * 1024 + 1, ' '))) == "413 BODY_TOO_LARGE");
  const std::string largest = R"({"requestId":")" + std::string(kId) +
                              R"(","companyId":"a","text":")" +
                              [] {
                                std::string text;
                                for (int i = 0; i < 10'000; ++i) text += "\\ud83d\\udcde";
                                return text;
                              }() +
                              "\"}";
  CHECK(gateway.As("ann", "POST", Path("/notes"), largest).status == 201);
}

TEST_CASE(
    "Errors of the services behind reach the browser by their codes, internal ones without their "
    "text") {
  RunningGateway gateway;
  gateway.backends().StopAccountLink();
  const auto response = gateway.As("ann", "GET", Path("/link"));
  CHECK(response.status == 503);
  CHECK_FALSE(response.Field("retry-after").empty());
  CHECK(response.body.find("127.0.0.1") == std::string::npos);
  CHECK(response.body.find("localhost") == std::string::npos);
}

}  // namespace
}  // namespace shodan::gateway
