// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "shodan/automation/v1/webhook_endpoints.pb.h"

#include "services/automation/domain/deliveries/delivery.h"
#include "services/automation/domain/deliveries/endpoint.h"

namespace shodan::automation {

/// Endpoints and deliveries as messages, and back.
v1::WebhookEndpoint ToProto(const Endpoint& endpoint);
v1::WebhookDelivery ToProto(const DeliveryRecord& record);
/// nullopt for UNSPECIFIED.
std::optional<EndpointState> FromProto(v1::WebhookEndpointState state);
std::optional<DeliveryState> FromProto(v1::WebhookDeliveryState state);

}  // namespace shodan::automation
