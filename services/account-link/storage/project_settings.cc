// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/project_settings.h"

#include <array>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/system/error_code.hpp>

namespace shodan::account_link {
namespace {

namespace json = boost::json;

using IssuerField = std::pair<std::string_view, std::string TokenIssuer::*>;
constexpr std::array<IssuerField, 8> kIssuerFields = {{
    {"issuer", &TokenIssuer::issuer},
    {"audience", &TokenIssuer::audience},
    {"jwks_url", &TokenIssuer::jwks_url},
    {"jwks", &TokenIssuer::jwks},
    {"user_claim", &TokenIssuer::user_claim},
    {"name_claim", &TokenIssuer::name_claim},
    {"role_claim", &TokenIssuer::role_claim},
    {"admin_role", &TokenIssuer::admin_role},
}};

json::string_view Key(std::string_view text) { return {text.data(), text.size()}; }

bool ReadString(const json::object& object, std::string_view key, std::string& out) {
  const json::value* value = object.if_contains(Key(key));
  if (value == nullptr || !value->is_string()) return false;
  const json::string& text = value->get_string();
  out.assign(text.data(), text.size());
  return true;
}

const json::array* FindArray(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(Key(key));
  return value == nullptr ? nullptr : value->if_array();
}

}  // namespace

std::string WriteSettings(const Project& project) {
  json::array origins;
  for (const std::string& origin : project.origins) origins.emplace_back(json::string(origin));
  json::array issuers;
  for (const TokenIssuer& issuer : project.token_issuers) {
    json::object object;
    for (const auto& [key, field] : kIssuerFields) object[Key(key)] = json::string(issuer.*field);
    issuers.emplace_back(std::move(object));
  }
  json::object settings;
  settings["settings_url"] = json::string(project.settings_url);
  settings["origins"] = std::move(origins);
  settings["token_issuers"] = std::move(issuers);
  return json::serialize(settings);
}

bool ReadSettings(std::string_view text, Project& project) {
  boost::system::error_code error;
  const json::value parsed = json::parse(Key(text), error);
  const json::object* settings = error ? nullptr : parsed.if_object();
  if (settings == nullptr || !ReadString(*settings, "settings_url", project.settings_url)) {
    return false;
  }
  const json::array* origins = FindArray(*settings, "origins");
  const json::array* issuers = FindArray(*settings, "token_issuers");
  if (origins == nullptr || issuers == nullptr) return false;
  for (const json::value& origin : *origins) {
    if (!origin.is_string()) return false;
    const json::string& value = origin.get_string();
    project.origins.emplace_back(value.data(), value.size());
  }
  for (const json::value& item : *issuers) {
    const json::object* object = item.if_object();
    if (object == nullptr) return false;
    TokenIssuer issuer;
    for (const auto& [key, field] : kIssuerFields) {
      if (!ReadString(*object, key, issuer.*field)) return false;
    }
    project.token_issuers.push_back(std::move(issuer));
  }
  return true;
}

}  // namespace shodan::account_link
