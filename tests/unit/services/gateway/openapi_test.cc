// SPDX-License-Identifier: Apache-2.0
// The document is written by hand and compared with the route table in both directions.
#include <algorithm>
#include <set>
#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "services/gateway/handlers/administration_handlers.h"
#include "services/gateway/handlers/api_key_handlers.h"
#include "services/gateway/handlers/call_handlers.h"
#include "services/gateway/handlers/callback_handler.h"
#include "services/gateway/handlers/connect_handlers.h"
#include "services/gateway/handlers/connect_session_handler.h"
#include "services/gateway/handlers/development_handlers.h"
#include "services/gateway/handlers/document_handlers.h"
#include "services/gateway/handlers/link_handlers.h"
#include "services/gateway/handlers/meeting_handlers.h"
#include "services/gateway/handlers/nango_handlers.h"
#include "services/gateway/handlers/note_handlers.h"
#include "services/gateway/handlers/paragon_install_handlers.h"
#include "services/gateway/handlers/paragon_request_handler.h"
#include "services/gateway/handlers/paragon_user_handlers.h"
#include "services/gateway/handlers/static_files.h"
#include "services/gateway/handlers/webhook_endpoint_handlers.h"
#include "services/gateway/handlers/webhook_handler.h"
#include "services/gateway/handlers/zoom_handler.h"
#include "services/gateway/routes.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;

const json::object& Document() {
  static const json::value document = json::parse(OpenApiDocument());
  return document.as_object();
}

// The table only keeps the pointers; nothing is called here.
std::vector<RouteEntry> Routes() {
  alignas(16) static char anything[16];
  RouteHandlers handlers;
  handlers.administration = reinterpret_cast<AdministrationHandlers*>(anything);
  handlers.api_keys = reinterpret_cast<ApiKeyHandlers*>(anything);
  handlers.calls = reinterpret_cast<CallHandlers*>(anything);
  handlers.callback = reinterpret_cast<CallbackHandler*>(anything);
  handlers.connect_session = reinterpret_cast<ConnectSessionHandler*>(anything);
  handlers.nango = reinterpret_cast<NangoHandlers*>(anything);
  handlers.connect = reinterpret_cast<ConnectHandlers*>(anything);
  handlers.development = reinterpret_cast<DevelopmentHandlers*>(anything);
  handlers.links = reinterpret_cast<LinkHandlers*>(anything);
  handlers.notes = reinterpret_cast<NoteHandlers*>(anything);
  handlers.meetings = reinterpret_cast<MeetingHandlers*>(anything);
  handlers.zoom = reinterpret_cast<ZoomHandler*>(anything);
  handlers.paragon_installs = reinterpret_cast<ParagonInstallHandlers*>(anything);
  handlers.paragon_requests = reinterpret_cast<ParagonRequestHandler*>(anything);
  handlers.paragon_users = reinterpret_cast<ParagonUserHandlers*>(anything);
  handlers.files = reinterpret_cast<StaticFiles*>(anything);
  handlers.webhook_endpoints = reinterpret_cast<WebhookEndpointHandlers*>(anything);
  handlers.webhooks = reinterpret_cast<WebhookHandler*>(anything);
  return BuildRoutes(handlers);
}

std::string NameOf(http::Authentication authentication) {
  switch (authentication) {
    case http::Authentication::kNone:
      return "none";
    case http::Authentication::kTicket:
      return "ticket";
    case http::Authentication::kState:
      return "state";
    case http::Authentication::kSession:
      return "session";
    case http::Authentication::kAdmin:
      return "admin";
    case http::Authentication::kApiKey:
      return "apiKey";
    case http::Authentication::kConnectSession:
      return "connectSession";
    case http::Authentication::kSignature:
      return "signature";
  }
  return {};
}

