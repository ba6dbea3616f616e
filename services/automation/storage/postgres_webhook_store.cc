// SPDX-License-Identifier: Apache-2.0
#include "services/automation/storage/postgres_webhook_store.h"

#include <utility>

#include "libs/audit/audit.h"
#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/automation/domain/errors.h"
#include "services/automation/domain/webhooks/event_order.h"
#include "services/automation/storage/event_rows.h"

namespace shodan::automation {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

ClaimedWebhook ReadClaimed(const Row& row, const std::string& claim_id) {
  ClaimedWebhook claimed;
  claimed.webhook_id = row.Text("webhook_id");
  claimed.claim_id = claim_id;
  claimed.project_id = row.Text("project_id");
  claimed.inbox_key_id = row.Text("inbox_key_id");
  claimed.sealed_body = row.Bytes("body");
  claimed.received_at = row.Timestamp("received_at");
  claimed.attempts = static_cast<int>(row.Int("attempts"));
  return claimed;
}

absl::Status SettleInside(Session& session, const ClaimedWebhook& claimed, std::string_view event,
                          std::string_view reason) {
  return session
      .Execute(
          "UPDATE webhooks SET state = 'settled', event = $3, reason = $4, body = NULL, "
          "inbox_key_id = NULL, claim_id = NULL WHERE webhook_id = $1 AND claim_id = $2",
          Params().Text(claimed.webhook_id).Text(claimed.claim_id).Text(event).Text(reason))
      .status();
}

absl::Status AuditParked(Session& session, const ClaimedWebhook& claimed, std::string_view reason) {
  audit::AuditRecord record;
  record.project_id = claimed.project_id;
  record.actor = "service:automation";
  record.caller = "automation";
  record.request_id = claimed.claim_id;
  record.action = "webhook.parked";
  record.details.emplace_back("webhookId", claimed.webhook_id);
  record.details.emplace_back("reason", std::string(reason));
  return audit::Append(session, record);
}

}  // namespace

absl::StatusOr<bool> PostgresWebhookStore::Insert(const NewWebhook& webhook,
                                                  std::chrono::milliseconds duplicates_for,
                                                  Deadline deadline) {
  // One statement: the tag and the webhook are stored together or not at all. Whoever comes with
  // the same tag meanwhile waits for the first one's commit.
  SHODAN_ASSIGN_OR_RETURN(
      const Result stored,
      pool_.Execute(
          "WITH fresh AS (INSERT INTO webhook_tags AS t (tag, webhook_id) VALUES ($5, $1) ON "
          "CONFLICT (tag) DO UPDATE SET webhook_id = excluded.webhook_id, received_at = now() "
          "WHERE t.received_at <= now() - $6::interval RETURNING webhook_id) INSERT INTO webhooks "
          "(webhook_id, project_id, inbox_key_id, body) SELECT webhook_id, $2::text, $3::uuid, "
          "$4::bytea FROM fresh",
          Params()
              .Text(webhook.webhook_id)
              .Text(webhook.project_id)
              .Text(webhook.inbox_key_id)
              .Bytes(webhook.sealed_body)
              .Bytes(webhook.body_tag)
              .Interval(duplicates_for),
          deadline));
  if (stored.affected_rows() > 0) return true;
  SHODAN_RETURN_IF_ERROR(
      pool_
          .Execute("UPDATE webhooks SET duplicates = duplicates + 1 WHERE webhook_id = (SELECT "
                   "webhook_id FROM webhook_tags WHERE tag = $1)",
                   Params().Bytes(webhook.body_tag), deadline)
          .status());
  return false;
}

