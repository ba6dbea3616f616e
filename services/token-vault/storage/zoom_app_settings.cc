// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/zoom_app_settings.h"

#include <exception>

#include <boost/json.hpp>

#include "libs/base/status.h"

namespace shodan::tokenvault {
namespace {

namespace json = boost::json;

std::string_view NameOf(ClientAuthentication authentication) {
  switch (authentication) {
    case ClientAuthentication::kBasic:
      return "client_secret_basic";
    case ClientAuthentication::kPost:
      return "client_secret_post";
    case ClientAuthentication::kNone:
      return "none";
  }
  return "";
}

ClientAuthentication AuthenticationNamed(const std::string& name) {
  if (name == "client_secret_post") return ClientAuthentication::kPost;
  return name == "none" ? ClientAuthentication::kNone : ClientAuthentication::kBasic;
}

std::string Text(const json::object& object, const char* name) {
  return json::value_to<std::string>(object.at(name));
}

}  // namespace

std::string EncodeSettings(const ZoomApp& app) {
  const ProfilePointers& pointers = app.profile_pointers;
  json::array parameters;
  for (const auto& [name, value] : app.authorization_parameters) {
    parameters.push_back(json::array{name, value});
  }
  const std::string_view authentication = NameOf(app.client_authentication);
  return json::serialize(json::object{
      {"client_authentication", json::string_view(authentication.data(), authentication.size())},
      {"authorization_url", app.authorization_url},
      {"token_url", app.token_url},
      {"revocation_url", app.revocation_url},
      {"profile_url", app.profile_url},
      {"api_base_url", app.api_base_url},
      {"redirect_url", app.redirect_url},
      {"expected_scopes", json::value_from(app.expected_scopes)},
      {"request_scopes", json::value_from(app.request_scopes)},
      {"authorization_parameters", parameters},
      {"ca_file", app.ca_file},
      {"profile_pointers",
       {{"user_id", pointers.user_id},
        {"account_id", pointers.account_id},
        {"email", pointers.email},
        {"display_name", pointers.display_name},
        {"first_name", pointers.first_name},
        {"last_name", pointers.last_name}}}});
}

absl::Status DecodeSettings(std::string_view text, ZoomApp& app) {
  // Written by EncodeSettings only: anything else in the column is damage.
  try {
    const json::value document = json::parse({text.data(), text.size()});
    const json::object& object = document.as_object();
    app.client_authentication = AuthenticationNamed(Text(object, "client_authentication"));
    app.authorization_url = Text(object, "authorization_url");
    app.token_url = Text(object, "token_url");
    app.revocation_url = Text(object, "revocation_url");
    app.profile_url = Text(object, "profile_url");
    app.api_base_url = Text(object, "api_base_url");
    app.redirect_url = Text(object, "redirect_url");
    app.expected_scopes = json::value_to<std::vector<std::string>>(object.at("expected_scopes"));
    app.request_scopes = json::value_to<std::vector<std::string>>(object.at("request_scopes"));
    for (const json::value& pair : object.at("authorization_parameters").as_array()) {
      app.authorization_parameters.emplace_back(json::value_to<std::string>(pair.at(0)),
                                                json::value_to<std::string>(pair.at(1)));
    }
    app.ca_file = Text(object, "ca_file");
    const json::object& pointers = object.at("profile_pointers").as_object();
    app.profile_pointers = {Text(pointers, "user_id"),    Text(pointers, "account_id"),
                            Text(pointers, "email"),      Text(pointers, "display_name"),
                            Text(pointers, "first_name"), Text(pointers, "last_name")};
  } catch (const std::exception&) {
    return Internal("ZOOM_APP_MALFORMED", "The settings of a Zoom app are damaged.");
  }
  return absl::OkStatus();
}

}  // namespace shodan::tokenvault
