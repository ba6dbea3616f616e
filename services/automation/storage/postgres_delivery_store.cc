// SPDX-License-Identifier: Apache-2.0
#include "services/automation/storage/postgres_delivery_store.h"

#include <utility>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/automation/domain/deliveries/event_type.h"
#include "services/automation/domain/deliveries/payload.h"
#include "services/automation/storage/endpoint_rows.h"

namespace shodan::automation {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

// The endpoint whose turn it is. Its lock makes the number of attempts under way exact; endpoints
// that others are at are passed over. While an endpoint is on trial after a pause, one attempt is
// made at a time.
constexpr char kPickEndpointSql[] =
    "SELECT e.endpoint_id, e.project_id, e.url FROM webhook_endpoints e WHERE e.state = 'enabled' "
    "AND e.blocked_until <= now() AND EXISTS (SELECT 1 FROM deliveries d WHERE d.endpoint_id = "
    "e.endpoint_id AND d.state = 'pending' AND d.next_attempt_at <= now()) AND (SELECT count(*) "
    "FROM deliveries d WHERE d.endpoint_id = e.endpoint_id AND d.claim_id IS NOT NULL AND "
    "d.next_attempt_at > now()) < CASE WHEN e.consecutive_failures >= $2 THEN 1 ELSE $1 END ORDER "
    "BY e.claimed_at LIMIT 1 FOR NO KEY UPDATE OF e SKIP LOCKED";

// The number was counted by a statement that may have begun before the lock was there: counted
// again under it.
constexpr char kTakeSql[] =
    "UPDATE deliveries SET claim_id = $2, attempts = attempts + 1, next_attempt_at = now() + "
    "$3::interval WHERE delivery_id = (SELECT d.delivery_id FROM deliveries d, webhook_endpoints e "
    "WHERE e.endpoint_id = $1 AND d.endpoint_id = $1 AND d.state = 'pending' AND d.next_attempt_at "
    "<= now() AND (SELECT count(*) FROM deliveries o WHERE o.endpoint_id = $1 AND o.claim_id IS "
    "NOT NULL AND o.next_attempt_at > now()) < CASE WHEN e.consecutive_failures >= $5 THEN 1 ELSE "
    "$4 END ORDER BY d.next_attempt_at, d.delivery_number LIMIT 1 FOR NO KEY UPDATE OF d SKIP "
    "LOCKED) RETURNING delivery_id, message_id, event_type, payload, webhook_id, attempts";

std::vector<SealedSecret> ReadSecrets(const Result& result) {
  std::vector<SealedSecret> secrets;
  for (int i = 0; i < result.size(); ++i) {
    secrets.push_back({result[i].Text("secret_id"), result[i].Bytes("secret")});
  }
  return secrets;
}

// Nothing while the webhook is read anew.
std::optional<StoredEvent> ReadEvent(const Result& result) {
  if (result.empty()) return std::nullopt;
  const Row row = result[0];
  StoredEvent event;
  event.webhook_id = row.Text("webhook_id");
  event.event_time = row.Timestamp("event_at");
  event.received_at = row.Timestamp("received_at");
  event.link.project_id = row.Text("project_id");
  event.link.user_id = row.Text("user_id");
  event.link.link_id = row.Text("link_id");
  event.link.generation = row.Int("generation");
  event.sealed_body = row.Bytes("body");
  return event;
}

absl::Status Complete(Session& session, ClaimedDelivery& claimed,
                      const std::optional<std::string>& webhook_id) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result secrets,
      session.Execute("SELECT secret_id, secret FROM endpoint_secrets WHERE endpoint_id = $1 AND "
                      "(expires_at IS NULL OR expires_at > now()) ORDER BY expires_at NULLS FIRST",
                      Params().Text(claimed.endpoint_id)));
  claimed.secrets = ReadSecrets(secrets);
  if (!webhook_id.has_value()) return absl::OkStatus();
  SHODAN_ASSIGN_OR_RETURN(
      const Result event,
      session.Execute("SELECT webhook_id, event_at, received_at, project_id, user_id, link_id, "
                      "generation, body FROM webhooks WHERE webhook_id = $1 AND state IN ('held', "
                      "'released')",
                      Params().Text(*webhook_id)));
  claimed.event = ReadEvent(event);
  return absl::OkStatus();
}

absl::Status Disable(Session& session, const ClaimedDelivery& claimed, std::string_view reason) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result disabled,
      session.Execute("UPDATE webhook_endpoints SET state = 'disabled', disabled_reason = $2, "
                      "updated_at = now() WHERE endpoint_id = $1 AND state = 'enabled' RETURNING "
                      "updated_at",
                      Params().Text(claimed.endpoint_id).Text(reason)));
  if (disabled.empty()) return absl::OkStatus();
  SHODAN_RETURN_IF_ERROR(
      EnqueueEvent(session, claimed.project_id, event_type::kEndpointDisabled,
                   EndpointDisabledPayload(claimed.project_id, claimed.endpoint_id, reason,
                                           disabled[0].Timestamp("updated_at")))
          .status());
  return AuditEndpoint(
      session, claimed.project_id, {"service:automation", "automation", claimed.claim_id},
      "webhook_endpoint.disabled",
      {{"webhookEndpointId", claimed.endpoint_id}, {"reason", std::string(reason)}});
}

absl::Status NoteSuccess(Session& session, const std::string& endpoint_id) {
  return session
      .Execute(
          "UPDATE webhook_endpoints SET consecutive_failures = 0, failing_since = NULL, "
          "blocked_until = now() WHERE endpoint_id = $1 AND failing_since IS NOT NULL",
          Params().Text(endpoint_id))
      .status();
}

