// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/routes.h"

#include <algorithm>
#include <iterator>
#include <utility>

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
#include "services/gateway/handlers/webhook_inbox_handlers.h"
#include "services/gateway/handlers/zoom_handler.h"
#include "services/gateway/limits.h"

namespace shodan::gateway {
namespace {

using http::Authentication;
using http::RateClass;
using enum http::Method;

constexpr Authentication kPublic = Authentication::kNone;
constexpr Authentication kTicket = Authentication::kTicket;
constexpr Authentication kState = Authentication::kState;
constexpr Authentication kSession = Authentication::kSession;
constexpr Authentication kAdmin = Authentication::kAdmin;
constexpr Authentication kKey = Authentication::kApiKey;
constexpr Authentication kConnectSession = Authentication::kConnectSession;
constexpr Authentication kSignature = Authentication::kSignature;
constexpr RateClass kFree = RateClass::kUnlimited;
constexpr RateClass kNormal = RateClass::kDefault;
constexpr RateClass kConnect = RateClass::kConnect;
constexpr RateClass kZoom = RateClass::kZoom;
constexpr RateClass kWebhook = RateClass::kWebhook;
constexpr auto kQuick = kRequestTimeLimit;
constexpr auto kSlow = kZoomRequestTimeLimit;
constexpr auto kStream = kStreamTimeLimit;
constexpr auto kWithinZoomsWait = kWebhookTimeLimit;
constexpr size_t kNoBody = 0;
constexpr size_t kCollected = 0;  // not streamed

// A handler that is a member of a long-lived object.
template <typename Object>
Handler To(Object* object, HandlerResult (Object::*method)(const RequestContext&)) {
  return [object, method](const RequestContext& context) { return (object->*method)(context); };
}

template <typename Object>
Handler To(Object* object, HandlerResult (Object::*method)(const RequestContext&) const) {
  return [object, method](const RequestContext& context) { return (object->*method)(context); };
}

// What @useparagon/connect asks for, below one address; compatibility/paragon.md tells of each.
std::vector<RouteEntry> ParagonRoutes(const RouteHandlers& h) {
  constexpr Surface kParagon = Surface::kParagon;
  // clang-format off
  return {
      {{kGet, "/projects/{project}/sdk/me", kSession, kNoBody, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::GetUser), kParagon},
      {{kPatch, "/projects/{project}/sdk/me", kSession, kBodyBytesMax, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::UpdateUser), kParagon},
      {{kGet, "/projects/{project}/sdk/integrations", kSession, kNoBody, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::ListIntegrations), kParagon},
      {{kDelete, "/projects/{project}/sdk/integrations/{integration}", kSession, kNoBody, kSlow, kNormal}, To(h.paragon_users, &ParagonUserHandlers::Uninstall), kParagon},
      {{kGet, "/projects/{project}/sdk/credentials", kSession, kNoBody, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::GetAccount), kParagon},
      {{kPost, "/projects/{project}/sdk/credentials", kSession, kBodyBytesMax, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::ConfirmCredential), kParagon},
      {{kGet, "/projects/{project}/sdk/credentials/{credential}", kSession, kNoBody, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::GetCredential), kParagon},
      {{kPatch, "/projects/{project}/sdk/credentials/{credential}", kSession, kBodyBytesMax, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::RefuseSettings), kParagon},
      {{kPost, "/projects/{project}/sdk/credentials/{credential}/configurations", kSession, kBodyBytesMax, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::RefuseSettings), kParagon},
      {{kPatch, "/projects/{project}/sdk/credentials/{credential}/configurations", kSession, kBodyBytesMax, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::RefuseSettings), kParagon},
      {{kDelete, "/projects/{project}/sdk/credentials/{credential}/configurations", kSession, kNoBody, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::RefuseSettings), kParagon},
      {{kPost, "/projects/{project}/sdk/actions", kSession, kBodyBytesMax, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::RefuseSettings), kParagon},

      {{kGet, "/v2/projects/{project}/sdk/actions/build-oauth", kSession, kNoBody, kQuick, kConnect}, To(h.paragon_installs, &ParagonInstallHandlers::BuildOauth), kParagon},
      {{kGet, "/projects/{project}/sdk/actions/oauth-nonce", kPublic, kNoBody, kQuick, kNormal}, To(h.paragon_installs, &ParagonInstallHandlers::OpenWindow), kParagon},
      {{kGet, "/projects/{project}/sdk/actions/session-id/{installKey}", kSession, kNoBody, kQuick, kNormal}, To(h.paragon_installs, &ParagonInstallHandlers::GetSession), kParagon},
      {{kDelete, "/projects/{project}/sdk/actions/session-id/{installKey}", kSession, kNoBody, kQuick, kNormal}, To(h.paragon_installs, &ParagonInstallHandlers::EndSession), kParagon},
      {{kGet, "/ui", kPublic, kNoBody, kQuick, kFree}, To(h.paragon_installs, &ParagonInstallHandlers::Portal)},
      {{kGet, "/integrations/zoom.svg", kPublic, kNoBody, kQuick, kFree}, To(h.files, &StaticFiles::Icon)},

      {{kGet, "/projects/{project}/sdk/proxy/zoom/{path...}", kSession, kNoBody, kStream, kZoom, kZoomAnswerBytesMax}, To(h.paragon_requests, &ParagonRequestHandler::Forward), kParagon},
      {{kPost, "/projects/{project}/sdk/proxy/zoom/{path...}", kSession, kZoomBodyBytesMax, kStream, kZoom, kZoomAnswerBytesMax}, To(h.paragon_requests, &ParagonRequestHandler::Forward), kParagon},
      {{kPut, "/projects/{project}/sdk/proxy/zoom/{path...}", kSession, kZoomBodyBytesMax, kStream, kZoom, kZoomAnswerBytesMax}, To(h.paragon_requests, &ParagonRequestHandler::Forward), kParagon},
      {{kPatch, "/projects/{project}/sdk/proxy/zoom/{path...}", kSession, kZoomBodyBytesMax, kStream, kZoom, kZoomAnswerBytesMax}, To(h.paragon_requests, &ParagonRequestHandler::Forward), kParagon},
      {{kDelete, "/projects/{project}/sdk/proxy/zoom/{path...}", kSession, kZoomBodyBytesMax, kStream, kZoom, kZoomAnswerBytesMax}, To(h.paragon_requests, &ParagonRequestHandler::Forward), kParagon},

      {{kPost, "/v2/projects/{project}/sdk/events/trigger", kSession, kBodyBytesMax, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::RefuseWorkflow), kParagon},
      {{kPost, "/projects/{project}/sdk/triggers/{workflow}", kSession, kBodyBytesMax, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::RefuseWorkflow), kParagon},
      {{kGet, "/projects/{project}/triggers", kSession, kNoBody, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::RefuseWorkflow), kParagon},
      {{kPost, "/projects/{project}/sdk/workflows/{workflow}", kSession, kBodyBytesMax, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::RefuseWorkflow), kParagon},
      {{kDelete, "/projects/{project}/sdk/workflows/{workflow}", kSession, kNoBody, kQuick, kNormal}, To(h.paragon_users, &ParagonUserHandlers::RefuseWorkflow), kParagon},
  };
  // clang-format on
}

}  // namespace

std::vector<RouteEntry> BuildRoutes(const RouteHandlers& h) {
  // clang-format off
  std::vector<RouteEntry> routes = {
      {{kGet, "/", kPublic, kNoBody, kQuick, kFree}, To(h.files, &StaticFiles::Home)},
      {{kGet, "/app/{path...}", kPublic, kNoBody, kQuick, kFree}, To(h.files, &StaticFiles::Application)},
      {{kGet, "/components/{path...}", kPublic, kNoBody, kQuick, kFree}, To(h.files, &StaticFiles::Component)},
      {{kGet, "/pages/style.css", kPublic, kNoBody, kQuick, kFree}, To(h.files, &StaticFiles::Style)},
      {{kGet, "/pages/opener.js", kPublic, kNoBody, kQuick, kFree}, To(h.files, &StaticFiles::OpenerScript)},
      {{kGet, "/v1/openapi.json", kPublic, kNoBody, kQuick, kNormal}, GetOpenApi},

      {{kGet, "/connect", kTicket, kNoBody, kQuick, kNormal}, To(h.connect, &ConnectHandlers::Open)},
      {{kPost, "/connect", kTicket, kFormBytesMax, kQuick, kNormal}, To(h.connect, &ConnectHandlers::Confirm)},
      {{kGet, "/connect/session", kTicket, kNoBody, kQuick, kNormal}, To(h.connect_session, &ConnectSessionHandler::Open)},
      {{kGet, "/oauth/callback", kState, kNoBody, kSlow, kNormal}, To(h.callback, &CallbackHandler::Handle)},

      {{kPost, "/webhooks/zoom", kSignature, kWebhookBodyBytesMax, kWithinZoomsWait, kWebhook}, To(h.webhooks, &WebhookHandler::Take)},
      {{kPost, "/webhooks/zoom/{project}", kSignature, kWebhookBodyBytesMax, kWithinZoomsWait, kWebhook}, To(h.webhooks, &WebhookHandler::Take)},

      {{kGet, "/v1/projects/{project}/session", kSession, kNoBody, kQuick, kNormal}, GetSession},
      {{kGet, "/v1/projects/{project}/link", kSession, kNoBody, kQuick, kNormal}, To(h.links, &LinkHandlers::Get)},
      {{kPost, "/v1/projects/{project}/link:connect", kSession, kBodyBytesMax, kQuick, kConnect}, To(h.links, &LinkHandlers::Connect)},
      {{kPost, "/v1/projects/{project}/link:disconnect", kSession, kBodyBytesMax, kSlow, kNormal}, To(h.links, &LinkHandlers::Disconnect)},
      {{kPost, "/v1/projects/{project}/users/{user}/link:disconnect", kAdmin, kBodyBytesMax, kSlow, kNormal}, To(h.links, &LinkHandlers::AdminDisconnect)},

      {{kGet, "/v1/projects/{project}/settings", kAdmin, kNoBody, kQuick, kNormal}, To(h.administration, &AdministrationHandlers::GetSettings)},
      {{kPatch, "/v1/projects/{project}/settings", kAdmin, kLargeBodyBytesMax, kQuick, kNormal}, To(h.administration, &AdministrationHandlers::UpdateSettings)},
      {{kGet, "/v1/projects/{project}/zoomApp", kAdmin, kNoBody, kQuick, kNormal}, To(h.administration, &AdministrationHandlers::GetZoomApp)},
      {{kPatch, "/v1/projects/{project}/zoomApp", kAdmin, kBodyBytesMax, kQuick, kNormal}, To(h.administration, &AdministrationHandlers::UpdateZoomApp)},
      {{kPost, "/v1/projects/{project}/zoomApp:testCredentials", kAdmin, kBodyBytesMax, kSlow, kConnect}, To(h.administration, &AdministrationHandlers::TestCredentials)},

      {{kGet, "/v1/projects/{project}/webhooks", kAdmin, kNoBody, kQuick, kNormal}, To(h.webhook_inbox, &WebhookInboxHandlers::List)},
      {{kPost, "/v1/projects/{project}/webhooks:replay", kAdmin, kLargeBodyBytesMax, kQuick, kNormal}, To(h.webhook_inbox, &WebhookInboxHandlers::Replay)},

      {{kPost, "/v1/projects/{project}/callLinks:build", kSession, kLargeBodyBytesMax, kQuick, kNormal}, To(h.calls, &CallHandlers::BuildLinks)},
      {{kPost, "/v1/projects/{project}/calls", kSession, kBodyBytesMax, kQuick, kNormal}, To(h.calls, &CallHandlers::Create)},
      {{kGet, "/v1/projects/{project}/calls", kSession, kNoBody, kQuick, kNormal}, To(h.calls, &CallHandlers::List)},
      {{kGet, "/v1/projects/{project}/calls/{call}", kSession, kNoBody, kQuick, kNormal}, To(h.calls, &CallHandlers::Get)},
      {{kPatch, "/v1/projects/{project}/calls/{call}", kSession, kBodyBytesMax, kQuick, kNormal}, To(h.calls, &CallHandlers::Update)},
      {{kDelete, "/v1/projects/{project}/calls/{call}", kSession, kNoBody, kQuick, kNormal}, To(h.calls, &CallHandlers::Delete)},

      {{kPost, "/v1/projects/{project}/notes", kSession, kLargeBodyBytesMax, kQuick, kNormal}, To(h.notes, &NoteHandlers::Create)},
      {{kGet, "/v1/projects/{project}/notes", kSession, kNoBody, kQuick, kNormal}, To(h.notes, &NoteHandlers::List)},
      {{kGet, "/v1/projects/{project}/notes/{note}", kSession, kNoBody, kQuick, kNormal}, To(h.notes, &NoteHandlers::Get)},
      {{kPatch, "/v1/projects/{project}/notes/{note}", kSession, kLargeBodyBytesMax, kQuick, kNormal}, To(h.notes, &NoteHandlers::Update)},
      {{kDelete, "/v1/projects/{project}/notes/{note}", kSession, kNoBody, kQuick, kNormal}, To(h.notes, &NoteHandlers::Delete)},

      {{kPost, "/v1/projects/{project}/meetings", kSession, kBodyBytesMax, kSlow, kZoom}, To(h.meetings, &MeetingHandlers::Create)},
      {{kGet, "/v1/projects/{project}/meetings", kSession, kNoBody, kSlow, kZoom}, To(h.meetings, &MeetingHandlers::List)},
      {{kGet, "/v1/projects/{project}/meetings/{meeting}", kSession, kNoBody, kSlow, kZoom}, To(h.meetings, &MeetingHandlers::Get)},
      {{kPatch, "/v1/projects/{project}/meetings/{meeting}", kSession, kBodyBytesMax, kSlow, kZoom}, To(h.meetings, &MeetingHandlers::Update)},
      {{kDelete, "/v1/projects/{project}/meetings/{meeting}", kSession, kNoBody, kSlow, kZoom}, To(h.meetings, &MeetingHandlers::Delete)},
      {{kPost, "/v1/projects/{project}/meetings/{meeting}/registrants", kSession, kBodyBytesMax, kSlow, kZoom}, To(h.meetings, &MeetingHandlers::AddRegistrant)},
      {{kGet, "/v1/projects/{project}/meetings/{meeting}/registrants", kSession, kNoBody, kSlow, kZoom}, To(h.meetings, &MeetingHandlers::ListRegistrants)},
      {{kDelete, "/v1/projects/{project}/meetings/{meeting}/registrants/{registrant}", kSession, kNoBody, kSlow, kZoom}, To(h.meetings, &MeetingHandlers::DeleteRegistrant)},

      {{kGet, "/v1/projects/{project}/zoom/{path...}", kSession, kNoBody, kStream, kZoom, kZoomAnswerBytesMax}, To(h.zoom, &ZoomHandler::Forward)},
      {{kPost, "/v1/projects/{project}/zoom/{path...}", kSession, kZoomBodyBytesMax, kStream, kZoom, kZoomAnswerBytesMax}, To(h.zoom, &ZoomHandler::Forward)},
      {{kPut, "/v1/projects/{project}/zoom/{path...}", kSession, kZoomBodyBytesMax, kStream, kZoom, kZoomAnswerBytesMax}, To(h.zoom, &ZoomHandler::Forward)},
      {{kPatch, "/v1/projects/{project}/zoom/{path...}", kSession, kZoomBodyBytesMax, kStream, kZoom, kZoomAnswerBytesMax}, To(h.zoom, &ZoomHandler::Forward)},
      {{kDelete, "/v1/projects/{project}/zoom/{path...}", kSession, kZoomBodyBytesMax, kStream, kZoom, kZoomAnswerBytesMax}, To(h.zoom, &ZoomHandler::Forward)},

      {{kGet, "/v1/projects/{project}/apiKeys", kAdmin, kNoBody, kQuick, kNormal}, To(h.api_keys, &ApiKeyHandlers::List)},
      {{kPost, "/v1/projects/{project}/apiKeys", kAdmin, kBodyBytesMax, kQuick, kNormal}, To(h.api_keys, &ApiKeyHandlers::Create)},
      {{kDelete, "/v1/projects/{project}/apiKeys/{apiKey}", kAdmin, kNoBody, kQuick, kNormal}, To(h.api_keys, &ApiKeyHandlers::Delete)},
      {{kPost, "/v1/projects/{project}/apiKeys/{apiKey}/text:rotate", kAdmin, kBodyBytesMax, kQuick, kNormal}, To(h.api_keys, &ApiKeyHandlers::Rotate)},

      {{kGet, "/v1/projects/{project}/webhookEndpoints", kAdmin, kNoBody, kQuick, kNormal}, To(h.webhook_endpoints, &WebhookEndpointHandlers::List)},
      {{kPost, "/v1/projects/{project}/webhookEndpoints", kAdmin, kBodyBytesMax, kQuick, kNormal}, To(h.webhook_endpoints, &WebhookEndpointHandlers::Create)},
      {{kGet, "/v1/projects/{project}/webhookEndpoints/{webhookEndpoint}", kAdmin, kNoBody, kQuick, kNormal}, To(h.webhook_endpoints, &WebhookEndpointHandlers::Get)},
      {{kPatch, "/v1/projects/{project}/webhookEndpoints/{webhookEndpoint}", kAdmin, kBodyBytesMax, kQuick, kNormal}, To(h.webhook_endpoints, &WebhookEndpointHandlers::Update)},
      {{kDelete, "/v1/projects/{project}/webhookEndpoints/{webhookEndpoint}", kAdmin, kNoBody, kQuick, kNormal}, To(h.webhook_endpoints, &WebhookEndpointHandlers::Delete)},
      {{kPost, "/v1/projects/{project}/webhookEndpoints/{webhookEndpoint}/secret:rotate", kAdmin, kBodyBytesMax, kQuick, kNormal}, To(h.webhook_endpoints, &WebhookEndpointHandlers::RotateSecret)},
      {{kGet, "/v1/projects/{project}/webhookEndpoints/{webhookEndpoint}/deliveries", kAdmin, kNoBody, kQuick, kNormal}, To(h.webhook_endpoints, &WebhookEndpointHandlers::ListDeliveries)},
      {{kPost, "/v1/projects/{project}/webhookEndpoints/{webhookEndpoint}/deliveries:replay", kAdmin, kBodyBytesMax, kQuick, kNormal}, To(h.webhook_endpoints, &WebhookEndpointHandlers::ReplayDeliveries)},

      {{kGet, "/nango/connections", kKey, kNoBody, kQuick, kNormal, kCollected, "connections.read"}, To(h.nango, &NangoHandlers::ListConnections)},
      {{kPost, "/nango/connections/metadata", kKey, kBodyBytesMax, kQuick, kNormal, kCollected, "connections.write"}, To(h.nango, &NangoHandlers::SetMetadata)},
      {{kPatch, "/nango/connections/metadata", kKey, kBodyBytesMax, kQuick, kNormal, kCollected, "connections.write"}, To(h.nango, &NangoHandlers::UpdateMetadata)},
      {{kGet, "/nango/connections/{connection}", kKey, kNoBody, kSlow, kNormal, kCollected, "connections.read"}, To(h.nango, &NangoHandlers::GetConnection)},
      {{kDelete, "/nango/connections/{connection}", kKey, kNoBody, kSlow, kNormal, kCollected, "connections.write"}, To(h.nango, &NangoHandlers::DeleteConnection)},
      {{kGet, "/nango/integrations", kKey, kNoBody, kQuick, kNormal, kCollected, "connections.read"}, To(h.nango, &NangoHandlers::ListIntegrations)},
      {{kGet, "/nango/integrations/{integrationKey}", kKey, kNoBody, kQuick, kNormal, kCollected, "connections.read"}, To(h.nango, &NangoHandlers::GetIntegration)},
      {{kPost, "/nango/connect/sessions", kKey, kBodyBytesMax, kQuick, kNormal, kCollected, "connect.sessions"}, To(h.nango, &NangoHandlers::CreateSession)},
      {{kPost, "/nango/connect/sessions/reconnect", kKey, kBodyBytesMax, kQuick, kNormal, kCollected, "connect.sessions"}, To(h.nango, &NangoHandlers::CreateReconnectSession)},
      {{kGet, "/nango/connect/session", kConnectSession, kNoBody, kQuick, kNormal}, To(h.nango, &NangoHandlers::GetSession)},
      {{kDelete, "/nango/connect/session", kConnectSession, kNoBody, kQuick, kNormal}, To(h.nango, &NangoHandlers::DeleteSession)},
      {{kGet, "/nango/proxy/{path...}", kKey, kNoBody, kStream, kZoom, kZoomAnswerBytesMax, "zoom.request"}, To(h.nango, &NangoHandlers::Proxy)},
      {{kPost, "/nango/proxy/{path...}", kKey, kZoomBodyBytesMax, kStream, kZoom, kZoomAnswerBytesMax, "zoom.request"}, To(h.nango, &NangoHandlers::Proxy)},
      {{kPut, "/nango/proxy/{path...}", kKey, kZoomBodyBytesMax, kStream, kZoom, kZoomAnswerBytesMax, "zoom.request"}, To(h.nango, &NangoHandlers::Proxy)},
      {{kPatch, "/nango/proxy/{path...}", kKey, kZoomBodyBytesMax, kStream, kZoom, kZoomAnswerBytesMax, "zoom.request"}, To(h.nango, &NangoHandlers::Proxy)},
      {{kDelete, "/nango/proxy/{path...}", kKey, kZoomBodyBytesMax, kStream, kZoom, kZoomAnswerBytesMax, "zoom.request"}, To(h.nango, &NangoHandlers::Proxy)},
  };
  if (h.development != nullptr) {
    routes.insert(routes.end(), {
        {{kGet, "/dev/login", kPublic, kNoBody, kQuick, kNormal}, To(h.development, &DevelopmentHandlers::LoginPage)},
        {{kPost, "/dev/session", kPublic, kFormBytesMax, kQuick, kNormal}, To(h.development, &DevelopmentHandlers::CreateSession)},
        {{kPost, "/dev/logout", kPublic, kFormBytesMax, kQuick, kNormal}, To(h.development, &DevelopmentHandlers::EndSession)},
    });
  }
  // clang-format on
  std::vector<RouteEntry> paragon = ParagonRoutes(h);
  std::move(paragon.begin(), paragon.end(), std::back_inserter(routes));
  return routes;
}

}  // namespace shodan::gateway
