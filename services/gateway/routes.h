// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "libs/http/route_table.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

class AdministrationHandlers;
class CallbackHandler;
class ApiKeyHandlers;
class CallHandlers;
class ConnectHandlers;
class ConnectSessionHandler;
class DevelopmentHandlers;
class LinkHandlers;
class MeetingHandlers;
class NangoHandlers;
class NoteHandlers;
class ParagonInstallHandlers;
class ParagonRequestHandler;
class ParagonUserHandlers;
class StaticFiles;
class WebhookEndpointHandlers;
class WebhookHandler;
class WebhookInboxHandlers;
class ZoomHandler;

/// What the routes lead to. All outlive the routes.
struct RouteHandlers {
  AdministrationHandlers* administration = nullptr;
  ApiKeyHandlers* api_keys = nullptr;
  CallHandlers* calls = nullptr;
  CallbackHandler* callback = nullptr;
  ConnectHandlers* connect = nullptr;
  ConnectSessionHandler* connect_session = nullptr;
  DevelopmentHandlers* development = nullptr;  ///< null without a development issuer
  LinkHandlers* links = nullptr;
  MeetingHandlers* meetings = nullptr;
  NangoHandlers* nango = nullptr;
  NoteHandlers* notes = nullptr;
  ParagonInstallHandlers* paragon_installs = nullptr;
  ParagonRequestHandler* paragon_requests = nullptr;
  ParagonUserHandlers* paragon_users = nullptr;
  StaticFiles* files = nullptr;
  WebhookEndpointHandlers* webhook_endpoints = nullptr;
  WebhookHandler* webhooks = nullptr;
  WebhookInboxHandlers* webhook_inbox = nullptr;
  ZoomHandler* zoom = nullptr;
};

struct RouteEntry {
  http::Route route;
  Handler handler;
  Surface surface = Surface::kOwn;
};

/// The one table of everything the gateway answers. openapi.json describes the same, and a test
/// compares the two.
std::vector<RouteEntry> BuildRoutes(const RouteHandlers& handlers);

}  // namespace shodan::gateway
