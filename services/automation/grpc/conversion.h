// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include "shodan/automation/v1/resources.pb.h"

#include "libs/rpc/call_context.h"
#include "services/automation/domain/triggers/trigger_events.h"
#include "services/automation/domain/webhooks/webhook.h"

namespace shodan::automation {

/// Domain values as messages, and back.
google::protobuf::Timestamp ToProto(Time time);
Time FromProto(const google::protobuf::Timestamp& time);
v1::Trigger ToProto(Trigger trigger);
v1::WebhookState ToProto(WebhookState state);
/// nullopt for UNSPECIFIED.
std::optional<WebhookState> FromProto(v1::WebhookState state);
v1::TriggerEvent ToProto(const TriggerEvent& event);
v1::Webhook ToProto(const WebhookRecord& record);

Actor ActorFrom(const rpc::CallContext& call);

}  // namespace shodan::automation
