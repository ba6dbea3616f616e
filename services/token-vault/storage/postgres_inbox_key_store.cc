// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_inbox_key_store.h"

#include "libs/base/status.h"
#include "libs/crypto/random.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;

const char* FindSql(InboxKeyUse use) {
  return use == InboxKeyUse::kTagging
             ? "SELECT inbox_key_id, data_key FROM inbox_keys WHERE day IS NULL"
             : "SELECT inbox_key_id, data_key FROM inbox_keys WHERE day = (now() AT TIME ZONE "
               "'UTC')::date";
}

const char* InsertSql(InboxKeyUse use) {
  return use == InboxKeyUse::kTagging
             ? "INSERT INTO inbox_keys (inbox_key_id, data_key) VALUES ($1, $2) ON CONFLICT DO "
               "NOTHING"
             : "INSERT INTO inbox_keys (inbox_key_id, day, data_key) VALUES ($1, (now() AT TIME "
               "ZONE 'UTC')::date, $2) ON CONFLICT DO NOTHING";
}

std::optional<InboxKeyRecord> ReadKey(const Result& result) {
  if (result.empty()) return std::nullopt;
  return InboxKeyRecord{result[0].Text("inbox_key_id"), result[0].Bytes("data_key")};
}

}  // namespace

absl::StatusOr<InboxKeyRecord> PostgresInboxKeyStore::FindOrCreate(InboxKeyUse use,
                                                                   const Make& make,
                                                                   Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const Result present, pool_.Execute(FindSql(use), Params(), deadline));
  if (std::optional<InboxKeyRecord> key = ReadKey(present); key.has_value()) return *key;
  const std::string inbox_key_id = RandomUuid();
  SHODAN_RETURN_IF_ERROR(
      pool_.Execute(InsertSql(use), Params().Text(inbox_key_id).Bytes(make(inbox_key_id)), deadline)
          .status());
  // Another replica may have been first; its key is everybody's.
  SHODAN_ASSIGN_OR_RETURN(const Result made, pool_.Execute(FindSql(use), Params(), deadline));
  if (std::optional<InboxKeyRecord> key = ReadKey(made); key.has_value()) return *key;
  return Unavailable("DATABASE_UNAVAILABLE", "The day ended just now: repeat the call.");
}

absl::StatusOr<std::optional<InboxKeyRecord>> PostgresInboxKeyStore::Find(
    const std::string& inbox_key_id, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      pool_.Execute("SELECT inbox_key_id, data_key FROM inbox_keys WHERE inbox_key_id = $1 AND day "
                    "IS NOT NULL",
                    Params().Text(inbox_key_id), deadline));
  return ReadKey(found);
}

absl::Status PostgresInboxKeyStore::DestroyOld(std::chrono::milliseconds age, Deadline deadline) {
  return pool_
      .Execute(
          "DELETE FROM inbox_keys WHERE (day + 1)::timestamp AT TIME ZONE 'UTC' <= now() - "
          "$1::interval",
          Params().Interval(age), deadline)
      .status();
}

}  // namespace shodan::tokenvault
