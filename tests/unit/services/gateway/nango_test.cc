// SPDX-License-Identifier: Apache-2.0
// The shapes that callers of @nangohq/node know.
#include <chrono>
#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/gateway/handlers/nango_errors.h"
#include "services/gateway/handlers/nango_json.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;
using std::chrono::seconds;
using std::chrono::system_clock;

constexpr system_clock::time_point kNow{seconds(1'800'000'000)};

Connection AikosConnection() {
  Connection connection;
  connection.connection_id = "crm-1";
  connection.link.project_id = "demo";
  connection.link.user_id = "aiko";
  connection.link.link_id = "ffffffff-ffff-4fff-bfff-ffffffffffff";
  connection.link.state = LinkState::kActive;
  connection.link.connect_time = kNow;
  connection.metadata = R"({"plan":"gold"})";
  return connection;
}

AccessToken Token() {
  AccessToken token;
  token.token = Secret("access");
  token.expire_time = kNow + seconds(90);
  token.version = 3;
  token.scopes = {"a", "b"};
  return token;
}

TEST_CASE("A connection shows what its callers read, and a number that is exact in a double") {
  const json::object shown = NangoConnection(AikosConnection());

  CHECK(shown.at("id") == (int64_t{1} << 48) - 1);
  CHECK(shown.at("connection_id") == "crm-1");
  CHECK(shown.at("provider_config_key") == "zoom");
  CHECK(shown.at("end_user").at("id") == "aiko");
  CHECK(shown.at("errors").as_array().empty());
  CHECK(shown.at("metadata") == json::parse(R"({"plan":"gold"})"));
  CHECK(shown.at("created") == "2027-01-15T08:00:00.000Z");
  CHECK_FALSE(shown.contains("credentials"));
}

TEST_CASE("A connection that needs reconnecting has an error") {
  Connection connection = AikosConnection();
  connection.link.state = LinkState::kReconnectRequired;
  connection.link.cause = "revoked";

  CHECK(NangoConnection(connection).at("errors") ==
        json::parse(R"([{"type":"auth","log_id":"revoked"}])"));
}

TEST_CASE("Credentials are an access token and nothing that outlives it") {
  const json::object shown = NangoConnection(AikosConnection(), Token(), kNow);

  CHECK(shown.at("credentials") == json::parse(R"({"type":"OAUTH2","access_token":"access",
                        "expires_at":"2027-01-15T08:01:30.000Z",
                        "raw":{"access_token":"access","token_type":"bearer","scope":"a b",
                               "expires_in":90}})"));
  CHECK(json::serialize(shown).find("refresh") == std::string::npos);
  // A token that has ended meanwhile is not told to live for less than nothing.
  CHECK(NangoConnection(AikosConnection(), Token(), kNow + seconds(100))
            .at("credentials")
            .at("raw")
            .at("expires_in") == 0);
}

http::RequestHead Head(uint64_t body_bytes = 0) {
  http::RequestHead head;
  head.target.segments = {"nango", "connections"};
  head.content_length = body_bytes;
  return head;
}

json::value ErrorOf(const http::Response& response) {
  return json::parse(response.body).at("error");
}

TEST_CASE("Errors have the status and the code that their callers know") {
  struct Case {
    absl::Status status;
    int http_status;
    std::string code;
  };
  const Case cases[] = {
      {Unauthenticated("API_KEY_INVALID", "x"), 401, "unknown_user_account"},
      {PermissionDenied("SCOPE_REQUIRED", "x"), 403, "forbidden"},
      {NotFound("CONNECTION_NOT_FOUND", "x"), 404, "not_found"},
      {FailedPrecondition("RECONNECT_REQUIRED", "x"), 400, "invalid_credentials"},
      {ResourceExhausted("RATE_LIMITED", "x"), 429, "too_many_request"},
      {Unavailable("VAULT_UNAVAILABLE", "x"), 503, "vault_unavailable"},
      {UnknownProviderConfig(), 400, "unknown_provider_config"},
      {InvalidHeader("Base-Url-Override", "no."), 400, "invalid_headers"},
      {Internal("SQL", "the password is x"), 500, "server_error"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.code);
    const http::Response response = NangoErrorResponse(one.status, Head(), "request-1");
    CHECK(response.status == one.http_status);
    CHECK(response.fields.Get("Content-Type") == "application/json");
    CHECK(ErrorOf(response).at("code") == one.code.c_str());
    CHECK(ErrorOf(response).at("payload").at("requestId") == "request-1");
    CHECK(response.body.find("password") == std::string::npos);
    CHECK(response.fields.Has("Retry-After") == (one.http_status == 429 || one.http_status == 503));
  }
}

TEST_CASE("Bad fields are those of the body where there is one, else those of the query") {
  const absl::Status bad = InvalidFields({{"limit", "OUT_OF_RANGE", "must be 1 to 2."}});

  const json::value error = ErrorOf(NangoErrorResponse(bad, Head(), ""));
  CHECK(error.at("code") == "invalid_query_params");
  CHECK(error.at("errors") ==
        json::parse(R"([{"code":"out_of_range","message":"must be 1 to 2.","path":["limit"]}])"));
  CHECK(ErrorOf(NangoErrorResponse(bad, Head(2), "")).at("code") == "invalid_body");
}

}  // namespace
}  // namespace shodan::gateway