absl::Status NoteFailure(Session& session, const ClaimedDelivery& claimed,
                         const EndpointRules& rules) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result noted,
      session.Execute(
          "UPDATE webhook_endpoints SET consecutive_failures = consecutive_failures + 1, "
          "failing_since = coalesce(failing_since, now()), blocked_until = CASE WHEN "
          "consecutive_failures + 1 >= $2 THEN now() + least($3::interval * power(2, "
          "least(consecutive_failures + 1 - $2, 20)), $4::interval) ELSE blocked_until END WHERE "
          "endpoint_id = $1 RETURNING failing_since <= now() - $5::interval AS too_long",
          Params()
              .Text(claimed.endpoint_id)
              .Int(rules.failures_to_pause)
              .Interval(rules.first_pause)
              .Interval(rules.longest_pause)
              .Interval(rules.disable_after)));
  if (noted.empty() || !noted[0].Bool("too_long")) return absl::OkStatus();
  return Disable(session, claimed, disabled::kFailing);
}

absl::Status NoteEndpoint(Session& session, const ClaimedDelivery& claimed, const AttemptEnd& end,
                          const EndpointRules& rules) {
  switch (end.kind) {
    case AttemptEnd::Kind::kDelivered:
      return NoteSuccess(session, claimed.endpoint_id);
    case AttemptEnd::Kind::kRetry:
    case AttemptEnd::Kind::kDead:
      return NoteFailure(session, claimed, rules);
    case AttemptEnd::Kind::kGone:
      return Disable(session, claimed, disabled::kGone);
    case AttemptEnd::Kind::kPutBack:
    case AttemptEnd::Kind::kUntellable:
    case AttemptEnd::Kind::kErased:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::StatusOr<Result> NoteDelivery(Session& session, const ClaimedDelivery& claimed,
                                    const AttemptEnd& end) {
  Params params;
  params.Text(claimed.delivery_id).Text(claimed.claim_id);
  if (end.kind == AttemptEnd::Kind::kErased) {
    return session.Execute("DELETE FROM deliveries WHERE delivery_id = $1 AND claim_id = $2",
                           params);
  }
  params.Text(end.answer);
  if (end.kind == AttemptEnd::Kind::kRetry || end.kind == AttemptEnd::Kind::kPutBack) {
    params.Interval(end.delay).Int(end.kind == AttemptEnd::Kind::kPutBack ? 1 : 0);
    return session.Execute(
        "UPDATE deliveries SET claim_id = NULL, last_answer = $3, next_attempt_at = now() + "
        "$4::interval, attempts = attempts - $5::integer WHERE delivery_id = $1 AND claim_id = $2",
        params);
  }
  params.Text(ToText(end.kind == AttemptEnd::Kind::kDelivered ? DeliveryState::kDelivered
                                                              : DeliveryState::kDead));
  return session.Execute(
      "UPDATE deliveries SET claim_id = NULL, last_answer = $3, state = $4, ended_at = now() WHERE "
      "delivery_id = $1 AND claim_id = $2",
      params);
}

}  // namespace

absl::StatusOr<std::optional<ClaimedDelivery>> PostgresDeliveryStore::Claim(
    const EndpointRules& rules, std::chrono::milliseconds lease, Deadline deadline) {
  std::optional<ClaimedDelivery> taken;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    taken.reset();
    SHODAN_ASSIGN_OR_RETURN(
        const Result picked,
        session.Execute(kPickEndpointSql,
                        Params().Int(rules.attempts_at_once).Int(rules.failures_to_pause)));
    if (picked.empty()) return absl::OkStatus();
    ClaimedDelivery claimed;
    claimed.claim_id = RandomUuid();
    claimed.endpoint_id = picked[0].Text("endpoint_id");
    claimed.project_id = picked[0].Text("project_id");
    claimed.url = picked[0].Text("url");
    SHODAN_ASSIGN_OR_RETURN(const Result result,
                            session.Execute(kTakeSql, Params()
                                                          .Text(claimed.endpoint_id)
                                                          .Text(claimed.claim_id)
                                                          .Interval(lease)
                                                          .Int(rules.attempts_at_once)
                                                          .Int(rules.failures_to_pause)));
    SHODAN_RETURN_IF_ERROR(session
                               .Execute("UPDATE webhook_endpoints SET claimed_at = "
                                        "clock_timestamp() WHERE endpoint_id = $1",
                                        Params().Text(claimed.endpoint_id))
                               .status());
    if (result.empty()) return absl::OkStatus();
    claimed.delivery_id = result[0].Text("delivery_id");
    claimed.message_id = result[0].Text("message_id");
    claimed.event_type = result[0].Text("event_type");
    claimed.payload = result[0].OptionalText("payload");
    claimed.attempts = static_cast<int>(result[0].Int("attempts"));
    SHODAN_RETURN_IF_ERROR(Complete(session, claimed, result[0].OptionalText("webhook_id")));
    taken = std::move(claimed);
    return absl::OkStatus();
  }));
  return taken;
}

absl::Status PostgresDeliveryStore::Finish(const ClaimedDelivery& claimed, const AttemptEnd& end,
                                           const EndpointRules& rules, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("SELECT 1 FROM webhook_endpoints WHERE endpoint_id = $1 FOR NO KEY UPDATE",
                     Params().Text(claimed.endpoint_id))
            .status());
    SHODAN_ASSIGN_OR_RETURN(const Result noted, NoteDelivery(session, claimed, end));
    if (noted.affected_rows() == 0) return absl::OkStatus();
    CrashPoint("automation.deliver.inside_transaction");
    return NoteEndpoint(session, claimed, end, rules);
  });
}

}  // namespace shodan::automation
