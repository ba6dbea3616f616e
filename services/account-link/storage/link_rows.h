// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "libs/postgres/value.h"
#include "services/account-link/domain/link.h"
#include "services/account-link/domain/link_decision.h"

namespace shodan::account_link {

/// The columns that the two functions below read.
inline constexpr char kLinkColumns[] =
    "project_id, user_id, link_id, generation, state, cause, vault_event_id, connected_at,"
    " disconnect_started_at, disconnected_at, revoked_at_zoom, backups_unreadable_at, updated_at";
inline constexpr char kDecisionColumns[] =
    "decision_id, project_id, user_id, link_id, kind, attempt_id, expected_generation, result,"
    " cause, actor, caller, request_id, done_at";

/// INTERNAL/STORED_VALUE_UNKNOWN when a name is none that this program knows: the database is of a
/// newer one.
absl::StatusOr<Link> ReadLink(const postgres::Row& row);
absl::StatusOr<Decision> ReadDecision(const postgres::Row& row);

}  // namespace shodan::account_link
