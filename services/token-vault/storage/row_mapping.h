// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "libs/postgres/value.h"
#include "services/token-vault/domain/authorization/activation_store.h"
#include "services/token-vault/domain/grants/grant_store.h"

namespace shodan::tokenvault {

/// Column lists and the readers that go with them.
inline constexpr char kAttemptColumns[] =
    "attempt_id, project_id, user_id, zoom_app_id, purpose, state, result, created_at, expires_at, "
    "ended_at, (state = 'pending' AND expires_at <= now()) AS lapsed";
/// An attempt past its life reads as ended, expired.
Attempt ReadAttempt(const postgres::Row& row);

PendingGrant ReadPendingGrant(const postgres::Row& row);
/// Reads link_id … access_expires_at; the flags by the clock are the query's own columns.
Grant ReadGrant(const postgres::Row& row);
/// nullopt when it is not known whose row it is.
std::optional<IdentityTags> ReadTags(const postgres::Row& row);
std::optional<LiveInterval> ReadLive(const postgres::Row& row);
GrantEvent ReadEvent(const postgres::Row& row);

}  // namespace shodan::tokenvault
