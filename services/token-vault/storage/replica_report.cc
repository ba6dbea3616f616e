// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/replica_report.h"

#include <map>

#include "libs/base/status.h"
#include "libs/secrets/secret.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

// The numbers of keys as an array's text form.
std::string NumbersOf(const std::map<int32_t, Secret>& keys) {
  std::string text = "{";
  for (const auto& [number, key] : keys) {
    if (text.size() > 1) text += ',';
    text += std::to_string(number);
  }
  return text + "}";
}

absl::Status ReportHeld(Session& session, const std::string& replica, const KeyRing& ring) {
  const Params epochs = Params().Text(replica).Text(NumbersOf(ring.epochs()));
  SHODAN_RETURN_IF_ERROR(session
                             .Execute("DELETE FROM key_replica_epochs WHERE replica = $1 AND NOT "
                                      "(key_epoch = ANY ($2::integer[]))",
                                      epochs)
                             .status());
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("INSERT INTO key_replica_epochs (replica, key_epoch) SELECT $1, "
                   "unnest($2::integer[]) ON CONFLICT DO NOTHING",
                   epochs)
          .status());
  const Params versions = Params().Text(replica).Text(NumbersOf(ring.tag_keys()));
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("DELETE FROM key_replica_tag_versions WHERE replica = $1 AND NOT (tag_version "
                   "= ANY ($2::integer[]))",
                   versions)
          .status());
  return session
      .Execute(
          "INSERT INTO key_replica_tag_versions (replica, tag_version) SELECT $1, "
          "unnest($2::integer[]) ON CONFLICT DO NOTHING",
          versions)
      .status();
}

KeyReplica ReadReplica(const Row& row) {
  KeyReplica replica;
  replica.replica = row.Text("replica");
  replica.primary_epoch = static_cast<int32_t>(row.Int("primary_epoch"));
  replica.tags.current = static_cast<int32_t>(row.OptionalInt("tag_version").value_or(0));
  if (const auto next = row.OptionalInt("next_tag_version"); next.has_value()) {
    replica.tags.next = static_cast<int32_t>(*next);
  }
  replica.problem = row.Text("problem");
  replica.reported_at = row.Timestamp("reported_at");
  replica.live = row.Bool("live");
  return replica;
}

// Puts each number that `sql` answers on its replica's list.
absl::Status ReadHeld(Session& session, std::string_view sql,
                      std::vector<int32_t> KeyReplica::* list, std::vector<KeyReplica>& replicas) {
  SHODAN_ASSIGN_OR_RETURN(const Result held, session.Execute(sql));
  for (int i = 0; i < held.size(); ++i) {
    for (KeyReplica& replica : replicas) {
      if (replica.replica != held[i].Text("replica")) continue;
      (replica.*list).push_back(static_cast<int32_t>(held[i].Int("number")));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReportReplica(Session& session, const std::string& replica, const KeyRing& ring) {
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("INSERT INTO key_replicas (replica, primary_epoch, tag_version, "
                   "next_tag_version) VALUES ($1, $2, $3, $4) ON CONFLICT (replica) DO UPDATE SET "
                   "primary_epoch = excluded.primary_epoch, tag_version = excluded.tag_version, "
                   "next_tag_version = excluded.next_tag_version, problem = '', reported_at = "
                   "now()",
                   Params()
                       .Text(replica)
                       .Int(ring.primary_epoch())
                       .Int(ring.current_tag_version())
                       .IntOrNull(ring.next_tag_version()))
          .status());
  SHODAN_RETURN_IF_ERROR(ReportHeld(session, replica, ring));
  return session.Execute("DELETE FROM key_replicas WHERE reported_at < now() - interval '1 day'")
      .status();
}

absl::StatusOr<std::vector<KeyReplica>> ReadReplicas(Session& session,
                                                     std::chrono::milliseconds stale) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute("SELECT replica, primary_epoch, tag_version, next_tag_version, problem, "
                      "reported_at, reported_at > now() - $1::interval AS live FROM key_replicas "
                      "ORDER BY replica",
                      Params().Interval(stale)));
  std::vector<KeyReplica> replicas;
  replicas.reserve(static_cast<size_t>(found.size()));
  for (int i = 0; i < found.size(); ++i) replicas.push_back(ReadReplica(found[i]));
  SHODAN_RETURN_IF_ERROR(ReadHeld(
      session, "SELECT replica, key_epoch AS number FROM key_replica_epochs ORDER BY key_epoch",
      &KeyReplica::key_epochs, replicas));
  SHODAN_RETURN_IF_ERROR(ReadHeld(
      session,
      "SELECT replica, tag_version AS number FROM key_replica_tag_versions ORDER BY tag_version",
      &KeyReplica::tag_versions, replicas));
  return replicas;
}

}  // namespace shodan::tokenvault
