// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/link_rows.h"

#include <optional>
#include <string>

#include "libs/base/status.h"

namespace shodan::account_link {
namespace {

absl::Status UnknownName() {
  return Internal("STORED_VALUE_UNKNOWN",
                  "A stored state, cause, kind or result is none that this program knows.");
}

}  // namespace

absl::StatusOr<Link> ReadLink(const postgres::Row& row) {
  const std::optional<LinkState> state = ParseLinkState(row.Text("state"));
  const std::optional<LinkCause> cause = ParseLinkCause(row.TextOrEmpty("cause"));
  if (!state.has_value() || !cause.has_value()) return UnknownName();
  Link link;
  link.owner = {row.Text("project_id"), row.Text("user_id")};
  link.link_id = row.Text("link_id");
  link.state = *state;
  link.cause = *cause;
  link.generation = row.Int("generation");
  link.vault_event_id = row.Int("vault_event_id");
  link.connect_time = row.OptionalTimestamp("connected_at");
  link.disconnect_start_time = row.OptionalTimestamp("disconnect_started_at");
  link.disconnect_end_time = row.OptionalTimestamp("disconnected_at");
  if (!row.IsNull("revoked_at_zoom")) link.revoked_at_zoom = row.Bool("revoked_at_zoom");
  link.backups_unreadable_time = row.OptionalTimestamp("backups_unreadable_at");
  link.update_time = row.Timestamp("updated_at");
  return link;
}

absl::StatusOr<Decision> ReadDecision(const postgres::Row& row) {
  const std::optional<DecisionKind> kind = ParseDecisionKind(row.Text("kind"));
  const std::optional<AttemptResult> result = ParseAttemptResult(row.TextOrEmpty("result"));
  const std::optional<LinkCause> cause = ParseLinkCause(row.TextOrEmpty("cause"));
  if (!kind.has_value() || !result.has_value() || !cause.has_value()) return UnknownName();
  Decision decision;
  decision.decision_id = row.Text("decision_id");
  decision.owner = {row.Text("project_id"), row.Text("user_id")};
  decision.link_id = row.Text("link_id");
  decision.kind = *kind;
  decision.attempt_id = row.TextOrEmpty("attempt_id");
  decision.expected_generation = row.Int("expected_generation");
  decision.result = *result;
  decision.cause = *cause;
  decision.actor = {row.Text("actor"), row.Text("caller"), row.Text("request_id")};
  decision.done = !row.IsNull("done_at");
  return decision;
}

}  // namespace shodan::account_link
