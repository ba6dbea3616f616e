// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/nango_json.h"

#include <algorithm>
#include <cstdint>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "libs/base/strings.h"
#include "services/gateway/handlers/json.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;
using std::chrono::system_clock;

json::string Text(std::string_view text) { return json::string(text.data(), text.size()); }

// The link id's first 48 bits, all of them random (RFC 4122 section 4.4): exact in a double.
int64_t NumberOf(std::string_view link_id) {
  constexpr int kDigits = 12;
  int64_t number = 0;
  int digits = 0;
  for (const char c : link_id) {
    if (digits == kDigits) break;
    if (c == '-') continue;
    number = number * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    ++digits;
  }
  return number;
}

json::object EndUser(std::string_view user_id) {
  return {{"id", Text(user_id)},
          {"displayName", nullptr},
          {"email", nullptr},
          {"tags", json::object()},
          {"organization", nullptr}};
}

json::array ErrorsOf(const Link& link) {
  if (link.state != LinkState::kReconnectRequired) return {};
  return {json::object{{"type", "auth"}, {"log_id", Text(link.cause)}}};
}

json::value MetadataOf(const Connection& connection) {
  json::error_code error;
  json::value metadata = json::parse(connection.metadata, error);
  if (error) return json::object();
  return metadata;
}

// What both representations share.
json::object Common(const Connection& connection) {
  return {{"id", NumberOf(connection.link.link_id)},
          {"connection_id", Text(connection.connection_id)},
          {"provider_config_key", Text(kNangoIntegration)},
          {"provider", Text(kNangoIntegration)},
          {"errors", ErrorsOf(connection.link)},
          {"end_user", EndUser(connection.link.user_id)},
          {"tags", json::object()},
          {"metadata", MetadataOf(connection)}};
}

json::object Credentials(const AccessToken& token, system_clock::time_point now) {
  const std::string_view text = token.token.Expose(SecretAccess::ForAnswer());
  json::object raw{{"access_token", Text(text)}, {"token_type", "bearer"}};
  std::string scopes;
  for (const std::string& scope : token.scopes) scopes += Join(scopes.empty() ? "" : " ", scope);
  if (!scopes.empty()) raw["scope"] = Text(scopes);
  if (token.expire_time.has_value()) {
    const auto left = std::chrono::floor<std::chrono::seconds>(*token.expire_time - now);
    raw["expires_in"] = std::max<int64_t>(0, left.count());
  }
  return {{"type", "OAUTH2"},
          {"access_token", Text(text)},
          {"expires_at", JsonTime(token.expire_time)},
          {"raw", std::move(raw)}};
}

}  // namespace

json::object NangoConnection(const Connection& connection) {
  json::object shown = Common(connection);
  shown["created"] = JsonTime(connection.link.connect_time);
  return shown;
}

json::object NangoConnection(const Connection& connection, const AccessToken& token,
                             system_clock::time_point now) {
  json::object shown = Common(connection);
  shown["connection_config"] = json::object();
  shown["webhook_url_override"] = nullptr;
  shown["created_at"] = JsonTime(connection.link.connect_time);
  shown["updated_at"] = JsonTime(connection.link.update_time);
  shown["last_fetched_at"] = JsonTime(now);
  shown["credentials"] = Credentials(token, now);
  return shown;
}

json::object NangoIntegration(std::string_view public_url) {
  return {{"unique_key", Text(kNangoIntegration)},
          {"provider", Text(kNangoIntegration)},
          {"display_name", "Zoom"},
          {"logo", Text(Join(public_url, "/app/assets/logo.svg"))},
          {"forward_webhooks", false},
          {"created_at", nullptr},
          {"updated_at", nullptr}};
}

json::object NangoSession(const ConnectSession& session) {
  json::object end_user = EndUser(session.user_id);
  end_user["displayName"] = Text(session.user_display_name);
  return {{"endUser", std::move(end_user)},
          {"allowed_integrations", json::array{Text(kNangoIntegration)}},
          {"isReconnecting", session.reconnect},
          {"expires_at", JsonTime(session.expire_time)}};
}

}  // namespace shodan::gateway