std::string Line(std::string method, std::string path, const std::string& authentication,
                 std::string_view scope, int64_t body_bytes_max) {
  std::transform(method.begin(), method.end(), method.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (const size_t dots = path.find("...}"); dots != std::string::npos) path.erase(dots, 3);
  return method + " " + path + " " + authentication + " " + std::string(scope) + " " +
         std::to_string(body_bytes_max);
}

TEST_CASE(
    "The OpenAPI document and the route table say the same of method, path, authentication, scope "
    "and body limit") {
  std::set<std::string> documented;
  for (const auto& path : Document().at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      const json::object& object = operation.value().as_object();
      const json::value* scope = object.if_contains("x-scope");
      documented.insert(Line(std::string(operation.key()), std::string(path.key()),
                             std::string(object.at("x-authentication").as_string().c_str()),
                             scope == nullptr ? "" : std::string_view(scope->as_string()),
                             object.at("x-body-bytes-max").as_int64()));
    }
  }
  std::set<std::string> served;
  for (const RouteEntry& entry : Routes()) {
    served.insert(Line(std::string(http::NameOf(entry.route.method)), std::string(entry.route.path),
                       NameOf(entry.route.authentication), entry.route.scope,
                       static_cast<int64_t>(entry.route.body_bytes_max)));
  }
  CHECK(documented == served);
  CHECK(served.size() == Routes().size());
}

TEST_CASE(
    "Every operation has a name of its own, a summary, answers, and security as its authentication "
    "says") {
  std::set<std::string> ids;
  for (const auto& path : Document().at("paths").as_object()) {
    for (const auto& entry : path.value().as_object()) {
      const json::object& operation = entry.value().as_object();
      INFO(path.key() << " " << entry.key());
      CHECK(ids.insert(operation.at("operationId").as_string().c_str()).second);
      CHECK_FALSE(operation.at("summary").as_string().empty());
      CHECK_FALSE(operation.at("responses").as_object().empty());
      const json::string& authentication = operation.at("x-authentication").as_string();
      const bool session = authentication == "session" || authentication == "admin";
      const bool key = authentication == "apiKey" || authentication == "connectSession";
      CHECK(operation.at("security").as_array().empty() != (session || key));
      CHECK(operation.contains("requestBody") == (operation.at("x-body-bytes-max").as_int64() > 0));
      CHECK(operation.contains("x-scope") == (authentication == "apiKey"));
      if (session || key) {
        for (const char* status : {"400", "401", "404", "429", "503", "504"}) {
          CHECK(operation.at("responses").as_object().contains(status));
        }
      }
    }
  }
}

void CheckReferences(const json::value& value) {
  if (value.is_array()) {
    for (const json::value& element : value.as_array()) CheckReferences(element);
  }
  if (!value.is_object()) return;
  for (const auto& member : value.as_object()) {
    if (member.key() == "$ref") {
      const std::string pointer = std::string(member.value().as_string().c_str()).substr(1);
      INFO(pointer);
      json::error_code error;
      CHECK(json::value(Document()).find_pointer(pointer, error) != nullptr);
    } else {
      CheckReferences(member.value());
    }
  }
}

TEST_CASE(
    "Every reference in the OpenAPI document leads somewhere, and every path parameter is "
    "declared") {
  CHECK(Document().at("openapi").as_string() == "3.1.0");
  CheckReferences(json::value(Document()));
  for (const auto& path : Document().at("paths").as_object()) {
    const std::string text(path.key());
    const auto wanted = std::count(text.begin(), text.end(), '{');
    for (const auto& operation : path.value().as_object()) {
      int declared = 0;
      const json::object& object = operation.value().as_object();
      if (object.contains("parameters")) {
        for (const json::value& parameter : object.at("parameters").as_array()) {
          if (!parameter.as_object().contains("$ref")) continue;
          const std::string name = std::string(parameter.at("$ref").as_string().c_str()).substr(24);
          const json::value& target = Document().at("components").at("parameters").at(name);
          if (target.at("in").as_string() == "path") ++declared;
        }
      }
      INFO(text);
      CHECK(declared == wanted);
    }
  }
}

}  // namespace
}  // namespace shodan::gateway
