// SPDX-License-Identifier: Apache-2.0
#include "services/automation/grpc/endpoint_conversion.h"

#include "services/automation/grpc/conversion.h"

namespace shodan::automation {
namespace {

v1::WebhookDeliveryState ToProto(DeliveryState state) {
  switch (state) {
    case DeliveryState::kPending:
      return v1::WEBHOOK_DELIVERY_STATE_PENDING;
    case DeliveryState::kDelivered:
      return v1::WEBHOOK_DELIVERY_STATE_DELIVERED;
    case DeliveryState::kDead:
      return v1::WEBHOOK_DELIVERY_STATE_DEAD;
  }
  return v1::WEBHOOK_DELIVERY_STATE_UNSPECIFIED;
}

}  // namespace

v1::WebhookEndpoint ToProto(const Endpoint& endpoint) {
  v1::WebhookEndpoint message;
  message.set_project_id(endpoint.project_id);
  message.set_webhook_endpoint_id(endpoint.endpoint_id);
  message.set_url(endpoint.url);
  for (const std::string& type : endpoint.event_types) message.add_event_types(type);
  message.set_state(endpoint.state == EndpointState::kEnabled
                        ? v1::WEBHOOK_ENDPOINT_STATE_ENABLED
                        : v1::WEBHOOK_ENDPOINT_STATE_DISABLED);
  message.set_disabled_reason(endpoint.disabled_reason);
  *message.mutable_create_time() = ToProto(endpoint.created_at);
  *message.mutable_update_time() = ToProto(endpoint.updated_at);
  *message.mutable_rotate_time() = ToProto(endpoint.rotated_at);
  if (endpoint.previous_expires_at.has_value()) {
    *message.mutable_previous_expire_time() = ToProto(*endpoint.previous_expires_at);
  }
  if (endpoint.failing_since.has_value()) {
    *message.mutable_failing_since_time() = ToProto(*endpoint.failing_since);
  }
  return message;
}

v1::WebhookDelivery ToProto(const DeliveryRecord& record) {
  v1::WebhookDelivery message;
  message.set_webhook_delivery_id(record.delivery_id);
  message.set_message_id(record.message_id);
  message.set_event_type(record.event_type);
  message.set_state(ToProto(record.state));
  message.set_attempt_count(record.attempts);
  message.set_last_answer(record.last_answer);
  *message.mutable_create_time() = ToProto(record.created_at);
  if (record.next_attempt_at.has_value()) {
    *message.mutable_next_attempt_time() = ToProto(*record.next_attempt_at);
  }
  if (record.ended_at.has_value()) *message.mutable_end_time() = ToProto(*record.ended_at);
  message.set_replay_count(record.replays);
  return message;
}

std::optional<EndpointState> FromProto(v1::WebhookEndpointState state) {
  switch (state) {
    case v1::WEBHOOK_ENDPOINT_STATE_ENABLED:
      return EndpointState::kEnabled;
    case v1::WEBHOOK_ENDPOINT_STATE_DISABLED:
      return EndpointState::kDisabled;
    default:
      return std::nullopt;
  }
}

std::optional<DeliveryState> FromProto(v1::WebhookDeliveryState state) {
  switch (state) {
    case v1::WEBHOOK_DELIVERY_STATE_PENDING:
      return DeliveryState::kPending;
    case v1::WEBHOOK_DELIVERY_STATE_DELIVERED:
      return DeliveryState::kDelivered;
    case v1::WEBHOOK_DELIVERY_STATE_DEAD:
      return DeliveryState::kDead;
    default:
      return std::nullopt;
  }
}

}  // namespace shodan::automation