absl::StatusOr<std::vector<ClaimedWebhook>> PostgresWebhookStore::Claim(
    int limit, std::chrono::milliseconds lease, Deadline deadline) {
  const std::string claim_id = RandomUuid();
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(
          "WITH due AS MATERIALIZED (SELECT webhook_id FROM webhooks WHERE state = 'received' AND "
          "next_attempt_at <= now() ORDER BY next_attempt_at, receive_id LIMIT $3 FOR UPDATE SKIP "
          "LOCKED) UPDATE webhooks w SET claim_id = $1, attempts = attempts + 1, next_attempt_at = "
          "now() + $2::interval FROM due WHERE w.webhook_id = due.webhook_id RETURNING "
          "w.webhook_id, w.project_id, w.inbox_key_id, w.body, w.received_at, w.attempts",
          Params().Text(claim_id).Interval(lease).Int(limit), deadline));
  std::vector<ClaimedWebhook> claimed;
  claimed.reserve(static_cast<size_t>(result.size()));
  for (int i = 0; i < result.size(); ++i) claimed.push_back(ReadClaimed(result[i], claim_id));
  return claimed;
}

absl::Status PostgresWebhookStore::Hold(const ClaimedWebhook& claimed, const ReadWebhook& read,
                                        std::chrono::milliseconds hold, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(const LockedStream stream, LockStream(session, read.link.link_id));
    if (read.link.generation <= stream.ended_generation) {
      return SettleInside(session, claimed, read.event, ending::kNotConnected);
    }
    return session
        .Execute(
            "UPDATE webhooks SET state = 'held', reason = '', event = $3, body = $4, "
            "inbox_key_id = NULL, claim_id = NULL, user_id = $5, link_id = $6, generation = "
            "$7, event_at = $8, release_at = now() + $9::interval WHERE webhook_id = $1 AND "
            "claim_id = $2",
            Params()
                .Text(claimed.webhook_id)
                .Text(claimed.claim_id)
                .Text(read.event)
                .Bytes(read.sealed_body)
                .Text(read.link.user_id)
                .Text(read.link.link_id)
                .Int(read.link.generation)
                .TimeOrNull(read.event_time)
                .Interval(hold))
        .status();
  });
}

absl::Status PostgresWebhookStore::Settle(const ClaimedWebhook& claimed, std::string_view event,
                                          std::string_view reason, Deadline deadline) {
  return pool_.InTransaction(
      deadline, [&](Session& session) { return SettleInside(session, claimed, event, reason); });
}

absl::Status PostgresWebhookStore::Park(const ClaimedWebhook& claimed, std::string_view event,
                                        std::string_view reason, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(
        const Result parked,
        session.Execute(
            "UPDATE webhooks SET state = 'parked', event = $3, reason = $4, claim_id = "
            "NULL WHERE webhook_id = $1 AND claim_id = $2",
            Params().Text(claimed.webhook_id).Text(claimed.claim_id).Text(event).Text(reason)));
    if (parked.affected_rows() == 0) return absl::OkStatus();
    return AuditParked(session, claimed, reason);
  });
}

absl::Status PostgresWebhookStore::Retry(const ClaimedWebhook& claimed,
                                         std::chrono::milliseconds delay, bool counts,
                                         Deadline deadline) {
  return pool_
      .Execute(
          "UPDATE webhooks SET claim_id = NULL, next_attempt_at = now() + $3::interval, "
          "attempts = attempts - CASE WHEN $4 THEN 0 ELSE 1 END WHERE webhook_id = $1 AND "
          "claim_id = $2",
          Params().Text(claimed.webhook_id).Text(claimed.claim_id).Interval(delay).Bool(counts),
          deadline)
      .status();
}

absl::StatusOr<std::vector<std::string>> PostgresWebhookStore::ListDueLinks(int limit,
                                                                            Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(
          "SELECT link_id, min(release_at) AS first FROM (SELECT link_id, release_at FROM "
          "webhooks WHERE state = 'held' AND release_at <= now() ORDER BY release_at "
          "LIMIT $1) due GROUP BY link_id ORDER BY first",
          Params().Int(limit), deadline));
  std::vector<std::string> links;
  links.reserve(static_cast<size_t>(result.size()));
  for (int i = 0; i < result.size(); ++i) links.push_back(result[i].Text("link_id"));
  return links;
}

