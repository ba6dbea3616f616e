// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/nango_errors.h"

#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/http/problem_details.h"
#include "libs/http/target.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;

struct NamedError {
  std::string_view reason;
  int status;
  std::string_view code;
};

// What has a name and a status of its own there; everything else keeps its reason in lower case.
constexpr NamedError kNamed[] = {
    {"API_KEY_REQUIRED", 401, "missing_auth_header"},
    {"API_KEY_INVALID", 401, "unknown_user_account"},
    {"CONNECT_SESSION_INVALID", 401, "unauthorized"},
    {"SCOPE_REQUIRED", 403, "forbidden"},
    {"CONNECTION_NOT_FOUND", 404, "not_found"},
    {"NOT_CONNECTED", 404, "not_found"},
    {"GRANT_NOT_FOUND", 404, "not_found"},
    {"RECONNECT_REQUIRED", 400, "invalid_credentials"},
    {"RATE_LIMITED", 429, "too_many_request"},
    {"MALFORMED_JSON", 400, "invalid_body"},
};

std::string LowerCase(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

json::string Text(std::string_view text) {
  // Ours or checked; but an answer must be valid JSON whatever comes.
  if (!http::IsUtf8(text)) return json::string("(not UTF-8)");
  return json::string(text.data(), text.size());
}

// Bad fields stand in the query, unless the request had a body.
std::string_view CodeOfFields(const http::RequestHead& head) {
  return head.has_body() ? "invalid_body" : "invalid_query_params";
}

json::array FieldsOfError(const std::vector<FieldViolation>& fields) {
  json::array errors;
  for (const FieldViolation& field : fields) {
    errors.push_back(json::object{{"code", Text(LowerCase(field.reason))},
                                  {"message", Text(field.description)},
                                  {"path", json::array{Text(field.field)}}});
  }
  return errors;
}

}  // namespace

bool IsNangoRequest(const http::RequestHead& head) {
  return head.target.segments.front() == "nango";
}

http::Response NangoErrorResponse(const absl::Status& status, const http::RequestHead& head,
                                  std::string_view request_id) {
  http::Response response = http::ProblemResponse(status, "", request_id);
  const bool internal = response.status == 500;
  const std::string reason = internal ? std::string("SERVER_ERROR") : ReasonOf(status);
  std::string code = LowerCase(reason.empty() ? std::string("server_error") : reason);
  for (const NamedError& named : kNamed) {
    if (named.reason != reason) continue;
    response.status = named.status;
    code = named.code;
  }
  const std::vector<FieldViolation> fields = FieldsOf(status);
  if (!fields.empty()) code = CodeOfFields(head);
  json::object error{{"code", Text(code)}, {"message", Text(http::DetailOf(status))}};
  if (!fields.empty()) error["errors"] = FieldsOfError(fields);
  error["payload"] = {{"reason", Text(reason)}, {"requestId", Text(request_id)}};
  response.body = json::serialize(json::object{{"error", std::move(error)}});
  response.fields.Set("Content-Type", "application/json");
  return response;
}

absl::Status UnknownProviderConfig() {
  return InvalidArgument("UNKNOWN_PROVIDER_CONFIG",
                         "There is no such integration. This server has one: zoom.");
}

absl::Status InvalidHeader(std::string_view name, std::string_view description) {
  return InvalidArgument("INVALID_HEADERS", Join(name, ": ", description));
}

}  // namespace shodan::gateway
