// SPDX-License-Identifier: Apache-2.0
#include "services/automation/storage/event_rows.h"

#include <algorithm>

#include "libs/audit/audit.h"
#include "libs/base/status.h"

namespace shodan::automation {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

LockedStream ReadStream(const Row& row) {
  return {row.Int("last_sequence"), row.OptionalTimestamp("last_event_at"),
          row.Int("ended_generation")};
}

}  // namespace

absl::StatusOr<LockedStream> LockStream(Session& session, const std::string& link_id) {
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("INSERT INTO event_streams (link_id) VALUES ($1) ON CONFLICT DO NOTHING",
                   Params().Text(link_id))
          .status());
  SHODAN_ASSIGN_OR_RETURN(
      const Result locked,
      session.Execute("SELECT * FROM event_streams WHERE link_id = $1 FOR UPDATE",
                      Params().Text(link_id)));
  return ReadStream(locked[0]);
}

absl::StatusOr<std::optional<LockedStream>> TryLockStream(Session& session,
                                                          const std::string& link_id) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result locked,
      session.Execute("SELECT * FROM event_streams WHERE link_id = $1 FOR UPDATE SKIP LOCKED",
                      Params().Text(link_id)));
  if (locked.empty()) return std::optional<LockedStream>();
  return std::optional<LockedStream>(ReadStream(locked[0]));
}

absl::Status TellEvents(Session& session, const std::string& link_id, LockedStream stream,
                        const std::vector<OrderedEvent>& events) {
  for (const OrderedEvent& event : events) {
    ++stream.last_sequence;
    stream.last_event_time =
        std::max(stream.last_event_time.value_or(event.event_time), event.event_time);
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("UPDATE webhooks SET state = 'released', release_at = NULL, "
                     "sequence = $2, late = $3 WHERE webhook_id = $1",
                     Params().Text(event.webhook_id).Int(stream.last_sequence).Bool(event.late))
            .status());
  }
  return session
      .Execute("UPDATE event_streams SET last_sequence = $2, last_event_at = $3 WHERE link_id = $1",
               Params().Text(link_id).Int(stream.last_sequence).TimeOrNull(stream.last_event_time))
      .status();
}

absl::StatusOr<int> EraseLife(Session& session, const GrantEvent& event) {
  SHODAN_RETURN_IF_ERROR(LockStream(session, event.link_id).status());
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute(
              "UPDATE event_streams SET ended_generation = greatest(ended_generation, $2::bigint - "
              "1), "
              "last_event_at = NULL WHERE link_id = $1",
              Params().Text(event.link_id).Int(event.generation))
          .status());
  SHODAN_ASSIGN_OR_RETURN(
      const Result deleted,
      session.Execute("DELETE FROM webhooks WHERE link_id = $1 AND generation < $2",
                      Params().Text(event.link_id).Int(event.generation)));
  const int64_t count = deleted.affected_rows();
  if (count == 0) return 0;
  audit::AuditRecord record;
  record.project_id = event.project_id;
  record.user_id = event.user_id;
  record.link_id = event.link_id;
  record.actor = "service:automation";
  record.caller = "automation";
  record.request_id = "grant-events";
  record.action = "events.erased";
  record.details.emplace_back("count", count);
  record.details.emplace_back("generation", event.generation);
  SHODAN_RETURN_IF_ERROR(audit::Append(session, record));
  return static_cast<int>(count);
}

}  // namespace shodan::automation