absl::StatusOr<int> PostgresWebhookStore::Release(const std::string& link_id, int limit,
                                                  Deadline deadline) {
  int released = 0;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    released = 0;
    SHODAN_ASSIGN_OR_RETURN(const std::optional<LockedStream> stream,
                            TryLockStream(session, link_id));
    if (!stream.has_value()) return absl::OkStatus();
    SHODAN_ASSIGN_OR_RETURN(
        const Result rows,
        session.Execute("SELECT webhook_id, event_at, receive_id, release_at <= now() AS due, "
                        "bool_or(release_at <= now()) OVER () AS any_due FROM webhooks WHERE "
                        "link_id = $1 AND state = 'held' ORDER BY event_at, receive_id LIMIT $2",
                        Params().Text(link_id).Int(limit)));
    std::vector<HeldEvent> held;
    held.reserve(static_cast<size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i) {
      held.push_back({rows[i].Text("webhook_id"), rows[i].Timestamp("event_at"),
                      rows[i].Int("receive_id"), rows[i].Bool("due")});
    }
    // What is due behind a full page takes the whole page along.
    if (rows.size() == limit && rows[0].Bool("any_due")) held.back().due = true;
    const std::vector<OrderedEvent> ordered = OrderEvents(std::move(held), stream->last_event_time);
    if (ordered.empty()) return absl::OkStatus();
    released = static_cast<int>(ordered.size());
    CrashPoint("automation.release.inside_transaction");
    return TellEvents(session, link_id, *stream, ordered);
  }));
  return released;
}

absl::StatusOr<int64_t> PostgresWebhookStore::GrantPosition(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const Result result,
                          pool_.Execute("SELECT event_id FROM grant_position", Params(), deadline));
  return result[0].Int("event_id");
}

absl::StatusOr<int> PostgresWebhookStore::ApplyGrantEvents(const std::vector<GrantEvent>& events,
                                                           Deadline deadline) {
  int erased = 0;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    erased = 0;
    SHODAN_ASSIGN_OR_RETURN(
        const Result position,
        session.Execute("SELECT event_id FROM grant_position FOR UPDATE", Params()));
    const int64_t applied = position[0].Int("event_id");
    for (const GrantEvent& event : events) {
      if (event.event_id <= applied || !event.ended) continue;
      SHODAN_ASSIGN_OR_RETURN(const int count, EraseLife(session, event));
      erased += count;
    }
    CrashPoint("automation.erase.inside_transaction");
    return session
        .Execute("UPDATE grant_position SET event_id = greatest(event_id, $1)",
                 Params().Int(events.back().event_id))
        .status();
  }));
  return erased;
}

absl::StatusOr<int> PostgresWebhookStore::RemoveOld(std::chrono::milliseconds retention,
                                                    std::chrono::milliseconds duplicates_for,
                                                    int limit, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result webhooks,
      pool_.Execute("DELETE FROM webhooks WHERE webhook_id IN (SELECT webhook_id FROM webhooks "
                    "WHERE received_at <= now() - $1::interval ORDER BY received_at LIMIT $2 FOR "
                    "UPDATE SKIP LOCKED)",
                    Params().Interval(retention).Int(limit), deadline));
  SHODAN_ASSIGN_OR_RETURN(
      const Result tags,
      pool_.Execute("DELETE FROM webhook_tags WHERE tag IN (SELECT tag FROM webhook_tags WHERE "
                    "received_at <= now() - $1::interval ORDER BY received_at LIMIT $2 FOR UPDATE "
                    "SKIP LOCKED)",
                    Params().Interval(duplicates_for).Int(limit), deadline));
  return static_cast<int>(webhooks.affected_rows() + tags.affected_rows());
}

}  // namespace shodan::automation
