// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/row_mapping.h"

#include "services/token-vault/domain/names.h"

namespace shodan::tokenvault {

Attempt ReadAttempt(const postgres::Row& row) {
  Attempt attempt;
  attempt.attempt_id = row.Text("attempt_id");
  attempt.project_id = row.Text("project_id");
  attempt.user_id = row.Text("user_id");
  attempt.zoom_app_id = row.Text("zoom_app_id");
  attempt.purpose = PurposeNamed(row.Text("purpose"));
  attempt.state = AttemptStateNamed(row.Text("state"));
  attempt.result = AttemptResultNamed(row.Text("result"));
  attempt.created_at = row.Timestamp("created_at");
  attempt.expires_at = row.Timestamp("expires_at");
  attempt.ended_at = row.OptionalTimestamp("ended_at");
  if (row.Bool("lapsed")) {
    attempt.state = AttemptState::kEnded;
    attempt.result = AttemptResult::kExpired;
    attempt.ended_at = attempt.expires_at;
  }
  return attempt;
}

PendingGrant ReadPendingGrant(const postgres::Row& row) {
  PendingGrant grant;
  grant.attempt_id = row.Text("attempt_id");
  grant.project_id = row.Text("project_id");
  grant.user_id = row.Text("user_id");
  grant.zoom_app_id = row.Text("zoom_app_id");
  grant.token_version = row.Int("token_version");
  grant.sealed_access_token = row.Bytes("access_token");
  grant.sealed_refresh_token = row.Bytes("refresh_token");
  grant.scope = row.Text("scope");
  grant.sealed_profile = row.OptionalBytes("profile");
  grant.tags = ReadTags(row);
  grant.live = {row.Timestamp("sent_at"), row.Timestamp("stored_at")};
  grant.proved_at = row.OptionalTimestamp("proved_at");
  return grant;
}

Grant ReadGrant(const postgres::Row& row) {
  Grant grant;
  grant.link_id = row.Text("link_id");
  grant.project_id = row.Text("project_id");
  grant.user_id = row.Text("user_id");
  grant.zoom_app_id = row.Text("zoom_app_id");
  grant.generation = row.Int("generation");
  grant.token_version = row.Int("token_version");
  grant.state = GrantStateNamed(row.Text("state"));
  grant.cause = GrantCauseNamed(row.Text("cause"));
  grant.sealed_access_token = row.OptionalBytes("access_token");
  grant.sealed_refresh_token = row.OptionalBytes("refresh_token");
  grant.scope = row.Text("scope");
  grant.access_expires_at = row.OptionalTimestamp("access_expires_at");
  return grant;
}

std::optional<IdentityTags> ReadTags(const postgres::Row& row) {
  if (row.IsNull("identity_tag")) return std::nullopt;
  IdentityTags tags;
  tags.identity = row.Bytes("identity_tag");
  tags.account = row.Bytes("account_tag");
  tags.identity_next = row.OptionalBytes("identity_tag_next");
  tags.account_next = row.OptionalBytes("account_tag_next");
  tags.version = static_cast<int32_t>(row.Int("tag_version"));
  return tags;
}

std::optional<LiveInterval> ReadLive(const postgres::Row& row) {
  if (row.IsNull("sent_at") || row.IsNull("stored_at")) return std::nullopt;
  return LiveInterval{row.Timestamp("sent_at"), row.Timestamp("stored_at")};
}

GrantEvent ReadEvent(const postgres::Row& row) {
  GrantEvent event;
  event.event_id = row.Int("event_id");
  event.link_id = row.Text("link_id");
  event.project_id = row.Text("project_id");
  event.user_id = row.Text("user_id");
  event.generation = row.Int("generation");
  event.state = GrantStateNamed(row.Text("state"));
  event.cause = GrantCauseNamed(row.Text("cause"));
  event.created_at = row.Timestamp("created_at");
  return event;
}

}  // namespace shodan::tokenvault
