// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/paragon_json.h"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/name_uuid.h"
#include "libs/http/problem_details.h"
#include "services/gateway/handlers/json.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;

// Chosen once; another one would change every id.
constexpr std::string_view kNamespace = "6d3a1f2e-6f0b-4c55-9a53-5d0b8f6a7c21";

json::string Text(std::string_view text) { return json::string(text.data(), text.size()); }

std::string Id(std::initializer_list<std::string_view> parts) {
  return NameUuid(kNamespace, LengthPrefixed(parts));
}

// The settings of a credential, of which this installation has none.
json::object ConfigurationJson(const Link& link) {
  return {{"id", Id({"configuration", link.link_id})},
          {"connectCredentialId", link.link_id},
          {"isDefault", true},
          {"workflowSettings", json::object()},
          {"sharedSettings", json::object()},
          {"configMeta", json::object()},
          {"dateCreated", JsonTime(link.connect_time)},
          {"dateUpdated", JsonTime(link.update_time)}};
}

json::object ProfileJson(const ZoomProfile* profile) {
  if (profile == nullptr) return {};
  return {{"displayName", Text(profile->display_name)}, {"email", Text(profile->email)}};
}

}  // namespace

std::string IntegrationIdOf(std::string_view project_id) {
  return Id({"integration", project_id, "zoom"});
}

std::string AttemptIdOf(const Person& person, std::string_view install_key) {
  return Id({"attempt", person.project_id(), person.user_id(), install_key});
}

bool HasCredential(const Link& link) {
  return link.state == LinkState::kActive || link.state == LinkState::kReconnectRequired;
}

json::object CredentialJson(const Link& link, const ZoomProfile* profile) {
  const bool valid = link.state == LinkState::kActive;
  return {{"id", link.link_id},
          {"projectId", Text(link.project_id)},
          {"integrationId", IntegrationIdOf(link.project_id)},
          {"personaId", Id({"persona", link.project_id, link.user_id})},
          {"isPreviewCredential", false},
          {"status", valid ? "VALID" : "INVALID"},
          {"providerId", ""},
          {"providerData", ProfileJson(profile)},
          {"refreshFailureCount", 0},
          {"dateCreated", JsonTime(link.connect_time)},
          {"dateUpdated", JsonTime(link.update_time)},
          {"configurations", json::array{ConfigurationJson(link)}}};
}

json::object UserJson(const Link& link, const std::string& metadata) {
  json::object zoom{{"enabled", link.state == LinkState::kActive},
                    {"allCredentials", json::array()}};
  if (HasCredential(link)) {
    json::object credential = CredentialJson(link, nullptr);
    zoom["credentialId"] = credential["id"];
    zoom["credentialStatus"] = credential["status"];
    zoom["providerId"] = credential["providerId"];
    zoom["providerData"] = credential["providerData"];
    zoom["allCredentials"] = json::array{std::move(credential)};
  }
  json::error_code error;
  json::value meta = json::parse(metadata, error);
  if (error || !meta.is_object()) meta = json::object();
  return {{"authenticated", true},
          {"userId", Text(link.user_id)},
          {"meta", std::move(meta)},
          {"resources", json::array()},
          {"project", json::object{{"id", Text(link.project_id)},
                                   {"billingPlan", "enterprise"},
                                   {"accessibleFeatures", json::array{"headless-cp"}}}},
          {"integrations", json::object{{"zoom", std::move(zoom)}}}};
}

json::object IntegrationJson(std::string_view project_id) {
  const json::object settings{
      {"description", "Call, meet and follow up through your Zoom account."},
      {"overview", ""},
      {"workflowMeta", json::object()},
      {"sharedMeta", json::object{{"inputs", json::array()}}}};
  return {{"id", IntegrationIdOf(project_id)},
          {"projectId", Text(project_id)},
          {"type", "zoom"},
          {"name", "Zoom"},
          {"brandColor", "#2D8CFF"},
          {"isActive", true},
          {"needPreOauthInputs", false},
          {"authenticationType", "oauth"},
          {"workflows", json::array()},
          {"configs",
           json::array{json::object{{"id", Id({"settings", project_id})}, {"values", settings}}}},
          {"sdkIntegrationConfig", json::object{{"oauthInputs", json::array()},
                                                {"accountTypes", json::array()},
                                                {"authConfigInputs", json::array()},
                                                {"postOauthInputs", json::array()},
                                                {"dataSources", json::object()}}}};
}

absl::Status InstallError(std::string_view result) {
  if (result == "cancelled") {
    return FailedPrecondition("AUTHENTICATION_CANCELLED",
                              "Authentication Cancelled: the access was not granted at Zoom.");
  }
  if (result == "other_account_connected") {
    return FailedPrecondition("OTHER_ACCOUNT_CONNECTED",
                              "Another Zoom account is connected already. Disconnect it first.");
  }
  if (result == "different_account") {
    return FailedPrecondition("DIFFERENT_ACCOUNT",
                              "This is another Zoom account than the one connected before. "
                              "Disconnect first, or sign in to Zoom as before.");
  }
  if (result == "expired") {
    return FailedPrecondition("ATTEMPT_TOO_OLD",
                              "Connecting took longer than ten minutes. Start again.");
  }
  return FailedPrecondition("CONNECTION_FAILED",
                            "System Error Occurred: the connection could not be finished. Start "
                            "again.");
}

http::Response ParagonError(const absl::Status& status, std::string_view instance,
                            std::string_view request_id) {
  http::Response response = http::ProblemResponse(status, instance, request_id);
  json::value problem = json::parse(response.body);
  json::object body;
  body["message"] = problem.at("detail");
  body["code"] = problem.at("reason");
  body["meta"] = std::move(problem);
  response.body = json::serialize(body);
  response.fields.Set("Content-Type", "application/json");
  return response;
}

}  // namespace shodan::gateway
