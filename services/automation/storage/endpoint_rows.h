// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/audit/audit.h"
#include "libs/postgres/pool.h"
#include "services/automation/domain/deliveries/endpoint.h"
#include "services/automation/domain/webhooks/webhook.h"

namespace shodan::automation {

/// The columns that ReadEndpoint() reads, of the table under the name e.
extern const std::string_view kEndpointColumns;
absl::StatusOr<Endpoint> ReadEndpoint(const postgres::Row& row);

/// PostgreSQL's text form of an array of names or UUIDs, whose characters need no quotes.
std::string ArrayText(const std::vector<std::string>& words);

absl::Status EndpointNotFound();

absl::Status AuditEndpoint(postgres::Session& session, const std::string& project_id,
                           const Actor& actor, std::string_view action,
                           std::vector<audit::Detail> details);

/// Puts an event on its way to each enabled endpoint of the project that wants it. How many.
absl::StatusOr<int> EnqueueEvent(postgres::Session& session, const std::string& project_id,
                                 std::string_view event_type, const std::string& payload);

}  // namespace shodan::automation
